"""The batch: what is to be done at the top, the table of all files below, live."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from neurostudio.chains import write_chain
from neurostudio.files import write_atomically
from neurostudio.runs import State

from .batch_form import BatchForm
from .batch_table import PROGRESS, BatchTable
from .panels.runs_table import ProgressBars, write_time
from .tables import as_csv
from .theme import give_role

if TYPE_CHECKING:
    from collections.abc import Callable

    from neurostudio.batches import Row

    from .batches import Batches
    from .studio import Studio

_SECOND = 1000
_GOING = (State.QUEUED, State.RUNNING)


class BatchDialog(QDialog):
    """Form, summary, table and buttons; closing it lets the batch go on."""

    def __init__(self, studio: Studio, batches: Batches, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Batch")
        self.resize(880, 680)
        self._studio = studio
        self._batches = batches
        self._began, self._first = 0.0, 0.0
        self._starting = False
        self._early: list[Row] = []
        self.form = BatchForm(studio)
        self.model = BatchTable()
        self.table = self._make_table()
        self._make_labels()
        self._clock = QTimer(self)
        self._clock.setInterval(_SECOND)
        self._clock.timeout.connect(self._refresh)
        self._lay_out()
        self.form.changed.connect(self._refresh)
        batches.begun.connect(self._begun)
        batches.row_changed.connect(self._row_changed)
        batches.failed.connect(self._failed)
        batches.ended.connect(self._refresh)
        self._refresh()

    def _make_labels(self) -> None:
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        give_role(self.problem, "refusal")
        self.problem.hide()
        self.summary = QLabel()
        give_role(self.summary, "dim")
        self.reason = QLabel()
        self.reason.setWordWrap(True)
        self.reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        give_role(self.reason, "bad")
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName("Progress of the batch")

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setAccessibleName("Files of the batch")
        table.setModel(self.model)
        self.model.setParent(table)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.setItemDelegateForColumn(PROGRESS, ProgressBars(table))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 10)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in enumerate((330, 96, 150, 80)):
            header.resizeSection(column, width)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        table.activated.connect(self._activated)
        table.selectionModel().selectionChanged.connect(self._refresh)
        return table

    def _lay_out(self) -> None:
        self.start = self._button("&Start", self.begin)
        give_role(self.start, "main")
        self.stop = self._button("Sto&p", self._batches.stop)
        self.cancel = self._button("Cance&l all", self._batches.cancel)
        self.look = self._button("Open &result", self.open_result)
        self.copy = self._button("Cop&y table", self.copy_table)
        self.save = self._button("Sa&ve table…", self.save_table)
        self.keep = self._button("Save &chain…", self.save_chain)
        first, last = QHBoxLayout(), QHBoxLayout()
        for button in (self.start, self.stop, self.cancel):
            first.addWidget(button)
        first.addStretch(1)
        first.addWidget(self.keep)
        for button in (self.look, self.copy, self.save):
            last.addWidget(button)
        last.addStretch(1)
        last.addWidget(self._button("Close", self.hide))
        layout = QVBoxLayout(self)
        layout.addWidget(self.form)
        layout.addLayout(first)
        layout.addWidget(self.problem)
        layout.addWidget(self.summary)
        layout.addWidget(self.bar)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.reason)
        layout.addLayout(last)

    def _button(self, text: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.clicked.connect(act)
        return button

    def take_item(self, name: str) -> None:
        """Offer the steps of an item."""
        self.form.take_item(name)

    # ---- what is shown ---------------------------------------------------------------------------

    def _begun(self, rows: list[Row]) -> None:
        self._starting = False
        self.model.fill(rows)
        for row in self._early:  # told while the list was being read
            self.model.put(row)
        self._began, self._first = time.monotonic(), self.model.fraction()
        self._clock.start()
        self._refresh()

    def _row_changed(self, row: Row) -> None:
        if self._starting:
            self._early.append(row)
            return
        self.model.put(row)
        self._refresh()

    def _failed(self, error: Exception) -> None:
        self._starting = False
        self.problem.setText(str(error))
        self.problem.show()
        self._refresh()

    def _refresh(self) -> None:
        going = self._starting or bool(self.model.count(*_GOING))
        missing = self.form.lacking()
        self.form.setEnabled(not going)
        self.start.setEnabled(not going and not missing)
        self.start.setText("&Resume" if self.model.rows and not going else "&Start")
        self.start.setToolTip(missing or "What is done already is not done again")
        self.stop.setEnabled(going and not self._starting)
        self.cancel.setEnabled(going and not self._starting)
        self.keep.setEnabled(self.form.chain is not None)
        row = self.chosen()
        self.look.setEnabled(row is not None)
        self.reason.setText(f"{row.file}: {row.reason}" if row and row.reason else "")
        self.reason.setVisible(bool(self.reason.text()))
        for button in (self.copy, self.save):
            button.setEnabled(bool(self.model.rows))
        self.bar.setVisible(bool(self.model.rows) or self._starting)
        self.bar.setRange(0, 0 if self._starting else 1000)
        self.bar.setValue(round(1000 * self.model.fraction()))
        self.summary.setText(self._words(going=going) if not missing or going else missing)
        if not going:
            self._clock.stop()

    def _words(self, *, going: bool) -> str:
        if self._starting:
            return "Looking at the files…"
        if not self.model.rows:
            return ""
        count = self.model.count
        words = [f"{len(self.model.rows)} files", f"{count(State.DONE)} done"]
        for state, word in (
            (State.FAILED, "failed"), (State.STOPPED, "stopped"), (State.CANCELLED, "cancelled"),
        ):  # fmt: skip
            if count(state):
                words.append(f"{count(state)} {word}")
        left = self._left()
        if going and left is not None:
            words.append(f"{write_time(left)} left")
        return ", ".join(words)

    def _left(self) -> float | None:
        gained = self.model.fraction() - self._first
        spent = time.monotonic() - self._began
        return spent / gained * (1.0 - self.model.fraction()) if gained > 1e-3 else None

    # ---- what a person does ----------------------------------------------------------------------

    def begin(self) -> None:
        """Start, or go on with what is not done."""
        wish = self.form.wish()
        if wish is None:
            return
        self.problem.hide()
        self._starting = True
        self._early = []
        self._refresh()
        self._batches.start(wish)

    def chosen(self) -> Row | None:
        """Return the chosen file."""
        rows = self.table.selectionModel().selectedRows()
        return self.model.rows[rows[0].row()] if rows else None

    def _activated(self, index: QModelIndex) -> None:
        self._studio.run_chosen.emit(self.model.rows[index.row()].run)

    def open_result(self) -> None:
        """Show the result of the chosen file, or why there is none, in the main window."""
        row = self.chosen()
        if row is not None:
            self._studio.run_chosen.emit(row.run)

    def copy_table(self) -> None:
        """Put the table on the clipboard."""
        QGuiApplication.clipboard().setText(as_csv(self.model))
        self._studio.said.emit("The table is on the clipboard.")

    def save_table(self) -> None:
        """Ask where, and write the table as CSV."""
        path, _ = QFileDialog.getSaveFileName(self, "Save table", "batch.csv", "Tables (*.csv)")
        if path:
            self._studio.act(write_atomically, Path(path).with_suffix(".csv"), as_csv(self.model))

    def save_chain(self) -> None:
        """Ask where, and write the chain for the command line or another session."""
        path, _ = QFileDialog.getSaveFileName(self, "Save chain", "chain.json", "Chains (*.json)")
        if path and self.form.chain is not None:
            self._studio.act(write_chain, self.form.chain, Path(path).with_suffix(".json"))
