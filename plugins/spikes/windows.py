"""Spikes counted in windows around events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


def edges_of(start: float, end: float, width: float) -> Array:
    """Return the edges of bins that begin at ``start``; the last bin ends at or before ``end``."""
    n_bins = int((end - start) / width + 1e-9)
    return np.asarray(start + width * np.arange(n_bins + 1))


def count_in(group: Any, onsets: Array, edges: Array) -> Array:
    """Return the spikes of each trial, unit and bin.

    Parameters
    ----------
    group
        Units, as a group of pynapple's.
    onsets : array of shape (n_trials,)
    edges : array of shape (n_bins + 1,)
        Relative to the onset, in seconds.

    Returns
    -------
    array of shape (n_trials, n_units, n_bins)
    """
    return count_between(group, onsets, edges[:-1], edges[1:])


def count_between(group: Any, onsets: Array, starts: Array, ends: Array) -> Array:
    """Return the spikes of each trial, unit and window; windows may overlap."""
    # times are kept to the nanosecond, so that a spike on an edge is in the later bin
    first, last = (np.round(onsets[:, None] + each[None], 9) for each in (starts, ends))
    counts = np.empty((len(onsets), len(group), len(starts)))
    for k, key in enumerate(group.index):
        times = np.asarray(group[key].t)
        counts[:, k] = times.searchsorted(last) - times.searchsorted(first)
    return counts


def aligned(
    times: Array, onsets: Array, start: float, end: float
) -> tuple[Array, NDArray[np.intp]]:
    """Return the times of one unit relative to the events, and the trial of each."""
    bounds = times.searchsorted(onsets[:, None] + [start, end])
    parts = [times[low:high] - onset for (low, high), onset in zip(bounds, onsets, strict=True)]
    trials = np.repeat(np.arange(len(onsets)), [*map(len, parts)])
    return np.concatenate([np.empty(0), *parts]), trials


def smoothed(values: Array, deviation: float, width: float) -> Array:
    """Return values convolved with a Gaussian along the last axis; 0 for as they are.

    Parameters
    ----------
    deviation, width
        Standard deviation and length of a bin, both in seconds.
    """
    if deviation <= 0:
        return values
    from scipy.ndimage import gaussian_filter1d

    return np.asarray(gaussian_filter1d(values, deviation / width, axis=-1, mode="nearest"))
