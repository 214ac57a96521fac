"""Spikes counted into pixels, by compiled code as soon as it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from .spike_rows import SpikeRows

    Counts = NDArray[np.uint32]
    Kernel = Callable[[NDArray[np.float64], float, float, Counts], None]

_SHARE = 0.999
_SAMPLE = 20_000
_COUNTS_MOST = 2**14
_COMPILED: list[Kernel] = []


def compile_kernel() -> None:
    """Compile the counting; takes about a second, so it is called in a thread."""
    import numba

    if not _COMPILED:
        kernel: Any = numba.njit(nogil=True)(_count_each)
        for order in (np.zeros(1), np.zeros(2)[::2]):  # times of a file may be a view with gaps
            kernel(order, 0.0, 1.0, np.zeros(2, np.uint32))
        _COMPILED.append(kernel)


def is_compiled() -> bool:
    """Return whether the counting is compiled."""
    return bool(_COMPILED)


def count(
    rows: SpikeRows,
    bounds: NDArray[np.intp],
    first: int,
    window: tuple[float, float],
    size: tuple[int, int],
) -> Counts:
    """Return the spikes in each pixel.

    Parameters
    ----------
    rows, first
        The rows, and the number of the one on top.
    bounds
        Where the window begins and ends in each visible row, as :meth:`SpikeRows.bounds` gives it.
    window
        Beginning and end in seconds.
    size
        Lines and columns of pixels; several rows share a line where there are more of them.

    Returns
    -------
    array of shape ``size``
    """
    n_lines, n_columns = size
    counts = np.zeros((n_lines, n_columns + 1), np.uint32)  # one more for rounding at the edge
    start, stop = window
    scale = n_columns / (stop - start)
    kernel = _COMPILED[0] if _COMPILED else _count_all
    n_rows = len(bounds)
    for k, (low, high) in enumerate(bounds.tolist()):
        if high > low:
            kernel(rows.times[first + k][low:high], start, scale, counts[k * n_lines // n_rows])
    counts[:, -2] += counts[:, -1]
    return np.ascontiguousarray(counts[:, :-1])


def coloured(counts: Counts, colours: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], float]:
    """Return a colour for each pixel, the first where there is no spike, and the count of the last."""
    sample = counts.ravel()[:: max(1, counts.size // _SAMPLE)]
    filled = np.sort(sample[sample > 0])
    # a share of the filled pixels may be beyond the last colour: one burst hides nothing
    top = float(filled[int(_SHARE * (len(filled) - 1))]) if filled.size else 1.0
    last = len(colours) - 1
    table = colours[np.minimum(np.arange(_COUNTS_MOST) * (last / top), last).astype(np.intp)]
    return table.take(counts, mode="clip"), top


def _count_each(times: NDArray[np.float64], start: float, scale: float, out: Counts) -> None:
    # four places of the sorted times at once: neighbours fall into one pixel and would wait for it
    one, quarter = np.uint32(1), len(times) // 4
    for k in range(quarter):
        out[int((times[k] - start) * scale)] += one
        out[int((times[k + quarter] - start) * scale)] += one
        out[int((times[k + 2 * quarter] - start) * scale)] += one
        out[int((times[k + 3 * quarter] - start) * scale)] += one
    for k in range(4 * quarter, len(times)):
        out[int((times[k] - start) * scale)] += one


def _count_all(times: NDArray[np.float64], start: float, scale: float, out: Counts) -> None:
    columns = ((times - start) * scale).astype(np.intp)
    out += np.bincount(columns, minlength=len(out)).astype(np.uint32)
