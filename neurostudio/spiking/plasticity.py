"""Plasticity of synapses by the times of spikes: pairs, triplets, and a third factor.

Times in ms. Order within a step: decay of the traces, postsynaptic bookkeeping, presynaptic updates, then
delivery of the updated weight. Sources: Song, Miller, Abbott 2000; Pfister and Gerstner 2006; Izhikevich
2007 (third factor).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from neurostudio.spiking.connections import Connections

Array = np.ndarray[Any, np.dtype[Any]]


class Learner(Protocol):
    """What changes the weights of one projection while the network runs."""

    def learn(self, weights: Array, sent: Array, fired: Array) -> None:
        """Change ``weights`` (n_synapses,) in place.

        ``sent`` are the senders that spike in this step, ``fired`` the receivers.
        """


@dataclass(frozen=True, slots=True)
class Pairs:
    """A sender's spike takes the receiver's trace from the weight; a receiver's adds the sender's trace.

    ``pairing``: ``all`` spikes, ``nearest`` neighbours only, or ``reduced`` symmetric (a trace serves once).
    """

    gain: float = 0.96
    tau: float = 16.8
    loss: float = 0.53
    tau_loss: float = 33.7
    lowest: float = 0.0
    highest: float = np.inf
    pairing: str = "all"


@dataclass(frozen=True, slots=True)
class Triplets:
    """Triplet rule with the published values for visual cortex (all to all, full model)."""

    gain_pair: float = 5e-10
    gain_triplet: float = 6.2e-3
    loss_pair: float = 7e-3
    loss_triplet: float = 2.3e-4
    tau_sent: float = 16.8
    tau_sent_slow: float = 101.0
    tau_fired: float = 33.7
    tau_fired_slow: float = 125.0
    lowest: float = 0.0
    highest: float = np.inf


class PairLearner:
    """The pair rule on one projection."""

    def __init__(self, rule: Pairs, connections: Connections, dt: float) -> None:
        self._rule, self._wiring = rule, connections
        self._incoming = connections.incoming()
        self.sent = np.zeros(connections.n_sources)
        self.fired = np.zeros(connections.n_targets)
        self._decay = float(np.exp(-dt / rule.tau))
        self._decay_loss = float(np.exp(-dt / rule.tau_loss))

    def learn(self, weights: Array, sent: Array, fired: Array) -> None:
        """Change the weights of synapses whose sender or receiver spikes now."""
        rule = self._rule
        self.sent *= self._decay
        self.fired *= self._decay_loss
        for synapses, sources in self._into(fired):
            weights[synapses] += self.sent[sources]
            if rule.pairing == "reduced":
                self.sent[sources] = 0.0
        for synapses, targets in self._out_of(sent):
            weights[synapses] -= self.fired[targets]
            if rule.pairing == "reduced":
                self.fired[targets] = 0.0
        if len(sent) or len(fired):
            np.clip(weights, rule.lowest, rule.highest, out=weights)
        if rule.pairing == "all":
            self.sent[sent] += rule.gain
            self.fired[fired] += rule.loss
        else:
            self.sent[sent] = rule.gain
            self.fired[fired] = rule.loss

    def _into(self, fired: Array) -> list[tuple[Array, Array]]:
        starts = self._incoming.starts
        spans = [slice(starts[i], starts[i + 1]) for i in fired]
        return [(self._incoming.synapses[s], self._incoming.sources[s]) for s in spans]

    def _out_of(self, sent: Array) -> list[tuple[Any, Array]]:
        starts = self._wiring.starts
        spans = [slice(starts[i], starts[i + 1]) for i in sent]
        return [(s, self._wiring.targets[s]) for s in spans]


class TripletLearner:
    """The triplet rule on one projection; slow traces are read before their own update."""

    def __init__(self, rule: Triplets, connections: Connections, dt: float) -> None:
        self._rule, self._wiring = rule, connections
        self._incoming = connections.incoming()
        self._sent = np.zeros((2, connections.n_sources))
        self._fired = np.zeros((2, connections.n_targets))
        self._decay_sent = np.exp(-dt / np.array([[rule.tau_sent], [rule.tau_sent_slow]]))
        self._decay_fired = np.exp(-dt / np.array([[rule.tau_fired], [rule.tau_fired_slow]]))

    def learn(self, weights: Array, sent: Array, fired: Array) -> None:
        """Change the weights of synapses whose sender or receiver spikes now."""
        rule = self._rule
        self._sent *= self._decay_sent
        self._fired *= self._decay_fired
        for i in fired:
            span = slice(self._incoming.starts[i], self._incoming.starts[i + 1])
            gain = rule.gain_pair + rule.gain_triplet * self._fired[1, i]
            weights[self._incoming.synapses[span]] += (
                self._sent[0, self._incoming.sources[span]] * gain
            )
        for i in sent:
            span = slice(self._wiring.starts[i], self._wiring.starts[i + 1])
            loss = rule.loss_pair + rule.loss_triplet * self._sent[1, i]
            weights[span] -= self._fired[0, self._wiring.targets[span]] * loss
        if len(sent) or len(fired):
            np.clip(weights, rule.lowest, rule.highest, out=weights)
        self._sent[:, sent] += 1.0
        self._fired[:, fired] += 1.0


class ThirdFactorLearner:
    """Pairs write an eligibility; a third factor turns it into change: ``dw = rate * factor * e`` per ms.

    Parameters
    ----------
    factor
        ``step -> value``: dopamine, reward, an astrocyte.
    tau
        Decay of the eligibility, ms.
    rate
        Per ms and per unit of the factor.
    """

    def __init__(
        self,
        rule: Pairs,
        connections: Connections,
        dt: float,
        factor: Callable[[int], float],
        tau: float = 1000.0,
        rate: float = 1e-3,
    ) -> None:
        unbounded = Pairs(
            rule.gain, rule.tau, rule.loss, rule.tau_loss, -np.inf, np.inf, rule.pairing
        )
        self._pairs = PairLearner(unbounded, connections, dt)
        self._factor, self._rate, self._dt = factor, rate, dt
        self._lowest, self._highest = rule.lowest, rule.highest
        self._decay = float(np.exp(-dt / tau))
        self.eligibility = np.zeros(connections.n_synapses)
        self._step = 0

    def learn(self, weights: Array, sent: Array, fired: Array) -> None:
        """Change all weights by the eligibility and the factor of this step."""
        self.eligibility *= self._decay
        self._pairs.learn(self.eligibility, sent, fired)
        weights += self._rate * self._dt * self._factor(self._step) * self.eligibility
        np.clip(weights, self._lowest, self._highest, out=weights)
        self._step += 1


def pair_window(rule: Pairs, lags: Array) -> Array:
    """Return the change of a weight by one pair at each lag (ms; receiver after sender is positive).

    At lag 0 both wait for each other's trace, which is not there yet: no change.
    """
    lags = np.asarray(lags, float)
    return np.where(
        lags > 0,
        rule.gain * np.exp(-np.abs(lags) / rule.tau),
        np.where(lags < 0, -rule.loss * np.exp(-np.abs(lags) / rule.tau_loss), 0.0),
    )
