"""A slider over points in time, linked with the cursor of all views."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from ..linking import links

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from .plot import Figure

_SLOWEST, _FASTEST = 1000, 33  # ms between two frames of a film


class TimeSlider(QWidget):
    """One step a point; ``moved`` gives its number. ▶ plays at the pace of the data, at most 30 a second.

    Parameters
    ----------
    times
        The points in seconds, (n_points,), ascending; numbers where the data know no seconds.
    unit
        ``"s"``, or nothing where the points are only numbered; these are not linked.
    figure
        Whose ``offset`` leads to the common axis.
    """

    moved = Signal(int)

    def __init__(self, times: ArrayLike, unit: str, figure: Figure) -> None:
        super().__init__(figure)
        self._times = np.asarray(times, float)
        self._unit = unit
        self._figure = figure
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Time point")
        self.slider.setRange(0, max(0, len(self._times) - 1))
        self.slider.valueChanged.connect(self._slid)
        self.play = QToolButton()
        self.play.setText("▶")
        self.play.setCheckable(True)
        self.play.setToolTip("Play (Space)")
        self.play.setShortcut(Qt.Key.Key_Space)
        self.play.toggled.connect(self._played)
        self.words = QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.play)
        row.addWidget(self.slider, 1)
        row.addWidget(self.words)
        steps = np.diff(self._times)
        pace = 1000 * float(np.median(steps)) if len(steps) and unit == "s" else 100.0
        self._clock = QTimer(self, interval=int(min(_SLOWEST, max(_FASTEST, pace))))
        self._clock.timeout.connect(self._next)
        if unit == "s":
            links().time_moved.connect(self._time_moved)
        self._say()
        self.setVisible(len(self._times) > 1)

    def value(self) -> int:
        """Return the number of the point."""
        return self.slider.value()

    def _say(self) -> None:
        number, total = self.slider.value(), len(self._times)
        at = f"{self._times[number]:.3f} s, " if self._unit == "s" and total else ""
        self.words.setText(f"{at}{number + 1} of {total}")

    def _slid(self, number: int) -> None:
        self._say()
        self.moved.emit(number)
        if self._unit == "s" and len(self._times):
            links().move_time(float(self._times[number]) + self._figure.offset)

    def _time_moved(self, time: float) -> None:
        own = time - self._figure.offset
        number = int(np.clip(np.searchsorted(self._times, own, side="right") - 1, 0, None))
        if number != self.slider.value():
            self.slider.blockSignals(True)
            self.slider.setValue(number)
            self.slider.blockSignals(False)
            self._say()
            self.moved.emit(self.slider.value())

    def _played(self, on: bool) -> None:
        self.play.setText("❚❚" if on else "▶")
        if on:
            self._clock.start()
        else:
            self._clock.stop()

    def _next(self) -> None:
        if not self._figure.isVisible():
            self.play.setChecked(False)
            return
        number = self.slider.value() + 1
        self.slider.setValue(number if number <= self.slider.maximum() else 0)
