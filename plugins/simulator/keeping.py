"""Turns what a network did into items: trains, rates, connectome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Connectome, SpikeTrains, Traces

from .drawing import rates, rows_of

if TYPE_CHECKING:
    from .activity import Activity
    from .describing import NetworkDescription

MOST_NODES = 2000


def trains_of(activity: Activity, most: int) -> tuple[SpikeTrains, bool]:
    """Return the spikes of at most ``most`` neurons, and whether some were left out."""
    import pynapple as nap

    times, neurons = activity.spikes()
    chosen = rows_of(activity, most)[:most]
    order = np.lexsort((times, neurons))
    times, neurons = times[order], neurons[order]
    starts = np.searchsorted(neurons, chosen)
    stops = np.searchsorted(neurons, chosen, side="right")
    owner = [_owner(activity, int(k)) for k in chosen]
    support = nap.IntervalSet(0.0, max(activity.seen, 1e-6))
    spans = zip(starts, stops, strict=True)
    group = nap.TsGroup(
        {k: nap.Ts(times[a:b], time_support=support) for k, (a, b) in enumerate(spans)},
        time_support=support,
        metadata={
            "population": [name for name, _ in owner],
            "type": [kind for _, kind in owner],
            "neuron": chosen.tolist(),
        },
    )
    return SpikeTrains(group), len(chosen) < activity.n_neurons


def _owner(activity: Activity, neuron: int) -> tuple[str, str]:
    group = next(g for g in activity.groups if g.first <= neuron < g.first + g.size)
    return group.name, group.kind or "none"


def mean_rates(activity: Activity) -> Traces:
    """Return the rate of each population in bins."""
    import pynapple as nap

    lines = rates(activity)
    return Traces(nap.TsdFrame(t=lines.x, d=lines.y.T, columns=list(lines.names)), "Hz")


def connectome_of(
    made: NetworkDescription, activity: Activity, params: Any
) -> tuple[Connectome | None, bool]:
    """Return mean weight times probability between populations, and whether that is a reduction."""
    import xarray

    names = [each.name for each in made.populations]
    if len(names) > MOST_NODES:
        return None, True
    index = {name: k for k, name in enumerate(names)}
    values = np.zeros((len(names), len(names)))
    for each in made.projections:
        if each.source in index and each.target in index:
            weight = each.weight if isinstance(each.weight, float | int) else _middle(each.weight)
            share = each.share if each.connectivity == "fixed probability" else 1.0
            values[index[each.source], index[each.target]] += weight * share
    del params
    matrix = xarray.DataArray(
        values,
        dims=("source", "target"),
        coords={
            "source": names,
            "target": names,
            "type": ("source", [each.kind or "none" for each in made.populations]),
            "neurons": ("source", [each.size for each in made.populations]),
        },
        attrs={"unit": "mean weight of a pair", "directed": True},
    )
    return Connectome(matrix), activity.n_neurons > len(names)


def _middle(weight: Any) -> float:
    kind, a, b = weight
    return float(a if kind == "normal" else (a + b) / 2)
