"""Signals of many channels over time: any length, any zoom, with marks that a person makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtSvg import QSvgGenerator

from neurostudio.sources import RecordingSource, Source, source_of

from ..theme import theme
from .plot import Figure
from .signal_arrangement import Arrangement
from .signal_choices import Choices
from .signal_frame import SignalFrame
from .signal_keys import keys_of
from .signal_layers import Overlay, ordered
from .signal_layout import time_words
from .signal_link import TimeLink
from .signal_marking import Marking
from .signal_reading import Reader, Wanted
from .signal_units import UnitLink
from .signal_values import columns_of, value_at

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter, QWheelEvent

    from neurostudio.data import Data
    from neurostudio.display_filter import DisplayFilter
    from neurostudio.marks import Mark
    from neurostudio.pages import Page
    from neurostudio.views import Signals

    from ..home import Home
    from . import Resolve
    from .signal_picture import Picture

_SHORTEST = 0.005
_MOST_WITHOUT_PYRAMID = 60_000_000


def draw(view: Signals, resolve: Resolve | None) -> SignalsFigure:
    """Return the signals that a view refers to, with its overlay."""
    if resolve is None:
        raise TypeError("a view of signals needs to be told where its data are")
    return SignalsFigure(source_of(resolve(view.source)), view)


def draw_data(data: Data) -> SignalsFigure:
    """Return the signals of an item of data."""
    return SignalsFigure(source_of(data))


class SignalsFigure(Figure):
    """Stacked channels, a page at a time; the keys stand in :mod:`signal_keys`."""

    marked = Signal(object)
    recoloured = Signal(str, str)

    def __init__(self, source: Source, view: Signals | None = None) -> None:
        super().__init__(view.caption if view is not None else "")
        self._source = source
        self._arrangement = Arrangement(source, ordered(source.names, view))
        self._overlay = Overlay(source.names, view)
        self._page: Page | None = None
        self._start = source.start
        self.reader = Reader(source, self)
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._ask)
        editable = source.editable and view is None
        frame = SignalFrame(source, len(self._arrangement.shown), editable=editable)
        frame.canvas.setFocusProxy(self)
        self.frame, self.bar, self.canvas = frame, frame.bar, frame.canvas
        self.mouse, self.overview, self._rows = frame.mouse, frame.overview, frame.rows
        self.show_inside(frame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.link = TimeLink(self, source)
        self.marking = Marking(self, source, editable=editable)
        self.choices = Choices(self, source, self._arrangement)
        self.choices.channels_chosen.connect(self.show_channels)
        self.choices.filter_chosen.connect(self.use_filter)
        self._keys = keys_of(self)
        self._listen()
        self.installEventFilter(self)
        self.marking.refresh()
        self._resized()

    def _listen(self) -> None:
        bar, mouse = self.bar, self.mouse
        bar.serve(
            {
                bar.back: self.page_back,
                bar.on: self.page_on,
                bar.smaller: self.smaller,
                bar.larger: self.larger,
                bar.channels: self.choices.choose_channels,
                bar.butterfly: self._resized,
                bar.filter: self.choices.choose_filter,
                bar.clock: self._draw,
                bar.marking: self._mark_mode,
                bar.events: self.marking.show_table,
            }
        )
        bar.seconds.valueChanged.connect(self._resized)
        bar.rows.valueChanged.connect(self._resized)
        self._rows.valueChanged.connect(self._later)
        self.overview.went_to.connect(self.centre_on)
        self.reader.came.connect(self._show)
        self.reader.came_early.connect(self._prepare)
        self.reader.failed.connect(self._fail)
        self.reader.grew.connect(self._grew)
        self.canvas.painted.connect(self.reader.read_ahead)
        mouse.moved_to.connect(self.go_to)
        mouse.time_chosen.connect(self.link.choose_time)
        mouse.hovered.connect(self._hovered)
        mouse.channel_clicked.connect(self._channel_clicked)
        UnitLink(self, self._arrangement, self._rows)
        theme().changed.connect(self.marking.refresh)
        self.marking.changed.connect(self._draw)
        self.marking.told.connect(self.marked)
        self.marking.recoloured.connect(self.recoloured)

    def settle(self, home: Home) -> None:
        """Take the place of the data: long recordings keep their pyramid there."""
        self.reader.settle(home)
        self.marking.use_colours(home.colours)

    # ---- what is shown ---------------------------------------------------------------------------

    @property
    def page_shown(self) -> Page | None:
        """The page that is drawn."""
        return self._page

    @property
    def ready(self) -> bool:
        """Whether a page has been drawn."""
        return self._page is not None

    @property
    def channels_shown(self) -> tuple[str, ...]:
        """The names of the channels on the page."""
        return tuple(self._source.names[k] for k in self._picks())

    @property
    def happenings(self) -> tuple[Mark, ...]:
        """The events and marks."""
        return self._source.happenings

    @property
    def clock(self) -> float | None:
        """Seconds since 1970 at time 0, where time of day is shown."""
        return self._source.clock if self.bar.clock.isChecked() else None

    def _picks(self) -> tuple[int, ...]:
        if self.bar.butterfly.isChecked():
            return self._arrangement.shown
        first = self._rows.value()
        return self._arrangement.shown[first : first + self.bar.rows.value()]

    @property
    def page_window(self) -> tuple[float, float]:
        """Begin and end of the page in seconds."""
        length = self._length()
        return self._start, self._start + length

    def _length(self) -> float:
        return min(max(self.bar.seconds.value(), 1e-6), self._source.duration)

    def _resized(self) -> None:
        hidden = max(0, len(self._arrangement.shown) - self.bar.rows.value())
        self._rows.setRange(0, 0 if self.bar.butterfly.isChecked() else hidden)
        self._rows.setPageStep(self.bar.rows.value())
        self._rows.setVisible(self._rows.maximum() > 0)
        self.bar.rows.setEnabled(not self.bar.butterfly.isChecked())
        self.go_to(self._start)

    # ---- moving ----------------------------------------------------------------------------------

    def go_to(self, time: float) -> None:
        """Begin the page at a time in seconds."""
        source = self._source
        free = max(0.0, source.duration - self._length())
        self._start = min(max(time, source.start), source.start + free)
        self._later()
        self.link.tell_window()

    def centre_on(self, time: float) -> None:
        """Have a time in the middle of the page."""
        self.go_to(time - self._length() / 2)

    def page_back(self) -> None:
        """Show the page before."""
        self.step(-1.0)

    def page_on(self) -> None:
        """Show the page behind."""
        self.step(1.0)

    def step(self, pages: float) -> None:
        """Move by so many pages."""
        self.go_to(self._start + pages * self._length())

    def zoom(self, factor: float, at: float | None = None) -> None:
        """Make the page longer or shorter; the time ``at`` stays where it is."""
        start, stop = self.page_window
        at = (start + stop) / 2 if at is None else at
        length = min(max((stop - start) * factor, _SHORTEST), self._longest())
        self._start = at - (at - start) * length / (stop - start)
        self.bar.seconds.setValue(length)
        self.go_to(self._start)

    def _longest(self) -> float:
        """Return the longest page: all, but where there is no pyramid, what is read in a moment."""
        source = self._source
        if self.reader.pyramid is not None or not source.files:
            return source.duration
        samples = _MOST_WITHOUT_PYRAMID / max(1, len(self._picks()))
        return min(source.duration, samples / source.rate)

    def larger(self) -> None:
        """Draw the signals larger."""
        self._arrangement.enlarge(1.5, self.bar.kind.currentText())
        self._draw()

    def smaller(self) -> None:
        """Draw the signals smaller."""
        self._arrangement.enlarge(1 / 1.5, self.bar.kind.currentText())
        self._draw()

    def scroll_rows(self, by: int) -> None:
        """Show channels further up or down."""
        self._rows.setValue(self._rows.value() + by)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the delete key, while a mark is chosen, from what else it does in the window."""
        # a filter and not event(): deleting inside of that would hold what the reading thread waits for
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            chosen = self.marking.chosen is not None and self.marking.editable
            if event.key() == Qt.Key.Key_Delete and chosen:
                event.accept()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move and change by keys."""
        act = self._keys.get(Qt.Key(event.key()))
        held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        if act is None or event.modifiers() & held:
            super().keyPressEvent(event)
        else:
            act()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll channels; with Ctrl zoom, with Shift move."""
        turned = event.angleDelta().y() or event.angleDelta().x()
        modifiers = event.modifiers()
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            place = self.canvas.mapFrom(self, event.position().toPoint())
            at = self.canvas.layout_for().time_of(place.x())
            self.zoom(0.8 if turned > 0 else 1.25, at)
        elif modifiers & Qt.KeyboardModifier.ShiftModifier or self._rows.maximum() == 0:
            self.step(-0.25 if turned > 0 else 0.25)
        else:
            self.scroll_rows(-3 if turned > 0 else 3)
        event.accept()

    # ---- reading ---------------------------------------------------------------------------------

    def _later(self) -> None:
        self._timer.start()

    def showEvent(self, event: Any) -> None:
        """Read when shown: hidden views do not work."""
        super().showEvent(event)
        self._later()

    def resizeEvent(self, event: Any) -> None:
        """Read as many columns as there are pixels."""
        super().resizeEvent(event)
        self._later()

    def _ask(self) -> None:
        self.overview.show_window(*self.page_window)
        picks = self._picks()
        if not picks or self.isHidden():
            self._say("No channels are shown. Choose some under Channels…" if not picks else "")
            return
        pixels = max(200, round(self.canvas.layout_for().plot_width * self.devicePixelRatioF()))
        self.reader.ask(Wanted(*self.page_window, picks, pixels))

    def _fail(self, error: Exception) -> None:
        self._say(f"This part cannot be read: {error}", role="bad")

    def _grew(self) -> None:
        self.overview.show_covered(self.reader.share)
        if self._page is not None and not self._page.whole:
            self.reader.ask_again()

    def _show(self, page: Page) -> None:
        first = self._page is None
        self._page = page
        self._draw()
        if first or not page.whole:
            self._say("" if page.whole else self._building())

    def _building(self) -> str:
        return f"The overview of this recording is being built: {100 * self.reader.share:.0f} %"

    # ---- drawing ---------------------------------------------------------------------------------

    def _draw(self) -> None:
        if self._page is not None:
            self.canvas.show_picture(self._picture(self._page))

    def _prepare(self, page: Page) -> None:
        if self._page is not None and page.picks == self._page.picks:
            self.canvas.prepare(self._picture(page))

    def _picture(self, page: Page) -> Picture:
        source = self._source
        colours = theme().colours
        overlay, span = self._overlay.image(page, colours)
        return self._arrangement.picture(
            page,
            colours,
            butterfly=self.bar.butterfly.isChecked(),
            quiet=self._overlay.there,
            happenings=source.happenings,
            mark_colours=self.marking.colours,
            overlay=overlay,
            overlay_span=span,
            clock=self.clock,
            time_label=f"Time, {source.time_note}" if source.time_note else "Time",
        )

    def _say(self, words: str, role: str = "dim") -> None:
        self.frame.say(" · ".join(each for each in (words, self.reader.filter.words) if each), role)

    def _hovered(self, place: QPointF | None) -> None:
        self.canvas.pointer.cross = place
        self.canvas.update()
        page = self._page
        if place is None or page is None or not page.times.size:
            self._say("")
            return
        layout = self.canvas.layout_for()
        time = layout.time_of(place.x())
        row = layout.row_of(place.y())
        words = time_words(time, 0.001, self.clock) + ("" if self.clock is not None else " s")
        if row is not None and not self.bar.butterfly.isChecked() and row < len(page.picks):
            words += f"   {value_at(page, row, time, self._source)}"
        self._say(words)

    # ---- channels and filter ---------------------------------------------------------------------

    def show_channels(self, shown: tuple[int, ...]) -> None:
        """Show these channels, in this order."""
        self._arrangement.show(shown)
        was_all = self.bar.rows.value() == self.bar.rows.maximum()
        self.bar.rows.setRange(1, max(1, len(shown)))
        if was_all:
            self.bar.rows.setValue(len(shown))
        self._resized()

    def use_filter(self, wanted: DisplayFilter) -> None:
        """See the signals through a filter."""
        self.reader.use_filter(wanted)
        self._say("")
        self._later()

    # ---- marks -----------------------------------------------------------------------------------

    def take(self, data: Data) -> None:
        """Show other marks on the same samples."""
        if isinstance(self._source, RecordingSource):
            self._source.remark(data)  # type: ignore[arg-type]  # of the same kind as before
        self.marking.refresh()

    def _mark_mode(self) -> None:
        self.mouse.marking = self.bar.marking.isChecked()

    def _channel_clicked(self, row: int) -> None:
        if not self.bar.butterfly.isChecked():
            self.marking.turn_channel(self.channels_shown[row])

    # ---- files -----------------------------------------------------------------------------------

    def picture_size(self) -> QSize:
        """Return the size of the signals without the controls."""
        return self.canvas.size()

    def _paint(self, painter: QPainter) -> None:
        as_lines = isinstance(painter.device(), QSvgGenerator)
        self.canvas.paint(painter, self.canvas.size(), scale=2.0, as_lines=as_lines)

    def columns(self) -> dict[str, list[object]]:
        """Return what is drawn: the samples, or the least and greatest of each column."""
        return columns_of(self._page, self._source) if self._page is not None else {}
