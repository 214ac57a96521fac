"""Which trials are trained on and which are tested, and how sure a score is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput
from neurostudio.scores import balanced_accuracy

if TYPE_CHECKING:
    from collections.abc import Sequence

Array = np.ndarray[Any, np.dtype[np.float64]]
Rows = np.ndarray[Any, np.dtype[np.intp]]


@dataclass(frozen=True, slots=True)
class Trained:
    """Rows to train on and rows to test on; no group stands on both sides."""

    train: Rows
    test: Rows


def folds_of(
    labels: Sequence[str], groups: Sequence[str] | None, count: int, seed: int
) -> list[Trained]:
    """Return parts that take their turn as the test part, labels spread evenly.

    Raises
    ------
    BadInput
        A label has fewer trials, or there are fewer groups, than folds.
    """
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    names, counts = np.unique(np.asarray(labels, str), return_counts=True)
    if counts.min() < count:
        raise BadInput(
            f"'{names[counts.argmin()]}' has {counts.min()} trials and there are {count} folds. "
            "Use fewer folds or more trials."
        )
    blank = np.zeros(len(labels))
    if groups is None:
        splitter = StratifiedKFold(count, shuffle=True, random_state=seed)
        parts = splitter.split(blank, labels)
    else:
        n_groups = len(set(groups))
        if n_groups < count:
            raise BadInput(
                f"There are {n_groups} groups and {count} folds. Use fewer folds, or no groups."
            )
        parts = StratifiedGroupKFold(count, shuffle=True, random_state=seed).split(
            blank, labels, groups
        )
    found = [Trained(train, test) for train, test in parts]
    for each in found:
        _check(each, np.asarray(labels, str), groups)
    return found


def _check(fold: Trained, labels: Any, groups: Sequence[str] | None) -> None:
    if len(set(labels[fold.train])) < 2 or not len(fold.test):
        raise BadInput(
            "A fold has only one kind of trials to learn from. Use fewer folds, or another column "
            "of groups."
        )
    if groups is not None:
        named = np.asarray(groups, str)
        shared = set(named[fold.train]) & set(named[fold.test])
        if shared:
            raise ValueError(f"groups on both sides of a fold: {sorted(shared)[:3]}")


def scored(truth: Rows, output: Array, measure: str) -> Array:
    """Return the score of each column of outputs.

    Parameters
    ----------
    truth : array of shape (n_trials,)
        0 or 1; or the number of the class.
    output : array of shape (n_trials, n_times)
        The classifier's decision value (AUROC), or the number of the class that it guesses.
    """
    if measure != "auroc":
        return np.array([balanced_accuracy(truth, column) for column in output.T])
    from scipy.stats import rankdata

    positive = truth == 1
    n_positive = int(positive.sum())
    ranks = rankdata(output, axis=0)[positive].sum(axis=0)
    above = ranks - n_positive * (n_positive + 1) / 2
    return np.asarray(above / (n_positive * (len(truth) - n_positive)), np.float64)


def resampled(
    truth: Rows, output: Array, groups: Sequence[str] | None, measure: str, draws: int, seed: int
) -> Array:
    """Return the scores (n_draws, n_times) of resampled trials, or of resampled groups if there are any."""
    random = np.random.default_rng(seed)
    named = np.arange(len(truth)) if groups is None else np.unique(groups, return_inverse=True)[1]
    members = [np.flatnonzero(named == each) for each in range(int(named.max()) + 1)]
    n_classes = len(np.unique(truth))
    found = []
    for _ in range(draws):
        chosen = random.integers(len(members), size=len(members))
        rows = np.concatenate([members[each] for each in chosen])
        if len(np.unique(truth[rows])) == n_classes:
            found.append(scored(truth[rows], output[rows], measure))
    return np.stack(found)
