"""The line that stands at the common time in every view with a time axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyqtgraph as pg
from PySide6.QtCore import QObject, Qt

from ..linking import links
from ..theme import theme
from .plot import pen

if TYPE_CHECKING:
    from .plot import Figure


class TimeCursor(QObject):
    """A vertical line on one set of axes; a click beside it moves the time of all views.

    Parameters
    ----------
    plot
        Axes whose horizontal axis is time in seconds.
    figure
        Whose ``offset`` leads from its own time to the common axis.
    """

    def __init__(self, plot: pg.PlotItem, figure: Figure) -> None:
        super().__init__(figure)
        self._figure = figure
        self._box = plot.getViewBox()
        self.line = pg.InfiniteLine(angle=90)
        self.line.setZValue(30)
        self.line.hide()
        plot.addItem(self.line, ignoreBounds=True)
        self._scene = plot.scene()
        self._scene.sigMouseClicked.connect(self._clicked)
        self._box.sigXRangeChanged.connect(self._range_changed)
        links().time_moved.connect(self.place)
        links().window_moved.connect(self.follow)
        theme().changed.connect(self.recolour)
        self.recolour()
        if links().time is not None:
            self.place(links().time or 0.0)

    def let_go(self) -> None:
        """End, before the axes go."""
        self._scene.sigMouseClicked.disconnect(self._clicked)
        self._box.sigXRangeChanged.disconnect(self._range_changed)
        links().window_moved.disconnect(self.follow)
        links().time_moved.disconnect(self.place)
        theme().changed.disconnect(self.recolour)
        self.deleteLater()

    def recolour(self) -> None:
        """Take the colour of the theme."""
        self.line.setPen(pen(theme().colours.text, 1.2))

    def place(self, time: float) -> None:
        """Stand at a time of the common axis."""
        self.line.setPos(time - self._figure.offset)
        self.line.show()

    def follow(self, start: float, stop: float, who: object) -> None:
        """Show the window that another view shows."""
        if self._figure.together and who is not self._figure:
            self._box.blockSignals(True)
            self._box.setXRange(start - self._figure.offset, stop - self._figure.offset, padding=0)
            self._box.blockSignals(False)

    def _range_changed(self, box: object, span: tuple[float, float]) -> None:
        del box
        if self._figure.together and self._figure.isVisible():
            start, stop = (each + self._figure.offset for each in span)
            links().window_moved.emit(start, stop, self._figure)

    def _clicked(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton or event.isAccepted():
            return
        if self._box.sceneBoundingRect().contains(event.scenePos()):
            own = self._box.mapSceneToView(event.scenePos()).x()
            links().move_time(own + self._figure.offset)
