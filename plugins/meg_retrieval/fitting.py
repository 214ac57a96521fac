"""Trains the encoder on some trials, and predicts embeddings with it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from neurostudio.learning.losses import paired
from neurostudio.training import Recipe, batches, seed_of, steady, train

from .network import Encoder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Context
    from neurostudio.training import History

    Array = NDArray[Any]

AT_ONCE = 512  # trials that are predicted together
FEW = 10  # pictures of the validation part, too few to be told apart alone


@dataclass(frozen=True, slots=True)
class How:
    """How to train: the loop's recipe, the network's arguments, the loss."""

    recipe: Recipe
    arguments: Mapping[str, Any]
    batch_size: int = 128
    both_sides: bool = True
    balance: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Trials for training or validation: scaled ``signals``, ``subjects`` as numbers, what was seen.

    ``pictures`` (n_trials,) index the rows of ``targets`` (n_pictures, n_features).
    """

    signals: NDArray[np.float32]
    subjects: NDArray[np.int64]
    pictures: NDArray[np.int64]
    targets: NDArray[np.float64]


def loss_of(
    model: Encoder,
    found: tuple[torch.Tensor, torch.Tensor],
    targets: torch.Tensor,
    pictures: torch.Tensor,
    how: How,
) -> torch.Tensor:
    """Return ``λ L_c + (1 − λ) L_mse``.

    The contrastive part compares cosines of both sides, or (the variant that the paper ran) predictions
    of any length against pictures. Other trials of one picture are no negatives.
    """
    first, second = found
    contrast = paired(
        first,
        targets,
        pictures,
        temperature=model.temperature,
        both_sides=how.both_sides,
        normalise=how.both_sides,
    )
    if how.balance >= 1:
        return contrast
    squares = torch.nn.functional.mse_loss(second, targets)
    return how.balance * contrast + (1 - how.balance) * squares


def fit(
    context: Context,
    part: Part,
    held: Part,
    places: NDArray[np.float64],
    how: How,
    *,
    fingerprint: str,
    series: Mapping[str, str],
    levels: Mapping[str, float] | None = None,
    after_epoch: Callable[[torch.nn.Module, int], None] | None = None,
) -> tuple[Encoder, History]:
    """Return an encoder trained on ``part``; the loss on ``held`` chooses its epoch."""
    with steady():
        torch.manual_seed(seed_of(context.seed, how.recipe.stage, "weights"))
        model = Encoder(how.arguments, places)
        device = torch.device(context.device)
        x, subjects, pictures = (
            torch.as_tensor(each).to(device)
            for each in (part.signals, part.subjects, part.pictures)
        )
        targets = torch.as_tensor(part.targets, dtype=torch.float32).to(device)
        size = min(how.batch_size, len(x))
        lone = len(x) % size == 1 and len(x) > 1

        def loss(network: torch.nn.Module, batch: Any) -> torch.Tensor:
            signals, person, seen = batch
            return loss_of(model, network(signals, person), targets[seen], seen, how)

        def validate(network: torch.nn.Module) -> dict[str, float]:
            del network
            return _validation(model, held, part.pictures, device, how) | dict(levels or {})

        history = train(
            context,
            model,
            batches(x, subjects, pictures, size=size),
            loss,
            how.recipe,
            steps_per_epoch=math.ceil(len(x) / size) - int(lone),
            validate=validate if len(held.signals) else None,
            series=series,
            fingerprint=fingerprint,
            after_epoch=after_epoch,
        )
        return model.cpu(), history


def _validation(
    model: Encoder, held: Part, trained: Array, device: torch.device, how: How
) -> dict[str, float]:
    """Return loss and top-5 of each held trial against all held pictures, or all where those are few."""
    first, second = _run(model, held.signals, held.subjects, device)
    shown = np.unique(held.pictures)
    shown = shown if len(shown) >= FEW else np.union1d(shown, trained)
    own = np.searchsorted(shown, held.pictures)
    targets = torch.as_tensor(held.targets[shown], dtype=torch.float32)
    truth = torch.as_tensor(own)
    aims = torch.nn.functional.normalize(targets, dim=1)
    given = torch.nn.functional.normalize(first, dim=1)
    cosines = given @ aims.T
    scores = (cosines if how.both_sides else first @ aims.T) / model.temperature.detach().cpu()
    contrast = torch.nn.functional.cross_entropy(scores, truth)
    squares = torch.nn.functional.mse_loss(second, targets[truth])
    mixed = how.balance * contrast + (1 - how.balance) * squares
    rank = (cosines > cosines[torch.arange(len(truth)), truth][:, None]).sum(dim=1)
    k = min(5, max(1, len(shown) // 2))
    return {
        "validation_loss": float(mixed),
        f"top_{k}": float((rank < k).float().mean()),
        "chance": k / len(shown),
        "temperature": float(model.temperature),
    }


def _run(
    model: Encoder, signals: Array, subjects: Array, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    model.eval()
    first, second = [], []
    with torch.no_grad():
        for start in range(0, len(signals), AT_ONCE):
            rows = slice(start, start + AT_ONCE)
            x = torch.as_tensor(signals[rows]).to(device)
            one, other = model(x, torch.as_tensor(subjects[rows]).to(device))
            first.append(one.cpu())
            second.append(other.cpu())
    return torch.cat(first), torch.cat(second)


def predict(
    context: Context, model: Encoder, signals: Array, subjects: Array
) -> NDArray[np.float64]:
    """Return the embedding (n_trials, n_features) of scaled trials; subject −1 is a stranger."""
    with steady():
        device = torch.device(context.device)
        model.to(device)
        found, _ = _run(model, signals, subjects, device)
        model.cpu()
        return np.asarray(found.numpy(), dtype=float)


def numbered(names: Sequence[str], known: Sequence[str]) -> NDArray[np.int64]:
    """Return the place of each name among those known, −1 where it is a stranger."""
    place = {name: k for k, name in enumerate(known)}
    return np.array([place.get(str(name), -1) for name in names], dtype=np.int64)
