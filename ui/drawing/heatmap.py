"""A matrix as colours, with a scale that has a unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt

from ..linking import links
from .axis_names import AxisNames
from .colour_scale import colour_map, limits
from .plot import Plot, label_axis, pen
from .raster_marks import ChosenRows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.data import Connectome
    from neurostudio.views import Heatmap

    from ..theme import Colours
    from . import Resolve

_LENGTHS = frozenset(
    {"m", "cm", "mm", "µm"}
)  # both axes in one of these: a place, drawn in proportion
_UNITS = frozenset({"unit", "trace", "neuron"})  # rows of these labels can be chosen


def draw(view: Heatmap, resolve: Resolve | None) -> HeatmapPlot:
    """Return a heat map."""
    del resolve
    return HeatmapPlot(view)


def draw_data(data: Connectome) -> HeatmapPlot:
    """Return a connectome as a matrix of its mean over time."""
    from neurostudio.views import Heatmap

    matrix = data.matrix
    values = matrix.mean("time") if "time" in matrix.dims else matrix
    names = data.names("nodes")
    known = "target" in values.coords
    targets = tuple(map(str, values["target"].to_numpy())) if known else ()
    array = np.asarray(values.values, float)
    return HeatmapPlot(
        Heatmap(
            values=array,
            x_names=targets or (names if array.shape[0] == array.shape[1] else ()),
            y_names=names,
            x_label="target",
            y_label="source",
            value_label="weight",
            diverging=bool(np.nanmin(array, initial=0.0) < 0),
            title=data.summary(),
        )
    )


class HeatmapPlot(Plot):
    """Colours in cells; the first row on top."""

    def __init__(self, view: Heatmap) -> None:
        super().__init__(view.caption)
        self._view = view
        self.begin()
        if view.y_names:
            links().units_chosen.connect(self._choose)

    def draw(self, colours: Colours) -> None:
        """Fill the area."""
        view = self._view
        plot = self.axes(
            0,
            0,
            title=view.title,
            x=(view.x_label, view.x_unit),
            y=(view.y_label, view.y_unit),
            grid=False,
            time=view.axis == "time",
        )
        values = np.asarray(view.values, float)
        n_rows, n_columns = values.shape
        low, high = view.span or limits(values, diverging=view.diverging)
        image = pg.ImageItem(values, axisOrder="row-major", levels=(low, high))
        image.setColorMap(colour_map(diverging=view.diverging, dark=colours.dark))
        left, width = _extent(view.x, n_columns)
        top, height = _extent(view.y, n_rows)
        image.setRect(QRectF(left, top, width, height))
        plot.addItem(image)
        plot.getViewBox().invertY(not _falls(view.y))
        plot.getViewBox().setDefaultPadding(0.0)
        plot.setAspectLocked(view.x_unit == view.y_unit and view.x_unit in _LENGTHS)
        plot.autoRange(padding=0.0)
        self._names = [
            AxisNames(plot, side, names, centres)
            for side, names, centres in (
                ("bottom", view.x_names, view.x),
                ("left", view.y_names, view.y),
            )
        ]
        self._plot = plot
        plot.scene().sigMouseClicked.connect(self._clicked)
        self._mark = ChosenRows(plot, colours, (left, left + width))
        self._top, self._height = top, height / max(n_rows, 1)
        self._choose()
        for outline in view.outlines:
            plot.plot(outline[:, 0], outline[:, 1], pen=pen(colours.text, 2))
        if view.show_values:
            self._values(plot, values, (left, top), (low, high), colours)
        bar = pg.ColorBarItem((low, high), colorMap=image.getColorMap(), interactive=False)
        label_axis(bar.axis, view.value_label, view.value_unit)
        bar.axis.setPen(colours.border)
        bar.axis.setTextPen(colours.text)
        self.area.addItem(bar, 0, 1)

    def _clicked(self, event: Any) -> None:
        """Choose the unit of a row, or with Ctrl take it to or from those that are chosen."""
        names, box = self._view.y_names, self._plot.getViewBox()
        if self._view.y_label not in _UNITS or event.button() != Qt.MouseButton.LeftButton:
            return
        if names and box.sceneBoundingRect().contains(event.scenePos()):
            place = box.mapSceneToView(event.scenePos()).y()
            row = int((place - self._top) // self._height)
            more = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            links().choose_units(links().units ^ {names[row]} if more else {names[row]})

    def _choose(self, names: object = None) -> None:
        """Mark the rows whose names are chosen."""
        del names
        chosen = links().units
        rows = [k for k, name in enumerate(self._view.y_names) if name in chosen]
        self._mark.show(rows, self._top, self._height)

    def _values(
        self,
        plot: pg.PlotItem,
        values: NDArray[np.float64],
        corner: tuple[float, float],
        ends: tuple[float, float],
        colours: Colours,
    ) -> None:
        low, high = ends
        for (row, column), value in np.ndenumerate(values):
            share = (value - low) / (high - low) if high > low else 0.0
            bright = share > 0.5 if not colours.dark else share < 0.5
            text = pg.TextItem(
                f"{value:.3g}", color="#ffffff" if bright else "#111111", anchor=(0.5, 0.5)
            )
            text.setPos(corner[0] + column + 0.5, corner[1] + row + 0.5)
            plot.addItem(text)

    def columns(self) -> dict[str, list[object]]:
        """Return the matrix, a column a column."""
        view = self._view
        n_columns = view.values.shape[1]
        names = view.x_names or tuple(str(k) for k in range(n_columns))
        found: dict[str, list[object]] = {}
        if view.y_names:
            found[view.y_label or "row"] = list(view.y_names)
        return found | {name: view.values[:, k].tolist() for k, name in enumerate(names)}


def _falls(centres: NDArray[np.float64] | None) -> bool:
    """Return whether rows go down in value: then the axis points up, and the first row is on top."""
    return centres is not None and len(centres) > 1 and float(centres[0]) > float(centres[-1])


def _extent(centres: NDArray[np.float64] | None, n: int) -> tuple[float, float]:
    """Return where the first cell begins and how long all cells are."""
    if centres is None or len(centres) < 2:
        return -0.5, float(n)
    step = (float(centres[-1]) - float(centres[0])) / (n - 1)
    return float(centres[0]) - step / 2, step * n
