"""What has to be quick, compiled: swaps of connections, and walks through a graph."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _apart(one, other, n_nodes):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    gap = abs(one - other)
    return min(gap, n_nodes - gap)


@njit(cache=True, nogil=True)
def swap(source, target, joined, tries, seed, directed, places):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Swap the targets of pairs of connections in place, and return how many swaps were made.

    Parameters
    ----------
    source, target : arrays of shape (n_edges,)
        The two ends.
    joined : array of shape (n_nodes, n_nodes)
        True where there is a connection.
    tries
        How many pairs are drawn.
    seed
        Where the draws begin.
    directed
        Whether a connection has a direction.
    places : array of shape (n_nodes,), or (0,)
        Places on a ring; a swap is then made only where it brings the ends nearer.
    """
    np.random.seed(seed)  # noqa: NPY002  numba's own generator
    n_edges, n_nodes, made = len(source), len(joined), 0
    for _ in range(tries):
        one, other = np.random.randint(n_edges), np.random.randint(n_edges)  # noqa: NPY002
        a, b, c, d = source[one], target[one], source[other], target[other]
        if not directed and np.random.random() < 0.5:  # noqa: NPY002
            c, d = d, c
        same = a in (c, d) or b in (c, d)
        if same or joined[a, d] or joined[c, b]:
            continue
        if len(places) and (
            _apart(places[a], places[d], n_nodes) + _apart(places[c], places[b], n_nodes)
            >= _apart(places[a], places[b], n_nodes) + _apart(places[c], places[d], n_nodes)
        ):
            continue
        joined[a, b] = joined[c, d] = False
        joined[a, d] = joined[c, b] = True
        if not directed:
            joined[b, a] = joined[d, c] = False
            joined[d, a] = joined[b, c] = True
        target[one] = d
        source[other], target[other] = c, b
        made += 1
    return made


@njit(cache=True, nogil=True)
def walk(starts, targets):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Return the number of steps between all nodes, inf where there is no way.

    Parameters
    ----------
    starts : array of shape (n_nodes + 1,)
        Where the targets of each node begin …
    targets : array of shape (n_edges,)
        … in this list.

    Returns
    -------
    array of shape (n_nodes, n_nodes)
    """
    n = len(starts) - 1
    lengths = np.full((n, n), np.inf)
    queue = np.empty(n, np.int64)
    for first in range(n):
        lengths[first, first] = 0.0
        queue[0], head, tail = first, 0, 1
        while head < tail:
            node = queue[head]
            head += 1
            for k in range(starts[node], starts[node + 1]):
                if np.isinf(lengths[first, targets[k]]):
                    lengths[first, targets[k]] = lengths[first, node] + 1.0
                    queue[tail] = targets[k]
                    tail += 1
    return lengths
