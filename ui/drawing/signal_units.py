"""Channels as units that all views share: chosen here by a click on a name, marked when chosen elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ..linking import links

if TYPE_CHECKING:
    from PySide6.QtWidgets import QScrollBar

    from .signal_arrangement import Arrangement
    from .signals import SignalsFigure


class UnitLink(QObject):
    """Chooses and follows the units of one figure of signals."""

    def __init__(self, figure: SignalsFigure, arrangement: Arrangement, rows: QScrollBar) -> None:
        super().__init__(figure)
        self._figure = figure
        self._arrangement = arrangement
        self._rows = rows
        figure.mouse.channel_chosen.connect(self._choose)
        links().units_chosen.connect(self._chosen)

    def _choose(self, row: int) -> None:
        """Choose a channel in all views, or no more."""
        figure = self._figure
        if not figure.bar.butterfly.isChecked() and row < len(figure.channels_shown):
            links().choose_units(links().units ^ {figure.channels_shown[row]})

    def _chosen(self, units: frozenset[str]) -> None:
        """Mark the names of chosen units, and bring the first of them onto the page."""
        figure = self._figure
        rows = [row for row, name in enumerate(self._arrangement.names) if name in units]
        if rows and not units & set(figure.channels_shown):
            self._rows.setValue(rows[0])
        figure.canvas.update()
