"""One item in a panel of its own, on the common axis of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QDoubleSpinBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ..linking import links
from .item_page import ItemPage

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow

    from neurostudio.session import Item

    from ..studio import Studio

_YEAR = 3.2e7  # seconds


def open_beside(studio: Studio, window: QMainWindow) -> None:
    """Show the chosen item in a panel above the middle of the window."""
    item = studio.workspace.items.get(studio.item)
    if item is not None:
        dock = Beside(studio, item, window)
        window.addDockWidget(Qt.DockWidgetArea.TopDockWidgetArea, dock)
        window.resizeDocks([dock], [window.height() // 3], Qt.Orientation.Vertical)


class Beside(QDockWidget):
    """Shows an item until it is closed; goes with the item, and with the session."""

    def __init__(self, studio: Studio, item: Item, parent: QWidget) -> None:
        super().__init__(item.name, parent)
        self._studio = studio
        self.setObjectName(f"beside.{item.name}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.view = ItemPage(studio)
        self.offset = QDoubleSpinBox(suffix=" s", decimals=3)
        self.offset.setRange(-_YEAR, _YEAR)
        self.offset.setKeyboardTracking(False)
        self.offset.setAccessibleName("Offset in seconds")
        self.offset.setToolTip(
            "Seconds to add to the time of these data to reach the time of the other views"
        )
        self.offset.valueChanged.connect(self._moved)
        row = QHBoxLayout()
        row.setContentsMargins(8, 2, 8, 0)
        label = QLabel("Begins later by")
        label.setBuddy(self.offset)
        row.setSpacing(8)
        row.addWidget(label)
        row.addWidget(self.offset)
        row.addStretch(1)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.view, 1)
        self.setWidget(inside)
        studio.session_changed.connect(self._session_changed)
        studio.session_opened.connect(self.close)
        self.view.shown.connect(self._moved)
        self.view.show_item(item)

    def _session_changed(self) -> None:
        item = self.view.item
        if item is not None and item.name not in self._studio.workspace.items:
            self.close()

    def _moved(self) -> None:
        self.view.offset = self.offset.value()
        now = links().time
        if now is not None:
            links().time_moved.emit(now)
