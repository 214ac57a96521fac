"""BIDS data sets: participants, one part a file, and all subjects' trials as one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from neurostudio.data import Recording, Table, Trials
from neurostudio.errors import BadInput
from neurostudio.readers.base import Part, check_room, choose, find_reader, stem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd

    from neurostudio.data import Data

PARTICIPANTS, TRIALS = "participants", "trials"
ENTITIES = re.compile(r"^sub-[A-Za-z0-9]+_.*")
EPOCHS = (".fif", ".fif.gz")
TYPES = {
    **{name: name.lower() for name in ("EEG", "EOG", "ECG", "EMG", "ECOG", "SEEG", "DBS", "MISC")},
    "VEOG": "eog",
    "HEOG": "eog",
    "TRIG": "stim",
    "GSR": "gsr",
    "RESP": "resp",
}


def is_bids(folder: Path) -> bool:
    """Say whether a folder is a data set with participants."""
    return (folder / "participants.tsv").is_file()


def look_bids(folder: Path) -> tuple[Part, ...]:
    """List participants, trials of all subjects, and every file of a subject."""
    from neurostudio.readers.tables import read_table_file

    participants = Table(read_table_file(folder / "participants.tsv"))
    parts = [Part(PARTICIPANTS, "Table", participants.summary())]
    files = files_of(folder)
    epochs = [path for path in files.values() if holds_trials(path)]
    if epochs:
        parts.append(Part(TRIALS, "Trials", f"the trials of {len(epochs)} files together"))
    for name, path in files.items():
        size = f"{path.stat().st_size / 1e6:,.1f} MB"
        parts.append(Part(name, _kind(path), f"{path.relative_to(folder).as_posix()}, {size}"))
    return tuple(parts)


def read_bids(folder: Path, part: str) -> Data:
    """Read one part of a data set."""
    from neurostudio.readers.tables import read_table_file

    files = files_of(folder)
    epochs = {name: path for name, path in files.items() if holds_trials(path)}
    names = (PARTICIPANTS, *((TRIALS,) if epochs else ()), *files)
    part = choose(part, names)
    if part == PARTICIPANTS:
        return Table(read_table_file(folder / "participants.tsv"))
    if part == TRIALS:
        return together(list(epochs.values()), read_table_file(folder / "participants.tsv"))
    path = files[part]
    data = _read_file(path)
    return with_sidecars(data, path) if isinstance(data, Recording) else data


def files_of(folder: Path) -> dict[str, Path]:
    """Return the data files of a data set by the name of their part."""
    found = {}
    for subject in sorted(folder.glob("sub-*")):
        for path in sorted(subject.rglob("sub-*")) if subject.is_dir() else [subject]:
            fits = ENTITIES.match(path.name) and _kind(path)  # a companion file has none
            if fits and path.is_file() and not path.name.endswith((".json", "_channels.tsv")):
                found[stem(path)] = path
    return found


def holds_trials(path: Path) -> bool:
    """Say by its name whether a file of a data set holds trials."""
    return path.name.endswith(EPOCHS) and stem(path).endswith(("_epo", "-epo", "_epochs"))


def together(paths: list[Path], participants: pd.DataFrame) -> Trials:
    """Return the trials of all files as one, with what is known of each participant.

    Parameters
    ----------
    paths : list of Path
        Files of trials with the same channels, rate and times.
    participants : pandas.DataFrame
        One row a participant, with the column ``participant_id``.
    """
    import mne
    import pandas as pd

    rows = rows_by_key(participants, [subject_of(path) for path in paths])
    check_room(12 * sum(path.stat().st_size for path in paths), "all trials together")
    everyone, labels = [], []
    for path in paths:
        epochs = _read_file(path)
        if not isinstance(epochs, Trials):
            raise BadInput(f"{path.name} holds no trials")
        labels.append(_labels(epochs.epochs, subject_of(path), rows))
        everyone.append(epochs.epochs)
    _check_alike(paths, everyone)
    _share_codes(everyone)
    with mne.utils.use_log_level("ERROR"):
        for one in everyone:
            one.metadata = None
        joined = mne.concatenate_epochs(everyone)
        joined.metadata = pd.concat(labels, ignore_index=True)
    return Trials(joined)


def rows_by_key(participants: pd.DataFrame, subjects: Iterable[str]) -> pd.DataFrame:
    """Return the participants by their key; each subject must have exactly one row."""
    key = "participant_id"
    if key not in participants.columns:
        raise BadInput("participants.tsv has no column participant_id")
    ids = participants[key].astype(str)
    double = sorted(set(ids[ids.duplicated()]))
    if double:
        raise BadInput(f"participants.tsv names {_three(double)} more than once")
    missing = sorted(set(subjects) - set(ids))
    if missing:
        raise BadInput(f"participants.tsv has no row for {_three(missing)}")
    return participants.assign(**{key: ids}).set_index(key)


def subject_of(path: Path) -> str:
    """Return the key of the participant that a file belongs to."""
    return path.name.split("_", 1)[0]


def with_sidecars(data: Recording, path: Path) -> Recording:
    """Return a recording with the events and channel facts that stand beside it."""
    from neurostudio.readers.tables import read_table_file

    base = path.name[: len(stem(path))].rsplit("_", 1)[0]
    channels, events = path.with_name(f"{base}_channels.tsv"), path.with_name(f"{base}_events.tsv")
    if channels.is_file():
        _set_channels(data.raw, read_table_file(channels))
    if events.is_file():
        _set_events(data.raw, read_table_file(events))
    return data


def _set_channels(raw: Any, table: pd.DataFrame) -> None:
    table = table[table["name"].isin(raw.ch_names)]
    if "type" in table:
        types = {
            str(name): TYPES[str(kind).upper()]
            for name, kind in zip(table["name"], table["type"], strict=True)
            if str(kind).upper() in TYPES
        }
        raw.set_channel_types(types, verbose="ERROR")
    if "status" in table:
        raw.info["bads"] = list(table["name"][table["status"] == "bad"])


def _set_events(raw: Any, table: pd.DataFrame) -> None:
    import mne

    words = next((name for name in ("trial_type", "value", "stim_type") if name in table), None)
    table = table[table["onset"].notna()]
    described = table[words].fillna("n/a").astype(str) if words else ["event"] * len(table)
    annotations = mne.Annotations(
        table["onset"].to_numpy(float),
        table["duration"].fillna(0).to_numpy(float) if "duration" in table else 0.0,
        list(described),
        orig_time=None,
    )
    raw.set_annotations(annotations, verbose="ERROR")


def _labels(epochs: Any, subject: str, rows: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    words = {code: name for name, code in epochs.event_id.items()}
    labels = pd.DataFrame(
        {
            "subject": [subject] * len(epochs.events),
            "event": [words.get(code, str(code)) for code in epochs.events[:, 2]],
        }
    )
    own_rows = rows.loc[[subject] * len(labels)]
    for name in rows:
        labels[str(name)] = own_rows[name].to_numpy()
    if epochs.metadata is not None:
        own = epochs.metadata.reset_index(drop=True)
        labels = labels.join(own[[name for name in own if name not in labels]])
    return labels


def _check_alike(paths: list[Path], everyone: list[Any]) -> None:
    import numpy as np

    first = everyone[0]
    for path, one in zip(paths, everyone, strict=True):
        if one.ch_names != first.ch_names:
            other = sorted(set(one.ch_names) ^ set(first.ch_names))
            raise BadInput(
                f"{path.name} and {paths[0].name} differ in channels: {_three(other or ['order'])}"
            )
        if one.info["sfreq"] != first.info["sfreq"] or not np.array_equal(one.times, first.times):
            raise BadInput(f"{path.name} and {paths[0].name} differ in rate or times")


def _share_codes(everyone: list[Any]) -> None:
    """Give the same event the same number in every file."""
    import numpy as np

    names = dict.fromkeys(name for one in everyone for name in one.event_id)
    codes = {name: number + 1 for number, name in enumerate(names)}
    known = [pair for one in everyone for pair in one.event_id.items()]
    if len(set(known)) == len(names) == len({code for _, code in known}):
        return
    for one in everyone:
        old = one.events[:, 2].copy()
        for name, code in one.event_id.items():
            one.events[:, 2] = np.where(old == code, codes[name], one.events[:, 2])
        one.event_id = {name: codes[name] for name in one.event_id}


def _read_file(path: Path) -> Data:
    found = find_reader(path)
    if found is None:
        raise BadInput(f"the format of {path.name} is not known")
    try:
        return found.read(path, "")
    except BadInput as error:
        raise BadInput(f"{path.name}: {error}") from error


def _kind(path: Path) -> str:
    if holds_trials(path):
        return "Trials"
    found = find_reader(path)
    return found.format.kind.split(" or ")[0] if found else ""


def _three(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
