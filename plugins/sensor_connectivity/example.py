"""One planted connection: O2 follows O1 at 10 Hz by a quarter of a cycle, in noise."""

from __future__ import annotations

from functools import cache

import numpy as np

from neurostudio.api import Example, Trials
from neurostudio.learning.planted import info_of, pink, trials_of

RATE = 100.0
NAMES = ("Fz", "Cz", "Pz", "O1", "O2")


@cache
def trials(seed: int = 0, count: int = 40, *, lag: float = 0.25, linked: bool = True) -> Trials:
    """Return trials of 2 s with 10 Hz at O1 and, ``lag`` cycles later, at O2; else at a phase of its own."""
    random = np.random.default_rng(seed)
    times = np.arange(200) / RATE
    values = pink(random, (count, len(NAMES), len(times)), 5e-6)
    phase = random.uniform(0, 2 * np.pi, (2, count, 1))
    other = phase[0] - 2 * np.pi * lag if linked else phase[1]
    for channel, each in ((3, phase[0]), (4, other)):
        values[:, channel] += 8e-6 * np.sin(2 * np.pi * 10 * times + each)
    return trials_of(values, info_of(NAMES, RATE), ["rest"] * count)


def example() -> Example:
    """Return the trials, with few shuffles."""
    return Example({"surrogates": 19}, {"signals": trials()})
