"""Sensors in space: turned by the mouse, coloured by a value, moved over the head."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..linking import links
from ..theme import give_role, theme
from .colour_scale import colour_map, limits
from .plot import Figure, label_axis, pen
from .turning import SIDES, dragged, outlines, projected, rotation, sphere_of

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QWheelEvent

    from neurostudio.views import Sensors

    from ..theme import Colours
    from . import Resolve

_DEGREES, _NEAR, _START = 0.5, 12.0, (35.0, 30.0)
_FRONT, _BEHIND = 255, 70


def draw(view: Sensors, resolve: Resolve | None) -> SensorsFigure:
    """Return sensors to be turned."""
    del resolve
    return SensorsFigure(view)


class SensorsFigure(Figure):
    """A head of sensors with its controls.

    Mouse: a drag turns, the wheel zooms, Shift and a drag moves a sensor over the head, a click chooses it.
    """

    def __init__(self, view: Sensors) -> None:
        super().__init__(view.caption)
        self._view = view
        self.head = Head(view)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.shown = QLabel()
        self.names = QCheckBox("Names")
        self.copy_moves = QPushButton("Copy moves")
        self._build()
        if view.axis == "time" and view.times is not None:
            links().time_moved.connect(self.go_to)
            if links().time is not None:
                self.go_to(links().time or 0.0)

    def _build(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        if self._view.title:
            title = QLabel(self._view.title)
            title.setAlignment(Qt.AlignmentFlag.AlignCenter)
            title.setContentsMargins(0, 6, 0, 0)
            column.addWidget(title)
        column.addWidget(self.head, 1)
        column.addLayout(self._sides())
        n_maps = 0 if self._view.values is None else len(np.atleast_2d(self._view.values))
        if n_maps > 1:
            row = QHBoxLayout()
            row.setContentsMargins(8, 0, 8, 0)
            self.slider.setRange(0, n_maps - 1)
            self.slider.setAccessibleName("Map")
            self.slider.valueChanged.connect(self._map_chosen)
            self.shown.setMinimumWidth(80)
            row.addWidget(self.slider, 1)
            row.addWidget(self.shown)
            column.addLayout(row)
        self._map_chosen(0)
        self.show_inside(inside)

    def _sides(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        for side in SIDES:
            button = QToolButton()
            button.setText(side)
            button.setObjectName(side)
            button.clicked.connect(self._side_chosen)
            row.addWidget(button)
        few = len(self._view.names) <= 40
        self.names.setChecked(few)
        self.head.show_names(few)
        self.names.toggled.connect(self.head.show_names)
        row.addWidget(self.names)
        hint = QLabel("Drag to turn, Shift-drag to move a sensor")
        give_role(hint, "dim")
        row.addWidget(hint)
        row.addStretch(1)
        self.copy_moves.setEnabled(False)
        self.copy_moves.setToolTip("Copies the moved sensors, for 'Moves' of Place sensors")
        self.copy_moves.clicked.connect(self._copy_moves)
        self.head.moved.connect(self._moved)
        row.addWidget(self.copy_moves)
        return row

    def _side_chosen(self) -> None:
        self.head.turn_to(*SIDES[self.sender().objectName()])

    def _map_chosen(self, number: int) -> None:
        self.head.show_map(number)
        titles = self._view.titles
        self.shown.setText(titles[number] if number < len(titles) else "")

    def _moved(self, name: str) -> None:
        del name
        self.copy_moves.setEnabled(True)

    def _copy_moves(self) -> None:
        QGuiApplication.clipboard().setText(", ".join(self.moves()))

    def moves(self) -> tuple[str, ...]:
        """Return the moved sensors as the method that places sensors takes them: name and metres."""
        return tuple(
            f"{name} {x:.4f} {y:.4f} {z:.4f}" for name, (x, y, z) in self.head.moves.items()
        )

    def go_to(self, time: float) -> None:
        """Show the map nearest to a time of the common axis."""
        if self._view.times is not None:
            own = np.abs(np.asarray(self._view.times, float) + self.offset - time)
            self.slider.setValue(int(own.argmin()))

    def columns(self) -> dict[str, list[object]]:
        """Return the sensors as columns: name, place, the values of the map that is shown."""
        places = self.head.places
        found: dict[str, list[object]] = {"name": list(self._view.names)}
        found |= {f"{axis} (m)": places[:, k].tolist() for k, axis in enumerate("xyz")}
        return found | ({} if self.head.values is None else {"value": self.head.values.tolist()})


class Head(pg.GraphicsLayoutWidget):  # type: ignore[misc]
    """The picture itself: places turned into the plane, near ones over far ones."""

    moved = Signal(str)

    def __init__(self, view: Sensors) -> None:
        super().__init__()
        self.setMinimumSize(200, 160)
        self._view = view
        self.places = np.array(view.positions, float).reshape(-1, 3)
        self._sphere = sphere_of(self.places)
        self.moves: dict[str, tuple[float, float, float]] = {}
        self.azimuth, self.elevation = _START
        self.values: Any = None
        self._names_shown = True
        self._held: int | None = None
        self._last = QPointF()
        self._plot = self.addPlot(row=0, col=0)
        self._plot.hideAxis("left")
        self._plot.hideAxis("bottom")
        self._plot.hideButtons()
        self._plot.setMenuEnabled(False)
        self._plot.setMouseEnabled(False, False)
        self._plot.setAspectLocked(True)
        reach = 1.3 * max(self._sphere.radius, 1e-3)
        self._plot.setRange(xRange=(-reach, reach), yRange=(-reach, reach), padding=0)
        self._lines = [self._plot.plot() for _ in outlines(self._sphere)]
        self._dots = pg.ScatterPlotItem()
        self._plot.addItem(self._dots)
        self._texts = [pg.TextItem(name, anchor=(0.5, 1.15)) for name in view.names]
        for text in self._texts:
            self._plot.addItem(text, ignoreBounds=True)
        self._bar: pg.ColorBarItem | None = None
        theme().changed.connect(self._recolour)
        self._recolour(theme().colours)

    def _recolour(self, colours: Colours) -> None:
        self.setBackground(colours.base)
        for line in self._lines:
            line.setPen(pen(colours.border, 1.4))
        if self._view.values is not None:
            self._draw_bar(colours)
        self.redraw()

    def _draw_bar(self, colours: Colours) -> None:
        view = self._view
        if self._bar is not None:
            self.removeItem(self._bar)
        self._span = limits(np.asarray(view.values, float), diverging=view.diverging)
        self._scale = colour_map(diverging=view.diverging, dark=colours.dark)
        self._bar = pg.ColorBarItem(self._span, colorMap=self._scale, interactive=False, width=12)
        label_axis(self._bar.axis, view.value_label, view.value_unit)
        self._bar.axis.setPen(colours.border)
        self._bar.axis.setTextPen(colours.text)
        self.addItem(self._bar, 0, 1)

    def show_map(self, number: int) -> None:
        """Colour the sensors by one of the maps."""
        if self._view.values is not None:
            self.values = np.atleast_2d(np.asarray(self._view.values, float))[number]
        self.redraw()

    def show_names(self, shown: bool) -> None:
        """Write the sensors' names, or not."""
        self._names_shown = shown
        self.redraw()

    def turn_to(self, azimuth: float, elevation: float) -> None:
        """Look from a side; degrees."""
        self.azimuth = (azimuth + 180) % 360 - 180
        self.elevation = float(np.clip(elevation, -90, 90))
        self.redraw()

    def redraw(self) -> None:
        """Put everything where it is seen from this side."""
        turn = rotation(self.azimuth, self.elevation)
        for line, points in zip(self._lines, outlines(self._sphere), strict=True):
            seen = projected(points, self._sphere, turn)
            line.setData(seen[:, 0], seen[:, 1])
        seen = projected(self.places, self._sphere, turn)
        near = np.argsort(seen[:, 2])
        brushes = self._brushes(seen[:, 2])
        colours = theme().colours
        bad = set(self._view.bads)
        is_bad = [k < len(self._view.names) and self._view.names[k] in bad for k in near]
        self._dots.setData(
            x=seen[near, 0],
            y=seen[near, 1],
            size=np.where(seen[near, 2] >= 0, 13, 9),
            brush=[brushes[k] for k in near],
            pen=[
                pen(colours.bad if each else colours.dim, 2.0 if each else 0.8) for each in is_bad
            ],
            symbol=["x" if each else "o" for each in is_bad],
        )
        for k, text in enumerate(self._texts):
            text.setPos(seen[k, 0], seen[k, 1])
            text.setColor(colours.bad if self._view.names[k] in bad else colours.text)
            text.setVisible(self._names_shown and bool(seen[k, 2] >= 0))

    def _brushes(self, depth: Any) -> list[QColor]:
        values = self.values
        found = []
        for k, each in enumerate(depth):
            if values is None or not np.isfinite(values[k]):
                colour = QColor(theme().colours.accent if values is None else theme().colours.dim)
            else:
                low, high = self._span
                share = float(np.clip((values[k] - low) / (high - low), 0, 1))
                colour = QColor(self._scale.map(share, mode="qcolor"))
            colour.setAlpha(_FRONT if each >= 0 else _BEHIND)
            found.append(colour)
        return found

    # ---- the mouse -------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to turn; with Shift, take hold of the nearest sensor."""
        self._last = event.position()
        nearest = self._nearest(event.position())
        held = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        self._held = nearest if held else None
        if not held and nearest is not None and nearest < len(self._view.names):
            links().choose_units([self._view.names[nearest]])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Turn, or move the sensor that is held."""
        if not event.buttons() & Qt.MouseButton.LeftButton:
            return
        step = event.position() - self._last
        self._last = event.position()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            if self._held is not None:
                self.move_sensor(self._held, self._seen_at(event.position()))
            return
        self.turn_to(self.azimuth - _DEGREES * step.x(), self.elevation + _DEGREES * step.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        del event
        self._held = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom."""
        factor = 0.9 if event.angleDelta().y() > 0 else 1 / 0.9
        self._plot.getViewBox().scaleBy((factor, factor))
        event.accept()

    def move_sensor(self, number: int, to: tuple[float, float]) -> None:
        """Move a sensor over the head to a point of the picture, metres from the centre."""
        turn = rotation(self.azimuth, self.elevation)
        self.places[number] = dragged(self.places[number], to, self._sphere, turn)
        name = self._view.names[number] if number < len(self._view.names) else str(number)
        x, y, z = self.places[number]
        self.moves[name] = (float(x), float(y), float(z))
        self.redraw()
        self.moved.emit(name)

    def _seen_at(self, position: QPointF) -> tuple[float, float]:
        point = self._plot.getViewBox().mapSceneToView(self.mapToScene(position.toPoint()))
        return point.x(), point.y()

    def _nearest(self, position: QPointF) -> int | None:
        """Return the sensor under the mouse, the nearest to the eye where there are several."""
        turn = rotation(self.azimuth, self.elevation)
        seen = projected(self.places, self._sphere, turn)
        box = self._plot.getViewBox()
        best, depth = None, -np.inf
        for k, (x, y, z) in enumerate(seen):
            at = self.mapFromScene(box.mapViewToScene(QPointF(x, y)))
            near = np.hypot(at.x() - position.x(), at.y() - position.y()) <= _NEAR
            if near and z > depth:
                best, depth = k, z
        return best
