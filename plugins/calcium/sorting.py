"""The order of rows in which traces that go together stand together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Order = NDArray[np.intp]

Sorting = Literal["name", "correlation", "first factor", "as it is"]


def order_of(sorting: Sorting, names: Sequence[str], values: Array) -> Order:
    """Return the order of the rows of ``values`` (n_traces, n_times)."""
    if sorting == "name":
        return np.array(sorted(range(len(names)), key=lambda k: _natural(names[k])), dtype=np.intp)
    if sorting == "correlation":
        return by_correlation(correlated(values))
    if sorting == "first factor":
        weights, _, _ = first_factor(values)
        return np.argsort(weights, kind="stable")
    return np.arange(len(names))


def _natural(name: str) -> list[tuple[bool, int, str]]:
    """Return a key by which VB2 stands before VB10."""
    parts = re.findall(r"\d+|\D+", name)
    return [(not each.isdigit(), int(each) if each.isdigit() else 0, each) for each in parts]


def correlated(values: Array) -> Array:
    """Return Pearson's correlation of rows; 0 with a row that never changes, 1 with itself."""
    filled = np.where(np.isfinite(values), values, np.nanmean(values, axis=1, keepdims=True))
    centred = filled - filled.mean(axis=1, keepdims=True)
    spread = np.linalg.norm(centred, axis=1, keepdims=True)
    unit = centred / np.where(spread > 0, spread, 1.0)
    found = np.clip(unit @ unit.T, -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def by_correlation(correlation: Array) -> Order:
    """Return the leaf order of average linkage on 1 − correlation."""
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import squareform

    if len(correlation) < 3:
        return np.arange(len(correlation))
    distance = squareform(np.maximum(1 - correlation, 0), checks=False)
    tree = optimal_leaf_ordering(linkage(distance, "average"), distance)
    return np.asarray(leaves_list(tree), dtype=np.intp)


def first_factor(values: Array) -> tuple[Array, Array, float]:
    """Return the first principal component of z-scored rows: weights, course, share of the variance.

    Notes
    -----
    Its sign makes the largest weight positive.
    """
    from sklearn.decomposition import PCA

    filled = np.where(np.isfinite(values), values, np.nanmean(values, axis=1, keepdims=True))
    spread = filled.std(axis=1, keepdims=True)
    z = (filled - filled.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0)
    model = PCA(1, svd_solver="full").fit(z.T)
    weights, course = model.components_[0], model.transform(z.T)[:, 0]
    sign = np.sign(weights[np.argmax(np.abs(weights))]) or 1.0
    return weights * sign, course * sign, float(model.explained_variance_ratio_[0])
