"""Spikes of units or trials: ticks where they are sparse, counts a pixel where they are dense."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer
from PySide6.QtWidgets import QLabel

from ..background import Background
from ..linking import links
from ..theme import give_role
from .axis_names import AxisNames
from .colour_scale import counting_map
from .pixel_image import PixelImage, pixel_table
from .plot import Figure, Plot, add_levels, label_axis
from .raster_hands import RasterHands
from .raster_marks import ChosenRows
from .spike_counts import coloured, compile_kernel, count, is_compiled
from .spike_rows import SpikeRows, rows_of_view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QImage

    from neurostudio.data import SpikeTrains
    from neurostudio.views import Raster

    from ..theme import Colours
    from . import Resolve

TICKS_MOST = 12_000
_COMPILE_FROM = 500_000
_TICK = 0.4  # of a row, to each side
_TICK_LEAST = 1.5  # pixels
_PIXELS_LEAST = (50, 20)


def draw(view: Raster, resolve: Resolve | None) -> RasterPlot:
    """Return a raster."""
    del resolve
    return RasterPlot(
        rows_of_view(view),
        title=view.title,
        caption=view.caption,
        y_label=view.y_label,
        marks=view.marks,
        time=view.axis == "time",
    )


def draw_data(data: SpikeTrains) -> Figure:
    """Return the raster of all units beside their table."""
    from .units import UnitsFigure

    return UnitsFigure(data)


class RasterPlot(Plot):
    """Rows of spikes; only what is visible is looked at.

    Wheel: zoom the time about the pointer; Shift+wheel: scroll the rows; Ctrl+wheel: show more or fewer rows.
    Drag: pan. Double click: all. Keys: arrows, Page Up and Down, plus and minus, Home.
    """

    def __init__(
        self,
        rows: SpikeRows,
        *,
        title: str = "",
        caption: str = "",
        y_label: str = "unit",
        marks: Mapping[str, float] | None = None,
        time: bool = True,
    ) -> None:
        super().__init__(caption)
        self.rows = rows
        self._title, self._y_label, self._time = title, y_label, time
        self._marks = dict(marks or {})
        self._range: tuple[tuple[float, float], tuple[float, float]] | None = None
        self.dense = False
        self.n_shown = 0
        self.words = QLabel(" ")
        self.words.setContentsMargins(8, 0, 8, 2)
        give_role(self.words, "dim")
        self._layout.insertWidget(1, self.words)
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self.refresh)
        self._background = Background(self)
        if rows.n_spikes > _COMPILE_FROM and not is_compiled():
            self._background.run(compile_kernel)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.begin()
        self.area.viewport().installEventFilter(self)
        if y_label == "unit":
            links().units_chosen.connect(self._choose)

    # ---- making ----------------------------------------------------------------------------------

    def draw(self, colours: Colours) -> None:
        """Fill the area."""
        self.plot = self.axes(
            0,
            0,
            title=self._title,
            x=("Time", "s"),
            y=(self._y_label, ""),
            grid=False,
            time=self._time,
        )
        self.plot.hideButtons()
        box = self.plot.getViewBox()
        box.invertY(True)
        box.setDefaultPadding(0.0)
        self._chosen = ChosenRows(self.plot, colours, self.rows.span)
        self._image = PixelImage()
        self._table = pixel_table(counting_map(dark=colours.dark))
        self._ticks = pg.PlotCurveItem(pen=pg.mkPen(colours.lines[0]), connect="pairs")
        self._nothing = pg.TextItem(color=colours.dim, anchor=(0.5, 0.5))
        for item in (self._image, self._ticks, self._nothing):
            self.plot.addItem(item, ignoreBounds=True)
        add_levels(self.plot, self._marks, vertical=True)
        self._make_scale(colours)
        self.hands = RasterHands(self.plot, self)
        self._names = AxisNames(self.plot, "left", self.rows.names)
        self._limit()
        box.sigRangeChanged.connect(self.later)
        box.sigResized.connect(self.later)
        self.later()

    def _make_scale(self, colours: Colours) -> None:
        self._scale: pg.ColorBarItem | None = None
        if self.rows.n_spikes <= TICKS_MOST:
            return
        bar = pg.ColorBarItem(
            (0, 1), colorMap=counting_map(dark=colours.dark), interactive=False, width=14
        )
        bar.axis.setPen(colours.border)
        bar.axis.setTextPen(colours.text)
        label_axis(bar.axis, "spikes a pixel", "")
        policy = bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the axes keep their width at every zoom
        bar.setSizePolicy(policy)
        self.area.addItem(bar, 0, 1)
        self._scale = bar

    def _limit(self) -> None:
        start, stop = self.rows.span
        n_rows = max(len(self.rows), 1)
        box = self.plot.getViewBox()
        box.setLimits(
            xMin=start,
            xMax=stop,
            yMin=-0.5,
            yMax=n_rows - 0.5,
            minXRange=min(1e-3, stop - start),
            minYRange=1.0,
        )
        x, y = self._range or ((start, stop), (-0.5, n_rows - 0.5))
        box.setRange(xRange=x, yRange=y, padding=0)
        names = self.rows.names
        longest = max((len(name) for name in names), default=1)
        self.plot.getAxis("left").setWidth(36 + 7 * min(longest, 24))

    def show_rows(self, rows: SpikeRows) -> None:
        """Show other rows, or the same in another order, over the same time."""
        self.rows = rows
        self._range = (self.window, (-0.5, max(len(rows), 1) - 0.5))
        self._names.give(rows.names)
        self._limit()
        self.refresh()

    # ---- looking ---------------------------------------------------------------------------------

    @property
    def window(self) -> tuple[float, float]:  # type: ignore[override]
        """Beginning and end of what is shown, in seconds."""
        (start, stop), _ = self.plot.viewRange()
        return float(start), float(stop)

    def go_to(self, start: float, stop: float) -> None:
        """Show a window of time."""
        self.plot.setXRange(start, stop, padding=0)

    def show_all(self) -> None:
        """Show all spikes of all rows."""
        self.plot.setRange(xRange=self.rows.span, yRange=(-0.5, len(self.rows) - 0.5), padding=0)

    def later(self) -> None:
        """Draw what is visible as soon as the moving has paused."""
        self._timer.start()

    def refresh(self) -> None:
        """Draw what is visible now."""
        self._timer.stop()
        (start, stop), (top, bottom) = self._range = self.plot.viewRange()
        first = max(0, int(np.floor(top + 0.5)))
        last = min(len(self.rows), int(np.ceil(bottom + 0.5)))
        bounds = self.rows.bounds(start, stop, first, last)
        self.n_shown = int((bounds[:, 1] - bounds[:, 0]).sum())
        self.dense = self.n_shown > TICKS_MOST
        self._image.setVisible(self.dense)
        self._ticks.setVisible(not self.dense)
        if self._scale is not None:
            self._scale.setVisible(self.dense)
        if self.dense:
            self._draw_counts(bounds, (start, stop), first)
        else:
            self._draw_ticks((start, stop), first, last)
        self._say((start, stop), first, last)
        self._choose()

    def _pixels(self) -> tuple[int, int]:
        box = self.plot.getViewBox()
        least_x, least_y = _PIXELS_LEAST
        return max(least_y, int(box.height())), max(least_x, int(box.width()))

    def _draw_counts(self, bounds: np.ndarray, window: tuple[float, float], first: int) -> None:
        height, width = self._pixels()
        n_rows = len(bounds)
        counts = count(self.rows, bounds, first, window, (min(height, n_rows), width))
        pixels, top = coloured(counts, self._table)
        start, stop = window
        self._image.show_pixels(pixels, QRectF(start, first - 0.5, stop - start, n_rows))
        if self._scale is not None and self._scale.levels()[1] != top:
            self._scale.setLevels((0, top))

    def _draw_ticks(self, window: tuple[float, float], first: int, last: int) -> None:
        times, rows = self.rows.inside(*window, first, last)
        height, _ = self._pixels()
        half = max(_TICK, _TICK_LEAST * (last - first) / height)
        x = np.repeat(times, 2)
        y = np.repeat(rows, 2)
        y[0::2] -= half
        y[1::2] += half
        self._ticks.setData(x, y)

    def _say(self, window: tuple[float, float], first: int, last: int) -> None:
        start, stop = window
        kind = self._y_label if last - first == 1 else f"{self._y_label}s"
        spikes = "spike" if self.n_shown == 1 else "spikes"
        words = f"{self.n_shown:,} {spikes} of {last - first:,} {kind} in {_seconds(stop - start)}"
        if self.dense:
            height, width = self._pixels()
            lines = max(1.0, (last - first) / height)
            rows = f" × {lines:.2g} {self._y_label}s" if lines > 1 else ""
            words += f"; a pixel is {_seconds((stop - start) / width)}{rows}"
        self.words.setText(words)
        empty = self.n_shown == 0
        self._nothing.setVisible(empty)
        if empty:
            self._nothing.setText(
                f"No spike between {start:.6g} s and {stop:.6g} s.\nZoom out with the wheel."
            )
            self._nothing.setPos((start + stop) / 2, (first + last - 1) / 2)

    # ---- choosing --------------------------------------------------------------------------------

    def row_at(self, y: float) -> int | None:
        """Return the row at a height of the axes."""
        row = round(y)
        return row if 0 <= row < len(self.rows) else None

    def choose_at(self, place: QPointF, *, more: bool) -> None:
        """Choose the unit of a row, or take it to or from those that are chosen."""
        row = self.row_at(place.y())
        if row is None or self._y_label != "unit":
            return
        name = self.rows.names[row]
        links().choose_units(links().units ^ {name} if more else {name})

    def _choose(self, names: object = None) -> None:
        del names
        chosen = links().units if self._y_label == "unit" else frozenset()
        self._chosen.show([k for k, name in enumerate(self.rows.names) if name in chosen])

    def keyPressEvent(self, event: Any) -> None:
        """Move by keys."""
        if not self.hands.press(event):
            super().keyPressEvent(event)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Take the keys when the plot is clicked."""
        del watched
        if event.type() == QEvent.Type.MouseButtonPress:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        return False

    def columns(self) -> dict[str, list[object]]:
        """Return time and row of each spike that is shown."""
        (start, stop), (top, bottom) = self.plot.viewRange()
        first, last = max(0, round(top + 0.5)), min(len(self.rows), round(bottom + 0.5))
        times, rows = self.rows.inside(start, stop, first, last)
        names = [self.rows.names[int(row)] for row in rows]
        return {"time (s)": times.tolist(), self._y_label: list(names)}

    def image(self) -> QImage:
        """Return the picture of what is visible now."""
        self.refresh()
        return super().image()


def _seconds(length: float) -> str:
    return f"{length:.4g} s" if length >= 1 else f"{1e3 * length:.4g} ms"
