"""The classifiers, and what they say of trials that they have not learnt from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from . import logistic

if TYPE_CHECKING:
    from .folding import Array, Rows, Trained

Machine = Literal["logistic", "lda"]
_AT_ONCE = 64 * 2**20  # bytes of the training part


def machine(params: Any) -> Any:
    """Return a scikit-learn pipeline: scaling, then the classifier; both learn from the training part."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if params.classifier == "lda":
        found = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    else:
        found = LogisticRegression(C=params.strength, class_weight="balanced", max_iter=1000)
    return make_pipeline(StandardScaler(), found)


def outputs(
    params: Any, values: Array, truth: Rows, folds: list[Trained], generalise: bool
) -> tuple[Array, Array | None]:
    """Return what the classifier of each time says of each held-out trial.

    Parameters
    ----------
    values : array of shape (n_trials, n_channels, n_times)
    truth : array of shape (n_trials,)

    Returns
    -------
    array of shape (n_trials, n_times), and (n_times, n_trials, n_times) or nothing
        Decision values for the AUROC, else numbers of classes. The second holds a row for each time
        that was learnt at, a column for each that was tested at.
    """
    n_trials, _, n_times = values.shape
    found = np.full((n_trials, n_times), np.nan)
    matrix = np.full((n_times, n_trials, n_times), np.nan) if generalise else None
    quick = params.classifier == "logistic" and truth.max() == 1
    for fold in folds:
        for times in _parts(n_times, _AT_ONCE // values[:, :, :1].nbytes if quick else 1):
            learn = _quick if quick else _one
            said, everywhere = learn(params, values, truth, fold, times, generalise)
            found[np.ix_(fold.test, times)] = said
            if matrix is not None:
                matrix[np.ix_(times, fold.test, np.arange(n_times))] = everywhere
    return found, matrix


def _parts(n_times: int, count: int) -> list[Rows]:
    """Return the times in parts of so many."""
    size = max(1, count)
    return [np.arange(first, min(first + size, n_times)) for first in range(0, n_times, size)]


def _quick(
    params: Any, values: Array, truth: Rows, fold: Trained, times: Any, generalise: bool
) -> tuple[Array, Array | None]:
    fitted = logistic.fit(values[fold.train][:, :, times], truth[fold.train], params.strength)
    said = fitted.decide(values[fold.test][:, :, times])
    everywhere = fitted.decide_everywhere(values[fold.test]) if generalise else None
    if params.measure == "auroc":
        return said, everywhere
    return (said > 0).astype(float), None if everywhere is None else (everywhere > 0).astype(float)


def _one(
    params: Any, values: Array, truth: Rows, fold: Trained, times: Any, generalise: bool
) -> tuple[Array, Array | None]:
    time = int(times[0])
    fitted = machine(params).fit(values[fold.train, :, time], truth[fold.train])
    said = _said(params, fitted, values[fold.test, :, time])[:, None]
    if not generalise:
        return said, None
    tested = values[fold.test]
    flat = tested.transpose(0, 2, 1).reshape(-1, tested.shape[1])
    return said, _said(params, fitted, flat).reshape(1, len(tested), -1)


def _said(params: Any, fitted: Any, values: Array) -> Array:
    if params.measure == "auroc":
        return np.asarray(fitted.decision_function(values), np.float64)
    return np.asarray(fitted.predict(values), np.float64)
