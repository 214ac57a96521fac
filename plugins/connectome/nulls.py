"""Graphs of the same degrees at random: pairs of connections swap their targets (Maslov & Sneppen 2002)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .graphs import Wiring

SWAPS = 10  # that are tried, a connection


def rewired(wiring: Wiring, seed: int, *, swaps: int = SWAPS) -> tuple[Wiring, int]:
    """Return a graph with the same degrees (in and out) and the number of swaps that were made.

    Each weight stays with the connection's source, so that strengths out stay as well in directed graphs.
    """
    from .kernels import swap

    source, target, weights = _edges(wiring)
    joined = wiring.weights > 0
    tries = swaps * len(source)
    nowhere = np.zeros(0, np.int64)
    made = swap(source, target, joined, tries, seed % 2**31, wiring.directed, nowhere)
    return _graph(wiring, source, target, weights), int(made)


def latticed(wiring: Wiring, seed: int) -> tuple[Wiring, int]:
    """Return a graph with the same degrees whose connections are swapped to near nodes of a ring.

    Nodes stand on the ring in a random order; a swap is made where it shortens the two connections.
    """
    from .kernels import swap

    source, target, weights = _edges(wiring)
    joined = wiring.weights > 0
    places = np.random.default_rng(seed).permutation(wiring.n_nodes).astype(np.int64)
    tries = lattice_tries(len(source))
    made = swap(source, target, joined, tries, seed % 2**31, wiring.directed, places)
    return _graph(wiring, source, target, weights), int(made)


def lattice_tries(n_edges: int) -> int:
    """Return how many pairs are drawn for a lattice: many, since ever fewer swaps bring ends nearer."""
    return min(500 * n_edges, 20_000_000)


def _edges(wiring: Wiring) -> tuple[Any, Any, Any]:
    held = wiring.weights if wiring.directed else np.triu(wiring.weights)
    source, target = np.nonzero(held)
    return source.astype(np.int64), target.astype(np.int64), held[source, target]


def _graph(wiring: Wiring, source: Any, target: Any, weights: Any) -> Wiring:
    made = np.zeros_like(wiring.weights)
    made[source, target] = weights
    return replace(wiring, weights=made if wiring.directed else made + made.T)
