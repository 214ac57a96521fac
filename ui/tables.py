"""Small tables of text, and how they leave the program as CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class TextTable(QTableWidget):
    """A read-only table of short texts."""

    def __init__(self, headings: Sequence[str], name: str, parent: QWidget | None = None) -> None:
        super().__init__(0, len(headings), parent)
        self.setHorizontalHeaderLabels(list(headings))
        self.setAccessibleName(name)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def fill(self, rows: Iterable[Sequence[str]]) -> None:
        """Show rows."""
        rows = list(rows)
        self.setRowCount(len(rows))
        for k, row in enumerate(rows):
            for j, text in enumerate(row):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.setItem(k, j, item)

    def set_headings(self, headings: Sequence[str]) -> None:
        """Use other columns."""
        self.setColumnCount(len(headings))
        self.setHorizontalHeaderLabels(list(headings))


def as_csv(model: QAbstractItemModel) -> str:
    """Return what a table shows as comma-separated values, headings first."""
    columns = range(model.columnCount())
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    across = Qt.Orientation.Horizontal
    writer.writerow([model.headerData(j, across) for j in columns])
    for k in range(model.rowCount()):
        writer.writerow([model.index(k, j).data() or "" for j in columns])
    return out.getvalue()


def columns_as_csv(columns: Mapping[str, Sequence[object]]) -> str:
    """Return columns as comma-separated values, headings first."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return out.getvalue()
