"""Fits one network to some windows, from scratch or from a source, and predicts."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from neurostudio.scores import balanced_accuracy, confusion
from neurostudio.training import Recipe, batches, seed_of, steady, train

from . import networks, pictures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from neurostudio.api import Context, TrainedModel
    from neurostudio.training import History

    from .cohort import Cohort
    from .networks import Classifier

    Rows = NDArray[np.intp]

STEPS_PER_EPOCH = 25  # where only the steps count, an epoch is this many


@dataclass(frozen=True, slots=True)
class Fit:
    """How to fit: the recipe, the strategy, and what the network is made of."""

    recipe: Recipe
    arguments: Mapping[str, Any]
    batch_size: int = 64
    class_weights: bool = True
    standardise: str = "training"
    strategy: str = "scratch"
    frozen_layers: int | None = None
    decay: float = 0.5
    source: TrainedModel | None = None
    pool: Cohort | None = None
    series: Mapping[str, str] = field(default_factory=dict)
    augment: tuple[str, ...] = ()
    live: bool = True


def fit(
    context: Context, cohort: Cohort, rows: Rows, held: Rows, how: Fit
) -> tuple[Classifier, History]:
    """Return a network fitted to some rows, and what happened; ``held`` rows stop it early."""
    signals = prepared(cohort, how.standardise)
    with steady():
        torch.manual_seed(seed_of(context.seed, how.recipe.stage, "weights"))
        model = set_up(how)
        if how.standardise == "training":
            model.set_scale(signals[rows])
        device = torch.device(context.device)
        deal, per_epoch = _dealer(cohort, signals, rows, how, device)
        weights = _class_weights(cohort, rows, how.class_weights).to(device)

        def loss(network: torch.nn.Module, batch: Any) -> torch.Tensor:
            signals = augmented(batch[0], how.augment)
            return torch.nn.functional.cross_entropy(network(signals), batch[1], weight=weights)

        def validate(network: torch.nn.Module) -> dict[str, float]:
            return _validation(context, network, cohort, signals, held, how, device)

        history = train(
            context,
            model,
            deal,
            loss,
            how.recipe,
            steps_per_epoch=per_epoch,
            rates=rates_of(model, how),
            validate=validate if len(held) else None,
            series=how.series,
            fingerprint=f"{len(cohort)} {rows.sum()} {cohort.labels[rows].sum()}",
        )
        return model.cpu(), history


def set_up(how: Fit) -> Classifier:
    """Return the network as training finds it: new, or with the weights of the source."""
    model = networks.build(how.arguments)
    if how.source is not None and how.strategy in {"fine_tune", "frozen", "discriminative"}:
        networks.load(model, how.source.weights)
    if how.strategy == "frozen":
        count = how.frozen_layers
        model.freeze(len(model.layers) - 1 if count is None else count)
    return model


def augmented(signals: torch.Tensor, kinds: tuple[str, ...]) -> torch.Tensor:
    """Return a batch (n_windows, n_channels, n_times) as other recordings of the same people."""
    if "time_shift" in kinds:
        most = max(1, signals.shape[-1] // 4)
        shift = int(torch.randint(-most, most + 1, ()))
        signals = torch.roll(signals, shift, dims=-1)
    if "sign_flip" in kinds:
        sign = torch.randint(0, 2, (len(signals), 1, 1)) * 2.0 - 1.0
        signals = signals * sign.to(signals)
    if "channel_dropout" in kinds:
        kept = (torch.rand(len(signals), signals.shape[1], 1) > 0.1).to(signals)
        signals = signals * kept
    return signals


def rates_of(model: Classifier, how: Fit) -> list[dict[str, Any]]:
    """Return the weights that are trained, with a rate for each layer where the strategy asks."""
    trained = [each for each in model.parameters() if each.requires_grad]
    if how.strategy != "discriminative":
        return [{"params": trained, "lr": how.recipe.learning_rate}]
    layers = model.layers
    return [
        {
            "params": list(getattr(model.network, name).parameters()),
            "lr": how.recipe.learning_rate * how.decay ** (len(layers) - 1 - depth),
        }
        for depth, name in enumerate(layers)
    ]


def prepared(cohort: Cohort, standardise: str) -> NDArray[np.float32]:
    """Return the signals, each recording brought to mean 0 and spread 1 where that is asked for."""
    if standardise != "recording":
        return cohort.signals
    signals = cohort.signals.copy()
    for unit in np.unique(cohort.units):
        rows = cohort.units == unit
        mean = signals[rows].mean(axis=(0, 2), keepdims=True)
        spread = np.maximum(signals[rows].std(axis=(0, 2), keepdims=True), 1e-6)
        signals[rows] = (signals[rows] - mean) / spread
    return signals


def _dealer(
    cohort: Cohort, signals: NDArray[np.float32], rows: Rows, how: Fit, device: torch.device
) -> tuple[Any, int]:
    x = torch.as_tensor(signals[rows]).to(device)
    y = torch.as_tensor(cohort.labels[rows]).to(device)
    size = how.batch_size
    if how.strategy == "pooled" and how.pool is not None:
        return _half_and_half(x, y, how, device)
    if how.recipe.steps:
        return batches(x, y, size=size, per_epoch=STEPS_PER_EPOCH), STEPS_PER_EPOCH
    last = len(rows) % size == 1 and len(rows) > 1
    return batches(x, y, size=size), math.ceil(len(rows) / size) - int(last)


def _half_and_half(
    x: torch.Tensor, y: torch.Tensor, how: Fit, device: torch.device
) -> tuple[Any, int]:
    """Deal batches of which one half is the target's, the other the source's."""
    assert how.pool is not None  # noqa: S101  the caller has seen to it
    half = max(2, how.batch_size // 2)
    steps = STEPS_PER_EPOCH if how.recipe.steps else math.ceil(len(x) / half)
    own = batches(x, y, size=half, per_epoch=steps)
    other_x = torch.as_tensor(prepared(how.pool, how.standardise)).to(device)
    other_y = torch.as_tensor(how.pool.labels).to(device)
    other = batches(other_x, other_y, size=half, per_epoch=steps)

    def deal(generator: torch.Generator) -> Any:
        for (a, b), (c, d) in zip(own(generator), other(generator), strict=True):
            yield torch.cat([a, c]), torch.cat([b, d])

    return deal, steps


def _class_weights(cohort: Cohort, rows: Rows, wanted: bool) -> torch.Tensor:
    counts = np.bincount(cohort.labels[rows], minlength=len(cohort.classes)).astype(float)
    inverse = np.where(counts > 0, len(rows) / np.maximum(counts, 1) / len(counts), 1.0)
    return torch.as_tensor(inverse if wanted else np.ones_like(inverse), dtype=torch.float32)


def _validation(
    context: Context,
    network: torch.nn.Module,
    cohort: Cohort,
    signals: NDArray[np.float32],
    held: Rows,
    how: Fit,
    device: torch.device,
) -> dict[str, float]:
    probability = _probabilities(network, signals[held], device)
    truth = cohort.labels[held]
    own = np.maximum(probability[np.arange(len(held)), truth], 1e-12)
    share = np.bincount(truth, minlength=len(cohort.classes))
    weight = 1 / np.maximum(share, 1)[truth]
    units = judged(cohort, held, probability)
    if how.live:
        counts = confusion(units.truth, units.guess, len(cohort.classes))
        context.show("confusion", pictures.confusion_of(counts, cohort.classes, "validation part"))
    return {
        "validation_loss": float(-(weight * np.log(own)).sum() / weight.sum()),
        "balanced_accuracy": balanced_accuracy(units.truth, units.guess),
        "chance": cohort.chance,
    }


@dataclass(frozen=True, slots=True)
class Judged:
    """Units (recordings) with their truth, group and mean probability (n_units, n_classes)."""

    names: tuple[str, ...]
    groups: tuple[str, ...]
    truth: NDArray[np.int64]
    probability: NDArray[np.float64]
    spread: NDArray[np.float64]

    @property
    def guess(self) -> NDArray[np.int64]:
        """The most probable class of each unit."""
        return np.asarray(self.probability.argmax(axis=1), dtype=np.int64)


def judged(cohort: Cohort, rows: Rows, probability: NDArray[np.float64]) -> Judged:
    """Return the units of some rows: the mean over their windows, and its standard error."""
    names, inverse = np.unique(cohort.units[rows], return_inverse=True)
    first = [int(rows[np.flatnonzero(inverse == k)[0]]) for k in range(len(names))]
    members = [probability[inverse == k] for k in range(len(names))]
    return Judged(
        names=tuple(map(str, names)),
        groups=tuple(str(cohort.groups[row]) for row in first),
        truth=cohort.labels[first],
        probability=np.stack([each.mean(axis=0) for each in members]),
        spread=np.stack([each.std(axis=0) / math.sqrt(len(each)) for each in members]),
    )


def predict(
    context: Context, model: Classifier, signals: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return the probability of each class for each window: (n_windows, n_classes)."""
    with steady():
        device = torch.device(context.device)
        model.to(device).eval()
        found = _probabilities(model, signals, device)
        model.cpu()
        return found


def _probabilities(
    model: torch.nn.Module, signals: NDArray[np.float32], device: torch.device
) -> NDArray[np.float64]:
    found = []
    with torch.no_grad():
        for start in range(0, len(signals), 256):
            part = torch.as_tensor(signals[start : start + 256]).to(device)
            found.append(torch.softmax(model(part).cpu().double(), dim=1).numpy())
    return np.concatenate(found) if found else np.empty((0, 0))
