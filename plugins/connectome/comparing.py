"""Two connectomes beside each other, matched by the names of their nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    BadInput,
    Connectome,
    Context,
    Heatmap,
    Number,
    Params,
    Result,
    Scatter,
    Sheet,
    View,
    method,
    param,
)

from .graphs import WARNINGS, check_nodes, listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from .graphs import Array, Whole

DRAWN = 5000  # connections in the picture
LEAST = 4


class CompareParams(Params):
    """Parameters of :func:`compare_connectomes`."""

    ranks: bool = param(False, "Correlate ranks (Spearman) in place of weights (Pearson)")
    permutations: int = param(999, "Shuffles of the names of the nodes", ge=99, le=100_000)


@method(
    group="Compare",
    title="Compare connectomes",
    example="two",
    warnings={
        "loops": WARNINGS["loops"],
        "missing": "Connections without a number in either connectome were left out.",
        "times": WARNINGS["times"],
        "names": "Some nodes are in one of the connectomes only; they were left out and are listed.",
        "units": "The two connectomes have different units; their difference has no meaning.",
    },
)
def compare_connectomes(
    context: Context, params: CompareParams, first: Connectome, second: Connectome
) -> Result:
    """Correlate the connections of two connectomes, node by node of the same name.

    Connections share nodes and are not independent; p comes from shuffling the names of the nodes
    (quadratic assignment procedure: Krackhardt, Social Networks 1988).
    """
    names, alone = _shared(first, second)
    one, other = _weights(first, names), _weights(second, names)
    codes = ["names"] if any(alone.values()) else []
    codes += ["times"] if any("time" in each.matrix.dims for each in (first, second)) else []
    codes += (
        ["loops"]
        if np.nan_to_num(np.diag(one)).any() or np.nan_to_num(np.diag(other)).any()
        else []
    )
    off = ~np.eye(len(names), dtype=bool)
    held = off & np.isfinite(one) & np.isfinite(other)
    codes += ["missing"] if held.sum() < off.sum() else []
    units = [str(each.matrix.attrs.get("unit", "1")) for each in (first, second)]
    codes += ["units"] if units[0] != units[1] else []
    if held.sum() < LEAST or not np.ptp(one[held]) or not np.ptp(other[held]):
        raise BadInput(
            "All connections of the shared nodes are equal; there is nothing to correlate."
        )
    correlate = _ranked if params.ranks else _plain
    value = correlate(one[held], other[held])
    nulls = _shuffled(context, one, other, params.permutations, correlate)
    low, high = _interval(context, one, other, correlate)
    p = (1 + int((np.abs(nulls) >= abs(value)).sum())) / (1 + len(nulls))
    both = (one[held] != 0) & (other[held] != 0)
    either = (one[held] != 0) | (other[held] != 0)
    difference = np.where(held, other - one, np.nan)
    return Result(
        data={"difference": _labelled(first, names, difference, units[0])},
        views=_views(names, alone, one, other, held, context, units),
        numbers={
            "shared nodes": Number(len(names)),
            "nodes of the first only": Number(len(alone["first"]), note=listed(alone["first"])),
            "nodes of the second only": Number(len(alone["second"]), note=listed(alone["second"])),
            "correlation": Number(
                value,
                "1",
                low,
                high,
                float(nulls.mean()),
                note="of all connections; interval: leaving out each node; chance: names shuffled",
            ),
            "p": Number(p, "1", chance=0.5, note=f"two-sided, {len(nulls)} shuffles of the names"),
            "connections in both": Number(
                float(both.sum() / max(either.sum(), 1)),
                "1",
                chance=_overlap_by_chance(one[held] != 0, other[held] != 0),
                note="share of the connections of either (Jaccard); chance: as many, independently",
            ),
        },
        warnings=tuple(codes),
    )


def _shared(first: Connectome, second: Connectome) -> tuple[list[str], dict[str, list[str]]]:
    for each in (first, second):
        check_nodes(each)
    one, other = first.names("nodes"), second.names("nodes")
    shared = [name for name in one if name in set(other)]
    alone = {
        "first": [name for name in one if name not in set(other)],
        "second": [name for name in other if name not in set(one)],
    }
    if len(shared) < LEAST:
        raise BadInput(
            f"The connectomes share {len(shared)} names of nodes; at least {LEAST} are needed. The first "
            f"has {listed(list(one))}, the second {listed(list(other))}. Rename the nodes alike."
        )
    return shared, alone


def _weights(connectome: Connectome, names: list[str]) -> Array:
    matrix = connectome.matrix
    matrix = matrix.mean("time") if "time" in matrix.dims else matrix
    where = {name: k for k, name in enumerate(connectome.names("nodes"))}
    order = [where[name] for name in names]
    values = np.asarray(matrix.transpose("source", "target").to_numpy(), float)
    return np.asarray(values[np.ix_(order, order)], np.float64)


def _plain(one: Array, other: Array) -> float:
    return float(np.corrcoef(one, other)[0, 1])


def _ranked(one: Array, other: Array) -> float:
    from scipy.stats import rankdata

    return _plain(rankdata(one), rankdata(other))


def _held(one: Array, other: Array) -> Any:
    return ~np.eye(len(one), dtype=bool) & np.isfinite(one) & np.isfinite(other)


def _shuffled(
    context: Context,
    one: Array,
    other: Array,
    count: int,
    correlate: Callable[[Array, Array], float],
) -> Array:
    random = np.random.default_rng(context.seed)
    found = np.empty(count)
    for number in context.track(range(count), "Shuffling names"):
        order = random.permutation(len(one))
        mixed = other[np.ix_(order, order)]
        held = _held(one, mixed)
        found[number] = correlate(one[held], mixed[held])
    return np.nan_to_num(found)


def _interval(
    context: Context, one: Array, other: Array, correlate: Callable[[Array, Array], float]
) -> tuple[float, float]:
    """Return the 95 % interval by the jackknife over nodes, in Fisher's z."""
    n = len(one)
    found = []
    for node in context.track(range(n), "Leaving out nodes"):
        rest: Whole = np.delete(np.arange(n), node)
        a, b = one[np.ix_(rest, rest)], other[np.ix_(rest, rest)]
        held = _held(a, b)
        found.append(np.arctanh(np.clip(correlate(a[held], b[held]), -1 + 1e-12, 1 - 1e-12)))
    held = _held(one, other)
    centre = np.arctanh(np.clip(correlate(one[held], other[held]), -1 + 1e-12, 1 - 1e-12))
    error = np.sqrt((n - 1) / n * np.nansum((np.array(found) - np.nanmean(found)) ** 2))
    low, high = np.tanh([centre - 1.96 * error, centre + 1.96 * error])
    return float(low), float(high)


def _overlap_by_chance(one: Any, other: Any) -> float:
    a, b = float(one.mean()), float(other.mean())
    either = a + b - a * b
    return a * b / either if either else float("nan")


def _labelled(first: Connectome, names: list[str], values: Array, unit: str) -> Connectome:
    where = {name: k for k, name in enumerate(first.names("nodes"))}
    order = [where[name] for name in names]
    matrix = first.matrix.mean("time") if "time" in first.matrix.dims else first.matrix
    held = matrix.isel(source=order, target=order).copy(data=values)
    held.attrs |= {key: first.matrix.attrs[key] for key in ("space",) if key in first.matrix.attrs}
    held.attrs["unit"] = unit
    return Connectome(held)


def _views(
    names: list[str],
    alone: dict[str, list[str]],
    one: Array,
    other: Array,
    held: Any,
    context: Context,
    units: list[str],
) -> tuple[View, ...]:
    rows, columns = np.nonzero(held & ((one != 0) | (other != 0)))
    note = ""
    if len(rows) > DRAWN:
        note = f" {DRAWN:,} of {len(rows):,} connections are drawn, chosen at random."
        chosen = np.sort(
            np.random.default_rng(context.seed).choice(len(rows), DRAWN, replace=False)
        )
        rows, columns = rows[chosen], columns[chosen]
    difference = np.where(held, other - one, np.nan)
    views: list[View] = [
        Scatter(
            x=one[rows, columns],
            y=other[rows, columns],
            names=tuple(f"{names[a]} → {names[b]}" for a, b in zip(rows, columns, strict=True)),
            x_label="weight in the first",
            x_unit=units[0],
            y_label="weight in the second",
            y_unit=units[1],
            title="Connection by connection",
            caption=f"Pairs that neither connects are not drawn; the correlation counts them.{note}",
        ),
        Heatmap(
            values=difference,
            x_names=tuple(names),
            y_names=tuple(names),
            x_label="target",
            y_label="source",
            value_label="second - first",
            value_unit=units[0],
            diverging=True,
            title="Difference",
        ),
    ]
    if any(alone.values()):
        sides = [(name, side) for side, some in alone.items() for name in some]
        columns_ = {"node": [name for name, _ in sides], "only in": [side for _, side in sides]}
        views.append(Sheet(columns_, title="Nodes that are in one only"))
    return tuple(views)
