"""One slice: its pictures, crosshair, letters and scale, and what the mouse does there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pyqtgraph as pg
from PySide6.QtCore import QObject, QRectF, Qt, Signal

from neurostudio.grids import SHOWN

from .plot import pen
from .slice_layers import ImageLayer, PointLayer

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ..theme import Colours
    from .slice_layers import Layer

NAMES = ("Sagittal", "Coronal", "Axial")
LETTERS = (("L", "R"), ("P", "A"), ("I", "S"))
DIRECTIONS = ("left to right", "back to front", "down to up")
_NOTCH = 120  # one step of a wheel
_BAR_SHARE = 0.3  # of the width, at most
_POINT = 9


class PlaneBox(pg.ViewBox):  # type: ignore[misc]  # untyped library
    """The mouse in a slice: wheel steps, Ctrl and wheel zoom, left moves, right changes the range."""

    pointed = Signal(float, float)
    clicked = Signal(float, float)
    centred = Signal(float, float)
    stepped = Signal(int)
    zoomed = Signal(float)
    ranged = Signal(float, float)

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.setAspectLocked(True)
        self._turned = 0

    def wheelEvent(self, event: Any, axis: int | None = None) -> None:
        """Step to the next slice, or zoom while Ctrl is held."""
        del axis
        event.accept()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoomed.emit(float(0.85 ** (event.delta() / _NOTCH)))
            return
        self._turned += event.delta()
        notches = int(self._turned / _NOTCH)
        self._turned -= notches * _NOTCH
        if notches:
            self.stepped.emit(notches)

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        """Move the crosshair, or with the right button change range; the middle one moves the picture."""
        button = event.button()
        if button == Qt.MouseButton.MiddleButton:
            super().mouseDragEvent(event, axis)
            return
        event.accept()
        if button == Qt.MouseButton.LeftButton:
            place = self.mapSceneToView(event.scenePos())
            self.pointed.emit(place.x(), place.y())
        elif button == Qt.MouseButton.RightButton:
            moved = event.scenePos() - event.lastScenePos()
            self.ranged.emit(moved.x(), moved.y())

    def mouseClickEvent(self, event: Any) -> None:
        """Move the crosshair; a double click also brings it to the middle."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        event.accept()
        place = self.mapSceneToView(event.scenePos())
        if event.double():
            self.centred.emit(place.x(), place.y())
        else:
            self.clicked.emit(place.x(), place.y())


class SlicePlane(QObject):
    """The slice across one axis of the world, in mm.

    ``point_chosen`` carries the name of a point that was clicked.
    """

    point_chosen = Signal(str)

    def __init__(
        self, area: pg.GraphicsLayoutWidget, axis: int, place: tuple[int, int], colours: Colours
    ) -> None:
        super().__init__(area)
        self.axis = axis
        self.across, self.up = SHOWN[axis]
        self._colours = colours
        self.box = PlaneBox()
        self.plot = area.addPlot(*place, viewBox=self.box)
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        for side, shown in (("bottom", self.across), ("left", self.up)):
            line = self.plot.getAxis(side)
            line.setPen(colours.border)
            line.setTextPen(colours.dim)
            line.enableAutoSIPrefix(False)
            line.setLabel(f"{'xyz'[shown]}, {DIRECTIONS[shown]} (mm)", color=colours.dim)
            line.setStyle(maxTickLevel=0, tickLength=-4)
        self._pictures: list[pg.ImageItem | pg.ScatterPlotItem] = []
        self._lines = [
            pg.InfiniteLine(angle=angle, pen=pen(colours.accent, 1)) for angle in (90, 0)
        ]
        self._letters = [
            pg.TextItem(color=colours.accent, anchor=anchor)
            for anchor in ((-0.3, 0.5), (1.3, 0.5), (0.5, 1), (0.5, 0))
        ]
        self._bar = pg.PlotCurveItem(pen=pen(colours.warn, 3))
        self._bar_words = pg.TextItem(color=colours.warn, anchor=(0.5, 1))
        self.measure = pg.PlotDataItem(
            pen=pen(colours.good, 2), symbol="o", symbolSize=7, symbolBrush=colours.good
        )
        for item in (*self._lines, *self._letters, self._bar, self._bar_words, self.measure):
            item.setZValue(1000)
            self.plot.addItem(item, ignoreBounds=True)
        self.box.sigRangeChanged.connect(self._decorate)
        self.box.sigResized.connect(self._decorate)

    def fit(self, middle: tuple[float, float], size: tuple[float, float]) -> None:
        """Show some mm (across, up) about a place (across, up)."""
        corner = middle[0] - size[0] / 2, middle[1] - size[1] / 2
        self.box.setRange(QRectF(*corner, *size), padding=0.03)

    def turn(self, *, radiological: bool) -> None:
        """Put the left of the person to the right of the picture, or not."""
        self.box.invertX(radiological and self.across == 0)
        self._decorate()

    def title(self, place: NDArray[np.float64]) -> None:
        """Write which slice it is."""
        self.plot.setTitle(
            f"{NAMES[self.axis]}, {'xyz'[self.axis]} = {place[self.axis]:.1f} mm",
            color=self._colours.text,
            size="9pt",
        )

    def show_layers(
        self, layers: Sequence[Layer], place: NDArray[np.float64], chosen: frozenset[str]
    ) -> None:
        """Draw the layers anew where the slice is."""
        self._match(layers)
        position = float(place[self.axis])
        for number, (layer, item) in enumerate(zip(layers, self._pictures, strict=True)):
            item.setZValue(number)
            item.setVisible(layer.look.visible)
            if not layer.look.visible:
                continue
            if isinstance(layer, ImageLayer):
                plane, pixels = layer.pixels(self.axis, position, chosen)
                item.setImage(pixels, autoLevels=False, levels=None)
                item.setRect(QRectF(*plane.rectangle))
            else:
                self._show_points(layer, item, position, chosen)
        self.title(place)

    def cross(self, place: NDArray[np.float64]) -> None:
        """Move the crosshair."""
        self._lines[0].setValue(float(place[self.across]))
        self._lines[1].setValue(float(place[self.up]))

    def show_measure(self, places: Sequence[NDArray[np.float64]]) -> None:
        """Draw the ends of what is measured, seen along the axis that is cut."""
        self.measure.setData(
            [float(each[self.across]) for each in places],
            [float(each[self.up]) for each in places],
        )

    def _match(self, layers: Sequence[Layer]) -> None:
        """Have one picture a layer."""
        kinds = [
            pg.ImageItem if isinstance(each, ImageLayer) else pg.ScatterPlotItem for each in layers
        ]
        if [type(each) for each in self._pictures] == kinds:
            return
        for old in self._pictures:
            self.plot.removeItem(old)
        self._pictures = []
        for kind in kinds:
            item = kind(axisOrder="row-major") if kind is pg.ImageItem else kind()
            if kind is pg.ScatterPlotItem:
                item.sigClicked.connect(self._point_clicked)
            self.plot.addItem(item, ignoreBounds=True)
            self._pictures.append(item)

    def _show_points(
        self, layer: PointLayer, item: Any, position: float, chosen: frozenset[str]
    ) -> None:
        near = layer.near(self.axis, position)
        names = [layer.names[k] for k in near]
        ground = pg.mkColor(self._colours.lines[1])
        ground.setAlphaF(layer.look.opacity)
        strong = pg.mkBrush(self._colours.lines[4])
        item.setData(
            x=layer.positions[near, self.across],
            y=layer.positions[near, self.up],
            data=names,
            symbol="o",
            size=[_POINT + 5 * (name in chosen) for name in names],
            pen=pg.mkPen("#000000", width=1),
            brush=[strong if name in chosen else pg.mkBrush(ground) for name in names],
            hoverable=True,
            tip=_name_of_point,
        )

    def _point_clicked(self, item: object, points: Any, event: object) -> None:
        del item, event
        if len(points):
            self.point_chosen.emit(str(points[0].data()))

    def label(self, *, roomy: bool) -> None:
        """Say what the axes are where there is room; letters, title and scale say it elsewhere."""
        for side in ("bottom", "left"):
            self.plot.getAxis(side).showLabel(roomy)

    def _decorate(self, *_: object) -> None:
        """Put letters and scale where the edges are now."""
        (left, right), (bottom, top) = self.box.viewRange()
        if not all(map(math.isfinite, (left, right, bottom, top))):
            return
        turned = self.box.xInverted()
        first, last = LETTERS[self.across][:: -1 if turned else 1]
        low, high = LETTERS[self.up]
        start, stop = (right, left) if turned else (left, right)
        places = ((start, (bottom + top) / 2), (stop, (bottom + top) / 2))
        ends = (*places, ((left + right) / 2, bottom), ((left + right) / 2, top))
        for item, word, place in zip(self._letters, (first, last, low, high), ends, strict=True):
            item.setText(word)
            item.setPos(*place)
        self._scale(start, stop, bottom, top)

    def _scale(self, start: float, stop: float, bottom: float, top: float) -> None:
        length = _round_below(abs(stop - start) * _BAR_SHARE)
        sign = 1 if stop > start else -1
        begin = start + 0.06 * (stop - start)
        height = bottom + 0.04 * (top - bottom)
        self._bar.setData([begin, begin + sign * length], [height, height])
        self._bar_words.setText(f"{length:g} mm")
        self._bar_words.setPos(begin + sign * length / 2, height)


def _round_below(length: float) -> float:
    """Return the largest of 1, 2, 5, 10, ... that is not longer."""
    if length <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(length))
    return next(step * power for step in (5, 2, 1) if step * power <= length * (1 + 1e-9))


def _name_of_point(x: float, y: float, data: Any) -> str:
    return f"{data}\n{x:.1f}, {y:.1f} mm"
