"""Plasticity that waits for the sender: a weight changes only when its presynaptic neuron spikes.

Times in ms. The rule of SpiNNaker's ``SpikePairRule`` with additive weights, read from the spike tables of
Casanueva-Morato and others 2024 (arXiv 2310.05868). Within a step spikes of receivers are stored first; they
count ``delay`` steps later, so that those of this step wait for the sender's next spike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from neurostudio.spiking.connections import Connections

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Deferred:
    """Pairs of spikes, additive; gains in the unit of the weight, not multiplied by the largest weight.

    Parameters
    ----------
    gain, loss
        Largest change of one pair, up and down.
    tau, tau_loss
        Decay of potentiation and of depression with the lag, and of the traces, ms.
    pairing
        Which spikes of the sender a spike of the receiver counts with: ``all``, or the ``latest``.
    delay
        By how many steps spikes of the receiver are late.
    """

    gain: float = 6.0
    tau: float = 3.0
    loss: float = 6.0
    tau_loss: float = 3.0
    lowest: float = 0.0
    highest: float = 6.0
    pairing: str = "all"
    delay: int = 1


class DeferredLearner:
    """The deferred rule on one projection.

    ``weights`` hold what the sender's latest spike delivered; ``pending`` (n_synapses,) what later spikes of
    receivers have made of it since, clipped after each.
    """

    def __init__(self, rule: Deferred, connections: Connections, dt: float) -> None:
        self._rule, self._wiring, self._dt = rule, connections, dt
        self._incoming = connections.incoming()
        self.pending = np.array(connections.all_weights(), float)
        self.sent_at = np.full(connections.n_sources, -np.inf)
        self.sent = np.zeros(connections.n_sources)
        self.fired_at = np.full(connections.n_targets, -np.inf)
        self.fired = np.zeros(connections.n_targets)
        self.waiting = np.zeros((rule.delay, connections.n_targets), bool)
        self.step = 0

    def learn(self, weights: Array, sent: Array, fired: Array) -> None:
        """Store the receivers' spikes, then change the weights of the senders that spike now."""
        self._take_in(fired)
        if len(sent):
            now = self.step * self._dt
            synapses = _joined(self._wiring.starts, sent)
            self._depress(synapses, now)
            weights[synapses] = self.pending[synapses]
            gap = np.exp(-(now - self.sent_at[sent]) / self._rule.tau)
            self.sent[sent] = 1.0 + (self.sent[sent] * gap if self._rule.pairing == "all" else 0.0)
            self.sent_at[sent] = now
        self.step += 1

    def due(self) -> Array:
        """Return the weights (n_synapses,) that a spike of every sender would deliver now.

        Now is the step that comes next; spikes of receivers that would count in it are taken in.
        """
        kept = self.pending.copy(), self.fired_at.copy(), self.fired.copy(), self.waiting.copy()
        self._take_in(np.empty(0, np.int64))
        self._depress(np.arange(len(self.pending)), self.step * self._dt)
        found, (self.pending, self.fired_at, self.fired, self.waiting) = self.pending, kept
        return found

    def arrays(self) -> dict[str, Array]:
        """Return the whole state by name; :meth:`restore` takes it back."""
        return {
            "pending": self.pending, "sent_at": self.sent_at, "sent": self.sent,
            "fired_at": self.fired_at, "fired": self.fired, "waiting": self.waiting,
            "step": np.array(self.step),
        }  # fmt: skip

    def restore(self, arrays: dict[str, Array]) -> None:
        """Take back a state that :meth:`arrays` gave."""
        for name in ("pending", "sent_at", "sent", "fired_at", "fired", "waiting"):
            setattr(self, name, np.array(arrays[name]))
        self.step = int(arrays["step"])

    def _take_in(self, fired: Array) -> None:
        """Let receivers' spikes count that are old enough, and keep those of this step."""
        slot = self.step % self._rule.delay
        late = np.flatnonzero(self.waiting[slot])
        self.waiting[slot] = False
        self.waiting[slot, fired] = True
        if not len(late):
            return
        rule, now = self._rule, self.step * self._dt
        places = _joined(self._incoming.starts, late)
        synapses, sources = self._incoming.synapses[places], self._incoming.sources[places]
        grown = rule.gain * self.sent * np.exp(-(now - self.sent_at) / rule.tau)
        self.pending[synapses] = np.clip(
            self.pending[synapses] + grown[sources], rule.lowest, rule.highest
        )
        gap = np.exp(-(now - self.fired_at[late]) / rule.tau_loss)
        self.fired[late] = 1.0 + self.fired[late] * gap
        self.fired_at[late] = now

    def _depress(self, synapses: Array, now: float) -> None:
        rule = self._rule
        taken = rule.loss * self.fired * np.exp(-(now - self.fired_at) / rule.tau_loss)
        self.pending[synapses] = np.clip(
            self.pending[synapses] - taken[self._wiring.targets[synapses]],
            rule.lowest, rule.highest,
        )  # fmt: skip


def _joined(starts: Array, rows: Array) -> Array:
    """Return the indices of all members of some rows, one row after the other."""
    lengths = starts[rows + 1] - starts[rows]
    firsts = np.repeat(starts[rows] - np.cumsum(lengths) + lengths, lengths)
    joined: Array = firsts + np.arange(len(firsts))
    return joined


def deferred_window(rule: Deferred, lags: Array) -> Array:
    """Return the change of a weight by one pair at each lag, before clipping.

    Parameters
    ----------
    lags
        From the sender's spike to the moment when the receiver's counts (``delay`` after it), ms. A positive
        lag changes the weight when the sender spikes again; a lag of 0 is full depression.
    """
    lags = np.asarray(lags, float)
    up = rule.gain * np.exp(-np.abs(lags) / rule.tau)
    down = -rule.loss * np.exp(-np.abs(lags) / rule.tau_loss)
    return np.where(lags > 0, up, down)
