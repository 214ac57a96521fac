"""Readouts that learn as data pass: recursive least squares (FORCE) and least mean squares.

Source: Sussillo and Abbott 2009 (FORCE); Haykin, *Adaptive Filter Theory*.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


class RecursiveLeastSquares:
    """Linear readout without bias, exact after each sample for the penalty ``|w|^2 / start``.

    Parameters
    ----------
    start
        ``P(0)`` times the identity: small is cautious.
    """

    def __init__(self, n_features: int, n_outputs: int, start: float = 0.1) -> None:
        self.weights = np.zeros((n_features, n_outputs))
        self._inverse = np.eye(n_features) * start

    def predict(self, state: Array) -> Array:
        """Return the outputs of states (..., n_features)."""
        outputs: Array = state @ self.weights
        return outputs

    def update(self, state: Array, target: Array) -> Array:
        """Learn one sample and return the error before it, shape (n_outputs,)."""
        gain = self._inverse @ state
        scale = 1.0 + state @ gain
        error = target - state @ self.weights
        self._inverse -= np.outer(gain, gain / scale)
        self.weights += np.outer(gain / scale, error)
        found: Array = error
        return found


class LeastMeanSquares:
    """Linear readout that follows the gradient of each sample's squared error."""

    def __init__(self, n_features: int, n_outputs: int, rate: float = 1e-3) -> None:
        self.weights = np.zeros((n_features, n_outputs))
        self._rate = rate

    def predict(self, state: Array) -> Array:
        """Return the outputs of states (..., n_features)."""
        outputs: Array = state @ self.weights
        return outputs

    def update(self, state: Array, target: Array) -> Array:
        """Learn one sample and return the error before it, shape (n_outputs,)."""
        error: Array = target - state @ self.weights
        self.weights += self._rate * np.outer(state, error)
        return error
