"""The engine: any network, step by step; spikes travel through ring buffers and cost what they reach.

Within one step, in this order: synapses decay and take in what arrives; neurons that are not refractory
advance; those that reach the threshold are reset; plastic weights change (receivers first, then senders);
spikes are written to arrive ``delay`` later; the record is taken.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.errors import BadInput, NeurostudioError
from neurostudio.spiking import solvers
from neurostudio.spiking.networks import emit, schedule
from neurostudio.spiking.synapses import LinearState, SaturatingState, ShortTermState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neurostudio.spiking.networks import Network, Population, Projection

Array = np.ndarray[Any, np.dtype[Any]]
COMPILED_SOLVERS = ("exponential_euler", "euler", "rk4")
_NONE: Array = np.empty(0)


@dataclass
class Record:
    """What a run leaves, in steps of ``dt`` ms.

    ``spikes[name]`` are two arrays, steps and neurons; ``values[name]`` the first variable of chosen
    neurons, shape (n_samples, n_chosen), one sample every ``every`` steps.
    """

    dt: float
    every: int
    chosen: dict[str, Array]
    spikes: dict[str, list[tuple[int, Array]]] = field(default_factory=dict)
    values: dict[str, list[Array]] = field(default_factory=dict)
    n_steps: int = 0
    n_delivered: int = 0

    def clear(self) -> None:
        """Forget what was kept so far."""
        self.spikes.clear()
        self.values.clear()

    def events(self, name: str) -> tuple[Array, Array]:
        """Return times in ms and neurons of all spikes of a population."""
        found = self.spikes.get(name, [])
        if not found:
            return np.empty(0), np.empty(0, np.int64)
        steps = np.concatenate([np.full(len(each), step) for step, each in found])
        return steps * self.dt, np.concatenate([each for _, each in found]).astype(np.int64)

    def rate(self, name: str, size: int) -> float:
        """Return the mean rate in Hz."""
        count = sum(len(each) for _, each in self.spikes.get(name, []))
        return count / max(size, 1) / max(self.n_steps * self.dt * 1e-3, 1e-12)

    def samples(self, name: str) -> tuple[Array, Array]:
        """Return times in ms and values (n_samples, n_chosen)."""
        kept = self.values.get(name, [])
        n = len(self.chosen.get(name, ()))
        values = np.array(kept) if kept else np.empty((0, n))
        return (np.arange(len(values)) + 1) * self.every * self.dt, values


class _Synapses:
    """One projection while it runs."""

    def __init__(self, projection: Projection, dt: float, dtype: Any) -> None:
        self.projection = projection
        self.wiring = projection.connections
        self.steps = max(1, round(projection.delay / dt))
        if 0 < projection.delay < 0.5 * dt:
            raise BadInput(
                f"{projection.title}: a delay of {projection.delay:g} ms below the step of {dt:g} ms."
            )
        self.weights = np.array(self.wiring.weights, np.float64 if projection.learner else dtype)
        if projection.learner:
            self.weights = np.array(np.broadcast_to(self.weights, self.wiring.targets.shape))
        self.learner = projection.learner(self.wiring, dt) if projection.learner else None
        rule = projection.short_term
        self.short_term = ShortTermState(rule, self.wiring.n_sources, dt) if rule else None
        self.saturates = projection.synapse.saturates
        if self.saturates:
            self.sent: list[Array] = [np.empty(0, np.int64)] * (self.steps + 1)
            self.state: Any = SaturatingState(projection.synapse, self.wiring.n_sources, dt)
        else:
            self.ring = np.zeros((self.steps + 1, self.wiring.n_targets), dtype)
            self.state = LinearState(projection.synapse, self.wiring.n_targets, dt, dtype)

    def gating(self, step: int) -> Array:
        """Advance the synaptic state and return the gating of each receiver."""
        slot = step % (self.steps + 1)
        if not self.saturates:
            self.state.advance(self.ring[slot])
            self.ring[slot] = 0.0
            gating: Array = self.state.gating
            return gating
        self.state.advance(self.sent[slot])
        self.sent[slot] = np.empty(0, np.int64)
        opened = np.flatnonzero(self.state.gating > 1e-12)
        out = np.zeros(self.wiring.n_targets)
        _deliver()(opened, *self.wires(), self.state.gating[opened], out)
        return out

    def send(self, step: int, spikes: Array) -> int:
        """Write spikes to arrive later; returns how many synapses they reach."""
        slot = (step + self.steps) % (self.steps + 1)
        efficacy = self.short_term.advance(spikes) if self.short_term else _NONE
        if not len(spikes):
            return 0
        if self.saturates:
            self.sent[slot] = spikes
        else:
            _deliver()(spikes, *self.wires(), efficacy, self.ring[slot])
        return int((self.wiring.starts[spikes + 1] - self.wiring.starts[spikes]).sum())

    def wires(self) -> tuple[Array, Array, Array]:
        """Return starts, targets and weights as the kernels take them."""
        return self.wiring.starts, self.wiring.targets, self.weights


def _deliver() -> Any:
    from neurostudio.spiking import compiled

    return compiled.deliver


class _Neurons:
    """One population while it runs."""

    def __init__(
        self, population: Population, dt: float, dtype: Any, solver: str, *, use_compiled: bool
    ) -> None:
        self.population, self.law, self.dt, self.solver = population, population.law, dt, solver
        self.parameters = self.law.parameters(**population.parameters)
        start = population.start
        at_rest = self.law.start(population.size, self.parameters)
        self.state = np.array(at_rest if start is None else start, dtype)
        if self.state.shape != at_rest.shape:
            raise BadInput(
                f"{population.name} starts from {self.state.shape}; {at_rest.shape} are needed."
            )
        refractory = np.max(getattr(self.parameters, "refractory", 0.0))
        self.refractory = round(float(refractory) / dt)
        self.left = np.zeros(population.size, np.int64)
        self.input = [np.zeros(population.size) for _ in range(3)]
        self._found = np.empty(population.size, np.int64)
        each = any(np.ndim(value) for value in self.parameters)
        self.compiled = use_compiled and not each and solver in COMPILED_SOLVERS

    def warm(self) -> None:
        """Compile the step of this law, without advancing."""
        if self.compiled:
            from neurostudio.spiking import compiled

            none = [each[:0] for each in self.input]
            step = compiled.stepper(self.law, self.solver)
            step(
                self.state[:, :0],
                *none,
                self.left[:0],
                0,
                self.dt,
                self.parameters,
                self._found[:0],
            )

    def clear(self, step: int, random: np.random.Generator) -> None:
        """Set the input of this step to the constant drive and the noise."""
        current, conductance, pull = self.input
        drive = np.asarray(self.population.drive)
        current[:] = drive[step] if drive.ndim == 2 else drive
        if self.population.noise:
            scale = self.population.noise / np.sqrt(self.dt)
            current += scale * random.standard_normal(len(current))
        conductance[:] = 0.0
        pull[:] = 0.0

    def receive(self, projection: Projection, gating: Array) -> None:
        """Add what one projection gives."""
        current, conductance, pull = self.input
        if projection.synapse.kind == "delta":
            free = self.left <= 0
            self.state[0, free] += gating[free]
        elif projection.output.kind == "current":
            current += gating
        else:
            opened = gating * projection.output.open_share(self.state[0])
            conductance += opened
            pull += opened * projection.output.reversal

    def advance(self) -> Array:
        """Advance one step and return who spikes, ascending."""
        if self.compiled:
            from neurostudio.spiking import compiled

            step = compiled.stepper(self.law, self.solver)
            n = step(
                self.state,
                *self.input,
                self.left,
                self.refractory,
                self.dt,
                self.parameters,
                self._found,
            )
            return self._found[:n].copy()
        return self._advance_together()

    def _advance_together(self) -> Array:
        law, p = self.law, self.parameters
        current, conductance, pull = self.input

        def derivative(_time: float, x: Array) -> Array:
            slopes = law.derivative(x, current + pull - conductance * x[0], p)
            return np.stack([np.broadcast_to(each, x[0].shape) for each in slopes])

        before = self.state[0].copy()
        after = solvers.step(self.solver, derivative, 0.0, self.state, self.dt)
        held = self.left > 0
        self.left -= held
        if not law.crosses:
            after[0] = np.where(held, before, after[0])
        self.state[:] = after
        if law.threshold is None:
            return np.empty(0, np.int64)
        bound = law.threshold(after, p)
        fired = (after[0] >= bound) & ~held
        if law.crosses:
            fired &= before < bound
        spikes = np.flatnonzero(fired)
        self.left[spikes] = self.refractory
        if law.reset is not None and len(spikes):
            turned = law.reset(after, p)
            for k, each in enumerate(turned):
                self.state[k] = np.where(fired, each, after[k])
        return spikes


class Simulation:
    """A network that runs; call :meth:`run` as often as wanted.

    Parameters
    ----------
    dt
        ms.
    seed
        The same seed gives the same spikes.
    backend
        ``numba`` (compiled where a law has one value for all its neurons) or ``numpy``.
    precision
        ``single`` or ``double``.
    n_recorded, every
        Neurons of each population whose first variable is kept, and every how many steps.
    """

    def __init__(
        self,
        network: Network,
        dt: float = 0.1,
        seed: int = 0,
        backend: str = "numba",
        precision: str = "double",
        solver: str = "exponential_euler",
        n_recorded: int = 10,
        every: int = 10,
    ) -> None:
        dtype: Any = np.float32 if precision == "single" else np.float64
        self.network, self.dt, self._random = network, dt, np.random.default_rng(seed)
        compiled = backend == "numba"
        self.neurons = {
            each.name: _Neurons(each, dt, dtype, solver, use_compiled=compiled)
            for each in network.populations
        }
        self.synapses = [_Synapses(each, dt, dtype) for each in network.projections]
        self._given = {each.name: schedule(each, dt) for each in network.sources}
        chosen = {each.name: np.arange(min(n_recorded, each.size)) for each in network.populations}
        self.record = Record(dt, every, chosen)
        self.step = 0

    def warm(self) -> None:
        """Compile what is compiled, without advancing."""
        none = np.empty(0, np.int64)
        for neurons in self.neurons.values():
            neurons.warm()
        for synapse in self.synapses:
            if not synapse.saturates:
                _deliver()(none, *synapse.wires(), _NONE, synapse.ring[0])

    def run(self, n_steps: int) -> Record:
        """Run and return the record so far."""
        for _ in self.steps(n_steps):
            pass
        return self.record

    def steps(self, n_steps: int) -> Iterator[dict[str, Array]]:
        """Run step by step; yields who spiked, by population and source.

        Raises
        ------
        NeurostudioError
            A potential is not a number any more.
        """
        for _ in range(n_steps):
            yield self._one()
        for name, each in self.neurons.items():
            if not np.isfinite(each.state).all():
                raise NeurostudioError(
                    f"{name} ran away at {self.step * self.dt:g} ms: take a smaller step or a weaker drive."
                )

    def _one(self) -> dict[str, Array]:
        step, spikes = self.step, {}
        for neurons in self.neurons.values():
            neurons.clear(step, self._random)
        for synapse in self.synapses:
            projection = synapse.projection
            self.neurons[projection.target].receive(projection, synapse.gating(step))
        for name, neurons in self.neurons.items():
            spikes[name] = neurons.advance()
        for source in self.network.sources:
            spikes[source.name] = (
                emit(source, step, self.dt, self._random)
                if source.times is None
                else self._given[source.name].get(step, np.empty(0, np.int64))
            )
        for synapse in self.synapses:
            projection = synapse.projection
            sent = spikes[projection.source]
            if synapse.learner:
                synapse.learner.learn(synapse.weights, sent, spikes[projection.target])
            self.record.n_delivered += synapse.send(step, sent)
        self._keep(spikes)
        self.step += 1
        return spikes

    def _keep(self, spikes: dict[str, Array]) -> None:
        record = self.record
        for name, each in spikes.items():
            if len(each):
                record.spikes.setdefault(name, []).append((self.step, each))
        if (self.step + 1) % record.every == 0:
            for name, chosen in record.chosen.items():
                record.values.setdefault(name, []).append(
                    self.neurons[name].state[0, chosen].copy()
                )
        record.n_steps += 1
