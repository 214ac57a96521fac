"""What lies under the curves of the signal view: a value for each channel and sample; colours of marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QColor, QImage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from neurostudio.marks import Mark
    from neurostudio.pages import Page
    from neurostudio.views import Signals

    from ..theme import Colours

_COLUMNS_MOST = 2000
_STRONGEST = 210  # of 255


class Overlay:
    """A value for each channel and sample, as colour behind the curves."""

    def __init__(self, names: tuple[str, ...], view: Signals | None) -> None:
        self._view = view
        self._rows: np.ndarray | None = None
        self._top = 1.0
        if view is not None and view.overlay is not None:
            self._rows = _by_channel(view, view.overlay, names)
            self._top = float(np.nanpercentile(self._rows, 99)) or 1.0

    @property
    def there(self) -> bool:
        """Whether there is an overlay at all."""
        return self._rows is not None

    def image(self, page: Page, colours: Colours) -> tuple[QImage | None, tuple[float, float]]:
        """Return the overlay of a page, a row a curve, and the seconds that it spans."""
        view, rows = self._view, self._rows
        if rows is None or view is None:
            return None, (0.0, 0.0)
        first = max(0, int((page.start - view.start) * view.rate))
        last = min(rows.shape[1], int((page.stop - view.start) * view.rate) + 1)
        if last <= first:
            return None, (0.0, 0.0)
        step = max(1, (last - first) // _COLUMNS_MOST)
        values = np.nan_to_num(rows[list(page.picks), first:last:step] / self._top)
        strength = (np.clip(values, 0.0, 1.0) * _STRONGEST).astype(np.uint32)
        colour = QColor(colours.lines[1])
        plain = np.uint32((colour.red() << 16) | (colour.green() << 8) | colour.blue())
        pixels = np.ascontiguousarray((strength << np.uint32(24)) | plain)
        height, width = pixels.shape
        image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32).copy()
        return image, (view.start + first / view.rate, view.start + last / view.rate)


def _by_channel(view: Signals, overlay: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Return sizes with a row for each channel of the source, zero where it has none."""
    known = {name: k for k, name in enumerate(names)}
    rows = np.zeros((len(names), overlay.shape[1]), np.float32)
    for k, name in enumerate(view.channels):
        if name in known:
            rows[known[name]] = np.abs(overlay[k])
    return rows


def ordered(names: tuple[str, ...], view: Signals | None) -> tuple[int, ...]:
    """Return the channels to show: those that a view names, in its order, else all."""
    if view is not None and view.channels:
        known = {name: k for k, name in enumerate(names)}
        return tuple(known[name] for name in view.channels if name in known)
    return tuple(range(len(names)))


def mark_colours(
    happenings: Iterable[Mark], chosen: dict[str, str], colours: Colours
) -> dict[str, str]:
    """Return a colour for the words of each mark: as chosen, bad stretches in the colour of faults."""
    words = list(dict.fromkeys(each.text for each in happenings))
    free = colours.lines[1:]
    found: dict[str, str] = {}
    for k, text in enumerate(words):
        is_bad = text.casefold().startswith("bad")
        found[text] = chosen.get(text) or (colours.bad if is_bad else free[k % len(free)])
    return found
