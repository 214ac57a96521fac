"""Draws curves, one plot an axis; the plotting library is imported when the first curve is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSplitter, QVBoxLayout, QWidget

from .theme import Colours, colour_plots, give_role, theme

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtGui import QResizeEvent

    from .curves import Curve

_WIDE, _LEGEND_MOST = 260, 4
_LEAST = 170  # pixels: of many axes, some are scrolled to
_DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)


class CurvePlots(QWidget):
    """A column of plots that keep their lines from one update to the next."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plots: dict[str, Any] = {}
        self._lines: dict[tuple[str, str], Any] = {}
        self._axis = "epoch"
        self.empty = QLabel("Curves appear here as soon as a run reports numbers.")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        give_role(self.empty, "dim")
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self._splitter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.empty)
        layout.addWidget(self._area)
        self._area.hide()
        theme().changed.connect(self._recolour)

    def show_curves(self, groups: Mapping[str, Sequence[Curve]], axis: str) -> None:
        """Draw curves; those of the same name go on, others go away."""
        self._axis = axis
        self.empty.setVisible(not groups)
        self._area.setVisible(bool(groups))
        for name in [each for each in self._plots if each not in groups]:
            self._drop(name)
        for group, some in groups.items():
            self._draw(group, some)

    def _drop(self, group: str) -> None:
        plot = self._plots.pop(group)
        plot.hide()
        plot.setParent(None)
        plot.deleteLater()
        self._lines = {key: line for key, line in self._lines.items() if key[0] != group}

    def _draw(self, group: str, some: Sequence[Curve]) -> None:
        plot = self._plot(group)
        plot.setLabel("bottom", self._axis)
        names = {curve.name for curve in some}
        for key in [each for each in self._lines if each[0] == group and each[1] not in names]:
            plot.removeItem(self._lines.pop(key))
        for number, curve in enumerate(some):
            line = self._lines.get((group, curve.name))
            if line is None:
                line = plot.plot(name=curve.name)
                self._lines[group, curve.name] = line
                _colour(line, number, theme().colours)
            single = len(curve.x) == 1  # one point makes no line
            line.setData(curve.x, curve.y, symbol="o" if single else None)
        self._fit_legends()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show legends only where they leave room for the curves."""
        super().resizeEvent(event)
        self._fit_legends()

    def _fit_legends(self) -> None:
        for group, plot in self._plots.items():
            names = [name for each, name in self._lines if each == group]
            fits = plot.width() >= _WIDE and len(names) <= _LEGEND_MOST
            plot.getPlotItem().legend.setVisible(fits)
            plot.setToolTip("\n".join(names))

    def _plot(self, group: str) -> Any:
        if group not in self._plots:
            import pyqtgraph

            colour_plots(theme().colours)
            plot = pyqtgraph.PlotWidget()
            plot.setMinimumWidth(_LEAST)
            plot.setLabel("left", group.replace("_", " "))
            for side in ("left", "bottom"):
                plot.getAxis(side).enableAutoSIPrefix(False)
            plot.showGrid(x=True, y=True, alpha=0.2)
            plot.addLegend(offset=(-10, 10))
            plot.getPlotItem().setMenuEnabled(False)
            plot.setAccessibleName(f"Curves of {group}")
            self._plots[group] = plot
            self._splitter.addWidget(plot)
            _colour_plot(plot, theme().colours)
        return self._plots[group]

    def _recolour(self, colours: Colours) -> None:
        for plot in self._plots.values():
            _colour_plot(plot, colours)
        counts: dict[str, int] = {}
        for (group, _), line in self._lines.items():
            number = counts[group] = counts.get(group, -1) + 1
            _colour(line, number, colours)


def _colour(line: Any, number: int, colours: Colours) -> None:
    import pyqtgraph

    colour = colours.lines[number % len(colours.lines)]
    dash = _DASHES[number // len(colours.lines) % len(_DASHES)]
    line.setPen(pyqtgraph.mkPen(colour, width=1.8, style=dash))
    line.setSymbolBrush(colour)
    line.setSymbolPen(colour)


def _colour_plot(plot: Any, colours: Colours) -> None:
    plot.setBackground(colours.base)
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setPen(colours.dim)
        axis.setTextPen(colours.text)
    legend = plot.getPlotItem().legend
    if legend is not None:
        legend.setLabelTextColor(colours.text)
