"""The first screen: what a person can do when nothing is open yet."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from .card_grid import CardGrid, TallButton
from .sample_cards import SampleCards
from .theme import give_role, icon, theme

if TYPE_CHECKING:
    from .actions import Actions
    from .studio import Studio

_CARDS = ("file.open", "file.open_folder", "file.sample", "file.open_session")
_SHOWN = 6


class Card(TallButton):
    """A large button for one action, with its help below its name."""

    def __init__(self, actions: Actions, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._act = actions.acts[key]
        self.setMinimumHeight(76)
        self.setAccessibleName(self._act.words)
        self.setAccessibleDescription(self._act.help)
        give_role(self, "card")
        self.symbol = QLabel()
        name, about = QLabel(self._act.words.rstrip("…")), QLabel(self._act.help)
        for label in (name, about):
            label.setWordWrap(True)
        give_role(name, "heading")
        give_role(about, "dim")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch(1)
        words.addWidget(name)
        words.addWidget(about)
        words.addStretch(1)
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 8, 14, 8)
        line.setSpacing(12)
        line.addWidget(self.symbol)
        line.addLayout(words, 1)
        for label in (self.symbol, name, about):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.clicked.connect(actions[key].trigger)
        theme().changed.connect(self._recolour)
        self._recolour()

    def _recolour(self) -> None:
        self.symbol.setPixmap(icon(self._act.icon).pixmap(QSize(28, 28)))


class StartPage(QWidget):
    """Cards for the first steps, samples, recent files and sessions, and a hint that files may be dropped."""

    file_chosen = Signal(str)
    session_chosen = Signal(str)

    def __init__(self, studio: Studio, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.setAccessibleName("First steps")
        title = QLabel("What would you like to look at?")
        give_role(title, "title")
        hint = QLabel("Drop files or folders anywhere on this window to open them.")
        give_role(hint, "dim")
        for label in (title, hint):
            label.setWordWrap(True)
        self.cards = {key: Card(actions, key) for key in _CARDS}
        grid = CardGrid(2, 200)
        grid.show_cards(list(self.cards.values()))
        self.files, self.sessions = QVBoxLayout(), QVBoxLayout()
        for column_of_links in (self.files, self.sessions):
            column_of_links.setSpacing(2)
        recent = self._recent = QHBoxLayout()
        recent.setSpacing(24)
        recent.addLayout(self.files, 1)
        recent.addLayout(self.sessions, 1)
        column = QVBoxLayout()
        column.setSpacing(12)
        for each in (title, hint):
            column.addWidget(each)
        self.samples = SampleCards(studio)
        column.addWidget(grid)
        column.addSpacing(6)
        column.addWidget(self.samples)
        column.addSpacing(6)
        column.addLayout(recent)
        holder = QWidget()
        holder.setLayout(column)
        holder.setMaximumWidth(680)
        self._lay_out(holder)
        self.fill()
        studio.settings_changed.connect(self.fill)

    def _lay_out(self, holder: QWidget) -> None:
        inside = QWidget()
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(holder, 10)
        row.addStretch(1)
        layout = QVBoxLayout(inside)
        layout.addStretch(1)
        layout.addLayout(row)
        layout.addStretch(2)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(area)

    def fill(self) -> None:
        """Show the recent files and sessions anew."""
        settings = self._studio.settings
        here = str(self._studio.workspace.folder)
        sessions = [each for each in settings.recent_sessions if each != here]
        self._recent.setStretch(0, 1 if settings.recent_files else 0)
        _fill(self.files, "Recent files", settings.recent_files, self.file_chosen.emit)
        _fill(self.sessions, "Recent sessions", sessions, self.session_chosen.emit)


def _fill(column: QVBoxLayout, heading: str, paths: list[str], choose: object) -> None:
    while (old := column.takeAt(0)) is not None:
        widget = old.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
    if not paths:
        return
    label = QLabel(heading)
    give_role(label, "heading")
    column.addWidget(label)
    for path in paths[:_SHOWN]:
        link = QPushButton(Path(path).name)
        link.setToolTip(path)
        link.setFlat(True)
        link.setCursor(Qt.CursorShape.PointingHandCursor)
        give_role(link, "link")
        link.clicked.connect(partial(_call, choose, path))
        column.addWidget(link)
    column.addStretch(1)


def _call(choose: object, path: str, checked: bool = False) -> None:
    del checked
    if callable(choose):
        choose(path)
