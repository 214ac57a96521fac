"""The bar under the signals: the whole recording with its marks, and the window that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..theme import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QPaintEvent

    from neurostudio.marks import Mark

_HEIGHT = 26
_LEAST = 5  # pixels of the window's frame, however long the recording


class Overview(QWidget):
    """Click or drag to go anywhere; ``went_to`` gives the second in the middle of the window."""

    went_to = Signal(float)

    def __init__(self, start: float, duration: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._start, self._duration = start, max(duration, 1e-9)
        self._window = (start, start + duration)
        self._happenings: tuple[Mark, ...] = ()
        self._colours: dict[str, str] = {}
        self._covered = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Overview of the recording")
        self.setToolTip("The whole recording; click or drag to go there")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return a low bar."""
        return QSize(400, _HEIGHT)

    def show_window(self, start: float, stop: float) -> None:
        """Frame the window that is shown."""
        self._window = (start, stop)
        self.update()

    def show_marks(self, happenings: tuple[Mark, ...], colours: dict[str, str]) -> None:
        """Show all marks."""
        self._happenings, self._colours = happenings, colours
        self.update()

    def show_covered(self, share: float) -> None:
        """Show how much of the recording the pyramid covers."""
        self._covered = share
        self.update()

    def _x_of(self, time: float) -> float:
        return (time - self._start) / self._duration * self.width()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bar."""
        del event
        colours = theme().colours
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.raised))
        plain = QColor(colours.dim).name()
        columns: set[tuple[int, str]] = set()
        for each in self._happenings:
            colour = self._colours.get(each.text, plain)
            x = int(self._x_of(each.onset))
            width = max(1, round(each.duration / self._duration * self.width()))
            if width == 1 and (x, colour) in columns:
                continue
            columns.add((x, colour))
            painter.fillRect(QRectF(x, 5, width, _HEIGHT - 10), QColor(colour))
        if self._covered < 1.0:
            covered = QRectF(0, _HEIGHT - 3, self._covered * self.width(), 3)
            painter.fillRect(covered, QColor(colours.accent))
        begin, end = (self._x_of(each) for each in self._window)
        spare = max(0.0, _LEAST - (end - begin)) / 2
        frame = QRectF(begin - spare, 1, end - begin + 2 * spare, _HEIGHT - 2.5)
        inside = QColor(colours.accent)
        inside.setAlpha(50)
        painter.fillRect(frame, inside)
        painter.setPen(QPen(QColor(colours.accent), 1.5))
        painter.drawRect(frame)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the place of a click."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go along with a drag."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event)

    def _go(self, event: QMouseEvent) -> None:
        share = min(1.0, max(0.0, event.position().x() / max(1, self.width())))
        self.went_to.emit(self._start + share * self._duration)
