"""Cards side by side, in as many columns as there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QGridLayout, QPushButton, QSizePolicy, QWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

_NARROWEST = 96


class TallButton(QPushButton):
    """A button as high as the labels inside it need."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        """Say that a narrower button is a higher one."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the labels at a width."""
        layout = self.layout()
        inside = layout.totalHeightForWidth(width) if layout is not None else 0
        return max(self.minimumHeight(), inside)

    def sizeHint(self) -> QSize:
        """Return the labels' own size."""
        layout = self.layout()
        return layout.totalSizeHint() if layout is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Let the button be narrow; it grows in height then."""
        return QSize(_NARROWEST, self.minimumHeight())


class CardGrid(QWidget):
    """Buttons in up to ``most`` columns, none narrower than ``least`` pixels unless there is one column."""

    def __init__(self, most: int, least: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most, self._least = most, least
        self._cards: list[QPushButton] = []
        self._columns = most
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(10)

    def show_cards(self, cards: Sequence[QPushButton]) -> None:
        """Show other cards; those before are deleted."""
        for card in self._cards:
            self._grid.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = list(cards)
        self._place()

    def minimumSizeHint(self) -> QSize:
        """Let the grid be as narrow as one column."""
        return QSize(_NARROWEST, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use as many columns as there is room for."""
        super().resizeEvent(event)
        columns = max(1, min(self._most, event.size().width() // self._least))
        if columns != self._columns:
            self._columns = columns
            self._place()

    def _place(self) -> None:
        for column in range(self._most):
            self._grid.setColumnStretch(column, 1 if column < self._columns else 0)
        for k, card in enumerate(self._cards):
            self._grid.addWidget(card, k // self._columns, k % self._columns)
