"""Trains one pair of twins: two views, one matrix, one loss; watches it learn and collapse."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from neurostudio.api import BadInput
from neurostudio.learning.losses import barlow_twins, cross_correlation
from neurostudio.learning.similarity import effective_rank
from neurostudio.training import Recipe, batches, seed_of, steady, train

from . import networks
from .distorting import distortion
from .probing import probe_accuracy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from neurostudio.api import Context
    from neurostudio.training import History

    from .declaring import PretrainParams
    from .networks import Twins
    from .samples import Samples

    Rows = NDArray[np.intp]

MAIN = "Barlow Twins"
# names of metrics; what ends in correlation is drawn on one axis
DIAGONAL, BESIDE = "diagonal_correlation", "off_diagonal_correlation"
NOISE = "sampling_noise_correlation"
_WATCHED = 1000  # samples whose embedding is looked at after each epoch
_LAST = 1024  # samples of the final matrix
SAME_DIAGONAL, SAME_BESIDE = 0.95, 0.5
_FLAT, _NARROW = 0.01, 2.0


@dataclass(frozen=True, slots=True)
class Variation:
    """What is trained: the model itself, or a control that lacks one thing."""

    name: str = MAIN
    invariance: bool = True
    redundancy: bool = True
    distorted: bool = True
    same_sample: bool = True


VARIATIONS = {
    "another sample": Variation("another sample", same_sample=False),
    "diagonal only": Variation("diagonal only", redundancy=False),
    "off-diagonal only": Variation("off-diagonal only", invariance=False),
    "no distortions": Variation("no distortions", distorted=False),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that the trainings of a run share.

    ``rows`` are learned from; ``probe_rows`` with labels and ``held`` rows make the live probe, empty without
    labels.
    """

    params: PretrainParams
    samples: Samples
    arguments: Mapping[str, Any]
    rows: Rows
    probe_rows: Rows
    held: Rows
    initial: Mapping[str, NDArray[Any]] | None = None
    watch: Callable[[Seen], None] | None = None
    fingerprint: str = ""


@dataclass
class Seen:
    """What an epoch showed: the last matrix, its sums over the steps, the state of the embedding."""

    name: str
    correlation: torch.Tensor | None = None
    diagonal: float = 0.0
    beside: float = 0.0
    steps: int = 0
    first_spread: float = math.nan
    alarm: str = ""
    epochs: list[dict[str, float]] = field(default_factory=list)

    def add(self, correlation: torch.Tensor) -> None:
        """Take the matrix of one step into the means of the epoch."""
        diagonal, beside = diagonal_and_beside(correlation)
        self.correlation = correlation
        self.diagonal += diagonal
        self.beside += beside
        self.steps += 1

    def means(self) -> tuple[float, float]:
        """Return the mean diagonal and off-diagonal RMS of the epoch, and begin anew."""
        steps = max(self.steps, 1)
        found = self.diagonal / steps, self.beside / steps
        self.diagonal, self.beside, self.steps = 0.0, 0.0, 0
        return found


def diagonal_and_beside(correlation: torch.Tensor) -> tuple[float, float]:
    """Return the mean of the diagonal and the root mean square of all else of a matrix (D, D)."""
    diagonal = correlation.diagonal()
    width = len(diagonal)
    rest = correlation.square().sum() - diagonal.square().sum()
    return float(diagonal.mean()), float((rest.clamp(min=0) / max(width * (width - 1), 1)).sqrt())


def collapse(diagonal: float, beside: float, rank: float, spread: float, first: float) -> str:
    """Return in words why an embedding has collapsed, empty where it has not."""
    if diagonal > SAME_DIAGONAL and beside > SAME_BESIDE:
        return (
            f"all coordinates say the same (diagonal {diagonal:.2f}, off-diagonal RMS {beside:.2f})"
        )
    if spread < _FLAT * first:
        return f"the embedding hardly varies ({spread / first:.1%} of its spread at the start)"
    if rank < _NARROW:
        return f"the embedding uses {rank:.1f} directions"
    return ""


def new_twins(plan: Plan, seed: int) -> Twins:
    """Return the network as every training of a run begins."""
    torch.manual_seed(seed_of(seed, "weights"))
    model = networks.build(plan.arguments)
    if plan.initial is not None:
        networks.load(model.encoder, plan.initial)
    if plan.samples.kind == "windows":
        values = plan.samples.tensor(plan.rows)
        model.mean.copy_(values.double().mean(dim=(0, 2))[:, None])
        model.scale.copy_(values.double().std(dim=(0, 2))[:, None].clamp_min(1e-6))
    return model


def fit(context: Context, plan: Plan, how: Variation) -> tuple[Twins, History, Seen]:
    """Return a trained pair, what happened, and what the last epoch showed.

    Raises
    ------
    BadInput
        There are fewer samples than one batch holds.
    """
    params, samples = plan.params, plan.samples
    size = params.batch_size
    steps = len(plan.rows) // size
    if not steps:
        raise BadInput(
            f"{len(plan.rows)} samples are fewer than one batch of {size}. Use a smaller batch."
        )
    with steady():
        model = new_twins(plan, context.seed)
        seen = Seen(how.name)
        device = torch.device(context.device)
        seen.first_spread = _spread(networks.embedded(model, samples, _watched(plan), "cpu"))
        model.to(device)
        held = torch.as_tensor(np.ascontiguousarray(samples.values[plan.rows])).to(device)
        history = train(
            context,
            model,
            batches(torch.arange(len(plan.rows)), size=size, per_epoch=steps),
            _loss(plan, how, model, held, seen),
            recipe(params, how),
            steps_per_epoch=steps,
            rates=rates(model, params),
            validate=lambda network: _look(context, plan, model, seen),
            series={"stage": how.name},
            fingerprint=plan.fingerprint,
        )
        return model.cpu(), history, seen


def recipe(params: PretrainParams, how: Variation) -> Recipe:
    """Return how to train: the rate stays, or rises and falls; the last epoch is kept."""
    return Recipe(
        epochs=params.epochs,
        learning_rate=_rate(params, params.learning_rate),
        weight_decay=params.weight_decay,
        clip=0.0,
        cosine=params.warm_up > 0,
        warm_up=params.warm_up,
        floor=0.001,
        optimiser=params.optimiser,
        stage=how.name,
        watch="",
    )


def _rate(params: PretrainParams, rate: float) -> float:
    return rate * params.batch_size / 256 if params.optimiser == "lars" else rate


def rates(model: Twins, params: PretrainParams) -> list[dict[str, Any]]:
    """Return two groups: weights, and biases and batch-norm parameters, which no decay pulls."""
    weights = [each for each in model.parameters() if each.ndim > 1]
    others = [each for each in model.parameters() if each.ndim <= 1]
    main = {"params": weights, "lr": _rate(params, params.learning_rate)}
    if params.optimiser == "lars":
        beside = {"params": others, "lr": _rate(params, params.bias_rate), "adapted": False}
    else:
        beside = {"params": others, "lr": params.learning_rate}
    return [main, beside | {"weight_decay": 0.0}]


def _loss(
    plan: Plan, how: Variation, model: Twins, held: torch.Tensor, seen: Seen
) -> Callable[[torch.nn.Module, Any], torch.Tensor]:
    params = plan.params
    distort = distortion(params, plan.samples.shape, plan.samples.rate)
    scale = params.loss_scale or 196 / params.projector_width
    redundancy = params.redundancy if how.redundancy else 0.0
    scaled = plan.samples.scaled

    def loss(network: torch.nn.Module, batch: Any) -> torch.Tensor:
        rows = batch[0]
        first = model.standard(scaled(held[rows]))
        second = first
        if not how.same_sample:
            away = int(torch.randint(1, len(held), ()))
            second = model.standard(scaled(held[(rows + away) % len(held)]))
        if how.distorted:
            first, second = distort(first, False), distort(second, True)
        correlation = cross_correlation(network(first), network(second))
        seen.add(correlation.detach())
        return scale * barlow_twins(correlation, redundancy, invariance=how.invariance)

    return loss


def _watched(plan: Plan) -> Rows:
    rows = plan.held if len(plan.held) else plan.rows
    return rows[:: max(1, len(rows) // _WATCHED)][:_WATCHED]


def _spread(embedding: NDArray[np.float32]) -> float:
    return float(embedding.std(axis=0).mean())


def _look(context: Context, plan: Plan, model: Twins, seen: Seen) -> dict[str, float]:
    """Return the metrics of an epoch, and show its pictures."""
    embedding = networks.embedded(model, plan.samples, _watched(plan), context.device)
    diagonal, beside = seen.means()
    rank, spread = effective_rank(embedding.astype(float)), _spread(embedding)
    metrics = {
        DIAGONAL: diagonal,
        BESIDE: beside,
        NOISE: 1 / math.sqrt(plan.params.batch_size),
        "effective_rank": rank,
        "gradient_norm": _gradient(model),
    }
    if len(plan.held) and len(seen.epochs) % plan.params.probe_every == 0:
        metrics["probe_accuracy"] = _live_probe(context, plan, model)
        metrics["chance"] = 1 / len(plan.samples.classes)
    seen.alarm = collapse(diagonal, beside, rank, spread, seen.first_spread)
    seen.epochs.append(metrics)
    if plan.watch is not None:
        plan.watch(seen)
    return metrics


def _gradient(model: Twins) -> float:
    """Return the norm of the gradient of the epoch's last step."""
    parts = [each.grad.norm() ** 2 for each in model.parameters() if each.grad is not None]
    return math.sqrt(float(sum(parts))) if parts else math.nan


def _live_probe(context: Context, plan: Plan, model: Twins) -> float:
    held = plan.held[:: max(1, len(plan.held) // _WATCHED)][:_WATCHED]
    return probe_accuracy(
        lambda rows: networks.embedded(model, plan.samples, rows, context.device),
        plan.samples.labels, plan.probe_rows, held, plan.params.probe_labels, draws=3, seed=context.seed,
    )  # fmt: skip


def last_matrix(context: Context, plan: Plan, model: Twins) -> NDArray[np.float32]:
    """Return the cross-correlation of two views of up to 1,024 samples after training, (D, D).

    Batch norm uses the batch, as in the loss; the network is left as it was.
    """
    rows = plan.rows[:_LAST]
    state = {name: value.clone() for name, value in model.state_dict().items()}
    with steady(), torch.no_grad():
        torch.manual_seed(seed_of(context.seed, "matrix"))
        distort = distortion(plan.params, plan.samples.shape, plan.samples.rate)
        samples = model.standard(plan.samples.tensor(rows))
        model.train()
        found = cross_correlation(model(distort(samples, False)), model(distort(samples, True)))
        model.load_state_dict(state)
        model.eval()
    return np.asarray(found.numpy())
