"""The lines of a graph as one picture, drawn in a thread where there are very many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtGui import QColor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..theme import Colours
    from .connectome_wires import Wires
    from .pixel_image import Pixels

DRAWN_MOST = 200_000
AT_ONCE = 30_000  # lines that are drawn without a thread
HEADS_MOST = 400  # lines whose direction is drawn
_HEAD, _SPREAD = 9.0, np.radians(24.0)
_READY: list[bool] = []


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """All that a picture of lines needs: places of the nodes in pixels, sizes in pixels, colours."""

    wires: Wires
    lines: NDArray[np.int64]
    places: NDArray[np.float64]
    radii: NDArray[np.float64]
    shape: tuple[int, int]
    ground: tuple[int, int, int]
    positive: tuple[int, int, int]
    negative: tuple[int, int, int]


def is_ready() -> bool:
    """Return whether the compiled part has been at work, so that it takes milliseconds."""
    return bool(_READY)


def colours_of(colours: Colours) -> tuple[tuple[int, int, int], ...]:
    """Return ground, and the colours of positive and negative connections, as red, green and blue."""
    positive, negative = ("#b9c3d0", "#ff8f75") if colours.dark else ("#3d4b5c", "#b2182b")
    return tuple(_rgb(each) for each in (colours.base, positive, negative))


def picture_of(sketch: Sketch) -> Pixels:
    """Return the lines as pixels (height, width); touches no widget."""
    shine, mixed = _kernels()
    wires, lines = sketch.wires, sketch.lines
    signs = np.sign(wires.weights[lines])
    heads = wires.directed and len(lines) <= HEADS_MOST
    lefts = np.ones((2 if (signs < 0).any() else 1, *sketch.shape), np.float32)
    for left, sign in zip(lefts, (1, -1), strict=False):
        some = lines[signs == sign]
        if not len(some):
            continue
        start, stop = sketch.places[wires.source[some]], sketch.places[wires.target[some]]
        alpha, thick = looks(wires, some, len(lines))
        shine(left, *_columns(start, stop), alpha, thick)
        if heads:
            _heads(left, start, stop, sketch.radii[wires.target[some]], np.maximum(alpha, 0.6))
    colours = np.array([sketch.positive, sketch.negative], np.float32)
    picture = mixed(lefts, colours, np.array(sketch.ground, np.float32))
    _READY.append(True)
    del _READY[1:]
    return np.asarray(picture, np.uint32)


def _kernels() -> tuple[Any, Any]:
    """Return what is compiled; imported late, since compiling takes seconds the first time."""
    from .graph_raster import mixed, shine

    return shine, mixed


def looks(
    wires: Wires, lines: NDArray[np.int64], n_lines: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how opaque and how thick lines are: the stronger the more, the more there are the less."""
    share = np.abs(wires.weights[lines]).astype(float) / wires.top
    full = float(np.clip(14.0 / np.sqrt(max(n_lines, 1)), 0.03, 0.8))
    alpha = np.minimum(full * (0.3 + 0.7 * np.sqrt(share)) + 0.5 * share * (1 - full), 0.9)
    thick = 1.0 + (2.5 if n_lines <= 5000 else 1.0) * share
    return alpha, thick


def _heads(
    left: NDArray[np.float32],
    start: NDArray[np.float64],
    stop: NDArray[np.float64],
    radii: NDArray[np.float64],
    alpha: NDArray[np.float64],
) -> None:
    """Draw two short strokes where each line meets its target."""
    shine, _ = _kernels()
    way = stop - start
    length = np.linalg.norm(way, axis=1)
    far = length > radii + _HEAD
    way, tip = way[far] / length[far, None], stop[far]
    tip = tip - way * (radii[far, None] + 1.0)
    thick = np.full(len(tip), 1.6)
    for turn in (_SPREAD, -_SPREAD):
        cosine, sine = np.cos(turn), np.sin(turn)
        back = np.column_stack(
            [cosine * way[:, 0] - sine * way[:, 1], sine * way[:, 0] + cosine * way[:, 1]]
        )
        shine(left, *_columns(tip, tip - _HEAD * back), alpha[far], thick)


def _columns(start: NDArray[np.float64], stop: NDArray[np.float64]) -> tuple[Any, ...]:
    return tuple(
        np.ascontiguousarray(each) for each in (start[:, 0], start[:, 1], stop[:, 0], stop[:, 1])
    )


def _rgb(name: str) -> tuple[int, int, int]:
    colour = QColor(name)
    return colour.red(), colour.green(), colour.blue()
