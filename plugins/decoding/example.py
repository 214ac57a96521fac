"""A planted difference between two events: 0.4 to 0.7 s, at the back."""

from __future__ import annotations

from functools import cache

import numpy as np

from neurostudio.api import Example, Trials
from neurostudio.learning.planted import info_of, pink, trials_of

RATE, START = 25.0, -0.2
NAMES = ("Fz", "C3", "Cz", "C4", "Pz", "O1", "Oz", "O2")
WINDOW = (0.4, 0.7)
SMALL = {"permutations": 19, "folds": 4}


@cache
def trials(
    seed: int = 0, count: int = 60, *, effect: float = 12e-6, people: int = 4, shared: bool = True
) -> Trials:
    """Return trials of 'face' and 'house'; faces are higher at the back.

    With ``shared`` the difference is the same in all people; else each has a sign of its own, which
    helps only a classifier that has seen the person.
    """
    random = np.random.default_rng(seed)
    times = START + np.arange(30) / RATE
    face = np.arange(count) % 2 == 0
    person = np.arange(count) * people // count
    sign = np.ones(people) if shared else np.where(np.arange(people) % 2, 1.0, -1.0)
    inside = (times > WINDOW[0] - 1e-9) & (times < WINDOW[1] - 1e-9)
    values = pink(random, (count, len(NAMES), len(times)), 5e-6)
    values[:, 5:] += (effect * sign[person] * np.where(face, 0.5, -0.5))[:, None, None] * inside
    words = ["face" if each else "house" for each in face]
    who = [f"sub-{each}" for each in person]
    return trials_of(values, info_of(NAMES, RATE), words, START, subject=who)


def example() -> Example:
    """Return the trials, decoded over people, with few shuffles."""
    return Example(SMALL | {"groups": "subject"}, {"trials": (trials(),)})
