"""Spike trains that keep their own statistics and lose what ties them to anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_LEAST_SHARE = 0.05  # of the time: the least shift


def shifted(group: Any, epochs: Any, random: np.random.Generator) -> Any:
    """Return a group whose spikes all move by one random time, the end going on at the beginning.

    Parameters
    ----------
    epochs
        The time that is used: spikes move along it as if it were one piece, so that rates inside of it
        stay as they are; spikes outside of it are left out.
    """
    import pynapple as nap

    starts, ends = np.asarray(epochs.start), np.asarray(epochs.end)
    passed = np.concatenate([[0.0], np.cumsum(ends - starts)])
    total = passed[-1]
    by = random.uniform(_LEAST_SHARE * total, (1 - _LEAST_SHARE) * total)
    moved = {}
    for key in group.index:
        times = np.asarray(group[key].restrict(epochs).t)
        row = np.searchsorted(starts, times, side="right") - 1
        turned = np.sort((passed[row] + times - starts[row] + by) % total)
        row = np.searchsorted(passed, turned, side="right") - 1
        moved[key] = nap.Ts(starts[row] + turned - passed[row], time_support=epochs)
    return nap.TsGroup(moved, time_support=epochs)


def jittered(group: Any, most: float, random: np.random.Generator) -> Any:
    """Return a group whose spikes each move by an own time of at most ``most`` seconds."""
    import pynapple as nap

    observed = group.time_support
    support = nap.IntervalSet(float(observed.start[0]) - most, float(observed.end[-1]) + most)
    moved = {}
    for key in group.index:
        times = np.asarray(group[key].t)
        there = np.sort(times + random.uniform(-most, most, len(times)))
        moved[key] = nap.Ts(there, time_support=support)
    return nap.TsGroup(moved, time_support=support)


def p_value(value: Array, null: Array) -> Array:
    """Return the share of controls that reach each value, the value itself counted in.

    Parameters
    ----------
    value : array of shape (n,)
    null : array of shape (n_controls, n)
    """
    return np.asarray((1 + np.sum(null >= value, axis=0)) / (1 + len(null)))
