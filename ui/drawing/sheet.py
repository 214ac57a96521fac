"""A table that sorts, copies and is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QTableView

from .plot import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neurostudio.data import Table
    from neurostudio.views import Sheet

    from . import Resolve

Index = QModelIndex | QPersistentModelIndex
_FITTED_ROWS = 100


def draw(view: Sheet, resolve: Resolve | None) -> SheetFigure:
    """Return the table of a result."""
    del resolve
    return SheetFigure(view.columns, view.caption)


def draw_data(data: Table) -> SheetFigure:
    """Return a table of data."""
    frame = data.frame
    columns: dict[str, Any] = {str(name): frame[name].to_numpy() for name in frame.columns}
    return SheetFigure(columns, "")


class ColumnsModel(QAbstractTableModel):
    """Columns as Qt reads them; sorting changes the order of rows, never the data."""

    def __init__(self, columns: Mapping[str, Sequence[Any]]) -> None:
        super().__init__()
        self._names = list(columns)
        self._columns = list(columns.values())
        self._order = list(range(len(self._columns[0]) if self._columns else 0))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  as Qt has it
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  as Qt has it
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, or the alignment of its kind."""
        value = self._columns[index.column()][self._order[index.row()]]
        if role == Qt.ItemDataRole.DisplayRole:
            return cell_text(value)
        if role == Qt.ItemDataRole.TextAlignmentRole and not isinstance(value, str):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's name or a row's number."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Horizontal:
            return self._names[section]
        return self._order[section] + 1

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order the rows by a column, none (-1) for as they came; what cannot be compared comes last."""
        self.layoutAboutToBeChanged.emit()
        self._sort_rows(column, order)
        self.layoutChanged.emit()

    def _sort_rows(self, column: int, order: Qt.SortOrder) -> None:
        if column < 0:
            self._order.sort()
            return
        values = self._columns[column]

        def key(row: int) -> tuple[bool, Any]:
            value = values[row]
            missing = value is None or value != value
            return (missing, 0 if missing else value)

        def by_text(row: int) -> tuple[bool, str]:
            return (False, str(values[row]))

        down = order == Qt.SortOrder.DescendingOrder
        try:
            self._order.sort(key=key, reverse=down)
        except TypeError:
            self._order.sort(key=by_text, reverse=down)

    def rows(self, chosen: Sequence[int]) -> list[list[str]]:
        """Return header and rows as text."""
        body = [[cell_text(column[self._order[k]]) for column in self._columns] for k in chosen]
        return [list(self._names), *body]


def cell_text(value: object) -> str:
    """Return a cell as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, float) or type(value).__name__.startswith("float"):
        return f"{value:.6g}"
    return str(value)


class SheetView(QTableView):
    """A table whose chosen rows are copied with Ctrl+C, ready for a spreadsheet."""

    def __init__(self, model: ColumnsModel) -> None:
        super().__init__()
        self._model = model
        model.setParent(self)
        self.setModel(model)
        self.setAlternatingRowColors(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.horizontalHeader().setResizeContentsPrecision(_FITTED_ROWS)
        self.verticalHeader().setDefaultSectionSize(24)
        self.resizeColumnsToContents()
        self.horizontalHeader().setSortIndicatorClearable(True)
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy on the copy keys."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def copy(self) -> None:
        """Put the chosen rows, or all, on the clipboard with tabs between the cells."""
        chosen = sorted({index.row() for index in self.selectionModel().selectedRows()})
        rows = self._model.rows(chosen or range(self._model.rowCount()))
        QGuiApplication.clipboard().setText("\n".join("\t".join(row) for row in rows))


class SheetFigure(Figure):
    """A table with its caption."""

    def __init__(self, columns: Mapping[str, Sequence[Any]], caption: str) -> None:
        super().__init__(caption)
        self._columns = columns
        self.view = SheetView(ColumnsModel(columns))
        self.show_inside(self.view)

    def copy(self) -> None:
        """Put the rows on the clipboard."""
        self.view.copy()

    def columns(self) -> dict[str, list[object]]:
        """Return the table."""
        return {name: list(values) for name, values in self._columns.items()}
