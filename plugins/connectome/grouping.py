"""Communities by modularity, how stable they are, and how modular a rewired graph would be."""

from __future__ import annotations

from itertools import combinations, islice, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    Connectome,
    Context,
    Heatmap,
    Number,
    Params,
    Result,
    Sheet,
    View,
    method,
    param,
)

from .graphs import WARNINGS, Directed, Negative, graph_view, memory_of, wiring_of, with_facts
from .measures import modularity
from .nulls import rewired
from .partitions import has_leiden, partition

if TYPE_CHECKING:
    from .graphs import Whole, Wiring

PAIRS = 300


class CommunitiesParams(Params):
    """Parameters of :func:`communities`."""

    resolution: float = param(
        1.0, "Higher for more and smaller communities", unit="1", gt=0, le=100
    )
    repeats: int = param(30, "Partitions from different seeds; the best is kept", ge=2, le=1000)
    directed: Directed = param(
        "auto",
        "auto: directed where the matrix is not symmetric; undirected: mean of both directions",
    )
    negative: Negative = param(
        "absolute", "Negative weights: use their size, or leave them out (positive)", advanced=True
    )
    nulls: int = param(39, "Rewired copies for the chance level", ge=19, le=1000, advanced=True)


@method(
    group="Analyse",
    title="Communities",
    example="grouped",
    memory=memory_of,
    warnings=WARNINGS
    | {
        "chance": "Graphs of the same degrees at random are as modular: these communities say nothing."
    },
)
def communities(context: Context, params: CommunitiesParams, connectome: Connectome) -> Result:
    """Find groups of nodes that are connected among themselves more than their degrees would bring about."""
    wiring = wiring_of(connectome, directed=params.directed, negative=params.negative)
    found = [
        partition(wiring, params.resolution, context.seed + number)
        for number in context.track(range(params.repeats), "Partitioning")
    ]
    scores = [modularity(wiring, each, params.resolution) for each in found]
    best = found[int(np.argmax(scores))]
    stable = _agreement(context, found)
    nulls = np.array(
        [
            _null_score(wiring, params, context.seed + number)
            for number in context.track(range(params.nulls), "Rewiring")
        ]
    )
    share = (1 + int((nulls >= max(scores)).sum())) / (1 + len(nulls))
    codes = list(wiring.codes) + ([] if has_leiden() else ["louvain"])
    codes += ["chance"] if share > 0.05 else []
    words = [f"{number + 1}" for number in best]
    return Result(
        data={"grouped": with_facts(connectome, {"community": words})},
        views=_views(wiring, best),
        numbers={
            "communities": Number(int(best.max()) + 1, note=f"at resolution {params.resolution:g}"),
            "modularity": Number(
                max(scores),
                "1",
                min(scores),
                max(scores),
                float(nulls.mean()),
                note=f"range over {params.repeats} seeds; chance: the same degrees rewired",
            ),
            "p": Number(
                share, "1", chance=0.5, note=f"share of {len(nulls)} rewired graphs as modular"
            ),
            "stability": Number(
                float(stable.mean()),
                "1",
                float(np.percentile(stable, 2.5)),
                float(np.percentile(stable, 97.5)),
                0.0,
                note="adjusted mutual information of pairs of partitions: mean, middle 95 % of pairs",
            ),
        },
        warnings=tuple(codes),
    )


def _agreement(context: Context, found: list[Whole]) -> Any:
    from sklearn.metrics import adjusted_mutual_info_score

    pairs = list(islice(combinations(range(len(found)), 2), PAIRS))
    return np.array(
        [
            adjusted_mutual_info_score(found[one], found[other])
            for one, other in context.track(pairs, "Comparing partitions")
        ]
    )


def _null_score(wiring: Wiring, params: CommunitiesParams, seed: int) -> float:
    null, _ = rewired(wiring, seed)
    return modularity(null, partition(null, params.resolution, seed), params.resolution)


def _views(wiring: Wiring, groups: Whole) -> tuple[View, ...]:
    order = np.lexsort([-wiring.weights.sum(axis=1), groups])
    edges = np.r_[0, np.cumsum(np.bincount(groups))] - 0.5
    outlines = tuple(np.array([[a, a], [b, a], [b, b], [a, b], [a, a]]) for a, b in pairwise(edges))
    names = tuple(wiring.names[int(k)] for k in order)
    sizes = np.bincount(groups)
    members = [[wiring.names[k] for k in np.flatnonzero(groups == g)] for g in range(len(sizes))]
    return (
        Heatmap(
            values=wiring.weights[np.ix_(order, order)],
            x_names=names,
            y_names=names,
            x_label="target",
            y_label="source",
            value_label="weight",
            value_unit=wiring.unit,
            outlines=outlines,
            title="Connections, by community",
            caption="Within a community the strongest nodes come first.",
        ),
        graph_view(wiring, [str(number + 1) for number in groups], "Communities"),
        Sheet(
            {
                "community": [str(g + 1) for g in range(len(sizes))],
                "nodes": sizes.tolist(),
                "members": [", ".join(each) for each in members],
            },
            title="Communities",
        ),
    )
