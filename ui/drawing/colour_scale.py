"""Colours for values: even in brightness, and centred on zero where zero matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg

if TYPE_CHECKING:
    from numpy.typing import NDArray

_COLD_TO_WARM = ("#2166ac", "#92c5de", "#f7f7f7", "#f4a582", "#b2182b")
_COLD_TO_WARM_DARK = ("#7fb8ff", "#2d5f8f", "#16181c", "#8f3f33", "#ff8f75")
_COUNTING = ("#ffffff", "#a6c8e4", "#5b9bcb", "#2171b5", "#08306b")
_COUNTING_DARK = ("#16181c", "#2b4a6f", "#2f7f9e", "#4fc08d", "#fde725")
_RISING = ("#ffffff", "#c6dbef", "#6baed6", "#2171b5", "#08306b")


def colour_map(*, diverging: bool, dark: bool) -> pg.ColorMap:
    """Return a map from low to high; on a dark ground the middle of a diverging one is dark."""
    if diverging:
        colours = _COLD_TO_WARM_DARK if dark else _COLD_TO_WARM
        return pg.ColorMap(np.linspace(0, 1, len(colours)), colours)
    if dark:
        return pg.colormap.get("viridis")
    return pg.ColorMap(np.linspace(0, 1, len(_RISING)), _RISING)


def counting_map(*, dark: bool) -> pg.ColorMap:
    """Return a map for counts: none is the ground of the plot, and more stands out the more."""
    if not dark:
        return pg.ColorMap(np.linspace(0, 1, len(_COUNTING)), _COUNTING)
    return pg.ColorMap(np.linspace(0, 1, len(_COUNTING_DARK)), _COUNTING_DARK)


def limits(values: NDArray[np.float64], *, diverging: bool) -> tuple[float, float]:
    """Return the ends of the scale: all values, symmetric about zero where it diverges."""
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    if diverging:
        high = max(abs(low), abs(high)) or 1.0
        return -high, high
    return (low, high) if high > low else (low, low + 1.0)


def robust_limits(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 2nd and 98th percentile, for images with a few very bright voxels."""
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return 0.0, 1.0
    low, high = (float(each) for each in np.percentile(finite, [2.0, 98.0]))
    return (low, high) if high > low else limits(values, diverging=False)
