"""A planted burst of 10 Hz at the back after each event, and a night whose rhythm changes half-way."""

from __future__ import annotations

from functools import cache

import numpy as np

from neurostudio.api import Example, Recording, Trials
from neurostudio.learning.planted import CHANNELS, info_of, pink, recording_of, trials_of

RATE, START, SECONDS = 100.0, -0.8, 2.0
BURST, FREQUENCY = (0.3, 0.8), 10.0
BACK = ("O1", "Oz", "O2")


@cache
def trials(seed: int = 0, count: int = 40, *, locked: bool = True) -> Trials:
    """Return trials with 10 Hz of 10 µV at the back from 0.3 to 0.8 s; locked ones in one phase."""
    random = np.random.default_rng(seed)
    times = START + np.arange(round(SECONDS * RATE)) / RATE
    names = ("Fz", "Cz", "Pz", *BACK)
    values = pink(random, (count, len(names), len(times)), 5e-6)
    phase = 0.0 * random.uniform(size=count) if locked else random.uniform(0, 2 * np.pi, count)
    wave = np.sin(2 * np.pi * FREQUENCY * times + phase[:, None])
    burst = 10e-6 * wave * ((times >= BURST[0]) & (times < BURST[1]))
    values[:, 3:] += burst[:, None, :]
    return trials_of(values, info_of(names, RATE), ["beep"] * count, START)


@cache
def recording(seed: int = 0, seconds: float = 240.0) -> Recording:
    """Return noise of 5 µV with 20 µV of 10 Hz in its first half and of 2 Hz in its second."""
    random = np.random.default_rng(seed)
    times = np.arange(round(seconds * RATE)) / RATE
    rhythm = np.where(times < seconds / 2, FREQUENCY, 2.0)
    values = pink(random, (4, len(times)), 5e-6)
    values += 20e-6 * np.sin(2 * np.pi * rhythm * times)
    return recording_of(values, info_of(CHANNELS[:4], RATE))


def example() -> Example:
    """Return the trials."""
    return Example({"high": 30.0, "window_start": 0.3, "window_end": 0.8}, {"trials": trials()})


def night() -> Example:
    """Return the recording in windows of ten seconds."""
    return Example({"window": 10.0}, {"recording": recording()})
