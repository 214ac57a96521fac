"""Recordings and trials for MNE, EEGLAB and BrainVision."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from neurostudio.data.signals import with_unit_scale
from neurostudio.data.trials import SPLIT
from neurostudio.errors import BadInput
from neurostudio.marks import marks_of
from neurostudio.writers.base import writer
from neurostudio.writers.written import from_zero, lost, refuse_empty, units_of

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from neurostudio.data import Recording, Trials

LARGEST_V5 = 1.9e9  # bytes of a variable in the usual MATLAB format


@writer(name="FIF", suffixes=(".fif", ".fif.gz"), kinds=("Recording",))
def write_fif(recording: Recording, path: Path) -> list[str]:
    """Write FIF in double precision, piece by piece."""
    refuse_empty(recording.raw)
    raw = copy.copy(recording.raw)
    raw.info = with_unit_scale(recording.raw.info)
    raw.save(path, fmt="double", split_size=SPLIT, verbose="ERROR")
    return ["FIF holds times of annotations and places of sensors in 32 bits."]


@writer(name="FIF", suffixes=(".fif", ".fif.gz"), kinds=("Trials",), copies=1.0)
def write_trials(trials: Trials, path: Path) -> list[str]:
    """Write FIF in double precision, with the columns of the trials."""
    epochs = _whole(trials)
    epochs.info = with_unit_scale(trials.epochs.info)
    words = [name for name in epochs.event_id if ":" in name or ";" in name]
    changed = {old: old.replace(":", "/").replace(";", ",") for old in words}
    if len({changed.get(name, name) for name in epochs.event_id}) < len(epochs.event_id):
        raise BadInput(
            f"FIF cannot hold the events {', '.join(words)}: ':' and ';' separate them there. "
            "Export as CSV, or rename the events."
        )
    epochs.event_id = {changed.get(name, name): code for name, code in epochs.event_id.items()}
    epochs.save(path, fmt="double", split_size=SPLIT, verbose="ERROR")
    notes = [
        f"FIF cannot hold ':' and ';' in events; {old} is {new}." for old, new in changed.items()
    ]
    return ["FIF holds the places of sensors in 32 bits.", *notes]


@writer(name="EEGLAB", suffixes=(".set",), kinds=("Recording",), copies=4.0)
def write_set(recording: Recording, path: Path) -> list[str]:
    """Write a data set of EEGLAB in double precision."""
    import eeglabio.raw
    import numpy as np

    raw = recording.raw
    refuse_empty(raw)
    marks = marks_of(raw)
    parts = [(each.text, each.onset, each.duration) for each in marks]
    columns = [np.array(some) for some in zip(*parts, strict=True)] if marks else None
    eeglabio.raw.export_set(
        path,
        data=raw.get_data(),
        sfreq=float(raw.info["sfreq"]),
        ch_names=list(raw.ch_names),
        ch_locs=_places(raw),
        annotations=columns,
        ch_types=[kind.upper() for kind in raw.get_channel_types()],
        precision="double",
        fmt=_matlab(raw.get_data(stop=1).nbytes * raw.n_times),
    )
    return _lost_in_set(raw)


@writer(name="EEGLAB", suffixes=(".set",), kinds=("Trials",), copies=4.0)
def write_set_of_trials(trials: Trials, path: Path) -> list[str]:
    """Write a data set of EEGLAB with trials, in double precision."""
    import eeglabio.epochs

    epochs = _whole(trials)
    refuse_empty(epochs)
    values = epochs.get_data(copy=False)
    eeglabio.epochs.export_set(
        path,
        data=values,
        sfreq=float(epochs.info["sfreq"]),
        events=epochs.events,
        tmin=float(epochs.tmin),
        tmax=float(epochs.tmax),
        ch_names=list(epochs.ch_names),
        event_id=epochs.event_id,
        ch_locs=_places(epochs),
        precision="double",
        fmt=_matlab(values.nbytes),
    )
    columns = [] if epochs.metadata is None else list(map(str, epochs.metadata.columns))
    words = f"The columns of the trials are left out: {', '.join(columns)}."
    return [*_lost_in_set(epochs), *([words] if columns else [])]


def _lost_in_set(instance: Any) -> list[str]:
    notes = lost(instance, bads=True, types=False, places=False, format="EEGLAB")
    if any(unit != "V" for unit in units_of(instance)):
        notes.append(
            "EEGLAB takes every channel for microvolts; all values were multiplied by 1e6."
        )
    return notes


@writer(name="BrainVision", suffixes=(".vhdr",), kinds=("Recording",), copies=4.0)
def write_vhdr(recording: Recording, path: Path) -> list[str]:
    """Write header, markers and samples of BrainVision."""
    import mne

    refuse_empty(recording.raw)
    raw = from_zero(recording.raw)
    with mne.utils.use_log_level("ERROR"):
        raw._orig_units = {}
        mne.export.export_raw(path, raw, fmt="brainvision", verbose="ERROR")
    rate = f"{raw.info['sfreq']:g} Hz"
    notes = ["BrainVision holds 32 bits a sample: seven digits."]
    if len(raw.annotations):
        notes.append(f"BrainVision holds annotations in whole samples at {rate}.")
    return [*notes, *lost(raw, bads=True, types=True, places=True, format="BrainVision")]


def _whole(trials: Trials) -> Any:
    """Return the trials, read, as a shallow copy that may be changed."""
    trials.epochs.load_data().drop_bad(verbose="ERROR")
    if not len(trials.epochs):
        raise BadInput("There are no trials to write.")
    return copy.copy(trials.epochs)


def _matlab(nbytes: float) -> str:
    return "v5" if nbytes < LARGEST_V5 else "v7.3"


def _places(instance: Any) -> NDArray[np.float64] | None:
    """Return the places of the channels with the axes of EEGLAB: nose, left ear, up."""
    import numpy as np

    right, front, up = np.array([each["loc"][:3] for each in instance.info["chs"]]).T
    places = np.column_stack([front, -right, up])
    return places if np.isfinite(places).all() and places.any() else None
