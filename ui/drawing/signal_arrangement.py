"""Which channels are shown, in which order and how large: a page becomes a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .signal_bar import ALL_TYPES
from .signal_picture import Bar, Picture, Row
from .signal_scale import nice, row_scales, with_prefix

if TYPE_CHECKING:
    from neurostudio.pages import Page
    from neurostudio.sources import Source

    from ..theme import Colours

_BAR = 1.5  # rows that a scale bar may be tall, and no more than this share of the plot
_BAR_SHARE = 0.3
_TOGETHER = 4.0  # times the value of a row, where many channels share a row
_BARS_MOST = 3


class Arrangement:
    """The order of the channels, those shown, and the value that fills a row, for each type."""

    def __init__(self, source: Source, order: tuple[int, ...]) -> None:
        self._source = source
        self.order = order
        self.shown = order
        self._scales: dict[str, float] = {}
        self._factors: dict[str, float] = {}
        self._key: tuple[object, ...] = ()
        self._looks: dict[str, Any] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the channels that are shown, in their order."""
        return tuple(self._source.names[k] for k in self.shown)

    def show(self, shown: tuple[int, ...]) -> None:
        """Show these channels, in this order; the others keep their places behind."""
        hidden = [k for k in self.order if k not in set(shown)]
        self.shown = shown
        self.order = (*shown, *hidden)

    def enlarge(self, factor: float, kind: str) -> None:
        """Draw one type of channel, or all, larger by a factor."""
        for each in set(self._source.types):
            if kind in {ALL_TYPES, each}:
                self._factors[each] = self._factors.get(each, 1.0) * factor

    def per_row(self, kind: str) -> float:
        """Return the value that fills a row."""
        return self._scales.get(kind, 1.0) / self._factors.get(kind, 1.0)

    def picture(
        self, page: Page, colours: Colours, *, butterfly: bool, quiet: bool, **rest: Any
    ) -> Picture:
        """Return a page with rows, colours and scale bars.

        ``quiet``: the curves in the colour of text, since what lies behind them is to be seen.
        """
        types = {self._source.types[k] for k in page.picks}
        if types - set(self._scales):
            kinds = [self._source.types[k] for k in page.picks]
            self._scales = row_scales(page, kinds) | self._scales
        key = (
            page.picks, self._source.bad, butterfly, quiet, colours.dark,
            *self._scales.items(), *self._factors.items(),
        )  # fmt: skip
        if key != self._key:
            self._key = key
            self._looks = self._look(page, colours, butterfly=butterfly, quiet=quiet)
        return Picture(page=page, **self._looks, **rest)

    def _look(
        self, page: Page, colours: Colours, *, butterfly: bool, quiet: bool
    ) -> dict[str, Any]:
        """Return what stays the same from page to page."""
        source = self._source
        types = [source.types[k] for k in page.picks]
        plain = {
            kind: colours.text if quiet else colours.lines[number % len(colours.lines)]
            for number, kind in enumerate(dict.fromkeys(source.types))
        }
        bad = [source.names[k] in source.bad for k in page.picks]
        seen = list(dict.fromkeys(types))
        room = _TOGETHER if butterfly else 1.0
        if butterfly:
            rows = tuple(Row(f"{kind} ({types.count(kind)})") for kind in seen)
            row = np.array([seen.index(kind) for kind in types], np.intp)
        else:
            rows = tuple(
                Row(source.names[k], is_bad) for k, is_bad in zip(page.picks, bad, strict=True)
            )
            row = np.arange(len(page.picks))
        return {
            "rows": rows,
            "row": row,
            "per_row": np.array([room * self.per_row(kind) for kind in types], np.float32),
            "colours": tuple(
                colours.border if is_bad else plain[kind]
                for kind, is_bad in zip(types, bad, strict=True)
            ),
            "bars": tuple(
                self._bar(page, kind, plain[kind], room * self.per_row(kind), len(rows))
                for kind in seen[:_BARS_MOST]
            ),
        }

    def _bar(self, page: Page, kind: str, colour: str, per_row: float, n_rows: int) -> Bar:
        source = self._source
        unit = next(source.units[k] for k in page.picks if source.types[k] == kind)
        value = nice(min(_BAR, _BAR_SHARE * n_rows) * per_row)
        return Bar(with_prefix(value, unit), value, per_row, colour)
