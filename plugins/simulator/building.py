"""Makes a network of its description: draws connections, weights and starting values from a seed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput
from neurostudio.spiking import wiring
from neurostudio.spiking.conductance import Balanced
from neurostudio.spiking.connections import Connections, from_pairs
from neurostudio.spiking.networks import Network, Population, Projection, Source
from neurostudio.spiking.neurons import NEURONS
from neurostudio.spiking.plasticity import PairLearner, Pairs, TripletLearner, Triplets
from neurostudio.spiking.populations import POPULATIONS
from neurostudio.spiking.synapses import Output, ShortTerm, Synapse

if TYPE_CHECKING:
    from collections.abc import Callable

    from neurostudio.spiking.laws import Law
    from neurostudio.spiking.plasticity import Learner

    from .describing import NetworkDescription, PopulationPart, ProjectionPart

LAWS = {**NEURONS, **POPULATIONS}
MOST_DENSE = 30_000_000  # pairs of an all-to-all projection


def law_of(name: str) -> Law:
    """Return the law of this name.

    Raises
    ------
    BadInput
        There is none.
    """
    if name not in LAWS:
        raise BadInput(f"No law '{name}'; there are {', '.join(LAWS)}.")
    return LAWS[name]


def network(
    description: NetworkDescription,
    seed: int,
    more: tuple[Source, ...] = (),
    share: float = 0.1,
    weight: float = 1.0,
) -> Network:
    """Return the network; sources ``more`` reach a ``share`` of the first population with a ``weight``."""
    random = np.random.default_rng(seed)
    populations = tuple(_population(each, random) for each in description.populations)
    sources = tuple(Source(s.name, s.size, rate=s.rate) for s in description.sources)
    sizes = {each.name: each.size for each in populations}
    sizes |= {each.name: each.size for each in sources}
    projections = [_projection(each, sizes, random) for each in description.projections]
    first = populations[0]
    for source in more:
        wires = wiring.fixed_probability(source.size, first.size, share, random)
        projections.append(
            Projection(
                source.name,
                first.name,
                wires.weighted(weight),
                Synapse("exponential", {"tau": 5.0}),
                _input_output(projections, first.name),
            )
        )
    return Network(populations, tuple(projections), (*sources, *more))


def driven(made: Network, currents: Any) -> Network:
    """Return the network whose first population is driven by series over steps (n_steps, n_series) as well.

    Neuron ``k`` takes series ``k`` modulo their number.
    """
    first = made.populations[0]
    each = currents[:, np.arange(first.size) % currents.shape[1]]
    changed = dataclasses.replace(first, drive=each + np.asarray(first.drive))
    return Network((changed, *made.populations[1:]), made.projections, made.sources)


def _input_output(projections: list[Projection], target: str) -> Output:
    """Return the output of input synapses: that of the network's first synapse onto the target."""
    found = [each.output for each in projections if each.target == target]
    return found[0] if found else Output()


def balanced(description: NetworkDescription, seed: int) -> Balanced | None:
    """Return the network in the form of the fast path, none where it is not of that form."""
    parts = description.populations
    wires = description.projections
    if not fits_fast_path(description):
        return None
    random = np.random.default_rng(seed)
    n, n_e = description.n_neurons, parts[0].size
    law = LAWS[parts[0].law]
    p = law.parameters(**parts[0].parameters)
    start = law.start(n, p)
    for name, value in parts[0].start.items():
        start[law.variables.index(name)] = spread(value, n, random)
    shares = {each.source: each for each in wires}
    e, i = shares[parts[0].name], shares[parts[1].name]
    leaky = law.name == "lif"
    return Balanced(
        wiring.fixed_probability(n, n, e.share, random),
        n_e,
        start,
        law=law.name,
        conducting=e.output == "conductance",
        w_excitatory=_number(e.weight),
        w_inhibitory=_number(i.weight),
        tau_excitatory=e.synapse_parameters.get("tau", 8.0),
        tau_inhibitory=i.synapse_parameters.get("tau", 8.0),
        reversal_excitatory=e.reversal,
        reversal_inhibitory=i.reversal,
        rest=p.rest if leaky else 0.0,
        drive=_number(parts[0].drive),
        tau=p.tau if leaky else 1.0,
        threshold=p.threshold,
        reset=p.reset if leaky else 0.0,
        refractory=p.refractory if leaky else 0.0,
        delay=e.delay,
    )


def _number(value: Any) -> float:
    return float(value)


def fits_fast_path(description: NetworkDescription) -> bool:
    """Return whether a network is of the form of the fast path."""
    parts, wires = description.populations, description.projections
    if len(parts) != 2 or len(wires) != 4 or description.sources:
        return False
    a, b = (each.model_copy(update={"name": "", "size": 1, "kind": ""}) for each in parts)
    alike = a == b and [each.kind for each in parts] == ["E", "I"] and not a.noise
    plain = (
        a.law in {"lif", "traub"}
        and isinstance(a.drive, float)
        and description.solver == "exponential_euler"
    )
    scalars = all(isinstance(v, float) for v in a.parameters.values())
    unit = a.law != "traub" or not a.parameters
    wired = all(
        each.connectivity == "fixed probability"
        and each.synapse == "exponential"
        and isinstance(each.weight, float)
        and each.short_term is None
        and each.plasticity is None
        and each.itself
        and each.output == wires[0].output
        and each.share == wires[0].share
        and each.delay == wires[0].delay
        for each in wires
    )
    return alike and plain and scalars and unit and wired and wires[0].output != "magnesium"


def spread(value: Any, n: int, random: np.random.Generator) -> Any:
    """Return one number, or an array (n,) drawn or given.

    Raises
    ------
    BadInput
        A list of another length.
    """
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value[0], str):
        kind, a, b = value
        return random.normal(a, b, n) if kind == "normal" else random.uniform(a, b, n)
    if len(value) != n:
        raise BadInput(f"{len(value)} values for {n} neurons: give one, or one each.")
    return np.asarray(value, float)


def _population(part: PopulationPart, random: np.random.Generator) -> Population:
    law = law_of(part.law)
    changed = {name: spread(value, part.size, random) for name, value in part.parameters.items()}
    start = law.start(part.size, law.parameters(**changed))
    for name, value in part.start.items():
        if name not in law.variables:
            raise BadInput(
                f"{law.title} has no variable {name}; it has {', '.join(law.variables)}."
            )
        start[law.variables.index(name)] = spread(value, part.size, random)
    drive = spread(part.drive, part.size, random)
    return Population(part.name, part.size, law, changed, start, drive, part.noise, part.kind)


def _projection(
    part: ProjectionPart, sizes: dict[str, int], random: np.random.Generator
) -> Projection:
    for name in (part.source, part.target):
        if name not in sizes:
            raise BadInput(f"A projection names {name}; there are {', '.join(sizes)}.")
    wires = _wires(part, sizes[part.source], sizes[part.target], random)
    if part.connectivity != "given":
        n = wires.n_synapses
        wires = wires.weighted(spread(part.weight, n, random))
    synapse = Synapse(part.synapse, dict(part.synapse_parameters))
    short = ShortTerm(**part.short_term) if part.short_term else None
    return Projection(
        part.source,
        part.target,
        wires,
        synapse,
        Output(part.output, part.reversal),
        part.delay,
        short,
        _learner(part.plasticity),
    )


def _wires(
    part: ProjectionPart, n_source: int, n_target: int, random: np.random.Generator
) -> Connections:
    itself = part.itself or part.source != part.target
    dense = part.connectivity in {"all to all", "distance", "grid", "small world"}
    if dense and n_source * n_target > MOST_DENSE:
        raise BadInput(
            f"{part.connectivity} between {n_source:,} and {n_target:,} neurons: too many pairs. "
            "Take fewer neurons or a fixed probability."
        )
    inside = {"small world", "scale-free", "power law", "grid"}
    if part.connectivity in inside and part.source != part.target:
        raise BadInput(f"{part.connectivity} joins neurons of one population: name it twice.")
    makers: dict[str, Callable[[], Connections]] = {
        "fixed probability": lambda: wiring.fixed_probability(
            n_source, n_target, part.share, random, itself=itself
        ),
        "fixed number of targets": lambda: wiring.fixed_targets(
            n_source, n_target, part.number, random, itself=itself
        ),
        "fixed number of sources": lambda: wiring.fixed_sources(
            n_source, n_target, part.number, random, itself=itself
        ),
        "fixed total": lambda: wiring.fixed_total(n_source, n_target, part.number, random),
        "small world": lambda: wiring.small_world(n_source, part.number, part.share, random),
        "scale-free": lambda: wiring.scale_free(n_source, part.number, random),
        "power law": lambda: wiring.power_law(n_source, part.number, part.share, random),
        "distance": lambda: _on_grids(part, n_source, n_target, random),
        "grid": lambda: wiring.neighbours(_square(n_source), round(part.reach)),
        "one to one": lambda: wiring.one_to_one(n_source),
        "all to all": lambda: wiring.all_to_all(n_source, n_target, itself=itself),
        "given": lambda: _given(part, n_source, n_target),
    }
    return makers[part.connectivity]()


def _given(part: ProjectionPart, n_source: int, n_target: int) -> Connections:
    pairs = np.array(part.pairs, float).reshape(-1, 3)
    sources, targets = pairs[:, 0].astype(int), pairs[:, 1].astype(int)
    return from_pairs(sources, targets, n_source, n_target, pairs[:, 2])


def _square(n: int) -> tuple[int, int]:
    side = next(k for k in range(int(np.sqrt(n)), 0, -1) if n % k == 0)
    return side, n // side


def _on_grids(
    part: ProjectionPart, n_source: int, n_target: int, random: np.random.Generator
) -> Connections:
    places = np.indices(_square(n_source)).reshape(2, -1).T.astype(float)
    if part.source == part.target:
        return wiring.by_distance(places, places, part.share, part.reach, random)
    other = np.indices(_square(n_target)).reshape(2, -1).T.astype(float)
    other *= np.array(_square(n_source)) / np.array(_square(n_target))
    return wiring.by_distance(places, other, part.share, part.reach, random)


def _learner(
    plasticity: dict[str, float | str] | None,
) -> Callable[[Connections, float], Learner] | None:
    if not plasticity:
        return None
    values: dict[str, Any] = {name: value for name, value in plasticity.items() if name != "rule"}
    rule = plasticity.get("rule", "pairs")
    if rule not in {"pairs", "triplets"}:
        raise BadInput(f"No plasticity '{rule}'; there are pairs and triplets.")
    try:
        if rule == "pairs":
            pairs = Pairs(**values)
            return lambda wires, dt: PairLearner(pairs, wires, dt)
        triplets = Triplets(**values)
        return lambda wires, dt: TripletLearner(triplets, wires, dt)
    except TypeError as error:
        raise BadInput(f"Plasticity {rule}: {error}.") from None
