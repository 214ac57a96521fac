"""Two conditions with a planted response: 10 µV more at Pz after 0.3 s in one of them."""

from __future__ import annotations

from functools import cache

import numpy as np

from neurostudio.api import Example, Trials
from neurostudio.learning.planted import CHANNELS, info_of, pink, trials_of

RATE, START, SECONDS = 100.0, -0.2, 1.0
PEAK, LATE = 10e-6, 0.3


@cache
def trials(seed: int = 0, count: int = 60, effect: float = PEAK) -> Trials:
    """Return trials of 'rare' with the response at Pz, and of 'often' without it.

    The response of a trial comes at 0.3 s or up to 0.1 s later: the column ``delay``, seconds.
    """
    random = np.random.default_rng(seed)
    times = START + np.arange(round(SECONDS * RATE)) / RATE
    delay = random.uniform(0, 0.1, count)
    rare = np.arange(count) % 2 == 0
    values = pink(random, (count, len(CHANNELS), len(times)), 5e-6)
    shape = np.exp(-0.5 * ((times - LATE - delay[:, None]) / 0.05) ** 2)
    reach = _reach()
    values += effect * rare[:, None, None] * shape[:, None, :] * reach[None, :, None]
    words = ["rare" if each else "often" for each in rare]
    return trials_of(values, info_of(CHANNELS, RATE), words, START, delay=list(delay))


def _reach() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return how strongly the response reaches each channel: 1 at Pz, less around it."""
    places = info_of(CHANNELS, RATE).get_montage().get_positions()["ch_pos"]
    distance = np.array([np.linalg.norm(places[name] - places["Pz"]) for name in CHANNELS])
    return np.exp(-0.5 * (distance / 0.05) ** 2)


def example() -> Example:
    """Return the trials, to be averaged."""
    return Example({"compare": ("Pz",)}, {"trials": trials()})


def image() -> Example:
    """Return the trials, ordered by the delay of their response."""
    params = {"channels": ("Pz",), "events": ("rare",), "sort_by": "delay", "smooth": 1.0}
    return Example(params, {"trials": trials()})
