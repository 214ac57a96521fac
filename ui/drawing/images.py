"""Pictures side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg

from .colour_scale import colour_map, limits
from .plot import Plot, label_axis

if TYPE_CHECKING:
    from neurostudio.data import ImageStack
    from neurostudio.views import Images

    from ..theme import Colours
    from . import Resolve

_MOST = 48
_NAME_MOST = 13


def draw(view: Images, resolve: Resolve | None) -> ImagesPlot:
    """Return pictures in a grid."""
    del resolve
    return ImagesPlot(view)


def draw_data(data: ImageStack) -> Plot:
    """Return the first pictures of a stack, which alone are read; a film where they follow in time."""
    from neurostudio.views import Images

    from .frames import FramesPlot

    array = data.array
    if array.dims[0] == "time":
        return FramesPlot(data)
    first = array.dims[0]
    shown = array.isel({first: slice(0, _MOST)})
    names: tuple[str, ...] = ()
    for label in ("label", "id"):
        if label in shown.coords:
            names = tuple(str(each) for each in shown.coords[label].values)
            break
    more = array.sizes[first] - shown.sizes[first]
    caption = f"The first {_MOST}; {more:,} more." if more > 0 else ""
    return ImagesPlot(
        Images(pixels=np.asarray(shown.values), names=names, title=data.summary(), caption=caption)
    )


class ImagesPlot(Plot):
    """A grid of pictures, each with its name."""

    def __init__(self, view: Images) -> None:
        more = len(view.pixels) - _MOST
        note = f"The first {_MOST}; {more:,} more." if more > 0 else ""
        super().__init__("  ".join(each for each in (view.caption, note) if each))
        self._view = view
        self.begin()

    def draw(self, colours: Colours) -> None:
        """Fill the area."""
        view = self._view
        pixels = view.pixels[:_MOST]
        n_columns = view.columns or max(1, math.ceil(math.sqrt(len(pixels) * 1.6)))
        grey = pixels.ndim == 3
        span = limits(np.asarray(pixels, float), diverging=view.diverging) if grey else None
        # colours as fractions have no levels of their own, and pyqtgraph crashes without any
        levels = (0.0, 1.0) if not grey and pixels.dtype.kind == "f" else span
        if view.title:
            self.area.addLabel(view.title, row=0, col=0, colspan=n_columns, color=colours.text)
        for k, each in enumerate(pixels):
            box = self.area.addPlot(row=1 + k // n_columns, col=k % n_columns)
            box.setMenuEnabled(False)
            box.hideAxis("left")
            box.hideAxis("bottom")
            box.setAspectLocked(True)
            box.invertY(True)
            if view.names:
                box.setTitle(_short(view.names[k]), color=colours.dim, size="7pt")
            item = pg.ImageItem(each, axisOrder="row-major", levels=levels)
            if grey:
                item.setColorMap(_scale(view, colours))
            box.addItem(item)
        if span is not None and view.value_unit:
            self._legend(view, span, n_columns, colours)

    def _legend(
        self, view: Images, span: tuple[float, float], n_columns: int, colours: Colours
    ) -> None:
        bar = pg.ColorBarItem(span, colorMap=_scale(view, colours), interactive=False, width=14)
        label_axis(bar.axis, "", view.value_unit)
        bar.axis.setPen(colours.border)
        bar.axis.setTextPen(colours.text)
        n_rows = -(-min(len(view.pixels), _MOST) // n_columns)
        self.area.addItem(bar, 1, n_columns, n_rows, 1)


def _scale(view: Images, colours: Colours) -> pg.ColorMap:
    """Return grey for pictures; for values with a unit colours whose lowest is no ground."""
    if view.diverging:
        return colour_map(diverging=True, dark=colours.dark)
    if view.value_unit:
        return pg.colormap.get("viridis")
    return pg.ColorMap([0.0, 1.0], ["#000000", "#ffffff"])


def _short(name: str) -> str:
    return name if len(name) <= _NAME_MOST else name[: _NAME_MOST - 1] + "…"
