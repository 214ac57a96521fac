"""Whether a graph is a small world: clustered like a lattice, short like a random graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from neurostudio.api import (
    BadInput,
    Connectome,
    Context,
    Number,
    Params,
    Result,
    Scatter,
    method,
    param,
)

from .graphs import WARNINGS, Negative, largest, memory_of, wiring_of
from .measures import clustering, distances, path_length
from .nulls import SWAPS, lattice_tries, latticed, rewired

if TYPE_CHECKING:
    from .graphs import Array, Wiring


class SmallWorldParams(Params):
    """Parameters of :func:`small_world`."""

    negative: Negative = param(
        "absolute", "Negative weights: use their size, or leave them out (positive)", advanced=True
    )
    nulls: int = param(50, "Rewired copies, and lattices, for the comparison", ge=20, le=1000)


@dataclass(frozen=True, slots=True)
class Shape:
    """Clustering and path length of the graph, of rewired copies and of lattices."""

    clustering: float
    length: float
    random: Array
    lattice: Array
    swaps: tuple[int, int]


@method(
    group="Analyse",
    title="Small world",
    example="small",
    memory=memory_of,
    warnings=WARNINGS
    | {
        "full": "More than a third of all pairs are connected; clustering and paths then say little. "
        "Threshold the connectome first."
    },
)
def small_world(context: Context, params: SmallWorldParams, connectome: Connectome) -> Result:
    """Compare clustering and path length with rewired graphs (sigma) and with lattices (omega).

    Directions and weights are not used, and the largest part of the graph is taken. Watts & Strogatz, Nature
    1998; Humphries & Gurney, PLoS ONE 2008; Telesford et al., Brain Connectivity 2011.
    """
    wiring = wiring_of(connectome, directed="undirected", negative=params.negative).binary()
    core = largest(wiring)
    if core.n_nodes < 5:
        raise BadInput(
            f"The largest part of the graph has {core.n_nodes} nodes; at least 5 are needed."
        )
    shape = _shape(context, core, params.nulls)
    codes = list(wiring.codes) + (["apart"] if core.n_nodes < wiring.n_nodes else [])
    codes += ["full"] if 2 * core.n_edges > core.n_nodes * (core.n_nodes - 1) / 3 else []
    return Result(
        views=(_picture(shape),), numbers=_numbers(core, wiring, shape), warnings=tuple(codes)
    )


def _shape(context: Context, core: Wiring, count: int) -> Shape:
    held: dict[str, list[tuple[float, float]]] = {"random": [], "lattice": []}
    swaps: dict[str, list[int]] = {"random": [], "lattice": []}
    for number in context.track(range(count), "Rewiring"):
        for name, make in (("random", rewired), ("lattice", latticed)):
            null, made = make(core, context.seed + number)
            held[name].append(_measured(null))
            swaps[name].append(made)
    own = _measured(core)
    return Shape(
        *own,
        np.array(held["random"]),
        np.array(held["lattice"]),
        (int(np.median(swaps["random"])), int(np.median(swaps["lattice"]))),
    )


def _measured(wiring: Wiring) -> tuple[float, float]:
    lengths = distances(largest(wiring), weighted=False)
    return float(clustering(wiring).mean()), path_length(lengths)


def _numbers(core: Wiring, wiring: Wiring, shape: Shape) -> dict[str, Number]:
    c_random, l_random = shape.random.T
    c_lattice = shape.lattice[:, 0]
    sigma = _ratio(shape.clustering, c_random) / (shape.length / l_random)
    omega = l_random / shape.length - _ratio(shape.clustering, c_lattice)
    z_c = (shape.clustering - c_random.mean()) / max(c_random.std(), 1e-12)
    z_l = (shape.length - l_random.mean()) / max(l_random.std(), 1e-12)
    tries, ordered = SWAPS * core.n_edges, lattice_tries(core.n_edges)
    return {
        "nodes": Number(core.n_nodes, note=f"of {wiring.n_nodes}: the largest part"),
        "connections": Number(core.n_edges, note="undirected"),
        "clustering": Number(
            shape.clustering,
            "1",
            chance=float(c_random.mean()),
            baseline=float(c_lattice.mean()),
            note=f"chance: rewired graphs, z = {z_c:.1f}; baseline: lattices",
        ),
        "path length": Number(
            shape.length,
            "steps",
            chance=float(l_random.mean()),
            baseline=float(shape.lattice[:, 1].mean()),
            note=f"chance: rewired graphs, z = {z_l:.1f}; baseline: lattices",
        ),
        "sigma": _number(
            sigma, 1.0, "(C / C of rewired) / (L / L of rewired); 1 for a rewired graph"
        ),
        "omega": _number(
            omega, None, "L of rewired / L - C / C of lattices; -1 lattice, 0 small, 1 random"
        ),
        "swaps": Number(
            shape.swaps[0],
            note=f"of {tries} tried in a rewired copy; {shape.swaps[1]} of {ordered} in a lattice",
        ),
    }


def _ratio(value: float, others: Array) -> Array:
    return np.asarray(value / np.maximum(others, 1e-12), float)


def _number(values: Array, chance: float | None, note: str) -> Number:
    low, high = np.percentile(values, [2.5, 97.5])
    return Number(
        float(np.median(values)),
        "1",
        float(low),
        float(high),
        chance,
        note=f"{note}; median and middle 95 % over {len(values)} copies",
    )


def _picture(shape: Shape) -> Scatter:
    groups = ("rewired",) * len(shape.random) + ("lattice",) * len(shape.lattice) + ("this graph",)
    return Scatter(
        x=np.r_[shape.random[:, 1], shape.lattice[:, 1], shape.length],
        y=np.r_[shape.random[:, 0], shape.lattice[:, 0], shape.clustering],
        groups=groups,
        x_label="path length",
        x_unit="steps",
        y_label="clustering",
        y_unit="1",
        title="Between order and chance",
        caption="A small world lies to the left with the rewired graphs, and high with the lattices.",
    )
