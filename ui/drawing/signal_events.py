"""The marks as a table: filter, jump, rename, remove, colour."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from ..theme import give_role

if TYPE_CHECKING:
    from collections.abc import Callable

    from neurostudio.marks import Mark

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_HEADINGS = ("Begins", "Lasts", "Event", "Channels")
_TEXT, _CHANNELS = 2, 3
_SORT = Qt.ItemDataRole.UserRole


class MarksModel(QAbstractTableModel):
    """A row a mark."""

    renamed = Signal(object, str)

    def __init__(self, words: Callable[[float], str], parent: QWidget) -> None:
        super().__init__(parent)
        self.marks: tuple[Mark, ...] = ()
        self.colours: dict[str, str] = {}
        self.editable = False
        self._words = words

    def fill(self, marks: tuple[Mark, ...], colours: dict[str, str]) -> None:
        """Show these marks."""
        self.beginResetModel()
        self.marks, self.colours = marks, colours
        self.endResetModel()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Return the number of marks."""
        return 0 if parent.isValid() else len(self.marks)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(_HEADINGS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's heading."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _HEADINGS[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's words, its colour, or what it is sorted by."""
        mark, column = self.marks[index.row()], index.column()
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole}:
            words = (
                self._words(mark.onset),
                f"{mark.duration:.3f} s" if mark.duration else "",
                mark.text,
                ", ".join(mark.channels),
            )
            return words[column]
        if role == _SORT:
            return (mark.onset, mark.duration, mark.text, ", ".join(mark.channels))[column]
        if role == Qt.ItemDataRole.DecorationRole and column == _TEXT and mark.text in self.colours:
            return QColor(self.colours[mark.text])
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Let the words of a mark be written over."""
        flags = super().flags(index)
        if self.editable and index.column() == _TEXT:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Rename a mark."""
        words = str(value).strip()
        mark = self.marks[index.row()]
        if role != Qt.ItemDataRole.EditRole or not words or words == mark.text:
            return False
        self.renamed.emit(mark, words)
        return True


class EventsTable(QWidget):
    """The table with its filter; a row that is chosen is jumped to."""

    chosen = Signal(object)
    renamed = Signal(object, object)
    removed = Signal(object)

    def __init__(self, words: Callable[[float], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = MarksModel(words, self)
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setSourceModel(self.model)
        self._proxy.setFilterKeyColumn(_TEXT)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._proxy.setSortRole(_SORT)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Filter events")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._proxy.setFilterFixedString)
        self.table = QTableView()
        self.table.setAccessibleName("Events")
        self.table.setModel(self._proxy)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        self.table.selectionModel().currentRowChanged.connect(self._current)
        self.model.renamed.connect(self._renamed)
        self.count = QLabel()
        give_role(self.count, "dim")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 0, 0, 0)
        layout.addWidget(self.search)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.count)
        self.setMinimumWidth(250)

    def fill(self, marks: tuple[Mark, ...], colours: dict[str, str]) -> None:
        """Show these marks."""
        self.model.fill(marks, colours)
        self.table.setColumnHidden(_CHANNELS, not any(each.channels for each in marks))
        self.count.setText(
            f"{len(marks):,} events" if marks else "No events. Mark some: press A and drag."
        )

    def choose(self, mark: Mark | None) -> None:
        """Choose a row without jumping."""
        blocked = self.table.selectionModel().blockSignals(True)
        self.table.clearSelection()
        if mark is not None and mark in self.model.marks:
            index = self._proxy.mapFromSource(self.model.index(self.model.marks.index(mark), 0))
            self.table.selectRow(index.row())
        self.table.selectionModel().blockSignals(blocked)
        self.table.viewport().update()

    def selected(self) -> list[Mark]:
        """Return the chosen marks."""
        rows = self.table.selectionModel().selectedRows()
        return [self.model.marks[self._proxy.mapToSource(each).row()] for each in rows]

    def remove_selected(self) -> None:
        """Ask for the chosen marks to be removed."""
        if self.selected():
            self.removed.emit(self.selected())

    def _current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(self.model.marks[self._proxy.mapToSource(index).row()])

    def _renamed(self, mark: Mark, words: str) -> None:
        self.renamed.emit(mark, replace(mark, text=words))
