"""Neurons in two groups that take turns, with noise, drift and a brightness of their own."""

from __future__ import annotations

import numpy as np

from neurostudio.api import Example, Traces

RATE = 4.0
LENGTH = 200.0
NAMES = ("AVAL", "RMEL", "AVAR", "RMER", "AVEL", "RIBL")  # even ones go together, odd ones too


def state(
    times: np.ndarray[tuple[int], np.dtype[np.float64]], seed: int = 0
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return a command that is 0 or 1 for about 8 s at a time."""
    random = np.random.default_rng(seed)
    turns = np.cumsum(random.exponential(8.0, int(LENGTH)))
    return np.asarray(np.searchsorted(turns, times) % 2, float)


def traces(seed: int = 0, noise: float = 0.1) -> Traces:
    """Return traces (fluorescence of 100 at rest, 200 when active); one group is the other's opposite."""
    import pynapple as nap

    random = np.random.default_rng(seed)
    times = np.arange(0, LENGTH, 1 / RATE, dtype=np.float64)
    active = state(times, seed)
    columns = []
    for k in range(len(NAMES)):
        drive = active if k % 2 == 0 else 1 - active
        columns.append(100 * (1 + drive + noise * random.standard_normal(len(times))))
    frame = nap.TsdFrame(t=times, d=np.stack(columns, axis=1), columns=list(NAMES))
    return Traces(frame, "a.u.")


def fluorescence() -> Example:
    """Return fluorescence of which the baseline is 100."""
    return Example({"baseline": 0.0}, {"traces": traces()})


def neurons() -> Example:
    """Return neurons of two groups, mixed."""
    return Example({"sorting": "first factor", "stacked": 6}, {"traces": traces()})


def correlated() -> Example:
    """Return neurons that go together and against each other."""
    return Example({"controls": 50}, {"traces": traces()})
