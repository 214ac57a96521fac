"""The spectrogram of a recording of any length, read piece by piece."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Estimate,
    Heatmap,
    ImageStack,
    Lines,
    Number,
    Params,
    Recording,
    Result,
    Traces,
    View,
    method,
    param,
)
from neurostudio.learning.sensors import check_channels, data_channels, scale_of

if TYPE_CHECKING:
    from neurostudio.api import Items

Array = np.ndarray[Any, np.dtype[np.float64]]

BANDS = {
    "delta": (0.5, 4.0),
    "theta": (4.0, 8.0),
    "alpha": (8.0, 12.0),
    "sigma": (12.0, 16.0),
    "beta": (16.0, 30.0),
    "gamma": (30.0, 45.0),
}
_AT_ONCE = 4 * 2**20  # bytes of samples read at a time
_COLUMNS, _BAD = 4000, ("BAD", "EDGE")


class SpectrogramParams(Params):
    """Parameters of :func:`spectrogram`."""

    window: float = param(30.0, "Length of a column of the picture", unit="s", gt=0, le=3600)
    step: float | None = param(
        None, "From one column to the next; none for no overlap", unit="s", gt=0, le=3600
    )
    estimate: Literal["welch", "multitaper"] = param(
        "multitaper", "multitaper: sharp; welch: quick, averages pieces of each window"
    )
    segment: float = param(4.0, "Length of Welch's pieces", unit="s", gt=0)
    bandwidth: float = param(1.0, "Full width of the tapers' smoothing", unit="Hz", gt=0)
    low: float = param(0.5, "Lowest frequency", unit="Hz", ge=0)
    high: float = param(40.0, "Highest frequency, at most half the rate", unit="Hz", gt=0)
    channels: tuple[str, ...] = param(
        (), "Channels; none for all that are not bad", suggest="channels"
    )
    relative: bool = param(False, "Band power as a share of all power between the limits")
    keep_bad: bool = param(False, "Also use windows that overlap a stretch marked as bad")


def _memory(params: SpectrogramParams, items: Items) -> Estimate:
    recording = items["recording"]
    assert isinstance(recording, Recording)  # noqa: S101  the method's own check came first
    raw = recording.raw
    n_channels = len(data_channels(recording, params.channels))
    rate = float(raw.info["sfreq"])
    length = params.window * rate
    columns = raw.n_times / ((params.step or params.window) * rate)
    rows = (params.high - params.low) * _resolution(params, 1.0)
    pieces = max(_AT_ONCE, 8 * n_channels * length)
    return Estimate(
        int(8 * pieces + 24 * n_channels * columns * rows),
        "Use longer steps, fewer channels or a lower highest frequency.",
    )


def _resolution(params: SpectrogramParams, least: float) -> float:
    """Return frequencies a hertz."""
    return max(least, params.window if params.estimate == "multitaper" else params.segment)


def _check(params: SpectrogramParams, items: Items) -> None:
    recording = items["recording"]
    assert isinstance(recording, Recording)  # noqa: S101  the method's own check came first
    check_channels(params.channels, recording)
    rate = float(recording.raw.info["sfreq"])
    seconds = recording.raw.n_times / rate
    if params.window > seconds:
        raise BadInput(
            f"A window lasts {params.window:g} s; the recording lasts {seconds:g} s. "
            "Choose a shorter window."
        )
    if params.low >= min(params.high, rate / 2):
        raise BadInput(
            f"The lowest frequency is {params.low:g} Hz; the highest that can be shown is "
            f"{min(params.high, rate / 2):g} Hz. Choose a lower one."
        )
    if params.estimate == "multitaper" and params.bandwidth * params.window < 1:
        raise BadInput(
            f"Tapers of {params.bandwidth:g} Hz need windows of at least "
            f"{1 / params.bandwidth:.3g} s; they are {params.window:g} s. Widen one of them."
        )


@method(
    group="Analyse",
    memory=_memory,
    check=_check,
    example="night",
    warnings={"bad-stretches": "Windows that overlap a stretch marked as bad are left empty."},
)
def spectrogram(context: Context, params: SpectrogramParams, recording: Recording) -> Result:
    """Estimate the spectrum of every window of a recording, and the power of the known bands."""
    names = data_channels(recording, params.channels)
    rate = float(recording.raw.info["sfreq"])
    length = round(params.window * rate)
    stride = max(1, round((params.step or params.window) * rate))
    starts = np.arange(0, recording.raw.n_times - length + 1, stride)
    factor, unit = scale_of(recording, names)
    frequencies, power = _power(context, params, recording, names, starts, length)
    power *= factor**2
    bad = np.zeros(len(starts), bool) if params.keep_bad else overlaps(recording, starts, length)
    if bad.all():
        raise BadInput(
            "Every window overlaps a stretch marked as bad. Use shorter windows, or keep bad ones."
        )
    power[:, :, bad] = np.nan
    centres = (starts + length / 2) / rate
    bands = band_powers(frequencies, power, relative=params.relative)
    band_unit = "1" if params.relative else f"{unit}²"
    data = {
        "spectrogram": _stack(names, frequencies, centres, power, f"{unit}²/Hz"),
        "bands": _traces(centres, bands, band_unit),
    }
    return Result(
        data=data,
        views=_views(frequencies, centres, power, bands, (f"{unit}²/Hz", band_unit)),
        numbers=_numbers(frequencies, power, bad),
        warnings=("bad-stretches",) if bad.any() else (),
    )


def _power(
    context: Context,
    params: SpectrogramParams,
    recording: Recording,
    names: list[str],
    starts: Any,
    length: int,
) -> tuple[Array, Array]:
    """Return frequencies and power (n_channels, n_frequencies, n_windows), a few windows at a time."""
    count = max(1, _AT_ONCE // (8 * length * len(names)))
    found: list[Array] = []
    for first in context.track(range(0, len(starts), count), "Reading"):
        some = starts[first : first + count]
        block = recording.raw.get_data(picks=names, start=some[0], stop=some[-1] + length)
        windows = np.stack([block[:, s - some[0] : s - some[0] + length] for s in some])
        frequencies, power = _spectra(params, windows, float(recording.raw.info["sfreq"]))
        found.append(power)
    return frequencies, np.concatenate(found).transpose(1, 2, 0)


def _spectra(params: SpectrogramParams, windows: Array, rate: float) -> tuple[Array, Array]:
    """Return MNE's frequencies and spectra of windows (n_windows, n_channels, n_times)."""
    from mne.time_frequency import psd_array_multitaper, psd_array_welch

    limits = {"fmin": params.low, "fmax": min(params.high, rate / 2), "verbose": "ERROR"}
    if params.estimate == "welch":
        size = min(round(params.segment * rate), windows.shape[-1])
        power, frequencies = psd_array_welch(
            windows, rate, n_fft=size, n_per_seg=size, n_overlap=size // 2, **limits
        )
    else:
        # MNE goes through the signals in small parts, so the tapers do not multiply the memory
        power, frequencies = psd_array_multitaper(
            windows, rate, bandwidth=params.bandwidth, normalization="full", **limits
        )
    return np.asarray(frequencies, float), np.asarray(power, float)


def overlaps(recording: Recording, starts: Any, length: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which windows overlap an annotation whose name begins with BAD or EDGE."""
    raw = recording.raw
    rate = float(raw.info["sfreq"])
    shift = raw.first_time if raw.annotations.orig_time is not None else 0.0
    bad = np.zeros(len(starts), bool)
    for each in raw.annotations:
        if str(each["description"]).upper().startswith(_BAD):
            begin = (each["onset"] - shift) * rate
            end = begin + max(each["duration"] * rate, 1)
            bad |= (starts < end) & (starts + length > begin)
    return bad


def band_powers(frequencies: Array, power: Array, *, relative: bool) -> dict[str, Array]:
    """Return the power of each known band that lies within the frequencies, mean over channels."""
    mean = power.mean(axis=0)
    step = float(frequencies[1] - frequencies[0]) if len(frequencies) > 1 else 1.0
    whole = mean.sum(axis=0) * step
    found = {}
    for name, (low, high) in BANDS.items():
        rows = (frequencies >= low) & (frequencies < high)
        if rows.any() and low >= frequencies[0] - step and high <= frequencies[-1] + step:
            total = mean[rows].sum(axis=0) * step
            found[name] = total / whole if relative else total
    return found or {"all": whole}


def _stack(
    names: list[str], frequencies: Array, centres: Array, power: Array, unit: str
) -> ImageStack:
    import xarray

    array = xarray.DataArray(
        power,
        dims=("item", "y", "x"),
        coords={"item": names, "y": frequencies, "x": centres},
    )
    array.attrs |= {"unit": unit, "y": "frequency (Hz)", "x": "time (s)"}
    return ImageStack(array)


def _traces(centres: Array, bands: dict[str, Array], unit: str) -> Traces:
    import pynapple as nap

    values = np.stack(list(bands.values()), axis=1)
    return Traces(nap.TsdFrame(t=centres, d=values, columns=list(bands)), unit)


def _numbers(frequencies: Array, power: Array, bad: Any) -> dict[str, Number]:
    mean = np.nanmean(power[:, :, ~bad], axis=(0, 2))
    peak = float(frequencies[int((mean * np.maximum(frequencies, 1e-9)).argmax())])
    return {
        "windows": Number(len(bad), note=f"{int(bad.sum())} of them bad"),
        "peak": Number(peak, "Hz", note="highest power × frequency, mean over channels and time"),
    }


def _views(
    frequencies: Array,
    centres: Array,
    power: Array,
    bands: dict[str, Array],
    units: tuple[str, str],
) -> tuple[View, ...]:
    mean = power.mean(axis=0)
    stride = -(-len(centres) // _COLUMNS)
    decibel = 10 * np.log10(np.maximum(mean, np.finfo(float).tiny))[:, ::stride]
    low, high = np.nanpercentile(decibel, [1, 99])
    image = Heatmap(
        values=np.clip(decibel, low, high)[::-1],
        x=centres[::stride],
        y=frequencies[::-1],
        x_label="time",
        x_unit="s",
        y_label="frequency",
        y_unit="Hz",
        value_label="power",
        value_unit=f"dB of 1 {units[0]}",
        axis="time",
        title="Spectrogram, mean over channels",
        caption=f"{len(centres)} windows, {len(power)} channels; colours end at 1 and 99 %.",
    )
    lines = Lines(
        x=centres,
        y=np.stack(list(bands.values())),
        names=tuple(bands),
        x_label="time",
        x_unit="s",
        y_label="share of the power" if units[1] == "1" else "power",
        y_unit=units[1],
        log_y=units[1] != "1",
        axis="time",
        title="Power of the bands",
        caption="; ".join(
            f"{name} {BANDS[name][0]:g}–{BANDS[name][1]:g} Hz" for name in bands if name in BANDS
        ),
    )
    return (image, lines)
