"""The simple method beside the network: band power and logistic regression, on the same split."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from neurostudio.scores import balanced_accuracy
from neurostudio.splits import split_by_group

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .cohort import Cohort

    Array = NDArray[np.float64]
    Rows = NDArray[np.intp]

BANDS = {
    "delta": (0.5, 4.0),
    "theta": (4.0, 8.0),
    "alpha": (8.0, 13.0),
    "beta": (13.0, 30.0),
    "gamma": (30.0, 45.0),
}
STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0)


def band_power(signals: NDArray[np.float32], rate: float) -> Array:
    """Return the logarithm of band power: (n_windows, n_channels × n_bands), Welch windows of 2 s."""
    from scipy.signal import welch

    length = min(signals.shape[-1], round(2 * rate))
    frequencies, power = welch(signals.astype(np.float64), rate, nperseg=length)
    bands = [
        power[..., inside].mean(axis=-1)
        for low, high in BANDS.values()
        if (inside := (frequencies >= low) & (frequencies < high)).any()
    ]
    return np.asarray(np.log(np.stack(bands, axis=-1) + 1e-12).reshape(len(signals), -1))


def baseline(cohort: Cohort, features: Array, rows: Rows, tested: Rows, seed: int) -> Array:
    """Return the probabilities (n_tested, n_classes) of logistic regression fitted to some rows."""
    strength = _best_strength(cohort, features, rows, seed)
    return _fit_and_predict(
        features[rows], cohort.labels[rows], features[tested], strength, len(cohort.classes)
    )


def _best_strength(cohort: Cohort, features: Array, rows: Rows, seed: int) -> float:
    groups = [str(each) for each in cohort.groups[rows]]
    folds = min(3, len(set(groups)))
    if folds < 2:
        return STRENGTHS[1]
    splits = split_by_group(
        groups, cohort.labels[rows].tolist(), folds=folds, validation=0, seed=seed
    )
    ids = [str(k) for k in range(len(rows))]
    scores = np.zeros(len(STRENGTHS))
    for split in splits:
        inner, outer = rows[split.rows(ids, "train")], rows[split.rows(ids, "test")]
        if len(set(cohort.labels[inner])) < 2:
            continue
        for k, strength in enumerate(STRENGTHS):
            found = _fit_and_predict(
                features[inner],
                cohort.labels[inner],
                features[outer],
                strength,
                len(cohort.classes),
            )
            scores[k] += balanced_accuracy(cohort.labels[outer], found.argmax(axis=1))
    return STRENGTHS[int(scores.argmax())]


def _fit_and_predict(x: Array, y: NDArray[np.int64], new: Array, strength: float, n: int) -> Array:
    from sklearn.linear_model import LogisticRegression

    mean, spread = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-9)
    found = np.zeros((len(new), n))
    if len(set(y.tolist())) < 2:
        found[:, y[0]] = 1.0
        return found
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a regression that has not quite converged still ranks
        model = LogisticRegression(C=strength, class_weight="balanced", max_iter=500)
        model.fit((x - mean) / spread, y)
        found[:, model.classes_] = model.predict_proba((new - mean) / spread)
    return found
