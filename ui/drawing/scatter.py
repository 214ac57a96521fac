"""Points in groups, with intervals and levels."""

from __future__ import annotations

from html import escape
from itertools import takewhile
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg

from .plot import Plot, add_legend, add_levels, pen

if TYPE_CHECKING:
    from neurostudio.data import Points
    from neurostudio.views import Scatter

    from ..theme import Colours
    from . import Resolve

_GROUPS_MOST = 12
_SHARED_LEAST = 3
_LETTERS_MOST = 90
_TIP = 96  # pixels of a picture under the pointer
_GAP = 2  # letters between two names
_MARGIN = 0.6  # of the way to the next name, so that the outer ones are not cut


def draw(view: Scatter, resolve: Resolve | None) -> ScatterPlot:
    """Return points."""
    del resolve
    return ScatterPlot(view)


def draw_data(data: Points) -> ScatterPlot:
    """Return the first two coordinates of points, in groups by their first label."""
    from neurostudio.views import Scatter

    table = data.table
    axes = [name for name in ("x", "y", "z") if name in table]
    labels = [n for n in (*table.data_vars, *table.coords) if table[n].dtype.kind in "US"]
    groups = tuple(str(each) for each in table[labels[0]].values) if labels else ()
    return ScatterPlot(
        Scatter(
            x=np.asarray(table[axes[0]].values, float),
            y=np.asarray(table[axes[1]].values, float),
            groups=groups if len(set(groups)) <= _GROUPS_MOST else (),
            x_label=axes[0],
            y_label=axes[1],
            title=data.summary(),
        )
    )


class ScatterPlot(Plot):
    """Points, a colour a group; the name of a point is shown under the pointer."""

    def __init__(self, view: Scatter) -> None:
        super().__init__(view.caption)
        self._view = view
        self.begin()

    def draw(self, colours: Colours) -> None:
        """Fill the area."""
        view = self._view
        plot = self.axes(
            0, 0, title=view.title, x=(view.x_label, view.x_unit), y=(view.y_label, view.y_unit)
        )
        groups = np.array(view.groups or [""] * len(view.x))
        names = list(dict.fromkeys(groups.tolist()))
        if len(names) > 1:
            add_legend(plot)
        data = _under_pointer(view)
        for k, name in enumerate(names):
            colour = colours.lines[k % len(colours.lines)]
            chosen = groups == name
            self._intervals(plot, chosen, colour)
            plot.addItem(
                pg.ScatterPlotItem(
                    x=np.asarray(view.x, float)[chosen],
                    y=np.asarray(view.y, float)[chosen],
                    data=data[chosen],
                    brush=colour,
                    pen=pg.mkPen(colours.base, width=0.8),
                    symbol=("o", "s", "t", "d", "p", "h")[k % 6],
                    size=9,
                    name=name or None,
                    hoverable=True,
                    tip=_tip,
                )
            )
        if view.x_names:
            plot.getAxis("bottom").setTicks([_ticks(view.x_names)])
            plot.setXRange(-_MARGIN, len(view.x_names) - 1 + _MARGIN, padding=0)
        add_levels(plot, view.levels)

    def _intervals(self, plot: pg.PlotItem, chosen: np.ndarray, colour: str) -> None:
        view = self._view
        if view.low is None or view.high is None:
            return
        y = np.asarray(view.y, float)[chosen]
        plot.addItem(
            pg.ErrorBarItem(
                x=np.asarray(view.x, float)[chosen],
                y=y,
                top=np.asarray(view.high, float)[chosen] - y,
                bottom=y - np.asarray(view.low, float)[chosen],
                beam=0.0,
                pen=pen(colour, 1.5),
            )
        )

    def columns(self) -> dict[str, list[object]]:
        """Return the points as columns."""
        view = self._view
        found: dict[str, list[object]] = {}
        for name, some in (("name", view.names), ("group", view.groups)):
            if some:
                found[name] = list(some)
        found[view.x_label or "x"] = np.asarray(view.x).tolist()
        found[view.y_label or "y"] = np.asarray(view.y).tolist()
        for name, edge in (("low", view.low), ("high", view.high)):
            if edge is not None:
                found[name] = np.asarray(edge).tolist()
        return found


def _ticks(names: tuple[str, ...]) -> list[tuple[int, str]]:
    """Return as many names as can be read, without the beginning that all share."""
    alike = (len(set(letters)) == 1 for letters in zip(*names, strict=False))
    shared = len(list(takewhile(bool, alike))) if len(names) > 1 else 0
    short = [name[shared:] if shared > _SHARED_LEAST else name for name in names]
    letters = max(map(len, short))
    step = max(1, -(-len(short) * (letters + _GAP) // _LETTERS_MOST))
    return list(enumerate(short))[::step]


def _under_pointer(view: Scatter) -> np.ndarray:
    """Return what a tip is made of for each point: its name, and its picture where there is one."""
    names = view.names or ("",) * len(view.x)
    data = np.empty(len(names), dtype=object)
    for k, name in enumerate(names):
        data[k] = name if view.pictures is None else (name, view.pictures[k])
    return data


def _tip(x: float, y: float, data: object) -> str:
    """Return the words under the pointer; with a picture as HTML, made only when it is asked for."""
    if not isinstance(data, tuple):
        return f"{data}\n{x:.4g}, {y:.4g}".strip()
    name, pixels = data
    words = f"{escape(str(name))}<br>{x:.4g}, {y:.4g}"
    height, width = pixels.shape[:2]
    size = f'width="{max(1, _TIP * width // max(height, width))}"'
    return f'<img src="data:image/png;base64,{_png(pixels)}" {size}><br>{words}'


def _png(pixels: np.ndarray) -> str:
    """Return a small picture of 8 bits (height, width) or (height, width, 3) as PNG in base 64."""
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice
    from PySide6.QtGui import QImage, QImageWriter

    pixels = np.ascontiguousarray(pixels, dtype=np.uint8)
    height, width = pixels.shape[:2]
    colour = pixels.ndim == 3
    kind = QImage.Format.Format_RGB888 if colour else QImage.Format.Format_Grayscale8
    image = QImage(pixels.data, width, height, width * (3 if colour else 1), kind)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().toBase64().data()).decode()
