"""Curves over one axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor, QPen

from ..linking import links
from .plot import Plot, add_legend, add_levels, line_pen, pen

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from neurostudio.views import Lines

    from ..theme import Colours
    from . import Resolve

_CHOSEN = 2.2  # times as thick as the others
_LEGEND_MOST, _LEGEND_INSIDE = 24, 4  # three kinds of dashes tell eight colours apart


def draw(view: Lines, resolve: Resolve | None) -> LinesPlot:
    """Return curves with their bands and levels."""
    del resolve
    return LinesPlot(view)


class LinesPlot(Plot):
    """Curves, each in a colour of its own, with bands, levels and marks."""

    def __init__(self, view: Lines) -> None:
        super().__init__(view.caption)
        self._view = view
        self._beside: pg.ViewBox | None = None
        self.begin()
        if view.names:
            links().units_chosen.connect(self._choose)

    def draw(self, colours: Colours) -> None:
        """Fill the area."""
        view = self._view
        plot = self.axes(
            0,
            0,
            title=view.title,
            x=(view.x_label, view.x_unit),
            y=(view.y_label, view.y_unit),
            time=view.axis == "time",
        )
        plot.setLogMode(view.log_x, view.log_y)
        self._lines: dict[str, tuple[pg.PlotDataItem, QPen]] = {}
        y = np.atleast_2d(view.y)
        many = len(y) > _LEGEND_MOST
        if view.names and not many:
            legend = add_legend(plot)
            if len(view.names) > _LEGEND_INSIDE:
                self._put_beside(legend)
        for k, values in enumerate(y):
            colour = colours.lines[k % len(colours.lines)]
            if view.low is not None and view.high is not None:
                self._band(plot, k, colour)
            x = view.x[k] if np.ndim(view.x) > 1 else view.x
            name = view.names[k] if k < len(view.names) and not many else None
            line = pen(colour, 1.0) if many else line_pen(k, 1.8)
            single = np.isfinite(values).sum() == 1
            item = plot.plot(
                np.asarray(x, float),
                np.asarray(values, float),
                pen=line,
                name=name,
                connect="finite",
                symbol="o" if single else None,
                symbolBrush=colour,
                symbolPen=None,
            )
            if k < len(view.names):
                self._lines[view.names[k]] = (item, line)
        if links().units:
            self._choose()
        add_levels(plot, view.levels)
        add_levels(plot, view.marks, vertical=True)

    def _choose(self, names: object = None) -> None:
        """Draw the lines of chosen units thicker, and the others as they were."""
        del names
        for name, (item, line) in self._lines.items():
            chosen = name in links().units
            wanted = QPen(line)
            wanted.setWidthF(line.widthF() * (_CHOSEN if chosen else 1))
            item.setPen(wanted)
            item.setZValue(1 if chosen else 0)

    def _put_beside(self, legend: pg.LegendItem) -> None:
        """Move a long legend out of the curves' way, to the right of the axes."""
        legend.layout.setVerticalSpacing(0)  # a negative one makes rows grow with every name
        self._beside = self.area.addViewBox(row=0, col=1, enableMouse=False)
        legend.setParentItem(self._beside)
        legend.anchor((0, 0), (0, 0))
        self._fit_beside()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show a legend beside the curves only where it leaves them the larger part."""
        super().resizeEvent(event)
        self._fit_beside()

    def _fit_beside(self) -> None:
        if self._beside is None:
            return
        wanted = 60 + 8 * max(map(len, self._view.names))
        fits = self.width() > 2 * wanted
        self._beside.setVisible(fits)
        self._beside.setMaximumWidth(wanted if fits else 0)
        self._beside.setMinimumWidth(wanted if fits else 0)

    def _band(self, plot: pg.PlotItem, k: int, colour: str) -> None:
        view = self._view
        assert view.low is not None  # noqa: S101  told by the caller
        assert view.high is not None  # noqa: S101
        x = np.asarray(view.x[k] if np.ndim(view.x) > 1 else view.x, float)
        low, high = (np.asarray(np.atleast_2d(edge)[k], float) for edge in (view.low, view.high))
        there = np.isfinite(low) & np.isfinite(high) & np.isfinite(x)
        if view.log_y:
            there &= low > 0
        edges = []
        for edge in (low, high):
            # a data item without a pen has no path, so that nothing would be filled
            shown = [x[there], edge[there]]
            for axis, log in enumerate((view.log_x, view.log_y)):
                shown[axis] = np.log10(shown[axis]) if log else shown[axis]
            edges.append(pg.PlotCurveItem(*shown, pen=None))
        ground = QColor(colour)
        ground.setAlpha(50)
        for item in (*edges, pg.FillBetweenItem(*edges, brush=ground)):
            plot.addItem(item)

    def columns(self) -> dict[str, list[object]]:
        """Return the curves as columns."""
        view = self._view
        y = np.atleast_2d(view.y)
        names = [view.names[k] if k < len(view.names) else f"y{k + 1}" for k in range(len(y))]
        if np.ndim(view.x) > 1:
            found: dict[str, list[object]] = {}
            for k, name in enumerate(names):
                found[f"{name} x"] = np.asarray(view.x[k]).tolist()
                found[name] = y[k].tolist()
            return found
        axis = {f"{view.x_label or 'x'} ({view.x_unit or '1'})": np.asarray(view.x).tolist()}
        return axis | {name: y[k].tolist() for k, name in enumerate(names)}
