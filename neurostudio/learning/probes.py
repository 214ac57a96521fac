"""What an embedding is worth: linear probes, nearest neighbours, accuracy against number of labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Rows = NDArray[np.intp]
    Probe = Callable[[Array, Array, Array], Array]

NEIGHBOURS = 20
_PENALTY, _ITERATIONS = 0.1, 500


def standardised(train: Array, test: Array) -> tuple[Array, Array]:
    """Return both parts, centred and scaled by the mean and standard deviation of the training part."""
    mean, scale = train.mean(axis=0), train.std(axis=0)
    scale = np.where(scale > 0, scale, 1)
    return (train - mean) / scale, (test - mean) / scale


def linear_probe(train: Array, labels: Array, test: Array) -> Array:
    """Return the labels of ``test`` (n, d) by logistic regression (C = 0.1) on standardised features."""
    from sklearn.linear_model import LogisticRegression

    fit, judge = standardised(np.asarray(train, float), np.asarray(test, float))
    probe = LogisticRegression(C=_PENALTY, max_iter=_ITERATIONS).fit(fit, labels)
    return np.asarray(probe.predict(judge))


def nearest_neighbours(
    train: Array, labels: Array, test: Array, neighbours: int = NEIGHBOURS
) -> Array:
    """Return the labels of ``test`` (n, d) by the majority of the nearest training rows by cosine."""
    from sklearn.neighbors import KNeighborsClassifier

    count = min(neighbours, len(train))
    probe = KNeighborsClassifier(n_neighbors=count, metric="cosine").fit(train, labels)
    return np.asarray(probe.predict(test))


def draw_labels(labels: Array, k: int, seed: int) -> Rows:
    """Return rows with ``k`` labels a class, drawn so that the rows for fewer are among them.

    Raises
    ------
    BadInput
        A class has fewer than ``k`` rows; the message names it.
    """
    labels = np.asarray(labels)
    chosen: list[Any] = []
    for number, label in enumerate(np.unique(labels)):
        rows = np.flatnonzero(labels == label)
        if len(rows) < k:
            raise BadInput(f"'{label}' has {len(rows)} samples, fewer than {k} labels a class.")
        chosen.append(np.random.default_rng((seed, number)).permutation(rows)[:k])
    return np.sort(np.concatenate(chosen))


@dataclass(frozen=True, slots=True, eq=False)
class FewLabels:
    """Accuracies (n_counts, n_draws) on the same test part; ``counts`` (n_counts,) labels a class.

    ``right`` (n_counts, n_test) is the share of draws in which each sample of the test part was guessed
    right, from which an interval over people can be drawn.
    """

    counts: tuple[int, ...]
    accuracies: Array
    right: Array

    @property
    def mean(self) -> Array:
        """Over the draws, (n_counts,)."""
        return np.asarray(self.accuracies.mean(axis=1))

    @property
    def deviation(self) -> Array:
        """Standard deviation over the draws, (n_counts,)."""
        spread = self.accuracies.std(axis=1, ddof=1) if self.accuracies.shape[1] > 1 else 0.0
        return np.asarray(spread * np.ones(len(self.counts)))


def few_labels(
    train: Array,
    labels: Array,
    test: Array,
    truth: Array,
    counts: Sequence[int],
    *,
    draws: int = 10,
    seed: int = 0,
    probe: Probe = linear_probe,
) -> FewLabels:
    """Return the accuracy of a probe with few labels a class.

    Methods that are compared share ``seed`` and so the draws; the test part is the same throughout.

    Parameters
    ----------
    train, test : arrays of shape (n_train, d) and (n_test, d)
    labels, truth : arrays of shape (n_train,) and (n_test,)
    counts
        Labels a class.
    draws
        How often rows are drawn for each count.
    probe
        Takes training rows, their labels and test rows; returns labels.
    """
    labels, truth = np.asarray(labels), np.asarray(truth)
    found = np.zeros((len(counts), draws))
    right = np.zeros((len(counts), len(truth)))
    for draw in range(draws):
        for k, count in enumerate(counts):
            rows = draw_labels(labels, count, seed * 10_000 + draw)
            guess = probe(np.asarray(train)[rows], labels[rows], np.asarray(test))
            found[k, draw] = np.mean(guess == truth)
            right[k] += (guess == truth) / draws
    return FewLabels(tuple(counts), found, right)
