"""What can be read from an embedding by linear models: numbers by ridge, classes by logistic regression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.learning.probes import standardised
from neurostudio.learning.ridge import fit_ridge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.learning.ridge import Ridge

    Array = NDArray[np.float64]
    Rows = NDArray[np.intp]

PENALTIES = tuple(10.0**k for k in range(-2, 6))
WEAK = 0.003  # C of the weak probe
GRID = (0.01, 0.1, 1.0, 10.0, 100.0)  # C of the tuned one
_INNER = 5
_ITERATIONS = 2000
_COARSE = 1e-3  # tolerance while choosing C


def inner_folds(n: int, seed: int = 0, folds: int = _INNER) -> list[tuple[Rows, Rows]]:
    """Return pairs of rows to fit and rows to judge by, within a training part."""
    order = np.random.default_rng(seed).permutation(n)
    parts = np.array_split(order, min(folds, n))
    return [(np.setdiff1d(order, part), np.sort(part)) for part in parts]


def ridge(features: Array, targets: Array, seed: int = 0, groups: tuple[str, ...] = ()) -> Ridge:
    """Return ridge of targets (n, n_targets) on features (n, d), each with the best penalty of the grid.

    With ``groups`` (n,) the inner folds keep whole groups together.
    """
    if groups and len(set(groups)) >= 2:
        names = np.array(groups)
        known = np.unique(names)
        folds = []
        for part in np.array_split(
            np.random.default_rng(seed).permutation(known), min(_INNER, len(known))
        ):
            held = np.isin(names, part)
            folds.append((np.flatnonzero(~held), np.flatnonzero(held)))
    else:
        folds = inner_folds(len(features), seed)
    return fit_ridge(
        np.asarray(features, float), np.asarray(targets, float), folds, alphas=PENALTIES
    )


def explained(truth: Array, guess: Array) -> float:
    """Return R², the share of the variance that is explained; the mean over targets (n, n_targets).

    Examples
    --------
    >>> explained(np.array([[0.0], [1.0], [2.0]]), np.array([[1.0], [1.0], [1.0]]))
    0.0
    """
    rest = ((truth - guess) ** 2).sum(axis=0)
    whole = ((truth - truth.mean(axis=0)) ** 2).sum(axis=0)
    return float(np.mean(1 - rest / np.where(whole > 0, whole, 1)))


def classes(
    train: Array, labels: NDArray[Any], test: Array, strength: float | None
) -> NDArray[Any]:
    """Return the classes of test rows by logistic regression on standardised features.

    ``strength`` is C, small for a weak probe; None for the best of a grid by inner folds.
    """
    from sklearn.linear_model import LogisticRegression

    fit, judge = standardised(np.asarray(train, float), np.asarray(test, float))
    labels = np.asarray(labels)
    chosen = _tuned(fit, labels) if strength is None else strength
    probe = LogisticRegression(C=chosen, max_iter=_ITERATIONS).fit(fit, labels)
    return np.asarray(probe.predict(judge))


def _tuned(rows: Array, labels: NDArray[Any]) -> float:
    from sklearn.linear_model import LogisticRegression

    scores = np.zeros(len(GRID))
    for fit, judge in inner_folds(len(rows), folds=3):
        if len(np.unique(labels[fit])) < 2:
            continue
        for k, strength in enumerate(GRID):
            probe = LogisticRegression(C=strength, max_iter=_ITERATIONS, tol=_COARSE)
            probe.fit(rows[fit], labels[fit])
            scores[k] += float(np.mean(probe.predict(rows[judge]) == labels[judge]))
    return GRID[int(scores.argmax())]


def repeatability(first: Array, second: Array) -> Array:
    """Return the intraclass correlation ICC(1,1) of each feature over two measurements (n, d) of one person.

    1 where only people differ, 0 where only the measurements do.
    """
    both = np.stack([first, second])
    between = 2 * both.mean(axis=0).var(axis=0, ddof=1)
    within = ((first - second) ** 2 / 2).mean(axis=0)
    whole = between + within
    return np.asarray((between - within) / np.where(whole > 0, whole, 1))
