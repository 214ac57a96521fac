"""How alike two representations of the same inputs are, and how much of its room one uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def linear_cka(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return the centred kernel alignment of activations, 0 unrelated to 1 alike up to rotation.

    Parameters
    ----------
    first, second : arrays of shape (n_inputs, n_features)
        Of the same inputs, in the same order; the numbers of features may differ.

    Notes
    -----
    ``‖YᵀX‖² / (‖XᵀX‖ ‖YᵀY‖)`` in Frobenius norms, both centred over the inputs. Where the features
    outnumber the inputs the same value comes from the Gram matrices of inputs.
    """
    x = first - first.mean(axis=0)
    y = second - second.mean(axis=0)
    if max(x.shape[1], y.shape[1]) > len(x):
        k, m = x @ x.T, y @ y.T
        shared, own = float((k * m).sum()), float(np.linalg.norm(k) * np.linalg.norm(m))
    else:
        shared = float(np.linalg.norm(y.T @ x) ** 2)
        own = float(np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))
    return shared / own if own > 0 else 0.0


def effective_rank(rows: NDArray[np.float64]) -> float:
    """Return in how many directions rows (n, d) spread evenly: the exponential of the spectrum's entropy.

    ``exp(−Σ p ln p)`` with ``p`` the eigenvalues of the covariance as shares of their sum; 0 where nothing
    varies. Roy and Vetterli, EUSIPCO 2007.

    Examples
    --------
    >>> round(effective_rank(np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])), 6)
    2.0
    """
    centred = np.asarray(rows, float) - np.mean(rows, axis=0)
    values = np.linalg.svd(centred, compute_uv=False) ** 2
    shares = values[values > 0] / values.sum() if values.sum() > 0 else np.zeros(0)
    return float(np.exp(-(shares * np.log(shares)).sum())) if len(shares) else 0.0
