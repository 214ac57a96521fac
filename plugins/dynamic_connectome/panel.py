"""The motif atlas drawn: a row a component."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor

if TYPE_CHECKING:
    from .picture_of_atlas import MotifAtlas

ROW = 76  # pixels at least
MOST = 12  # communities in colours of their own
NAMES_MOST = 7
HEADROOM = 1.25  # for the names of stimuli above a curve


class Area(Protocol):
    """What the desktop gives: axes; a rectangle whose data 0 are names chooses these when it is clicked."""

    area: Any

    def axes(self, row: int, column: int, **words: Any) -> Any:
        """Return new axes."""
        ...


def draw_atlas(view: MotifAtlas, plot: Area, colours: Any) -> None:
    """Draw time, animals, matrix and ribbon of each component."""
    rank = len(view.time)
    many = len(view.animal_names) > 1
    plot.area.setMinimumHeight(ROW * rank + 40)
    plot.area.addLabel(view.above, row=0, col=0, colspan=4, color=colours.text, size="10pt")
    first = None
    for r in range(rank):
        last = r == rank - 1
        when = plot.axes(
            r + 1,
            0,
            title="When, by component" if r == 0 else "",
            x=("time", "s") if last else ("", ""),
            y=(f"{r + 1}", ""),
            time=True,
        )
        _stimuli(view, when, colours, r)
        when.plot(view.times, view.time[r], pen=pg.mkPen(_colour(colours, r), width=1.6))
        if first is None:
            first = when
            when.setXRange(float(view.times[0]), float(view.times[-1]), padding=0.01)
        else:
            when.setXLink(first)
        if many:
            _animals(view, plot, colours, r, last=last)
        _matrix(view, plot, colours, r)
        _ribbon(view, plot, colours, r)
    layout = plot.area.ci.layout
    for column, stretch in enumerate((6, 2, 3, 5) if many else (6, 0, 3, 5)):
        layout.setColumnStretchFactor(column, stretch)


def _colour(colours: Any, number: int) -> str:
    return str(colours.lines[number % len(colours.lines)])


def _stimuli(view: MotifAtlas, axes: Any, colours: Any, row: int) -> None:
    """Shade the times of stimuli, and name them above the first row."""
    top = HEADROOM * float(view.time[row].max())
    axes.setYRange(0.0, top, padding=0.02)
    for k, name in enumerate(view.epoch_names):
        here = np.flatnonzero(np.diff(np.r_[0, view.inside[k] > 0, 0].astype(int)))
        for number, (a, b) in enumerate(zip(here[::2], here[1::2] - 1, strict=True)):
            ground = QColor(_colour(colours, k + 3))
            ground.setAlpha(36)
            region = pg.LinearRegionItem(
                (view.times[a], view.times[b]), movable=False, brush=ground, pen=pg.mkPen(None)
            )
            axes.addItem(region)
            if number == 0:
                purity = f"  {view.shares[row, k]:.2f}"
                label = pg.TextItem(f"{name}{purity}", color=colours.dim, anchor=(0, 0))
                axes.addItem(label, ignoreBounds=True)
                label.setPos(float(view.times[a]), top)


def _animals(view: MotifAtlas, plot: Area, colours: Any, row: int, *, last: bool) -> None:
    axes = plot.axes(row + 1, 1, title="In whom" if row == 0 else "", y=("loading, median 1", ""))
    n = len(view.animal_names)
    axes.addItem(
        pg.BarGraphItem(
            x=np.arange(n),
            height=view.animals[row],
            width=0.7,
            brush=_colour(colours, row),
            pen=pg.mkPen(None),
        )
    )
    if last:
        axes.setLabel("bottom", "animal", color=colours.text)
    step = max(1, -(-n // 10))
    axes.getAxis("bottom").setTicks([[(k, str(k + 1)) for k in range(0, n, step)]])


def _matrix(view: MotifAtlas, plot: Area, colours: Any, row: int) -> None:
    axes = plot.axes(row + 1, 2, title="Between whom" if row == 0 else "", grid=False)
    order, labels = view.order[row], view.labels[row]
    values = view.matrices[row][np.ix_(order, order)].astype(float)
    high = float(np.percentile(values, 99.5)) or float(values.max()) or 1.0
    image = pg.ImageItem(values, axisOrder="row-major", levels=(0.0, high))
    image.setColorMap(pg.colormap.get("viridis"))
    axes.addItem(image)
    axes.getViewBox().invertY(True)
    axes.setAspectLocked(True)
    edges = np.r_[0, np.cumsum(np.bincount(labels[order]))]
    for a, b in pairwise(edges):
        axes.plot([a, b, b, a, a], [a, a, b, b, a], pen=pg.mkPen("#ffffff", width=1.2))
    for side in ("left", "bottom"):
        axes.getAxis(side).setTicks([[]])
        axes.getAxis(side).setStyle(showValues=False)


def _ribbon(view: MotifAtlas, plot: Area, colours: Any, row: int) -> None:
    """Draw communities as bars as long as they have neurons, with the names of the strongest."""
    axes = plot.axes(
        row + 1, 3, title="Communities, strongest first" if row == 0 else "", grid=False
    )
    labels, order = view.labels[row], view.order[row]
    groups: dict[int, list[str]] = {}
    for k in order:
        groups.setdefault(int(labels[k]), []).append(view.neurons[k])
    shown = list(groups.items())[:MOST]
    for y, (group, members) in enumerate(shown):
        bar = pg.QtWidgets.QGraphicsRectItem(QRectF(0, y + 0.1, len(members), 0.8))
        bar.setData(0, members)  # a click chooses them
        bar.setToolTip(" ".join(members))
        bar.setCursor(Qt.CursorShape.PointingHandCursor)
        bar.setPen(pg.mkPen(None))
        ground = QColor(_colour(colours, group))
        ground.setAlpha(110)
        bar.setBrush(ground)
        axes.addItem(bar)
        more = " …" if len(members) > NAMES_MOST else ""
        text = pg.TextItem(
            f"{len(members)}: " + " ".join(members[:NAMES_MOST]) + more,
            color=colours.text,
            anchor=(0, 0.5),
        )
        axes.addItem(text, ignoreBounds=True)
        text.setPos(0, y + 0.5)
    widest = max(len(members) for _, members in shown)
    axes.getViewBox().invertY(True)
    axes.setXRange(0, max(widest, 1), padding=0.02)
    axes.setYRange(0, max(len(shown), 3), padding=0.02)
    axes.setMouseEnabled(x=False, y=False)
    for side in ("left", "bottom"):
        axes.getAxis(side).setTicks([[]])
        axes.getAxis(side).setStyle(showValues=False)
        axes.getAxis(side).setPen(pg.mkPen(None))
