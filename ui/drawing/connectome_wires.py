"""The connections of a connectome as one list, the strongest first: any threshold is a shorter list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from neurostudio.data import Connectome
    from neurostudio.views import Graph

_PLACE = ("x", "y", "z")


@dataclass(frozen=True, slots=True)
class Span:
    """The size of the weakest and the strongest weight of all times, and whether some are negative."""

    low: float
    high: float
    signed: bool


@dataclass(frozen=True, slots=True, eq=False)
class Wires:
    """Connections (n_edges,) by falling size, and facts of the nodes.

    ``source`` and ``target`` are numbers of nodes; an undirected connectome holds both directions.
    ``missing`` (n_missing, 2) are pairs without a number; ``span`` is that of all times, so that colours mean
    the same in each. ``places`` (n_nodes, 3) are mm, NaN where unknown.
    """

    names: tuple[str, ...]
    source: NDArray[np.int32]
    target: NDArray[np.int32]
    weights: NDArray[np.float32]
    directed: bool
    unit: str = ""
    missing: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 2), np.int32))
    facts: Mapping[str, list[Any]] = field(default_factory=dict)
    places: NDArray[np.float64] | None = None
    space: str = ""
    label: str = "weight"
    span: Span | None = None

    @property
    def n_nodes(self) -> int:
        """How many nodes."""
        return len(self.names)

    @property
    def n_edges(self) -> int:
        """How many entries of the matrix are not 0."""
        return len(self.weights)

    @property
    def signed(self) -> bool:
        """Whether there are negative weights."""
        if self.span is not None:
            return self.span.signed
        return bool(self.n_edges and self.weights.min() < 0)

    @property
    def top(self) -> float:
        """The size of the strongest connection."""
        return float(abs(self.weights[0])) if self.n_edges else 1.0

    def at_least(self, value: float) -> int:
        """Return how many connections are at least as strong as a value."""
        size = np.abs(self.weights)[::-1]
        return int(self.n_edges - np.searchsorted(size, value))

    def degrees(self, count: int) -> dict[str, list[Any]]:
        """Return degrees and strengths of the nodes over the ``count`` strongest entries, without loops."""
        source, target, weights = self.source[:count], self.target[:count], self.weights[:count]
        other = source != target
        ends = {"out": source[other], "in": target[other]}
        size = weights[other].astype(float)
        degree = {k: np.bincount(v, minlength=self.n_nodes) for k, v in ends.items()}
        strength = {k: np.bincount(v, size, minlength=self.n_nodes) for k, v in ends.items()}
        unit = f" ({self.unit})" if self.unit not in {"", "1"} else ""
        if not self.directed:
            return {
                "degree": degree["out"].tolist(),
                f"strength{unit}": strength["out"].tolist(),
            }
        found = {f"degree {k}": degree[k].tolist() for k in ("in", "out")}
        return found | {f"strength {k}{unit}": strength[k].tolist() for k in ("in", "out")}

    def sizes(self) -> NDArray[np.float64]:
        """Return the sum of the sizes of all connections of each node."""
        other = self.source != self.target
        size = np.abs(self.weights[other]).astype(float)
        found = np.bincount(self.source[other], size, minlength=self.n_nodes)
        if self.directed:
            found += np.bincount(self.target[other], size, minlength=self.n_nodes)
        return np.asarray(found, float)

    def drawn(self, count: int) -> NDArray[np.int64]:
        """Return which of the ``count`` strongest entries are lines of a graph: no loops, each pair once."""
        source, target = self.source[:count], self.target[:count]
        return np.flatnonzero(source != target if self.directed else source < target)

    def between(self, source: int, target: int) -> float | None:
        """Return the weight from one node to another, None where it is missing, 0 where there is none."""
        held = np.flatnonzero((self.source == source) & (self.target == target))
        if held.size:
            return float(self.weights[held[0]])
        if len(self.missing) and (self.missing == (source, target)).all(axis=1).any():
            return None
        return 0.0

    def groupings(self) -> list[str]:
        """Return the facts whose values put the nodes into groups: fewer than half as many as nodes."""
        most = max(2, min(40, self.n_nodes // 2))
        return [
            name
            for name, values in self.facts.items()
            if name not in _PLACE and 1 < len({str(each) for each in values}) <= most
        ]


def span_of(data: Connectome) -> Span | None:
    """Return the span of the weights of all times, None where there is one time only; reads all of them."""
    matrix = data.matrix
    if matrix.sizes.get("time", 1) < 2:
        return None
    low, high, least = np.inf, 0.0, 0.0
    for time in range(matrix.sizes["time"]):
        values = np.asarray(matrix.isel(time=time).to_numpy(), float)
        size = np.abs(values[np.isfinite(values) & (values != 0)])
        if size.size:
            low, high = min(low, float(size.min())), max(high, float(size.max()))
            least = min(least, float(np.nanmin(values)))
    return Span(low, high, least < 0) if high else None


def wires_of(data: Connectome, time: int = 0, span: Span | None = None) -> Wires:
    """Return the connections of a connectome at one of its times; reads the matrix."""
    matrix = data.matrix
    if "time" in matrix.dims:
        matrix = matrix.isel(time=time)
    values = np.asarray(matrix.transpose("source", "target").to_numpy())
    values = values if values.dtype.kind == "f" else values.astype(np.float32)
    facts = {
        name: matrix[name].to_numpy().tolist()
        for name in data.names("columns")
        if name not in {"source", "name"}
    }
    places = None
    if {"x", "y"} <= set(facts):
        columns = [np.asarray(facts.get(axis, np.zeros(len(values))), float) for axis in _PLACE]
        places = np.stack(columns, axis=1)
    attrs = data.matrix.attrs
    source, target, weights, missing = _sorted(values)
    return Wires(
        data.names("nodes"),
        source,
        target,
        weights,
        bool(attrs["directed"]) if "directed" in attrs else _directed(source, target, weights),
        str(attrs.get("unit", "")),
        missing,
        facts,
        places,
        str(attrs.get("space", "")),
        span=span,
    )


def wires_of_view(view: Graph) -> Wires:
    """Return the connections that a view describes."""
    edges = np.asarray(view.edges).reshape(-1, 2)
    weights = np.ones(len(edges)) if view.weights is None else np.asarray(view.weights, float)
    held = np.isfinite(weights) & (weights != 0)
    source, target, weights = edges[held, 0], edges[held, 1], weights[held]
    if not view.directed:
        source, target = np.r_[source, target], np.r_[target, source]
        weights = np.r_[weights, weights]
    order = np.argsort(-np.abs(weights), kind="stable")
    facts: dict[str, list[Any]] = {}
    if view.groups:
        facts["group"] = list(view.groups)
    if view.values is not None:
        facts[view.value_label or "value"] = np.asarray(view.values).tolist()
    return Wires(
        tuple(view.names),
        source[order].astype(np.int32),
        target[order].astype(np.int32),
        weights[order].astype(np.float32),
        view.directed,
        view.value_unit if view.values is None else "",
        facts=facts,
    )


def _sorted(values: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Return source, target, weight of all entries but 0, the strongest first; and what is missing."""
    gaps = np.isnan(values)
    missing = np.argwhere(gaps).astype(np.int32) if gaps.any() else np.zeros((0, 2), np.int32)
    source, target = np.nonzero(values)
    weights = values[source, target].astype(np.float32)
    if len(missing):
        held = np.isfinite(weights)
        source, target, weights = source[held], target[held], weights[held]
    order = np.argsort(-np.abs(weights), kind="stable")
    return source[order].astype(np.int32), target[order].astype(np.int32), weights[order], missing


def _directed(
    source: NDArray[np.int32], target: NDArray[np.int32], weights: NDArray[np.float32]
) -> bool:
    one, other = np.lexsort([target, source]), np.lexsort([source, target])
    same = np.array_equal(source[one], target[other]) and np.array_equal(target[one], source[other])
    return not (same and np.array_equal(weights[one], weights[other]))
