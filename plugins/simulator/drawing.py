"""Pictures of a network at work: raster, rates, potentials, density."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Heatmap, Lines, Raster

if TYPE_CHECKING:
    from neurostudio.api import View

    from .activity import Activity, Group

Array = np.ndarray[Any, np.dtype[Any]]
BIN = 0.005
MOST_ROWS = 400  # neurons of the raster, spread over the populations
MOST_TICKS = 60_000
BANDS = 60  # groups of neurons of the density
MOST_LINES = 12
MOST_POTENTIALS = 4
SIMULATED = "Simulated data."


def rows_of(activity: Activity, most: int = MOST_ROWS) -> Array:
    """Return which neurons are drawn: all, or evenly spread ones of each population in proportion."""
    n = activity.n_neurons
    if n <= most:
        return np.arange(n)
    parts = [_spread(group, max(2, round(most * group.size / n))) for group in activity.groups]
    return np.concatenate(parts)


def _spread(group: Group, number: int) -> Array:
    number = min(number, group.size)
    return group.first + np.linspace(0, group.size - 1, number).astype(np.int64)


def raster(activity: Activity) -> Raster:
    """Return the spikes of the drawn neurons."""
    times, neurons = activity.spikes()
    chosen = rows_of(activity)
    place = np.full(activity.n_neurons, -1)
    place[chosen] = np.arange(len(chosen))
    rows = place[neurons] if len(neurons) else np.empty(0, np.int64)
    keep = (rows >= 0) & (times >= activity.since)
    keep &= np.cumsum(keep) <= MOST_TICKS
    drawn, n = len(chosen), activity.n_neurons
    which = f"{drawn} of {n:,} neurons, evenly spread" if drawn < n else f"{n} neurons"
    bounds = " then ".join(f"{each.name} ({each.size:,})" for each in activity.groups[:6])
    return Raster(
        times[keep],
        rows[keep],
        y_label="neuron",
        title="Spikes",
        caption=f"{which}; from row 0 on: {bounds}. {SIMULATED}",
        axis="time",
    )


def rates(activity: Activity) -> Lines:
    """Return the rate of each population in bins."""
    times, neurons = activity.spikes()
    edges = np.arange(activity.since, activity.seen + BIN / 2, BIN)
    if len(edges) < 2:
        edges = activity.since + np.array([0.0, BIN])
    groups = activity.groups[:MOST_LINES]
    values = np.array([_binned(times, neurons, each, edges) for each in groups])
    return Lines(
        (edges[:-1] + edges[1:]) / 2,
        values,
        names=tuple(each.name for each in groups),
        x_label="time",
        x_unit="s",
        y_label="rate",
        y_unit="Hz",
        title="Population rate",
        caption=f"Mean rate of a neuron in bins of {BIN * 1e3:g} ms. {SIMULATED}",
        axis="time",
    )


def _binned(times: Array, neurons: Array, group: Group, edges: Array) -> Array:
    inside = (neurons >= group.first) & (neurons < group.first + group.size)
    counts = np.histogram(times[inside], edges)[0]
    return counts / group.size / np.diff(edges)


def density(activity: Activity) -> Heatmap:
    """Return the rate of bands of neurons over time: the raster of a large network."""
    times, neurons = activity.spikes()
    n_bands = min(BANDS, activity.n_neurons)
    n_bins = int(np.clip(activity.seen / BIN, 1, 400))
    end = max(activity.seen, BIN)
    counts, *_ = np.histogram2d(
        neurons, times, bins=(n_bands, n_bins), range=((0, activity.n_neurons), (0, end))
    )
    per = activity.n_neurons / n_bands
    return Heatmap(
        counts / per / (end / n_bins),
        x=(np.arange(n_bins) + 0.5) * end / n_bins,
        y=(np.arange(n_bands) + 0.5) * per,
        x_label="time",
        x_unit="s",
        y_label="neuron",
        value_label="rate",
        value_unit="Hz",
        title="Rate of bands of neurons",
        caption=f"{n_bands} bands of {per:.0f} neurons each. {SIMULATED}",
        axis="time",
    )


def potentials(activity: Activity, unit: str = "mV") -> Lines:
    """Return some of the recorded potentials."""
    values = np.concatenate(activity.potentials) if activity.potentials else np.empty((0, 0))
    n = values.shape[1] if values.size else 0
    chosen = np.unique(np.linspace(0, max(n - 1, 0), min(n, MOST_POTENTIALS)).astype(int))
    values, names = values[:, chosen], tuple(activity.recorded[k] for k in chosen)
    return Lines(
        activity.since + (np.arange(len(values)) + 1) * activity.every,
        values.T,
        names=names,
        x_label="time",
        x_unit="s",
        y_label="membrane potential",
        y_unit=unit,
        title="Potential",
        caption=f"One sample every {activity.every * 1e3:g} ms; spikes are not drawn. {SIMULATED}",
        axis="time",
    )


def all_views(activity: Activity) -> tuple[View, ...]:
    """Return every picture of a run."""
    views: list[View] = [raster(activity), rates(activity), density(activity)]
    if activity.recorded:
        views.append(potentials(activity))
    return tuple(views)
