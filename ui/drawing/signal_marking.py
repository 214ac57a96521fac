"""The marks on the signals: chosen, changed, listed in a table, told to whoever keeps the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from neurostudio.marks import Mark, Marks

from ..theme import theme
from .signal_layers import mark_colours
from .signal_layout import time_words
from .signal_menus import MarkMenu

if TYPE_CHECKING:
    from neurostudio.sources import Source

    from .signal_events import EventsTable
    from .signals import SignalsFigure


class Marking(QObject):
    """What a person does to the marks of one figure.

    ``told`` carries a change of the marks; the data that bear them come back by :meth:`refresh`.
    """

    told = Signal(object)
    recoloured = Signal(str, str)
    changed = Signal()

    def __init__(self, figure: SignalsFigure, source: Source, *, editable: bool) -> None:
        super().__init__(figure)
        self._figure = figure
        self._source = source
        self.editable = editable
        self._chosen_colours: dict[str, str] = {}
        self.colours: dict[str, str] = {}
        self.events: EventsTable | None = None
        self.menu = MarkMenu(self, figure)
        mouse = figure.mouse
        mouse.editable = editable
        mouse.stretch_marked.connect(self._stretch_marked)
        mouse.mark_changed.connect(self.change)
        mouse.mark_chosen.connect(self.choose)
        mouse.mark_opened.connect(self.menu.rename)
        mouse.menu_wanted.connect(self.menu.pop_up)

    # ---- what is there ---------------------------------------------------------------------------

    @property
    def chosen(self) -> Mark | None:
        """The mark that keys act on."""
        return self._figure.canvas.pointer.chosen

    def use_colours(self, colours: dict[str, str]) -> None:
        """Use the colours that a person chose for the words of marks."""
        self._chosen_colours = dict(colours)
        self.refresh()

    def refresh(self) -> None:
        """Show the marks of the source as they are now."""
        happenings = self._source.happenings
        self.colours = mark_colours(happenings, self._chosen_colours, theme().colours)
        self._figure.overview.show_marks(happenings, self.colours)
        self._figure.bar.offer_words(list(self.colours))
        if self.events is not None:
            self.events.fill(happenings, self.colours)
        if self.chosen not in happenings:
            self.choose(None)
        self.changed.emit()

    def show_table(self) -> None:
        """Show or hide the table of events."""
        from .signal_events import EventsTable

        if self.events is None:
            self.events = EventsTable(self._in_words)
            self.events.model.editable = self.editable
            self.events.chosen.connect(self.jump_to)
            self.events.renamed.connect(self.change)
            self._figure.frame.put_beside(self.events)
            self.refresh()
        self.events.setVisible(self._figure.bar.events.isChecked())

    def _in_words(self, time: float) -> str:
        return time_words(time, 0.001, self._figure.clock)

    # ---- choosing --------------------------------------------------------------------------------

    def choose(self, mark: Mark | None) -> None:
        """Choose one mark, for the keys."""
        self._figure.canvas.pointer.chosen = mark
        if self.events is not None:
            self.events.choose(mark)
        self._figure.canvas.update()

    def jump_to(self, mark: Mark) -> None:
        """Choose a mark and have it in the window."""
        self.choose(mark)
        self._figure.link.choose_time(mark.onset)
        start, stop = self._figure.page_window
        if not start <= mark.onset < stop:
            self._figure.centre_on(mark.onset)

    def next(self) -> None:
        """Go to the first event behind the cursor."""
        self._go(1)

    def previous(self) -> None:
        """Go to the last event before the cursor."""
        self._go(-1)

    def _go(self, by: int) -> None:
        cursor = self._figure.canvas.pointer.cursor
        start, stop = self._figure.page_window
        now = cursor if cursor is not None else (start + stop) / 2
        ordered = sorted(self._source.happenings, key=lambda each: each.onset)
        found = [each for each in ordered if (each.onset - now) * by > 1e-9]
        if found:
            self.jump_to(found[0] if by > 0 else found[-1])

    # ---- changing --------------------------------------------------------------------------------

    def _stretch_marked(self, begin: float, end: float) -> None:
        source = self._source
        words = self._figure.bar.words.currentText().strip() or "mark"
        last = source.start + source.duration
        begin, end = max(source.start, begin), min(last, end)
        if begin < last:
            self.told.emit(Marks(add=(Mark(begin, max(0.0, end - begin), words),)))

    def change(self, before: Mark, after: Mark) -> None:
        """Move or rename a mark."""
        self._figure.canvas.pointer.chosen = after
        self.told.emit(Marks(add=(after,), remove=(before,)))

    def rename_chosen(self) -> None:
        """Ask for other words for the chosen mark."""
        if self.chosen is not None:
            self.menu.rename(self.chosen)

    def remove_chosen(self) -> None:
        """Remove the chosen mark."""
        if self.chosen is not None and self.editable:
            self.told.emit(Marks(remove=(self.chosen,)))

    def forget_choice(self) -> None:
        """Choose nothing."""
        self.choose(None)

    def turn_channel(self, name: str) -> None:
        """Call a channel bad, or good again."""
        if self.editable:
            is_bad = name in self._source.bad
            self.told.emit(Marks(good=(name,)) if is_bad else Marks(bad=(name,)))

    def recolour(self, text: str, colour: str) -> None:
        """Give the marks of some words another colour."""
        self._chosen_colours[text] = colour
        self.refresh()
        self.recoloured.emit(text, colour)
