"""The network of ten populations, as published: sizes, neurons, connections.

Casanueva-Morato and others 2024, arXiv 2310.05868. Times in ms, potentials in mV, weights in nA.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.spiking.connections import Connections, from_matrix, from_pairs
from neurostudio.spiking.deferred import Deferred, DeferredLearner
from neurostudio.spiking.networks import Network, Population, Projection, Source
from neurostudio.spiking.neurons import LIF
from neurostudio.spiking.synapses import Synapse

if TYPE_CHECKING:
    from neurostudio.spiking.plasticity import Learner

Array = np.ndarray[Any, np.dtype[Any]]

POPULATIONS = (
    "IN", "CueS1", "ContS1", "Cond", "Int", "CueS2", "ContS2", "MergeCue", "MergeCont", "OUT",
)  # fmt: skip
SYNAPTIC = 0.3  # ms, both signs
SCALE = SYNAPTIC * (1.0 - np.exp(-1.0 / SYNAPTIC))  # the hardware's scaling of synaptic input
SPIKE = 6.0  # nA: one spike is enough
TOLERANCE = 1e-9
_SLOW = {"capacity": 0.27, "tau": 3.0, "threshold": -57.0}
_FAST = {"capacity": 0.14, "tau": 0.5, "threshold": -57.0}
_LAST = {"capacity": 0.27, "tau": 3.0, "threshold": -57.5}
NEURONS = {
    "CueS1": _SLOW, "ContS1": _SLOW, "Cond": _FAST, "Int": _FAST, "CueS2": _FAST,
    "ContS2": _SLOW, "MergeCue": _SLOW, "MergeCont": _SLOW, "OUT": _LAST,
}  # fmt: skip
PLASTIC = ("CueS1 to ContS1", "ContS2 to CueS2")


def sizes_of(n_cues: int, n_content: int) -> dict[str, int]:
    """Return how many neurons each population has."""
    both, one = n_cues + n_content, 1
    kinds = (both, n_cues, n_content, n_content, one, n_cues, n_content, n_cues, n_content, both)
    return dict(zip(POPULATIONS, kinds, strict=True))


def network_of(n_cues: int, n_content: int, rule: Deferred, times: tuple[Array, ...]) -> Network:
    """Return the network.

    Parameters
    ----------
    times
        Input spikes in ms, one array for each cue, then one for each bit.
    """
    sizes = sizes_of(n_cues, n_content)
    populations = tuple(_population(name, sizes[name]) for name in NEURONS)
    source = Source("IN", sizes["IN"], times)
    return Network(populations, _projections(n_cues, n_content, rule), (source,))


def _population(name: str, size: int) -> Population:
    p = NEURONS[name]
    parameters = {
        "rest": -60.0,
        "reset": -60.0,
        "threshold": p["threshold"] - TOLERANCE,
        "tau": p["tau"],
        "resistance": p["tau"] / p["capacity"],
        "refractory": 1.0,  # ms: exactly one update is skipped
    }
    return Population(name, size, LIF, parameters)


def _projections(n_cues: int, n_content: int, rule: Deferred) -> tuple[Projection, ...]:
    cue, bit = np.arange(n_cues), np.arange(n_content)
    only = np.zeros(n_content, int)
    both = n_cues + n_content
    cues = from_pairs(cue, cue, n_cues, n_cues)
    bits = from_pairs(bit, bit, n_content, n_content)
    others = from_matrix(1.0 - np.eye(n_cues))
    to_all = from_matrix(np.ones((n_cues, n_content)))
    back = from_matrix(np.ones((n_content, n_cues)))
    learner = partial(_learner, rule)
    veto = -SPIKE * n_content
    return (
        _joined("IN", "CueS1", from_pairs(cue, cue, both, n_cues), SPIKE, 1),
        _joined("IN", "ContS1", from_pairs(bit + n_cues, bit, both, n_content), SPIKE, 1),
        _joined("CueS1", "ContS1", to_all, 0.0, 1, learner),
        _joined("CueS1", "CueS2", cues, SPIKE, 2),
        _joined("CueS1", "CueS2", others, veto, 3),
        _joined("CueS1", "Cond", to_all, -SPIKE, 2),
        _joined("ContS1", "Cond", bits, 9.0, 1),
        _joined("ContS1", "Int", from_pairs(bit, only, n_content, 1), SPIKE, 1),
        _joined("Int", "Cond", from_pairs(only, bit, 1, n_content), 2.0, 1),
        _joined("Cond", "ContS2", bits, SPIKE, 1),
        _joined("ContS2", "CueS2", back, 0.0, 1, learner),
        _joined("CueS2", "CueS2", others, veto, 2),
        _joined("CueS1", "MergeCue", cues, SPIKE, 3),
        _joined("ContS1", "MergeCont", bits, SPIKE, 3),
        _joined("CueS2", "MergeCue", cues, SPIKE, 1),
        _joined("ContS2", "MergeCont", bits, SPIKE, 1),
        _joined("MergeCue", "OUT", from_pairs(cue, cue, n_cues, both), SPIKE, 1),
        _joined("MergeCont", "OUT", from_pairs(bit, bit + n_cues, n_content, both), SPIKE, 1),
    )


def _joined(
    source: str, target: str, wiring: Connections, weight: float, delay: float, learner: Any = None
) -> Projection:
    weights = np.full(wiring.n_synapses, weight * SCALE) if wiring.n_synapses else np.zeros(1)
    return Projection(
        source,
        target,
        wiring.weighted(weights),
        Synapse("exponential", {"tau": SYNAPTIC}),
        delay=delay,
        learner=learner,
    )


def _learner(rule: Deferred, wiring: Connections, dt: float) -> Learner:
    scaled = replace(
        rule,
        gain=rule.gain * SCALE,
        loss=rule.loss * SCALE,
        lowest=rule.lowest * SCALE,
        highest=rule.highest * SCALE,
    )
    return DeferredLearner(scaled, wiring, dt)
