"""What a component says: where it is, who is in it, whether it follows stimuli, whether sides agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput

from .factors import matched

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Table

    Array = NDArray[np.float64]
    Labels = NDArray[np.int64]
    Rows = NDArray[np.intp]

QUARTERS = 4


@dataclass(frozen=True, slots=True)
class Epochs:
    """``inside`` (n_epochs, n_times) says when; ``marks`` are onsets by name; ``given`` by a table."""

    names: tuple[str, ...]
    inside: NDArray[np.bool_]
    marks: dict[str, float]
    given: bool


def epochs_of(stimuli: Table | None, times: Array) -> Epochs:
    """Return the epochs of a table of stimuli (start, stop, name), or quarters of the recording.

    Stimuli of one name are one epoch; times outside of all stimuli belong to none.

    Raises
    ------
    BadInput
        A column is missing, or no stimulus lies in the recording.
    """
    if stimuli is None:
        quarter = np.arange(len(times)) * QUARTERS // len(times)
        names = tuple(f"quarter {k + 1}" for k in range(QUARTERS))
        inside = quarter[None] == np.arange(QUARTERS)[:, None]
        return Epochs(names, inside, {}, given=False)
    frame = stimuli.frame
    start, stop, name = (_column(frame, each) for each in (("start", "start_time", "onset"),
                         ("stop", "stop_time", "end"), ("name", "stimulus", "trial_type")))  # fmt: skip
    kinds = list(dict.fromkeys(map(str, frame[name])))
    inside = np.zeros((len(kinds), len(times)), bool)
    marks: dict[str, float] = {}
    count = dict.fromkeys(kinds, 0)
    for a, b, kind in zip(frame[start], frame[stop], map(str, frame[name]), strict=True):
        inside[kinds.index(kind)] |= (times >= float(a)) & (times < float(b))
        count[kind] += 1
        again = f" ({count[kind]})" if count[kind] > 1 else ""
        marks[f"{kind}{again}"] = float(a)
    there = np.asarray(inside.any(axis=1))
    if not there.any():
        raise BadInput(
            f"No stimulus lies in the recording, which goes from {times[0]:.4g} s to {times[-1]:.4g} s."
        )
    names = tuple(k for k, h in zip(kinds, there, strict=True) if h)
    return Epochs(names, inside[there], marks, given=True)


def _column(frame: Any, words: Sequence[str]) -> str:
    for each in words:
        if each in frame.columns:
            return each
    listed = ", ".join(map(str, frame.columns))
    raise BadInput(f"The table of stimuli has no column '{words[0]}'; it has {listed}.")


def purity(time: Array, inside: NDArray[np.bool_]) -> Array:
    """Return the mean loading inside each epoch over the sum of those in all (rank, n_epochs).

    Parameters
    ----------
    time : array of shape (n_times, rank)
    inside : array of bool of shape (n_epochs, n_times)
    """
    means = (inside.astype(float) @ time) / inside.sum(axis=1)[:, None]
    total = means.sum(axis=0)
    return np.asarray((means / np.where(total > 0, total, 1.0)).T)


def matched_purity(found: Array) -> tuple[Rows, Array]:
    """Return for each component its epoch (-1 for none) and the purity for it, each epoch used once."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(-found)
    epoch = np.full(len(found), -1, np.intp)
    epoch[rows] = columns
    return epoch, np.asarray(found[rows, columns])


def purity_by_chance(time: Array, epochs: Epochs, n: int, seed: int) -> Array:
    """Return the mean matched purity where the times of stimuli are turned round (n,)."""
    random = np.random.default_rng(seed)
    found = np.empty(n)
    for k in range(n):
        turned = np.roll(epochs.inside, int(random.integers(1, len(time))), axis=1)
        found[k] = matched_purity(purity(time, turned))[1].mean()
    return found


def square(pairs: Array, n: int) -> Array:
    """Return a symmetric matrix (n, n) from the values of its pairs (n (n - 1) / 2,)."""
    made = np.zeros((n, n))
    made[np.triu_indices(n, 1)] = pairs
    return made + made.T


def matrices(pairs: Array, n: int) -> tuple[Array, Array | None]:
    """Return a matrix of each component (rank, n, n), and those of opposite directions where there are."""
    size = n * (n - 1) // 2
    same = np.stack([square(column, n) for column in pairs[:size].T])
    if len(pairs) == size:
        return same, None
    return same, np.stack([square(column, n) for column in pairs[size:].T])


def sides(names: Sequence[str]) -> list[tuple[int, int]]:
    """Return neurons whose names differ in a last L or R alone.

    Examples
    --------
    >>> sides(["AVAL", "AVAR", "AVL", "RIH"])
    [(0, 1)]
    """
    where = {name: k for k, name in enumerate(names)}
    return [
        (k, where[f"{name[:-1]}R"])
        for name, k in where.items()
        if name.endswith("L") and f"{name[:-1]}R" in where
    ]


def same_side(labels: Labels, pairs: list[tuple[int, int]]) -> Array:
    """Return for each row of labels (n_rows, n_neurons) the share of pairs in one community."""
    left, right = np.array(pairs).T
    return np.asarray((labels[:, left] == labels[:, right]).mean(axis=1))


def sides_by_chance(labels: Labels, pairs: list[tuple[int, int]], n: int, seed: int) -> Array:
    """Return the mean share over components where labels are shuffled among neurons (n,)."""
    random = np.random.default_rng(seed)
    return np.array([same_side(random.permuted(labels, axis=1), pairs).mean() for _ in range(n)])


def static(slopes: Sequence[Array], seen: NDArray[np.bool_]) -> Array:
    """Return the mean correlation of changes over the whole recording, 0 where negative (n, n)."""
    n = seen.shape[1]
    total, count = np.zeros((n, n)), np.zeros((n, n))
    for slope, here in zip(slopes, seen, strict=True):
        centred = slope - slope.mean(axis=0)
        size = np.linalg.norm(centred, axis=0)
        centred = centred / np.where(size > 0, size, 1.0)
        total += centred.T @ centred
        count += np.outer(here, here)
    found = np.clip(total / np.maximum(count, 1), 0, None)
    np.fill_diagonal(found, 0)
    return np.asarray(found)


def strength_over_time(matrix: Array, labels: Labels, time: Array) -> Array:
    """Return a component's time course times the mean affinity inside each community (n_groups, n_times)."""
    inside = []
    for g in range(int(labels.max()) + 1):
        members = np.flatnonzero(labels == g)
        n_pairs = len(members) * (len(members) - 1)
        inside.append(matrix[np.ix_(members, members)].sum() / n_pairs if n_pairs else 0.0)
    return np.outer(inside, time)


__all__ = [
    "Epochs", "epochs_of", "matched", "matched_purity", "matrices", "purity", "purity_by_chance",
    "same_side", "sides", "sides_by_chance", "square", "static", "strength_over_time",
]  # fmt: skip
