"""The command palette: every action, method and item behind one search field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from .fuzzy import closeness
from .rows import TwoLines, add_row
from .theme import icon

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to find: ``sort`` is ``action``, ``method`` or ``item``, ``key`` its name there."""

    sort: str
    key: str
    text: str
    detail: str = ""
    icon: str = ""
    enabled: bool = True


class Palette(QDialog):
    """Asks what to do; ``chosen(entry)`` is emitted with the answer."""

    chosen = Signal(object)

    def __init__(self, entries: Sequence[Entry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Find anything")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(560, 420)
        self._entries = list(entries)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Type a few letters of an action, a method or an item")
        self.search.setAccessibleName("Find anything")
        self.search.textChanged.connect(self._fill)
        self.search.returnPressed.connect(self._take)
        self.search.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName("What was found")
        self.list.setItemDelegate(TwoLines(self.list))
        self.list.itemClicked.connect(self._take)
        self.list.itemActivated.connect(self._take)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.list)
        self._fill("")

    def _fill(self, query: str) -> None:
        ranked = [(self._points(query, each), each) for each in self._entries]
        found = sorted((each for each in ranked if each[0] > 0), key=_points, reverse=True)
        self.list.clear()
        for _, entry in found[:_SHOWN]:
            item = add_row(self.list, entry.text, entry.detail, icon(entry.icon or "run"))
            item.setData(Qt.ItemDataRole.UserRole, entry)
            if not entry.enabled:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
        self.list.setCurrentRow(0)

    @staticmethod
    def _points(query: str, entry: Entry) -> float:
        return max(
            closeness(query, entry.text), 0.5 * closeness(query, f"{entry.text} {entry.detail}")
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrow keys move in the list while the search field has the focus."""
        moves = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: 8,
            Qt.Key.Key_PageUp: -8,
        }
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            by = moves.get(Qt.Key(event.key()))
            if by is not None:
                row = self.list.currentRow() + by
                self.list.setCurrentRow(max(0, min(row, self.list.count() - 1)))
                return True
        return super().eventFilter(watched, event)

    def _take(self, item: QListWidgetItem | None = None) -> None:
        item = item or self.list.currentItem()
        if item is not None and item.flags() & Qt.ItemFlag.ItemIsEnabled:
            entry = item.data(Qt.ItemDataRole.UserRole)
            self.accept()
            self.chosen.emit(entry)


def _points(pair: tuple[float, Entry]) -> float:
    return pair[0]
