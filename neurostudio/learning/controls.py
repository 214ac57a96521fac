"""Null runs that must fail: what a method is given where there is nothing to find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]


def deranged(n: int, random: np.random.Generator) -> NDArray[np.intp]:
    """Return an order of ``n`` things in which none stays at its place (for ``n`` of at least 2)."""
    order = random.permutation(n)
    if n < 2:
        return order
    found = np.empty(n, dtype=np.intp)
    found[order] = np.roll(order, 1)  # one cycle through all
    return found


def permuted_labels(
    labels: Array, random: np.random.Generator, groups: Sequence[str] = ()
) -> Array:
    """Return the labels in another order; with ``groups`` (n,), whole groups exchange their labels.

    With groups all rows of one have one label, and the groups' labels are permuted.
    """
    labels = np.asarray(labels)
    if not len(groups):
        return np.asarray(random.permutation(labels))
    names, first, inverse = np.unique(
        np.asarray(groups, str), return_index=True, return_inverse=True
    )
    own = labels[first]
    return np.asarray(own[random.permutation(len(names))][inverse])


def shifted_in_time(series: Array, random: np.random.Generator, shortest: int = 1) -> Array:
    """Return series (n_times, n_channels), each channel turned round by a random number of samples.

    Every channel keeps its own course; what it shared with the others at one time is lost.
    """
    series = np.asarray(series)
    n_times = len(series)
    furthest = max(shortest + 1, n_times - shortest)
    columns = [np.roll(each, int(random.integers(shortest, furthest))) for each in series.T]
    return np.stack(columns, axis=1)
