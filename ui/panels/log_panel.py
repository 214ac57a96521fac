"""The log: what the program and its libraries had to say."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from ..studio import Studio

_MOST_LINES = 5000


class _Voice(QObject):
    spoke = Signal(str)


class _Handler(logging.Handler):
    """Hands log records from any thread to the window's."""

    def __init__(self, voice: _Voice) -> None:
        super().__init__(logging.INFO)
        self._voice = voice
        self.setFormatter(
            logging.Formatter("%(asctime)s  %(levelname)-7s  %(message)s", "%H:%M:%S")
        )

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one record on."""
        with contextlib.suppress(RuntimeError):  # the window may be gone already
            self._voice.spoke.emit(self.format(record))


class LogPanel(QWidget):
    """A read-only text that grows at its end."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Log")
        self.text.setMaximumBlockCount(_MOST_LINES)
        self.text.setPlaceholderText("Nothing to report.")
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self.text)
        self._voice = _Voice(self)
        self._voice.spoke.connect(self.text.appendPlainText)
        self._handler = _Handler(self._voice)
        logging.getLogger().addHandler(self._handler)
        studio.said.connect(self._say)

    def _say(self, text: str) -> None:
        logging.getLogger("neurostudio").info("%s", text)

    def close_log(self) -> None:
        """Listen no more."""
        logging.getLogger().removeHandler(self._handler)
