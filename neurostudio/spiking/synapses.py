"""Synapses: how arriving spikes become a conductance or a current, and what that does to a neuron.

Times in ms. Linear synapses keep one state a receiving neuron; saturating ones keep one a sending neuron.
Sources: Destexhe, Mainen, Sejnowski 1994 (kinetic), Tsodyks and Markram 1998 (short-term), Jahr and
Stevens 1990 (magnesium).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from neurostudio.errors import BadInput

Array = np.ndarray[Any, np.dtype[Any]]

LINEAR = {
    "delta": {},
    "exponential": {"tau": 8.0},
    "dual": {"decay": 10.0, "rise": 1.0},
    "alpha": {"tau": 10.0},
}
SATURATING = {
    "nmda": {"a": 0.5, "decay": 100.0, "rise": 2.0},
    "ampa": {"alpha": 0.98, "beta": 0.18, "transmitter": 0.5, "open": 0.5},
    "gaba_a": {"alpha": 0.53, "beta": 0.18, "transmitter": 1.0, "open": 1.0},
    "kinetic_nmda": {"a1": 2.0, "b1": 0.01, "a2": 1.0, "b2": 0.5, "transmitter": 1.0, "open": 0.5},
}
KINDS = {**LINEAR, **SATURATING}


@dataclass(frozen=True, slots=True)
class Synapse:
    """A kind of synapse and what of its parameters differs from the default."""

    kind: str = "exponential"
    changed: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadInput(f"No synapse {self.kind}; there are {', '.join(KINDS)}.")
        strange = sorted(set(self.changed) - set(KINDS[self.kind]))
        if strange:
            raise BadInput(
                f"{self.kind} has no {strange[0]}; it has {', '.join(KINDS[self.kind])}."
            )

    @property
    def values(self) -> dict[str, float]:
        """All parameters."""
        return {**KINDS[self.kind], **self.changed}

    @property
    def saturates(self) -> bool:
        """Whether the state belongs to the sender."""
        return self.kind in SATURATING


@dataclass(frozen=True, slots=True)
class Output:
    """What a gating g does: ``current`` I = g, ``conductance`` g (E - V), ``magnesium`` blocks that too."""

    kind: str = "current"
    reversal: float = 0.0
    magnesium: float = 1.2

    def __post_init__(self) -> None:
        if self.kind not in {"current", "conductance", "magnesium"}:
            raise BadInput(f"No output {self.kind}; there are current, conductance, magnesium.")

    def open_share(self, potential: Array) -> Array | float:
        """Return the share of channels that magnesium leaves open, 1 for the other outputs."""
        if self.kind != "magnesium":
            return 1.0
        return 1.0 / (1.0 + self.magnesium / 3.57 * np.exp(-0.062 * potential))


class LinearState:
    """One or two states a receiving neuron; arrivals are summed weights.

    Parameters
    ----------
    n
        Receiving neurons.
    dt
        ms.
    """

    def __init__(self, synapse: Synapse, n: int, dt: float, dtype: Any = np.float64) -> None:
        p = synapse.values
        self._kind = synapse.kind
        self.gating = np.zeros(n, dtype)
        self._second = np.zeros(n, dtype)
        if self._kind == "exponential":
            self._decay = dtype(np.exp(-dt / p["tau"]))
        elif self._kind == "dual":
            self._decay, self._rise = (
                dtype(np.exp(-dt / p["decay"])),
                dtype(np.exp(-dt / p["rise"])),
            )
            self._scale = peak_scale(p["decay"], p["rise"])
        elif self._kind == "alpha":
            self._decay, self._share = dtype(np.exp(-dt / p["tau"])), dtype(dt / p["tau"])

    def advance(self, arrivals: Array) -> None:
        """Decay by one step, then add what arrives."""
        if self._kind == "delta":
            self.gating[:] = arrivals
        elif self._kind == "exponential":
            self.gating *= self._decay
            self.gating += arrivals
        elif self._kind == "dual":
            self._second *= self._rise
            self._first_of_two(arrivals)
        else:
            self.gating += self._share * self._second
            self.gating *= self._decay
            self._second *= self._decay
            self._second += arrivals

    def _first_of_two(self, arrivals: Array) -> None:
        if not hasattr(self, "_slow"):
            self._slow = np.zeros_like(self.gating)
        self._slow *= self._decay
        self._slow += arrivals
        self._second += arrivals
        self.gating[:] = self._scale * (self._slow - self._second)


def peak_scale(decay: float, rise: float) -> float:
    """Return the factor that makes the peak of ``exp(-t/decay) - exp(-t/rise)`` one.

    Raises
    ------
    BadInput
        Equal or swapped time constants.
    """
    if not decay > rise > 0:
        raise BadInput(
            f"Decay {decay:g} ms and rise {rise:g} ms: the decay must be the longer one."
        )
    peak = decay * rise / (decay - rise) * np.log(decay / rise)
    return float(1.0 / (np.exp(-peak / decay) - np.exp(-peak / rise)))


class SaturatingState:
    """Gating of every sending neuron, between 0 and 1."""

    def __init__(self, synapse: Synapse, n: int, dt: float, dtype: Any = np.float64) -> None:
        self._kind, self._p, self._dt = synapse.kind, synapse.values, dt
        self.gating = np.zeros(n, dtype)
        self._second = np.zeros(n, dtype)
        self._left = np.zeros(n, np.int64)

    def advance(self, spikes: Array) -> None:
        """Decay by one step and take in the spikes (indices of senders) that arrive now."""
        p, dt = self._p, self._dt
        if self._kind == "nmda":
            self._second *= np.exp(-dt / p["rise"])
            self._second[spikes] += 1.0
            self._relax(self.gating, p["a"] * self._second, 1.0 / p["decay"])
            return
        self._left[spikes] = round(p["open"] / dt)
        bound = p["transmitter"] * (self._left > 0)
        self._left -= self._left > 0
        if self._kind == "kinetic_nmda":
            self._relax(self._second, p["a2"] * bound, p["b2"])
            self._relax(self.gating, p["a1"] * self._second, p["b1"])
        else:
            self._relax(self.gating, p["alpha"] * bound, p["beta"])

    def _relax(self, state: Array, opening: Array, closing: float) -> None:
        """Advance ``ds = opening (1 - s) - closing s`` exactly for a constant opening."""
        rate = opening + closing
        far = opening / rate
        state[:] = far + (state - far) * np.exp(-rate * self._dt)


@dataclass(frozen=True, slots=True)
class ShortTerm:
    """Facilitation and depression of a sender: ``use`` U, ``facilitation`` and ``recovery`` in ms.

    Without facilitation (0) it is depression alone: each spike takes the share ``use`` of what is left.
    """

    use: float = 0.15
    facilitation: float = 1500.0
    recovery: float = 200.0


class ShortTermState:
    """What each sender still has, and with what probability it gives it."""

    def __init__(self, rule: ShortTerm, n: int, dt: float) -> None:
        self._rule = rule
        self.left = np.ones(n)
        self.use = np.zeros(n) if rule.facilitation > 0 else np.full(n, rule.use)
        self._recover = np.exp(-dt / rule.recovery)
        self._forget = np.exp(-dt / rule.facilitation) if rule.facilitation > 0 else 1.0

    def advance(self, spikes: Array) -> Array:
        """Advance one step and return the efficacy of the senders that spike now, shape (n_spikes,)."""
        self.left = 1.0 - (1.0 - self.left) * self._recover
        if self._rule.facilitation > 0:
            self.use *= self._forget
            self.use[spikes] += self._rule.use * (1.0 - self.use[spikes])
        given = self.use[spikes] * self.left[spikes]
        self.left[spikes] -= given
        return given
