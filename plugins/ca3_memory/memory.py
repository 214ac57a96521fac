"""A memory: the network, what it stores, and its whole state as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.spiking.engine import Simulation

from .network import PLASTIC, SCALE, network_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neurostudio.spiking.deferred import DeferredLearner

    from .programs import Program
    from .rules import Plasticity

Array = np.ndarray[Any, np.dtype[Any]]


class Memory:
    """A network that carries out a program; spikes are kept as steps of 1 ms.

    Parameters
    ----------
    way
        The plasticity.
    learn_spikes
        Input spikes of a learning operation, one each ms.
    """

    def __init__(self, program: Program, way: Plasticity, learn_spikes: int = 3) -> None:
        self.program, self.way = program, way
        n_cues, n_content = program.n_cues, program.n_content
        network = network_of(n_cues, n_content, way.rule, program.inputs(learn_spikes))
        self._run = Simulation(network, dt=1.0, n_recorded=0)
        self.spikes: dict[str, list[tuple[int, Array]]] = {}
        self.out: dict[int, Array] = {}

    @property
    def step(self) -> int:
        """The ms that comes next."""
        return self._run.step

    def warm(self) -> None:
        """Compile what is compiled."""
        self._run.warm()

    def advance(self, until: int) -> None:
        """Run to a moment in ms."""
        for step, fired in enumerate(self._run.steps(until - self.step), start=self.step):
            self._run.record.clear()
            for name, neurons in fired.items():
                if len(neurons):
                    self.spikes.setdefault(name, []).append((step, neurons))
            if len(fired["OUT"]):
                self.out[step] = fired["OUT"]

    def answer(self, at: int) -> tuple[frozenset[int], frozenset[int]]:
        """Return the cues and the bits that OUT shows at a moment."""
        shown, n = self.out.get(at, np.empty(0, np.int64)), self.program.n_cues
        cues = frozenset(shown[shown < n].tolist())
        return cues, frozenset((shown[shown >= n] - n).tolist())

    def due(self) -> tuple[Array, Array]:
        """Return the weights that spikes would deliver now, nA: (n_cues, n_content), (n_content, n_cues)."""
        n_cues, n_content = self.program.n_cues, self.program.n_content
        there, back = (learner.due() / SCALE for learner in self._learners())
        return there.reshape(n_cues, n_content), back.reshape(n_content, n_cues)

    def pending(self) -> Array:
        """Return all plastic weights with what waits for the sender's next spike, nA."""
        found: Array = np.concatenate([learner.pending for learner in self._learners()])
        found /= SCALE
        return found

    def _learners(self) -> list[DeferredLearner]:
        found: list[Any] = [each.learner for each in self._run.synapses if each.learner]
        return found

    def arrays(self) -> dict[str, Array]:
        """Return the whole state by name: a memory of this program goes on from it, spike for spike."""
        found: dict[str, Array] = {"step": np.array(self.step)}
        for name, neurons in self._run.neurons.items():
            found[f"{name}/potential"], found[f"{name}/left"] = neurons.state, neurons.left
        for k, synapse in enumerate(self._run.synapses):
            found[f"{k}/ring"], found[f"{k}/current"] = synapse.ring, synapse.state.gating
        for name, synapse in zip(PLASTIC, self._plastic(), strict=True):
            found[f"{name}/weights"] = synapse.weights
            learner: Any = synapse.learner
            found |= {f"{name}/{key}": value for key, value in learner.arrays().items()}
        return {name: np.array(value) for name, value in found.items()}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        """Take back a state that :meth:`arrays` gave."""
        self._run.step = int(arrays["step"])
        for name, neurons in self._run.neurons.items():
            neurons.state[:] = arrays[f"{name}/potential"]
            neurons.left[:] = arrays[f"{name}/left"]
        for k, synapse in enumerate(self._run.synapses):
            synapse.ring[:] = arrays[f"{k}/ring"]
            synapse.state.gating[:] = arrays[f"{k}/current"]
        for name, synapse in zip(PLASTIC, self._plastic(), strict=True):
            synapse.weights[:] = arrays[f"{name}/weights"]
            head = f"{name}/"
            own = {key.removeprefix(head): v for key, v in arrays.items() if key.startswith(head)}
            learner: Any = synapse.learner
            learner.restore(own)

    def _plastic(self) -> list[Any]:
        return [each for each in self._run.synapses if each.learner]
