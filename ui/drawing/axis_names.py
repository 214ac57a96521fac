"""Names of rows or columns on an axis: as many as can be read at every zoom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyqtgraph as pg
    from numpy.typing import NDArray

_HEIGHT = 13  # pixels of a name
_LETTER, _GAP = 7, 14
_LONGEST = 24


class AxisNames(QObject):
    """Writes the names of whole numbers on one axis, thinned out where they would overlap.

    Parameters
    ----------
    plot
        Axes on which name ``k`` belongs to the value ``k`` …
    side
        … along ``"left"`` or ``"bottom"``.
    names
        The names; where there are none, the axis keeps its numbers.
    positions
        Where each name stands, where not at its number.
    """

    def __init__(
        self,
        plot: pg.PlotItem,
        side: str,
        names: Sequence[str],
        positions: NDArray[np.float64] | None = None,
    ) -> None:
        super().__init__()
        self._plot, self._side = plot, side
        self._box = plot.getViewBox()
        self._shown: tuple[object, ...] = ()
        self.give(names, positions)
        self._box.sigRangeChanged.connect(self.refresh)
        self._box.sigResized.connect(self.refresh)

    def give(self, names: Sequence[str], positions: NDArray[np.float64] | None = None) -> None:
        """Use other names."""
        self._names = [name[:_LONGEST] for name in names]
        places = np.arange(len(names)) if positions is None else positions
        self._places = np.asarray(places, float)
        letters = max(map(len, self._names), default=0)
        self._room = _HEIGHT if self._side == "left" else _LETTER * letters + _GAP
        self._shown = ()
        self.refresh()

    def refresh(self) -> None:
        """Write the names of what is visible."""
        if not self._names:
            return
        upright = self._side == "left"
        low, high = self._plot.viewRange()[1 if upright else 0]
        pixels = max(1.0, self._box.height() if upright else self._box.width())
        inside = np.flatnonzero((self._places >= low) & (self._places <= high))
        step = max(1, int(-(-len(inside) * self._room // pixels)))
        begin = int(-(-inside[0] // step) * step) if len(inside) else 0
        end = int(inside[-1]) + 1 if len(inside) else 0
        wanted = (begin, end, step)
        if wanted != self._shown:  # an axis with the same names need not be drawn again
            self._shown = wanted
            ticks = [(self._places[k], self._names[k]) for k in range(begin, end, step)]
            self._plot.getAxis(self._side).setTicks([ticks])
