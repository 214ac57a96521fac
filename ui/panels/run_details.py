"""What the chosen runs tell: curves, pictures on the way, numbers side by side, log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QPlainTextEdit,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ..curve_plots import CurvePlots
from ..curves import Curve, axis_of, curves
from ..tables import TextTable
from ..theme import give_role
from .result_page import Content, read_picture

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from PySide6.QtGui import QShowEvent

    from neurostudio.runs import Run
    from neurostudio.scores import Number

    from ..feeds import Feed
    from ..studio import Studio

_PAUSE = 200  # ms between redraws, however fast a run reports


class LivePictures(QWidget):
    """The latest pictures that a run has shown on the way."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._run: Run | None = None
        self._files: dict[str, Path] = {}
        self._shown: QWidget | None = None
        self._loading = False
        self.names = QComboBox()
        self.names.setAccessibleName("Picture on the way")
        self.names.activated.connect(self.load)
        self.empty = QLabel(
            "Methods may show pictures while they run; this run has shown none yet."
        )
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        give_role(self.empty, "dim")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 4, 0, 0)
        self._layout.addWidget(self.names)
        self._layout.addWidget(self.empty, 1)

    def show_pictures(self, run: Run, files: dict[str, Path]) -> None:
        """Offer a run's pictures and load the chosen one."""
        if run is not self._run or list(files) != list(self._files):  # else it may stand open
            chosen = self.names.currentText()
            self.names.clear()
            self.names.addItems(list(files))
            self.names.setCurrentText(chosen)
            self.names.setVisible(len(files) > 1)
        self._run, self._files = run, dict(files)
        self.empty.setVisible(not files)
        if not files:
            self._replace(None)
        elif self.isVisible():
            self.load()

    def take(self, run: Run, name: str, path: Path) -> None:
        """Draw a picture that was renewed at once, if it is the one that is looked at."""
        if run is self._run and name in self._files:
            self._files[name] = path
            if name == self.names.currentText() and self.isVisible():
                self.load()

    def load(self) -> None:
        """Read the chosen picture in a thread."""
        path = self._files.get(self.names.currentText())
        if path is not None and self._run is not None and not self._loading:
            self._loading = True
            background = self._studio.background
            background.run(read_picture, self._run, path, done=self._came, failed=self._failed)

    def _came(self, answer: tuple[Run, Content]) -> None:
        from ..drawing import widget_for

        self._loading = False
        run, content = answer
        if run == self._run and self._files:
            self._replace(widget_for(content.views[0], resolve=content.resolve))

    def _failed(self, error: Exception) -> None:
        del error  # a picture may be replaced while it is read; the next one comes
        self._loading = False

    def _replace(self, widget: QWidget | None) -> None:
        if self._shown is not None:
            self._shown.hide()
            self._shown.deleteLater()
        self._shown = widget
        if widget is not None:
            self._layout.addWidget(widget, 1)


class RunDetails(QTabWidget):
    """Tabs for the chosen runs; only the visible one is brought up to date."""

    def __init__(
        self, studio: Studio, feed_of: Callable[[Run], Feed], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._studio = studio
        self._feed_of = feed_of
        self._runs: list[Run] = []
        self.plots = CurvePlots()
        self.pictures = LivePictures(studio)
        self.numbers = TextTable(("Number",), "Numbers of the chosen runs side by side")
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setAccessibleName("Log of the run")
        self.log.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setDocumentMode(True)
        self.addTab(self.plots, "&Curves")
        self.addTab(self.pictures, "&Pictures")
        self.addTab(self.numbers, "&Numbers")
        self.addTab(self.log, "&Log")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._read_on)
        self.currentChanged.connect(self._draw)

    def show_runs(self, runs: Sequence[Run]) -> None:
        """Show these runs."""
        self._runs = list(runs)
        self._read_on()

    def touch(self, run: Run) -> None:
        """Bring up to date soon, if the run is shown."""
        if run in self._runs and not self._timer.isActive():
            self._timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what came while nobody looked."""
        super().showEvent(event)
        self._draw()

    def _read_on(self) -> None:
        feeds = [self._feed_of(run) for run in self._runs]
        self._studio.background.run(
            _read_all, feeds, done=self._draw, failed=self._studio.failed.emit
        )

    def _draw(self, _answer: object = None) -> None:
        shown = self.currentWidget()
        if not self.isVisible():
            return
        if shown is self.plots:
            self._draw_curves()
        elif shown is self.pictures and self._runs:
            feed = self._feed_of(self._runs[0])
            self.pictures.show_pictures(feed.run, feed.pictures)
        elif shown is self.numbers:
            runs = tuple(self._runs)
            self._studio.background.run(_numbers, runs, done=self._numbers_came)
        elif shown is self.log:
            self._studio.background.run(_log, tuple(self._runs), done=self._log_came)

    def _draw_curves(self) -> None:
        several = len(self._runs) > 1
        groups: dict[str, list[Curve]] = {}
        axis = "epoch"
        for run in self._runs:
            metrics = list(self._feed_of(run).metrics)
            axis = axis_of(metrics) if metrics else axis
            for group, some in curves(metrics, run.name if several else "").items():
                groups.setdefault(group, []).extend(some)
        self.plots.show_curves(groups, axis)

    def _numbers_came(self, answer: tuple[tuple[Run, ...], list[dict[str, Number]]]) -> None:
        runs, found = answer
        if list(runs) != self._runs:
            return
        names = list(dict.fromkeys(name for numbers in found for name in numbers))
        self.numbers.set_headings(("Number", *(run.name for run in runs)))
        self.numbers.fill(
            (name.replace("_", " "), *(str(numbers.get(name, "")) for numbers in found))
            for name in names
        )

    def _log_came(self, answer: tuple[tuple[Run, ...], str]) -> None:
        runs, text = answer
        if list(runs) == self._runs and text != self.log.toPlainText():
            self.log.setPlainText(text)
            end = self.log.verticalScrollBar()
            end.setValue(end.maximum())


def _read_all(feeds: Sequence[Feed]) -> None:
    for feed in feeds:
        feed.read_on()


def _numbers(runs: tuple[Run, ...]) -> tuple[tuple[Run, ...], list[dict[str, Number]]]:
    return runs, [run.numbers() for run in runs]


def _log(runs: tuple[Run, ...]) -> tuple[tuple[Run, ...], str]:
    parts = []
    for run in runs[:1]:
        words = [event["text"] for event in run.events() if event["kind"] == "text"]
        parts += [
            each for each in ("\n".join(words), run.log().strip(), run.error().strip()) if each
        ]
    return runs, "\n\n".join(parts) or "Nothing was said."
