"""The course of one voxel in time, below the slices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QGraphicsItem

from .plot import Plot, line_pen
from .time_cursor import TimeCursor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..theme import Colours
    from .plot import Figure


class VoxelCourse(Plot):
    """A curve over the time of a series, with the common time cursor."""

    def __init__(self, times: NDArray[np.float64], unit: str, measure: str, owner: Figure) -> None:
        super().__init__()
        self._times, self._unit, self._measure, self._owner = times, unit, measure, owner
        self.values = np.full(len(times), np.nan)
        self._name = ""
        self.area.setMinimumHeight(140)
        self.setMaximumHeight(200)
        self.begin()

    def show_course(self, values: NDArray[np.float64], name: str) -> None:
        """Draw another course, called ``name``."""
        self.values, self._name = values, name
        self._fill()

    def draw(self, colours: Colours) -> None:
        """Fill the area."""
        x = ("time", "s") if self._unit == "s" else ("volume", "")
        self.plot = self.axes(0, 0, x=x, y=("value", self._measure), grid=False)
        for side in ("bottom", "top", "right"):  # painted once; only the values' axis changes
            axis = self.plot.getAxis(side)
            axis.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._words = pg.TextItem(color=colours.dim)
        self._words.setParentItem(self.plot.getViewBox())
        self._curve = self.plot.plot(pen=line_pen(0, 1.5))
        if self._unit == "s":
            self._cursors.append(TimeCursor(self.plot, self._owner))
        self._fill()

    def _fill(self) -> None:
        self._curve.setData(self._times, self.values)
        self._words.setText(self._name)

    def columns(self) -> dict[str, list[object]]:
        """Return times and values."""
        return {
            "time (s)" if self._unit == "s" else "volume": list(self._times),
            "value": list(self.values),
        }
