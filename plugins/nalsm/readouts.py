"""What is read from the spike counts of a liquid: features, and the two linear readouts."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Context

    Array = NDArray[Any]
    Codes = NDArray[np.intp]

CHANCES = 1e-30
RATE, DECAY, EPSILON, PENALTY, BATCH = 0.1, 0.95, 1e-8, 5e-10, 250  # Adadelta, released code


@dataclass(frozen=True, slots=True, eq=False)
class Readout:
    """A linear readout: ``weights`` (n_neurons, n_classes), ``bias`` (n_classes,); ``largest`` scales."""

    weights: Array
    bias: Array
    largest: float

    def logits(self, counts: Array) -> Array:
        """Return the evidence for each class, (n, n_classes)."""
        found: Array = features(counts, self.largest) @ self.weights + self.bias
        return found

    def guess(self, counts: Array) -> Codes:
        """Return the class of each row, (n,)."""
        return np.asarray(self.logits(counts).argmax(axis=1), np.intp)

    def probability(self, counts: Array) -> Array:
        """Return the probability of the guessed class, (n,)."""
        logits = self.logits(counts)
        shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(shifted.max(axis=1) / shifted.sum(axis=1))


def shares(counts: Array) -> Array:
    """Return counts as shares of each row's sum."""
    return np.asarray(counts / np.maximum(counts.sum(axis=1, keepdims=True), CHANCES))


def features(counts: Array, largest: float) -> Array:
    """Return counts over their sum, over the largest share of the training part."""
    return shares(counts) / (largest or 1.0)


def logistic(counts: Array, codes: Codes, n_classes: int) -> Readout:
    """Return multinomial logistic regression: C 100, at most 300 iterations."""
    largest = float(shares(counts).max(initial=0.0))
    return _logistic(features(counts, largest), codes, n_classes, largest)


def linear_on_raw(values: Array, codes: Codes, n_classes: int) -> Readout:
    """Return regression with C 1, which suits them better, on raw pixels or counts, over their largest."""
    return _logistic(values / (values.max() or 1.0), codes, n_classes, 1.0, strength=1.0)


def _logistic(
    given: Array, codes: Codes, n_classes: int, largest: float, *, strength: float = 100.0
) -> Readout:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    weights, bias = np.zeros((given.shape[1], n_classes)), np.full(n_classes, -1e3)
    known = np.unique(codes)
    if len(known) == 1:
        bias[known] = 0.0
        return Readout(weights, bias, largest)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", ConvergenceWarning
        )  # 300 iterations are the specification's
        model = LogisticRegression(C=strength, max_iter=300).fit(given, codes)
    if len(known) == 2:
        weights[:, known[1]], bias[known] = model.coef_[0], (0.0, float(model.intercept_[0]))
    else:
        weights[:, known], bias[known] = model.coef_.T, model.intercept_
    return Readout(weights, bias, largest)


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """The readout of the best pass, and the accuracies (n_passes,) on training and validation samples."""

    readout: Readout
    training: Array
    validation: Array


def paper(
    context: Context, counts: Array, codes: Codes, held: Array, held_codes: Codes, n_classes: int,
    passes: int,
) -> Learnt:  # fmt: skip
    """Return the linear layer of the released code, at the pass that is best on validation samples.

    Weights start at 0; Adadelta with a rate of 0.1, batches of 250; cross-entropy against the softmax of
    +1 for the class and -1 for the others, so that the true class is to get 0.45, not 1.
    """
    largest = float(shares(counts).max(initial=0.0))
    given, watched = features(counts, largest), features(held, largest)
    high = math.e / (math.e + (n_classes - 1) / math.e)
    target = np.full((len(codes), n_classes), (1 - high) / max(n_classes - 1, 1))
    target[np.arange(len(codes)), codes] = high
    both = np.zeros((given.shape[1] + 1, n_classes))
    squares, moves = np.zeros_like(both), np.zeros_like(both)
    random = np.random.default_rng([context.seed, 401])
    best, kept, course = -1.0, both.copy(), []
    for _ in context.track(range(passes), "Passes of the readout"):
        order = random.permutation(len(codes))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            logits = given[rows] @ both[:-1] + both[-1]
            chance = np.exp(logits - logits.max(axis=1, keepdims=True))
            error = (chance / chance.sum(axis=1, keepdims=True) - target[rows]) / len(rows)
            slope = np.vstack([given[rows].T @ error + PENALTY * both[:-1], error.sum(axis=0)])
            squares = DECAY * squares + (1 - DECAY) * slope**2
            move = slope * np.sqrt((moves + EPSILON) / (squares + EPSILON))
            moves = DECAY * moves + (1 - DECAY) * move**2
            both -= RATE * move
        course.append(
            [_right(each, both, truth) for each, truth in ((given, codes), (watched, held_codes))]
        )
        context.log(step=len(course), training=course[-1][0], validation=course[-1][1])
        if course[-1][1] > best:
            best, kept = course[-1][1], both.copy()
    curve = np.array(course)
    return Learnt(Readout(kept[:-1], kept[-1], largest), curve[:, 0], curve[:, 1])


def _right(given: Array, both: Array, truth: Codes) -> float:
    return float(((given @ both[:-1] + both[-1]).argmax(axis=1) == truth).mean())
