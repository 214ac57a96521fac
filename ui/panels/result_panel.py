"""The middle of the window: the result of the chosen run, or the chosen data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHeaderView,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from neurostudio.errors import BadInput
from neurostudio.files import write_atomically
from neurostudio.runs import State

from ..figures import HasColumns, copy_figure, save_figure
from ..tables import as_csv, columns_as_csv
from .item_page import ItemPage
from .result_page import Content, ResultPage, read_run

if TYPE_CHECKING:
    from neurostudio.runs import Run

    from ..actions import Actions
    from ..studio import Studio

_OF_BATCH = "{name} belongs to a batch. Open its file from the folder of the results instead."
_BUTTONS = (
    "result.save_figure",
    "result.copy_figure",
    "result.save_table",
    "result.copy_table",
    "result.send",
)


class Waiting(QWidget):
    """What stands in place of a result that is not there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = QLabel()
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.label.setWordWrap(True)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setMaximumWidth(360)
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(self.label)
        layout.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(2)

    def say(self, text: str, fraction: float | None = None) -> None:
        """Say why, and how far it is."""
        self.label.setText(text)
        self.bar.setVisible(fraction is not None)
        self.bar.setValue(round(1000 * (fraction or 0.0)))


class ResultPanel(QWidget):
    """Shows one thing at a time; ``shown`` is emitted when there is something to see."""

    shown = Signal()

    def __init__(self, studio: Studio, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.run: Run | None = None
        self._page: ResultPage | None = None
        self.item_page = ItemPage(studio)
        self.item_page.hide()
        self.item_page.shown.connect(self._item_shown)
        self.item_page.failed.connect(self._no_item)
        self.waiting = Waiting()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._bar = self._make_bar(actions)
        self._layout.addWidget(self._bar)
        self._layout.addWidget(self.waiting, 1)
        self._layout.addWidget(self.item_page, 1)
        self.waiting.say("Choose data on the left, or a run below.")
        studio.item_chosen.connect(self.show_item)
        studio.run_chosen.connect(self.show_run)
        studio.run_changed.connect(self._run_changed)
        studio.run_event.connect(self._run_event)
        studio.session_opened.connect(self.clear)
        studio.session_changed.connect(self._items_changed)

    @staticmethod
    def _make_bar(actions: Actions) -> QToolBar:
        """Return the actions at the right; what finds no room moves behind an arrow."""
        bar = QToolBar("Result")
        bar.setObjectName("toolbar.result")
        bar.setIconSize(QSize(16, 16))
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        space = QWidget()
        space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(space)
        actions.fill_toolbar(bar, _BUTTONS)
        return bar

    # ---- what is shown ---------------------------------------------------------------------------

    @property
    def page(self) -> ResultPage | None:
        """The page that is looked at, of a run or of an item."""
        return self._page if self._page is not None else self.item_page.page

    def clear(self) -> None:
        """Show nothing."""
        self.run = None
        self.item_page.clear()
        self._wait("Choose data on the left, or a run below.")

    def _wait(self, text: str, fraction: float | None = None) -> None:
        self._drop_page()
        self.waiting.say(text, fraction)
        self.waiting.show()
        self.shown.emit()

    def _drop_page(self) -> None:
        self.item_page.hide()
        if self._page is not None:
            self._page.hide()
            self._page.deleteLater()
            self._page = None

    def show_item(self, name: str) -> None:
        """Show an item's data."""
        item = self._studio.workspace.items.get(name)
        if item is None or (item == self.item_page.item and self.item_page.page is not None):
            return
        self.run = None
        self.item_page.show_item(item)
        self._wait(f"Reading {name}…")

    def _item_shown(self) -> None:
        self._drop_page()
        self.waiting.hide()
        self.item_page.show()
        self.shown.emit()

    def _no_item(self, error: Exception) -> None:
        self._wait(str(error))

    def _items_changed(self) -> None:
        item = self.item_page.item
        if item is not None and item.name not in self._studio.workspace.items:
            self.clear()

    def show_run(self, run: Run) -> None:
        """Show a run's result, or how far it is."""
        state = run.state
        if run == self.run and self.page is not None and state is State.DONE:
            return
        self.run = run
        self.item_page.clear()
        if state is State.DONE:
            self._wait(f"Reading {run.name}…")
            self._studio.background.run(
                read_run, run, self._studio.home(), done=self._run_came, failed=self._no_run
            )
        elif state is State.FAILED:
            error = run.error().strip()
            self._wait(f"{run.name} failed.\n\n{error.splitlines()[0] if error else ''}")
        elif state in {State.QUEUED, State.RUNNING}:
            self._wait(f"{run.name} is {'waiting' if state is State.QUEUED else 'running'}…", 0.0)
        else:
            words = "was stopped early" if state is State.STOPPED else "was cancelled"
            self._wait(f"{run.name} {words}. Resume it to go on from its checkpoint.")

    def _run_came(self, answer: tuple[Run, Content]) -> None:
        run, content = answer
        if run == self.run:
            self._show(content)

    def _no_run(self, error: Exception) -> None:
        if self.run is not None:
            self._wait(str(error))

    def _run_changed(self, run: Run) -> None:
        if run != self.run or run.state in {State.QUEUED, State.RUNNING}:
            return
        if self.page is None or run.state is not State.DONE:
            self.show_run(run)

    def _run_event(self, run: Run, event: dict[str, Any]) -> None:
        if run == self.run and self.page is None and event.get("kind") == "progress":
            self.waiting.say(f"{run.name} is running: {event['label']}", event["fraction"])

    def _show(self, content: Content) -> None:
        self._drop_page()
        self.waiting.hide()
        self._page = ResultPage(content)
        self._layout.addWidget(self._page, 1)
        self.shown.emit()

    def next_tab(self) -> None:
        """Show the next picture."""
        if self.page is not None:
            tabs = self.page.tabs
            tabs.setCurrentIndex((tabs.currentIndex() + 1) % tabs.count())

    # ---- out -------------------------------------------------------------------------------------

    def save_figure(self) -> None:
        """Ask where, and save what is looked at as PNG or SVG."""
        if self.page is None:
            return
        path, _ = QFileDialog.getSaveFileName(
            self, "Save figure", f"{self.page.content.title}.png", "Pictures (*.png *.svg)"
        )
        if path:
            self.write_figure(Path(path))

    def write_figure(self, path: Path) -> None:
        """Save what is looked at."""
        if self.page is None:
            return
        if not path.suffix:
            path = path.with_suffix(".png")
        try:
            save_figure(self.page.figure(), path)
        except OSError as error:
            self._studio.failed.emit(error)
        else:
            self._studio.said.emit(f"Saved {path}")

    def copy_figure(self) -> None:
        """Copy what is looked at as a picture."""
        if self.page is not None:
            copy_figure(self.page.figure())
            self._studio.said.emit("The figure is on the clipboard.")

    def _table(self) -> str:
        """Return what is looked at as CSV: the drawing's own numbers, a table, or the result's numbers."""
        if self.page is None:
            return ""
        shown = self.page.figure()
        columns = shown.columns() if isinstance(shown, HasColumns) else {}
        if columns:
            return columns_as_csv(columns)
        table = shown if isinstance(shown, QAbstractItemView) else _table_in(shown)
        return as_csv(table.model() if table is not None else self.page.numbers.model())

    def save_table(self) -> None:
        """Ask where, and save the table that is looked at, or else the numbers, as CSV."""
        if self.page is None:
            return
        path, _ = QFileDialog.getSaveFileName(
            self, "Save table", f"{self.page.content.title}.csv", "Tables (*.csv)"
        )
        if path:
            self._studio.act(write_atomically, Path(path).with_suffix(".csv"), self._table())

    def copy_table(self) -> None:
        """Copy the table that is looked at, or else the numbers."""
        if self.page is not None:
            QGuiApplication.clipboard().setText(self._table())
            self._studio.said.emit("The table is on the clipboard.")

    def send_data(self) -> None:
        """Put the outputs of the shown run on the list of open data."""
        if self.run is None or self.run.state is not State.DONE:
            return
        if self.run not in self._studio.workspace.runs:
            self._studio.failed.emit(BadInput(_OF_BATCH.format(name=self.run.name)))
            return
        for output in self.run.outputs():
            self._studio.act(self._studio.workspace.take, self.run, output)


def _table_in(widget: QWidget) -> QAbstractItemView | None:
    for found in widget.findChildren(QAbstractItemView):
        if found.isVisible() and not isinstance(found, QHeaderView):
            return found
    return None
