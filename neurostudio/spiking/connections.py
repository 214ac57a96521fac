"""Who projects to whom, sparse: the targets of each source in one array after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Connections:
    """Compressed sparse rows, grouped by source; targets of a source ascend unless drawn otherwise.

    Parameters
    ----------
    n_targets
        Number of neurons that may receive.
    starts : array of shape (n_sources + 1,), int64
        The synapses of source ``i`` are ``starts[i]`` to ``starts[i + 1]``.
    targets : array of shape (n_synapses,), int32
    weights : array of shape (n_synapses,) or (1,)
        One weight stands for all (memory traffic halves).
    """

    n_targets: int
    starts: NDArray[np.int64]
    targets: NDArray[np.int32]
    weights: Array

    def __post_init__(self) -> None:
        if self.weights.size not in {1, self.targets.size}:
            raise BadInput(
                f"{self.weights.size} weights for {self.targets.size} synapses: give one, or one each."
            )

    @property
    def n_sources(self) -> int:
        """Number of neurons that may send."""
        return len(self.starts) - 1

    @property
    def n_synapses(self) -> int:
        """Number of synapses."""
        return len(self.targets)

    @property
    def homogeneous(self) -> bool:
        """Whether one weight stands for all."""
        return self.weights.size == 1 and self.targets.size != 1

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return int(self.starts.nbytes + self.targets.nbytes + self.weights.nbytes)

    def sources(self) -> NDArray[np.int32]:
        """Return the source of every synapse, shape (n_synapses,)."""
        return np.repeat(np.arange(self.n_sources, dtype=np.int32), np.diff(self.starts))

    def weighted(self, weights: Array | float) -> Connections:
        """Return the same wiring with other weights: one, or one a synapse."""
        return Connections(
            self.n_targets, self.starts, self.targets, np.atleast_1d(np.asarray(weights))
        )

    def all_weights(self) -> Array:
        """Return the weight of every synapse, shape (n_synapses,)."""
        return np.broadcast_to(self.weights, self.targets.shape)

    def dense(self) -> Array:
        """Return the matrix (n_sources, n_targets); synapses that stand twice add up."""
        matrix = np.zeros((self.n_sources, self.n_targets), self.weights.dtype)
        np.add.at(matrix, (self.sources(), self.targets), self.all_weights())
        return matrix

    def incoming(self) -> Incoming:
        """Return the same synapses grouped by target."""
        order = np.argsort(self.targets, kind="stable")
        counts = np.bincount(self.targets, minlength=self.n_targets)
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return Incoming(starts, self.sources()[order], order.astype(np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Incoming:
    """The synapses of :class:`Connections` grouped by target.

    Parameters
    ----------
    starts : array of shape (n_targets + 1,), int64
    sources : array of shape (n_synapses,), int32
    synapses : array of shape (n_synapses,), int64
        Where the weight of each stands in ``Connections.weights``.
    """

    starts: NDArray[np.int64]
    sources: NDArray[np.int32]
    synapses: NDArray[np.int64]


def from_pairs(
    sources: Array, targets: Array, n_sources: int, n_targets: int, weights: Array | float = 1.0
) -> Connections:
    """Return connections from index pairs, in any order.

    Raises
    ------
    BadInput
        An index lies outside the populations.
    """
    sources, targets = np.asarray(sources, np.int64), np.asarray(targets, np.int64)
    for name, indices, n in (("source", sources, n_sources), ("target", targets, n_targets)):
        if indices.size and (indices.min() < 0 or indices.max() >= n):
            raise BadInput(f"A {name} of {int(indices.max())} among {n} neurons: count from 0.")
    order = np.lexsort((targets, sources))
    counts = np.bincount(sources, minlength=n_sources)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    each = np.atleast_1d(np.asarray(weights))
    each = each[order] if each.size == sources.size and each.size > 1 else each
    return Connections(n_targets, starts, targets[order].astype(np.int32), each)


def from_matrix(matrix: Array) -> Connections:
    """Return connections from a matrix (n_sources, n_targets); zeros are no synapse."""
    sources, targets = np.nonzero(matrix)
    n_sources, n_targets = matrix.shape
    return from_pairs(sources, targets, n_sources, n_targets, matrix[sources, targets])
