"""Runs COBA-LIF without stored connections: each spike draws the targets of its neuron anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput
from neurostudio.spiking.conductance import Balanced, BalancedRun
from neurostudio.spiking.connections import Connections
from neurostudio.spiking.regenerated import Regenerated

from .building import LAWS, spread

if TYPE_CHECKING:
    from .describing import NetworkDescription

Array = np.ndarray[Any, np.dtype[Any]]


class RegeneratedRunner:
    """Steps one at a time; memory holds vectors only."""

    def __init__(
        self, made: NetworkDescription, seed: int, precision: str, n_recorded: int, every: int
    ) -> None:
        parts, wires = made.populations, made.projections
        if len(parts) != 2:
            raise BadInput(
                "Regenerated connections need one excitatory and one inhibitory population."
            )
        n, self._n_e = made.n_neurons, parts[0].size
        random = np.random.default_rng(seed)
        law = LAWS["lif"]
        p = law.parameters(**parts[0].parameters)
        start = law.start(n, p)
        start[0] = spread(parts[0].start.get("V", -60.0), n, random)
        none = Connections(n, np.zeros(n + 1, np.int64), np.empty(0, np.int32), np.ones(1))
        net = Balanced(none, self._n_e, start, drive=float(np.asarray(parts[0].drive)))
        self._run = BalancedRun(net, made.dt, precision, 2 * n_recorded, every)
        both = [
            *range(min(n_recorded, self._n_e)),
            *range(self._n_e, min(self._n_e + n_recorded, n)),
        ]
        self._run.record_neurons(np.array(both, np.int64))
        share = wires[0].share
        weights = [float(np.asarray(wires[0].weight)), float(np.asarray(wires[2].weight))]
        sizes = (self._n_e, n - self._n_e)
        self._rules = [
            Regenerated(size, n, share, seed * 2 + k, "constant", weight)
            for k, (size, weight) in enumerate(zip(sizes, weights, strict=True))
        ]
        self._run.warm()
        self._rules[0].add(np.empty(0, np.int64), np.empty(n, self._run.dtype))
        self.n_synapses = round(n * n * share)

    def advance(self, n_steps: int) -> tuple[Array, Array, Array]:
        """Advance step by step, as every spike needs its targets before the next."""
        times, neurons, kept = [], [], []
        for _ in range(n_steps):
            done = self._run.run(1)
            spikes = done.neurons
            excited = spikes[spikes < self._n_e]
            arrivals = self._run.next_arrivals()
            self._rules[0].add(excited, arrivals[0])
            self._rules[1].add(spikes[spikes >= self._n_e] - self._n_e, arrivals[1])
            times.append(done.times)
            neurons.append(spikes)
            kept.append(done.potentials)
        return np.concatenate(times), np.concatenate(neurons), np.concatenate(kept)
