"""What every method here asks of a connectome: a square matrix of weights, and what was done to it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import BadInput, Connectome, Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neurostudio.api import Items, Params
    from neurostudio.views import Graph

Array = np.ndarray[Any, np.dtype[np.float64]]
Whole = np.ndarray[Any, np.dtype[np.int64]]
Directed = Literal["auto", "directed", "undirected"]
Negative = Literal["absolute", "positive"]

DRAWN_MOST = 20_000  # connections of a picture

WARNINGS = {
    "missing": "Connections without a number were taken as none.",
    "loops": "Connections of nodes with themselves were left out.",
    "negative": "There are negative weights: their size was used, or they were left out, as the form says.",
    "times": "The connectome changes over time; its mean over time was used.",
    "apart": "The graph falls apart; lengths of paths are those of its largest part.",
    "louvain": (
        "leidenalg is not installed, so Louvain's method of networkx was used. For Leiden: "
        "pip install neurostudio[graphs]"
    ),
}


@dataclass(frozen=True, slots=True)
class Wiring:
    """Weights (n_nodes, n_nodes) ≥ 0 without self-loops, rows are sources; symmetric unless directed."""

    weights: Array
    names: tuple[str, ...]
    directed: bool
    unit: str = "1"
    codes: tuple[str, ...] = ()

    @property
    def n_nodes(self) -> int:
        """How many nodes."""
        return len(self.weights)

    @property
    def n_edges(self) -> int:
        """How many connections; those of an undirected graph count once."""
        count = int(np.count_nonzero(self.weights))
        return count if self.directed else count // 2

    def binary(self) -> Wiring:
        """Return the same graph with weights of 1."""
        return replace(self, weights=(self.weights > 0).astype(float), unit="1")

    def only(self, nodes: Whole) -> Wiring:
        """Return the graph of some nodes."""
        names = tuple(self.names[int(k)] for k in nodes)
        return replace(self, weights=self.weights[np.ix_(nodes, nodes)], names=names)


def wiring_of(
    connectome: Connectome,
    *,
    directed: Directed = "auto",
    negative: Negative = "absolute",
    least: int = 3,
) -> Wiring:
    """Return the graph of a connectome.

    Raises
    ------
    BadInput
        The matrix is not square, names belong to several nodes, or nothing is connected.
    """
    check_nodes(connectome)
    matrix = connectome.matrix
    codes = []
    if "time" in matrix.dims:
        matrix = matrix.mean("time")
        codes.append("times")
    weights = np.array(matrix.transpose("source", "target").to_numpy(), float)
    if np.isnan(weights).any():
        weights = np.nan_to_num(weights, nan=0.0)
        codes.append("missing")
    if np.isinf(weights).any():
        raise BadInput("Some weights are infinite. Mark them as missing (NaN) first.")
    if np.diag(weights).any():
        np.fill_diagonal(weights, 0.0)
        codes.append("loops")
    if (weights < 0).any():
        weights = np.abs(weights) if negative == "absolute" else np.maximum(weights, 0.0)
        codes.append("negative")
    symmetric = np.array_equal(weights, weights.T)
    if directed == "undirected" and not symmetric:
        weights = (weights + weights.T) / 2
    _check_some(weights, least)
    return Wiring(
        weights,
        connectome.names("nodes"),
        directed == "directed" or (directed == "auto" and not symmetric),
        str(matrix.attrs.get("unit", connectome.matrix.attrs.get("unit", "1"))),
        tuple(codes),
    )


def check_nodes(connectome: Connectome) -> None:
    """Raise :class:`BadInput` where rows and columns are not the same nodes, each with a name of its own."""
    matrix = connectome.matrix
    if not {"source", "target"} <= set(matrix.dims):
        raise BadInput("The connectome has no dimensions 'source' and 'target'.")
    n_sources, n_targets = matrix.sizes["source"], matrix.sizes["target"]
    if n_sources != n_targets:
        raise BadInput(
            f"The matrix has {n_sources} sources and {n_targets} targets; a graph needs the same nodes "
            "as both."
        )
    names = connectome.names("nodes")
    if "target" in matrix.coords and "source" in matrix.coords:
        targets = tuple(map(str, matrix["target"].to_numpy()))
        if targets != names:
            raise BadInput(
                "Sources and targets have different names, or another order. Sort them alike."
            )
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise BadInput(
            f"{len(twice)} names belong to more than one node: {listed(twice)}. Give each node its own."
        )


def _check_some(weights: Array, least: int) -> None:
    if len(weights) < least:
        raise BadInput(f"There are {len(weights)} nodes; at least {least} are needed.")
    if not weights.any():
        raise BadInput("Nothing is connected: all weights are 0 or missing.")


def memory_of(params: Params, items: Items) -> Estimate:
    """Return the memory that a method here takes: about ten matrices of all pairs."""
    del params
    given = items["connectome"]
    assert isinstance(given, Connectome)  # noqa: S101  the method's own check came first
    n_nodes = given.matrix.sizes["source"]
    return Estimate(
        80 * n_nodes**2 + 2**27, "Use fewer nodes: thousands are measured, not tens of thousands."
    )


def graph_view(wiring: Wiring, groups: Sequence[str], title: str, caption: str = "") -> Graph:
    """Return the strongest connections of a graph, to be drawn in the plane."""
    from neurostudio.views import Graph

    held = wiring.weights if wiring.directed else np.triu(wiring.weights)
    source, target = np.nonzero(held)
    weights = held[source, target]
    order = np.argsort(-weights, kind="stable")[:DRAWN_MOST]
    if len(order) < len(weights):
        caption += f" The strongest {len(order):,} of {len(weights):,} connections are drawn."
    return Graph(
        edges=np.column_stack([source[order], target[order]]),
        names=wiring.names,
        weights=weights[order],
        groups=tuple(groups),
        directed=wiring.directed,
        value_unit=wiring.unit,
        title=title,
        caption=caption.strip(),
    )


def listed(names: Sequence[str]) -> str:
    """Return the first three names in words."""
    return ", ".join(f"'{name}'" for name in names[:3]) + (", …" if len(names) > 3 else "")


def components(weights: Array, *, strong: bool = False) -> Whole:
    """Return the number of each node's part of the graph, 0 for the largest part."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    _, labels = connected_components(
        csr_array(weights), directed=True, connection="strong" if strong else "weak"
    )
    order = np.argsort(-np.bincount(labels), kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return np.asarray(rank[labels], np.int64)


def largest(wiring: Wiring) -> Wiring:
    """Return the largest part of a graph, strongly connected where it is directed."""
    labels = components(wiring.weights, strong=wiring.directed)
    return wiring.only(np.flatnonzero(labels == 0)) if labels.any() else wiring


def with_facts(connectome: Connectome, facts: dict[str, Any], matrix: Any = None) -> Connectome:
    """Return a connectome with facts of its nodes added, on another matrix of the same nodes where given."""
    held = connectome.matrix if matrix is None else matrix
    added = {name: ("source", np.asarray(values)) for name, values in facts.items()}
    return Connectome(held.assign_coords(added))
