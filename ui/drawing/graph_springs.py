"""Springs between the nodes of a graph, compiled, without Python's lock."""

from __future__ import annotations

import numpy as np
from numba import njit

_PAIRS = 2_000_000  # that push in a round at the most
_SAMPLE_LEAST = 40


@njit(cache=True, nogil=True)
def _push(places, moves, ideal):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Let nodes push each other away, all or of very many a sample; and hold them to the middle."""
    n = len(places)
    few = n * n <= _PAIRS
    count = n if few else max(_SAMPLE_LEAST, _PAIRS // (3 * n))
    scale = n / count
    for k in range(n):
        for j in range(count):
            other = j if few else np.random.randint(n)  # noqa: NPY002  numba's own generator
            x, y = places[k, 0] - places[other, 0], places[k, 1] - places[other, 1]
            square = x * x + y * y + 1e-9
            push = scale * ideal * ideal / square
            moves[k, 0] += push * x
            moves[k, 1] += push * y
        moves[k, 0] -= 0.1 * np.sqrt(n) * places[k, 0]
        moves[k, 1] -= 0.1 * np.sqrt(n) * places[k, 1]


@njit(cache=True, nogil=True)
def settle(places, source, target, pull, begin, rounds, total, seed):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Move nodes by springs, in place.

    Parameters
    ----------
    places : array of shape (n_nodes, 2)
        Where the nodes are.
    source, target, pull : arrays of shape (n_lines,)
        The ends of a spring and its strength, 0 to 1.
    begin, rounds, total
        The rounds before, those to go, and of how many: nodes move ever less.
    seed
        For the samples of nodes that push.
    """
    np.random.seed((seed * 1009 + begin) % 2**31)  # noqa: NPY002  numba's own generator
    n = len(places)
    ideal = np.sqrt(3.0 / max(n, 1))
    moves = np.empty_like(places)
    for number in range(begin, begin + rounds):
        moves[:] = 0.0
        _push(places, moves, ideal)
        for k in range(len(source)):
            a, b = source[k], target[k]
            x, y = places[a, 0] - places[b, 0], places[a, 1] - places[b, 1]
            force = pull[k] * np.sqrt(x * x + y * y) / ideal
            moves[a, 0] -= force * x
            moves[a, 1] -= force * y
            moves[b, 0] += force * x
            moves[b, 1] += force * y
        heat = 0.3 * (1.0 - number / total) ** 1.5 + 0.002
        for k in range(n):
            length = np.sqrt(moves[k, 0] ** 2 + moves[k, 1] ** 2) + 1e-12
            step = min(length, heat) / length
            places[k, 0] += step * moves[k, 0]
            places[k, 1] += step * moves[k, 1]
