"""How far an average might have been otherwise: a bootstrap over trials or over people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.learning.sensors import samples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neurostudio.api import Context, Trials

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Band:
    """A mean over time, and the means of resampled trials (n_draws, n_times)."""

    mean: Array
    draws: Array

    @property
    def edges(self) -> tuple[Array, Array]:
        """The middle 95 % at each time."""
        low, high = np.percentile(self.draws, [2.5, 97.5], axis=0)
        return low, high


def bands(
    context: Context,
    trials: Trials,
    parts: dict[str, Any],
    channels: Sequence[str],
    people: Sequence[str] | None,
    draws: int,
) -> dict[str, Band]:
    """Return the mean of some channels for each condition, with its resampled means."""
    random = np.random.default_rng(context.seed)
    # people are the same in all conditions, so one draw of them serves all
    weights = None if people is None else _weights_of_people(random, people, draws)
    found = {}
    for word, rows in context.track(list(parts.items()), "Resampling"):
        values = samples(trials, channels, rows).mean(axis=1)
        share = _weights(random, len(rows), draws) if weights is None else weights[:, rows]
        share = share[share.sum(axis=1) > 0]
        means = share @ values / share.sum(axis=1, keepdims=True)
        found[word] = Band(values.mean(axis=0), means)
    return found


def _weights_of_people(random: np.random.Generator, people: Sequence[str], draws: int) -> Array:
    """Return how often each trial is in each draw of whole people: (n_draws, n_trials)."""
    names, inverse = np.unique(np.asarray(people, dtype=str), return_inverse=True)
    return _weights(random, len(names), draws)[:, inverse]


def _weights(random: np.random.Generator, count: int, draws: int) -> Array:
    """Return how often each of some things is drawn: (n_draws, count)."""
    return np.asarray(random.multinomial(count, np.full(count, 1 / count), size=draws), float)
