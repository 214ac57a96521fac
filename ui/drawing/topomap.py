"""Values at sensors, seen from above, interpolated over the head."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF

from .colour_scale import colour_map, limits
from .plot import Plot, label_axis, pen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.views import Topomap

    from ..theme import Colours
    from . import Resolve

_SIDE = 96
_EDGE = 1.0


def draw(view: Topomap, resolve: Resolve | None) -> TopomapPlot:
    """Return maps of the head."""
    del resolve
    return TopomapPlot(view)


class TopomapPlot(Plot):
    """One head a map, all on one scale."""

    def __init__(self, view: Topomap) -> None:
        super().__init__(view.caption)
        self._view = view
        self._grids = [spread(view.positions, row) for row in np.atleast_2d(view.values)]
        self.begin()

    def draw(self, colours: Colours) -> None:
        """Fill the area."""
        view = self._view
        n_columns = max(1, min(len(self._grids), math.ceil(math.sqrt(len(self._grids) * 1.7))))
        span = limits(np.asarray(view.values, float), diverging=view.diverging)
        scale = colour_map(diverging=view.diverging, dark=colours.dark)
        if view.title:
            self.area.addLabel(view.title, row=0, col=0, colspan=n_columns, color=colours.text)
        for k, grid in enumerate(self._grids):
            box = self.area.addPlot(row=1 + k // n_columns, col=k % n_columns)
            self._head(box, grid, colours)
            title = view.titles[k] if k < len(view.titles) else ""
            box.setTitle(title, color=colours.dim, size="9pt")
            image = box.items[0]
            image.setLevels(span)
            image.setColorMap(scale)
        for column in range(n_columns):  # else a long title makes its heads larger
            self.area.ci.layout.setColumnPreferredWidth(column, 100)
            self.area.ci.layout.setColumnStretchFactor(column, 1)
        n_rows = -(-len(self._grids) // n_columns)
        bar = pg.ColorBarItem(span, colorMap=scale, interactive=False, width=12)
        label_axis(bar.axis, view.value_label, view.value_unit)
        bar.axis.setPen(colours.border)
        bar.axis.setTextPen(colours.text)
        self.area.addItem(bar, 1, n_columns, n_rows, 1)

    def _head(self, box: pg.PlotItem, grid: NDArray[np.float64], colours: Colours) -> None:
        box.setMenuEnabled(False)
        box.setMouseEnabled(False, False)
        box.hideAxis("left")
        box.hideAxis("bottom")
        box.hideButtons()
        box.setAspectLocked(True)
        image = pg.ImageItem(grid, axisOrder="row-major")
        image.setRect(QRectF(-_EDGE, -_EDGE, 2 * _EDGE, 2 * _EDGE))
        box.addItem(image)
        for x, y in _outlines():
            box.addItem(pg.PlotCurveItem(x, y, pen=pen(colours.text, 1.6)))
        places = np.asarray(self._view.positions, float)
        dots = pg.ScatterPlotItem(
            places[:, 0],
            places[:, 1],
            size=3,
            brush=colours.text,
            pen=None,
            hoverable=True,
            data=list(self._view.names) or None,
            tip=_tip,
        )
        box.addItem(dots)
        box.setRange(xRange=(-1.2, 1.2), yRange=(-1.15, 1.28), padding=0.0)


def spread(positions: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values over the head by thin-plate splines through the sensors, NaN outside it.

    Parameters
    ----------
    positions : array of shape (n_sensors, 2)
        On a head of radius 1.
    values : array of shape (n_sensors,)

    Returns
    -------
    array of shape (96, 96)
    """
    from scipy.interpolate import RBFInterpolator

    side = np.linspace(-_EDGE, _EDGE, _SIDE)
    x, y = np.meshgrid(side, side)
    known = np.isfinite(values) & np.isfinite(positions).all(axis=1)
    places = np.asarray(positions, float)[known]
    few = len(np.unique(places, axis=0)) < len(places) or len(places) < 4
    grid = np.full((_SIDE, _SIDE), np.nan)
    inside = np.hypot(x, y) <= _EDGE
    if len(places):
        kernel = {"kernel": "linear", "degree": 0} if few else {"kernel": "thin_plate_spline"}
        smooth = RBFInterpolator(places, np.asarray(values, float)[known], smoothing=1e-6, **kernel)
        grid[inside] = smooth(np.column_stack([x[inside], y[inside]]))
    return grid


def _outlines() -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    angle = np.linspace(0, 2 * np.pi, 120)
    nose_x, nose_y = np.array([-0.12, 0.0, 0.12]), np.array([1.0, 1.16, 1.0])
    ear = np.linspace(-np.pi / 2, np.pi / 2, 30)
    ear_x, ear_y = 1.0 + 0.09 * np.cos(ear), 0.17 * np.sin(ear)
    return [(np.cos(angle), np.sin(angle)), (nose_x, nose_y), (ear_x, ear_y), (-ear_x, ear_y)]


def _tip(x: float, y: float, data: object) -> str:
    del x, y
    return str(data or "")
