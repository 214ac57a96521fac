"""The widgets of the signal view: tool bar, canvas, overview, and a line of words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollBar, QSplitter, QVBoxLayout, QWidget

from ..theme import give_role
from .signal_bar import SignalBar
from .signal_canvas import SignalCanvas
from .signal_mouse import Mouse
from .signal_overview import Overview

if TYPE_CHECKING:
    from neurostudio.sources import Source


class SignalFrame(QWidget):
    """Makes and places the widgets; knows nothing of what they show."""

    def __init__(self, source: Source, n_rows: int, *, editable: bool) -> None:
        super().__init__()
        self.bar = SignalBar(source, n_rows, editable=editable)
        self.canvas = SignalCanvas()
        self.canvas.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.mouse = Mouse(self.canvas)
        self.rows = QScrollBar(Qt.Orientation.Vertical)
        self.rows.setAccessibleName("First channel")
        self.overview = Overview(source.start, source.duration)
        self.words = QLabel(" ")
        self.words.setContentsMargins(6, 2, 6, 2)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        left = QWidget()
        row = QHBoxLayout(left)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.canvas, 1)
        row.addWidget(self.rows)
        self._middle = QSplitter(Qt.Orientation.Horizontal)
        self._middle.setChildrenCollapsible(False)
        self._middle.addWidget(left)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self._middle, 1)
        column.addWidget(self.overview)
        column.addWidget(self.words)
        self.say("")

    def say(self, words: str, role: str = "dim") -> None:
        """Write the line below."""
        give_role(self.words, role)
        self.words.setText(words or " ")

    def put_beside(self, widget: QWidget) -> None:
        """Put a widget to the right of the signals."""
        self._middle.addWidget(widget)
        self._middle.setStretchFactor(0, 1)
