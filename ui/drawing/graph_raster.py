"""Very many straight lines as pixels, compiled: each lets a little less of what is below shine through."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _clip(x_0, y_0, x_1, y_1, width, height):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the part of a line (shares of its length) within the picture; nothing where first > last."""
    first, last = 0.0, 1.0
    for step, low, high in (
        (x_1 - x_0, -2.0 - x_0, width + 1.0 - x_0),
        (y_1 - y_0, -2.0 - y_0, height + 1.0 - y_0),
    ):
        if step == 0.0:
            if low > 0.0 or high < 0.0:
                return 1.0, 0.0
            continue
        one, other = low / step, high / step
        first = max(first, min(one, other))
        last = min(last, max(one, other))
    return first, last


@njit(cache=True, nogil=True)
def shine(left, x_0, y_0, x_1, y_1, alpha, thick):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Lay lines over a picture, in place.

    Parameters
    ----------
    left : array of shape (height, width)
        The share of what is below that still shines through, 1 at first.
    x_0, y_0, x_1, y_1 : arrays of shape (n_lines,)
        The ends, pixels from the left and the top.
    alpha : array of shape (n_lines,)
        The share that a line takes away.
    thick : array of shape (n_lines,)
        Pixels across.
    """
    height, width = left.shape
    for k in range(len(x_0)):
        first, last = _clip(x_0[k], y_0[k], x_1[k], y_1[k], width, height)
        if first >= last:
            continue
        run, rise = x_1[k] - x_0[k], y_1[k] - y_0[k]
        steep = abs(rise) > abs(run)
        main = rise if steep else run
        if main == 0.0:
            continue
        slope = run / rise if steep else rise / run
        half = 0.5 * thick[k] * np.sqrt(1.0 + slope * slope)
        start = (y_0[k] if steep else x_0[k]) + first * main
        stop = (y_0[k] if steep else x_0[k]) + last * main
        other = x_0[k] if steep else y_0[k]
        origin = y_0[k] if steep else x_0[k]
        low, high = min(start, stop), max(start, stop)
        long = height if steep else width
        wide = width if steep else height
        for along in range(max(0, int(np.floor(low))), min(long, int(np.ceil(high)))):
            centre = other + (along + 0.5 - origin) * slope
            begin, end = int(np.floor(centre - half)), int(np.floor(centre + half))
            for across in range(max(0, begin), min(wide, end + 1)):
                cover = min(across + 1.0, centre + half) - max(float(across), centre - half)
                if cover > 0.0:
                    share = 1.0 - alpha[k] * min(cover, 1.0)
                    if steep:
                        left[along, across] *= share
                    else:
                        left[across, along] *= share


@njit(cache=True, nogil=True)
def mixed(lefts, colours, ground):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Return a picture (height, width) of 0xffRRGGBB: colours laid over a ground one after the other.

    Parameters
    ----------
    lefts : array of shape (n_colours, height, width)
        The share of what is below each colour that still shines through.
    colours : array of shape (n_colours, 3)
        Red, green and blue, 0 to 255.
    ground : array of shape (3,)
        What is below all of them.
    """
    n_colours, height, width = lefts.shape
    picture = np.empty((height, width), np.uint32)
    for row in range(height):
        for column in range(width):
            red, green, blue = ground[0], ground[1], ground[2]
            for k in range(n_colours):
                left = lefts[k, row, column]
                if left < 1.0:
                    red = red * left + colours[k, 0] * (1.0 - left)
                    green = green * left + colours[k, 1] * (1.0 - left)
                    blue = blue * left + colours[k, 2] * (1.0 - left)
            picture[row, column] = (
                np.uint32(0xFF000000)
                | np.uint32(red) << np.uint32(16)
                | np.uint32(green) << np.uint32(8)
                | np.uint32(blue)
            )
    return picture
