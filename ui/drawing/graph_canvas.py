"""A graph in the plane: nodes that can be pointed at, chosen and dragged, over one picture of all lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor

from ..background import Background
from ..linking import links
from .graph_edges import AT_ONCE, DRAWN_MOST, Sketch, colours_of, is_ready, picture_of
from .graph_layout import CIRCLE, ROUNDS, SPACE, SPRINGS, Springs, in_space, on_circle
from .graph_painted import painted
from .pixel_image import PixelImage
from .plane_keys import press
from .plot import Plot

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QKeyEvent

    from ..theme import Colours
    from .connectome_state import ConnectomeState

_SMALLEST, _LARGEST = 5.0, 20.0  # pixels of a node
_NEAR = 8.0  # pixels around a node that belong to it
_NAMED_MOST = 60
_EDGED_MOST = 2000  # nodes that are drawn with an edge
_MARKED_MOST = 3000
_DIM = 0.3
_LINE = 22.0  # pixels of a line of text


class GraphPlot(Plot):
    """Nodes and lines. ``pointed`` says what is under the pointer, ``told`` what is being drawn."""

    pointed = Signal(str)
    told = Signal(str)

    def __init__(self, state: ConnectomeState, places: NDArray[np.float64] | None = None) -> None:
        super().__init__()
        self.state = state
        self.layout_name = CIRCLE
        self._given = places
        self.places = on_circle(state.order, state.groups.of) if places is None else places
        self._springs: Springs | None = None
        self._held: int | None = None
        self._range: Any = None
        self._busy = self._again = False
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self.refresh)
        self._background = Background(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.area.setFocusProxy(self)
        self.begin()
        state.changed.connect(self._changed)
        state.regrouped.connect(self._regrouped)
        links().units_chosen.connect(self._mark)

    # ---- making ----------------------------------------------------------------------------------

    def draw(self, colours: Colours) -> None:
        """Fill the area."""
        self.plot = self.area.addPlot(row=0, col=0)
        self.plot.setMenuEnabled(False)
        box = self.plot.getViewBox()
        box.setAspectLocked(True)
        box.setDefaultPadding(0.0)
        self._pan = box.mouseDragEvent
        box.mouseDragEvent = self._drag_or_pan
        self.plot.hideAxis("left")
        self.plot.hideAxis("bottom")
        self.plot.hideButtons()
        self._image = PixelImage()
        line = QColor(colours.accent)
        line.setAlpha(150)
        self._marked = pg.PlotCurveItem(
            pen=pg.mkPen(line, width=1), connect="pairs", antialias=True
        )
        self._nodes = pg.ScatterPlotItem(pxMode=True)
        self._rings = pg.ScatterPlotItem(pxMode=True, brush=None)
        for item in (self._image, self._marked, self._nodes, self._rings):
            self.plot.addItem(item, ignoreBounds=True)
        ground = QColor(colours.base)
        ground.setAlpha(150)
        self._ground = ground
        self._texts = [pg.TextItem(color=colours.text) for _ in range(_NAMED_MOST)]
        for text in self._texts:
            text.hide()
            self.plot.addItem(text, ignoreBounds=True)
        self._shown_range = self._range or ((-1.1, 1.1), (-1.1, 1.1))
        box.setRange(xRange=self._shown_range[0], yRange=self._shown_range[1], padding=0)
        box.sigRangeChanged.connect(self._timer.start)
        box.sigResized.connect(self._timer.start)
        self.plot.scene().sigMouseMoved.connect(self._moved)
        self.plot.scene().sigMouseClicked.connect(self._clicked)
        self._colours = colours
        self._room = self._room_now()
        self._dress()
        self._timer.start()

    def _dress(self) -> None:
        """Give nodes size by strength and colour by group."""
        colours, groups = self._colours, self.state.groups
        size = self.state.wires.sizes()
        share = np.sqrt(size / (size.max() if len(size) and size.max() > 0 else 1.0))
        few = float(np.clip(260.0 / np.sqrt(max(len(size), 1)), 6.0, 24.0)) / 24.0
        few *= self._room
        sizes = few * (_SMALLEST + (_LARGEST - _SMALLEST) * share) + 1.0
        self._sizes = np.round(2 * sizes) / 2  # few different ones, each of which is drawn but once
        self._dressed = self.state.wires
        brushes = [pg.mkBrush(each) for each in colours.lines]
        self._brushes = [brushes[g % len(brushes)] for g in groups.of]
        self._place_nodes()

    def _room_now(self) -> float:
        """Return how large nodes may be: smaller in a small picture."""
        box = self.plot.getViewBox()
        return round(float(np.clip(min(box.width(), box.height()) / 450.0, 0.6, 1.2)), 1)

    def _place_nodes(self) -> None:
        x, y = self.places[:, 0], self.places[:, 1]
        edge = pg.mkPen(self._colours.base, width=0.8) if len(x) <= _EDGED_MOST else pg.mkPen(None)
        self._nodes.setData(x=x, y=y, size=self._sizes, brush=self._brushes, pen=edge)
        self._mark()

    def arrange(self, name: str) -> None:
        """Lay the nodes out: on a circle, by springs (which arrive bit by bit), or as they are in space."""
        self.layout_name = name
        self._springs = None
        if name == SPRINGS:
            self._springs = Springs(self.state.wires, self.state.count)
            self._step()
            return
        found = in_space(self.state.wires) if name == SPACE else self._given
        self._put(on_circle(self.state.order, self.state.groups.of) if found is None else found)
        self.show_all()

    def _step(self) -> None:
        springs = self._springs
        if springs is not None:
            self.told.emit(f"Laying out: {100 * springs.done // ROUNDS} %")
            self._background.run(_relax, springs, done=self._stepped, failed=self._failed)

    def _stepped(self, found: tuple[Springs, NDArray[np.float64]]) -> None:
        springs, places = found
        if springs is not self._springs:
            return  # another layout was asked for
        first = springs.done <= ROUNDS // 4
        self._put(places)
        if first:
            self.show_all()
        if springs.done < ROUNDS:
            self._step()
        else:
            self._springs = None
            self.told.emit("")

    def _failed(self, error: Exception) -> None:
        self._busy = False
        words = (str(error).splitlines() or [type(error).__name__])[0]
        self.told.emit(f"The graph cannot be drawn: {words}")

    def _put(self, places: NDArray[np.float64]) -> None:
        self.places = np.array(places, float)
        self._place_nodes()
        self._timer.start()

    def show_all(self) -> None:
        """Show all nodes."""
        if not len(self.places):
            return
        low, high = self.places.min(axis=0), self.places.max(axis=0)
        over = 0.08 * float(max((high - low).max(), 1e-6))
        self.plot.getViewBox().setRange(
            xRange=(low[0] - over, high[0] + over),
            yRange=(low[1] - over, high[1] + over),
            padding=0,
        )

    def _changed(self) -> None:
        if self._dressed is self.state.wires:
            self._mark()
        else:
            self._dress()
        self._timer.start()

    def _regrouped(self) -> None:
        if self._on_circle:
            self.places = on_circle(self.state.order, self.state.groups.of)
        self._dress()
        self._timer.start()

    # ---- looking ---------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether a picture or a layout is still to come."""
        return self._busy or self._springs is not None or self._timer.isActive()

    def refresh(self) -> None:
        """Draw the lines that are visible now: at once if they are few, else in a thread."""
        self._timer.stop()
        self._range = self.plot.viewRange()
        if self._room != self._room_now():
            self._room = self._room_now()
            self._dress()
        self._name()
        if self._busy:
            self._again = True
            return
        lines = self.state.wires.drawn(self.state.count)
        if len(lines) > DRAWN_MOST:
            self.told.emit(f"The strongest {DRAWN_MOST:,} of {len(lines):,} connections are drawn.")
            lines = lines[:DRAWN_MOST]
        elif self._springs is None:
            self.told.emit("")
        box = self.plot.getViewBox()
        shape = (max(20, int(box.height())), max(20, int(box.width())))
        (left, right), (low, high) = self._range
        scale = np.array([shape[1] / (right - left), -shape[0] / (high - low)])
        places = (self.places - [left, high]) * scale
        ground, positive, negative = colours_of(self._colours)
        sketch = Sketch(
            self.state.wires, lines, places, self._sizes / 2, shape, ground, positive, negative
        )
        place = QRectF(left, low, right - left, high - low)
        if len(lines) <= AT_ONCE and is_ready():
            self._show((picture_of(sketch), place))
        else:
            if not is_ready():
                self._show((painted(sketch), place))
            self._busy = True
            self._background.run(_drawn, sketch, place, done=self._arrived, failed=self._failed)

    def _arrived(self, found: tuple[Any, QRectF]) -> None:
        self._busy = False
        self._show(found)
        if self._again:
            self._again = False
            self._timer.start()

    def _show(self, found: tuple[Any, QRectF]) -> None:
        pixels, place = found
        self._image.show_pixels(np.ascontiguousarray(pixels[::-1]), place)  # y points up

    def _name(self) -> None:
        """Name the nodes that are visible where they are few, else those that are chosen."""
        (left, right), (low, high) = self.plot.viewRange()
        x, y = self.places[:, 0], self.places[:, 1]
        inside = np.flatnonzero((x >= left) & (x <= right) & (y >= low) & (y <= high))
        if len(inside) > _NAMED_MOST:
            inside = np.array(self.state.chosen()[:_NAMED_MOST], int)
        for text, node in zip(self._texts, inside, strict=False):
            text.setText(self.state.wires.names[node])
            text.setAnchor(self._anchor(node))
            text.fill = pg.mkBrush(None if self._on_circle else self._ground)
            text.setPos(*self.places[node])
            text.show()
            text.updateTransform(force=True)  # what was hidden has missed every zoom
        for text in self._texts[len(inside) :]:
            text.hide()

    @property
    def _on_circle(self) -> bool:
        return self.layout_name == CIRCLE and self._given is None

    def _anchor(self, node: int) -> tuple[float, float]:
        """Return where the name of a node stands: outside of the circle, else below the node."""
        if not self._on_circle:
            return 0.5, -(self._sizes[node] / 2) / _LINE
        x, y = self.places[node] / max(float(np.linalg.norm(self.places[node])), 1e-9)
        letters = 7 * len(self.state.wires.names[node]) + 8
        away = self._sizes[node] / 2 + 1
        return 0.5 - x * (0.5 + away / letters), 0.5 + y * (0.5 + away / _LINE)

    # ---- pointing, choosing, dragging ------------------------------------------------------------

    def node_at(self, place: QPointF) -> int | None:
        """Return the node at a place of the scene."""
        box = self.plot.getViewBox()
        if not len(self.places) or not box.sceneBoundingRect().contains(place):
            return None
        at = box.mapSceneToView(place)
        pixel = box.viewPixelSize()
        away = np.hypot(*((self.places - [at.x(), at.y()]) / pixel).T)
        nearest = int(np.argmin(away))
        return nearest if away[nearest] <= max(_NEAR, self._sizes[nearest] / 2 + 2) else None

    def _moved(self, place: QPointF) -> None:
        node = self.node_at(place)
        self.pointed.emit("" if node is None else self.words_of(node))

    def words_of(self, node: int) -> str:
        """Return name, group and connections of a node."""
        state = self.state
        wires, count = state.wires, state.count
        out = int(((wires.source[:count] == node) & (wires.target[:count] != node)).sum())
        into = int(((wires.target[:count] == node) & (wires.source[:count] != node)).sum())
        group = state.groups.names[state.groups.of[node]]
        words = f"{out} out, {into} in" if wires.directed else f"{out} connections"
        return f"{wires.names[node]}{f' ({group})' if group else ''}: {words}"

    def _clicked(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        node = self.node_at(event.scenePos())
        if node is None and event.double():
            self.show_all()
            return
        more = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if node is not None or not more:
            self.state.choose([] if node is None else [node], more=more)

    def _drag_or_pan(self, event: Any, axis: int | None = None) -> None:
        if not self.drag(event):
            self._pan(event, axis)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom with + and -, move with the arrows, show all with Home, choose nothing with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.state.choose([])
        elif not press(self, event):
            super().keyPressEvent(event)

    def drag(self, event: Any) -> bool:
        """Drag the node where the drag began; return False where there is none."""
        if event.button() != Qt.MouseButton.LeftButton:
            return False
        if event.isStart():
            self._held = self.node_at(event.buttonDownScenePos())
        if self._held is None:
            return False
        event.accept()
        at = self.plot.getViewBox().mapSceneToView(event.scenePos())
        self.places[self._held] = (at.x(), at.y())
        self._place_nodes()
        self._timer.start()
        if event.isFinish():
            self._held = None
        return True

    def _mark(self, names: object = None) -> None:
        """Mark the nodes that are chosen, their lines and their neighbours."""
        del names
        state = self.state
        chosen = np.array(state.chosen(), int)
        wires, count = state.wires, state.count
        source, target = wires.source[:count], wires.target[:count]
        held = (
            np.isin(source, chosen) | np.isin(target, chosen) if len(chosen) else np.zeros(0, bool)
        )
        lines = np.flatnonzero(held)[:_MARKED_MOST]
        ends = np.column_stack([source[lines], target[lines]]).ravel() if len(lines) else chosen[:0]
        self._marked.setData(self.places[ends, 0], self.places[ends, 1])
        self._image.setOpacity(_DIM if len(chosen) else 1.0)
        beside = np.setdiff1d(ends, chosen)
        nodes = np.r_[chosen, beside]
        pens = [pg.mkPen(self._colours.accent, width=3)] * len(chosen)
        pens += [pg.mkPen(self._colours.accent, width=1.2)] * len(beside)
        self._rings.setData(
            x=self.places[nodes, 0], y=self.places[nodes, 1], size=self._sizes[nodes] + 5, pen=pens
        )
        self._name()


def _relax(springs: Springs) -> tuple[Springs, NDArray[np.float64]]:
    return springs, springs.run()


def _drawn(sketch: Sketch, place: QRectF) -> tuple[Any, QRectF]:
    return picture_of(sketch), place
