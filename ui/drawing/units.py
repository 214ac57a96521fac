"""Spike trains as a raster beside the table of their units; both show the same rows in the same order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from neurostudio.errors import BadInput

from ..linking import links
from ..tables import columns_as_csv
from ..theme import give_role
from .plot import Figure
from .raster import RasterPlot
from .row_filter import rows_that_fit
from .sheet import ColumnsModel, SheetView
from .spike_rows import rows_of_units

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PySide6.QtGui import QImage

    from neurostudio.data import SpikeTrains

_RASTER, _TABLE = 760, 320  # pixels at first


def table_of(data: SpikeTrains) -> dict[str, list[Any]]:
    """Return number, rate, spikes and every fact of each unit as columns."""
    units = data.units
    observed = max(float(units.time_support.tot_length()), 1e-12)
    keys = list(units.index)
    counts = [len(units[key]) for key in keys]
    found: dict[str, list[Any]] = {
        "unit": [int(key) for key in keys],
        "rate (Hz)": [count / observed for count in counts],
        "spikes": counts,
    }
    for name in data.names("columns"):
        found[name if name not in found else f"{name} (fact)"] = np.asarray(units[name]).tolist()
    return found


class UnitsFigure(Figure):
    """Raster and table; a choice of units in one is the choice in all views."""

    def __init__(self, data: SpikeTrains) -> None:
        super().__init__()
        self._rows = rows_of_units(data)
        self.raster = RasterPlot(self._rows, title=data.summary())
        self.table = UnitTable(table_of(data))
        self.table.rows_changed.connect(self._show_rows)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self.raster)
        splitter.addWidget(self.table)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 0)
        splitter.setSizes([_RASTER, _TABLE])
        splitter.setChildrenCollapsible(True)
        self.show_inside(splitter)

    def _show_rows(self) -> None:
        self.raster.show_rows(self._rows.ordered(self.table.order))

    def image(self) -> QImage:
        """Return the picture of the raster."""
        return self.raster.image()

    def save(self, path: Path) -> None:
        """Write the raster as PNG or SVG."""
        self.raster.save(path)

    def columns(self) -> dict[str, list[object]]:
        """Return the table as it is filtered and sorted."""
        return self.table.columns()


class UnitModel(ColumnsModel):
    """Units as rows, of which some are shown in an order."""

    def __init__(self, columns: dict[str, list[Any]]) -> None:
        super().__init__(columns)
        self._sorting = (-1, Qt.SortOrder.AscendingOrder)

    @property
    def order(self) -> list[int]:
        """The units that are shown, in their order."""
        return self._order

    def show_only(self, fits: Sequence[bool]) -> None:
        """Show the rows that fit, and keep the order."""
        self.beginResetModel()
        self._order = [row for row, fit in enumerate(fits) if fit]
        self._sort_rows(*self._sorting)
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order the rows by a column, and remember it."""
        self._sorting = (column, order)
        super().sort(column, order)


class UnitTable(QWidget):
    """A table of units with a line that filters it; ``rows_changed`` after every other order or filter.

    The column ``what`` names them; nodes of a connectome are such units too.
    """

    rows_changed = Signal()

    def __init__(self, columns: dict[str, list[Any]], what: str = "unit") -> None:
        super().__init__()
        self._columns = columns
        self._what = what
        self._names = [str(each) for each in columns[what]]
        self._busy = False
        self.model = UnitModel(columns)
        self.view = SheetView(self.model)
        self.view.setAccessibleName(f"{what.capitalize()}s")
        self.view.verticalHeader().hide()
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.filter = QLineEdit()
        self.filter.setClearButtonEnabled(True)
        self.filter.setPlaceholderText(f"Filter: words, or {_example(columns)} > 2")
        self.filter.setAccessibleName(f"Filter {what}s")
        self.filter.setToolTip(
            f"Words that the row of a {what} holds, and comparisons: "
            + ", ".join(each.split(" (")[0] for each in columns)
        )
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.copy_button = QPushButton("&Copy as CSV")
        self.copy_button.clicked.connect(self.copy)
        below = QHBoxLayout()
        below.addWidget(self.words, 1)
        below.addWidget(self.copy_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self.filter)
        layout.addWidget(self.view, 1)
        layout.addLayout(below)
        self.filter.textChanged.connect(self._filter)
        self.model.layoutChanged.connect(self._ordered)
        self.view.selectionModel().selectionChanged.connect(self._tell)
        links().units_chosen.connect(self._mark)
        self._say()
        self._mark()

    @property
    def order(self) -> list[int]:
        """The units that are shown, in their order."""
        return self.model.order

    def columns(self) -> dict[str, list[object]]:
        """Return the rows that are shown."""
        return {
            name: [values[k] for k in self.model.order] for name, values in self._columns.items()
        }

    def copy(self) -> None:
        """Put the rows that are shown on the clipboard as CSV."""
        QGuiApplication.clipboard().setText(columns_as_csv(self.columns()))

    def _filter(self, text: str) -> None:
        try:
            fits = rows_that_fit(text, self._columns)
        except BadInput as error:
            self.words.setText(str(error))
            give_role(self.words, "bad")
            return
        self._busy = True
        self.model.show_only(fits.tolist())
        self._busy = False
        self._ordered()

    def _ordered(self) -> None:
        self._say()
        self._mark()
        self.rows_changed.emit()

    def _say(self) -> None:
        shown, n = len(self.model.order), len(self._names)
        text = f"{n:,} {self._what}s" if shown == n else f"{shown:,} of {n:,} {self._what}s"
        self.words.setText(text if shown else f"No {self._what} fits; there are {n:,}.")
        give_role(self.words, "dim")

    def _tell(self) -> None:
        """Tell all views what is chosen here; what the filter hides is no longer chosen."""
        if self._busy:
            return
        rows = self.view.selectionModel().selectedRows()
        links().choose_units(self._names[self.model.order[index.row()]] for index in rows)

    def _mark(self, names: object = None) -> None:
        """Choose the rows of the units that are chosen anywhere."""
        del names
        if self._busy:
            return
        chosen = links().units
        found = [k for k, unit in enumerate(self.model.order) if self._names[unit] in chosen]
        last = self.model.columnCount() - 1
        selection = QItemSelection()
        for k in found:
            selection.select(self.model.index(k, 0), self.model.index(k, last))
        self._busy = True
        self.view.selectionModel().select(
            selection, QItemSelectionModel.SelectionFlag.ClearAndSelect
        )
        self._busy = False
        if found and not self.view.hasFocus():
            self.view.scrollTo(self.model.index(found[0], 0))


def _example(columns: dict[str, list[Any]]) -> str:
    """Return the name of a column of numbers, for the words in an empty filter."""
    names = [name.split(" (")[0] for name, values in columns.items() if _are_numbers(values)]
    return "rate" if "rate" in names else next(iter(names), "rate")


def _are_numbers(values: list[Any]) -> bool:
    return bool(values) and isinstance(values[0], int | float) and not isinstance(values[0], bool)
