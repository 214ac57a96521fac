"""Names and places of EEG electrodes, whatever the file calls them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_OLD = {"T3": "T7", "T4": "T8", "T5": "P7", "T6": "P8"}
_PREFIX = re.compile(r"^(EEG|POL)[\s_]+", re.IGNORECASE)
_SUFFIX = re.compile(r"[-_ ](REF|LE|AR|AVG)\d*$", re.IGNORECASE)


def normalised(name: str) -> str:
    """Return an electrode's name in capitals, without prefix, reference, dots and old synonyms.

    Examples
    --------
    >>> normalised("Fc5."), normalised("EEG T3-REF"), normalised("FP1")
    ('FC5', 'T7', 'FP1')
    """
    plain = _SUFFIX.sub("", _PREFIX.sub("", name.strip())).strip(" .").upper()
    return _OLD.get(plain, plain)


def match(wanted: Iterable[str], present: Iterable[str]) -> dict[str, str]:
    """Return the present name of each wanted one that is there under its normalised name."""
    known: dict[str, str] = {}
    for name in present:
        known.setdefault(normalised(name), name)
    return {name: known[normalised(name)] for name in wanted if normalised(name) in known}


def seen_from_above(where: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return places on the head as points of a plane: the circle of radius 1 goes through the ears.

    Parameters
    ----------
    where : array of shape (n_sensors, 3)
        In head coordinates: x to the right ear, y to the nose, z up.

    Returns
    -------
    array of shape (n_sensors, 2)
        Distance from the centre is the angle from the vertex, a right angle being 1.
    """
    length = np.maximum(np.linalg.norm(where, axis=1), np.finfo(float).tiny)
    angle = np.arccos(np.clip(where[:, 2] / length, -1, 1)) / (np.pi / 2)
    direction = np.arctan2(where[:, 1], where[:, 0])
    return np.stack([angle * np.cos(direction), angle * np.sin(direction)], axis=1)


def template(name: str) -> Any:
    """Return a montage that MNE brings; 10-05 and 10-20 have another name there since MNE 1.13."""
    import mne

    given = {
        "10-05": ("colin27_1005", "standard_1005"),
        "10-20": ("colin27_1020", "standard_1020"),
    }.get(name, (name,))
    known = mne.channels.get_builtin_montages()
    return mne.channels.make_standard_montage(next(each for each in given if each in known))


def places(info: Any, names: Iterable[str]) -> tuple[list[str], NDArray[np.float64]]:
    """Return the channels that have a place, and their places (n_sensors, 3) in metres."""
    found = {each["ch_name"]: np.asarray(each["loc"][:3], dtype=float) for each in info["chs"]}
    kept = [name for name in names if np.isfinite(found[name]).all() and found[name].any()]
    return kept, np.array([found[name] for name in kept]).reshape(-1, 3)


def positions(info: Any, names: Iterable[str]) -> tuple[list[str], NDArray[np.float64]]:
    """Return the channels that have a place, and their places seen from above (MNE's ``info``)."""
    kept, found = places(info, names)
    return kept, seen_from_above(found)
