"""The history: the steps, and the Python script that does them again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QSyntaxHighlighter,
    QTextCharFormat,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from neurostudio.files import write_atomically

from ..theme import Colours, theme

if TYPE_CHECKING:
    from ..studio import Studio

_WORDS = re.compile(r"\b(from|import|as|def|return|for|in|if|else|None|True|False)\b")
_TEXT = re.compile(r'""".*?"""|"[^"\n]*"|\'[^\'\n]*\'')
_NUMBER = re.compile(r"\b\d+(\.\d+)?(e-?\d+)?\b")


class Highlighter(QSyntaxHighlighter):
    """Colours keywords, text and numbers, no more."""

    def __init__(self, editor: QPlainTextEdit) -> None:
        super().__init__(editor.document())
        theme().changed.connect(self._recolour)

    def _recolour(self, colours: Colours) -> None:
        del colours
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        """Colour one line."""
        colours = theme().colours
        for pattern, colour, bold in (
            (_NUMBER, colours.lines[1], False),
            (_WORDS, colours.accent, True),
            (_TEXT, colours.good, False),
        ):
            shape = QTextCharFormat()
            shape.setForeground(QColor(colour))
            if bold:
                shape.setFontWeight(QFont.Weight.DemiBold)
            for match in pattern.finditer(text):
                self.setFormat(match.start(), match.end() - match.start(), shape)


class HistoryPanel(QWidget):
    """Steps on the left, script on the right."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._stale = True
        self.steps = QListWidget()
        self.steps.setAccessibleName("Steps")
        self.steps.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.script = QPlainTextEdit()
        self.script.setReadOnly(True)
        self.script.setAccessibleName("The session as a Python script")
        self.script.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.script.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.script.setPlaceholderText("The script of your session grows here, step by step.")
        self._highlighter = Highlighter(self.script)
        copy, save = QPushButton("&Copy script"), QPushButton("S&ave script…")
        copy.clicked.connect(self.copy_script)
        save.clicked.connect(self.save_script)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(copy)
        buttons.addWidget(save)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.script)
        column.addLayout(buttons)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self.steps)
        splitter.addWidget(right)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(splitter)
        studio.session_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Read the steps anew; the script is written when it is looked at."""
        self.steps.clear()
        for number, step in enumerate(self._studio.workspace.steps, 1):
            self.steps.addItem(f"{number}.  {step.title}")
            self.steps.item(number - 1).setToolTip(step.title)
        self.steps.scrollToBottom()
        self._stale = True
        if self.isVisible():
            self._write()

    def showEvent(self, event: object) -> None:
        """Write the script when the panel is looked at."""
        del event
        if self._stale:
            self._write()

    def _write(self) -> None:
        self._stale = False
        workspace = self._studio.workspace
        if not workspace.steps:
            self.script.setPlainText("")
            return
        self._studio.background.run(
            workspace.script, done=self._came, failed=self._studio.failed.emit
        )

    def _came(self, text: str) -> None:
        self.script.setPlainText(text)

    def copy_script(self) -> None:
        """Put the script on the clipboard."""
        self._studio.act(self._studio.workspace.script, done=self._copy)

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._studio.said.emit("The script is on the clipboard.")

    def save_script(self) -> None:
        """Ask where, and write the script."""
        name = f"{self._studio.workspace.name}.py"
        path, _ = QFileDialog.getSaveFileName(self, "Save script", name, "Python (*.py)")
        if path:
            self.write_script(Path(path))

    def write_script(self, path: Path) -> None:
        """Write the script to a file."""
        self._studio.act(_save, self._studio.workspace.script, path, done=self._saved)

    def _saved(self, path: Path) -> None:
        self._studio.said.emit(f"Saved {path}")


def _save(script: object, path: Path) -> Path:
    if callable(script):
        write_atomically(path, script())
    return path
