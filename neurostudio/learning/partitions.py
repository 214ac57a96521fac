"""Partitions of weighted graphs: Leiden (Traag et al. 2019) by modularity or Potts, else Louvain."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]
    Array = NDArray[Any]

Quality = Literal["modularity", "CPM"]


def has_leiden() -> bool:
    """Return whether Leiden's method is installed."""
    return bool(find_spec("leidenalg") and find_spec("igraph"))


def leiden(
    n_nodes: int,
    edges: tuple[Array, Array, Array],
    *,
    directed: bool,
    resolution: float,
    seed: int,
    quality: Quality = "modularity",
) -> Whole:
    """Return the group of each node.

    Parameters
    ----------
    edges
        Sources, targets and weights, each (n_edges,).
    quality
        ``modularity``, or the constant Potts model (``CPM``), whose resolution has the unit of a weight.
    """
    import igraph
    import leidenalg

    source, target, weights = edges
    kind = {
        "modularity": leidenalg.RBConfigurationVertexPartition,
        "CPM": leidenalg.CPMVertexPartition,
    }[quality]
    graph = igraph.Graph(n=n_nodes, edges=np.c_[source, target].tolist(), directed=directed)
    found = leidenalg.find_partition(
        graph,
        kind,
        weights=weights.tolist(),
        resolution_parameter=resolution,
        seed=seed % 2**31,
        n_iterations=4,
    )
    return np.array(found.membership, np.int64)


def louvain(
    n_nodes: int,
    edges: tuple[Array, Array, Array],
    *,
    directed: bool,
    resolution: float,
    seed: int,
) -> Whole:
    """Return the group of each node by modularity, with networkx."""
    import networkx

    graph = networkx.DiGraph() if directed else networkx.Graph()
    graph.add_nodes_from(range(n_nodes))
    graph.add_weighted_edges_from(
        (int(a), int(b), float(w)) for a, b, w in zip(*edges, strict=True)
    )
    labels = np.zeros(n_nodes, np.int64)
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
