"""The strongest lines of a graph painted by Qt: a first picture while the quick way is being loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from .graph_edges import looks

if TYPE_CHECKING:
    from .graph_edges import Sketch
    from .pixel_image import Pixels

PAINTED_MOST = 5_000
_STEPS = 8  # of strength that are told apart


def painted(sketch: Sketch) -> Pixels:
    """Return the strongest lines as pixels (height, width), 0xffRRGGBB."""
    height, width = sketch.shape
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(*sketch.ground))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    wires, lines = sketch.wires, sketch.lines[:PAINTED_MOST]
    for some in np.array_split(lines, _STEPS)[::-1]:
        if not len(some):
            continue
        alpha, thick = looks(wires, some, len(sketch.lines))
        for sign, colour in ((1, sketch.positive), (-1, sketch.negative)):
            held = some[np.sign(wires.weights[some]) == sign]
            ends = np.hstack([sketch.places[wires.source[held]], sketch.places[wires.target[held]]])
            ink = QColor(*colour)
            ink.setAlphaF(float(alpha.mean()))
            painter.setPen(QPen(ink, float(thick.mean())))
            painter.drawLines([QLineF(*each) for each in ends.tolist()])
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(height, image.bytesPerLine() // 4)
    return np.array(pixels[:, :width])
