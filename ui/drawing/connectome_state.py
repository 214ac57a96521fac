"""What all pictures of one connectome share: connections, threshold, groups, order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from ..linking import links
from .connectome_order import AS_GIVEN, Groups, no_groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .connectome_wires import Wires


class ConnectomeState(QObject):
    """One model under Matrix, Graph, 3D and Nodes.

    ``changed``: other connections are shown (time, threshold). ``regrouped``: other groups or another order.
    """

    changed = Signal()
    regrouped = Signal()

    def __init__(self, wires: Wires, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.wires = wires
        self.share, self.value = 100.0, 0.0
        self.count = wires.n_edges
        self.grouping = ""
        self.groups = no_groups(wires)
        self.how = AS_GIVEN
        self.order: NDArray[np.int64] = np.arange(wires.n_nodes)
        self._number = {name: k for k, name in enumerate(wires.names)}

    def take(self, wires: Wires) -> None:
        """Show the connections of another time, at the same threshold."""
        self.wires = wires
        self._cut()

    def keep_share(self, share: float) -> None:
        """Show the strongest connections: a share of them in percent."""
        self.share, self.value = share, 0.0
        self._cut()

    def keep_value(self, value: float) -> None:
        """Show the connections that are at least as strong as a value."""
        self.share, self.value = 100.0, value
        self._cut()

    def _cut(self) -> None:
        self.count = round(self.share / 100 * self.wires.n_edges)
        if self.value > 0:
            self.count = self.wires.at_least(self.value)
        self.changed.emit()

    def arrange(self, grouping: str, groups: Groups, how: str, order: NDArray[np.int64]) -> None:
        """Use groups and an order of the nodes."""
        self.grouping, self.groups, self.how, self.order = grouping, groups, how, order
        self.regrouped.emit()

    def chosen(self) -> list[int]:
        """Return the numbers of the nodes that are chosen in any view."""
        return sorted(self._number[name] for name in links().units if name in self._number)

    def choose(self, nodes: list[int], *, more: bool = False) -> None:
        """Choose nodes in all views, or take them to or from those that are chosen; go to where one is."""
        names = frozenset(self.wires.names[k] for k in nodes)
        links().choose_units(links().units ^ names if more else names)
        places = self.wires.places
        if len(nodes) == 1 and places is not None and np.isfinite(places[nodes[0]]).all():
            x, y, z = places[nodes[0]].tolist()
            links().move_place((x, y, z), self.wires.space)

    def words(self) -> str:
        """Return what is shown in one sentence."""
        wires = self.wires
        n = wires.n_nodes
        total, shown = self._lines(wires.n_edges), self._lines(self.count)
        pairs = n * (n - 1) if wires.directed else n * (n - 1) // 2
        kind = "directed" if wires.directed else "undirected"
        words = f"{n:,} nodes, {shown:,}"
        words += f" of {total:,}" if shown != total else ""
        words += f" {kind} connections ({100 * shown / max(pairs, 1):.3g} % of all pairs)"
        if shown and shown != total:
            words += f", at least {abs(float(wires.weights[self.count - 1])):.4g} {_unit(wires)}".rstrip()
        loops = int((wires.source[: self.count] == wires.target[: self.count]).sum())
        words += f"; {loops:,} with themselves" if loops else ""
        words += f"; {len(wires.missing):,} without a number" if len(wires.missing) else ""
        return words

    def _lines(self, count: int) -> int:
        return len(self.wires.drawn(count))


def _unit(wires: Wires) -> str:
    return "" if wires.unit in {"", "1", "arbitrary"} else wires.unit


def weight_words(wires: Wires, weight: float | None) -> str:
    """Return a weight with its unit, or that it is missing."""
    return "no number" if weight is None else f"{weight:.4g} {_unit(wires)}".rstrip()
