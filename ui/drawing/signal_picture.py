"""What the signal canvas shows: one page, its rows, colours and marks, all decided."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainterPath, QPen

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QPainter

    from neurostudio.marks import Mark
    from neurostudio.pages import Page

    from .signal_layout import Layout

_WORTH_TWO = 60_000  # points from which on two threads draw
_REACH = 2.5  # rows that a curve may leave its own by


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its label, and whether its channel is bad."""

    label: str
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A scale bar: a round value of one type of channel, and the value that fills a row."""

    words: str
    value: float
    per_row: float
    colour: str


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """All that is drawn; ``row`` and ``per_row`` (n_picks,) are each curve's row and what fills it."""

    page: Page
    rows: tuple[Row, ...]
    row: NDArray[np.intp]
    per_row: NDArray[np.float32]
    colours: tuple[str, ...]
    happenings: tuple[Mark, ...] = ()
    bars: tuple[Bar, ...] = ()
    overlay: QImage | None = None
    overlay_span: tuple[float, float] = (0.0, 0.0)
    clock: float | None = None
    time_label: str = "Time"
    mark_colours: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What an image of curves is made from: the same page, looks, place and scale make the same image."""

    picture: Picture
    layout: Layout
    scale: float

    def is_same(self, other: Asked | None) -> bool:
        """Return whether both give one image, whatever else of the pictures differs."""
        return (
            other is not None
            and self.picture.page is other.picture.page
            and self.picture.rows is other.picture.rows
            and (self.layout, self.scale) == (other.layout, other.scale)
        )


class CurvesImage:
    """The curves as pixels, in one piece of memory that is used again and again."""

    def __init__(self) -> None:
        self._pixels = np.zeros((1, 1), np.uint32)

    def draw(
        self, picture: Picture, layout: Layout, scale: float, *, alone: bool = False
    ) -> QImage:
        """Return the curves, ``scale`` pixels for each of the layout; valid until the next call.

        ``alone``: without the help of a second thread.
        """
        width, height = round(layout.plot_width * scale), round(layout.plot_height * scale)
        if self._pixels.shape == (height, width):
            self._pixels.fill(0)
        else:
            self._pixels = np.zeros((height, width), np.uint32)
        if len(picture.page.times) and len(picture.page.picks):
            _draw_rows(self._pixels, picture, layout, scale, alone=alone)
        made = QImage(
            self._pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied
        )
        made.setDevicePixelRatio(scale)
        return made


def _draw_rows(
    pixels: NDArray[np.uint32], picture: Picture, layout: Layout, scale: float, *, alone: bool
) -> None:
    from .signal_raster import draw_rows

    page, width = picture.page, pixels.shape[1]
    x = (page.times - layout.start) / (layout.stop - layout.start) * width
    rows = (picture.row + 0.5) * layout.row_height * scale
    gain = layout.row_height * scale / picture.per_row
    arguments = (
        pixels,
        x.astype(np.float32),
        page.low,
        page.high,
        page.middle,
        gain.astype(np.float32),
        rows.astype(np.float32),
        np.array([QColor(each).rgb() for each in picture.colours], np.uint32),
        np.float32(_REACH * layout.row_height * scale),
        np.float32(max(1.0, scale)),
    )
    if alone or page.low.size < _WORTH_TWO:
        draw_rows(*arguments, 0, width)
        return
    half = width // 2
    other = other_threads().submit(draw_rows, *arguments, half, width)
    draw_rows(*arguments, 0, half)
    other.result()


@cache
def other_threads() -> ThreadPoolExecutor:
    """Return the threads that draw beside the window's own."""
    return ThreadPoolExecutor(2, thread_name_prefix="neurostudio raster")


def curves_as_paths(painter: QPainter, picture: Picture, layout: Layout) -> None:
    """Draw the curves as lines, for files that keep lines."""
    page = picture.page
    if not len(page.times):
        return
    x = layout.left + (page.times - layout.start) / (layout.stop - layout.start) * layout.plot_width
    painter.save()
    painter.setClipRect(QRectF(layout.left, layout.top, layout.plot_width, layout.plot_height))
    for k in range(len(page.picks)):
        middle = layout.top + (picture.row[k] + 0.5) * layout.row_height
        gain = layout.row_height / picture.per_row[k]
        reach = _REACH * layout.row_height
        top = middle - np.clip((page.high[k] - page.middle[k]) * gain, -reach, reach)
        bottom = middle - np.clip((page.low[k] - page.middle[k]) * gain, -reach, reach)
        painter.setPen(QPen(QColor(picture.colours[k]), 1.0))
        painter.drawPath(_path(x, top, bottom, dense=page.edges is not None))
    painter.restore()


def _path(
    x: NDArray[np.float64], top: NDArray[np.float64], bottom: NDArray[np.float64], *, dense: bool
) -> QPainterPath:
    path = QPainterPath()
    there = False
    for at, high, low in zip(x.tolist(), top.tolist(), bottom.tolist(), strict=True):
        if high != high:  # not a number
            there = False
            continue
        point = QPointF(at, high)
        if there:
            path.lineTo(point)
        else:
            path.moveTo(point)
        if dense:
            path.lineTo(QPointF(at, low))
        there = True
    return path
