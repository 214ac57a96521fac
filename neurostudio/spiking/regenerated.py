"""Connections that are never stored: every row is drawn anew from a seed whenever it is needed.

Row ``i`` draws gaps between targets from a geometric law, so that the cost is the number of synapses. The
integers come from splitmix64 of ``(seed, row, count)``: the same in compiled code and in NumPy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from neurostudio.errors import BadInput
from neurostudio.spiking.connections import Connections

Array = np.ndarray[Any, np.dtype[Any]]
_KINDS = {"constant": 0, "uniform": 1, "normal": 2}


@dataclass(frozen=True, slots=True)
class Regenerated:
    """A random matrix (n_sources, n_targets) as a rule.

    Parameters
    ----------
    weights
        ``constant`` (first), ``uniform`` between first and second, ``normal`` with mean and s.d.
    """

    n_sources: int
    n_targets: int
    probability: float
    seed: int
    weights: str = "constant"
    first: float = 1.0
    second: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.probability <= 1:
            raise BadInput(f"A probability of {self.probability:g}: it lies above 0, up to 1.")
        if self.weights not in _KINDS:
            raise BadInput(f"No weights {self.weights}; there are {', '.join(_KINDS)}.")

    def forward(self, values: Array) -> Array:
        """Return ``values @ matrix``, shape (n_targets,); sources of value zero cost nothing."""
        return self._product(np.asarray(values, float), transposed=False)

    def transposed(self, values: Array) -> Array:
        """Return ``matrix @ values``, shape (n_sources,)."""
        return self._product(np.asarray(values, float), transposed=True)

    def add(self, spikes: Array, out: Array) -> None:
        """Add the weights of the spiking sources to their targets in place, shape (n_targets,)."""
        kind = _KINDS[self.weights]
        from neurostudio.spiking import rows

        call: Any = rows.events
        call(
            np.asarray(spikes, np.int64),
            self.n_targets,
            self.probability,
            np.uint64(self.seed),
            kind,
            self.first,
            self.second,
            out,
        )

    def _product(self, values: Array, *, transposed: bool) -> Array:
        out = np.zeros(self.n_sources if transposed else self.n_targets)
        kind = _KINDS[self.weights]
        shape = (self.n_sources, self.n_targets, self.probability, np.uint64(self.seed))
        from neurostudio.spiking import rows

        call: Any = rows.transposed if transposed else rows.forward
        call(values, *shape, kind, self.first, self.second, out)
        return out

    def stored(self) -> Connections:
        """Return the same matrix written out, by NumPy alone."""
        rows = [self.row(i) for i in range(self.n_sources)]
        counts = [len(targets) for targets, _ in rows]
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        targets = np.concatenate([each for each, _ in rows]).astype(np.int32)
        weights = np.concatenate([each for _, each in rows])
        return Connections(self.n_targets, starts, targets, weights)

    def row(self, source: int) -> tuple[Array, Array]:
        """Return targets and weights of one source, by NumPy."""
        most = int(self.n_targets * self.probability * 1.2 + 12 * np.sqrt(self.n_targets) + 16)
        counts = np.arange(most, dtype=np.uint64)
        start = _mixed(_mixed(np.uint64(self.seed)) + np.uint64(source))
        uniform = _unit(_mixed(start + np.uint64(3) * counts))
        gaps = _gap(uniform, self.probability)
        targets = np.cumsum(gaps) - 1
        kept = targets < self.n_targets
        second = _unit(_mixed(start + np.uint64(3) * counts + np.uint64(1)))
        third = _unit(_mixed(start + np.uint64(3) * counts + np.uint64(2)))
        weights = {
            "constant": np.full(most, self.first),
            "uniform": self.first + (self.second - self.first) * second,
            "normal": self.first
            + self.second * np.sqrt(-2 * np.log(second)) * np.cos(2 * np.pi * third),
        }[self.weights]
        return targets[kept], weights[kept]


def _mixed(x: Any) -> Any:
    """Return splitmix64's output for a state."""
    with np.errstate(over="ignore"):
        x = np.add(x, np.uint64(0x9E3779B97F4A7C15), dtype=np.uint64)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def _unit(x: Any) -> Any:
    """Return numbers above 0, up to 1."""
    return ((x >> np.uint64(11)).astype(np.float64) + 1.0) * 2.0**-53


def _gap(uniform: Any, probability: float) -> Any:
    if probability >= 1:
        return np.ones(np.shape(uniform), np.int64)
    return 1 + np.floor(np.log(uniform) / np.log1p(-probability)).astype(np.int64)
