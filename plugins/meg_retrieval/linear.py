"""The linear decoder: ridge from the flattened trial to the embedding, one a subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.learning.ridge import Ridge, fit_ridge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Context

    Array = NDArray[Any]

FOLDS = 3


def fit_linear(
    context: Context,
    signals: NDArray[np.float32],
    targets: Array,
    subjects: NDArray[np.str_],
    groups: NDArray[np.str_],
    alphas: Sequence[float],
    label: str = "Ridge",
) -> dict[str, Ridge]:
    """Return a ridge for each subject.

    Parameters
    ----------
    signals : array of shape (n_trials, n_channels, n_times)
        Scaled.
    targets : array of shape (n_trials, n_targets)
    subjects, groups : arrays of shape (n_trials,)
        The person of each trial, and the group (category) that stays in one fold.
    alphas
        The penalties of which each target takes its best.
    """
    found = {}
    for name in context.track(sorted(set(subjects.tolist())), label):
        rows = np.flatnonzero(subjects == name)
        flat = signals[rows].reshape(len(rows), -1)
        found[name] = fit_ridge(flat, targets[rows], folds_of(groups[rows]), alphas=alphas)
    return found


def folds_of(groups: NDArray[np.str_]) -> list[tuple[Array, Array]]:
    """Return folds in which a group stands on one side; single trials where there are too few groups."""
    names, inverse = np.unique(groups, return_inverse=True)
    if len(names) < FOLDS:
        names, inverse = np.arange(len(groups)).astype(str), np.arange(len(groups))
    order = np.random.default_rng(0).permutation(len(names)) % FOLDS
    part = order[inverse]
    return [(np.flatnonzero(part != k), np.flatnonzero(part == k)) for k in range(FOLDS)]


def predict_linear(
    fitted: Mapping[str, Ridge], signals: NDArray[np.float32], subjects: NDArray[np.str_]
) -> NDArray[np.float64]:
    """Return the targets (n_trials, n_targets) of scaled trials; a stranger gets the mean of all models."""
    n_targets = next(iter(fitted.values())).offset.shape[0]
    found = np.empty((len(signals), n_targets))
    flat = signals.reshape(len(signals), -1)
    for name in np.unique(subjects):
        rows = np.flatnonzero(subjects == name)
        models = [fitted[str(name)]] if str(name) in fitted else list(fitted.values())
        found[rows] = np.mean([each.predict(flat[rows]) for each in models], axis=0)
    return found
