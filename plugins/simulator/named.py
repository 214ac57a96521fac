"""The networks that have a name: published benchmarks, and one drawn from a connectome.

Definitions: Vogels and Abbott 2005 and Brette and others 2007 (COBA, CUBA, HH), Izhikevich 2003, and the
scripts of BrainPy (ICLR 2024) for weights, scaling and the multi-area network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, Connectome

from .describing import NetworkDescription, PopulationPart, ProjectionPart

if TYPE_CHECKING:
    from .declaring import NetworkParams

STRONGEST = 5  # inputs kept of each area: each is two projections, and every one costs time
_UNIT = 4000  # neurons at scale 1
_LEAKY = {"rest": -60.0, "reset": -60.0, "threshold": -50.0, "tau": 20.0, "refractory": 5.0}
_KINDS = ("E", "I")


def describe(params: NetworkParams, connectome: Connectome | None, seed: int) -> NetworkDescription:
    """Return the description of a named network.

    Raises
    ------
    BadInput
        The network needs a connectome and none is given.
    """
    if params.network in {"multi-area", "from connectome"} and connectome is None:
        raise BadInput(
            f"The {params.network} network needs a Connectome: open one and choose it as input."
        )
    makers: dict[str, Any] = {
        "COBA-LIF": _conductances,
        "CUBA-LIF": _currents,
        "COBA-HH": _hodgkin_huxley,
        "Izhikevich": lambda p: _izhikevich(p, seed),
        "multi-area": lambda p: _areas(p, connectome),
        "from connectome": lambda p: _nodes(p, connectome, seed),
    }
    made: NetworkDescription = makers[params.network](params)
    return made


def _sizes(params: NetworkParams) -> tuple[int, int]:
    excitatory = round(params.n_neurons * 0.8)
    return excitatory, params.n_neurons - excitatory


def _scale(params: NetworkParams) -> float:
    return params.n_neurons / _UNIT if params.scale_weights else 1.0


def _balanced(
    params: NetworkParams,
    title: str,
    law: str,
    part: dict[str, Any],
    weights: tuple[float, float],
    output: dict[str, dict[str, Any]],
) -> NetworkDescription:
    sizes = dict(zip(_KINDS, _sizes(params), strict=True))
    populations = [
        PopulationPart(name=kind, kind=kind, size=size, law=law, **part)
        for kind, size in sizes.items()
    ]
    projections = [
        ProjectionPart(
            source=a,
            target=b,
            share=params.connection_probability,
            synapse_parameters={"tau": 5.0 if a == "E" else 10.0},
            weight=weights[_KINDS.index(a)] / _scale(params),
            delay=params.delay * 1e3,
            **output[a],
        )
        for a in _KINDS
        for b in _KINDS
    ]
    return NetworkDescription(
        title=title, dt=params.dt * 1e3, populations=populations, projections=projections
    )


_REVERSALS: dict[str, dict[str, Any]] = {
    "E": {"output": "conductance", "reversal": 0.0},
    "I": {"output": "conductance", "reversal": -80.0},
}


def _conductances(params: NetworkParams) -> NetworkDescription:
    part = {
        "parameters": _LEAKY,
        "start": {"V": ("normal", -55.0, 2.0)},
        "drive": params.external_current * 1e3,
    }
    weights = (params.excitatory_weight, params.inhibitory_weight)
    return _balanced(params, "COBA-LIF", "lif", part, weights, _REVERSALS)


def _currents(params: NetworkParams) -> NetworkDescription:
    part = {
        "parameters": {**_LEAKY, "rest": -49.0},
        "start": {"V": ("normal", -55.0, 2.0)},
    }
    outputs: dict[str, dict[str, Any]] = {kind: {"output": "current"} for kind in _KINDS}
    return _balanced(params, "CUBA-LIF", "lif", part, (1.62, -9.0), outputs)


def _hodgkin_huxley(params: NetworkParams) -> NetworkDescription:
    part = {"start": {"V": ("normal", -65.0, 5.0)}}
    weights = (params.excitatory_weight, params.inhibitory_weight)
    return _balanced(params, "COBA-HH", "traub", part, weights, _REVERSALS)


def _izhikevich(params: NetworkParams, seed: int) -> NetworkDescription:
    random = np.random.default_rng(seed)
    n_e, n_i = _sizes(params)
    r = random.random(n_e)
    s = random.random(n_i)
    cells = {
        "E": (n_e, 5.0, {"a": 0.02, "b": 0.2, "c": list(-65 + 15 * r**2), "d": list(8 - 6 * r**2)}),
        "I": (
            n_i,
            2.0,
            {"a": list(0.02 + 0.08 * s), "b": list(0.25 - 0.05 * s), "c": -65.0, "d": 2.0},
        ),
    }
    populations = [
        PopulationPart(
            name=kind, kind=kind, size=size, law="izhikevich", parameters=parameters, noise=noise
        )
        for kind, (size, noise, parameters) in cells.items()
    ]
    scale = params.n_neurons / 1000 if params.scale_weights else 1.0
    ranges = {"E": ("uniform", 0.0, 0.5 / scale), "I": ("uniform", -1.0 / scale, 0.0)}
    projections = [
        ProjectionPart(
            source=a,
            target=b,
            connectivity="all to all",
            synapse_parameters={"tau": 1e-3},  # a current that lasts one step
            weight=ranges[a],
        )
        for a in _KINDS
        for b in _KINDS
    ]
    return NetworkDescription(
        title="Izhikevich", dt=params.dt * 1e3, populations=populations, projections=projections
    )


def _areas(params: NetworkParams, connectome: Connectome | None) -> NetworkDescription:
    strengths, names, lengths = matrix_of(connectome)
    n = len(names)
    each = max(10, params.n_neurons // n)
    sizes = {"E": round(0.8 * each), "I": each - round(0.8 * each)}
    hierarchy = np.linspace(0.0, 1.0, n)  # of the file where it says so; else the order of nodes
    strengths = strengths / max(strengths.max(), 1e-12)
    populations = [
        PopulationPart(
            name=f"{name} {kind}",
            kind=kind,
            size=sizes[kind],
            law="lif",
            parameters={
                "rest": -70.0,
                "reset": -60.0,
                "threshold": -50.0,
                "tau": 20.0 if kind == "E" else 10.0,
                "refractory": 2.0,
            },
            start={"V": ("uniform", -70.0, -50.0)},
            drive=15.4 if kind == "E" else 14.0,
            noise=3.0 * np.sqrt(20.0 if kind == "E" else 10.0),
        )
        for name in names
        for kind in _KINDS
    ]
    inside = {("E", "E"): 0.01, ("E", "I"): 0.0375, ("I", "E"): -0.075, ("I", "I"): -0.075}
    between = {"E": 0.0375, "I": 0.0475}
    unit = 2000 / each  # in-degree of the published areas, kept
    projections = []
    for k, name in enumerate(names):
        rise = 1 + 4 * hierarchy[k]
        for (a, b), weight in inside.items():
            projections.append(
                ProjectionPart(
                    source=f"{name} {a}",
                    target=f"{name} {b}",
                    share=0.1,
                    synapse="delta",
                    weight=weight * unit * (rise if a == "E" else 1.0),
                    delay=2.0,
                )
            )
    np.fill_diagonal(strengths, 0.0)
    strongest = [(k, int(j)) for k in range(n) for j in np.argsort(-strengths[:, k])[:STRONGEST]]
    for k, j in strongest:
        if strengths[j, k] == 0:
            continue
        for b, weight in between.items():
            strength = weight * unit * (1 + 4 * hierarchy[k]) * strengths[j, k]
            projections.append(
                ProjectionPart(
                    source=f"{names[j]} E",
                    target=f"{names[k]} {b}",
                    share=0.1,
                    synapse="delta",
                    weight=float(strength),
                    delay=float(max(2.0, lengths[j, k] / params.conduction_speed)),
                )
            )
    return NetworkDescription(
        title="multi-area", dt=params.dt * 1e3, populations=populations, projections=projections
    )


def _nodes(params: NetworkParams, connectome: Connectome | None, seed: int) -> NetworkDescription:
    strengths, names, lengths = matrix_of(connectome)
    n = len(names)
    random = np.random.default_rng(seed)
    share = {"all excitatory": 0.0, "a fifth inhibitory, drawn": 0.2, "all inhibitory": 1.0}
    inhibits = random.permutation(n) < round(share[params.signs] * n)
    strengths = strengths / max(strengths.max(), 1e-12) * params.connectome_weight * 1e3
    strengths = np.where(inhibits[:, None], -strengths, strengths)
    sources, targets = np.nonzero(strengths)
    delays = lengths[sources, targets] / params.conduction_speed
    population = PopulationPart(
        name="nodes",
        size=n,
        parameters=_LEAKY,
        start={"V": ("normal", -55.0, 2.0)},
        drive=params.external_current * 1e3,
        noise=params.noise * 1e3,
    )
    groups = np.unique(np.round(delays, 0))
    projections = [
        ProjectionPart(
            source="nodes",
            target="nodes",
            connectivity="given",
            pairs=[
                (int(sources[i]), int(targets[i]), float(strengths[sources[i], targets[i]]))
                for i in np.flatnonzero(np.round(delays, 0) == delay)
            ],
            synapse_parameters={"tau": 5.0},
            delay=float(delay),
        )
        for delay in groups
    ]
    return NetworkDescription(
        title="from connectome",
        dt=params.dt * 1e3,
        populations=[population],
        projections=projections,
    )


def matrix_of(connectome: Connectome | None) -> tuple[Any, list[str], Any]:
    """Return strengths (n, n), names, and lengths in mm (0 where the file has no places)."""
    if connectome is None:
        raise BadInput("A Connectome is needed.")
    matrix = connectome.matrix
    values = np.nan_to_num(np.asarray(matrix.to_numpy(), float))
    if values.ndim == 3:
        values = values.mean(axis=0)
    if values.shape[0] != values.shape[1]:
        raise BadInput(
            f"A connectome of {values.shape[0]} x {values.shape[1]} nodes: a square one is needed."
        )
    names = list(connectome.names("nodes"))
    lengths = np.zeros_like(values)
    if all(axis in matrix.coords for axis in "xyz"):
        places = np.stack([matrix[axis].to_numpy().astype(float) for axis in "xyz"], axis=1)
        lengths = np.nan_to_num(np.linalg.norm(places[:, None] - places[None], axis=2))
    return np.abs(values), names, lengths
