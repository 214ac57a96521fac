"""The atlas as a picture: drawn by the plugin inside of the desktop, linked by names."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("PySide6")
pytest.importorskip("pynapple")

from neurostudio.ui.drawing import widget_for
from neurostudio.ui.linking import links
from pyqtgraph import PlotItem
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGraphicsRectItem

from neurostudio.registry import discover
from neurostudio.testing import try_it


@pytest.fixture(scope="module")
def atlas():
    return try_it(discover().methods["motif_atlas"]).views[0]


def test_a_row_is_drawn_for_each_component_with_its_animals(qtbot, atlas):
    widget = widget_for(atlas)
    qtbot.addWidget(widget)
    assert type(widget).__name__ == "PluginPlot"
    plots = [each for each in widget.area.ci.items if isinstance(each, PlotItem)]
    assert len(plots) == 4 * len(atlas.time)


def test_a_click_on_a_community_chooses_its_neurons_everywhere(qtbot, atlas):
    widget = widget_for(atlas)
    qtbot.addWidget(widget)
    widget.resize(1000, 600)
    with qtbot.waitExposed(widget):
        widget.show()
    bars = [
        each
        for each in widget.area.scene().items()
        if isinstance(each, QGraphicsRectItem) and isinstance(each.data(0), list)
    ]
    n_groups = sum(len(np.unique(row)) for row in atlas.labels)
    assert len(bars) == n_groups
    bar = bars[0]
    place = widget.area.mapFromScene(bar.sceneBoundingRect().center())
    qtbot.mouseClick(widget.area.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert links().units == frozenset(bar.data(0))
    links().choose_units(())


def test_the_picture_is_written_as_vectors(qtbot, atlas, tmp_path):
    widget = widget_for(atlas)
    qtbot.addWidget(widget)
    widget.resize(900, 500)
    widget.save(tmp_path / "atlas.svg")
    text = (tmp_path / "atlas.svg").read_text()
    assert "Between whom" in text
    assert "published formula is not verified" in text
