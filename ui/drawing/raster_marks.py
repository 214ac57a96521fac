"""Rows that are chosen, marked in a raster or a heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainterPath
from PySide6.QtWidgets import QGraphicsPathItem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..theme import Colours


class ChosenRows:
    """Bands over the rows that are chosen."""

    def __init__(self, plot: pg.PlotItem, colours: Colours, span: tuple[float, float]) -> None:
        ground = QColor(colours.accent)
        ground.setAlpha(70)
        self._span = span
        self._item = QGraphicsPathItem()
        self._item.setBrush(ground)
        self._item.setPen(pg.mkPen(None))
        self._item.setZValue(5)
        plot.addItem(self._item, ignoreBounds=True)
        self.shown: tuple[int, ...] = ()

    def show(self, rows: Sequence[int], top: float = -0.5, height: float = 1.0) -> None:
        """Mark these rows and no other; the first row begins at ``top``."""
        if tuple(rows) == self.shown:
            return
        self.shown = tuple(rows)
        path = QPainterPath()
        start, stop = self._span
        for row in rows:
            path.addRect(QRectF(start, top + row * height, stop - start, height))
        self._item.setPath(path)
