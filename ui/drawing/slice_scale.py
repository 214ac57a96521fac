"""The scale of colours beside the slices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF

from .slice_colours import GREY, HOT, ONE, REGIONS, table
from .slice_layers import ImageLayer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..theme import Colours
    from .slice_layers import Layer

_WIDTH, _BAR = 74, 256


class ColourScale:
    """The colours of the uppermost layer that has a scale, its values, and what is not shown."""

    def __init__(
        self, area: pg.GraphicsLayoutWidget, column: int, n_rows: int, colours: Colours
    ) -> None:
        self._colours = colours
        self.plot = area.addPlot(1, column, rowspan=n_rows)
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.setFixedWidth(_WIDTH)
        self.plot.hideAxis("left")
        self.plot.showAxis("right")
        self.plot.getAxis("bottom").setStyle(showValues=False, tickLength=0)
        self.plot.getAxis("bottom").setPen(None)
        right = self.plot.getAxis("right")
        right.setPen(colours.border)
        right.setTextPen(colours.text)
        right.enableAutoSIPrefix(False)
        self._image = pg.ImageItem(axisOrder="row-major")
        self.plot.addItem(self._image)

    def show_layers(self, layers: Sequence[Layer]) -> None:
        """Follow the layers."""
        layer = scaled(layers)
        self.plot.setVisible(layer is not None)
        if layer is None:
            return
        look = layer.look
        values = np.linspace(look.low, look.high, _BAR)
        pixels = np.empty((_BAR, 1, 4), np.uint8)
        pixels[:, 0, :3] = table(look.colours)
        strong = values if look.colours in {HOT, GREY} else np.abs(values)
        weak = (look.threshold > 0) & (strong < look.threshold)
        pixels[:, 0, 3] = np.where(weak, 40, 255)
        self._image.setImage(pixels, autoLevels=False, levels=None)
        low, high = sorted((look.low, look.high))
        self._image.setRect(QRectF(0, look.low, 1, (look.high - look.low) or 1.0))
        self.plot.setXRange(0, 1, padding=0)
        self.plot.setYRange(low, high, padding=0)
        words = f"{layer.name} ({layer.measure})" if layer.measure else layer.name
        self.plot.getAxis("right").setLabel(words, color=self._colours.text)


def scaled(layers: Sequence[Layer]) -> ImageLayer | None:
    """Return the uppermost visible image whose colours stand for values."""
    for layer in reversed(layers):
        if (
            isinstance(layer, ImageLayer)
            and layer.look.visible
            and layer.look.colours not in {REGIONS, ONE}
            and not layer.frame.dtype.fields
        ):
            return layer
    return None
