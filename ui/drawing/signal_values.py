"""The numbers behind the signals: under the mouse, and as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .signal_scale import with_prefix

if TYPE_CHECKING:
    from neurostudio.pages import Page
    from neurostudio.sources import Source


def value_at(page: Page, row: int, time: float, source: Source) -> str:
    """Return channel and value of a row at a time, in words."""
    nearest = int(np.abs(page.times - time).argmin())
    channel = page.picks[row]
    unit = source.units[channel]
    low, high = float(page.low[row, nearest]), float(page.high[row, nearest])
    value = with_prefix(low, unit)
    if high != low:
        value += f" … {with_prefix(high, unit)}"
    return f"{source.names[channel]}   {value}"


def columns_of(page: Page, source: Source) -> dict[str, list[object]]:
    """Return the samples of a page, or the least and greatest of each column of pixels."""
    found: dict[str, list[object]] = {"time (s)": page.times.tolist()}
    for row, k in enumerate(page.picks):
        unit = source.units[k] or "1"
        if page.edges is None:
            found[f"{source.names[k]} ({unit})"] = page.low[row].tolist()
        else:
            found[f"{source.names[k]} least ({unit})"] = page.low[row].tolist()
            found[f"{source.names[k]} greatest ({unit})"] = page.high[row].tolist()
    return found
