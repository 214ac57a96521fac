"""Correlations of series: plain, and what is left of them when all other series are known."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Measure = Literal["correlation", "partial correlation", "sparse partial correlation", "covariance"]


def connect(values: Array, measure: Measure, strength: float | None = None) -> Array:
    """Return connections of all pairs (n_regions, n_regions) from series (n_times, n_regions).

    Parameters
    ----------
    strength
        How strongly a partial correlation is regularised; None for what suits these series.
    """
    if measure == "correlation":
        return np.asarray(np.corrcoef(values, rowvar=False))
    if measure == "covariance":
        return np.asarray(np.cov(values, rowvar=False))
    scaled = (values - values.mean(axis=0)) / values.std(axis=0)
    strength = strength_of(values, measure) if strength is None else strength
    return _partial(_precision(scaled, strength, sparse=measure.startswith("sparse")))


def strength_of(values: Array, measure: Measure) -> float:
    """Return the regularisation that suits series: Ledoit-Wolf's shrinkage, or the lasso's penalty.

    Surrogates are regularised as the data are: left to themselves, series that share nothing would be
    shrunk more, and the chance level would be too low.
    """
    if "partial" not in measure:
        return 0.0
    from sklearn.covariance import GraphicalLassoCV, ledoit_wolf_shrinkage

    scaled = (values - values.mean(axis=0)) / values.std(axis=0)
    if not measure.startswith("sparse"):
        return float(ledoit_wolf_shrinkage(scaled))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # single penalties of the search need not converge
        return float(GraphicalLassoCV(cv=5).fit(scaled).alpha_)


def _precision(scaled: Array, strength: float, *, sparse: bool) -> Array:
    from sklearn.covariance import GraphicalLasso, ShrunkCovariance

    model = GraphicalLasso(alpha=strength) if sparse else ShrunkCovariance(shrinkage=strength)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a chosen penalty may need more steps than are worth it
        return np.asarray(model.fit(scaled).precision_, float)


def _partial(precision: Array) -> Array:
    """Return partial correlations: ``-P_ij / sqrt(P_ii P_jj)``, 1 on the diagonal."""
    size = np.sqrt(np.diag(precision))
    found = -precision / np.outer(size, size)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)
