"""Values beside their null distribution: what is found, and what is found where there is nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg

from .plot import Plot, add_legend, pen

if TYPE_CHECKING:
    from neurostudio.views import NullControl

    from ..theme import Colours
    from . import Resolve

_WIDTH, _SPREAD = 0.28, 0.12
_ROW = 0.09  # of the range of values: as high as a line of the legend


def draw(view: NullControl, resolve: Resolve | None) -> NullControlPlot:
    """Return values beside their control."""
    del resolve
    return NullControlPlot(view)


class NullControlPlot(Plot):
    """One column a value: the value with its interval, the draws of the control, chance, baseline."""

    def __init__(self, view: NullControl) -> None:
        super().__init__(view.caption)
        self._view = view
        self.begin()

    def draw(self, colours: Colours) -> None:
        """Fill the area."""
        view = self._view
        values = np.atleast_1d(np.asarray(view.values, float))
        plot = self.axes(0, 0, title=view.title, y=(view.y_label, view.y_unit))
        legend = add_legend(plot)
        places = np.arange(len(values), dtype=float)
        self._null(plot, places, colours)
        self._marks(plot, places, colours)
        self._interval(plot, places, values, colours)
        found = pg.ScatterPlotItem(
            places - _SPREAD, values, size=11, brush=colours.lines[0], pen=pen(colours.base, 1)
        )
        plot.addItem(found)
        legend.addItem(found, "found")
        names = view.names or tuple(str(k + 1) for k in range(len(values)))
        plot.getAxis("bottom").setTicks([list(zip(places, names, strict=True))])
        plot.setXRange(-0.6, len(values) - 0.4, padding=0)
        _make_room(plot, len(legend.items))

    def _null(self, plot: pg.PlotItem, places: Any, colours: Colours) -> None:
        null = np.atleast_2d(np.asarray(self._view.null, float))
        random = np.random.default_rng(0)  # only spreads the dots
        for place, row in zip(places, null, strict=True):
            draws = row[np.isfinite(row)]
            if not len(draws):
                continue
            x = place + _SPREAD + random.uniform(-0.05, 0.05, len(draws))
            dots = pg.ScatterPlotItem(x, draws, size=5, brush=colours.dim, pen=None)
            dots.setOpacity(0.5)
            plot.addItem(dots)
            low, high = np.percentile(draws, [2.5, 97.5])
            for level in (low, high):
                line = pg.PlotCurveItem(
                    [place + _SPREAD - 0.08, place + _SPREAD + 0.08],
                    [level, level],
                    pen=pen(colours.dim, 1.5),
                )
                plot.addItem(line)
        sample = pg.ScatterPlotItem(size=6, brush=colours.dim, pen=None)
        plot.legend.addItem(sample, f"{self._view.null_name} (bars: middle 95 %)")

    def _marks(self, plot: pg.PlotItem, places: Any, colours: Colours) -> None:
        for name, levels, colour in (
            ("chance", self._view.chance, colours.dim),
            ("baseline", self._view.baseline, colours.lines[1]),
        ):
            if levels is None:
                continue
            x = np.stack(
                [places - _WIDTH, places + _WIDTH, np.full(len(places), np.nan)], 1
            ).ravel()
            y = np.repeat(np.asarray(levels, float) * np.ones(len(places)), 3)
            curve = pg.PlotCurveItem(x, y, connect="finite", pen=pen(colour, 1.5, dashed=True))
            plot.addItem(curve)
            plot.legend.addItem(curve, name)

    def _interval(self, plot: pg.PlotItem, places: Any, values: Any, colours: Colours) -> None:
        low, high = self._view.low, self._view.high
        if low is None or high is None:
            return
        bars = pg.ErrorBarItem(
            x=places - _SPREAD,
            y=values,
            top=np.asarray(high, float) - values,
            bottom=values - np.asarray(low, float),
            beam=0.06,
            pen=pen(colours.lines[0], 1.5),
        )
        plot.addItem(bars)

    def columns(self) -> dict[str, list[object]]:
        """Return the values and the middle of their control."""
        view = self._view
        null = np.atleast_2d(np.asarray(view.null, float))
        found: dict[str, list[object]] = {
            "name": list(view.names),
            view.y_label or "value": np.atleast_1d(view.values).tolist(),
            f"{view.null_name}, mean": np.nanmean(null, axis=1).tolist(),
        }
        return found


def _make_room(plot: pg.PlotItem, n_rows: int) -> None:
    """Leave room above what is drawn, so that the legend hides no value."""
    low, high = plot.getViewBox().childrenBounds()[1]
    plot.setYRange(low, high + _ROW * n_rows * (high - low))
