"""Partitions of graphs by modularity: Leiden (Traag et al. 2019), else Louvain."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from .measures import edges_of

if TYPE_CHECKING:
    from .graphs import Whole, Wiring


def has_leiden() -> bool:
    """Return whether Leiden's method is installed."""
    return bool(find_spec("leidenalg") and find_spec("igraph"))


def partition(wiring: Wiring, resolution: float, seed: int) -> Whole:
    """Return the group of each node, from 0, the largest first."""
    source, target, weights = edges_of(wiring)
    if has_leiden():
        import igraph
        import leidenalg

        graph = igraph.Graph(
            n=wiring.n_nodes, edges=np.c_[source, target].tolist(), directed=wiring.directed
        )
        found = leidenalg.find_partition(
            graph,
            leidenalg.RBConfigurationVertexPartition,
            weights=weights.tolist(),
            resolution_parameter=resolution,
            seed=seed % 2**31,
            n_iterations=4,
        )
        labels = np.array(found.membership, np.int64)
    else:
        labels = _louvain(wiring, resolution, seed)
    return by_size(labels)


def _louvain(wiring: Wiring, resolution: float, seed: int) -> Whole:
    import networkx

    graph = networkx.DiGraph() if wiring.directed else networkx.Graph()
    graph.add_nodes_from(range(wiring.n_nodes))
    graph.add_weighted_edges_from(
        (int(a), int(b), float(w)) for a, b, w in zip(*edges_of(wiring), strict=True)
    )
    labels = np.zeros(wiring.n_nodes, np.int64)
    found = networkx.community.louvain_communities(graph, resolution=resolution, seed=seed)
    for number, nodes in enumerate(found):
        labels[list(nodes)] = number
    return labels


def by_size(labels: Whole) -> Whole:
    """Return labels numbered from 0, the largest group first, of equal ones that of the first node."""
    names, first, inverse, counts = np.unique(
        labels, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.lexsort([first, -counts])
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    return np.asarray(rank[inverse], np.int64)
