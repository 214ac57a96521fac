"""Traces on the scale that they are analysed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurostudio.api import Context, Number, Params, Result, Signals, Traces, method, param

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
    from neurostudio.api import Items


class ScaleParams(Params):
    """Parameters of :func:`scale_traces`."""

    scale: Scale = param("ΔF/F", "ΔF/F: change as a share of the baseline; z-score: in own s.d.")
    detrend: float = param(
        0.0, "Take away the running median over this length; 0 for none", unit="s", ge=0
    )
    baseline: float = param(
        60.0, "Length over which the baseline of ΔF/F is taken; 0 for all", unit="s", ge=0
    )
    percentile: float = param(
        20.0, "Percentile of the values that is the baseline", unit="%", ge=0, le=100
    )
    channels: tuple[str, ...] = param((), "Traces; none for all", suggest="channels")


def _check(params: ScaleParams, items: Items) -> None:
    check_channels(params.channels, traces_of(items))


@method(group="Preprocess", check=_check, example="fluorescence")
def scale_traces(context: Context, params: ScaleParams, traces: Traces) -> Result:
    """Detrend traces and bring them to ΔF/F or z-scores."""
    names, values = chosen(traces, params.channels)
    rate = rate_of(traces)
    for _ in context.track(range(1), "Scaling"):
        flat = detrended(values, rate, params.detrend)
        shown = scaled(flat, params.scale, rate, params.baseline, params.percentile)
    found = framed(traces.frame.t, shown, names, unit_of(params.scale, traces))
    return Result(
        data={"scaled": found},
        views=(Signals(source="scaled", title=f"Traces as {params.scale}"),),
        numbers={"traces": Number(len(names))},
    )
