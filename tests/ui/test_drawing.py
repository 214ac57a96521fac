"""Drawings: every view is drawn, saved, recoloured; signals show what was recorded."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

pytest.importorskip("PySide6")

import neurostudio.ui.drawing as drawing
from neurostudio.ui.drawing.signal_scale import nice, with_prefix
from neurostudio.ui.theme import theme

from neurostudio.data import Recording, Table, Text, Volume
from neurostudio.views import (
    Brain,
    Heatmap,
    Images,
    Lines,
    NullControl,
    Raster,
    Report,
    Scatter,
    Sensors,
    Sheet,
    Slices,
    Topomap,
    View,
)


@pytest.fixture
def step_recording():
    """Two channels at 100 Hz for 100 s: one jumps from 0 V to 100 µV after 50 s, one is a 10 Hz sine."""
    import mne

    times = np.arange(10_000) / 100.0
    values = np.array([1e-4 * (times >= 50.0), 1e-5 * np.sin(2 * np.pi * 10 * times)])
    raw = mne.io.RawArray(values, mne.create_info(["step", "sine"], 100.0, "eeg"), verbose="error")
    raw.set_annotations(mne.Annotations([50.0], [0.0], ["jump"]))
    return Recording(raw)


VIEWS = {
    "lines": Lines(
        x=np.arange(5.0), y=np.eye(2, 5), names=("a", "b"), y_unit="V", levels={"chance": 0.5}
    ),
    "band": Lines(x=np.arange(3.0), y=np.ones(3), low=np.zeros(3), high=np.full(3, 2.0)),
    "log": Lines(x=np.arange(1.0, 5.0), y=np.ones((1, 4)), log_x=True, log_y=True),
    "raster": Raster(times=np.array([0.1, 0.2]), rows=np.array([0, 1]), names=("u", "v")),
    "heatmap": Heatmap(values=np.eye(3), show_values=True, x_names=("a", "b", "c")),
    "empty heatmap": Heatmap(values=np.full((2, 2), np.nan), diverging=True),
    "null control": NullControl(
        values=np.array([0.8, 0.5]),
        null=np.array([[0.4, 0.6, 0.5], [np.nan, np.nan, np.nan]]),
        names=("decoder", "ridge"),
        low=np.array([0.7, 0.4]),
        high=np.array([0.9, 0.6]),
        chance=np.array([0.5, 0.5]),
        y_label="accuracy",
        y_unit="1",
    ),
    "images": Images(pixels=np.zeros((3, 8, 8)), names=("x", "y", "z")),
    "colours": Images(pixels=np.zeros((2, 8, 8, 3), np.uint8)),
    "colours as fractions": Images(pixels=np.full((2, 8, 8, 3), 0.5, np.float32)),
    "scatter": Scatter(
        x=np.arange(2.0), y=np.ones(2), groups=("p", "q"), low=np.zeros(2), high=np.ones(2) * 2
    ),
    "topomap": Topomap(
        values=np.arange(5.0)[None],
        positions=np.array([[0, 0], [0.5, 0], [-0.5, 0], [0, 0.5], [0, -0.5]]),
    ),
    "sensors": Sensors(
        positions=0.1 * np.vstack([np.eye(3), -np.eye(3)]),
        names=("R", "F", "T", "L", "B", "D"),
        values=np.arange(12.0).reshape(2, 6),
        titles=("0 s", "1 s"),
        bads=("L",),
        value_unit="µV",
    ),
    "bare sensors": Sensors(positions=0.1 * np.eye(3)),
    "sheet": Sheet(columns={"n": [2, 1], "word": ["b", "a"]}),
    "report": Report(text="**bold**"),
    "brain": Brain(
        vertices=np.eye(3), faces=np.array([[0, 1, 2]]), values=np.arange(3.0), space="MNI152"
    ),
    "bare brain": Brain(points=np.eye(3), point_names=("a", "b", "c"), edges=np.array([[0, 1]])),
    "slices": Slices(values=np.arange(60.0).reshape(3, 4, 5), affine=np.eye(4)),
}


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_is_drawn_saved_and_recoloured(qtbot, tmp_path, name):
    widget = drawing.widget_for(VIEWS[name])
    qtbot.addWidget(widget)
    widget.resize(400, 300)
    widget.show()
    theme().choose("dark")
    theme().choose("light")
    widget.save(tmp_path / "figure.png")
    widget.save(tmp_path / "figure.svg")
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
    assert ElementTree.parse(tmp_path / "figure.svg").getroot().tag.endswith("svg")


def test_a_view_that_nobody_can_draw_is_a_readable_summary(qtbot):
    class Hologram(View):
        """A view of a plugin that is not there."""

    widget = drawing.widget_for(Hologram(title="Ghost"))
    qtbot.addWidget(widget)
    assert "cannot draw a 'Hologram'" in widget.findChild(drawing_page()).toPlainText()


def drawing_page():
    from PySide6.QtWidgets import QTextBrowser

    return QTextBrowser


def test_a_table_sorts_numbers_as_numbers_and_copies_with_tabs(qtbot):
    import pandas as pd
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QGuiApplication

    figure = drawing.widget_for(Table(pd.DataFrame({"n": [10, 9, 100], "w": ["x", "y", "z"]})))
    qtbot.addWidget(figure)
    figure.view.model().sort(0, Qt.SortOrder.AscendingOrder)
    figure.copy()
    assert QGuiApplication.clipboard().text() == "n\tw\n9\ty\n10\tx\n100\tz"


@pytest.mark.parametrize("y", [np.array([1.0, 2.0]), np.array([2.0, 1.0]), None])
def test_the_first_row_of_a_heat_map_is_on_top(qtbot, y):
    import pyqtgraph as pg
    from PySide6.QtCore import QPointF

    figure = drawing.widget_for(Heatmap(values=np.eye(2), y=y))
    qtbot.addWidget(figure)
    items = figure.area.scene().items()
    (image,) = [
        i
        for i in items
        if isinstance(i, pg.ImageItem) and i.image is not None and i.image.size == 4
    ]
    heights = [image.mapToScene(QPointF(0.5, row)).y() for row in (0.5, 1.5)]
    assert heights[0] < heights[1]


@pytest.mark.parametrize(("unit", "in_proportion"), [("mm", True), ("s", False)])
def test_a_map_of_places_is_drawn_in_proportion(qtbot, unit, in_proportion):
    view = Heatmap(np.eye(4), x=np.arange(4.0), y=np.arange(4.0), x_unit=unit, y_unit=unit)
    figure = drawing.widget_for(view)
    qtbot.addWidget(figure)
    figure.resize(800, 300)
    figure.show()
    wide, high = figure._plot.getViewBox().viewPixelSize()
    assert (wide == pytest.approx(high, rel=1e-3)) == in_proportion


def test_a_band_fills_the_space_between_its_edges(qtbot):
    import pyqtgraph as pg

    view = Lines(x=np.arange(3.0), y=np.ones(3), low=np.zeros(3), high=np.full(3, 2.0))
    figure = drawing.widget_for(view)
    qtbot.addWidget(figure)
    items = figure.area.scene().items()
    (band,) = [each for each in items if isinstance(each, pg.FillBetweenItem)]
    box = band.path().boundingRect()
    assert (box.left(), box.right(), box.top(), box.bottom()) == (0, 2, 0, 2)


def test_the_rows_of_a_table_come_in_their_own_order_at_first(qtbot):
    figure = drawing.widget_for(Sheet(columns={"n": [2, 1], "word": ["b", "a"]}))
    qtbot.addWidget(figure)
    model = figure.view.model()
    assert [model.data(model.index(row, 1)) for row in (0, 1)] == ["b", "a"]


def test_a_click_on_a_slice_moves_the_cursor_to_the_voxel(qtbot):
    import nibabel

    values = np.zeros((4, 5, 6), np.float32)
    values[1, 2, 3] = 7.0
    affine = np.diag([2.0, 2.0, 2.0, 1.0])
    figure = drawing.widget_for(Volume(nibabel.Nifti1Image(values, affine)))
    qtbot.addWidget(figure)
    figure.show()
    qtbot.waitUntil(lambda: figure.ready, timeout=45_000)
    figure.go_to((2.0, 4.0, 6.0))
    assert "value 7" in figure.words
    assert "2.0, 4.0, 6.0 mm" in figure.words


def test_numbers_have_round_scales_and_prefixes():
    assert nice(0.00008) == 5e-05
    assert with_prefix(5e-05, "V") == "50 µV"
    assert with_prefix(0.25, "1") == "0.25"


def test_a_text_is_shown_as_it_is(qtbot):
    from PySide6.QtWidgets import QPlainTextEdit

    figure = drawing.widget_for(Text("<b>not bold</b>"))
    qtbot.addWidget(figure)
    assert figure.findChild(QPlainTextEdit).toPlainText() == "<b>not bold</b>"


def test_many_names_stand_beside_the_curves_and_no_two_lines_look_alike(qtbot):
    names = tuple(f"sub-co2a{364 + k:07d}" for k in range(16))
    figure = drawing.widget_for(Lines(x=np.arange(3.0), y=np.ones((16, 3)), names=names))
    qtbot.addWidget(figure)
    figure.resize(760, 480)
    figure.show()
    plot = figure.area.getItem(0, 0)
    pens = {
        (line.opts["pen"].color().name(), line.opts["pen"].style()) for line in plot.listDataItems()
    }
    assert len(pens) == 16
    legend = plot.legend
    assert [label.text for _, label in legend.items] == list(names)
    qtbot.waitUntil(
        lambda: legend.sceneBoundingRect().left() >= plot.vb.sceneBoundingRect().right()
    )
    assert legend.sceneBoundingRect().bottom() <= 480


def test_long_names_below_points_lose_what_they_share_and_are_thinned():
    from neurostudio.ui.drawing.scatter import _ticks

    few = _ticks(tuple(f"sub-co2a{364 + k:07d}" for k in range(16)))
    assert few[0] == (0, "64")
    assert len(few) == 16
    many = _ticks(tuple(f"sub-{k:07d}" for k in range(120)))
    assert 5 < len(many) < 30


@pytest.mark.parametrize("log", [False, True])
def test_a_band_is_filled_between_its_edges(qtbot, log):
    x = np.arange(1.0, 5.0)
    view = Lines(
        x=x, y=np.full(4, 2.0), low=np.full(4, 1.0), high=np.full(4, 4.0), log_x=log, log_y=log
    )
    figure = drawing.widget_for(view)
    qtbot.addWidget(figure)
    figure.resize(400, 300)
    figure.show()
    qtbot.waitExposed(figure)
    picture = figure.grab().toImage()
    box = figure.area.getItem(0, 0).getViewBox()
    middle = box.viewRect().center()
    middle.setY(np.log10(3.0) if log else 3.0)
    pixel = picture.pixelColor(figure.area.mapFromScene(box.mapViewToScene(middle)))
    assert pixel.blue() - pixel.red() > 20


@pytest.mark.parametrize("kind", ["lines", "heatmap"])
def test_a_view_over_the_time_of_the_recording_has_the_time_cursor(qtbot, kind):
    def view(axis):
        if kind == "lines":
            return Lines(x=np.arange(4.0), y=np.ones(4), axis=axis)
        return Heatmap(values=np.eye(4), x=np.arange(4.0), axis=axis)

    over_time, other = (drawing.widget_for(view(axis)) for axis in ("time", ""))
    qtbot.addWidget(over_time)
    qtbot.addWidget(other)
    assert len(over_time._cursors) == 1
    assert other._cursors == []
