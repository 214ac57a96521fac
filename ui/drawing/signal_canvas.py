"""The signals themselves: curves, names, time axis, marks and cursors, painted on one widget."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..linking import links
from ..theme import theme
from .signal_layout import Layout, marks_on_axis, time_step, time_words
from .signal_picture import Asked, CurvesImage, curves_as_paths, other_threads

if TYPE_CHECKING:
    from concurrent.futures import Future

    from PySide6.QtGui import QImage, QPaintEvent

    from neurostudio.marks import Mark

    from .signal_picture import Picture

_NAMES_MOST = 170
_SMALLEST = 8  # pixels of the letters of a name
_MARKS_MOST = 400
_LABELS_MOST = 80
_STRIP = 20  # pixels above the plot, where the marks have their words


@dataclass(slots=True)
class Pointer:
    """What follows the mouse: the crosshair, and the stretch that is being marked."""

    cross: QPointF | None = None
    stretch: tuple[float, float] | None = None
    chosen: Mark | None = None
    cursor: float | None = None


class SignalCanvas(QWidget):
    """Paints a picture; the curves are made anew only when the picture or the size changes."""

    painted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 120)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.picture: Picture | None = None
        self.pointer = Pointer()
        self._curves, self._next_curves = CurvesImage(), CurvesImage()
        self._image: QImage | None = None
        self._made_for: Asked | None = None
        self._coming: tuple[Asked, Future[QImage]] | None = None
        self._painted: Picture | None = None
        self._names_width = 0
        self._names_pixmap = QPixmap()
        self._names_for: tuple[object, ...] = ()
        theme().changed.connect(self.update)

    @property
    def is_drawn(self) -> bool:
        """Whether the latest picture is on the screen."""
        return self.picture is not None and self._painted is self.picture

    def sizeHint(self) -> QSize:
        """Return a comfortable size."""
        return QSize(900, 500)

    def show_picture(self, picture: Picture) -> None:
        """Show a picture from now on."""
        if self.picture is None or picture.rows is not self.picture.rows:
            metrics = QFontMetricsF(self.font())
            widths = [metrics.horizontalAdvance(row.label) for row in picture.rows]
            self._names_width = min(_NAMES_MOST, int(max(widths, default=0.0)) + 14)
        self.picture = picture
        self.update()

    def layout_for(self, size: QSize | None = None) -> Layout:
        """Return where everything lies."""
        size = size or self.size()
        picture = self.picture
        height = round(QFontMetricsF(self.font()).height())
        return Layout(
            width=size.width(),
            height=size.height(),
            left=max(40, self._names_width),
            top=_STRIP,
            bottom=2 * height + 10,
            right=12,
            start=picture.page.start if picture else 0.0,
            stop=picture.page.stop if picture else 1.0,
            n_rows=len(picture.rows) if picture else 1,
        )

    # ---- painting --------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture."""
        del event
        painter = QPainter(self)
        self.paint(painter, self.size(), scale=self.devicePixelRatioF())
        painter.end()
        self._painted = self.picture
        self.painted.emit()

    def paint(
        self, painter: QPainter, size: QSize, *, scale: float = 1.0, as_lines: bool = False
    ) -> None:
        """Paint into anything of a size: ``as_lines`` for files that keep lines."""
        colours = theme().colours
        painter.fillRect(QRectF(0, 0, size.width(), size.height()), QColor(colours.base))
        picture = self.picture
        if picture is None:
            return
        layout = self.layout_for(size)
        self._paint_axis(painter, layout, picture)
        self._paint_marks(painter, layout, picture)
        if picture.overlay is not None:
            self._paint_overlay(painter, layout, picture)
        if as_lines:
            curves_as_paths(painter, picture, layout)
        else:
            image = self._curves_of(Asked(picture, layout, scale))
            painter.drawImage(QPointF(layout.left, layout.top), image)
        if as_lines:
            self._paint_names(painter, layout, picture)
        else:
            painter.drawPixmap(0, 0, self._names(layout, picture, scale))
        self._paint_bars(painter, layout, picture)
        self._paint_pointer(painter, layout)

    def prepare(self, picture: Picture) -> None:
        """Draw the curves of a picture that may be shown next, in another thread."""
        page = picture.page
        layout = replace(self.layout_for(), start=page.start, stop=page.stop)
        asked = Asked(picture, layout, self.devicePixelRatioF())
        if self._coming is not None and not self._coming[1].done():
            return
        draw = self._next_curves.draw
        coming = other_threads().submit(draw, picture, layout, asked.scale, alone=True)
        self._coming = (asked, coming)

    def _curves_of(self, asked: Asked) -> QImage:
        """Return the curves as they are, as prepared, or drawn now."""
        if self._image is not None and asked.is_same(self._made_for):
            return self._image
        if self._coming is not None and asked.is_same(self._coming[0]):
            self._image = self._coming[1].result()
            self._curves, self._next_curves = self._next_curves, self._curves
            self._coming = None
        else:
            self._image = self._curves.draw(asked.picture, asked.layout, asked.scale)
        self._made_for = asked
        return self._image

    def _paint_axis(self, painter: QPainter, layout: Layout, picture: Picture) -> None:
        colours = theme().colours
        metrics = QFontMetricsF(self.font())
        bottom = layout.top + layout.plot_height
        sample = "00:00:00.000" if picture.clock is not None else "000000.000"
        most = int(layout.plot_width / (metrics.horizontalAdvance(sample) + 24))
        step = time_step(layout.stop - layout.start, most)
        grid = _between(colours.base, colours.border)
        height = metrics.height()
        for time in marks_on_axis(layout.start, layout.stop, most):
            x = round(layout.x_of(time))
            painter.fillRect(QRectF(x, layout.top, 1, layout.plot_height), grid)
            painter.setPen(QColor(colours.text))
            words = time_words(time, step, picture.clock)
            place = QRectF(x - 60, bottom + 2, 120, height)
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter, words)
        painter.setPen(QPen(QColor(colours.border), 1))
        painter.drawLine(
            QPointF(layout.left, bottom + 0.5),
            QPointF(layout.left + layout.plot_width, bottom + 0.5),
        )
        painter.setPen(QColor(colours.dim))
        place = QRectF(layout.left, bottom + 3 + height, layout.plot_width, height + 2)
        unit = "UTC" if picture.clock is not None else "s"
        painter.drawText(place, Qt.AlignmentFlag.AlignHCenter, f"{picture.time_label} ({unit})")

    def _paint_marks(self, painter: QPainter, layout: Layout, picture: Picture) -> None:
        shown = [
            each
            for each in picture.happenings
            if each.onset <= layout.stop and each.onset + each.duration >= layout.start
        ][:_MARKS_MOST]
        plain = QColor(theme().colours.dim).name()
        free = layout.left - 1.0  # where the next word may begin
        metrics = QFontMetricsF(self.font())
        painter.save()
        painter.setClipRect(QRectF(layout.left, 0, layout.plot_width, layout.height))
        for number, each in enumerate(shown):
            colour = QColor(picture.mark_colours.get(each.text, plain))
            begin, end = layout.x_of(each.onset), layout.x_of(each.onset + each.duration)
            self._paint_mark(
                painter, layout, colour, (begin, end), chosen=each == self.pointer.chosen
            )
            if number < _LABELS_MOST and begin >= free:
                words = each.text if len(each.text) <= 24 else f"{each.text[:23]}…"
                painter.setPen(colour)
                painter.drawText(QPointF(max(begin, layout.left) + 3, _STRIP - 6), words)
                free = max(begin, layout.left) + metrics.horizontalAdvance(words) + 8
        painter.restore()

    @staticmethod
    def _paint_mark(
        painter: QPainter,
        layout: Layout,
        colour: QColor,
        ends: tuple[float, float],
        *,
        chosen: bool,
    ) -> None:
        begin, end = ends
        bottom = layout.top + layout.plot_height
        ground = QColor(colour)
        ground.setAlpha(70 if chosen else 38)
        if end > begin:
            painter.fillRect(QRectF(begin, layout.top, end - begin, layout.plot_height), ground)
            painter.fillRect(QRectF(begin, layout.top - 4, end - begin, 4), colour)
        style = Qt.PenStyle.SolidLine if chosen else Qt.PenStyle.DashLine
        painter.setPen(QPen(colour, 2 if chosen else 1, style))
        for x in {begin, end}:
            painter.drawLine(QPointF(x, layout.top - 4), QPointF(x, bottom))

    @staticmethod
    def _paint_overlay(painter: QPainter, layout: Layout, picture: Picture) -> None:
        if picture.overlay is None:
            return
        begin, end = picture.overlay_span
        left, right = layout.x_of(begin), layout.x_of(end)
        painter.drawImage(
            QRectF(left, layout.top, right - left, layout.plot_height), picture.overlay
        )

    def _names(self, layout: Layout, picture: Picture, scale: float) -> QPixmap:
        """Return the names as painted before, as long as nothing but the time changes."""
        still = replace(layout, start=0.0, stop=0.0)
        same = (id(picture.rows), still, scale, theme().colours.dark, links().units)
        if self._names_for != same:
            height = layout.top + layout.plot_height
            made = QPixmap(round(layout.left * scale), round(height * scale))
            made.setDevicePixelRatio(scale)
            painter = QPainter(made)
            painter.setFont(self.font())
            self._paint_names(painter, layout, picture)
            painter.end()
            self._names_pixmap, self._names_for = made, same
        return self._names_pixmap

    def _paint_names(self, painter: QPainter, layout: Layout, picture: Picture) -> None:
        colours = theme().colours
        font = painter.font()
        full = QFontMetricsF(font).height()
        if layout.row_height < full:
            font.setPixelSize(max(_SMALLEST, int(layout.row_height * 0.92)))
        metrics = QFontMetricsF(font)
        every = max(1, int(-(-metrics.height() * 0.85 // layout.row_height)))
        space = QRectF(0, 0, layout.left, layout.top + layout.plot_height)
        painter.fillRect(space, QColor(colours.base))
        painter.save()
        for number, row in enumerate(picture.rows):
            y = layout.y_of(number)
            if row.bad:
                painter.fillRect(QRectF(layout.left - 5, y - 1.5, 4, 3), QColor(colours.bad))
            chosen = row.label in links().units
            if chosen:
                half = min(metrics.height(), max(layout.row_height, 3.0)) / 2
                painter.fillRect(
                    QRectF(2, y - half, layout.left - 4, 2 * half), QColor(colours.accent)
                )
            if number % every:
                continue
            font.setStrikeOut(row.bad)
            painter.setFont(font)
            plain = colours.on_accent if chosen else colours.text
            painter.setPen(QColor(colours.bad if row.bad and not chosen else plain))
            words = metrics.elidedText(row.label, Qt.TextElideMode.ElideRight, layout.left - 12)
            place = QRectF(0, y - metrics.height() / 2, layout.left - 8, metrics.height())
            painter.drawText(
                place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words
            )
        painter.restore()
        painter.setPen(QPen(QColor(colours.border), 1))
        edge = layout.left - 0.5
        painter.drawLine(QPointF(edge, layout.top), QPointF(edge, layout.top + layout.plot_height))

    def _paint_bars(self, painter: QPainter, layout: Layout, picture: Picture) -> None:
        metrics = QFontMetricsF(self.font())
        x = layout.left + layout.plot_width - 10.0
        bottom = layout.top + layout.plot_height - 8.0
        ground = QColor(theme().colours.base)
        ground.setAlpha(215)
        for bar in picture.bars:
            height = bar.value / bar.per_row * layout.row_height
            width = metrics.horizontalAdvance(bar.words)
            tall = max(height, metrics.height())
            painter.fillRect(QRectF(x - width - 8, bottom - tall - 2, width + 14, tall + 4), ground)
            painter.setPen(QPen(QColor(bar.colour), 3))
            painter.drawLine(QPointF(x, bottom), QPointF(x, bottom - height))
            place = QRectF(x - width - 6, bottom - height / 2 - metrics.height() / 2, width + 1, 40)
            painter.setPen(QColor(theme().colours.text))
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft, bar.words)
            x -= width + 26

    def _paint_pointer(self, painter: QPainter, layout: Layout) -> None:
        colours, pointer = theme().colours, self.pointer
        bottom = layout.top + layout.plot_height
        if pointer.cursor is not None and layout.start <= pointer.cursor <= layout.stop:
            x = layout.x_of(pointer.cursor)
            painter.setPen(QPen(QColor(colours.text), 1.3))
            painter.drawLine(QPointF(x, layout.top), QPointF(x, bottom))
        if pointer.stretch is not None:
            begin, end = sorted(layout.x_of(each) for each in pointer.stretch)
            ground = QColor(colours.accent)
            ground.setAlpha(70)
            painter.fillRect(QRectF(begin, layout.top, end - begin, layout.plot_height), ground)
        if pointer.cross is not None:
            painter.setPen(QPen(QColor(colours.dim), 1, Qt.PenStyle.DotLine))
            x, y = pointer.cross.x(), pointer.cross.y()
            painter.drawLine(QPointF(x, layout.top), QPointF(x, bottom))
            painter.drawLine(QPointF(layout.left, y), QPointF(layout.left + layout.plot_width, y))


def _between(first: str, second: str) -> QColor:
    """Return the colour in the middle of two, opaque: seen through costs much more time."""
    a, b = QColor(first), QColor(second)
    middle = ((a.red() + b.red()) // 2, (a.green() + b.green()) // 2, (a.blue() + b.blue()) // 2)
    return QColor(*middle)
