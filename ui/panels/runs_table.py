"""The queue: one row a run, with state, progress and times."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionProgressBar

from neurostudio.runs import State

from ..theme import theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QStyleOptionViewItem

    from neurostudio.runs import Run

    from ..feeds import Feed

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
HEADINGS = ("Run", "State", "Progress", "Left", "Started", "Took")
PROGRESS = HEADINGS.index("Progress")
_STATE = HEADINGS.index("State")
FRACTION = Qt.ItemDataRole.UserRole
WORDS = {
    State.QUEUED: "waiting",
    State.RUNNING: "running",
    State.DONE: "done",
    State.STOPPED: "stopped early",
    State.FAILED: "failed",
    State.CANCELLED: "cancelled",
}


class RunsTable(QAbstractTableModel):
    """The runs of a session, newest first; what is slow to ask is kept until a run changes."""

    state_changed = Signal(object)

    def __init__(self, feed_of: Callable[[Run], Feed]) -> None:
        super().__init__()
        self._feed_of = feed_of
        self.runs: list[Run] = []
        self._cells: dict[Run, tuple[str, ...]] = {}
        self._states: dict[Run, State] = {}

    def fill(self, runs: list[Run]) -> None:
        """Show these runs."""
        newest_first = runs[::-1]
        if newest_first != self.runs:
            self.beginResetModel()
            self.runs = newest_first
            self._cells.clear()
            self._states.clear()
            self.endResetModel()

    def touch(self, run: Run) -> None:
        """Ask a run anew and draw its row."""
        if run in self.runs:
            self._cells.pop(run, None)
            before = self._states.pop(run, None)
            row = self.runs.index(run)
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(HEADINGS) - 1))
            if before not in {None, self.state(run)}:
                self.state_changed.emit(run)

    def touch_running(self) -> None:
        """Let the clocks of the runs under way go on."""
        for run in self.runs:
            if self.state(run) is State.RUNNING:
                self.touch(run)

    def state(self, run: Run) -> State:
        """Return a run's state as it was when the run last changed."""
        if run not in self._states:
            self._states[run] = run.state
        return self._states[run]

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Return the number of runs."""
        return 0 if parent.isValid() else len(self.runs)

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
        run = self.runs[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._texts(run)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{run.name}\n{self._texts(run)[PROGRESS] or WORDS[self.state(run)]}"
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == _STATE:
            return self._colour(run)
        if role == FRACTION and index.column() == PROGRESS:
            return self._fraction(run)
        return None

    def _fraction(self, run: Run) -> float:
        if self.state(run) is State.DONE:
            return 1.0
        progress = self._feed_of(run).progress
        return progress.fraction if progress is not None else 0.0

    def _colour(self, run: Run) -> QColor | None:
        colours = theme().colours
        named = {State.DONE: colours.good, State.FAILED: colours.bad, State.STOPPED: colours.warn}
        name = named.get(self.state(run))
        return QColor(name) if name else None

    def _texts(self, run: Run) -> tuple[str, ...]:
        if run not in self._cells:
            self._cells[run] = self._ask(run)
        return self._cells[run]

    def _ask(self, run: Run) -> tuple[str, ...]:
        state = self.state(run)
        progress = self._feed_of(run).progress
        going = state is State.RUNNING and progress is not None
        label = f"{progress.fraction:.0%}  {progress.label}" if going and progress else ""
        left = write_time(progress.left) if going and progress and progress.left is not None else ""
        started, ended = run.started, run.ended
        begun = write_moment(started) if started else ""
        until = ended if ended is not None else time.time()
        duration = write_time(max(0.0, until - started)) if started else ""
        return run.name, WORDS[state], label, left, begun, duration


def write_moment(moment: float) -> str:
    """Return a moment in words: the time where it was today, else the day too."""
    then, today = time.localtime(moment), time.localtime()
    same = then[:3] == today[:3]
    return time.strftime("%H:%M" if same else "%d %b %H:%M", then)


def write_time(seconds: float) -> str:
    """Return a length of time in words: ``4.2 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 1:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


class ProgressBars(QStyledItemDelegate):
    """Draws the fraction done as a bar."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw one bar with its words."""
        fraction = index.data(FRACTION)
        words = index.data() or ""
        if fraction is None or (not words and fraction in {0.0, 1.0}):
            super().paint(painter, option, index)
            return
        bar = QStyleOptionProgressBar()
        bar.rect = option.rect.adjusted(2, 3, -2, -3)
        bar.minimum, bar.maximum, bar.progress = 0, 1000, round(1000 * fraction)
        room = bar.rect.width() - 8
        bar.text = option.fontMetrics.elidedText(words, Qt.TextElideMode.ElideRight, room)
        bar.textVisible = True
        bar.state = QStyle.StateFlag.State_Enabled | QStyle.StateFlag.State_Horizontal
        bar.palette, bar.fontMetrics = option.palette, option.fontMetrics
        style = option.widget.style() if option.widget is not None else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ProgressBar, bar, painter)
