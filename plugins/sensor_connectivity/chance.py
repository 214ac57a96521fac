"""What connectivity would be without any, and how certain its mean is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from neurostudio.api import Context

Array = np.ndarray[Any, np.dtype[np.float64]]
BLOCKS = 10


@dataclass(frozen=True, slots=True)
class Chance:
    """The mean connection of shuffled trials, and what its highest pair reaches in 5 % of shuffles."""

    mean: float
    highest: float


def chance_of(
    context: Context, measured: Callable[[Array], Array], values: Array, count: int
) -> Chance:
    """Return the chance level: each channel's trials in an order of their own.

    Parameters
    ----------
    values : array of shape (n_trials, n_channels, n_times)
        Shuffling keeps each channel's spectrum and its response to the event.
    """
    random = np.random.default_rng(context.seed)
    means, highest = [], []
    for _ in context.track(range(count), "Shuffling trials"):
        mixed = np.empty_like(values)
        for channel in range(values.shape[1]):
            mixed[:, channel] = values[random.permutation(len(values)), channel]
        pairs = _pairs(measured(mixed))
        means.append(pairs.mean())
        highest.append(pairs.max())
    # the observed data count as one of the shuffles
    rank = int(np.ceil(0.95 * (count + 1))) - 1
    return Chance(float(np.mean(means)), float(np.sort(highest)[min(rank, count - 1)]))


def interval_of(
    context: Context, measured: Callable[[Array], Array], values: Array
) -> tuple[float, float]:
    """Return the 95 % interval of the mean connection by the jackknife over blocks of trials."""
    blocks = np.array_split(np.arange(len(values)), min(BLOCKS, len(values)))
    left = [
        _pairs(measured(np.delete(values, block, axis=0))).mean()
        for block in context.track(blocks, "Leaving out trials")
    ]
    n_blocks = len(blocks)
    error = np.sqrt((n_blocks - 1) / n_blocks * np.sum((np.array(left) - np.mean(left)) ** 2))
    centre = _pairs(measured(values)).mean()
    return float(centre - 1.96 * error), float(centre + 1.96 * error)


def _pairs(matrix: Array) -> Array:
    return np.asarray(np.abs(matrix[np.tril_indices(len(matrix), -1)]), np.float64)
