"""Measures of each node and of the whole graph, beside rewired copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Connectome,
    Context,
    Lines,
    Number,
    Params,
    Result,
    Scatter,
    Sheet,
    View,
    method,
    param,
)

from . import measures
from .graphs import (
    WARNINGS,
    Directed,
    Negative,
    Whole,
    components,
    memory_of,
    wiring_of,
    with_facts,
)
from .nulls import SWAPS, rewired
from .partitions import has_leiden, partition

if TYPE_CHECKING:
    from .graphs import Array, Wiring

BLOCKS = 10
LEFT_OUT = frozenset({"density", "assortativity"})  # of the picture of ratios
Weights = Literal["weighted", "binary"]


class MeasuresParams(Params):
    """Parameters of :func:`graph_measures`."""

    weights: Weights = param(
        "weighted",
        "weighted: strengths count, and lengths are 1 / weight; binary: all weights are 1",
    )
    directed: Directed = param(
        "auto",
        "auto: directed where the matrix is not symmetric; undirected: mean of both directions",
    )
    negative: Negative = param(
        "absolute", "Negative weights: use their size, or leave them out (positive)", advanced=True
    )
    groups: str = param(
        "",
        "Fact of the nodes whose groups participation is about; none for communities",
        suggest="columns",
    )
    nulls: int = param(20, "Rewired copies for the chance level", ge=10, le=1000, advanced=True)


@method(
    group="Analyse", title="Graph measures", example="example", warnings=WARNINGS, memory=memory_of
)
def graph_measures(context: Context, params: MeasuresParams, connectome: Connectome) -> Result:
    """Measure a connectome as a graph: each node, and the whole beside graphs of the same degrees.

    Weights are strengths, of which clustering uses the share of the largest; paths are sums of 1 / weight.
    """
    wiring = wiring_of(connectome, directed=params.directed, negative=params.negative)
    weighted = params.weights == "weighted"
    wiring = wiring if weighted else wiring.binary()
    groups = _groups(context, params, connectome, wiring)
    nodes = _nodes(wiring, groups, weighted=weighted)
    found = _whole(context.seed, wiring, weighted=weighted)
    chance, swaps = _chance(context, wiring, params.nulls, weighted=weighted)
    spread = _spread(context, wiring, weighted=weighted)
    codes = list(wiring.codes)
    codes += ["apart"] if components(wiring.weights, strong=wiring.directed).any() else []
    codes += [] if has_leiden() else ["louvain"]
    return Result(
        data={"measured": with_facts(connectome, nodes)},
        views=_views(wiring, nodes, found, chance),
        numbers=_numbers(wiring, found, chance, spread, swaps),
        warnings=tuple(codes),
    )


def _groups(
    context: Context, params: MeasuresParams, connectome: Connectome, wiring: Wiring
) -> Whole:
    if not params.groups:
        return partition(wiring, 1.0, context.seed)
    known = connectome.names("columns")
    if params.groups not in known:
        listed = ", ".join(known) or "none"
        raise BadInput(f"The nodes have no fact '{params.groups}'. There are: {listed}.")
    words = connectome.matrix[params.groups].to_numpy().astype(str)
    return np.asarray(np.unique(words, return_inverse=True)[1], np.int64)


def _nodes(wiring: Wiring, groups: Whole, *, weighted: bool) -> dict[str, Array]:
    lengths = measures.distances(wiring, weighted=weighted)
    return measures.degrees(wiring) | {
        "clustering": measures.clustering(wiring),
        "betweenness": measures.betweenness(wiring, weighted=weighted),
        "closeness": measures.closeness(lengths),
        "participation": measures.participation(wiring, groups),
    }


def _whole(seed: int, wiring: Wiring, *, weighted: bool) -> dict[str, float]:
    found = measures.whole(wiring, weighted=weighted)
    found["modularity"] = measures.modularity(wiring, partition(wiring, 1.0, seed))
    return found


def _chance(
    context: Context, wiring: Wiring, count: int, *, weighted: bool
) -> tuple[dict[str, tuple[float, float, float]], int]:
    values: dict[str, list[float]] = {}
    swaps = []
    for number in context.track(range(count), "Rewiring"):
        null, made = rewired(wiring, context.seed + number)
        swaps.append(made)
        for name, value in _whole(context.seed, null, weighted=weighted).items():
            values.setdefault(name, []).append(value)
    return measures.quantiles(values), int(np.median(swaps))


def _spread(context: Context, wiring: Wiring, *, weighted: bool) -> dict[str, float]:
    """Return the standard error of each measure by leaving out blocks of nodes."""
    order = np.random.default_rng(context.seed).permutation(wiring.n_nodes)
    blocks = np.array_split(order, min(BLOCKS, wiring.n_nodes))
    values: dict[str, list[float]] = {}
    for block in context.track(blocks, "Leaving out nodes"):
        rest = wiring.only(np.setdiff1d(np.arange(wiring.n_nodes), block))
        if rest.n_edges:
            for name, value in _whole(context.seed, rest, weighted=weighted).items():
                values.setdefault(name, []).append(value)
    n = len(blocks)
    return {
        name: float(np.sqrt((n - 1) / n * np.sum((np.array(each) - np.mean(each)) ** 2)))
        for name, each in values.items()
    }


def _numbers(
    wiring: Wiring,
    found: dict[str, float],
    chance: dict[str, tuple[float, float, float]],
    spread: dict[str, float],
    swaps: int,
) -> dict[str, Number]:
    kind = "directed" if wiring.directed else "undirected"
    numbers = {
        "nodes": Number(wiring.n_nodes),
        "connections": Number(wiring.n_edges, note=kind),
        "swaps": Number(
            swaps, note=f"made in each rewired copy, of {SWAPS * wiring.n_edges} tried"
        ),
    }
    for name, value in found.items():
        error = 1.96 * spread.get(name, float("nan"))
        mean, low, high = chance.get(name, (float("nan"),) * 3)
        numbers[name] = Number(
            value,
            _unit(name, wiring.unit),
            value - error,
            value + error,
            mean,
            note=(
                "interval: leaving out ten blocks of nodes; chance: the same degrees rewired, 95 % of which "
                f"lie in {low:.4g} to {high:.4g}"
            ),
        )
    return numbers


def _unit(name: str, unit: str) -> str:
    """Return the unit of a measure: paths are 1 / weight long, and efficiency is 1 / length."""
    if unit == "1":
        return "1"
    return {"path length": f"1/{unit}", "efficiency": unit}.get(name, "1")


def _views(
    wiring: Wiring,
    nodes: dict[str, Array],
    found: dict[str, float],
    chance: dict[str, tuple[float, float, float]],
) -> tuple[View, ...]:
    names = [name for name in found if name not in LEFT_OUT and chance.get(name, (0.0,))[0]]
    sizes: Any = np.array([found[name] / chance[name][0] for name in names])
    bands: Any = np.array([chance[name] for name in names])
    degree = np.sort(nodes["degree"])
    share = 1.0 - np.arange(len(degree)) / len(degree)
    return (
        Scatter(
            x=np.r_[np.arange(len(names)), np.arange(len(names))].astype(float),
            y=np.r_[sizes, np.ones(len(names))],
            groups=("this graph",) * len(names) + ("rewired (95 %)",) * len(names),
            low=np.r_[sizes, bands[:, 1] / bands[:, 0]],
            high=np.r_[sizes, bands[:, 2] / bands[:, 0]],
            x_names=tuple(names),
            y_label="measure / mean of rewired graphs",
            y_unit="1",
            levels={"as rewired": 1.0},
            title="The graph beside graphs of the same degrees",
            caption=(
                "Bars hold 95 % of the rewired graphs. Density is the same in all, and assortativity may be "
                "about 0; they stand among the numbers."
            ),
        ),
        Lines(
            x=degree,
            y=share[None],
            x_label="degree",
            y_label="share of nodes with at least this degree",
            y_unit="1",
            log_y=True,
            title="Degrees",
        ),
        Sheet(
            {"node": list(wiring.names)} | {k: v.tolist() for k, v in nodes.items()}, title="Nodes"
        ),
    )
