"""What FIF rounds to 32 bits, kept beside it so that saved signals load bit for bit.

FIF holds the samples in double precision, but sampling rate, places of sensors and times of
annotations in single precision. These go into ``exact.json``.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from neurostudio.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import mne

FILE = "exact.json"
UNITS = {
    **dict.fromkeys(("eeg", "eog", "ecg", "emg", "seeg", "ecog", "dbs", "bio", "csd"), "V"),
    **dict.fromkeys(("mag", "ref_meg"), "T"),
    "grad": "T/m",
    **dict.fromkeys(("hbo", "hbr"), "mol/l"),
    "csd": "V/m²",
    "gsr": "S",
    "temperature": "°C",
}
SETTINGS = ("sfreq", "highpass", "lowpass", "line_freq")


def unit_of(types: Iterable[str]) -> str:
    """Return the SI units of channel types, the most frequent first: ``V`` or ``T/m, T, V``."""
    units = [UNITS[kind] for kind in types if kind in UNITS]
    ordered = sorted(set(units), key=lambda unit: (-units.count(unit), unit))
    return ", ".join(ordered) or "arbitrary"


def count_words(values: Iterable[str], limit: int = 12) -> list[str]:
    """Return ``name (how often)`` for each of the values, most frequent first."""
    values = list(values)
    ordered = sorted(set(values), key=lambda value: (-values.count(value), value))
    shown = [f"{value} ({values.count(value)})" for value in ordered[:limit]]
    return shown + ([f"and {len(ordered) - limit} more"] if len(ordered) > limit else [])


def with_unit_scale(info: mne.Info) -> mne.Info:
    """Return a copy of the measurement facts in which a stored number is the value itself."""
    info = copy.deepcopy(info)
    for channel in info["chs"]:
        channel["cal"], channel["range"] = 1.0, 1.0
        channel.pop("scale", None)
    return info


def describe_info(info: mne.Info) -> dict[str, Any]:
    """Return what FIF would round of the measurement facts."""
    return {
        "settings": {key: info[key] for key in SETTINGS},
        "loc": [channel["loc"].tolist() for channel in info["chs"]],
        "dig": [point["r"].tolist() for point in info["dig"] or ()],
    }


def restore_info(info: mne.Info, exact: dict[str, Any]) -> None:
    """Put back, in place, what FIF rounded of the measurement facts."""
    import numpy as np

    with info._unlock():
        info.update({key: exact["settings"][key] for key in SETTINGS})
    for channel, place in zip(info["chs"], exact["loc"], strict=True):
        channel["loc"] = np.array(place, dtype=np.float64)
    points = info["dig"] or ()
    if len(points) == len(exact["dig"]):
        for point, place in zip(points, exact["dig"], strict=True):
            point["r"] = np.array(place, dtype=np.float64)


def describe_annotations(annotations: mne.Annotations | None) -> list[list[Any]] | None:
    """Return onset, duration, words, channels and further facts of every annotation."""
    if annotations is None:
        return None
    return [
        [float(onset), float(duration), str(words), list(channels), dict(extra or {})]
        for onset, duration, words, channels, extra in zip(
            annotations.onset,
            annotations.duration,
            annotations.description,
            annotations.ch_names,
            annotations.extras,
            strict=True,
        )
    ]


def annotations_from(rows: list[list[Any]], orig_time: Any) -> mne.Annotations:
    """Return annotations as :func:`describe_annotations` described them."""
    import mne

    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
    onsets, durations, words, channels, extras = columns or [[], [], [], [], []]
    return mne.Annotations(
        onsets,
        durations,
        words,
        orig_time=orig_time,
        ch_names=channels or None,
        extras=extras if any(extras) else None,
    )


def write_exact(folder: Path, exact: dict[str, Any]) -> None:
    """Write the facts beside the FIF file."""
    write_atomically(folder / FILE, json.dumps(exact, default=_plain))


def read_exact(folder: Path) -> dict[str, Any]:
    """Read the facts beside the FIF file."""
    exact: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return exact


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)
