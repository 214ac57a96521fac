"""Fewer connections: the strongest, those beyond a value, or what holds the graph together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import BadInput, Connectome, Context, Number, Params, Result, method, param

from .graphs import WARNINGS, check_nodes, components

if TYPE_CHECKING:
    from .graphs import Array

How = Literal["density", "value", "backbone"]


class ThresholdParams(Params):
    """Parameters of :func:`threshold_connectome`."""

    how: How = param(
        "density",
        "density: keep the strongest; value: keep what is at least as strong; backbone: the tree that holds "
        "all together with the strongest connections, and the strongest up to the density",
    )
    keep: float = param(
        10.0, "Share of all pairs that stays connected (density, backbone)", unit="%", gt=0, le=100
    )
    value: float = param(0.0, "Least strength, whatever the sign (value)", unit="1", ge=0)
    symmetrise: Literal["no", "mean", "stronger", "weaker"] = param(
        "no", "Make both directions alike before anything else"
    )
    loops: bool = param(False, "Keep connections of nodes with themselves", advanced=True)
    largest: bool = param(False, "Keep the nodes of the largest connected part only")


@method(
    group="Preprocess",
    title="Threshold connectome",
    example="thin",
    warnings={
        "missing": WARNINGS["missing"],
        "loops": WARNINGS["loops"],
        "times": WARNINGS["times"],
        "fewer": "There are fewer connections than the density asks for; all were kept.",
        "fell": "The graph falls apart at this threshold.",
    },
)
def threshold_connectome(
    context: Context, params: ThresholdParams, connectome: Connectome
) -> Result:
    """Keep some of the connections of a connectome, with their weights and signs."""
    del context
    check_nodes(connectome)
    matrix = (
        connectome.matrix.mean("time") if "time" in connectome.matrix.dims else connectome.matrix
    )
    codes = ["times"] if "time" in connectome.matrix.dims else []
    weights = np.array(matrix.transpose("source", "target").to_numpy(), float)
    codes += ["missing"] if np.isnan(weights).any() else []
    weights = _symmetric(np.nan_to_num(weights), params.symmetrise)
    loops = np.diag(weights).copy()
    np.fill_diagonal(weights, 0.0)
    if not weights.any():
        raise BadInput("Nothing is connected: all weights are 0 or missing.")
    codes += ["loops"] if loops.any() and not params.loops else []
    before = _density(weights)
    parts = int(components(weights).max()) + 1
    kept, few = _kept(weights, params)
    codes += ["fewer"] if few else []
    if not kept.any():
        raise BadInput(
            f"No connection is as strong as {params.value:g}; the strongest is {np.abs(weights).max():.4g}."
        )
    weights = np.where(kept, weights, 0.0)
    least = float(np.abs(weights[kept]).min())
    labels = components(weights)
    codes += ["fell"] if labels.max() + 1 > parts else []
    if params.loops:
        np.fill_diagonal(weights, loops)
    made = matrix.transpose("source", "target").copy(data=weights)
    made.attrs |= connectome.matrix.attrs
    if params.largest:
        nodes = np.flatnonzero(labels == 0)
        made = made.isel(source=nodes, target=nodes)
    after = np.array(made.to_numpy())
    np.fill_diagonal(after, 0.0)
    unit = str(connectome.matrix.attrs.get("unit", "1"))
    return Result(
        data={"thresholded": Connectome(made)},
        numbers={
            "density": Number(_density(after), "1", baseline=before, note="baseline: before"),
            "connections": Number(int(np.count_nonzero(after)), note="each direction counts"),
            "nodes": Number(len(after), note=f"of {len(weights)}"),
            "weakest kept": Number(least, unit),
            "parts": Number(int(labels.max()) + 1, baseline=parts, note="baseline: before"),
        },
        warnings=tuple(codes),
    )


def _density(weights: Array) -> float:
    n = len(weights)
    return float(np.count_nonzero(weights) / max(n * (n - 1), 1))


def _symmetric(weights: Array, how: str) -> Array:
    if how == "mean":
        return (weights + weights.T) / 2
    if how == "no":
        return weights
    one, other = weights, weights.T
    ahead = (np.abs(one) > np.abs(other)) | ((np.abs(one) == np.abs(other)) & (one >= other))
    chosen = ahead if how == "stronger" else ~ahead
    return np.where(chosen, one, other)


def _kept(weights: Array, params: ThresholdParams) -> tuple[Any, bool]:
    """Return which connections stay, and whether there were fewer than asked for."""
    if params.how == "value":
        return (weights != 0) & (np.abs(weights) >= params.value), False
    n = len(weights)
    wanted = max(1, round(params.keep / 100 * n * (n - 1)))
    symmetric = np.array_equal(weights, weights.T)
    size = np.triu(np.abs(weights)) if symmetric else np.abs(weights)
    wanted = max(1, wanted // 2) if symmetric else wanted
    kept = np.zeros(weights.shape, bool)
    if params.how == "backbone":
        kept |= _tree(weights)
        kept = np.triu(kept | kept.T) if symmetric else kept
        kept &= size > 0
    order = np.argsort(-size, axis=None, kind="stable")
    room = wanted - int(kept.sum())
    free = order[~kept.ravel()[order]][: max(0, room)]
    free = free[size.ravel()[free] > 0]
    kept.ravel()[free] = True
    return (kept | kept.T if symmetric else kept), int(kept.sum()) < wanted


def _tree(weights: Array) -> Any:
    """Return the maximum spanning tree (a forest of one a part), in the stronger direction."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import minimum_spanning_tree

    size = np.maximum(np.abs(weights), np.abs(weights.T))
    lengths = csr_array(size)
    lengths.data = size.max() + 1.0 - lengths.data
    source, target = minimum_spanning_tree(lengths).nonzero()
    turned = np.abs(weights[target, source]) > np.abs(weights[source, target])
    kept = np.zeros(weights.shape, bool)
    kept[np.where(turned, target, source), np.where(turned, source, target)] = True
    return kept
