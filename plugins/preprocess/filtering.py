"""Filters and the sampling rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from neurostudio.api import (
    BadInput,
    Context,
    Number,
    Params,
    Recording,
    Result,
    Trials,
    method,
    param,
)
from neurostudio.learning.sensors import inside, wrapped

from .signals import before_and_after, check_frequency, loaded_copy, memory, picked

if TYPE_CHECKING:
    from neurostudio.api import Items


class FilterParams(Params):
    """Parameters of :func:`filter_signals`."""

    low: float | None = param(
        1.0, "Frequencies below this are removed; none for no limit", unit="Hz", gt=0
    )
    high: float | None = param(
        40.0, "Frequencies above this are removed; none for no limit", unit="Hz", gt=0
    )
    kind: Literal["fir", "iir"] = param(
        "fir", "fir: sharp and of constant delay; iir: Butterworth, gentle", advanced=True
    )
    phase: Literal["zero", "minimum"] = param(
        "zero", "zero: nothing moves in time; minimum: causal, nothing appears early", advanced=True
    )
    order: int = param(4, "Order of the Butterworth filter (iir only)", ge=1, le=12, advanced=True)

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Evoked responses": {"low": 0.1, "high": 30.0},
        "Slow drifts only": {"low": 0.5, "high": None},
        "Ongoing rhythms": {"low": 1.0, "high": 40.0},
    }


def _check_filter(params: FilterParams, items: Items) -> None:
    signals = items["signals"]
    assert isinstance(signals, Recording | Trials)  # noqa: S101  the method's own check came first
    if params.low is None and params.high is None:
        raise BadInput("Neither a low nor a high limit is given. Give at least one.")
    check_frequency(params.low, signals, "The low limit")
    check_frequency(params.high, signals, "The high limit")
    if params.low is not None and params.high is not None and params.low >= params.high:
        raise BadInput(
            f"The low limit is {params.low:g} Hz and the high limit {params.high:g} Hz. "
            "The low limit must be the lower one."
        )


@method(group="Preprocess", title="Filter", memory=memory, check=_check_filter)
def filter_signals(context: Context, params: FilterParams, signals: Recording | Trials) -> Result:
    """Keep a band of frequencies."""
    for _ in context.track(range(1), "Filtering"):
        instance = loaded_copy(signals)
        names = picked(instance)
        options: dict[str, Any] = {"method": params.kind}
        if params.kind == "iir":
            options["iir_params"] = {"order": params.order, "ftype": "butter", "output": "sos"}
            options["phase"] = "zero" if params.phase == "zero" else "forward"
        else:
            options["phase"] = params.phase
        instance.filter(params.low, params.high, picks=names, verbose="ERROR", **options)
    filtered = wrapped(signals, instance)
    marks = {
        name: value
        for name, value in (("low", params.low), ("high", params.high))
        if value is not None
    }
    return Result(
        data={"filtered": filtered},
        views=(before_and_after(signals, filtered, "Before and after the filter", marks),),
        numbers={"channels": Number(len(names), note="filtered; others are unchanged")},
    )


class LineParams(Params):
    """Parameters of :func:`remove_line_noise`."""

    line: float = param(
        50.0, "Frequency of the mains: 50 Hz in most countries, 60 Hz in some", unit="Hz", gt=0
    )
    harmonics: int = param(3, "How many multiples are removed, the first included", ge=1, le=20)
    width: float | None = param(
        None, "Width of each notch; none for 1/200 of its frequency", unit="Hz", gt=0, advanced=True
    )

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "50 Hz mains": {"line": 50.0},
        "60 Hz mains": {"line": 60.0},
    }


def _check_line(params: LineParams, items: Items) -> None:
    signals = items["signals"]
    assert isinstance(signals, Recording | Trials)  # noqa: S101  the method's own check came first
    check_frequency(params.line, signals, "The line frequency")


@method(group="Preprocess", memory=memory, check=_check_line, example="line")
def remove_line_noise(context: Context, params: LineParams, signals: Recording | Trials) -> Result:
    """Remove the hum of the mains and its multiples by notches."""
    import mne

    rate = float(inside(signals).info["sfreq"])
    wanted = [
        params.line * k for k in range(1, params.harmonics + 1) if params.line * k < rate / 2 - 1
    ]
    if not wanted:
        raise BadInput(
            f"Data sampled at {rate:g} Hz hold no line noise at {params.line:g} Hz that could be removed."
        )
    for _ in context.track(range(1), "Removing line noise"):
        instance = loaded_copy(signals)
        names = picked(instance)
        data = instance.get_data(picks=names)
        cleaned = mne.filter.notch_filter(
            data, rate, wanted, notch_widths=params.width, verbose="ERROR"
        )
        rows = [instance.ch_names.index(name) for name in names]
        if isinstance(signals, Recording):
            instance._data[rows] = cleaned
        else:
            instance._data[:, rows] = cleaned
    result = wrapped(signals, instance)
    marks = {f"{frequency:g} Hz": frequency for frequency in wanted}
    return Result(
        data={"cleaned": result},
        views=(before_and_after(signals, result, "Before and after the notches", marks),),
        numbers={"notches": Number(len(wanted), note=", ".join(f"{f:g} Hz" for f in wanted))},
    )


class ResampleParams(Params):
    """Parameters of :func:`resample`."""

    rate: float = param(
        100.0, "New sampling rate; an anti-alias filter is applied", unit="Hz", gt=0, le=1e5
    )


@method(group="Preprocess", memory=memory)
def resample(context: Context, params: ResampleParams, signals: Recording | Trials) -> Result:
    """Change the sampling rate."""
    before = float(inside(signals).info["sfreq"])
    for _ in context.track(range(1), "Resampling"):
        instance = loaded_copy(signals)
        instance.resample(params.rate, verbose="ERROR")
    resampled = wrapped(signals, instance)
    marks = {"half the new rate": params.rate / 2} if params.rate < before else {}
    return Result(
        data={"resampled": resampled},
        views=(before_and_after(signals, resampled, "Before and after resampling", marks),),
        numbers={
            "rate": Number(float(instance.info["sfreq"]), "Hz", note=f"it was {before:g} Hz"),
            "samples": Number(len(instance.times)),
        },
    )
