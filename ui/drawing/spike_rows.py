"""Spike times a row, sorted, so that the visible window of each row is found by bisection."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from neurostudio.data import SpikeTrains
    from neurostudio.views import Raster

    Times = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SpikeRows:
    """Rows of a raster: sorted times in seconds and a name each; what is shown is never copied.

    ``span`` is the beginning and the end of what was observed.
    """

    times: tuple[Times, ...]
    names: tuple[str, ...]
    span: tuple[float, float]

    def __len__(self) -> int:
        return len(self.times)

    @property
    def n_spikes(self) -> int:
        """The number of all spikes."""
        return sum(map(len, self.times))

    def bounds(self, start: float, stop: float, first: int, last: int) -> NDArray[np.intp]:
        """Return where the window begins and ends in each of the rows ``first`` to ``last - 1``.

        Returns
        -------
        array of shape (last - first, 2)
        """
        window = np.array([start, np.nextafter(stop, np.inf)])  # a spike at the end is shown
        found = [row.searchsorted(window) for row in self.times[first:last]]
        return np.array(found, np.intp).reshape(-1, 2)

    def inside(self, start: float, stop: float, first: int, last: int) -> tuple[Times, Times]:
        """Return times and row numbers of all spikes of a window."""
        bounds = self.bounds(start, stop, first, last)
        parts = [
            row[low:high]
            for row, (low, high) in zip(self.times[first:last], bounds.tolist(), strict=True)
        ]
        rows = np.repeat(np.arange(first, first + len(parts), dtype=float), [*map(len, parts)])
        return np.concatenate([np.empty(0), *parts]), rows

    def ordered(self, order: Sequence[int]) -> SpikeRows:
        """Return some of the rows in another order."""
        return replace(
            self,
            times=tuple(self.times[k] for k in order),
            names=tuple(self.names[k] for k in order),
        )


def rows_of_view(view: Raster) -> SpikeRows:
    """Return the rows of a described raster."""
    times, rows = np.asarray(view.times, float), np.asarray(view.rows).astype(np.intp)
    if np.any(np.diff(rows) < 0):
        order = np.argsort(rows, kind="stable")
        times, rows = times[order], rows[order]
    n_rows = max(len(view.names), int(rows[-1]) + 1 if len(rows) else 0)
    edges = np.searchsorted(rows, np.arange(n_rows + 1))
    parts = tuple(_in_order(times[low:high]) for low, high in pairwise(edges))
    names = (*view.names, *(str(k) for k in range(len(view.names), n_rows)))
    return SpikeRows(parts, names, _span(parts))


def rows_of_units(data: SpikeTrains) -> SpikeRows:
    """Return a row a unit; the times stay those of the data."""
    units = data.units
    parts = tuple(np.asarray(units[key].t) for key in units.index)
    support = units.time_support
    start, stop = float(support.start[0]), float(support.end[-1])
    return SpikeRows(parts, data.names("units"), (start, stop) if parts else (0.0, 1.0))


def _in_order(times: Times) -> Times:
    return times if np.all(times[:-1] <= times[1:]) else np.sort(times)


def _span(parts: tuple[Times, ...]) -> tuple[float, float]:
    filled = [part for part in parts if len(part)]
    if not filled:
        return 0.0, 1.0
    start = min(float(part[0]) for part in filled)
    stop = max(float(part[-1]) for part in filled)
    margin = 0.02 * (stop - start) or 0.5
    return start - margin, stop + margin
