"""What several signal formats share: clean annotations, names and a recording that starts at zero."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from neurostudio.data.signals import UNITS
from neurostudio.errors import BadInput
from neurostudio.marks import marks_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

CHUNK = 2 * 2**20  # samples of all channels held at once: 16 MB


def units_of(instance: Any) -> list[str]:
    """Return the SI unit of each channel; nothing where it has none."""
    return [UNITS.get(kind, "") for kind in instance.get_channel_types()]


def begin(raw: Any) -> datetime | None:
    """Return the moment of the first sample, if it is known."""
    date = raw.info["meas_date"]
    return None if date is None else date + timedelta(seconds=float(raw.first_time))


def chunks(raw: Any) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Yield the samples piece by piece: number of the first one, and (channel, time)."""
    length = max(1, CHUNK // max(len(raw.ch_names), 1))
    for start in range(0, raw.n_times, length):
        yield start, raw.get_data(start=start, stop=min(start + length, raw.n_times))


def from_zero(raw: Any) -> Any:
    """Return the recording in memory, beginning at its own first sample, projectors left out."""
    import mne

    info = raw.info.copy()
    with info._unlock():
        info["meas_date"] = begin(raw)
        info["projs"] = []
    made = mne.io.RawArray(raw.get_data(), info, verbose="ERROR")
    marks = marks_of(raw)
    annotations = mne.Annotations(
        [each.onset for each in marks],
        [each.duration for each in marks],
        [each.text for each in marks],
        orig_time=info["meas_date"],
        ch_names=[each.channels for each in marks],
    )
    return made.set_annotations(annotations, verbose="ERROR")


def refuse_empty(instance: Any) -> None:
    """Raise where there is nothing to write."""
    n_times = len(instance.times)
    if not instance.ch_names or not n_times:
        raise BadInput(
            f"There are {len(instance.ch_names)} channels and {n_times} samples to write."
        )


def lost(instance: Any, *, bads: bool, types: bool, places: bool, format: str) -> list[str]:
    """Return in words what these signals have and a format does not hold."""
    notes = []
    if bads and instance.info["bads"]:
        notes.append(f"{format} holds no bad channels: {', '.join(instance.info['bads'])}.")
    other = sorted(set(instance.get_channel_types()) - {"eeg"})
    if types and other:
        notes.append(
            f"{format} holds no types of channels: {', '.join(other)} may come back as EEG."
        )
    if places and instance.info.get_montage() is not None:
        notes.append(f"{format} holds no places of channels.")
    if any(not each["active"] for each in instance.info["projs"]):
        notes.append(f"{format} holds no projectors; the signals are written without them.")
    return notes
