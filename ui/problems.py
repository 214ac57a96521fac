"""What went wrong, said once and readably; the details stand behind a button."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMessageBox, QPushButton, QWidget

from neurostudio.errors import NeurostudioError

from .theme import give_role

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractButton

log = logging.getLogger(__name__)


def sentence(error: Exception) -> str:
    """Return an error in words for the person at the screen."""
    if isinstance(error, NeurostudioError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        where = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror}{where}. Check the disk and the permissions."
    return (
        "Something went wrong inside the program. Your session is safe on disk. "
        "The details below help to find the fault."
    )


def details(error: Exception) -> str:
    """Return the whole story of an error, for a report."""
    return "".join(traceback.format_exception(error)).rstrip()


class ProblemBar(QFrame):
    """A bar over the window that says what went wrong, until it is closed or the next thing happens."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        give_role(self, "problem")
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setAccessibleName("What went wrong")
        self.more = QPushButton("De&tails…")
        self.more.clicked.connect(self.show_details)
        self.away = QPushButton("&Dismiss")
        self.away.clicked.connect(self.hide)
        line = QHBoxLayout(self)
        line.addWidget(self.label, 1)
        line.addWidget(self.more)
        line.addWidget(self.away)
        self._error: Exception | None = None
        self.dialog: QMessageBox | None = None
        self.hide()

    def tell(self, error: Exception) -> None:
        """Show an error and write it to the log."""
        log.error("%s", sentence(error), exc_info=error)
        self._error = error
        self.label.setText(sentence(error))
        self.show()

    def show_details(self) -> None:
        """Show the details in a dialog, from which they can be copied."""
        if self._error is None:
            return
        box = QMessageBox(self.window())
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("What went wrong")
        box.setText(sentence(self._error))
        box.setDetailedText(details(self._error))
        box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        unfold = _unfolds(box)
        box.setStandardButtons(QMessageBox.StandardButton.Close)
        if unfold is not None:
            unfold.click()
        box.open()
        self.dialog = box


def _unfolds(box: QMessageBox) -> QAbstractButton | None:
    for button in box.buttons():
        if box.buttonRole(button) == QMessageBox.ButtonRole.ActionRole:
            return button
    return None
