"""Communities of a graph by modularity (Louvain: Blondel et al. 2008), compiled, without Python's lock."""

from __future__ import annotations

import numpy as np
from numba import njit

_PASSES, _LEVELS = 30, 20


@njit(cache=True, nogil=True)
def _listed(source, target, weights, n):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the neighbours of each node one after the other: starts, neighbours, weights."""
    starts = np.zeros(n + 1, np.int64)
    for k in range(len(source)):
        starts[source[k] + 1] += 1
        starts[target[k] + 1] += 1
    starts = np.cumsum(starts)
    place = starts[:-1].copy()
    neighbours = np.empty(2 * len(source), np.int64)
    sizes = np.empty(2 * len(source), np.float64)
    for k in range(len(source)):
        a, b = source[k], target[k]
        neighbours[place[a]], sizes[place[a]] = b, weights[k]
        place[a] += 1
        neighbours[place[b]], sizes[place[b]] = a, weights[k]
        place[b] += 1
    return starts, neighbours, sizes


@njit(cache=True, nogil=True)
def _best(node, mine, starts, neighbours, sizes, labels, held, own, total, toward, touched):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the community that a node gains most from; ``toward`` is as before when it is done."""
    count = 0
    for k in range(starts[node], starts[node + 1]):
        other = neighbours[k]
        if other == node:
            continue
        if toward[labels[other]] == 0.0:
            touched[count] = labels[other]
            count += 1
        toward[labels[other]] += sizes[k]
    best, most = mine, toward[mine] - held[mine] * own / total
    for k in range(count):
        gain = toward[touched[k]] - held[touched[k]] * own / total
        if gain > most + 1e-12:
            best, most = touched[k], gain
    for k in range(count):
        toward[touched[k]] = 0.0
    return best


@njit(cache=True, nogil=True)
def _move(source, target, weights, n, seed):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Move nodes one by one to where the modularity gains most, until none moves."""
    np.random.seed(seed)  # noqa: NPY002  numba's own generator
    starts, neighbours, sizes = _listed(source, target, weights, n)
    own = np.zeros(n)
    for node in range(n):
        own[node] = sizes[starts[node] : starts[node + 1]].sum()
    total = own.sum()
    labels, held = np.arange(n), own.copy()
    toward, touched = np.zeros(n), np.empty(n, np.int64)
    order = np.random.permutation(n)  # noqa: NPY002
    for _ in range(_PASSES):
        moved = 0
        for node in order:
            mine = labels[node]
            held[mine] -= own[node]
            best = _best(
                node,
                mine,
                starts,
                neighbours,
                sizes,
                labels,
                held,
                own[node],
                total,
                toward,
                touched,
            )
            held[best] += own[node]
            labels[node] = best
            moved += best != mine
        if moved == 0:
            break
    return labels


def louvain(
    source: np.ndarray[tuple[int], np.dtype[np.int64]],
    target: np.ndarray[tuple[int], np.dtype[np.int64]],
    weights: np.ndarray[tuple[int], np.dtype[np.float64]],
    n_nodes: int,
    seed: int = 0,
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the community of each node, numbered from 0.

    Parameters
    ----------
    source, target, weights : arrays of shape (n_lines,)
        Undirected lines, their weights above 0.
    n_nodes
        How many nodes.
    seed
        For the order in which nodes move.
    """
    found = np.arange(n_nodes)
    count = n_nodes
    for _ in range(_LEVELS):
        if not len(source):
            break
        labels = _move(source, target, weights, count, seed)
        kinds, labels = np.unique(labels, return_inverse=True)
        found = labels[found]
        if len(kinds) == count:
            break
        count = len(kinds)
        source, target = labels[source], labels[target]
    return np.asarray(found, np.int64)
