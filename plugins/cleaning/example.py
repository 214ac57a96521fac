"""Trials of which three hold a jump at one channel and two are bad as a whole; and three bad channels."""

from __future__ import annotations

from functools import cache

import numpy as np

from neurostudio.api import Example, Recording, Trials
from neurostudio.learning.planted import CHANNELS, info_of, pink, recording_of, trials_of

RATE = 100.0
JUMPS, JUMPING, WHOLE = (4, 11, 17), "Cz", (7, 20)
FLAT, NOISY, LOOSE = "F3", "P4", "O1"
FEW = ("Fp1", "Fp2", "Fz", "C3", "Cz", "C4", "P3", "Pz", "P4", "Oz")
SMALL = {"mend": (1,), "consensus": (0.6,), "folds": 3, "search": "random_search"}


@cache
def trials(seed: int = 0, count: int = 24) -> Trials:
    """Return trials of 1 s: smooth EEG, jumps of 200 µV at Cz in three, 300 µV everywhere in two."""
    random = np.random.default_rng(seed)
    values = _head(random, count, 100, FEW)
    values[list(JUMPS), FEW.index(JUMPING), 50:] += 200e-6
    values[list(WHOLE), :, 50:] += 300e-6
    return trials_of(values, info_of(FEW, RATE), ["beep"] * count)


@cache
def recording(seed: int = 0) -> Recording:
    """Return 20 s in which F3 is flat, P4 has ten times the noise, and O1 is not on the head."""
    random = np.random.default_rng(seed)
    values = _head(random, 1, 2000, CHANNELS)[0]
    values[CHANNELS.index(FLAT)] = 0.0
    values[CHANNELS.index(NOISY)] += random.normal(0, 100e-6, 2000)
    values[CHANNELS.index(LOOSE)] = pink(random, (2000,), 10e-6)
    return recording_of(values, info_of(CHANNELS, RATE))


def _head(
    random: np.random.Generator, count: int, n_times: int, names: tuple[str, ...]
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return noise that neighbours share: (count, n_channels, n_times)."""
    places = info_of(names, RATE).get_montage().get_positions()["ch_pos"]
    where = np.array([places[name] for name in names])
    distance = np.linalg.norm(where[:, None] - where[None], axis=-1)
    reach = np.exp(-0.5 * (distance / 0.06) ** 2)
    reach /= np.linalg.norm(reach, axis=1, keepdims=True)
    own = pink(random, (count, len(names), n_times), 2e-6)
    mixed = reach @ pink(random, (count, len(names), n_times), 10e-6) + own
    return np.asarray(mixed, np.float64)


def example() -> Example:
    """Return the trials, with small grids."""
    return Example(SMALL, {"trials": trials()})


def channels() -> Example:
    """Return the recording."""
    return Example({}, {"signals": recording()})
