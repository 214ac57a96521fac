"""How the rate of a unit follows a variable."""

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
    Table,
    Traces,
    View,
    method,
    param,
)

from .choosing import check_units, chosen, spikes_of, traces_of
from .controls import p_value, shifted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Items

    Array = NDArray[np.float64]

LEVEL = 0.05
_LINES_MOST = 6
INFORMATION = "bits/spike"


class TuningParams(Params):
    """Parameters of :func:`tuning_curves`."""

    channel: str = param("", "The variable; empty for the first", suggest="channels")
    bins: int = param(20, "Bins of the variable", ge=2, le=500)
    units: tuple[str, ...] = param((), "Units; none for all", suggest="units")
    start: float | None = param(None, "Begin of the time used; none for all", unit="s")
    end: float | None = param(None, "End of the time used; none for all", unit="s")
    shuffles: int = param(100, "Controls whose spikes are shifted in time", ge=20, le=2000)


def _check(params: TuningParams, items: Items) -> None:
    feature = traces_of(items, "feature")
    check_units(params.units, spikes_of(items))
    names = feature.names("channels")
    if params.channel and params.channel not in names:
        raise BadInput(
            f"There is no channel '{params.channel}'. There are: {', '.join(names[:20])}."
        )
    stretch(feature, params.start, params.end)


def stretch(traces: Traces, start: float | None, end: float | None) -> tuple[float, float]:
    """Return begin and end of the time used, inside of the traces' own.

    Raises
    ------
    BadInput
        Nothing lies between them.
    """
    times = traces.frame.index.values
    if len(times) < 2:
        raise BadInput("The traces have fewer than 2 samples. Choose other data.")
    first = float(times[0]) if start is None else max(start, float(times[0]))
    last = float(times[-1]) if end is None else min(end, float(times[-1]))
    if first >= last:
        raise BadInput(
            f"Nothing lies between {first:g} s and {last:g} s; the traces run from {times[0]:g} s "
            f"to {times[-1]:g} s. Choose other times."
        )
    return first, last


@method(group="Analyse", check=_check, example="tuned")
def tuning_curves(
    context: Context, params: TuningParams, spikes: SpikeTrains, feature: Traces
) -> Result:
    """Measure the rate of each unit as a function of a variable, with its bits a spike."""
    import pynapple as nap

    name = params.channel or feature.names("channels")[0]
    span = stretch(feature, params.start, params.end)
    column = list(feature.names("channels")).index(name)
    values = np.asarray(feature.frame.values[:, column], float)
    finite = np.isfinite(values)
    variable = nap.Tsd(feature.frame.t[finite], values[finite]).restrict(nap.IntervalSet(*span))
    group = chosen(spikes, params.units)
    options = {"bins": params.bins, "range": (float(variable.min()), float(variable.max()))}
    curves = nap.compute_tuning_curves(group, variable, epochs=variable.time_support, **options)
    curves.attrs["feature"] = name
    random = np.random.default_rng(context.seed)
    null = []
    for _ in context.track(range(params.shuffles), "Shifting spikes"):
        moved = shifted(group, variable.time_support, random)
        found = nap.compute_tuning_curves(moved, variable, epochs=variable.time_support, **options)
        null.append(information_of(found))
    information = information_of(curves)
    p = p_value(information, np.array(null))
    names = [str(key) for key in group.index]
    return Result(
        data={"tuning": Table(_long(curves, names, information, p))},
        views=(
            _curves(
                curves, names, information, clearest(information, np.array(null)), feature.unit
            ),
            _all(curves, names, name, feature.unit),
        ),
        numbers=information_numbers(information, np.array(null), p, "tuned units"),
    )


def information_of(curves: Any) -> Array:
    """Return bits a spike of each unit; 0 for a unit that never fires."""
    import pynapple as nap

    found = nap.compute_mutual_information(curves)[INFORMATION].to_numpy(dtype=float)
    return np.asarray(np.nan_to_num(found))


def clearest(information: Array, null: Array) -> NDArray[np.intp]:
    """Return the units from the clearest to the least clear: information against its own control."""
    spread = np.maximum(null.std(axis=0), 1e-12)
    distance = np.where(information > 0, (information - null.mean(axis=0)) / spread, -np.inf)
    return np.argsort(-distance, kind="stable")


def information_numbers(information: Array, null: Array, p: Array, what: str) -> dict[str, Number]:
    """Return how many units carry information, and how much, each beside its control."""
    return {
        "units": Number(len(p)),
        what: Number(
            int(np.sum(p < LEVEL)),
            chance=LEVEL * len(p),
            note=f"p < {LEVEL:g} against {len(null)} controls whose spikes are shifted in time",
        ),
        "median information": Number(
            float(np.median(information)),
            "bits/spike",
            chance=float(np.median(null)),
            note="median over units; chance: the same with shifted spikes",
        ),
    }


def _curves(
    curves: Any, names: list[str], information: Array, order: NDArray[np.intp], unit: str
) -> View:
    best = order[:_LINES_MOST]
    occupancy = np.maximum(curves.attrs["occupancy"] / curves.attrs["fs"], 1e-12)
    rates = curves.to_numpy()[best]
    half = 1.96 * np.sqrt(rates / occupancy)  # of a Poisson count
    return Lines(
        x=curves[curves.dims[1]].to_numpy(),
        y=rates,
        low=np.maximum(rates - half, 0),
        high=rates + half,
        names=tuple(f"unit {names[k]}, {information[k]:.2g} bits/spike" for k in best),
        x_label=str(curves.attrs.get("feature", "")),
        x_unit=unit,
        y_label="rate",
        y_unit="Hz",
        title="Tuning of the clearest units",
        caption=(
            "Bands: 95 % interval of a Poisson count. Units whose information (Skaggs et al. 1993) stands "
            "out most from that of shifted spikes."
        ),
    )


def _all(curves: Any, names: list[str], name: str, unit: str) -> View:
    values = curves.to_numpy()
    top = np.nanmax(np.nan_to_num(values), axis=1, keepdims=True)
    order = np.argsort(np.nanargmax(np.nan_to_num(values), axis=1), kind="stable")
    return Heatmap(
        values=(values / np.where(top > 0, top, 1.0))[order],
        x=curves[curves.dims[1]].to_numpy(),
        y_names=tuple(names[k] for k in order),
        x_label=name,
        x_unit=unit,
        y_label="unit",
        value_label="rate",
        value_unit="of the unit's highest",
        title="Tuning of all units",
        caption="Sorted by the place of the highest rate.",
    )


def _long(curves: Any, names: list[str], information: Array, p: Array) -> Any:
    import pandas as pd

    axis = curves[curves.dims[1]].to_numpy()
    n = len(axis)
    frame = pd.DataFrame(
        {
            "unit": np.repeat(names, n),
            "value": np.tile(axis, len(names)),
            "rate": curves.to_numpy().ravel(),
            "information": np.repeat(information, n),
            "p": np.repeat(p, n),
        }
    )
    frame.attrs["unit"] = "rate: Hz; information: bits/spike"
    return frame
