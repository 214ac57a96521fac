"""One window of signals as it is drawn: the least and greatest of every column of pixels, or samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from neurostudio.pyramid import BASE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.pyramid import Pyramid
    from neurostudio.sources import Source

    Floats = NDArray[np.float32]

_MOST = 8_000_000  # samples that are read in a moment
_CHUNK = 4_000_000


@dataclass(frozen=True, slots=True)
class Page:
    """A window.

    ``low`` and ``high`` (n_picks, n_points), ``times`` (n_points,): the middle of each column in seconds.
    ``edges`` (n_points + 1,): the samples that each column covers, counted from the first of the source;
    None where each point is one sample and ``low`` is ``high``. ``middle`` (n_picks,): the mean height.
    NaN stands for what is not there (yet).
    """

    picks: tuple[int, ...]
    start: float
    stop: float
    times: NDArray[np.float64]
    low: Floats
    high: Floats
    middle: Floats
    edges: NDArray[np.int64] | None = None
    whole: bool = True


def read_page(
    source: Source,
    start: float,
    stop: float,
    picks: tuple[int, ...],
    n_pixels: int,
    pyramid: Pyramid | None = None,
) -> Page:
    """Read a window of some channels for so many columns of pixels.

    From the pyramid where columns are wide enough, else from the samples; without a pyramid long windows
    are read in chunks. Column edges are multiples of the column's width, so that a signal does not
    shimmer while it moves.
    """
    first, last = source.sample_range(start, stop)
    per_pixel = (last - first) / max(1, n_pixels)
    if pyramid is not None and source.even and per_pixel >= BASE:
        cheap = (last - first) * len(picks) <= _MOST
        if pyramid.n_done >= last or not cheap:
            return _from_pyramid(source, pyramid, (start, stop), (first, last), picks, per_pixel)
    if per_pixel < 2.0:
        return _samples(source, (start, stop), (first, last), picks)
    return _columns(source, (start, stop), (first, last), picks, int(per_pixel))


def _samples(
    source: Source, window: tuple[float, float], span: tuple[int, int], picks: tuple[int, ...]
) -> Page:
    values = source.read(*span, list(picks)).astype(np.float32)
    columns = np.ascontiguousarray(np.repeat(values[:, :, None], 2, axis=2))
    return Page(picks, *window, source.times(*span), values, values, _middle(columns))


def _columns(
    source: Source,
    window: tuple[float, float],
    span: tuple[int, int],
    picks: tuple[int, ...],
    width: int,
) -> Page:
    first, last = span[0] - span[0] % width, span[1]
    edges = np.append(np.arange(first, last, width), last).astype(np.int64)
    found = np.empty((len(picks), len(edges) - 1, 2), np.float32)
    step = max(1, _CHUNK // max(1, len(picks)) // width)
    for k in range(0, len(edges) - 1, step):
        found[:, k : k + step] = source.reduce(edges[k : k + step + 1], list(picks))
    return _page(source, window, picks, edges, found, whole=True)


def _from_pyramid(
    source: Source,
    pyramid: Pyramid,
    window: tuple[float, float],
    span: tuple[int, int],
    picks: tuple[int, ...],
    per_pixel: float,
) -> Page:
    from neurostudio import envelope

    level = pyramid.level_for(per_pixel) or pyramid.levels[0]
    width = level.block * int(per_pixel / level.block)
    first = span[0] - span[0] % width
    there = -(-source.n_times // level.block) if pyramid.complete else pyramid.n_done // level.block
    wanted = -(-span[1] // level.block)
    whole = there >= wanted
    first_block = first // level.block
    n_blocks = max(0, min(wanted, there) - first_block)
    blocks = pyramid.blocks(level, first_block, first_block + n_blocks, list(picks))
    per_column = width // level.block
    edges = np.append(np.arange(0, n_blocks, per_column), n_blocks).astype(np.int64)
    found = np.empty((len(picks), len(edges) - 1, 2), np.float32)
    envelope.of_blocks(blocks, edges, found)
    samples = np.minimum((edges + first_block) * level.block, source.n_times)
    return _page(source, window, picks, samples, found, whole=whole)


def _page(
    source: Source,
    window: tuple[float, float],
    picks: tuple[int, ...],
    edges: NDArray[np.int64],
    found: Floats,
    *,
    whole: bool,
) -> Page:
    if source.even:
        times = source.start + (edges[:-1] + edges[1:] - 1) / 2 / source.rate
    else:
        times = np.array([source.times(int(edge), int(edge) + 1)[0] for edge in edges[:-1]])
    low, high = np.ascontiguousarray(found[:, :, 0]), np.ascontiguousarray(found[:, :, 1])
    return Page(picks, *window, times, low, high, _middle(found), edges, whole)


def _middle(columns: Floats) -> Floats:
    from neurostudio import envelope

    middle = np.empty(len(columns), np.float32)
    envelope.middles(columns, middle)
    return middle
