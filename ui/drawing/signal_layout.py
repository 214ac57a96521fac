"""Where everything lies in the signal view, and the marks on its time axis."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime

_STEPS = (
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    14_400,
    21_600,
    43_200,
    86_400,
)
_MINUTE, _DAY = 60.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Layout:
    """The plot inside its margins, in pixels; a window of time across, rows downwards."""

    width: int
    height: int
    left: int
    top: int
    bottom: int
    right: int
    start: float
    stop: float
    n_rows: int

    @property
    def plot_width(self) -> int:
        """Pixels across the plot."""
        return max(1, self.width - self.left - self.right)

    @property
    def plot_height(self) -> int:
        """Pixels down the plot."""
        return max(1, self.height - self.top - self.bottom)

    @property
    def row_height(self) -> float:
        """Pixels of one row."""
        return self.plot_height / max(1, self.n_rows)

    def x_of(self, time: float) -> float:
        """Return the pixel of a time."""
        span = max(self.stop - self.start, 1e-12)
        return self.left + (time - self.start) / span * self.plot_width

    def time_of(self, x: float) -> float:
        """Return the time of a pixel."""
        return self.start + (x - self.left) / self.plot_width * (self.stop - self.start)

    def y_of(self, row: float) -> float:
        """Return the pixel of the middle of a row."""
        return self.top + (row + 0.5) * self.row_height

    def row_of(self, y: float) -> int | None:
        """Return the row under a pixel."""
        row = math.floor((y - self.top) / self.row_height)
        return row if 0 <= row < self.n_rows else None

    def inside(self, x: float, y: float) -> bool:
        """Return whether a pixel lies in the plot."""
        right, bottom = self.left + self.plot_width, self.top + self.plot_height
        return self.left <= x <= right and self.top <= y <= bottom


def time_step(span: float, most: int) -> float:
    """Return a round distance between marks so that at most so many fit.

    >>> time_step(10.0, 10), time_step(0.03, 8), time_step(3600.0, 9)
    (1.0, 0.005, 600.0)
    """
    least = span / max(1, most)
    if least > 1:
        return float(next((step for step in _STEPS if step >= least), _days(least)))
    power = 10.0 ** math.floor(math.log10(max(least, 1e-9)))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= least * (1 - 1e-9))
    return float(f"{step:.6g}")


def _days(least: float) -> float:
    return _DAY * math.ceil(least / _DAY)


def marks_on_axis(start: float, stop: float, most: int) -> list[float]:
    """Return the times of the marks in a window."""
    step = time_step(stop - start, most)
    first = math.ceil(start / step - 1e-9)
    return [k * step for k in range(first, math.floor(stop / step + 1e-9) + 1)]


def time_words(time: float, step: float, clock: float | None = None) -> str:
    """Return a time as seconds, or as time of day where the clock at 0 s is given.

    >>> time_words(75.0, 1.0), time_words(0.005, 0.005), time_words(75.0, 1.0, clock=3600.0)
    ('75', '0.005', '01:01:15')
    """
    digits = max(0, -math.floor(math.log10(step) + 1e-9)) if step < 1 else 0
    if clock is None:
        return f"{time:.{digits}f}"
    moment = datetime.fromtimestamp(round(clock + time, 6), UTC)
    words = moment.strftime("%H:%M:%S")
    return words + (f"{moment.microsecond / 1e6:.{digits}f}"[1:] if digits else "")
