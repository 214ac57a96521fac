"""Communities of one weighted graph, over many seeds, and how far the seeds agree."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from neurostudio.learning.partitions import by_size, has_leiden, leiden, louvain

from . import graph_tool
from .blocks import fit_blocks, spectral_start

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from .declaring import Communities

    Array = NDArray[np.float64]
    Labels = NDArray[np.int64]

PAIRS = 60


@dataclass(frozen=True, slots=True)
class Grouping:
    """Communities: ``labels`` (n_nodes,) from 0, that of the strongest neurons first.

    ``agreement`` is the adjusted mutual information of partitions from two seeds, NaN where there is one;
    ``quality`` has its name in words.
    """

    labels: Labels
    agreement: float
    quality: float
    measure: str
    codes: tuple[str, ...] = field(default=())


def group(
    weights: Array,
    how: Communities,
    resolution: float,
    n_seeds: int,
    seed: int,
    pause: Callable[[], None] = lambda: None,
) -> Grouping:
    """Return the communities of a symmetric matrix of weights without a diagonal.

    Of several seeds' partitions the one closest to all others is kept.
    """
    if not weights.any():
        labels = np.zeros(len(weights), np.int64)
        return Grouping(labels, np.nan, 0.0, "modularity")
    if how == "block model":
        return _by_blocks(weights, n_seeds, seed, pause)
    if how == "nested block model (graph-tool)":
        if graph_tool.python() is None:
            found = _by_blocks(weights, n_seeds, seed, pause)
            return Grouping(
                found.labels, found.agreement, found.quality, found.measure,
                ("no graph-tool", *found.codes),
            )  # fmt: skip
        labels, length = graph_tool.nested_blocks(weights, seed, pause)
        return Grouping(by_strength(weights, by_size(labels)), np.nan, length, "description length")
    partitions = []
    for k in range(n_seeds):
        pause()
        partitions.append(partition(weights, how, resolution, seed + k))
    labels, agreement = most_central(partitions)
    codes = () if has_leiden() else ("louvain",)
    labels = by_strength(weights, labels)
    return Grouping(labels, agreement, modularity(weights, labels), "modularity", codes)


def by_strength(weights: Array, labels: Labels) -> Labels:
    """Return labels numbered from 0, the community of the strongest neurons first."""
    n = int(labels.max()) + 1
    strength = np.bincount(labels, weights.sum(axis=1), n) / np.maximum(
        np.bincount(labels, minlength=n), 1
    )
    rank = np.empty(n, np.int64)
    rank[np.argsort(-strength, kind="stable")] = np.arange(n)
    return np.asarray(rank[labels])


def partition(weights: Array, how: Communities, resolution: float, seed: int) -> Labels:
    """Return one partition by Leiden, or by Louvain where Leiden is not installed."""
    first, second = np.nonzero(np.triu(weights, 1))
    edges = (first, second, weights[first, second])
    n = len(weights)
    if not has_leiden():
        return by_size(louvain(n, edges, directed=False, resolution=resolution, seed=seed))
    if how == "Leiden (CPM)":
        scaled = resolution * float(weights.sum() / (n * (n - 1)))
        found = leiden(n, edges, directed=False, resolution=scaled, seed=seed, quality="CPM")
    else:
        found = leiden(n, edges, directed=False, resolution=resolution, seed=seed)
    return by_size(found)


def _by_blocks(weights: Array, n_seeds: int, seed: int, pause: Callable[[], None]) -> Grouping:
    del n_seeds
    starts = [
        partition(weights, "Leiden (modularity)", 1.0, seed),
        spectral_start(weights, seed),
    ]
    labels, length = fit_blocks(weights, starts, seed, pause)
    codes = () if has_leiden() else ("louvain",)
    return Grouping(
        by_strength(weights, by_size(labels)), np.nan, length, "description length", codes
    )


def most_central(partitions: list[Labels]) -> tuple[Labels, float]:
    """Return the partition that is most like all others, and how alike they are on average."""
    from sklearn.metrics import adjusted_mutual_info_score

    known: dict[bytes, float] = {}
    likeness = np.zeros((len(partitions), len(partitions)))
    for a, b in combinations(range(min(len(partitions), PAIRS)), 2):
        key = partitions[a].tobytes() + partitions[b].tobytes()
        if key not in known:
            known[key] = float(adjusted_mutual_info_score(partitions[a], partitions[b]))
        likeness[a, b] = likeness[b, a] = known[key]
    best = int(likeness.sum(axis=1).argmax())
    n = len(partitions)
    return partitions[best], float(likeness.sum() / (n * (n - 1))) if n > 1 else np.nan


def modularity(weights: Array, labels: Labels) -> float:
    """Return Newman's modularity of a partition of a symmetric matrix.

    Examples
    --------
    >>> modularity(np.kron(np.eye(2), 1 - np.eye(2)), np.array([0, 0, 1, 1]))
    0.5
    """
    strength, total = weights.sum(axis=1), weights.sum()
    together = labels[:, None] == labels[None]
    return float(((weights - np.outer(strength, strength) / total) * together).sum() / total)
