"""A network in parts: populations, what drives them, and how they project to one another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.errors import BadInput
from neurostudio.spiking.synapses import Output, ShortTerm, Synapse

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator

    from neurostudio.spiking.connections import Connections
    from neurostudio.spiking.laws import Law
    from neurostudio.spiking.plasticity import Learner

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, eq=False)
class Population:
    """Neurons of one law.

    Parameters
    ----------
    parameters
        What differs from the defaults: numbers, or arrays with one value a neuron.
    start
        State at time 0, shape (n_variables, size); at rest where none is given.
    drive
        Constant input of the law, one number or one a neuron, in the unit of the law's equation.
    noise
        Standard deviation of white input per square root of ms.
    kind
        ``E``, ``I`` or empty.
    """

    name: str
    size: int
    law: Law
    parameters: dict[str, Any] = field(default_factory=dict)
    start: Array | None = None
    drive: Array | float = 0.0
    noise: float = 0.0
    kind: str = ""


@dataclass(frozen=True, eq=False)
class Source:
    """Neurons that only send: at given times, or at random.

    Parameters
    ----------
    times
        Spike times in ms, one array a neuron; none where ``rate`` is given.
    rate
        Hz of a Poisson process, one number or one a neuron.
    """

    name: str
    size: int
    times: tuple[Array, ...] | None = None
    rate: Array | float = 0.0
    kind: str = "input"


@dataclass(frozen=True, eq=False)
class Projection:
    """Synapses from one population (or source) to another; ``delay`` in ms, at least one step."""

    source: str
    target: str
    connections: Connections
    synapse: Synapse = field(default_factory=Synapse)
    output: Output = field(default_factory=Output)
    delay: float = 0.0
    short_term: ShortTerm | None = None
    learner: Callable[[Connections, float], Learner] | None = None
    name: str = ""

    @property
    def title(self) -> str:
        """The name, or from whom to whom."""
        return self.name or f"{self.source} to {self.target}"


@dataclass(frozen=True, eq=False)
class Network:
    """All parts; checked when made.

    Raises
    ------
    BadInput
        A projection names a population that is not there, or its sizes do not fit.
    """

    populations: tuple[Population, ...]
    projections: tuple[Projection, ...] = ()
    sources: tuple[Source, ...] = ()

    def __post_init__(self) -> None:
        receivers = {each.name: each.size for each in self.populations}
        senders = receivers | {each.name: each.size for each in self.sources}
        if len(senders) < len(self.populations) + len(self.sources):
            raise BadInput("Two populations have one name: each needs its own.")
        for each in self.projections:
            if each.source not in senders or each.target not in receivers:
                missing = each.source if each.source not in senders else each.target
                raise BadInput(f"{each.title}: there is no population {missing}.")
            shape = (each.connections.n_sources, each.connections.n_targets)
            if shape != (senders[each.source], receivers[each.target]):
                raise BadInput(
                    f"{each.title}: connections of {shape[0]} x {shape[1]} between "
                    f"{senders[each.source]} and {receivers[each.target]} neurons."
                )

    @property
    def n_neurons(self) -> int:
        """Neurons that are simulated."""
        return sum(each.size for each in self.populations)

    @property
    def n_synapses(self) -> int:
        """Synapses of all projections."""
        return sum(each.connections.n_synapses for each in self.projections)

    @property
    def nbytes(self) -> int:
        """Bytes of all connections."""
        return sum(each.connections.nbytes for each in self.projections)

    def population(self, name: str) -> Population:
        """Return the population of this name."""
        return next(each for each in self.populations if each.name == name)


def emit(source: Source, step: int, dt: float, random: Generator) -> Array:
    """Return which neurons of a source spike in this step, ascending."""
    if source.times is not None:
        raise BadInput(f"{source.name} spikes at given times: schedule it.")
    return np.flatnonzero(random.random(source.size) < np.asarray(source.rate) * dt * 1e-3)


def schedule(source: Source, dt: float) -> dict[int, Array]:
    """Return the neurons that spike at each step, for a source with given times."""
    steps, neurons = [], []
    for neuron, times in enumerate(source.times or ()):
        each = np.round(np.asarray(times) / dt).astype(np.int64)
        steps.append(each)
        neurons.append(np.full(len(each), neuron))
    if not sum(map(len, steps)):
        return {}
    step, neuron = np.concatenate(steps), np.concatenate(neurons)
    order = np.lexsort((neuron, step))
    step, neuron = step[order], neuron[order]
    kept, first = np.unique(step, return_index=True)
    return dict(zip(kept.tolist(), np.split(neuron, first[1:]), strict=True))
