"""Orders of nodes: by name, strength, group, or how alike their connections are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .connectome_wires import Wires

AS_GIVEN, BY_NAME, BY_STRENGTH, BY_LIKENESS = "As given", "Name", "Strength", "Likeness"
ORDERS = (AS_GIVEN, BY_NAME, BY_STRENGTH, BY_LIKENESS)
CLUSTERED_MOST = 3000  # nodes that are still clustered by likeness
NO_GROUPS, COMPUTED = "None", "Communities"


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """The group of each node (n_nodes,), and the names of the groups."""

    of: NDArray[np.int64]
    names: tuple[str, ...]


def no_groups(wires: Wires) -> Groups:
    """Return one group for all nodes."""
    return Groups(np.zeros(wires.n_nodes, np.int64), ("",))


def groups_by(wires: Wires, fact: str) -> Groups:
    """Return the groups that a fact makes, in the order of their names."""
    words = np.array([str(each) for each in wires.facts[fact]])
    known = sorted(set(words.tolist()), key=natural)
    place = {name: k for k, name in enumerate(known)}
    return Groups(np.array([place[word] for word in words], np.int64), tuple(known))


def communities(wires: Wires) -> Groups:
    """Return communities by the size of weights, without directions, the largest first."""
    from .graph_communities import louvain

    lines = wires.drawn(wires.n_edges)
    source, target = wires.source[lines].astype(np.int64), wires.target[lines].astype(np.int64)
    weights = np.abs(wires.weights[lines]).astype(np.float64)
    labels = louvain(source, target, weights, wires.n_nodes)
    order = np.argsort(-np.bincount(labels), kind="stable")
    rank = np.argsort(order)
    return Groups(rank[labels].astype(np.int64), tuple(str(k + 1) for k in range(len(order))))


def order_of(wires: Wires, how: str, groups: Groups) -> NDArray[np.int64]:
    """Return the nodes in an order: group by group, within each as ``how`` says."""
    if how == BY_NAME:
        ranked = np.array(sorted(range(wires.n_nodes), key=lambda k: natural(wires.names[k])), int)
    elif how == BY_STRENGTH:
        ranked = np.argsort(-wires.sizes(), kind="stable")
    elif how == BY_LIKENESS:
        ranked = likeness(wires)
    else:
        ranked = np.arange(wires.n_nodes)
    return np.asarray(ranked[np.argsort(groups.of[ranked], kind="stable")], np.int64)


def likeness(wires: Wires) -> NDArray[np.int64]:
    """Return the leaves of a tree that joins nodes whose connections are alike (cosine, average linkage)."""
    if wires.n_nodes > CLUSTERED_MOST or wires.n_nodes < 3 or not wires.n_edges:
        return np.arange(wires.n_nodes)
    from scipy.cluster.hierarchy import leaves_list, linkage

    rows = np.zeros((wires.n_nodes, 2 * wires.n_nodes), np.float32)
    rows[wires.source, wires.target] = wires.weights
    rows[wires.target, wires.n_nodes + wires.source] = wires.weights
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.where(length > 0, length, 1.0)
    apart = np.clip(1.0 - rows @ rows.T, 0.0, 2.0)
    upper = apart[np.triu_indices(wires.n_nodes, 1)]
    return np.asarray(leaves_list(linkage(upper, "average")), np.int64)


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return what sorts names as people do: VA2 before VA10."""
    return tuple(
        (0, int(part), "") if part.isdigit() else (1, 0, part.lower())
        for part in re.split(r"(\d+)", name)
        if part
    )
