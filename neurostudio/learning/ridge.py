"""Ridge regression with a penalty of its own for every target, few rows or many, targets in blocks.

``primal W = (XᵀX + αI)⁻¹ XᵀY`` for at least as many rows as features, ``dual W = Xᵀ(XXᵀ + αI)⁻¹Y`` for
fewer. The kernel is decomposed once a fold, so that each further α costs two products.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Fold = tuple[NDArray[np.intp], NDArray[np.intp]]

ALPHAS = tuple(10.0**k for k in range(8))
_BLOCK = 2048  # targets at once


@dataclass(frozen=True, slots=True, eq=False)
class Ridge:
    """What was fitted: ``weights`` (n_features, n_targets) on standardised features.

    ``alphas`` (n_targets,) were chosen by the mean correlation over the folds, ``scores`` (n_targets,);
    ``at_edge`` is the share of targets whose choice lies at an end of the grid.
    """

    weights: Array
    mean: Array
    scale: Array
    offset: Array
    alphas: Array
    scores: Array
    at_edge: float

    def predict(self, features: Array) -> Array:
        """Return the targets (n_rows, n_targets) of features (n_rows, n_features)."""
        rows = (np.asarray(features, self.weights.dtype) - self.mean) / self.scale
        return np.asarray(rows @ self.weights + self.offset)


@dataclass(frozen=True, slots=True, eq=False)
class _Kernel:
    """One decomposition: ``weights(aims, alpha)`` costs two products."""

    rows: Array
    values: Array
    vectors: Array
    dual: bool

    @classmethod
    def of(cls, rows: Array) -> _Kernel:
        from scipy.linalg import eigh

        dual = rows.shape[0] < rows.shape[1]
        square = rows @ rows.T if dual else rows.T @ rows
        values, vectors = eigh(square)
        return cls(rows, np.maximum(values, 0), vectors, dual)

    def turned(self, aims: Array) -> Array:
        """Return the targets in the basis of the decomposition."""
        return np.asarray(self.vectors.T @ (aims if self.dual else self.rows.T @ aims))

    def solved(self, turned: Array, alpha: float) -> Array:
        """Return dual coefficients or primal weights for one penalty."""
        with np.errstate(divide="ignore"):
            share = 1 / (self.values + alpha)
        share[~np.isfinite(share)] = 0
        return np.asarray(self.vectors @ (share[:, None] * turned))


def fit_ridge(
    features: Array,
    targets: Array | Callable[[slice], Array],
    folds: Sequence[Fold],
    *,
    n_targets: int = 0,
    alphas: Sequence[float] = ALPHAS,
    track: Callable[[range], Iterator[int]] | None = None,
) -> Ridge:
    """Fit ridge with the best of ``alphas`` for every target.

    Parameters
    ----------
    features : array of shape (n_rows, n_features)
        Standardised here by mean and standard deviation of the rows given.
    targets : array of shape (n_rows, n_targets), or a function
        A function takes a slice of targets and returns (n_rows, n_block), so that they may stay on disk.
    folds
        Pairs of rows to fit and rows to judge by, which respect the groups of the split.
    n_targets
        Needed where ``targets`` is a function.
    alphas
        The penalties to choose from, ascending.
    track
        Wraps the loop over blocks of targets, for progress.

    Raises
    ------
    BadInput
        Features or targets are not finite, or there are no folds.
    """
    x = np.asarray(features)
    x = x.astype(np.result_type(x.dtype, np.float32), copy=False)
    _check(x, folds, alphas)
    if callable(targets):
        read, total = targets, n_targets
    else:
        read, total = _reader(np.asarray(targets)), targets.shape[1]
    mean, scale = x.mean(axis=0), x.std(axis=0)
    scale = np.where(scale > 0, scale, 1)
    x = (x - mean) / scale
    kernels = [(_Kernel.of(_centred(x[fit], x[fit])), fit, judge) for fit, judge in folds]
    whole = _Kernel.of(x)
    made = Ridge(
        np.empty((x.shape[1], total), x.dtype),
        mean,
        scale,
        np.empty(total, x.dtype),
        np.empty(total),
        np.empty(total),
        0.0,
    )
    starts = range(0, total, _BLOCK)
    for start in track(starts) if track is not None else starts:
        block = slice(start, min(start + _BLOCK, total))
        _fit_block(made, x, np.asarray(read(block), x.dtype), block, kernels, whole, alphas)
    edge = np.isin(made.alphas, (alphas[0], alphas[-1])) if len(alphas) > 1 else np.zeros(1)
    return Ridge(
        made.weights, mean, scale, made.offset, made.alphas, made.scores, float(edge.mean())
    )


def _check(x: Array, folds: Sequence[Fold], alphas: Sequence[float]) -> None:
    if not len(folds) or not len(alphas):
        raise BadInput("Ridge needs at least one fold and one penalty to choose from.")
    if not np.isfinite(x).all():
        raise BadInput("Some features are not finite; leave those rows or columns out first.")


def _reader(targets: Array) -> Callable[[slice], Array]:
    def read(block: slice) -> Array:
        return np.asarray(targets[:, block])

    return read


def _centred(rows: Array, reference: Array) -> Array:
    return np.asarray(rows - reference.mean(axis=0))


def _fit_block(
    made: Ridge,
    x: Array,
    aims: Array,
    block: slice,
    kernels: Sequence[tuple[_Kernel, Array, Array]],
    whole: _Kernel,
    alphas: Sequence[float],
) -> None:
    if not np.isfinite(aims).all():
        raise BadInput("Some targets are not finite; leave those rows or columns out first.")
    scores = np.zeros((len(alphas), aims.shape[1]))
    for kernel, fit, judge in kernels:
        turned = kernel.turned(_centred(aims[fit], aims[fit]))
        judged = _centred(x[judge], x[fit])
        across = judged @ kernel.rows.T if kernel.dual else judged
        for k, alpha in enumerate(alphas):
            scores[k] += correlation(across @ kernel.solved(turned, alpha), aims[judge])
    scores /= len(kernels)
    best = scores.argmax(axis=0)
    turned = whole.turned(_centred(aims, aims))
    for k, alpha in enumerate(alphas):
        chosen = np.flatnonzero(best == k)
        if len(chosen):
            solved = whole.solved(turned[:, chosen], alpha)
            made.weights[:, block.start + chosen] = x.T @ solved if whole.dual else solved
    made.offset[block] = aims.mean(axis=0)
    made.alphas[block] = np.asarray(alphas)[best]
    made.scores[block] = scores[best, np.arange(len(best))]


def correlation(one: Array, other: Array) -> Array:
    """Return the correlation over rows of each column, 0 where a column does not vary."""
    a, b = one - one.mean(axis=0), other - other.mean(axis=0)
    size = np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    return np.asarray(np.where(size > 0, (a * b).sum(axis=0) / np.where(size > 0, size, 1), 0.0))
