"""What is written over a body: where right and front are, the scale of the colours, names of points."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter
from PySide6.QtWidgets import QWidget

from ..theme import theme

if TYPE_CHECKING:
    import pyqtgraph as pg
    from PySide6.QtGui import QPaintEvent

_MARGIN, _BAR, _BAR_LENGTH = 10, 12, 150
_MOST_NAMES = 200
_RULERS = tuple(digit * 10.0**power for power in range(-4, 3) for digit in (1, 2, 5))  # mm
_LONGEST_RULER = 140  # pixels


@dataclass(slots=True)
class Words:
    """Letters at left, right, bottom, top; the colour scale with its ends; names at pixels."""

    letters: tuple[str, str, str, str] = ("", "", "", "")
    scale: pg.ColorMap | None = None
    span: tuple[float, float] = (0.0, 1.0)
    threshold: float = 0.0
    label: str = ""
    names: list[tuple[str, float, float]] = field(default_factory=list)
    millimetres: float = 0.0  # pixels a millimetre, 0 for no ruler


class Overlay(QWidget):
    """Lies over the picture and lets the mouse through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.words = Words()

    def say(self, words: Words) -> None:
        """Write other words."""
        self.words = words
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write them."""
        del event
        painter = QPainter(self)
        paint_words(painter, self.words, self.width(), self.height())
        painter.end()


def paint_words(painter: QPainter, words: Words, width: int, height: int) -> None:
    """Write words over a picture of a size."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colours = theme().colours
    painter.setPen(QColor(colours.text))
    for name, x, y in words.names[:_MOST_NAMES]:
        painter.drawText(QPointF(x + 6, y - 5), name)
    line = painter.fontMetrics().height()
    left, right, bottom, top = words.letters
    painter.setPen(QColor(colours.dim))
    middle = (height + line) / 2 - 3
    painter.drawText(QPointF(_MARGIN, middle), left)
    painter.drawText(QPointF(width - _MARGIN - line / 2, middle), right)
    painter.drawText(QPointF(width / 2, height - _MARGIN), bottom)
    painter.drawText(QPointF(width / 2, line), top)
    if words.millimetres:
        _paint_ruler(painter, words.millimetres, height)
    if words.scale is not None:
        _paint_scale(painter, words, width, height)


def _paint_ruler(painter: QPainter, pixels: float, height: int) -> None:
    fitting = [step for step in _RULERS if step * pixels <= _LONGEST_RULER]
    length = fitting[-1] if fitting else _RULERS[0]
    y = height - _MARGIN
    painter.drawLine(QPointF(_MARGIN, y), QPointF(_MARGIN + length * pixels, y))
    painter.drawText(QPointF(_MARGIN, y - 4), f"{length:g} mm")


def _paint_scale(painter: QPainter, words: Words, width: int, height: int) -> None:
    scale: Any = words.scale
    length = min(_BAR_LENGTH, height // 2)
    x, y = width - _MARGIN - _BAR, height - _MARGIN - length - 8
    gradient = QLinearGradient(x, y + length, x, y)
    for part in np.linspace(0, 1, 17):
        gradient.setColorAt(float(part), scale.map(float(part), mode="qcolor"))
    painter.fillRect(QRectF(x, y, _BAR, length), gradient)
    low, high = words.span
    metrics = painter.fontMetrics()
    painter.setPen(QColor(theme().colours.text))

    def write(text: str, at: float) -> None:
        painter.drawText(QPointF(x - 5 - metrics.horizontalAdvance(text), at), text)

    write(f"{high:.3g}", y + metrics.ascent() / 2)
    write(f"{low:.3g}", y + length + metrics.ascent() / 2)
    if words.label:
        text = words.label
        painter.drawText(
            QPointF(width - _MARGIN - metrics.horizontalAdvance(text), y - metrics.height()), text
        )
    _grey_out(painter, words, QRectF(x, y, _BAR, length))


def _grey_out(painter: QPainter, words: Words, bar: QRectF) -> None:
    """Show on the scale which values are not coloured."""
    low, high = words.span
    if not words.threshold or high <= low:
        return
    ends = np.clip(
        [(each - low) / (high - low) for each in (-words.threshold, words.threshold)], 0, 1
    )
    bottom, top = (bar.bottom() - float(end) * bar.height() for end in ends)
    painter.fillRect(QRectF(bar.x(), top, bar.width(), bottom - top), QColor(150, 150, 150))
