"""Where each panel stands at first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

if TYPE_CHECKING:
    from collections.abc import Mapping

_LEFT, _RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea
_PLACES = {
    "data": ("Data", _LEFT),
    "methods": ("Methods", _LEFT),
    "form": ("Method", _RIGHT),
    "runs": ("Runs", _BOTTOM),
    "history": ("History", _BOTTOM),
    "log": ("Log", _BOTTOM),
}


_NEED = 200  # pixels of width below which words turn into dots
_WIDEST_NEED = {"form": 260}


def place(window: QMainWindow, panels: Mapping[str, QWidget]) -> dict[str, QDockWidget]:
    """Put the panels into docks around the middle of a window; return the docks by name."""
    docks: dict[str, QDockWidget] = {}
    for name, widget in panels.items():
        title, area = _PLACES[name]
        dock = QDockWidget(title, window)
        dock.setObjectName(f"dock.{name}")  # by which the layout finds it again
        widget.setMinimumWidth(_WIDEST_NEED.get(name, _NEED))
        dock.setWidget(widget)
        window.addDockWidget(area, dock)
        docks[name] = dock
    window.tabifyDockWidget(docks["runs"], docks["history"])
    window.tabifyDockWidget(docks["history"], docks["log"])
    docks["runs"].raise_()
    window.setCorner(Qt.Corner.TopLeftCorner, _LEFT)
    window.setCorner(Qt.Corner.TopRightCorner, _RIGHT)
    window.setCorner(Qt.Corner.BottomLeftCorner, _LEFT)
    window.setCorner(Qt.Corner.BottomRightCorner, _RIGHT)
    share(window, docks)
    down = Qt.Orientation.Vertical
    window.resizeDocks([docks["data"], docks["methods"]], [400, 400], down)
    window.resizeDocks([docks["runs"]], [250], down)
    return docks


def share(window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
    """Give the sides their part of the window's width, so that the middle keeps the largest."""
    left, right = min(290, window.width() // 5), min(350, window.width() // 4)
    window.resizeDocks([docks["data"], docks["form"]], [left, right], Qt.Orientation.Horizontal)
