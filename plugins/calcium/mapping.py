"""All traces at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurostudio.api import (
    Context,
    Heatmap,
    Lines,
    Number,
    Params,
    Result,
    Sheet,
    Traces,
    method,
    param,
)

from .sorting import Sorting, first_factor, order_of
from .traces import (
    Scale,
    check_channels,
    chosen,
    detrended,
    framed,
    rate_of,
    scaled,
    traces_of,
    unit_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Items, View

    Array = NDArray[np.float64]

_COLUMNS_MOST = 2000
_STACK_MOST = 24
_SPREAD = 99.5  # percentile of the values that is the end of the colours


class MapParams(Params):
    """Parameters of :func:`trace_map`."""

    sorting: Sorting = param(
        "correlation",
        "name; correlation: hierarchical clusters; first factor: weights on the first component",
    )
    scale: Scale = param("z-score", "ΔF/F: change as a share of the baseline; z-score: in own s.d.")
    detrend: float = param(
        0.0, "Take away the running median over this length; 0 for none", unit="s", ge=0
    )
    channels: tuple[str, ...] = param((), "Traces; none for all", suggest="channels")
    stacked: int = param(
        12, "Traces of the stack: the first of the sorted ones", ge=1, le=_STACK_MOST
    )


def _check(params: MapParams, items: Items) -> None:
    check_channels(params.channels, traces_of(items))


@method(group="Analyse", title="Map of traces", check=_check, example="neurons")
def trace_map(context: Context, params: MapParams, traces: Traces) -> Result:
    """Show all traces as a map and a stack, sorted by name, correlation or first factor."""
    names, values = chosen(traces, params.channels)
    rate = rate_of(traces)
    for _ in context.track(range(1), "Sorting"):
        shown = scaled(detrended(values, rate, params.detrend), params.scale, rate)
        order = order_of(params.sorting, names, shown)
        weights, course, share = first_factor(shown)
    shown, names = shown[order], [names[k] for k in order]
    times = np.asarray(traces.frame.t)
    unit = unit_of(params.scale, traces)
    numbers = {
        "traces": Number(len(names)),
        "first factor": Number(
            share,
            "1",
            note=f"share of the variance of all; {1 / len(names):.3g} if they had nothing in common",
        ),
    }
    return Result(
        data={"sorted": framed(times, shown, names, unit)},
        views=(
            _map(times, shown, names, unit, params),
            _stack(times, shown, names, unit, params),
            _factor(times, course),
            Sheet(
                {"trace": names, "weight on the first factor": weights[order].tolist()},
                title="Order and weights",
            ),
        ),
        numbers=numbers,
    )


def coarse(times: Array, values: Array) -> tuple[Array, Array]:
    """Return means of neighbouring samples, as many as a screen can show."""
    step = -(-len(times) // _COLUMNS_MOST)
    whole = len(times) - len(times) % step
    fewer = values[:, :whole].reshape(len(values), -1, step).mean(axis=2)
    return times[:whole].reshape(-1, step).mean(axis=1), fewer


def _map(times: Array, values: Array, names: list[str], unit: str, params: MapParams) -> View:
    end = float(np.nanpercentile(np.abs(values), _SPREAD)) or 1.0
    centres, fewer = coarse(times, values)
    diverging = bool(np.nanmin(values) < 0)
    return Heatmap(
        values=np.clip(fewer, -end if diverging else None, end),
        x=centres,
        y_names=tuple(names),
        x_label="time",
        x_unit="s",
        y_label="trace",
        value_label=params.scale if params.scale != "as it is" else "value",
        value_unit=unit,
        diverging=diverging,
        title="All traces",
        caption=f"Sorted by {params.sorting}; the colours end at {end:.3g}.",
        axis="time",
    )


def _stack(times: Array, values: Array, names: list[str], unit: str, params: MapParams) -> View:
    some, few = values[: params.stacked], names[: params.stacked]
    apart = (
        float(np.nanpercentile(np.abs(some - np.nanmedian(some, axis=1, keepdims=True)), 99)) * 2
    )
    apart = apart or 1.0
    shift = apart * np.arange(len(few) - 1, -1, -1)[:, None]
    scale = "" if params.scale == "as it is" else f"{params.scale}, "
    return Lines(
        x=times,
        y=some - np.nanmedian(some, axis=1, keepdims=True) + shift,
        names=tuple(few),
        x_label="time",
        x_unit="s",
        y_label=f"{scale}a trace every {apart:.3g}",
        y_unit=unit,
        title=f"Stack of the first {len(few)} traces" if len(few) > 1 else f"Trace {few[0]}",
        caption=f"Sorted by {params.sorting}, from top to bottom.",
        axis="time",
    )


def _factor(times: Array, course: Array) -> View:
    return Lines(
        x=times,
        y=course[None],
        x_label="time",
        x_unit="s",
        y_label="first factor",
        y_unit="s.d.",
        title="Course of the first factor",
        caption="First principal component of the z-scored traces.",
        axis="time",
    )
