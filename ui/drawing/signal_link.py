"""The signal view on the common axis of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ..linking import links

if TYPE_CHECKING:
    from neurostudio.sources import Source

    from .signals import SignalsFigure


class TimeLink(QObject):
    """Keeps cursor and window of one figure with those of the other views."""

    def __init__(self, figure: SignalsFigure, source: Source) -> None:
        super().__init__(figure)
        self._figure = figure
        self._source = source
        self._following = False
        links().time_moved.connect(self._time_moved)
        links().window_moved.connect(self._window_moved)

    def choose_time(self, time: float) -> None:
        """Put the cursor of all views to a time of this one."""
        links().move_time(time + self._figure.offset)
        self._time_moved(time + self._figure.offset)

    def _time_moved(self, time: float) -> None:
        figure, source = self._figure, self._source
        own = time - figure.offset
        figure.canvas.pointer.cursor = own
        figure.canvas.update()
        start, stop = figure.page_window
        if source.start <= own <= source.start + source.duration and not start <= own <= stop:
            figure.centre_on(own)

    def tell_window(self) -> None:
        """Tell the other views which window is shown."""
        figure = self._figure
        if figure.together and figure.isVisible() and not self._following:
            start, stop = (each + figure.offset for each in figure.page_window)
            links().window_moved.emit(start, stop, figure)

    def _window_moved(self, start: float, stop: float, who: object) -> None:
        figure = self._figure
        if figure.together and who is not figure:
            self._following = True
            figure.bar.seconds.setValue(stop - start)
            figure.go_to(start - figure.offset)
            self._following = False
