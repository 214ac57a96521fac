"""Partitions of a wiring by modularity: Leiden, else Louvain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurostudio.learning.partitions import by_size, has_leiden, leiden, louvain

from .measures import edges_of

if TYPE_CHECKING:
    from .graphs import Whole, Wiring


def partition(wiring: Wiring, resolution: float, seed: int) -> Whole:
    """Return the group of each node, from 0, the largest first."""
    find = leiden if has_leiden() else louvain
    labels = find(
        wiring.n_nodes,
        edges_of(wiring),
        directed=wiring.directed,
        resolution=resolution,
        seed=seed,
    )
    return by_size(labels)


__all__ = ["by_size", "has_leiden", "partition"]
