"""The cells of a matrix that are looked at, as pixels: never more of them than the screen has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .connectome_wires import Wires
    from .pixel_image import Pixels

_TINY = 1e-12
FAINTEST = 0.2  # of the colours: the weakest connection is still told from none


@dataclass(frozen=True, slots=True)
class Part:
    """The rows and columns that are looked at, ends not included, and how many pixels there are for them."""

    rows: tuple[int, int]
    columns: tuple[int, int]
    pixels: tuple[int, int]

    @property
    def shape(self) -> tuple[int, int]:
        """The size of the picture: a pixel a cell, or several cells a pixel."""
        height = min(self.rows[1] - self.rows[0], self.pixels[0])
        width = min(self.columns[1] - self.columns[0], self.pixels[1])
        return max(height, 1), max(width, 1)

    def places(
        self, rows: NDArray[np.int64], columns: NDArray[np.int64]
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
        """Return which cells are inside, and the line and column of their pixels."""
        (top, bottom), (left, right) = self.rows, self.columns
        inside = (rows >= top) & (rows < bottom) & (columns >= left) & (columns < right)
        height, width = self.shape
        y = (rows[inside] - top) * height // max(bottom - top, 1)
        x = (columns[inside] - left) * width // max(right - left, 1)
        return inside, y, x


@dataclass(frozen=True, slots=True)
class Scale:
    """How weights become one of 256 colours: evenly or by their logarithm, about 0 where there are signs."""

    low: float
    high: float
    log: bool
    signed: bool

    def levels(self, weights: NDArray[np.float32]) -> NDArray[np.int64]:
        """Return the number of the colour of each weight."""
        size = np.abs(weights)
        if self.log:
            share = np.log(np.maximum(size, _TINY) / self.low) / np.log(self.high / self.low)
            share = FAINTEST + (1 - FAINTEST) * np.clip(share, 0, 1)
        else:
            share = np.clip(size / self.high, 0, 1)
        if self.signed:
            return np.asarray(np.rint(127.5 + 127.5 * np.sign(weights) * share), np.int64)
        return np.asarray(np.rint(255 * share), np.int64)


def is_heavy_tailed(wires: Wires) -> bool:
    """Return whether a few weights are so much stronger than most that even colours would hide those."""
    size = np.abs(wires.weights)
    return bool(len(size)) and float(size[0]) > 12 * float(np.median(size))


def scale_of(wires: Wires, *, log: bool) -> Scale:
    """Return the scale over all connections of a connectome, at all of its times."""
    if wires.span is not None:
        return Scale(min(wires.span.low, 0.5 * wires.span.high), wires.span.high, log, wires.signed)
    size = np.abs(wires.weights)
    held = size[size > 0]
    high = float(held[0]) if held.size else 1.0
    low = float(held[-1]) if held.size else 0.1
    return Scale(min(low, 0.5 * high), high, log, wires.signed)


def cells(
    wires: Wires,
    count: int,
    rank: NDArray[np.int64],
    part: Part,
    scale: Scale,
    table: Pixels,
    gap: int,
) -> Pixels:
    """Return the picture of the ``count`` strongest entries; in each pixel the strongest of its cells.

    Parameters
    ----------
    rank : array of shape (n_nodes,)
        The row of each node.
    table : array of shape (256,)
        The colours; the ground is that of 0.
    gap
        The colour of cells without a number.
    """
    ground = table[128 if scale.signed else 0]
    picture: Pixels = np.full(part.shape, ground, np.uint32)
    if len(wires.missing):
        _, y, x = part.places(rank[wires.missing[:, 0]], rank[wires.missing[:, 1]])
        picture[y, x] = gap
    inside, y, x = part.places(rank[wires.source[:count]], rank[wires.target[:count]])
    colours = table[scale.levels(wires.weights[:count][inside])]
    # the strongest is written last; copies, since NumPy would go through a reversed view from its end
    flat = (y * part.shape[1] + x)[::-1].copy()
    picture.reshape(-1)[flat] = colours[::-1].copy()
    return picture
