"""A connectome as a matrix: sources down, targets across, sorted, in groups, with a crosshair."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainterPath
from PySide6.QtWidgets import QGraphicsPathItem

from ..linking import links
from .axis_names import AxisNames
from .colour_scale import colour_map, counting_map
from .connectome_pixels import FAINTEST, Part, cells, is_heavy_tailed, scale_of
from .connectome_state import weight_words
from .pixel_image import PixelImage, pixel_table
from .plane_keys import press
from .plot import Plot, label_axis, pen

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from ..theme import Colours
    from .connectome_state import ConnectomeState

_NAME = 14  # pixels of the name of a group
_LEAST = 2.0  # cells that are shown at the least
_NAMED_MOST = 24


class MatrixPlot(Plot):
    """Cells; only those that are looked at become pixels. ``pointed`` says what is under the pointer."""

    pointed = Signal(str)

    def __init__(self, state: ConnectomeState) -> None:
        super().__init__()
        self.state = state
        self.log = is_heavy_tailed(state.wires)
        self._range: tuple[Any, Any] | None = None
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self.refresh)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.area.setFocusProxy(self)
        self.begin()
        state.changed.connect(self._changed)
        state.regrouped.connect(self._regrouped)
        links().units_chosen.connect(self._mark)

    def use_log(self, on: bool) -> None:
        """Colour by the logarithm of the weights, or by the weights."""
        self.log = on
        self._recolour_all()

    def _recolour_all(self) -> None:
        from ..theme import theme

        self._recolour(theme().colours)

    # ---- making ----------------------------------------------------------------------------------

    def draw(self, colours: Colours) -> None:
        """Fill the area."""
        wires = self.state.wires
        self._scale = scale_of(wires, log=self.log)
        self.plot = self.axes(0, 0, x=("target", ""), y=("source", ""), grid=False)
        self.plot.hideButtons()
        self.plot.showAxis("right")
        for side in ("right",):
            axis = self.plot.getAxis(side)
            axis.setPen(colours.border)
            axis.setTextPen(colours.text)
            axis.setStyle(tickLength=0)
        box = self.plot.getViewBox()
        box.invertY(True)
        box.setDefaultPadding(0.0)
        n = max(wires.n_nodes, 1)
        box.setLimits(xMin=-0.5, xMax=n - 0.5, yMin=-0.5, yMax=n - 0.5)
        box.setLimits(minXRange=min(_LEAST, n), minYRange=min(_LEAST, n))
        self._image = PixelImage()
        chart = colour_map(diverging=True, dark=colours.dark) if wires.signed else None
        chart = chart or counting_map(dark=colours.dark)
        self._table = pixel_table(chart)
        self._gap = QColor(colours.border).rgb()
        self._borders = pg.PlotCurveItem(pen=pen(colours.dim, 1.0), connect="pairs")
        self._chosen = _band(colours)
        self._cross = pg.PlotCurveItem(pen=pen(colours.accent, 1.0), connect="pairs")
        for item in (self._image, self._borders, self._chosen, self._cross):
            self.plot.addItem(item, ignoreBounds=True)
        self._names = [AxisNames(self.plot, side, self._ordered()) for side in ("left", "bottom")]
        longest = min(max((len(name) for name in wires.names), default=1), _NAMED_MOST)
        self.plot.getAxis("left").setWidth(36 + 7 * longest)
        self._make_bar(chart, colours)
        box.setRange(**self._whole() if self._range is None else self._same(), padding=0)
        box.sigRangeChanged.connect(self._timer.start)
        box.sigResized.connect(self._timer.start)
        self.plot.scene().sigMouseMoved.connect(self._moved)
        self.plot.scene().sigMouseClicked.connect(self._clicked)
        self._arrange()
        self._timer.start()

    def _whole(self) -> dict[str, tuple[float, float]]:
        n = max(self.state.wires.n_nodes, 1)
        return {"xRange": (-0.5, n - 0.5), "yRange": (-0.5, n - 0.5)}

    def _same(self) -> dict[str, tuple[float, float]]:
        assert self._range is not None  # noqa: S101  the caller looked
        return {"xRange": self._range[0], "yRange": self._range[1]}

    def show_all(self) -> None:
        """Show the whole matrix."""
        self.plot.getViewBox().setRange(**self._whole(), padding=0)

    def _make_bar(self, chart: pg.ColorMap, colours: Colours) -> None:
        scale, wires = self._scale, self.state.wires
        low = -1.0 if scale.signed else 0.0
        bar = pg.ColorBarItem((low, 1.0), colorMap=chart, interactive=False, width=14)
        label_axis(bar.axis, wires.label, "" if wires.unit == "1" else wires.unit)
        bar.axis.setPen(colours.border)
        bar.axis.setTextPen(colours.text)
        bar.axis.setTicks([_ticks(scale.low, scale.high, log=scale.log, signed=scale.signed)])
        self.area.addItem(bar, 0, 1)

    def _ordered(self) -> list[str]:
        return [self.state.wires.names[k] for k in self.state.order]

    def _arrange(self) -> None:
        """Put rows and columns in order, with lines between groups."""
        order, groups = self.state.order, self.state.groups
        self._rank = np.argsort(order)
        n = len(order)
        steps = np.flatnonzero(np.diff(groups.of[order])) + 0.5
        x = np.column_stack([np.full(len(steps), -0.5), np.full(len(steps), n - 0.5)]).ravel()
        y = np.repeat(steps, 2)
        self._borders.setData(np.r_[x, y], np.r_[y, x])
        edges = np.r_[-0.5, steps, n - 0.5] if n else np.zeros(0)
        self._blocks = [
            ((low + high) / 2, high - low, groups.names[groups.of[order[int(low + 0.5)]]])
            for low, high in pairwise(edges)
        ]
        for names in self._names:
            names.give(self._ordered())
        self._mark()

    def _changed(self) -> None:
        scale = scale_of(self.state.wires, log=self.log)
        if scale != self._scale:
            self._recolour_all()
        else:
            self._timer.start()

    def _regrouped(self) -> None:
        self._arrange()
        self._timer.start()

    # ---- looking ---------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Draw what is visible now."""
        self._timer.stop()
        (left, right), (top, bottom) = self._range = self.plot.viewRange()
        n = self.state.wires.n_nodes
        rows = (max(0, int(np.floor(top + 0.5))), min(n, int(np.ceil(bottom + 0.5))))
        columns = (max(0, int(np.floor(left + 0.5))), min(n, int(np.ceil(right + 0.5))))
        self._name_groups(top, bottom)
        if rows[0] >= rows[1] or columns[0] >= columns[1]:
            self._image.setVisible(False)
            return
        box = self.plot.getViewBox()
        share_y = (rows[1] - rows[0]) / max(bottom - top, 1e-9)
        share_x = (columns[1] - columns[0]) / max(right - left, 1e-9)
        pixels = (max(20, int(box.height() * share_y)), max(20, int(box.width() * share_x)))
        part = Part(rows, columns, pixels)
        picture = cells(
            self.state.wires,
            self.state.count,
            self._rank,
            part,
            self._scale,
            self._table,
            self._gap,
        )
        place = QRectF(columns[0] - 0.5, rows[0] - 0.5, columns[1] - columns[0], rows[1] - rows[0])
        self._image.setVisible(True)
        self._image.show_pixels(picture, place)

    def _name_groups(self, top: float, bottom: float) -> None:
        """Write the names of groups at the right, where there is room for them."""
        axis = self.plot.getAxis("right")
        room = self.plot.getViewBox().height() / max(bottom - top, 1e-9)
        ticks = [
            (min(max(at, top), bottom), name)
            for at, size, name in self._blocks
            if name and size * room >= _NAME and at + size / 2 > top and at - size / 2 < bottom
        ]
        axis.setTicks([ticks])
        longest = max((len(name) for _, _, name in self._blocks), default=0)
        axis.setWidth(16 + 7 * min(longest, _NAMED_MOST) if longest else 10)

    # ---- pointing and choosing -------------------------------------------------------------------

    def cell_at(self, place: QPointF) -> tuple[int, int] | None:
        """Return source and target of the cell at a place of the scene."""
        box = self.plot.getViewBox()
        if not box.sceneBoundingRect().contains(place):
            return None
        at = box.mapSceneToView(place)
        row, column = round(at.y()), round(at.x())
        n = self.state.wires.n_nodes
        if not (0 <= row < n and 0 <= column < n):
            return None
        return int(self.state.order[row]), int(self.state.order[column])

    def _moved(self, place: QPointF) -> None:
        found = self.cell_at(place)
        if found is None:
            self._cross.setData([], [])
            self.pointed.emit("")
            return
        wires, (source, target) = self.state.wires, found
        row, column = int(self._rank[source]), int(self._rank[target])
        n = wires.n_nodes
        self._cross.setData([-0.5, n - 0.5, column, column], [row, row, -0.5, n - 0.5])
        words = weight_words(wires, wires.between(source, target))
        self.pointed.emit(f"{wires.names[source]} → {wires.names[target]}: {words}")

    def _clicked(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if event.double():
            self.show_all()
            return
        found = self.cell_at(event.scenePos())
        more = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        self.state.choose(sorted(set(found or ())), more=more)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom with + and -, move with the arrows, show all with Home, choose nothing with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.state.choose([])
        elif not press(self, event):
            super().keyPressEvent(event)

    def _mark(self, names: object = None) -> None:
        """Mark rows and columns of the nodes that are chosen."""
        del names
        n = self.state.wires.n_nodes
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        for node in self.state.chosen():
            at = int(self._rank[node]) - 0.5
            path.addRect(QRectF(-0.5, at, n, 1.0))
            path.addRect(QRectF(at, -0.5, 1.0, n))
        self._chosen.setPath(path)

    def columns(self) -> dict[str, list[object]]:
        """Return the connections that are shown, a row each."""
        return columns_of(self.state)


def columns_of(state: ConnectomeState) -> dict[str, list[object]]:
    """Return the connections of a state as a table."""
    wires, count = state.wires, state.count
    return {
        "source": [wires.names[k] for k in wires.source[:count]],
        "target": [wires.names[k] for k in wires.target[:count]],
        "weight": wires.weights[:count].tolist(),
    }


def _band(colours: Colours) -> QGraphicsPathItem:
    ground = QColor(colours.accent)
    ground.setAlpha(70)
    band = QGraphicsPathItem()
    band.setBrush(ground)
    band.setPen(pg.mkPen(None))
    return band


def _ticks(low: float, high: float, *, log: bool, signed: bool) -> list[tuple[float, str]]:
    """Return where weights stand on a scale from 0 (or -1) to 1."""
    if log:
        first, last = int(np.ceil(np.log10(low))), int(np.floor(np.log10(high)))
        step = max(1, (last - first) // 4)
        values = [low, *(10.0**k for k in range(first, last + 1, step)), high]
        found = {
            FAINTEST + (1 - FAINTEST) * float(np.log(v / low) / np.log(high / low)): f"{v:.3g}"
            for v in values
        }
        kept: dict[float, str] = {}
        for at in sorted(found):
            if all(abs(at - other) > 0.07 for other in kept):
                kept[at] = found[at]
        found = kept
    else:
        found = {share: f"{share * high:.3g}" for share in (0.25, 0.5, 0.75, 1.0)}
    ticks = [(0.0, "0"), *found.items()]
    if signed:
        ticks += [(-at, f"-{word}") for at, word in found.items()]
    return ticks
