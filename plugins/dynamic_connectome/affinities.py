"""How alike two neurons change at each time: the affinity of every pair, never negative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Single = NDArray[np.float32]

Affinity = Literal["differential", "product", "windowed Spearman", "signed"]

CLIP = (0.5, 99.5)  # percentiles: one outlier would compress all the rest of a trace


def change(values: Array, smooth: float, *, clip: bool = True) -> Array:
    """Return how fast each trace changes, as a share of its fastest change.

    Parameters
    ----------
    values : array of shape (n_times, n_neurons)
    smooth
        Standard deviation of a Gaussian in samples; 0 for none.
    clip
        Cut each trace at its 0.5th and 99.5th percentile before.

    Returns
    -------
    array of shape (n_times - 1, n_neurons)
        Between -1 and 1; the first sample of the derivative is dropped, a flat trace is 0.

    Notes
    -----
    A scale to [0, 1] before the derivative cancels with the division by the largest change.
    """
    values = np.asarray(values, float)
    if clip:
        low, high = np.percentile(values, CLIP, axis=0)
        values = np.clip(values, low, high)
    if smooth > 0:
        from scipy.ndimage import gaussian_filter1d

        values = gaussian_filter1d(values, smooth, axis=0, mode="nearest")
    slope = np.gradient(values, axis=0)[1:]
    most = np.abs(slope).max(axis=0)
    return np.asarray(slope / np.where(most > 0, most, 1.0))


def without_first_component(values: Array) -> tuple[Array, float]:
    """Return traces without their first principal component, and its share of the variance."""
    mean, spread = values.mean(axis=0), values.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    scaled = (values - mean) / spread
    left, sizes, right = np.linalg.svd(scaled, full_matrices=False)
    left_out = sizes[0] * np.outer(left[:, 0], right[0])
    share = float(sizes[0] ** 2 / max((sizes**2).sum(), np.finfo(float).tiny))
    return (scaled - left_out) * spread + mean, share


def differential(one: Array, other: Array) -> Array:
    """Return ``min(|g|, |h|)^2 / max(|g|, |h|)`` where both change in one direction, else 0.

    Notes
    -----
    Our form; the formula that was published could not be verified.

    Examples
    --------
    >>> differential(np.array([1.0, 0.5, 1.0, 0.0]), np.array([1.0, 1.0, -1.0, 1.0])).tolist()
    [1.0, 0.25, 0.0, 0.0]
    """
    first, second = np.abs(one), np.abs(other)
    small, large = np.minimum(first, second), np.maximum(first, second)
    ratio = np.divide(small, large, out=np.zeros_like(small), where=large > 0)
    return np.where(one * other > 0, small * ratio, 0.0)


def opposed(one: Array, other: Array) -> Array:
    """Return :func:`differential` of changes in opposite directions."""
    return differential(one, -other)


def product(one: Array, other: Array) -> Array:
    """Return the product of two changes, 0 where it is negative."""
    return np.maximum(one * other, 0.0)


def n_columns(affinity: Affinity, n_neurons: int) -> int:
    """Return how many columns the tensor has: a pair each, two with the signed form."""
    return n_neurons * (n_neurons - 1) // 2 * (2 if affinity == "signed" else 1)


def affinities(slope: Array, affinity: Affinity) -> Single:
    """Return the affinity of every pair of columns (n_times, n_pairs) from changes (n_times, n_neurons).

    Pairs come in the order of ``numpy.triu_indices(n_neurons, 1)``; with the signed form those of the
    same direction first, then those of opposite directions. Not for windowed Spearman.
    """
    first, second = np.triu_indices(slope.shape[1], 1)
    one, other = slope[:, first], slope[:, second]
    forms: dict[str, tuple[Callable[[Any, Any], Array], ...]] = {
        "differential": (differential,),
        "product": (product,),
        "signed": (differential, opposed),
    }
    found = [form(one, other).astype(np.float32) for form in forms[affinity]]
    return found[0] if len(found) == 1 else np.concatenate(found, axis=1)


def windowed_spearman(values: Array, width: int, rows: slice) -> Single:
    """Return rank correlations in a window around each sample (n_rows, n_pairs), 0 where negative.

    Parameters
    ----------
    values : array of shape (n_times, n_neurons)
    width
        Samples in the window, at least 3; at the ends the window is cut short.
    rows
        The samples that are wanted.
    """
    from scipy.stats import rankdata

    n_times, n_neurons = values.shape
    upper = np.triu_indices(n_neurons, 1)
    half = max(width // 2, 1)
    wanted = range(*rows.indices(n_times))
    found = np.empty((len(wanted), len(upper[0])), np.float32)
    for k, t in enumerate(wanted):
        ranks = rankdata(values[max(t - half, 0) : t + half + 1], axis=0)
        ranks -= ranks.mean(axis=0)
        size = np.sqrt((ranks**2).sum(axis=0))
        ranks /= np.where(size > 0, size, 1.0)
        found[k] = np.clip((ranks.T @ ranks)[upper], 0, 1)
    return found
