"""Fits a rate network to the mean rates of recorded units under each condition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from neurostudio.api import (
    BadInput,
    Context,
    Lines,
    NullControl,
    Number,
    Result,
    SpikeTrains,
    Table,
    Traces,
)
from neurostudio.training import Recipe, seed_of, steady, train

from . import models
from .windows import windows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from neurostudio.spiking.differentiable import RateNetwork

    from .learning import FitParams

Array = np.ndarray[Any, np.dtype[Any]]
_SMOOTH = 3  # bins of the Gaussian over the targets


def fit_rates(context: Context, params: FitParams, spikes: SpikeTrains, events: Table) -> Result:
    """Return what comes of a fit and of the null fits beside it."""
    found = windows_of(spikes, events, params.label, params.window, params.bin, params.times)
    random = np.random.default_rng(context.seed)
    trained, held = _split(found.labels, params.held_out, random)
    fits = [_fit(context, params, found.counts, found.labels, trained, "training")]
    explained = [_explained(fits[0][1], found.counts, found.labels, held, params.bin)]
    for k in range(params.n_null):
        labels = random.permutation(found.labels)
        network, rates = _fit(context, params, found.counts, labels, trained, f"shuffled {k + 1}")
        del network
        explained.append(_explained(rates, found.counts, labels, held, params.bin))
    network, rates = fits[0]
    values = np.array(explained)
    limit = float(np.quantile(values[1:], 0.95)) if params.n_null else 0.0
    numbers = {
        "explained variance": Number(
            float(values[0]),
            "1",
            chance=0.0,
            note="held-out trials; the mean over conditions explains 0",
        )
    }
    if params.n_null:
        numbers["shuffled conditions"] = Number(
            float(values[1:].mean()), "1", note="mean of the null fits"
        )
    codes = ["simulated network", *(["not explained"] if values[0] <= max(limit, 0.0) else [])]
    units = [str(key) for key in spikes.units.index]
    return Result(
        data={
            "model": models.keep(
                network,
                "rate",
                _shape(params, len(found.names), len(units)),
                "fit_network",
                task="rates of recorded units",
                dt=params.bin * 1e3,
                conditions=list(found.names),
            ),
            "rates": _traces(
                found.counts, found.labels, rates, held, found.names, units, params.bin
            ),
        },
        views=_views(found.counts, found.labels, rates, held, found.names, values, params),
        numbers=numbers,
        warnings=tuple(codes),
    )


def _split(labels: Array, share: float, random: np.random.Generator) -> tuple[Array, Array]:
    """Return which trials train and which test: a share of each condition, at least one of both."""
    held = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        if len(rows) < 2:
            raise BadInput("A condition has a single trial: every condition needs at least two.")
        n = min(len(rows) - 1, max(1, round(share * len(rows))))
        held[random.permutation(rows)[:n]] = True
    return ~held, held


def _means(counts: Array, labels: Array, rows: Array, bin: float) -> Array:
    """Return smoothed mean rates (n_conditions, n_bins, n_units) in Hz over some trials."""
    from scipy.ndimage import gaussian_filter1d

    means = []
    for k in range(labels.max() + 1):
        chosen = counts[rows & (labels == k)]
        means.append(chosen.mean(axis=0) if len(chosen) else np.zeros(counts.shape[1:]))
    smoothed: Array = gaussian_filter1d(np.stack(means) / bin, _SMOOTH, axis=1)
    return smoothed


def _shape(params: FitParams, n_conditions: int, n_units: int) -> dict[str, Any]:
    return {
        "n_inputs": n_conditions,
        "n_excitatory": params.n_neurons,
        "n_inhibitory": 0,
        "n_outputs": n_units,
        "share": min(1.0, params.bin / 0.05),
        "noise": 0.0,
        "signed": False,
    }


def _fit(
    context: Context, params: FitParams, counts: Array, labels: Array, trained: Array, stage: str
) -> tuple[RateNetwork, Array]:
    """Return the network and its rates (n_conditions, n_bins, n_units) in Hz."""
    target = _means(counts, labels, trained, params.bin)
    middle, scale = target.mean(axis=(0, 1)), target.std(axis=(0, 1)) + 1e-3
    aim = torch.as_tensor((target - middle) / scale, dtype=torch.float32).transpose(0, 1)
    n = len(target)
    inputs = torch.eye(n).repeat(target.shape[1], 1, 1)

    def deal(_generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        yield inputs, aim

    def loss(network: torch.nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        given, wanted = (each.to(context.device) for each in batch)
        error: Tensor = ((network(given).outputs - wanted) ** 2).mean()
        return error

    with steady():
        torch.manual_seed(seed_of(context.seed, stage, "weights"))
        network: Any = models.build("rate", _shape(params, n, target.shape[2]))
        recipe = Recipe(
            epochs=params.epochs,
            learning_rate=params.learning_rate,
            weight_decay=1e-3,
            watch="",
            stage=stage,
        )
        train(
            context,
            network,
            deal,
            loss,
            recipe,
            steps_per_epoch=1,
            series={"stage": stage},
            fingerprint=f"{params} {counts.sum()} {labels.tolist()}",
        )
    network = network.cpu().eval()
    with torch.no_grad():
        fitted = network(inputs).outputs.transpose(0, 1).numpy()
    return network, fitted * scale + middle


def _explained(rates: Array, counts: Array, labels: Array, held: Array, bin: float) -> float:
    """Return ``1 - error / error of the mean over conditions`` on held-out mean rates.

    The mean is that of the training trials, as the network's target is: with labels that mean nothing it is
    the better guess, and the explained variance is below 0.
    """
    seen, known = _means(counts, labels, held, bin), _means(counts, labels, ~held, bin)
    same = known.mean(axis=0, keepdims=True)
    return float(1.0 - ((seen - rates) ** 2).sum() / max(((seen - same) ** 2).sum(), 1e-12))


def _traces(
    counts: Array,
    labels: Array,
    rates: Array,
    held: Array,
    names: tuple[str, ...],
    units: list[str],
    bin: float,
) -> Traces:
    import pynapple as nap

    seen = _means(counts, labels, held, bin)
    times = (np.arange(rates.shape[1]) + 0.5) * bin
    columns, values = [], []
    for k, name in enumerate(names):
        for u, unit in enumerate(units):
            columns += [f"{name} {unit} held out", f"{name} {unit} fit"]
            values += [seen[k, :, u], rates[k, :, u]]
    return Traces(nap.TsdFrame(t=times, d=np.stack(values, axis=1), columns=columns), "Hz")


def _views(
    counts: Array,
    labels: Array,
    rates: Array,
    held: Array,
    names: tuple[str, ...],
    values: Array,
    params: FitParams,
) -> tuple[Any, ...]:
    seen = _means(counts, labels, held, params.bin)
    unit = int(np.argmax(seen.var(axis=0).mean(axis=0)))
    shown = range(min(4, len(names)))
    lines = np.array([each for k in shown for each in (seen[k, :, unit], rates[k, :, unit])])
    titles = tuple(f"{names[k]}, {what}" for k in shown for what in ("held out", "fit"))
    views: list[Any] = [
        Lines(
            (np.arange(rates.shape[1]) + 0.5) * params.bin,
            lines,
            names=titles,
            x_label="time after the event",
            x_unit="s",
            y_label="rate",
            y_unit="Hz",
            title="The most telling unit",
            caption=f"Unit {unit}: mean over held-out trials, smoothed, beside the network.",
        )
    ]
    if params.n_null:
        views.append(
            NullControl(
                values[:1],
                values[None, 1:],
                names=("explained variance",),
                null_name="shuffled conditions",
                chance=np.zeros(1),
                y_label="explained variance",
                y_unit="1",
                title="Beside shuffled conditions",
                caption="Held-out trials; 0 is the mean over conditions.",
            )
        )
    return tuple(views)
