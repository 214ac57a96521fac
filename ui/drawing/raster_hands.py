"""Mouse and keys of a raster: zoom, pan, scroll, choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyqtgraph as pg
    from PySide6.QtGui import QKeyEvent

    from .raster import RasterPlot

_ZOOM = 0.8
_ROWS = 0.15  # of the visible rows, a turn of the wheel


class RasterHands(QObject):
    """What a person does to the axes of a raster."""

    def __init__(self, plot: pg.PlotItem, raster: RasterPlot) -> None:
        super().__init__(raster)
        self._plot = plot
        self._box = plot.getViewBox()
        self._raster = raster
        self._box.wheelEvent = self._wheel
        plot.scene().sigMouseClicked.connect(self._clicked)

    def zoom(self, factor: float, centre: float | None = None) -> None:
        """Show ``factor`` times the time about a moment, or about the middle."""
        start, stop = self._raster.window
        middle = (start + stop) / 2 if centre is None else centre
        self._raster.go_to(middle + factor * (start - middle), middle + factor * (stop - middle))

    def pan(self, share: float) -> None:
        """Move by a share of the visible time, not beyond the ends."""
        start, stop = self._raster.window
        low, high = self._raster.rows.span
        by = max(low - start, min(share * (stop - start), high - stop))
        self._raster.go_to(start + by, stop + by)

    def scroll(self, share: float) -> None:
        """Move by a share of the visible rows, not beyond the ends."""
        _, (top, bottom) = self._plot.viewRange()
        by = share * (bottom - top)
        by = max(-0.5 - top, min(by, len(self._raster.rows) - 0.5 - bottom))
        self._plot.setYRange(top + by, bottom + by, padding=0)

    def zoom_rows(self, factor: float, centre: float | None = None) -> None:
        """Show ``factor`` times the rows about one of them, or about the middle."""
        _, (top, bottom) = self._plot.viewRange()
        middle = (top + bottom) / 2 if centre is None else centre
        self._plot.setYRange(
            max(-0.5, middle + factor * (top - middle)),
            min(len(self._raster.rows) - 0.5, middle + factor * (bottom - middle)),
            padding=0,
        )

    def press(self, event: QKeyEvent) -> bool:
        """Move by a key, and return whether it was one of ours."""
        moves: dict[Qt.Key, tuple[Callable[[float], None], float]] = {
            Qt.Key.Key_Left: (self.pan, -0.25),
            Qt.Key.Key_Right: (self.pan, 0.25),
            Qt.Key.Key_PageUp: (self.pan, -1.0),
            Qt.Key.Key_PageDown: (self.pan, 1.0),
            Qt.Key.Key_Up: (self.scroll, -_ROWS),
            Qt.Key.Key_Down: (self.scroll, _ROWS),
            Qt.Key.Key_Plus: (self.zoom, _ZOOM),
            Qt.Key.Key_Minus: (self.zoom, 1 / _ZOOM),
        }
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Home:
            self._raster.show_all()
            return True
        if key not in moves:
            return False
        move, by = moves[key]
        move(by)
        return True

    def _wheel(self, event: Any, axis: object = None) -> None:
        del axis
        turned = event.delta() if hasattr(event, "delta") else event.angleDelta().y()
        place = self._box.mapSceneToView(event.scenePos())
        modifiers = event.modifiers()
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.scroll(-_ROWS if turned > 0 else _ROWS)
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            self.zoom_rows(_ZOOM if turned > 0 else 1 / _ZOOM, place.y())
        else:
            self.zoom(_ZOOM if turned > 0 else 1 / _ZOOM, place.x())
        event.accept()

    def _clicked(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton or event.isAccepted():
            return
        if not self._box.sceneBoundingRect().contains(event.scenePos()):
            return
        if event.double():
            self._raster.show_all()
            return
        more = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        self._raster.choose_at(self._box.mapSceneToView(event.scenePos()), more=more)
