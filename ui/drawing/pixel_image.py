"""Pixels that are ready to be shown: four times as quick as an image that is coloured while drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QGraphicsItem

if TYPE_CHECKING:
    import pyqtgraph as pg
    from numpy.typing import NDArray
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

    Pixels = NDArray[np.uint32]

_OPAQUE = 0xFF000000


class PixelImage(QGraphicsItem):
    """A picture of pixels at a place of the axes, the first line on top where y points down."""

    def __init__(self) -> None:
        super().__init__()
        self._pixels: Pixels = np.zeros((0, 0), np.uint32)
        self._image = QImage()
        self._place = QRectF()

    def show_pixels(self, pixels: Pixels, place: QRectF) -> None:
        """Show pixels, each 0xffRRGGBB, stretched over a place."""
        self.prepareGeometryChange()
        self._pixels = np.ascontiguousarray(pixels)  # the picture refers to them
        height, width = pixels.shape
        self._image = QImage(
            self._pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32
        )
        self._place = place
        self.update()

    def boundingRect(self) -> QRectF:
        """Return the place."""
        return self._place

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draw the pixels."""
        del option, widget
        painter.drawImage(self._place, self._image)


def pixel_table(colours: pg.ColorMap, n: int = 256) -> Pixels:
    """Return ``n`` colours of a map as pixels."""
    red, green, blue = (
        colours.getLookupTable(nPts=n, alpha=False).astype(np.uint32)[:, k] for k in range(3)
    )
    return np.asarray(_OPAQUE | red << 16 | green << 8 | blue, dtype=np.uint32)
