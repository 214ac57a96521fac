"""Communities of weighted graphs: who goes with whom in each component."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurostudio.api import (
    BadInput,
    Connectome,
    Context,
    Data,
    NullControl,
    Number,
    Result,
    Sheet,
    Table,
    View,
    method,
)

from .declaring import MOTIFS, WARNINGS, GroupParams
from .grouping import Grouping, group
from .pictures import SIMULATED, connectome_of, graph, sorted_matrix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Items, Params

    Array = NDArray[np.float64]

SLOW_MOST = 10  # shuffled graphs for a block model, which takes long
DRAWN = 6


def check_graphs(params: Params, items: Items) -> None:
    """Refuse matrices that are not square or have less than three nodes."""
    del params
    given = items["connectomes"]
    for each in given if isinstance(given, tuple) else (given,):
        assert isinstance(each, Connectome)  # noqa: S101
        sizes = each.matrix.sizes
        if sizes["source"] != sizes["target"] or sizes["source"] < 3:
            raise BadInput(
                f"A matrix has {sizes['source']} sources and {sizes['target']} targets; communities need the "
                "same nodes on both sides, three at least."
            )


@method(
    group="Analyse",
    title="Find communities of components",
    check=check_graphs,
    example="graph",
    warnings={
        "louvain": WARNINGS["louvain"],
        "no graph-tool": WARNINGS["no graph-tool"],
        "simulated": WARNINGS["simulated"],
        "chance": "Graphs with shuffled weights have communities as clear: these say nothing.",
        "made symmetric": "Directed or signed matrices were made symmetric and cut at 0.",
        "times": "The connectome changes over time; its mean over time was used.",
    },
)
def find_communities(
    context: Context, params: GroupParams, connectomes: tuple[Connectome, ...]
) -> Result:
    """Split weighted graphs into communities, beside graphs whose weights are shuffled among the pairs."""
    given = context.names.get("connectomes", ())
    names = given if len(given) == len(connectomes) else tuple(
        f"component {k + 1}" for k in range(len(connectomes))
    )  # fmt: skip
    codes: list[str] = []
    graphs, found, nulls = [], [], []
    for each, _ in zip(
        connectomes, context.track(range(len(connectomes)), "Components"), strict=True
    ):
        weights, own = symmetric(each)
        grouping, null = grouped(context, weights, params)
        codes += [*own, *grouping.codes]
        codes += ["simulated"] if each.matrix.attrs.get("simulated") else []
        graphs.append(weights)
        found.append(grouping)
        nulls.append(null)
    better = [float((np.r_[n, g.quality] * sign(g) >= g.quality * sign(g)).mean())
              for g, n in zip(found, nulls, strict=True)]  # fmt: skip
    codes += (
        ["chance"]
        if any(p > 0.05 and len(n) > 18 for p, n in zip(better, nulls, strict=True))
        else []
    )
    note = SIMULATED if "simulated" in codes else ""
    return Result(
        data=_data(connectomes, names, graphs, found),
        views=_views(connectomes, names, graphs, found, nulls, note),
        numbers=_numbers(names, found, nulls),
        warnings=tuple(dict.fromkeys(codes)),
    )


def sign(grouping: Grouping) -> int:
    """Return 1 where a higher quality is better, -1 for lengths."""
    return 1 if grouping.measure == "modularity" else -1


def symmetric(connectome: Connectome) -> tuple[Array, list[str]]:
    """Return weights (n, n), symmetric, not negative, without a diagonal, and codes of what was done."""
    matrix, codes = connectome.matrix, []
    if "time" in matrix.dims:
        matrix, codes = matrix.mean("time"), ["times"]
    values = np.nan_to_num(np.asarray(matrix.transpose("source", "target").to_numpy(), float))
    np.fill_diagonal(values, 0)
    weights = np.clip((values + values.T) / 2, 0, None)
    return weights, codes + ([] if np.allclose(weights, values) else ["made symmetric"])


def grouped(context: Context, weights: Array, params: GroupParams) -> tuple[Grouping, Array]:
    """Return communities, and the quality of those of graphs with shuffled weights (n_shuffles,)."""

    def pause() -> None:
        for _ in context.track(range(1), "Grouping"):
            pass

    how, resolution = params.communities, params.resolution
    found = group(weights, how, resolution, params.n_seeds, context.seed, pause)
    slow = found.measure != "modularity"
    n = min(params.n_shuffles, SLOW_MOST) if slow else params.n_shuffles
    random = np.random.default_rng(context.seed)
    upper = np.triu_indices(len(weights), 1)
    null = np.empty(n)
    for k in context.track(range(n), "Shuffling weights"):
        other = np.zeros_like(weights)
        other[upper] = random.permutation(weights[upper])
        null[k] = group(other + other.T, how, resolution, 1, context.seed + k, pause).quality
    return found, null


def _data(
    connectomes: Sequence[Connectome],
    names: Sequence[str],
    graphs: Sequence[Array],
    found: Sequence[Grouping],
) -> dict[str, Data]:
    import pandas as pd

    rows, data = [], {}
    for number, (each, name) in enumerate(zip(connectomes, names, strict=True)):
        labels, weights = found[number].labels, graphs[number]
        neurons = each.names("nodes")
        rows += [
            {"component": name, "neuron": neuron, "community": int(labels[k]) + 1,
             "strength": float(weights[k].sum())}
            for k, neuron in enumerate(neurons)
        ]  # fmt: skip
        data[f"block_means_{number + 1}"] = connectome_of(
            block_means(weights, labels),
            [f"community {g + 1}" for g in range(int(labels.max()) + 1)],
            {"neurons": np.bincount(labels)},
        )
        facts = {"community": [str(g + 1) for g in labels]}
        marked = each.matrix.assign_coords({k: ("source", v) for k, v in facts.items()})
        data[f"grouped_{number + 1}"] = Connectome(marked)
    return {"communities": Table(pd.DataFrame(rows)), **data}


def block_means(weights: Array, labels: NDArray[np.int64]) -> Array:
    """Return the mean weight of pairs inside and between communities."""
    one_hot = np.eye(int(labels.max()) + 1)[labels]
    sizes = one_hot.sum(axis=0)
    possible = np.outer(sizes, sizes) - np.diag(sizes)
    return np.asarray((one_hot.T @ weights @ one_hot) / np.maximum(possible, 1))


def _views(
    connectomes: Sequence[Connectome],
    names: Sequence[str],
    graphs: Sequence[Array],
    found: Sequence[Grouping],
    nulls: Sequence[Array],
    note: str,
) -> tuple[View, ...]:
    views: list[View] = []
    for k in range(min(len(graphs), DRAWN)):
        neurons = connectomes[k].names("nodes")
        views += [
            sorted_matrix(graphs[k], found[k].labels, neurons, f"Communities of {names[k]}", note),
            graph(graphs[k], found[k].labels, neurons, f"Graph of {names[k]}", note),
        ]
    if min(map(len, nulls)):
        views.append(
            NullControl(
                values=np.array([each.quality for each in found]), null=np.stack(nulls), names=tuple(names),
                null_name="weights shuffled among the pairs", y_label=found[0].measure,
                y_unit="nat" if sign(found[0]) < 0 else "1", title="Against shuffled weights",
                caption=f"Shuffling keeps the weights and loses who has them. {MOTIFS}{note}",
            )
        )  # fmt: skip
    views.append(
        Sheet(
            {
                "component": [
                    n for n, g in zip(names, found, strict=True) for _ in range(g.labels.max() + 1)
                ],
                "community": [c + 1 for g in found for c in range(g.labels.max() + 1)],
                "neurons, strongest first": [
                    members(graphs[k], found[k].labels, c, connectomes[k].names("nodes"))
                    for k in range(len(found)) for c in range(found[k].labels.max() + 1)
                ],
            },
            title="Members",
        )
    )  # fmt: skip
    return tuple(views)


def members(
    weights: Array, labels: NDArray[np.int64], community: int, neurons: Sequence[str]
) -> str:
    """Return the names of a community's neurons, the strongest first."""
    strength = weights.sum(axis=1)
    inside = np.flatnonzero(labels == community)
    return ", ".join(neurons[k] for k in inside[np.argsort(-strength[inside], kind="stable")])


def _numbers(
    names: Sequence[str], found: Sequence[Grouping], nulls: Sequence[Array]
) -> dict[str, Number]:
    numbers = {}
    for name, each, null in zip(names, found, nulls, strict=True):
        chance = float(null.mean()) if len(null) else None
        unit = "1" if sign(each) > 0 else "nat"
        numbers[f"communities, {name}"] = Number(int(each.labels.max()) + 1)
        numbers[f"{each.measure}, {name}"] = Number(
            each.quality,
            unit,
            chance=chance,
            note=f"chance: {len(null)} graphs with shuffled weights",
        )
        if np.isfinite(each.agreement):
            numbers[f"agreement of seeds, {name}"] = Number(
                each.agreement, "1", chance=0.0,
                note="adjusted mutual information of partitions; on noise it reaches 0 to 0.9 too",
            )  # fmt: skip
    return numbers
