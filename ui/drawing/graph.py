"""A graph with its layouts, legend and the neighbours of what is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from ..theme import give_role, theme
from .connectome_matrix import columns_of
from .connectome_order import groups_by
from .connectome_state import ConnectomeState
from .connectome_wires import wires_of_view
from .graph_canvas import GraphPlot
from .graph_layout import CIRCLE, SPACE, SPRINGS, in_space
from .graph_neighbours import Neighbours
from .plot import Figure

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QImage

    from neurostudio.views import Graph

    from ..theme import Colours
    from . import Resolve

_CANVAS, _LIST = 760, 230  # pixels at first
_LEGEND_MOST = 16


def draw(view: Graph, resolve: Resolve | None) -> GraphFigure:
    """Return the graph of a result."""
    import numpy as np

    del resolve
    state = ConnectomeState(wires_of_view(view))
    if view.groups:
        state.arrange("group", groups_by(state.wires, "group"), state.how, state.order)
    places = None if view.positions is None else np.asarray(view.positions, float)
    figure = GraphFigure(state, places, view.caption)
    state.setParent(figure)
    return figure


class GraphFigure(Figure):
    """The canvas, a choice of layouts above it, and the neighbours beside it."""

    def __init__(
        self,
        state: ConnectomeState,
        places: NDArray[np.float64] | None = None,
        caption: str = "",
    ) -> None:
        super().__init__(caption)
        self.state = state
        self.canvas = GraphPlot(state, places)
        self.neighbours = Neighbours(state)
        self.layouts = QComboBox()
        self.layouts.setAccessibleName("Layout")
        self.layouts.addItems([CIRCLE, SPRINGS])
        if places is not None:
            self.layouts.setItemText(0, "As given")
        if in_space(state.wires) is not None:
            self.layouts.addItem(SPACE)
        self.layouts.setToolTip(
            "Circle: group by group. Springs: what is connected comes together. Space: as in the body"
        )
        self.layouts.currentTextChanged.connect(self._arrange)
        self.legend = QLabel()
        self.legend.setWordWrap(True)
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.words = QLabel(" ")
        give_role(self.words, "dim")
        self.said = QLabel(" ")
        give_role(self.said, "dim")
        self.canvas.pointed.connect(self.words.setText)
        self.canvas.told.connect(self.said.setText)
        self.show_inside(self._build())
        state.regrouped.connect(self._explain)
        theme().changed.connect(self._explain)
        self._explain()

    def _build(self) -> QWidget:
        above = QHBoxLayout()
        above.setContentsMargins(8, 4, 8, 0)
        above.addWidget(QLabel("Layout"))
        above.addWidget(self.layouts)
        above.addWidget(self.legend, 1)
        below = QHBoxLayout()
        below.setContentsMargins(8, 0, 8, 2)
        below.addWidget(self.words, 1)
        below.addWidget(self.said)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(above)
        column.addWidget(self.canvas, 1)
        column.addLayout(below)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(left)
        splitter.addWidget(self.neighbours)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 0)
        splitter.setSizes([_CANVAS, _LIST])
        return splitter

    def _arrange(self, name: str) -> None:
        self.canvas.arrange(CIRCLE if name == "As given" else name)

    def _explain(self, colours: Colours | None = None) -> None:
        """Write which colour is which group."""
        lines = (colours or theme().colours).lines
        names = self.state.groups.names if len(self.state.groups.names) > 1 else ()
        words = [
            f'<span style="color:{lines[k % len(lines)]}">●</span>&nbsp;{_plain(name)}'
            for k, name in enumerate(names[:_LEGEND_MOST])
        ]
        if len(names) > _LEGEND_MOST:
            words.append(f"and {len(names) - _LEGEND_MOST} more")
        self.legend.setText("&nbsp;&nbsp; ".join(words))

    def image(self) -> QImage:
        """Return the picture of the canvas."""
        return self.canvas.image()

    def save(self, path: Path) -> None:
        """Write the canvas as PNG or SVG."""
        self.canvas.save(path)

    def columns(self) -> dict[str, list[object]]:
        """Return the connections that are shown, a row each."""
        return columns_of(self.state)


def _plain(name: str) -> str:
    """Return a name whose signs are no markup."""
    from html import escape

    return escape(name or "none").replace(" ", "&nbsp;")
