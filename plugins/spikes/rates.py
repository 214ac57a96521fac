"""How often units fire over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Heatmap,
    Lines,
    Number,
    Params,
    Result,
    SpikeTrains,
    Traces,
    method,
    param,
)

from .choosing import check_units, chosen, spikes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Items, View

    Array = NDArray[np.float64]

_COLUMNS_MOST = 2000
_SHOWN = 99.5  # percentile of the values at which the colours end
_REACH = 10  # standard deviations that the Gaussian is long


class RatesParams(Params):
    """Parameters of :func:`firing_rates`."""

    bin: float = param(0.1, "Length of a bin", unit="s", gt=0)
    smoothing: float = param(
        0.0, "Standard deviation of a Gaussian over the bins; 0 for none", unit="s", ge=0
    )
    units: tuple[str, ...] = param((), "Units; none for all", suggest="units")


def _check(params: RatesParams, items: Items) -> None:
    spikes = spikes_of(items)
    check_units(params.units, spikes)
    length = float(spikes.units.time_support.tot_length())
    if params.bin > length:
        raise BadInput(
            f"A bin of {params.bin:g} s is longer than the {length:g} s that were observed. "
            "Use shorter bins."
        )
    if _REACH * params.smoothing > length:
        raise BadInput(
            f"A Gaussian of {params.smoothing:g} s is too wide for the {length:g} s that were observed. "
            f"Use at most {length / _REACH:.3g} s."
        )


@method(group="Analyse", check=_check, example="rates")
def firing_rates(context: Context, params: RatesParams, spikes: SpikeTrains) -> Result:
    """Count the spikes of each unit in bins of time and give them as rates."""
    import pynapple as nap

    group = chosen(spikes, params.units)
    for _ in context.track(range(1), "Counting spikes"):
        counts = group.count(params.bin)
        if params.smoothing:
            counts = counts.smooth(params.smoothing, size_factor=_REACH)
    names = [str(key) for key in group.index]
    values = np.asarray(counts.values, float) / params.bin
    frame = nap.TsdFrame(t=counts.t, d=values, columns=names, time_support=counts.time_support)
    mean = values.mean(axis=0)
    return Result(
        data={"rates": Traces(frame, "Hz")},
        views=_views(np.asarray(counts.t), values, names, params.bin),
        numbers={
            "units": Number(len(names)),
            "mean rate": Number(float(mean.mean()), "Hz", note="mean over units"),
            "median rate": Number(float(np.median(mean)), "Hz", note="of the units"),
        },
    )


def _views(times: Array, values: Array, names: list[str], width: float) -> tuple[View, ...]:
    step = -(-len(values) // _COLUMNS_MOST)
    whole = len(values) - len(values) % step
    coarse = values[:whole].reshape(-1, step, len(names)).mean(axis=1)
    centres = times[:whole].reshape(-1, step).mean(axis=1)
    z = (coarse - coarse.mean(axis=0)) / np.maximum(coarse.std(axis=0), 1e-12)
    end = max(float(np.percentile(np.abs(z), _SHOWN)), 1e-12)
    note = f" Shown in bins of {step * width:g} s." if step > 1 else ""
    axis: dict[str, Any] = {"x_label": "time", "x_unit": "s", "axis": "time"}
    return (
        Heatmap(
            values=np.clip(z, -end, end).T,
            x=centres,
            y_names=tuple(names),
            y_label="unit",
            value_label="rate",
            value_unit="s.d.",
            diverging=True,
            title="Rate of each unit",
            caption=f"Each unit against its own mean; the colours end at {end:.3g}.{note}",
            **axis,
        ),
        Lines(
            x=centres,
            y=coarse.mean(axis=1)[None],
            y_label="rate",
            y_unit="Hz",
            title="Mean rate of all units",
            caption=f"{len(names)} units.{note}",
            **axis,
        ),
    )
