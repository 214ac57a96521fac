"""Values at vertices, points and edges as colours; cortex without a value is grey, furrows darker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .colour_scale import colour_map

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyqtgraph as pg
    from numpy.typing import NDArray

    Array = NDArray[Any]

CROWN, FURROW, PLAIN = 0.80, 0.60, 0.74
GLASS_LIGHT, GLASS_DARK = 0.35, 0.85  # on a light and on a dark ground
_TURN = 0.61803398875  # of the colour circle between neighbours in the list of regions


def value_scale(*, diverging: bool) -> pg.ColorMap:
    """Return the colours of values in any theme: on grey cortex a light middle reads best."""
    return colour_map(diverging=diverging, dark=not diverging)


def ground(relief: Array | None, n_vertices: int) -> NDArray[np.float32]:
    """Return grey for each vertex, (n_vertices, 3)."""
    if relief is None:
        return np.full((n_vertices, 3), PLAIN, np.float32)
    shades = np.where(np.nan_to_num(relief) > 0, FURROW, CROWN)
    return np.repeat(shades[:, None], 3, axis=1).astype(np.float32)


def coloured(
    values: Array,
    span: tuple[float, float],
    threshold: float,
    scale: pg.ColorMap,
    below: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return the colours of values (n,), those of ``below`` (n, 3) where there is no value to show.

    Parameters
    ----------
    values : array of shape (n,)
    span
        The ends of the scale.
    threshold
        Values whose size is less are not coloured.
    scale
        From the lower end to the higher.
    below : array of shape (n, 3)
    """
    low, high = span
    table = scale.getLookupTable(nPts=256, alpha=False).astype(np.float32) / 255
    part = (np.nan_to_num(values) - low) / ((high - low) or 1.0)
    found = table[np.clip(255 * part, 0, 255).astype(int)]
    shown = np.isfinite(values) & (np.abs(np.nan_to_num(values)) >= threshold)
    return np.where(shown[:, None], found, below).astype(np.float32)


def of_regions(
    values: Array, labels: Mapping[int, str], below: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return one colour a region; vertices of none keep those of ``below``."""
    found = below.copy()
    whole = np.nan_to_num(values, nan=-1).astype(int)
    for number, key in enumerate(sorted(labels)):
        if key != 0:
            found[whole == key] = region_colour(number)
    return found


def region_colour(number: int) -> NDArray[np.float32]:
    """Return the colour of the region of a number; neighbours in the list differ most."""
    from colorsys import hls_to_rgb

    hue = (number * _TURN) % 1.0
    light = (0.45, 0.6, 0.52)[number % 3]
    return np.array(hls_to_rgb(hue, light, 0.55), np.float32)
