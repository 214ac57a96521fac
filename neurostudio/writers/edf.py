"""EDF and BDF: 16 or 24 bits a sample, annotations as EDF+."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neurostudio.data.signals import UNITS
from neurostudio.errors import BadInput
from neurostudio.marks import marks_of
from neurostudio.writers.base import writer
from neurostudio.writers.written import begin, chunks, lost, refuse_empty

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from neurostudio.data import Recording

    Range = tuple[float, float]

LABEL = 16  # characters of a channel's name
YEARS = range(1985, 2085)  # what the date of EDF can say
BITS = {"EDF": 16, "BDF": 24}


@writer(name="EDF", suffixes=(".edf",), kinds=("Recording",), copies=0.8)
def write_edf(recording: Recording, path: Path) -> list[str]:
    """Write EDF+ with the full 16 bits for the range of each channel."""
    return _write(recording.raw, path, "EDF")


@writer(name="BDF", suffixes=(".bdf",), kinds=("Recording",), copies=1.4)
def write_bdf(recording: Recording, path: Path) -> list[str]:
    """Write BDF+ with the full 24 bits for the range of each channel."""
    return _write(recording.raw, path, "BDF")


def _write(raw: Any, path: Path, format: str) -> list[str]:
    import edfio

    refuse_empty(raw)
    _refuse_fields(raw, format)
    scale = [1e6 if UNITS.get(kind) == "V" else 1.0 for kind in raw.get_channel_types()]
    length, duration, padding = _record(raw)
    stored, ranges = _digitise(raw, scale, padding, format)
    labels, notes = _labels(raw.ch_names, format)
    signals = _signals(raw, stored, ranges, scale, labels, length / duration)
    marks, said = _annotations(raw, padding)
    date, words = _date(raw)
    file: Any = edfio.Edf if stored.itemsize == 2 else edfio.Bdf
    file(
        signals,
        recording=edfio.Recording(startdate=date.date() if date else None),
        starttime=date.time() if date else None,
        data_record_duration=duration,
        annotations=marks,
    ).write(path)
    return [
        _resolution(ranges, scale, format),
        *notes, *said, *words, *_rate(raw, length, duration, padding, format),
        *lost(raw, bads=True, types=True, places=True, format=format),
    ]  # fmt: skip


def _signals(
    raw: Any,
    stored: NDArray[Any],
    ranges: list[tuple[Range, tuple[int, int]]],
    scale: list[float],
    labels: list[str],
    rate: float,
) -> list[Any]:
    import edfio

    signal: Any = edfio.EdfSignal if stored.itemsize == 2 else edfio.BdfSignal
    filters = f"HP:{raw.info['highpass']:g}Hz LP:{raw.info['lowpass']:g}Hz"
    return [
        signal.from_digital(
            stored[row],
            rate,
            label=labels[row],
            physical_dimension="uV" if scale[row] == 1e6 else "",
            physical_range=ranges[row][0],
            digital_range=ranges[row][1],
            prefiltering=filters[:80],
        )
        for row in range(len(labels))
    ]


def _refuse_fields(raw: Any, format: str) -> None:
    fields = sorted({kind for kind in raw.get_channel_types() if UNITS.get(kind, "")[:1] == "T"})
    if fields:
        raise BadInput(
            f"{format} has no unit for magnetic fields that programs agree on, and there are channels "
            f"of the type {', '.join(fields)}. Export as FIF, or pick the other channels first."
        )


def _record(raw: Any) -> tuple[int, float, int]:
    """Return samples and seconds of one block of the file, and the samples to add at the end.

    A block is about a second and holds a whole part of the recording where there is one.
    """
    rate, n_times = float(raw.info["sfreq"]), int(raw.n_times)
    fitting = [
        length
        for length in range(max(1, int(rate / 10)), min(n_times, int(10 * rate)) + 1)
        if n_times % length == 0 and _exact(length / rate)
    ]
    if fitting:
        length = min(fitting, key=lambda each: abs(each - rate))
        return length, length / rate, 0
    whole = int(rate) if rate >= 1 else 1
    length = whole if _exact(whole / rate) else max(1, min(n_times, round(rate)))
    duration = float(f"{length / rate:.6f}"[:8])
    return length, duration, -n_times % length


def _exact(duration: float) -> bool:
    return duration > 0 and len(f"{duration:g}") <= 8 and float(f"{duration:g}") == duration


def _rate(raw: Any, length: int, duration: float, padding: int, format: str) -> list[str]:
    notes, rate = [], float(raw.info["sfreq"])
    if length / duration != rate:
        notes.append(f"{format} rounds the rate {rate:.9g} Hz to {length / duration:.9g} Hz.")
    if padding:
        notes.append(
            f"{format} is made of equal blocks: {padding} samples were added at the end, marked "
            "BAD_ACQ_SKIP."
        )
    return notes


def _digitise(
    raw: Any, scale: list[float], padding: int, format: str
) -> tuple[NDArray[Any], list[tuple[Range, tuple[int, int]]]]:
    """Return the samples as whole numbers, and for each channel what they stand for."""
    import numpy as np

    factor = np.array(scale)[:, np.newaxis]
    low, high, whole = _extent(raw, factor)
    ranges = [
        _range(float(a), float(b), BITS[format], whole=bool(c))
        for a, b, c in zip(low, high, whole, strict=True)
    ]
    shape = (len(scale), raw.n_times + padding)
    stored = np.empty(shape, dtype=np.int16 if format == "EDF" else np.int32)
    physical = np.array([each for each, _ in ranges])
    digital = np.array([each for _, each in ranges])
    gain = (physical[:, 1] - physical[:, 0]) / (digital[:, 1] - digital[:, 0])
    for start, piece in chunks(raw):
        steps = (piece * factor - physical[:, :1]) / gain[:, np.newaxis] + digital[:, :1]
        clipped = np.clip(np.rint(steps), digital[:, :1], digital[:, 1:])
        stored[:, start : start + piece.shape[1]] = clipped
    stored[:, raw.n_times :] = stored[:, raw.n_times - 1 : raw.n_times]
    return stored, ranges


def _extent(raw: Any, factor: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return lowest and highest value of each channel, and whether all are whole numbers."""
    import numpy as np

    low = np.full(len(factor), np.inf)
    high, whole = -low, np.ones(len(factor), dtype=bool)
    for _, piece in chunks(raw):
        bad = ~np.isfinite(piece).all(axis=1)
        if bad.any():
            name = raw.ch_names[int(np.argmax(bad))]
            raise BadInput(
                f"Channel {name} has values that are missing or infinite, which EDF and BDF cannot hold. "
                "Leave the channel out, or export as FIF, NWB or CSV."
            )
        values = piece * factor
        low, high = np.minimum(low, values.min(axis=1)), np.maximum(high, values.max(axis=1))
        whole &= (values == np.rint(values)).all(axis=1)
    return low, high, whole


def _range(low: float, high: float, bits: int, *, whole: bool) -> tuple[Range, tuple[int, int]]:
    """Return what the lowest and highest whole number stand for; whole numbers stay themselves."""
    first, last = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    if whole and first <= low and high <= last:
        return (first, last), (first, last)
    if whole and low >= 0 and high <= last - first:
        return (0, last - first), (first, last)
    edge = max(abs(low), abs(high), 1e-3)
    rounded = next(each for each in _upwards(edge) if each >= edge)
    return (-rounded, rounded), (-last, last)


def _upwards(value: float) -> list[float]:
    """Return numbers of at most seven characters at or above a value, as the header can say them."""
    digits = max(0, 5 - len(str(int(value))))
    step = 10.0**-digits
    return [float(f"{value + k * step:.{digits}f}") for k in range(3)]


def _resolution(
    ranges: list[tuple[Range, tuple[int, int]]], scale: list[float], format: str
) -> str:
    steps = [
        (physical[1] - physical[0]) / (digital[1] - digital[0])
        for (physical, digital), each in zip(ranges, scale, strict=True)
        if each == 1e6
    ]
    if not steps:
        return f"{format} holds {BITS[format]} bits a sample."
    return f"{format} holds {BITS[format]} bits a sample: steps of up to {max(steps):.3g} µV."


def _labels(names: list[str], format: str) -> tuple[list[str], list[str]]:
    """Return the names as the file can hold them, and what was changed."""
    made: list[str] = []
    for name in names:
        plain = name.encode("ascii", "replace").decode("ascii")
        short, number = plain[:LABEL], 1
        while short in made:
            number += 1
            short = f"{plain[: LABEL - len(str(number)) - 1]}_{number}"
        made.append(short)
    changed = [f"{old} to {new}" for old, new in zip(names, made, strict=True) if old != new]
    words = f"{format} holds {LABEL} plain letters of a name; changed: {', '.join(changed[:5])}"
    return made, [f"{words}{', …' if len(changed) > 5 else ''}."] if changed else []


def _annotations(raw: Any, padding: int) -> tuple[list[Any], list[str]]:
    import edfio

    rate = float(raw.info["sfreq"])
    marks, notes = [], []
    for mark in marks_of(raw):
        marks.append(edfio.EdfAnnotation(mark.onset, mark.duration, mark.text))
        if mark.channels:
            notes = ["EDF+ holds no channels of an annotation; they hold for all channels."]
    if padding:
        marks.append(edfio.EdfAnnotation(raw.n_times / rate, padding / rate, "BAD_ACQ_SKIP"))
    return marks, notes


def _date(raw: Any) -> tuple[Any, list[str]]:
    date = begin(raw)
    if date is None or date.year in YEARS:
        return date, []
    return None, [f"EDF holds dates from {YEARS[0]} to {YEARS[-1]}; {date:%Y-%m-%d} is left out."]
