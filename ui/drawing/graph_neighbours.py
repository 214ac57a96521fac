"""The neighbours of the nodes that are chosen, with the weights out and in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..linking import links
from ..theme import give_role

if TYPE_CHECKING:
    from .connectome_state import ConnectomeState

_MOST = 500


class Neighbours(QWidget):
    """A list: who, out or in, how strongly; a double click goes on to the neighbour."""

    def __init__(self, state: ConnectomeState) -> None:
        super().__init__()
        self._state = state
        self.heading = QLabel()
        self.heading.setWordWrap(True)
        give_role(self.heading, "heading")
        self.hint = QLabel("Click a node to list its neighbours. With Ctrl, choose several.")
        self.hint.setWordWrap(True)
        give_role(self.hint, "dim")
        self.list = QTreeWidget()
        self.list.setAccessibleName("Neighbours")
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setToolTip("Double click: choose this node")
        unit = state.wires.unit
        self._unit = "" if unit in {"", "1"} else f" in {unit}"
        self.list.setHeaderLabels(["neighbour", "", "weight"])
        header = self.list.header()
        header.setStretchLastSection(False)
        for column, mode in enumerate(("Stretch", "ResizeToContents", "ResizeToContents")):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode[mode])
        self.list.itemDoubleClicked.connect(self._go)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self.heading)
        layout.addWidget(self.hint)
        layout.addWidget(self.list, 1)
        links().units_chosen.connect(self.refresh)
        state.changed.connect(self.refresh)
        self.refresh()

    def refresh(self, names: object = None) -> None:
        """List the neighbours of the nodes that are chosen now."""
        del names
        state = self._state
        chosen = state.chosen()
        self.list.clear()
        some = ", ".join(state.wires.names[k] for k in chosen[:3])
        more = ", …" if len(chosen) > 3 else ""
        self.heading.setText(f"{some}{more}: weights{self._unit}")
        self.heading.setVisible(bool(chosen))
        self.hint.setVisible(not chosen)
        rows = neighbours(state, chosen)
        if chosen and not rows:
            self.heading.setText(f"{some}: no connections at this threshold")
        for name, way, weight in rows[:_MOST]:
            item = QTreeWidgetItem([name, way, f"{weight:.4g}"])
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.list.addTopLevelItem(item)

    def _go(self, item: QTreeWidgetItem) -> None:
        links().choose_units({item.text(0)})


def neighbours(state: ConnectomeState, chosen: list[int]) -> list[tuple[str, str, float]]:
    """Return name, direction (→ out, ← in, ↔ undirected) and weight, the strongest first."""
    wires, count = state.wires, state.count
    source, target = wires.source[:count], wires.target[:count]
    out = np.isin(source, chosen) & (source != target)
    into = np.isin(target, chosen) & (source != target) & wires.directed
    found = []
    for k in np.flatnonzero(out | into):
        weight = float(wires.weights[k])
        if out[k]:
            found.append((wires.names[target[k]], "→" if wires.directed else "↔", weight))
        if into[k]:
            found.append((wires.names[source[k]], "←", weight))
    return found
