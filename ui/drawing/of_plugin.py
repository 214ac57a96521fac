"""A view type that a plugin brings, drawn by the function that its manifest names."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QGraphicsRectItem

from ..linking import links
from .plot import Plot

if TYPE_CHECKING:
    from collections.abc import Callable

    from neurostudio.views import View

    from ..theme import Colours

    Draw = Callable[[View, "PluginPlot", Colours], None]


def draw_function(kind: str) -> Draw | None:
    """Return the function by which a plugin draws a type of view, if one does."""
    from neurostudio.registry import discover

    for found in discover().plugins:
        where = found.plugin.draws.get(kind) if found.plugin else None
        if where:
            module, _, name = where.partition(":")
            function: Draw = getattr(import_module(f"{found.module}.{module}"), name)
            return function
    return None


class PluginPlot(Plot):
    """Axes, colours, time cursor and links for a plugin's own picture, which knows nothing of the desktop."""

    def __init__(self, view: View, function: Draw) -> None:
        super().__init__(view.caption)
        self._view, self._function = view, function
        self.begin()
        self.area.scene().sigMouseClicked.connect(self._clicked)

    def draw(self, colours: Colours) -> None:
        """Let the plugin fill the area."""
        self._function(self._view, self, colours)

    def _clicked(self, event: Any) -> None:
        """Choose the units that a clicked rectangle names as its data 0, in every open view."""
        for item in self.area.scene().items(event.scenePos()):
            names = item.data(0) if isinstance(item, QGraphicsRectItem) else None
            if isinstance(names, list):
                links().choose_units(names)
                event.accept()
                return
