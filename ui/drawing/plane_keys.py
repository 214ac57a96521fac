"""Keys of pictures that are moved in two directions: arrows, plus and minus, Home."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import Qt

if TYPE_CHECKING:
    import pyqtgraph as pg
    from PySide6.QtGui import QKeyEvent

_STEP, _ZOOM = 0.15, 0.8  # of what is visible
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class Plane(Protocol):
    """A picture with axes that can be shown as a whole."""

    plot: pg.PlotItem

    def show_all(self) -> None:
        """Show all of it."""


def press(plane: Plane, event: QKeyEvent) -> bool:
    """Do what a key asks for; return False where it asks for nothing here."""
    box = plane.plot.getViewBox()
    key = Qt.Key(event.key())
    if key in _ARROWS:
        across, up = _ARROWS[key]
        (left, right), (low, high) = plane.plot.viewRange()
        up = -up if box.yInverted() else up
        box.translateBy(x=across * _STEP * (right - left), y=up * _STEP * (high - low))
    elif key in {Qt.Key.Key_Plus, Qt.Key.Key_Equal}:
        box.scaleBy((_ZOOM, _ZOOM))
    elif key == Qt.Key.Key_Minus:
        box.scaleBy((1 / _ZOOM, 1 / _ZOOM))
    elif key == Qt.Key.Key_Home:
        plane.show_all()
    else:
        return False
    return True
