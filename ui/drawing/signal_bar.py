"""The tool bar of the signal view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLabel, QSpinBox, QToolBar, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QAction

    from neurostudio.sources import Source

ALL_TYPES = "all"


class SignalBar(QToolBar):
    """Page, channels, amplitude and what else changes how the signals look."""

    def __init__(self, source: Source, n_rows: int, *, editable: bool) -> None:
        super().__init__("Signals")
        self.setIconSize(QSize(16, 16))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setMovable(False)
        self.back = self.act("◀", "One page back (Page Up)")
        self.on = self.act("▶", "One page on (Page Down)")
        self.seconds = QDoubleSpinBox(suffix=" s", decimals=3)
        self.seconds.setRange(min(0.005, source.duration), max(0.005, source.duration))
        self.seconds.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.seconds.setValue(min(10.0, source.duration))
        self.seconds.setKeyboardTracking(False)
        self.seconds.setToolTip("Length of the page in seconds (Ctrl+wheel, [ and ], W for all)")
        self.seconds.setAccessibleName("Page in seconds")
        self._labelled("Page", self.seconds)
        self.rows = QSpinBox()
        self.rows.setRange(1, max(1, n_rows))
        self.rows.setValue(min(24, max(1, n_rows)))
        self.rows.setKeyboardTracking(False)
        self.rows.setToolTip("Channels shown at once; the wheel scrolls through the others")
        self.rows.setAccessibleName("Channels shown at once")
        self._labelled("Rows", self.rows)
        self.channels = self.act("Channels…", "Show, hide and order channels (C)")
        self.addSeparator()
        self.smaller = self.act("−", "Smaller amplitude (-)")
        self.larger = self.act("+", "Larger amplitude (+)")
        self.kind = QComboBox()
        self.kind.addItems([ALL_TYPES, *dict.fromkeys(source.types)])
        self.kind.setToolTip("The type of channels whose amplitude − and + change")
        self.kind.setAccessibleName("Type of channels")
        if self.kind.count() > 2:
            self.addWidget(self.kind)
        self.addSeparator()
        self.butterfly = self.act("Butterfly", "All channels of a type on one row (B)", tick=True)
        self.filter = self.act("Filter…", "Look through a filter; the data stay as they are (F)")
        self.clock = self.act("Clock", "Time of day in place of seconds (T)", tick=True)
        self.clock.setEnabled(source.clock is not None)
        self.addSeparator()
        self.marking = self.act(
            "Mark", "Drag to mark a stretch, click to mark a moment (A)", tick=True
        )
        self.words = QComboBox()
        self.words.setEditable(True)
        self.words.setMinimumContentsLength(8)
        self.words.setToolTip(
            "What new marks are called; those that begin with BAD are left out of trials"
        )
        self.words.setAccessibleName("Words of new marks")
        self._words_place = self.addWidget(self.words)
        self.events = self.act("Events", "The table of events and marks (E)", tick=True)
        self.marking.setVisible(editable)
        self._words_place.setVisible(editable)

    def act(self, words: str, tip: str, *, tick: bool = False) -> QAction:
        """Add one button."""
        action = self.addAction(words)
        action.setToolTip(tip)
        action.setCheckable(tick)
        return action

    def serve(self, acts: dict[QAction, Callable[[], None]]) -> None:
        """Let buttons do something; ticks too."""
        for action, slot in acts.items():
            action.triggered.connect(slot)

    def _labelled(self, words: str, box: QWidget) -> None:
        label = QLabel(f" {words} ")
        label.setBuddy(box)
        self.addWidget(label)
        self.addWidget(box)

    def offer_words(self, known: list[str]) -> None:
        """Offer the words of the marks that are there."""
        now = self.words.currentText() or "BAD_segment"
        offered = list(dict.fromkeys(["BAD_segment", "BAD_blink", *known]))
        if [self.words.itemText(k) for k in range(self.words.count())] != offered:
            self.words.clear()
            self.words.addItems(offered)
        self.words.setCurrentText(now)
