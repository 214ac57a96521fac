"""Curves as pixels, compiled: hundreds of channels in a few milliseconds.

Every curve covers in each column of pixels the stretch between its least and its greatest value, half a
pixel more on either side, with the edges blended. Neighbouring columns touch.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit("float32(float32, float32, float32)", cache=True, nogil=True)
def _within(value, low, high):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    if value < low:
        return low
    if value > high:
        return high
    return value


@njit(
    "void(float32[::1], float32[::1], float32, float32, float32, float32)",
    cache=True,
    nogil=True,
)
def _straight(tops, bottoms, x_0, y_0, x_1, y_1):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Cover the columns under a straight line."""
    slope = (y_1 - y_0) / (x_1 - x_0)
    for c in range(max(0, int(np.floor(x_0))), min(tops.shape[0], int(np.floor(x_1)) + 1)):
        y_in = y_0 + (max(x_0, np.float32(c)) - x_0) * slope
        y_out = y_0 + (min(x_1, np.float32(c + 1)) - x_0) * slope
        tops[c] = min(tops[c], y_in, y_out)
        bottoms[c] = max(bottoms[c], y_in, y_out)


@njit(
    "void(float32[::1], float32[::1], float32[::1], float32[::1], float32[::1],"
    " float32, float32, float32, float32)",
    cache=True,
    nogil=True,
)
def _cover(tops, bottoms, x, low, high, middle, gain, row, reach):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Find for each column of pixels what one curve covers; heights count downwards."""
    there = False
    x_before, top_before, bottom_before = np.float32(0), np.float32(0), np.float32(0)
    for k in range(x.shape[0]):
        if np.isnan(low[k]) or np.isnan(high[k]):
            there = False
            continue
        top = _within(row - (high[k] - middle) * gain, row - reach, row + reach)
        bottom = _within(row - (low[k] - middle) * gain, row - reach, row + reach)
        reached_top, reached_bottom = top, bottom
        if there and x[k] - x_before > np.float32(1.0):
            y_0 = np.float32(0.5) * (top_before + bottom_before)
            y_1 = np.float32(0.5) * (top + bottom)
            _straight(tops, bottoms, x_before, y_0, x[k], y_1)
        elif there:  # touch what came before
            reached_top = min(top, bottom_before)
            reached_bottom = max(bottom, top_before)
        column = int(np.floor(x[k]))
        if 0 <= column < tops.shape[0]:
            tops[column] = min(tops[column], reached_top)
            bottoms[column] = max(bottoms[column], reached_bottom)
        x_before, top_before, bottom_before = x[k], top, bottom
        there = True


@njit("uint32(uint32, uint32, float32)", cache=True, nogil=True)
def _blend(below, colour, share):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Lay an opaque colour over premultiplied ARGB, covering a share of the pixel."""
    pair = np.uint32(0xFF00FF)  # two of the four bytes at once
    part = np.uint32(share * np.float32(256.0))
    rest = np.uint32(256) - part
    even = ((below & pair) * rest + (colour & pair) * part) >> np.uint32(8)
    odd = ((below >> np.uint32(8)) & pair) * rest + ((colour >> np.uint32(8)) & pair) * part
    return (even & pair) | (odd & ~pair)


@njit("void(uint32[:,::1], int64, float32, float32, uint32)", cache=True, nogil=True)
def _fill(image, column, top, bottom, colour):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Colour a stretch of one column of pixels, its ends in part."""
    top = max(top, np.float32(0.0))
    bottom = min(bottom, np.float32(image.shape[0]))
    if bottom <= top:
        return
    first, last = int(top), int(bottom)
    if first == last:
        image[first, column] = _blend(image[first, column], colour, bottom - top)
        return
    if top > first:
        share = np.float32(first + 1) - top
        image[first, column] = _blend(image[first, column], colour, share)
        first += 1
    for row in range(first, last):
        image[row, column] = colour
    if bottom > last:
        image[last, column] = _blend(image[last, column], colour, bottom - last)


@njit(
    "void(uint32[:,::1], float32[::1], float32[:,::1], float32[:,::1], float32[::1], float32[::1],"
    " float32[::1], uint32[::1], float32, float32, int64, int64)",
    cache=True,
    nogil=True,
)
def draw_rows(image, x, low, high, middle, gain, rows, colours, reach, thickness, begin, end):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Draw curves into an image.

    Parameters
    ----------
    image : array of shape (height, width)
        Premultiplied ARGB.
    x : array of shape (n_points,)
        Where the points lie, in columns of pixels from the left.
    low, high : arrays of shape (n_curves, n_points)
        The least and greatest value at each point.
    middle, gain, rows : arrays of shape (n_curves,)
        The value that is drawn at the height ``rows`` (pixels from the top), and pixels per unit.
    colours : array of shape (n_curves,)
        Opaque ARGB.
    reach
        How far a curve may leave its row, in pixels.
    thickness
        Of a line, in pixels.
    begin, end
        The columns that are drawn; the others stay as they are, so that two threads may share the work.
    """
    width = image.shape[1]
    first, last = 0, x.shape[0]
    while first + 1 < last and x[first + 1] < begin - 1:
        first += 1
    while last - 1 > first and x[last - 2] > end + 1:
        last -= 1
    half = np.float32(0.5) * thickness
    for curve in range(low.shape[0]):
        tops = np.full(width, np.inf, np.float32)
        bottoms = np.full(width, -np.inf, np.float32)
        _cover(
            tops,
            bottoms,
            x[first:last],
            low[curve, first:last],
            high[curve, first:last],
            middle[curve],
            gain[curve],
            rows[curve],
            reach,
        )
        colour = colours[curve]
        for column in range(begin, end):
            if tops[column] <= bottoms[column]:
                _fill(image, column, tops[column] - half, bottoms[column] + half, colour)
