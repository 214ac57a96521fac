"""Networks of one law with excitatory and inhibitory synapses that share one weight each: the fast path.

The benchmark networks of the simulators' papers are of this form. Stored connections, ring buffer, one
compiled loop over many steps; spikes for spikes equal to :mod:`neurostudio.spiking.engine` in double
precision with the exact exponential, and in rate otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.errors import NeurostudioError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neurostudio.spiking.connections import Connections

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, eq=False)
class Balanced:
    """A network whose first ``n_excitatory`` neurons excite and whose others inhibit.

    Potentials in mV, times in ms; weights in the unit of the leak (conductances) or mV (currents).
    """

    connections: Connections
    n_excitatory: int
    start: Array  # (n_variables, n)
    law: str = "lif"  # or traub
    conducting: bool = True
    w_excitatory: float = 0.6
    w_inhibitory: float = 6.7
    tau_excitatory: float = 5.0
    tau_inhibitory: float = 10.0
    reversal_excitatory: float = 0.0
    reversal_inhibitory: float = -80.0
    rest: float = -60.0
    drive: float = 20.0
    tau: float = 20.0
    threshold: float = -50.0
    reset: float = -60.0
    refractory: float = 5.0
    delay: float = 0.0

    @property
    def n_neurons(self) -> int:
        """Number of neurons."""
        return self.connections.n_sources


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """What happened: spikes (ms since the start, neurons) and potentials (n_samples, n_recorded)."""

    times: Array
    neurons: Array
    potentials: Array
    n_steps: int


class BalancedRun:
    """A balanced network that runs, stretch by stretch.

    Raises
    ------
    NeurostudioError
        A potential is not a number any more.
    """

    def __init__(
        self,
        network: Balanced,
        dt: float = 0.1,
        precision: str = "single",
        n_recorded: int = 10,
        every: int = 10,
    ) -> None:
        self.network, self.dt, self.every = network, dt, every
        self.dtype: Any = np.float32 if precision == "single" else np.float64
        n = network.n_neurons
        self.state = np.array(network.start, self.dtype)
        self._g = np.zeros((2, n), self.dtype)
        self._left = np.zeros(n, np.int32)
        self._delay = max(1, round(network.delay / dt))
        self._arrivals = np.zeros((self._delay + 1, 2, n), self.dtype)
        self._slot, self.step = 0, 0
        self._recorded = np.arange(min(n_recorded, n))
        self._constants = self._make_constants()
        self._tables: Array = np.empty(0)
        if network.law == "traub":
            from neurostudio.spiking.chunks import gate_tables

            self._tables = gate_tables(dt=dt, dtype=self.dtype)

    def record_neurons(self, neurons: Array) -> None:
        """Choose the neurons whose potential is kept."""
        self._recorded = np.asarray(neurons, np.int64)

    def state_arrays(self) -> dict[str, Array]:
        """Return copies of all that the next step depends on."""
        return {
            "state": self.state.copy(),
            "conductances": self._g.copy(),
            "left": self._left.copy(),
            "arrivals": self._arrivals.copy(),
            "place": np.array([self._slot, self.step]),
        }

    def restore(self, arrays: dict[str, Array]) -> None:
        """Go on from what :meth:`state_arrays` returned."""
        self.state[:], self._g[:] = arrays["state"], arrays["conductances"]
        self._left[:], self._arrivals[:] = arrays["left"], arrays["arrivals"]
        self._slot, self.step = map(int, arrays["place"])

    def _make_constants(self) -> Array:
        from neurostudio.spiking.biophysical import TRAUB

        net, dt = self.network, self.dt
        decays = [np.exp(-dt / net.tau_excitatory), np.exp(-dt / net.tau_inhibitory)]
        ends = [net.reversal_excitatory, net.reversal_inhibitory]
        weights = [net.w_excitatory, net.w_inhibitory]
        if net.law == "traub":
            p = TRAUB.parameters()
            own = [p.g_leak, p.e_leak, p.g_na, p.e_na, p.g_k, p.e_k]
            return np.array(
                [*decays, dt / p.capacity, net.drive, *ends, p.threshold, *weights, *own],
                self.dtype,
            )
        middle = [dt / (2 * net.tau), net.rest + net.drive, *ends, net.threshold, net.reset]
        return np.array([*decays, *middle, *weights, float(net.conducting)], self.dtype)

    def warm(self) -> None:
        """Compile, without advancing."""
        none = np.empty(self.network.n_neurons, np.int32)
        self._chunk(0, none, none.copy(), np.empty((0, len(self._recorded)), self.dtype))

    def run(self, n_steps: int) -> Stretch:
        """Advance and return what happened."""
        n = self.network.n_neurons
        room = n if n_steps == 1 else max(2 * n, n_steps * n // 50)
        spikes, steps = np.empty(room, np.int32), np.empty(room, np.int32)
        found: list[tuple[Array, Array]] = []
        samples: list[Array] = []
        left, first = n_steps, self.step
        while left:
            kept = np.empty((left // self.every + 1, len(self._recorded)), self.dtype)
            count, self._slot, done, n_kept = self._chunk(left, spikes, steps, kept)
            found.append((steps[:count] + self.step, spikes[:count].copy()))
            samples.append(kept[:n_kept])
            self.step += done
            left -= done
        if not np.isfinite(self.state).all():
            raise NeurostudioError(
                f"The network ran away before {self.step * self.dt:g} ms: take a smaller step."
            )
        times = np.concatenate([each for each, _ in found]) * self.dt
        neurons = np.concatenate([each for _, each in found])
        return Stretch(times, neurons, np.concatenate(samples), self.step - first)

    def next_arrivals(self) -> Array:
        """Return what arrives in the coming step, to be added to: excitatory and inhibitory, (2, n)."""
        arriving: Array = self._arrivals[self._slot]
        return arriving

    def stretches(self, n_steps: int, each: int) -> Iterator[Stretch]:
        """Advance by ``n_steps`` in stretches of ``each``."""
        for start in range(0, n_steps, each):
            yield self.run(min(each, n_steps - start))

    def _chunk(
        self, n_steps: int, spikes: Array, steps: Array, kept: Array
    ) -> tuple[int, int, int, int]:
        from neurostudio.spiking import chunks

        net, wires = self.network, self.network.connections
        record = (n_steps, spikes, steps, self._recorded, self.every, kept, self.step)
        ring = (self._arrivals, self._slot, wires.starts, wires.targets)
        if net.law == "traub":
            own = (self._tables, self._constants, net.n_excitatory, self._delay)
            advance: Any = chunks.traub_chunk
            found = advance(self.state, *self._g, *ring, *own, *record)
        else:
            rest = (self._constants, net.n_excitatory, round(net.refractory / self.dt), self._delay)
            advance = chunks.leaky_chunk
            found = advance(self.state[0], *self._g, self._left, *ring, *rest, *record)
        count, slot, done, n_kept = found
        return int(count), int(slot), int(done), int(n_kept)
