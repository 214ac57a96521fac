"""Draws views and data: one small module a type, imported when it is first drawn."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from neurostudio.data import Data

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from neurostudio.views import View

    Resolve = Callable[[str], Data]

VIEWS = {
    "Lines": "lines",
    "Raster": "raster",
    "Heatmap": "heatmap",
    "NullControl": "null_control",
    "Images": "images",
    "Scatter": "scatter",
    "Topomap": "topomap",
    "Sensors": "sensors",
    "Sheet": "sheet",
    "Report": "report",
    "Signals": "signals",
    "Slices": "slices",
    "Brain": "brain",
    "Graph": "graph",
}
DATA = {
    "Recording": "signals",
    "Trials": "signals",
    "Traces": "signals",
    "SpikeTrains": "raster",
    "Volume": "volume",
    "ImageStack": "images",
    "Surface": "brain",
    "Connectome": "connectome",
    "Points": "scatter",
    "Table": "sheet",
    "Text": "report",
}


def widget_for(thing: View | Data, resolve: Resolve | None = None) -> QWidget:
    """Return a widget that shows a view or an item of data.

    Parameters
    ----------
    thing
        What is to be seen.
    resolve
        Gives the data of an input or output of the run by name, for views that refer to them.

    Notes
    -----
    A view type of a plugin is drawn by the function that the plugin's ``draws`` names; what nobody
    can draw is shown as a readable summary.
    """
    name = type(thing).__name__
    if isinstance(thing, Data):
        module = import_module(f".{DATA.get(name, 'summary')}", __name__)
        return module.draw_data(thing)  # type: ignore[no-any-return]
    if name in VIEWS:
        module = import_module(f".{VIEWS[name]}", __name__)
        return module.draw(thing, resolve)  # type: ignore[no-any-return]
    from .of_plugin import PluginPlot, draw_function

    function = draw_function(name)
    if function is not None:
        return PluginPlot(thing, function)
    from .summary import draw_unknown

    return draw_unknown(thing)
