"""A volume in three orthogonal slices with one crosshair; the plain view that works without OpenGL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QGraphicsItem

from ..linking import links
from .plot import Plot
from .slice_layers import ImageLayer
from .slice_plane import SlicePlane
from .slice_scale import ColourScale

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent, QShowEvent

    from neurostudio.data import Volume
    from neurostudio.views import Slices

    from ..theme import Colours
    from . import Resolve
    from .slice_layers import Layer
    from .volume_figure import VolumeFigure

_KEYS = {  # axis and direction
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Down: (1, -1),
    Qt.Key.Key_Up: (1, 1),
    Qt.Key.Key_PageDown: (2, -1),
    Qt.Key.Key_PageUp: (2, 1),
}
# row and column of the three slices: side by side, or two above one where that shows more
_BESIDE = ((1, 0), (1, 1), (1, 2))
_BELOW = ((1, 0), (1, 1), (2, 1))
_SCALE, _TITLE = 90, 30  # pixels that the colour scale and the title take
_ROOMY = 260  # pixels of a slice from which its axes have room to say what they are
_PER_PIXEL = 0.005  # of the range of intensities, by a drag with the right button


def draw(view: Slices, resolve: Resolve | None) -> VolumeFigure:
    """Return the slices of an array with its affine."""
    del resolve
    from .volume import figure_of_view

    return figure_of_view(view)


def draw_data(data: Volume) -> VolumeFigure:
    """Return the slices of an image; one point of time is read, in a thread."""
    from .volume import draw_data as drawn

    return drawn(data)


class SlicesPlot(Plot):
    """Three slices through one place; ``place_moved`` when a person moves it, (3,) mm.

    Mouse: the wheel steps, Ctrl and the wheel zoom, a drag moves the crosshair, with the right button it
    changes the range of intensities, a double click brings the place to the middle. Arrows and Page Up and
    Down step one voxel.
    """

    place_moved = Signal(object)
    clicked = Signal(object)
    look_changed = Signal()
    measured = Signal(object)

    radiological = False  # of all views that are drawn from now on: where a person put it last

    def __init__(self, caption: str = "", title: str = "") -> None:
        super().__init__(caption)
        self._title = title
        self.layers: list[Layer] = []
        self.active: Layer | None = None
        self.place = np.zeros(3)
        self.measuring = False
        self._ends: list[NDArray[np.float64]] = []
        self.planes: list[SlicePlane] = []
        self._scale: ColourScale | None = None
        self._stale = True
        self._fitted = False
        self._kept: list[Any] = []
        self._places = _BESIDE
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._arrange)
        links().units_chosen.connect(self.refresh)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Slices")
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.begin()

    # ---- what is shown ---------------------------------------------------------------------------

    def show_layers(self, layers: list[Layer]) -> None:
        """Show other layers, the lowest first; the first time all of the lowest."""
        first = not self.layers and bool(layers)
        self.layers = list(layers)
        if self.active not in layers:
            self.active = layers[0] if layers else None
        self.refresh()
        if first:
            self.fit()

    def go(self, place: NDArray[np.float64]) -> None:
        """Move the crosshair to a place in mm; only slices that it leaves are drawn anew."""
        moved = ~np.isclose(place, self.place, atol=1e-6)
        self.place = np.asarray(place, float)
        if not self.isVisible():
            self._stale = True
            return
        for plane in self.planes:
            if moved[plane.axis]:
                plane.show_layers(self.layers, self.place, links().units)
            plane.cross(self.place)

    def refresh(self, *_: object) -> None:
        """Draw all slices anew, once they can be seen."""
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        for plane in self.planes:
            plane.show_layers(self.layers, self.place, links().units)
            plane.cross(self.place)
        if self._scale is not None:
            self._scale.show_layers(self.layers)

    def fit(self) -> None:
        """Show all of the lowest layer in all slices, at one scale."""
        self._kept = []
        self._fit_now()
        self._later.start()  # once more when the sizes are settled

    def _arrange(self) -> None:
        """Show what was looked at before the slices were drawn anew, else all."""
        if not self._kept:
            self._fit_now()
        for plane, (across, up) in zip(self.planes, self._kept, strict=False):
            plane.box.setRange(xRange=across, yRange=up, padding=0)
        self._kept = []

    def _fit_now(self) -> None:
        if not self.layers:
            return
        ends = self.layers[0].bounds
        lengths = ends[:, 1] - ends[:, 0]
        middle = ends.mean(axis=1)
        size = (max(lengths[:2]), max(lengths[1:]))  # one scale: the largest across, the largest up
        for plane in self.planes:
            plane.fit((middle[plane.across], middle[plane.up]), size)
        self._fitted = self.isVisible()

    def centre(self) -> None:
        """Bring the crosshair to the middle of all slices."""
        for plane in self.planes:
            (left, right), (bottom, top) = plane.box.viewRange()
            across, up = self.place[plane.across], self.place[plane.up]
            half = (right - left) / 2, (top - bottom) / 2
            plane.box.setRange(
                xRange=(across - half[0], across + half[0]),
                yRange=(up - half[1], up + half[1]),
                padding=0,
            )

    def turn(self, *, radiological: bool) -> None:
        """Choose on which side the left of the person is."""
        SlicesPlot.radiological = radiological
        for plane in self.planes:
            plane.turn(radiological=radiological)
        self._write_title()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what changed while it was not seen."""
        super().showEvent(event)
        if self._stale:
            self.refresh()
        if not self._fitted:
            self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the slices as they are largest."""
        super().resizeEvent(event)
        places = _BESIDE if self._edge(_BESIDE) >= self._edge(_BELOW) else _BELOW
        if places != self._places:
            self._places = places
            self._fitted = False
            self.begin()
        self._label_axes()

    def _edge(self, places: tuple[tuple[int, int], ...]) -> float:
        """Return the shorter edge of a slice, in pixels, if the slices are arranged so."""
        size = self.area.size()
        n_rows = max(row for row, _ in places)
        across, up = (size.width() - _SCALE) / (4 - n_rows), (size.height() - _TITLE) / n_rows
        return float(min(across, up))

    def _label_axes(self) -> None:
        for plane in self.planes:
            plane.label(roomy=self._edge(self._places) > _ROOMY)

    def draw(self, colours: Colours) -> None:
        """Fill the area."""
        ranges = [old.box.viewRange() for old in self.planes if self._fitted]
        for old in self.planes:
            old.deleteLater()
        self.planes = []
        n_rows = max(row for row, _ in self._places)
        self._label = self.area.addLabel("", row=0, col=0, colspan=5 - n_rows, color=colours.dim)
        self._write_title()
        for axis in range(3):
            plane = SlicePlane(self.area, axis, self._places[axis], colours)
            plane.turn(radiological=self.radiological)
            box = plane.box
            box.setProperty("plane", axis)
            box.pointed.connect(self._pointed)
            box.clicked.connect(self._clicked)
            box.centred.connect(self._centred)
            box.stepped.connect(self._stepped)
            box.zoomed.connect(self._zoomed)
            box.ranged.connect(self._ranged)
            plane.point_chosen.connect(self._point_chosen)
            self.planes.append(plane)
        self._label_axes()
        self._scale = ColourScale(self.area, 4 - n_rows, n_rows, colours)
        self._keep_axes(on=True)
        self._show_measure()
        self._stale = True
        self.refresh()
        self._kept = ranges
        if self.layers:
            self._later.start()

    def _keep_axes(self, *, on: bool) -> None:
        """Paint axes only when they change; they cost more than the slices."""
        plots = [plane.plot for plane in self.planes]
        if self._scale is not None:
            plots.append(self._scale.plot)
        mode = QGraphicsItem.CacheMode
        for plot in plots:
            for side in ("left", "bottom", "right", "top"):
                plot.getAxis(side).setCacheMode(mode.DeviceCoordinateCache if on else mode.NoCache)

    def _paint(self, painter: QPainter) -> None:
        """Paint into a file, with the axes as lines and letters."""
        self._keep_axes(on=False)
        super()._paint(painter)
        self._keep_axes(on=True)

    def _write_title(self) -> None:
        side = "right (radiological)" if self.radiological else "left (neurological)"
        words = f"The person's left is on the {side}"
        self._label.setText(f"{self._title}  ·  {words}" if self._title else words, size="9pt")

    # ---- the mouse -------------------------------------------------------------------------------

    def _sender(self) -> SlicePlane:
        return self.planes[int(self.sender().property("plane"))]

    def _place_in(self, plane: SlicePlane, x: float, y: float) -> NDArray[np.float64]:
        place = self.place.copy()
        place[plane.across], place[plane.up] = x, y
        return self._within(place)

    def _within(self, place: NDArray[np.float64]) -> NDArray[np.float64]:
        if not self.layers:
            return place
        ends = self.layers[0].bounds
        small = 1e-6 * (ends[:, 1] - ends[:, 0])
        return np.clip(place, ends[:, 0] + small, ends[:, 1] - small)

    def _pointed(self, x: float, y: float) -> None:
        self._move(self._place_in(self._sender(), x, y))

    def _clicked(self, x: float, y: float) -> None:
        place = self._place_in(self._sender(), x, y)
        if self.measuring:
            self._ends = [*(self._ends if len(self._ends) < 2 else []), place]
            self._show_measure()
        self._move(place)
        self.clicked.emit(place)

    def _centred(self, x: float, y: float) -> None:
        self._move(self._place_in(self._sender(), x, y))
        self.centre()

    def _stepped(self, notches: int) -> None:
        self._step(self._sender().axis, notches)

    def _step(self, axis: int, steps: int) -> None:
        if self.layers and isinstance(self.layers[0], ImageLayer):
            place = self.place.copy()
            place[axis] += steps * self.layers[0].steps[axis]
            self._move(self._within(place))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step one voxel: arrows right, left, front and back, Page Up and Down up and down."""
        found = _KEYS.get(Qt.Key(event.key()))
        if found is None:
            super().keyPressEvent(event)
        else:
            self._step(*found)

    def _zoomed(self, factor: float) -> None:
        for plane in self.planes:
            middle = (float(self.place[plane.across]), float(self.place[plane.up]))
            plane.box.scaleBy((factor, factor), center=middle)

    def _ranged(self, across: float, up: float) -> None:
        layer = self.active
        if not isinstance(layer, ImageLayer):
            return
        look = layer.look
        width = (look.high - look.low) * max(0.05, 1 + across * _PER_PIXEL)
        middle = (look.high + look.low) / 2 + up * _PER_PIXEL * (look.high - look.low)
        look.low, look.high = middle - width / 2, middle + width / 2
        self.refresh()
        self.look_changed.emit()

    def _move(self, place: NDArray[np.float64]) -> None:
        self.go(place)
        self.place_moved.emit(place)

    def _point_chosen(self, name: str) -> None:
        links().choose_units({name})

    # ---- measuring -------------------------------------------------------------------------------

    def measure(self, on: bool) -> None:
        """Begin to measure, or forget what was measured."""
        self.measuring = on
        self._ends = []
        self._show_measure()
        self.area.setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)

    @property
    def distance(self) -> float | None:
        """The mm between the two places that were clicked."""
        if len(self._ends) < 2:
            return None
        return float(np.linalg.norm(self._ends[1] - self._ends[0]))

    def _show_measure(self) -> None:
        for plane in self.planes:
            plane.show_measure(self._ends)
        self.measured.emit(self.distance)

    def columns(self) -> dict[str, list[Any]]:
        """Return the place and the value of each layer there."""
        table: dict[str, list[Any]] = {
            name: [] for name in ("layer", "x (mm)", "y (mm)", "z (mm)", "value")
        }
        for layer in self.layers:
            if isinstance(layer, ImageLayer):
                row = [layer.name, *map(float, self.place), layer.words_at(self.place)]
                for name, value in zip(table, row, strict=True):
                    table[name].append(value)
        return table
