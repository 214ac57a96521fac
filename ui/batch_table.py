"""The table of a batch: one row a file, with state, progress, time and the reason of a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from neurostudio.runs import State

from .panels.runs_table import FRACTION, WORDS, write_time
from .theme import theme

if TYPE_CHECKING:
    from neurostudio.batches import Row

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
HEADINGS = ("File", "State", "Progress", "Took", "Reason")
PROGRESS, _STATE, _REASON = 2, 1, 4


class BatchTable(QAbstractTableModel):
    """The files of a batch in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self._places: dict[str, int] = {}

    def fill(self, rows: list[Row]) -> None:
        """Show these files."""
        self.beginResetModel()
        self.rows = list(rows)
        self._places = {row.file: number for number, row in enumerate(rows)}
        self.endResetModel()

    def put(self, row: Row) -> None:
        """Bring one file up to date."""
        place = self._places.get(row.file)
        if place is not None:
            self.rows[place] = row
            self.dataChanged.emit(self.index(place, 0), self.index(place, len(HEADINGS) - 1))

    def count(self, *states: State) -> int:
        """Return how many files are in one of these states."""
        return sum(row.state in states for row in self.rows)

    def fraction(self) -> float:
        """Return the share that is done."""
        return sum(row.fraction for row in self.rows) / max(len(self.rows), 1)

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Return the number of files."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's heading."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return HEADINGS[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, tooltip, colour or fraction done."""
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _texts(row)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.reason or row.file
        if role == Qt.ItemDataRole.ForegroundRole and index.column() in {_STATE, _REASON}:
            return _colour(row.state)
        if role == FRACTION and index.column() == PROGRESS:
            return row.fraction if row.state in {State.RUNNING, State.DONE} else 0.0
        return None


def _texts(row: Row) -> tuple[str, ...]:
    going = row.state is State.RUNNING
    label = f"{row.fraction:.0%}  {row.label}" if going and row.label else ""
    took = write_time(row.seconds) if row.seconds is not None else ""
    return row.file, WORDS[row.state], label, took, row.reason


def _colour(state: State) -> QColor | None:
    colours = theme().colours
    named = {State.DONE: colours.good, State.FAILED: colours.bad, State.STOPPED: colours.warn}
    return QColor(named[state]) if state in named else None
