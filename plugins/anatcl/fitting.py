"""Fits one encoder to some people, and embeds others."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from neurostudio.training import Recipe, batches, seed_of, steady, train

from . import encoders, weighing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from torch import Tensor

    from neurostudio.api import Context
    from neurostudio.training import History

    from .encoders import Encoder
    from .people import Anatomy, Cohort

    Weights = Mapping[str, NDArray[Any]]

Judge = Callable[["NDArray[np.float64]", "NDArray[np.float64]"], "Mapping[str, float]"]
LIVE = 12  # at most so many times is the probe fitted on the way
_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class How:
    """How to fit: the recipe, what draws people together, the encoder, and how views are made.

    ``decay`` pulls weights towards 0 through the gradient, as Adam's does in the predecessor's code: where
    there is nothing to learn it empties the embedding, which AdamW's does not. ``cutout`` is a part of the
    image's edge; ``noise`` is in standard deviations; ``dropped`` the share of columns of a table. ``start``
    are weights to begin with.
    """

    recipe: Recipe
    anatomy: Anatomy
    encoder: str = "small"
    batch_size: int = 90
    decay: float = 5e-5
    cutout: float = 0.3
    noise: float = 0.05
    dropped: float = 0.2
    start: Weights = field(default_factory=dict)
    series: Mapping[str, str] = field(default_factory=dict)
    live: bool = True


def fit(
    context: Context,
    people: Cohort,
    how: How,
    held: Cohort | None = None,
    judge: Judge | None = None,
) -> tuple[Encoder, History]:
    """Return an encoder fitted to people, and what happened.

    ``judge`` takes the embeddings of the people and of those ``held`` out, and returns metrics for the live
    curves; nothing is chosen by them.
    """
    with steady():
        torch.manual_seed(seed_of(context.seed, how.recipe.stage, "weights"))
        model = started(how, people)
        device = torch.device(context.device)
        inputs = torch.as_tensor(people.inputs, device=device)
        ages = torch.as_tensor(people.ages, dtype=torch.float32, device=device)
        descriptors = _descriptors(people, how, device)
        terms = _Terms(people, how, descriptors)
        deal = batches(inputs, ages, descriptors, size=how.batch_size)

        def validate(network: torch.nn.Module) -> dict[str, float]:
            found = terms.means()
            if held is None or judge is None or not terms.due():
                return found
            pair = (embedded(network, each.inputs) for each in (people, held))
            return found | dict(judge(*pair))

        history = train(
            context,
            model,
            deal,
            terms.loss,
            how.recipe,
            steps_per_epoch=max(1, math.ceil(len(people) / how.batch_size)),
            validate=validate,
            series=how.series,
            fingerprint=f"{len(people)} {people.ages.sum()} {how}",
            after_epoch=terms.shown(context) if how.live else None,
        )
        return model.cpu(), history


def untrained(context: Context, how: How, people: Cohort) -> Encoder:
    """Return an encoder with the weights that training would begin with."""
    with steady():
        torch.manual_seed(seed_of(context.seed, "untrained"))
        return started(how, people).eval()


def started(how: How, people: Cohort) -> Encoder:
    """Return the encoder as training finds it: new, or with given weights of its body."""
    model = encoders.build(how.encoder, people.inputs.shape[1])
    if how.start:
        state = {k: torch.as_tensor(np.array(v)) for k, v in how.start.items()}
        model.encoder.load_state_dict(state)
    return model


def _descriptors(people: Cohort, how: How, device: torch.device) -> Tensor:
    """Return z-scored descriptors (n, n_regions, n_measures), or an empty place for each person."""
    if people.descriptors is None or not how.anatomy.uses_anatomy:
        return torch.zeros(len(people), 0, 0, device=device)
    raw = torch.as_tensor(people.descriptors, dtype=torch.float64)
    return weighing.standardised(raw, raw).float().to(device)


class _Terms:
    """The loss of a batch, with the mean of its terms over an epoch and the weights of the last batch."""

    def __init__(self, people: Cohort, how: How, descriptors: Tensor) -> None:
        self.how, self.whole = how, descriptors.shape[1] > 0
        self.n_steps, self.epoch = 0, 0
        self.sums: dict[str, Tensor] = {}
        self.last: tuple[Tensor, Tensor] | None = None
        self.every = max(1, how.recipe.epochs // LIVE)
        del people

    def loss(self, network: Any, batch: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        """Return the loss of two views of a batch of people."""
        inputs, ages, descriptors = batch
        both = network(torch.cat([distorted(inputs, self.how) for _ in range(2)]))
        first, second = both.chunk(2)
        anatomy = descriptors if self.whole else None
        found = weighing.combined(first, second, ages, anatomy, self.how.anatomy)
        for name, value in found.items():
            self.sums[name] = self.sums.get(name, torch.zeros_like(value)) + value.detach()
        self.n_steps += 1
        if self.last is None or len(ages) >= len(self.last[0]):  # not the short one at the end
            self.last = ages, descriptors
        pull = torch.stack([each.square().sum() for each in network.parameters()]).sum()
        return torch.stack(list(found.values())).sum() + 0.5 * self.how.decay * pull

    def means(self) -> dict[str, float]:
        """Return the mean of each term since the last call."""
        found = {f"{k}_term": float(v) / max(1, self.n_steps) for k, v in self.sums.items()}
        self.sums, self.n_steps = {}, 0
        self.epoch += 1
        return found if len(found) > 1 else {}

    def due(self) -> bool:
        """Return whether it is time for the probe."""
        return self.epoch % self.every == 0 or self.epoch >= self.how.recipe.epochs

    def shown(self, context: Context) -> Callable[[torch.nn.Module, int], None]:
        """Return what shows the weights of the last batch, sorted by age."""
        from . import pictures

        def show(network: torch.nn.Module, epoch: int) -> None:
            del network
            if self.last is None or epoch % self.every:
                return
            view = pictures.weights_of_batch(*self.last, self.how.anatomy)
            if view is not None:
                context.show("who attracts whom", view)

        return show


def distorted(inputs: Tensor, how: How) -> Tensor:
    """Return one view of a batch: of images (n, 1, x, y, z) or of rows of tables (n, n_columns).

    Images: gain 0.9 to 1.1, noise, in half of them a cube set to the mean. Rows: noise, some columns
    set to the mean.
    """
    noisy = torch.randn_like(inputs) * how.noise
    if inputs.ndim == 2:
        kept = torch.rand_like(inputs) >= how.dropped
        return (inputs + noisy) * kept
    gain = torch.empty(len(inputs), 1, 1, 1, 1, device=inputs.device).uniform_(0.9, 1.1)
    return (inputs * gain + noisy) * _cubes(inputs, how.cutout)


def _cubes(inputs: Tensor, cutout: float) -> Tensor:
    """Return a mask (n, 1, x, y, z) that is 0 inside a cube, for half of the images."""
    inside = torch.rand(len(inputs), 1, 1, 1, device=inputs.device) < 0.5
    for axis, size in enumerate(inputs.shape[2:]):
        edge = round(cutout * size)
        start = torch.randint(0, size - edge + 1, (len(inputs), 1), device=inputs.device)
        place = torch.arange(size, device=inputs.device)[None]
        along = (place >= start) & (place < start + edge)
        shape = [len(inputs), 1, 1, 1]
        shape[axis + 1] = size
        inside = inside & along.reshape(shape)
    return (~inside)[:, None].to(inputs.dtype)


def embedded(model: torch.nn.Module, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the embeddings (n, width) of inputs, without distortions."""
    inner: Any = model
    encoder = inner.encoder
    device = next(model.parameters()).device
    model.eval()
    parts = []
    with torch.no_grad():
        for start in range(0, len(inputs), _AT_ONCE):
            rows = torch.as_tensor(inputs[start : start + _AT_ONCE], device=device)
            parts.append(encoder(rows).cpu().double().numpy())
    return np.concatenate(parts)
