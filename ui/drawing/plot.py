"""The ground of every plot: axes with units, colours that follow the theme, figures that are saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from ..theme import give_role, theme

if TYPE_CHECKING:
    from pathlib import Path

    from ..theme import Colours
    from .time_cursor import TimeCursor

PREFIXED = frozenset({"V", "A", "T", "T/m", "F", "S"})
_SCALE = 2
_FEW, _MANY = 4, 27  # labels of a logarithmic axis: all of them, or only decades


class Figure(QWidget):
    """A picture with its caption; it can be copied, and saved as PNG and SVG."""

    def __init__(self, caption: str = "") -> None:
        super().__init__()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2)
        self._inside: QWidget | None = None
        self.offset = 0.0  # seconds from this view's time to the common axis
        self.together = False  # whether it shows the window of time that the other views show
        if caption:
            label = QLabel(caption)
            label.setWordWrap(True)
            label.setContentsMargins(8, 0, 8, 6)
            give_role(label, "dim")
            self._layout.addWidget(label)

    def show_inside(self, widget: QWidget) -> None:
        """Put the picture above the caption."""
        self._inside = widget
        widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._layout.insertWidget(
            self._layout.count() - (1 if self._layout.count() else 0), widget, 1
        )

    def picture_size(self) -> QSize:
        """Return the size of what is painted into files."""
        return self.size()

    def image(self) -> QImage:
        """Return the picture at twice its size on the screen."""
        size = self.picture_size().expandedTo(QSize(320, 240))
        image = QImage(size * _SCALE, QImage.Format.Format_RGB32)
        image.fill(QColor(theme().colours.base))
        image.setDevicePixelRatio(_SCALE)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint(painter)
        painter.end()
        return image

    def copy(self) -> None:
        """Put the picture on the clipboard."""
        QGuiApplication.clipboard().setImage(self.image())

    def save(self, path: Path) -> None:
        """Write the picture as PNG or SVG, as the suffix says.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        if path.suffix.lower() == ".svg":
            self._save_svg(path)
        elif not self.image().save(str(path)):
            raise OSError(f"{path} cannot be written")

    def _save_svg(self, path: Path) -> None:
        from PySide6.QtSvg import QSvgGenerator

        path.touch()  # raises where Qt would only be silent
        generator = QSvgGenerator()
        generator.setFileName(str(path))
        size = self.picture_size()
        generator.setSize(size)
        generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
        generator.setTitle(self.windowTitle() or "neurostudio")
        painter = QPainter(generator)
        painter.fillRect(QRect(QPoint(), size), QColor(theme().colours.base))
        self._paint(painter)
        painter.end()

    def _paint(self, painter: QPainter) -> None:
        """Paint the picture as vectors where it is a plot, else the widget as it is."""
        inside = self._inside
        if isinstance(inside, pg.GraphicsView):
            place = QRectF(inside.geometry())
            inside.scene().prepareForPaint()
            inside.render(
                painter, place, inside.viewport().rect(), Qt.AspectRatioMode.IgnoreAspectRatio
            )
            for label in self.findChildren(
                QLabel, options=Qt.FindChildOption.FindDirectChildrenOnly
            ):
                label.render(painter, label.pos())
        else:
            self.render(painter, QPoint())

    def columns(self) -> dict[str, list[object]]:
        """Return what is drawn as columns of a table, for CSV; empty where there is no such thing."""
        return {}


class Plot(Figure):
    """A picture made of axes; a subclass draws it anew in :meth:`draw` whenever the theme changes."""

    def __init__(self, caption: str = "") -> None:
        super().__init__(caption)
        self._cursors: list[TimeCursor] = []
        self.area = pg.GraphicsLayoutWidget()
        self.area.setMinimumSize(200, 140)
        self.show_inside(self.area)
        theme().changed.connect(self._recolour)

    def begin(self) -> None:
        """Draw for the first time; called at the end of a subclass's ``__init__``."""
        self._recolour(theme().colours)

    def _recolour(self, colours: Colours) -> None:
        for cursor in self._cursors:
            cursor.let_go()
        self._cursors = []
        self.area.setBackground(colours.base)
        self.area.clear()
        self.draw(colours)

    def draw(self, colours: Colours) -> None:
        """Fill :attr:`area`."""
        raise NotImplementedError

    def axes(
        self,
        row: int,
        column: int,
        *,
        title: str = "",
        x: tuple[str, str] = ("", ""),
        y: tuple[str, str] = ("", ""),
        grid: bool = True,
        time: bool = False,
    ) -> pg.PlotItem:
        """Return new axes; ``x`` and ``y`` are label and unit; ``time`` links the time cursor."""
        colours = theme().colours
        axes = {side: Axis(side) for side in ("bottom", "left")}
        plot = self.area.addPlot(row=row, col=column, axisItems=axes)
        if title:
            plot.setTitle(title, color=colours.text, size="10pt")
        for side, (label, unit) in (("bottom", x), ("left", y)):
            axis = plot.getAxis(side)
            axis.setPen(colours.border)
            axis.setTextPen(colours.text)
            label_axis(axis, label, unit)
        plot.showGrid(x=grid, y=grid, alpha=0.15)
        plot.setMenuEnabled(False)
        if time:
            from .time_cursor import TimeCursor

            self._cursors.append(TimeCursor(plot, self))
        return plot


class Axis(pg.AxisItem):  # type: ignore[misc]
    """An axis whose logarithmic labels stand apart: 1, 2 and 5 within a decade, only decades over many."""

    def logTickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return the labels, empty where the next one would lie on it."""
        words: list[str] = super().logTickStrings(values, scale, spacing)
        if len(values) <= _FEW:
            return words
        kept = {1} if len(values) > _MANY else {1, 2, 5}
        leading = [round(10 ** (value % 1.0)) for value in values]
        return [word if digit in kept else "" for word, digit in zip(words, leading, strict=True)]


def label_axis(axis: pg.AxisItem, label: str, unit: str) -> None:
    """Write label and unit; a prefix (µV) only where the unit allows one."""
    colour = theme().colours.text
    shown = "" if unit == "1" else unit
    if shown in PREFIXED:
        axis.enableAutoSIPrefix(True)
        axis.setLabel(label, units=shown, color=colour)
    else:
        axis.enableAutoSIPrefix(False)
        text = f"{label} ({shown})" if label and shown else label or shown
        axis.setLabel(text, color=colour)
        if not text:
            axis.showLabel(False)


def pen(colour: str, width: float = 1.5, *, dashed: bool = False) -> pg.mkPen:
    """Return a pen that keeps its width at any zoom."""
    style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    return pg.mkPen(colour, width=width, style=style)


def add_levels(plot: pg.PlotItem, levels: dict[str, float], *, vertical: bool = False) -> None:
    """Draw named lines across the axes: chance, baseline, stimulus."""
    colours = theme().colours
    for name, value in levels.items():
        plot.addItem(
            pg.InfiniteLine(
                value,
                angle=90 if vertical else 0,
                pen=pen(colours.dim, 1.2, dashed=True),
                label=name.replace("{", "{{").replace("}", "}}"),  # it is taken for a format
                labelOpts={"color": colours.dim, "position": 0.95, "anchors": [(1, 1), (1, 1)]},
            )
        )


_DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)


def line_pen(number: int, width: float) -> QPen:
    """Return the pen of one of many lines: another colour each, dashed when the colours begin anew."""
    lines = theme().colours.lines
    made = QPen(pen(lines[number % len(lines)], width))
    made.setStyle(_DASHES[number // len(lines) % len(_DASHES)])
    return made


def add_legend(plot: pg.PlotItem) -> pg.LegendItem:
    """Return a legend in the theme's colours."""
    colours = theme().colours
    ground = QColor(colours.base)
    ground.setAlpha(200)
    return plot.addLegend(
        offset=(-8, 8), labelTextColor=colours.text, brush=ground, pen=colours.border, verSpacing=-4
    )
