"""How tall a channel is drawn, and the bar that says it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg

from .plot import PREFIXED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neurostudio.pages import Page


_ENOUGH = 48  # channels of a type that tell its size


def row_scales(page: Page, types: Sequence[str]) -> dict[str, float]:
    """Return the value that fills one row, for each type of channel: robust against artefacts.

    ``types`` are those of the page's curves.
    """
    found: dict[str, float] = {}
    for kind in dict.fromkeys(types):
        rows = [k for k, each in enumerate(types) if each == kind][:_ENOUGH]
        low = np.where(np.isfinite(page.low[rows]), page.low[rows], np.nan)
        high = np.where(np.isfinite(page.high[rows]), page.high[rows], np.nan)
        known = ~(np.isnan(low).all(axis=1) | np.isnan(high).all(axis=1))
        if not known.any():
            continue
        bottom = np.nanpercentile(low[known], 1.0, axis=1)
        top = np.nanpercentile(high[known], 99.0, axis=1)
        heights = (top - bottom)[top > bottom]
        found[kind] = float(np.median(heights)) if heights.size else 1.0
    return found


def nice(value: float) -> float:
    """Return the nearest 1, 2 or 5 times a power of ten below a value.

    >>> nice(0.00008)
    5e-05
    """
    power = 10.0 ** math.floor(math.log10(value))
    step = max(each for each in (1, 2, 5) if each * power <= value * (1 + 1e-9))
    return float(f"{step * power:.6g}")


def with_prefix(value: float, unit: str) -> str:
    """Return a value as a person writes it.

    >>> with_prefix(0.00005, "V")
    '50 µV'
    """
    if unit in PREFIXED and value != 0 and math.isfinite(value):
        scale, prefix = pg.functions.siScale(value)
        return f"{value * scale:.4g} {prefix}{unit}"
    return f"{value:.4g} {'' if unit == '1' else unit}".strip()
