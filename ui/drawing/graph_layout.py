"""Where the nodes of a graph stand in the plane: on a circle, by springs, or where they are in space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .connectome_wires import Wires

    Places = NDArray[np.float64]

CIRCLE, SPRINGS, SPACE = "Circle", "Springs", "Space"
ROUNDS, PIECES = 240, 8  # of the springs, and how often the picture is shown on the way
_GAP = 2.0  # nodes, between two groups on the circle
_LINES_MOST = 300_000


def on_circle(order: NDArray[np.int64], groups: NDArray[np.int64]) -> Places:
    """Return places (n_nodes, 2) on the circle of radius 1, clockwise from the top, a gap between groups."""
    n = len(order)
    if not n:
        return np.zeros((0, 2))
    turns = groups[order[1:]] != groups[order[:-1]]
    several = bool(turns.any())
    gap = max(_GAP, 0.01 * n) if several else 0.0
    at = np.arange(n) + np.r_[0.0, np.cumsum(turns * gap)]
    angle = np.pi / 2 - 2 * np.pi * at / (at[-1] + 1 + gap)
    places = np.empty((n, 2))
    places[order] = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return places


def in_space(wires: Wires) -> Places | None:
    """Return places (n_nodes, 2) seen along the shortest side of the body, None where nodes have none.

    The longest side runs across. Nodes without a place stand in a row below.
    """
    if wires.places is None:
        return None
    known = np.isfinite(wires.places).all(axis=1)
    if known.sum() < 2:
        return None
    size = np.ptp(wires.places[known], axis=0)
    across, up = np.argsort(-size, kind="stable")[:2]
    if {int(across), int(up)} == {0, 1}:  # seen from above as usual: right to the right, front up
        across, up = (0, 1) if size[0] * 3 > size[1] else (1, 0)
    places: Places = wires.places[:, [across, up]].copy()
    middle = (places[known].min(axis=0) + places[known].max(axis=0)) / 2
    places = (places - middle) / (size.max() / 2)
    lost = np.flatnonzero(~known)
    places[lost] = np.c_[
        np.linspace(-1, 1, len(lost)), np.full(len(lost), places[known, 1].min() - 0.2)
    ]
    return places


class Springs:
    """A layout in pieces, so that the picture can be shown while it comes; the same seed, the same picture.

    Connections pull their nodes together and all nodes push each other away (Fruchterman & Reingold 1991);
    of very many nodes each is pushed by a sample.
    """

    def __init__(self, wires: Wires, count: int, seed: int = 0) -> None:
        lines = wires.drawn(count)[:_LINES_MOST]
        self._source, self._target = wires.source[lines], wires.target[lines]
        size = np.abs(wires.weights[lines]).astype(np.float64)
        self._pull = np.sqrt(size / (size.max() if size.size else 1.0))
        random = np.random.default_rng(seed)
        self.places: Places = random.uniform(-1, 1, (wires.n_nodes, 2))
        self._seed = seed
        self.done = 0

    def run(self, rounds: int = ROUNDS // PIECES) -> Places:
        """Go on for some rounds and return places (n_nodes, 2) within a circle of radius about 1."""
        from .graph_springs import settle

        settle(
            self.places,
            self._source,
            self._target,
            self._pull,
            self.done,
            rounds,
            ROUNDS,
            self._seed,
        )
        self.done += rounds
        return fitted(self.places)


def fitted(places: Places) -> Places:
    """Return places moved and scaled so that nearly all lie within the circle of radius 1."""
    if not len(places):
        return places
    middle = np.median(places, axis=0)
    reach = np.quantile(np.linalg.norm(places - middle, axis=1), 0.98)
    moved = (places - middle) / (reach or 1.0)
    far = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(np.where(far > 1.2, moved * 1.2 / np.maximum(far, 1e-12), moved), float)
