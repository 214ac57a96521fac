"""The page of a connectome: matrix, graph, body and table of the nodes over one model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QTabWidget, QVBoxLayout, QWidget

from ..background import Background
from ..theme import give_role
from .connectome_bar import ConnectomeBar
from .connectome_matrix import MatrixPlot, columns_of
from .connectome_order import (
    BY_LIKENESS,
    BY_NAME,
    COMPUTED,
    NO_GROUPS,
    communities,
    groups_by,
    no_groups,
    order_of,
)
from .connectome_space import brain_of, has_places
from .connectome_state import ConnectomeState
from .connectome_wires import span_of, wires_of
from .graph import GraphFigure
from .plot import Figure
from .time_slider import TimeSlider
from .units import UnitTable

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from PySide6.QtGui import QImage, QShowEvent

    from neurostudio.data import Connectome

    from .connectome_order import Groups
    from .connectome_wires import Span, Wires

AT_ONCE = 4 * 2**20  # bytes of a matrix that is read without a thread
SORTED_AT_ONCE = 2000  # nodes
MATRIX, GRAPH, SPACE, NODES = range(4)
_PAUSE = 250  # ms after which the body is drawn anew


def draw_data(data: Connectome) -> Figure:
    """Return the page of a connectome; a matrix of other sources than targets is drawn as one."""
    if data.matrix.sizes["source"] != data.matrix.sizes["target"]:
        from .heatmap import draw_data as as_heatmap

        return as_heatmap(data)
    return ConnectomeFigure(data)


class ConnectomeFigure(Figure):
    """Tabs over one :class:`ConnectomeState`; each is made when it is first looked at."""

    def __init__(self, data: Connectome) -> None:
        super().__init__()
        self._data = data
        self._time = 0
        self._stale = True
        self.state: ConnectomeState | None = None
        self._background = Background(self)
        self._redraw = QTimer(self, singleShot=True, interval=_PAUSE)
        self._redraw.timeout.connect(self._draw_space)
        self._inner = QWidget()
        self._column = QVBoxLayout(self._inner)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.reading = QLabel("Reading the matrix…")
        self.reading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.reading.setWordWrap(True)
        give_role(self.reading, "dim")
        self._column.addWidget(self.reading, 1)
        self.show_inside(self._inner)
        self._span: Span | None = None
        if data.nbytes() <= AT_ONCE:
            self._begin(_first(data))
        else:
            self._background.in_order(_first, data, done=self._begin, failed=self._failed)

    # ---- making ----------------------------------------------------------------------------------

    def _begin(self, wires: Wires) -> None:
        """Show what was read first."""
        self.reading.hide()
        self._span = wires.span
        self.state = state = ConnectomeState(wires, self)
        self.bar = ConnectomeBar(state)
        self.matrix = MatrixPlot(state)
        self.graph: GraphFigure | None = None
        self.nodes: UnitTable | None = None
        self.space: Any = None
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self._pages = [QWidget() for _ in range(4)]
        for page, name in zip(self._pages, ("Matrix", "Graph", "3D", "Nodes"), strict=True):
            QVBoxLayout(page).setContentsMargins(0, 0, 0, 0)
            self.tabs.addTab(page, name)
        _inside(self._pages[MATRIX], self.matrix)
        self.tabs.setTabEnabled(SPACE, has_places(state))
        if not has_places(state):
            self.tabs.setTabToolTip(SPACE, "The nodes have no places (x, y, z in mm).")
        self.words = QLabel()
        self.words.setContentsMargins(8, 0, 8, 2)
        self.pointed = QLabel(" ")
        self.pointed.setContentsMargins(8, 0, 8, 0)
        give_role(self.words, "dim")
        _inside(self._pages[MATRIX], self.pointed, at=1, stretch=0)
        for widget, stretch in ((self.bar, 0), (self.tabs, 1), (self.words, 0)):
            self._column.addWidget(widget, stretch)
        self._add_slider()
        self.bar.arranged.connect(self._arrange)
        self.bar.log.setChecked(self.matrix.log)
        self.bar.logged.connect(self.matrix.use_log)
        self.matrix.pointed.connect(self._point)
        state.changed.connect(self._changed)
        self.tabs.currentChanged.connect(self._make)
        self._arrange(*self.bar.choice)
        self._offer_export()
        self._say()

    def showEvent(self, event: QShowEvent) -> None:
        """Offer the window's own way of exporting."""
        super().showEvent(event)
        self._offer_export()

    def _offer_export(self) -> None:
        action = self.window().findChild(QAction, "data.export")
        if self.state is not None and isinstance(action, QAction) and self.bar.export.isHidden():
            self.bar.export.clicked.connect(action.trigger)
            self.bar.export.show()

    def _add_slider(self) -> None:
        matrix = self._data.matrix
        n_times = matrix.sizes.get("time", 1)
        known = "time" in matrix.coords and matrix["time"].dtype.kind in "iuf"
        times = matrix["time"].to_numpy() if known else np.arange(n_times)
        self.slider = TimeSlider(times, "s" if known else "", self)
        self.slider.moved.connect(self.go_to)
        self.slider.setContentsMargins(8, 0, 12, 4)
        self._column.addWidget(self.slider)

    def _make(self, number: int) -> None:
        """Make a page when it is first looked at."""
        if number == GRAPH and self.graph is None:
            assert self.state is not None  # noqa: S101  there are no tabs before
            self.graph = GraphFigure(self.state)
            _inside(self._pages[GRAPH], self.graph)
        elif number == NODES and self._stale:
            self._list_nodes()
        elif number == SPACE:
            self._draw_space()

    def _list_nodes(self) -> None:
        state = self.state
        assert state is not None  # noqa: S101  there are no tabs before
        self._stale = False
        columns: dict[str, list[Any]] = {"node": list(state.wires.names)}
        columns |= state.wires.degrees(state.count)
        facts = {name: values for name, values in state.wires.facts.items() if name not in columns}
        units = {axis: f"{axis} (mm)" for axis in "xyz"}
        columns |= {units.get(name, name): values for name, values in facts.items()}
        if state.grouping == COMPUTED:
            columns["communities"] = [state.groups.names[k] for k in state.groups.of]
        table = UnitTable(columns, "node")
        if self.nodes is not None:
            header = self.nodes.view.horizontalHeader()
            sorting = (header.sortIndicatorSection(), header.sortIndicatorOrder())
            if 0 <= sorting[0] < table.model.columnCount():
                table.view.sortByColumn(*sorting)
            table.filter.setText(self.nodes.filter.text())
            self.nodes.deleteLater()
        self.nodes = table
        _inside(self._pages[NODES], table)

    def _draw_space(self) -> None:
        """Draw the body anew with the connections that are shown now."""
        assert self.state is not None  # noqa: S101  there are no tabs before
        from . import widget_for

        found = brain_of(self.state)
        if self.space is None:
            self.space = widget_for(found)
            _inside(self._pages[SPACE], self.space)
        else:
            self.space.take(found)

    # ---- what changes ----------------------------------------------------------------------------

    def go_to(self, time: int) -> None:
        """Show another of the times."""
        if time == self._time:
            return
        self._time = time
        if self._data.nbytes() <= AT_ONCE:
            self._take(_timed(self._data, time, self._span))
        else:
            self._background.in_order(
                _timed, self._data, time, self._span, done=self._take, failed=self._failed
            )

    def _take(self, found: tuple[int, Wires]) -> None:
        time, wires = found
        if self.state is not None and time == self._time:  # else it has moved on meanwhile
            self.state.take(wires)

    def _changed(self) -> None:
        self._say()
        self._refresh_nodes()
        if self.tabs.currentIndex() == SPACE:
            self._redraw.start()

    def _refresh_nodes(self) -> None:
        """Make the table anew where it is looked at, else when it is next."""
        self._stale = True
        if self.tabs.currentIndex() == NODES:
            self._list_nodes()

    def _say(self) -> None:
        assert self.state is not None  # noqa: S101  there are no words before
        words = self.state.words()
        self.words.setText(words if self.state.count else f"{words}. Nothing is connected.")

    def _point(self, words: str) -> None:
        self.pointed.setText(words or " ")

    def _arrange(self, grouping: str, how: str) -> None:
        """Group and order the nodes; what takes long is done in a thread."""
        assert self.state is not None  # noqa: S101  there is no bar before
        wires = self.state.wires
        if grouping in wires.facts or grouping == NO_GROUPS:
            groups = no_groups(wires) if grouping == NO_GROUPS else groups_by(wires, grouping)
            if how not in {BY_NAME, BY_LIKENESS} or (
                how == BY_NAME and wires.n_nodes <= SORTED_AT_ONCE
            ):
                self.state.arrange(grouping, groups, how, order_of(wires, how, groups))
                return
        self._background.in_order(
            _arranged, wires, grouping, how, done=self._arranged, failed=self._failed
        )

    def _arranged(self, found: tuple[str, Groups, str, NDArray[np.int64]]) -> None:
        grouping, groups, how, order = found
        if self.state is not None and (grouping, how) == self.bar.choice:
            self.state.arrange(grouping, groups, how, order)
            self._refresh_nodes()

    def _failed(self, error: Exception) -> None:
        self.reading.setText(f"The connectome cannot be shown: {error}")
        give_role(self.reading, "bad")
        self.reading.show()

    # ---- what is kept ----------------------------------------------------------------------------

    @property
    def shown(self) -> QWidget:
        """The picture of the page that is looked at."""
        pages = (self.matrix, self.graph, self.space, self.nodes)
        return pages[self.tabs.currentIndex()] or self.matrix

    def image(self) -> QImage:
        """Return the picture of the page that is looked at."""
        shown = self.shown if self.state is not None else self
        if isinstance(shown, Figure) and shown is not self:
            return shown.image()
        return super().image()

    def save(self, path: Path) -> None:
        """Write the picture of the page that is looked at as PNG or SVG."""
        shown = self.shown if self.state is not None else self
        if isinstance(shown, Figure) and shown is not self:
            shown.save(path)
        else:
            super().save(path)

    def columns(self) -> dict[str, list[object]]:
        """Return the table of the nodes where it is looked at, else the connections that are shown."""
        if self.state is None:
            return {}
        if self.tabs.currentIndex() == NODES and self.nodes is not None:
            return self.nodes.columns()
        return columns_of(self.state)


def _inside(page: QWidget, widget: QWidget, at: int = 0, stretch: int = 1) -> None:
    layout = page.layout()
    assert isinstance(layout, QVBoxLayout)  # noqa: S101  each page was given one
    layout.insertWidget(at, widget, stretch)


def _first(data: Connectome) -> Wires:
    return wires_of(data, 0, span_of(data))


def _timed(data: Connectome, time: int, span: Span | None) -> tuple[int, Wires]:
    return time, wires_of(data, time, span)


def _arranged(wires: Wires, grouping: str, how: str) -> tuple[str, Groups, str, NDArray[np.int64]]:
    if grouping == COMPUTED:
        groups = communities(wires)
    else:
        groups = no_groups(wires) if grouping == NO_GROUPS else groups_by(wires, grouping)
    return grouping, groups, how, order_of(wires, how, groups)
