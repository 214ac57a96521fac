"""The runs: the queue beside what the chosen ones tell, and what can be done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QItemSelectionModel, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QMessageBox,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from neurostudio.runs import State

from ..feeds import Feed
from ..theme import give_role, theme
from .run_details import RunDetails
from .runs_table import PROGRESS, ProgressBars, RunsTable

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex

    from neurostudio.runs import Run

    from ..studio import Studio

_SECOND = 1000


class RunsPanel(QWidget):
    """Table and details."""

    selection_changed = Signal()
    menu_wanted = Signal(QPoint)

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._feeds: dict[Run, Feed] = {}
        self._wanted: Run | None = None
        self.model = RunsTable(self._feed_of)
        self.table = self._make_table()
        self.table.installEventFilter(self)
        self.details = RunDetails(studio, self._feed_of)
        self.empty = QLabel("Nothing has run yet. Choose a method and press Run.")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        give_role(self.empty, "dim")
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self.table)
        self.splitter.addWidget(self.details)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([480, 520])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self.empty)
        layout.addWidget(self.splitter)
        self._clock = QTimer(self)
        self._clock.setInterval(_SECOND)
        self._clock.timeout.connect(self._tick)
        studio.session_changed.connect(self.refresh)
        studio.session_opened.connect(self._forget)
        studio.run_changed.connect(self._run_changed)
        studio.run_event.connect(self._run_event)
        studio.run_chosen.connect(self.choose)
        self.model.state_changed.connect(self._state_changed)
        theme().changed.connect(self.table.viewport().update)
        self.refresh()

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setAccessibleName("Runs")
        table.setModel(self.model)
        self.model.setParent(table)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setTabKeyNavigation(False)
        table.setItemDelegateForColumn(PROGRESS, ProgressBars(table))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 10)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(PROGRESS, QHeaderView.ResizeMode.Interactive)
        header.setMinimumSectionSize(48)
        header.resizeSection(PROGRESS, 84)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._menu)
        table.clicked.connect(self._clicked)
        table.activated.connect(self._activated)
        table.selectionModel().selectionChanged.connect(self._selected)
        return table

    def _feed_of(self, run: Run) -> Feed:
        if run not in self._feeds:
            self._feeds[run] = Feed(run)
        return self._feeds[run]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the delete key remove runs, not data, while the table has the keyboard."""
        if (
            watched is self.table
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Delete
        ):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.remove_chosen()
                return True
        return super().eventFilter(watched, event)

    # ---- what is shown ---------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the list of runs anew."""
        before = self.selected()
        self.model.fill(self._studio.workspace.runs)
        self.empty.setVisible(not self.model.runs)
        self.splitter.setVisible(bool(self.model.runs))
        if self._wanted is not None and self._wanted in self.model.runs:
            before, self._wanted = [self._wanted], None
        if before != self.selected():
            self._select(before)

    def _forget(self) -> None:
        self._feeds.clear()

    def _run_changed(self, run: Run) -> None:
        self._studio.background.run(self._feed_of(run).read_on, done=self._read)
        working = [each for each in self.model.runs if self.model.state(each) is State.RUNNING]
        if working and not self._clock.isActive():
            self._clock.start()

    def _read(self, feed: Feed) -> None:
        self.model.touch(feed.run)
        self.details.touch(feed.run)
        self.selection_changed.emit()

    def _run_event(self, run: Run, event: dict[str, object]) -> None:
        if event.get("kind") in {"metrics", "view", "text"}:
            self.details.touch(run)
        if event.get("kind") == "view":
            self.details.pictures.take(run, str(event["name"]), run.folder / str(event["file"]))

    def _tick(self) -> None:
        self.model.touch_running()
        if not any(self.model.state(run) is State.RUNNING for run in self.model.runs):
            self._clock.stop()

    # ---- what is chosen --------------------------------------------------------------------------

    def selected(self) -> list[Run]:
        """Return the chosen runs, newest first."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.model.runs[row] for row in rows if row < len(self.model.runs)]

    def states(self) -> set[State]:
        """Return the states of the chosen runs."""
        return {self.model.state(run) for run in self.selected()}

    def choose(self, run: Run) -> None:
        """Choose one run, as soon as it is on the list."""
        if run in self.model.runs:
            if self.selected() != [run]:
                self._select([run])
        else:
            self._wanted = run

    def _select(self, runs: list[Run]) -> None:
        model = self.table.selectionModel()
        flags = QItemSelectionModel.SelectionFlag
        model.clearSelection()
        for run in runs:
            if run in self.model.runs:
                index = self.model.index(self.model.runs.index(run), 0)
                model.select(index, flags.Select | flags.Rows)
                model.setCurrentIndex(index, flags.NoUpdate)

    def _selected(self) -> None:
        runs = self.selected()
        self.details.show_runs(runs)
        self._show_why()
        self.selection_changed.emit()

    def _state_changed(self, run: Run) -> None:
        if run in self.selected():
            self._show_why()

    def _show_why(self) -> None:
        """Turn to the log where all that is chosen has failed."""
        if self.states() == {State.FAILED}:
            self.details.setCurrentWidget(self.details.log)

    def _clicked(self, index: QModelIndex) -> None:
        run = self.model.runs[index.row()]
        if self.selected() == [run]:
            self._studio.run_chosen.emit(run)

    def _activated(self, index: QModelIndex) -> None:
        self._studio.run_chosen.emit(self.model.runs[index.row()])

    def _menu(self, where: QPoint) -> None:
        if self.selected():
            self.menu_wanted.emit(self.table.viewport().mapToGlobal(where))

    # ---- what a person does ----------------------------------------------------------------------

    def stop_chosen(self) -> None:
        """Stop the chosen runs early; they keep their checkpoints."""
        for run in self.selected():
            self._studio.act(self._studio.workspace.jobs.stop, run)

    def cancel_chosen(self) -> None:
        """End the chosen runs at once."""
        for run in self.selected():
            self._studio.act(self._studio.workspace.jobs.cancel, run)

    def resume_chosen(self) -> None:
        """Let the chosen runs go on from their checkpoints."""
        for run in self.selected():
            self._studio.act(self._studio.workspace.jobs.resume, run)

    def open_chosen(self) -> None:
        """Show the result of the first chosen run."""
        for run in self.selected()[:1]:
            self._studio.run_chosen.emit(run)

    def compare_chosen(self) -> None:
        """Show the numbers of the chosen runs side by side; all runs if none or one is chosen."""
        if len(self.selected()) < 2:
            self.table.selectAll()
        self.details.setCurrentWidget(self.details.numbers)

    def remove_chosen(self) -> None:
        """Delete the folders of the chosen runs, after asking."""
        runs = self.selected()
        if not runs:
            return
        names = ", ".join(run.name for run in runs)
        answer = QMessageBox.question(
            self,
            "Remove runs",
            f"Delete {names} with all that came out of them? This cannot be undone.",
        )
        if answer == QMessageBox.StandardButton.Yes:
            for run in runs:
                self._studio.act(self._studio.workspace.remove_run, run, done=self._removed)

    def _removed(self, done: object) -> None:
        del done
        self.refresh()
