"""Measures of graphs, of each node and of the whole (Rubinov & Sporns 2010)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .graphs import Array, Whole, Wiring, largest

if TYPE_CHECKING:
    from collections.abc import Mapping


def degrees(wiring: Wiring) -> dict[str, Array]:
    """Return degrees and strengths of the nodes: in, out and together."""
    weights, joined = wiring.weights, wiring.weights > 0
    if not wiring.directed:
        return {"degree": joined.sum(axis=1).astype(float), "strength": weights.sum(axis=1)}
    found = {
        "degree in": joined.sum(axis=0).astype(float),
        "degree out": joined.sum(axis=1).astype(float),
        "strength in": weights.sum(axis=0),
        "strength out": weights.sum(axis=1),
    }
    found["degree"] = found["degree in"] + found["degree out"]
    found["strength"] = found["strength in"] + found["strength out"]
    return found


def clustering(wiring: Wiring) -> Array:
    """Return the clustering of each node: Onnela's for weights, Fagiolo's for directions; 0 without pairs.

    Weights are divided by the largest.
    """
    from scipy.sparse import csr_array

    joined = csr_array((wiring.weights > 0).astype(float))
    cubes = csr_array(np.cbrt(wiring.weights / wiring.weights.max()))
    if wiring.directed:
        cubes, both = cubes + cubes.T, joined.multiply(joined.T).sum(axis=1)
        total = joined.sum(axis=0) + joined.sum(axis=1)
        pairs = 2 * (total * (total - 1) - 2 * both)
    else:
        total = joined.sum(axis=1)
        pairs = total * (total - 1)
    triangles = np.asarray((cubes @ cubes).multiply(cubes.T).sum(axis=1), float).ravel()
    pairs = np.asarray(pairs, float).ravel()
    found = np.divide(triangles, pairs, out=np.zeros_like(triangles), where=pairs > 0)
    return np.asarray(found, np.float64)


def distances(wiring: Wiring, *, weighted: bool) -> Array:
    """Return the lengths of shortest paths (n_nodes, n_nodes), a step 1 / weight long; inf for none."""
    if not weighted:
        from .kernels import walk

        source, target = np.nonzero(wiring.weights)
        starts = np.searchsorted(source, np.arange(wiring.n_nodes + 1))
        return np.asarray(walk(starts.astype(np.int64), target.astype(np.int64)), float)
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import shortest_path

    lengths = csr_array(wiring.weights)
    lengths.data = 1.0 / lengths.data
    return np.asarray(shortest_path(lengths, method="D", directed=True), float)


def path_length(lengths: Array) -> float:
    """Return the mean length of paths between different nodes that can reach each other."""
    held = lengths[~np.eye(len(lengths), dtype=bool)]
    held = held[np.isfinite(held)]
    return float(held.mean()) if held.size else float("nan")


def efficiency(lengths: Array) -> float:
    """Return the mean of 1 / length over pairs of different nodes, 0 where there is no path."""
    off = ~np.eye(len(lengths), dtype=bool)
    return float(np.mean(1.0 / lengths[off])) if off.any() else float("nan")


def closeness(lengths: Array) -> Array:
    """Return how near each node is to those it can reach, after Wasserman and Faust; 0 where none."""
    finite = np.where(np.isfinite(lengths), lengths, 0.0)
    reached = np.isfinite(lengths).sum(axis=1) - 1
    total = finite.sum(axis=1)
    share = reached / max(len(lengths) - 1, 1)
    found = np.divide(reached * share, total, out=np.zeros(len(total)), where=total > 0)
    return np.asarray(found, np.float64)


def betweenness(wiring: Wiring, *, weighted: bool) -> Array:
    """Return the share of shortest paths between others that lead through each node."""
    try:
        import igraph
    except ImportError:
        return _betweenness_of_networkx(wiring, weighted=weighted)
    source, target, weights = edges_of(wiring)
    graph = igraph.Graph(
        n=wiring.n_nodes, edges=np.c_[source, target].tolist(), directed=wiring.directed
    )
    lengths = (1.0 / weights).tolist() if weighted else None
    found = np.asarray(graph.betweenness(directed=wiring.directed, weights=lengths), float)
    n = wiring.n_nodes
    pairs = (n - 1) * (n - 2) / (1 if wiring.directed else 2)
    return found / pairs if pairs else found


def _betweenness_of_networkx(wiring: Wiring, *, weighted: bool) -> Array:
    import networkx

    kind = networkx.DiGraph if wiring.directed else networkx.Graph
    graph = kind()
    graph.add_nodes_from(range(wiring.n_nodes))
    source, target, weights = edges_of(wiring)
    graph.add_weighted_edges_from(zip(source, target, 1.0 / weights, strict=True))
    found = networkx.betweenness_centrality(graph, weight="weight" if weighted else None)
    return np.array([found[k] for k in range(wiring.n_nodes)])


def edges_of(wiring: Wiring) -> tuple[Whole, Whole, Array]:
    """Return source, target and weight of each connection; those of an undirected graph once."""
    held = wiring.weights if wiring.directed else np.triu(wiring.weights)
    source, target = np.nonzero(held)
    return source, target, held[source, target]


def participation(wiring: Wiring, groups: Whole) -> Array:
    """Return how evenly the connections of each node go to all groups (Guimerà & Amaral 2005)."""
    both = wiring.weights + wiring.weights.T if wiring.directed else wiring.weights
    member = np.eye(groups.max() + 1)[groups]
    parts = both @ member
    total = parts.sum(axis=1, keepdims=True)
    shares = np.divide(parts, total, out=np.zeros_like(parts), where=total > 0)
    return np.where(total[:, 0] > 0, 1.0 - (shares**2).sum(axis=1), 0.0)


def modularity(wiring: Wiring, groups: Whole, resolution: float = 1.0) -> float:
    """Return Newman's modularity of a partition, Leicht and Newman's for directed graphs."""
    weights = wiring.weights
    total = weights.sum()
    member = np.eye(groups.max() + 1)[groups]
    inside = float(np.einsum("ic,ij,jc->", member, weights, member, optimize=True))
    out, into = weights.sum(axis=1) @ member, weights.sum(axis=0) @ member
    return float(inside / total - resolution * (out @ into) / total**2)


def assortativity(wiring: Wiring) -> float:
    """Return the correlation of degrees at the ends of connections: out of the source, into the target."""
    joined = wiring.weights > 0
    source, target = np.nonzero(joined)
    out, into = joined.sum(axis=1)[source], joined.sum(axis=0)[target]
    if not np.ptp(out) or not np.ptp(into):
        return float("nan")
    return float(np.corrcoef(out, into)[0, 1])


def reciprocity(wiring: Wiring) -> float:
    """Return the share of connections that are returned."""
    joined = wiring.weights > 0
    return float((joined & joined.T).sum() / joined.sum())


def whole(wiring: Wiring, *, weighted: bool) -> dict[str, float]:
    """Return the measures of the whole graph but those that need a partition."""
    n = wiring.n_nodes
    lengths = distances(wiring, weighted=weighted)
    core = largest(wiring)
    inner = lengths if core.n_nodes == n else distances(core, weighted=weighted)
    found = {
        "density": float((wiring.weights > 0).sum() / max(n * (n - 1), 1)),
        "path length": path_length(inner),
        "efficiency": efficiency(lengths),
        "clustering": float(clustering(wiring).mean()),
        "assortativity": assortativity(wiring),
    }
    if wiring.directed:
        found["reciprocity"] = reciprocity(wiring)
    return found


def quantiles(values: Mapping[str, list[float]]) -> dict[str, tuple[float, float, float]]:
    """Return mean, 2.5 % and 97.5 % of each measure over graphs."""
    found = {}
    for name, each in values.items():
        held = np.array(each)[np.isfinite(each)]
        if held.size:
            low, high = np.percentile(held, [2.5, 97.5])
            found[name] = (float(held.mean()), float(low), float(high))
    return found
