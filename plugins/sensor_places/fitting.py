"""Turning, shifting and scaling places so that they meet others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Similarity:
    """x → scale · turn · x + shift; metres."""

    scale: float
    turn: Array
    shift: Array

    def apply(self, places: Array) -> Array:
        """Return where places (n_sensors, 3) come to lie."""
        return np.asarray(self.scale * places @ self.turn.T + self.shift, np.float64)

    @property
    def angle(self) -> float:
        """By how much it turns, degrees."""
        cosine = (np.trace(self.turn) - 1) / 2
        return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def similarity(source: Array, target: Array) -> Similarity:
    """Return the similarity that brings ``source`` nearest to ``target``, both (n_sensors, 3).

    Notes
    -----
    Eq. 40 to 42 of Umeyama (1991); a reflection is not allowed.
    """
    from_centre, to_centre = source.mean(axis=0), target.mean(axis=0)
    moved, wanted = source - from_centre, target - to_centre
    left, values, right = np.linalg.svd(wanted.T @ moved / len(source))
    signs = np.ones(3)
    signs[-1] = np.sign(np.linalg.det(left) * np.linalg.det(right))
    turn = left @ np.diag(signs) @ right
    scale = float((values * signs).sum() / (moved**2).sum() * len(source))
    return Similarity(scale, turn, to_centre - scale * turn @ from_centre)


def turned(degrees: tuple[float, float, float]) -> Array:
    """Return the rotation about the axes to the right, the nose and the top, one after the other."""
    found = np.eye(3)
    for axis, angle in enumerate(np.radians(degrees)):
        a, b = [k for k in range(3) if k != axis]
        one = np.eye(3)
        sine = np.sin(angle) * (-1 if axis == 1 else 1)
        one[a, a] = one[b, b] = np.cos(angle)
        one[a, b], one[b, a] = -sine, sine
        found = one @ found
    return found


def rms(first: Array, second: Array) -> float:
    """Return the root of the mean squared distance of pairs of places."""
    return float(np.sqrt(((first - second) ** 2).sum(axis=1).mean()))
