"""The table of units: it filters and orders the raster, and what is chosen in one is chosen in all."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("PySide6")
pytest.importorskip("pynapple")

import neurostudio.ui.drawing as drawing
from neurostudio.ui.drawing.row_filter import rows_that_fit
from neurostudio.ui.linking import links
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from neurostudio.data import SpikeTrains
from neurostudio.errors import BadInput
from neurostudio.views import Heatmap, Lines

COLUMNS = {
    "unit": [3, 5, 9],
    "rate (Hz)": [1.0, 4.0, 2.0],
    "spikes": [10, 40, 20],
    "depth": [300.0, 100.0, 200.0],
    "area": ["CA1", "CA3", "CA1"],
}


@pytest.fixture(autouse=True)
def nothing_chosen():
    links().choose_units([])
    yield
    links().choose_units([])


@pytest.fixture
def three_units(qtbot):
    """Units 3, 5 and 9 with 10, 40 and 20 spikes in 10 s, at three depths of two areas."""
    import pynapple as nap

    support = nap.IntervalSet(0.0, 10.0)
    trains = {
        key: nap.Ts(np.linspace(0, 9.9, n), time_support=support)
        for key, n in zip((3, 5, 9), (10, 40, 20), strict=True)
    }
    facts = {"depth": np.array([300.0, 100.0, 200.0]), "area": np.array(["CA1", "CA3", "CA1"])}
    group = nap.TsGroup(trains, time_support=support, metadata=facts)
    figure = drawing.widget_for(SpikeTrains(group))
    qtbot.addWidget(figure)
    figure.resize(1100, 500)
    figure.show()
    qtbot.waitExposed(figure)
    return figure


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", [3, 5, 9]),
        ("rate > 1.5", [5, 9]),
        ("rate>1.5 spikes<30", [9]),
        ("ca1", [3, 9]),
        ("CA1 depth >= 300", [3]),
        ("area = CA3", [5]),
        ("area != ca3", [3, 9]),
        ("rate (Hz) <= 2", [3, 9]),
        ('"CA1" unit = 9', [9]),
        ("CA2", []),
    ],
)
def test_a_line_of_words_and_comparisons_chooses_rows(text, kept):
    fits = rows_that_fit(text, COLUMNS)
    assert [unit for unit, fit in zip(COLUMNS["unit"], fits, strict=True) if fit] == kept


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("colour > 2", "no column 'colour'. There are: unit, rate, spikes, depth, area"),
        ("> 2", "begins with a sign"),
        ("rate > fast", "'fast' is no number to compare 'rate' with"),
        ("area > CA1", "'area' holds words"),
    ],
)
def test_a_line_that_cannot_be_understood_says_why(text, message):
    with pytest.raises(BadInput) as caught:
        rows_that_fit(text, COLUMNS)
    assert message in str(caught.value)


def test_the_table_shows_rate_spikes_and_every_fact(three_units):
    assert three_units.columns() == COLUMNS
    assert three_units.raster.rows.names == ("3", "5", "9")


def test_typing_a_filter_filters_table_and_raster(three_units, qtbot):
    qtbot.keyClicks(three_units.table.filter, "rate > 1.5")
    assert three_units.columns()["unit"] == [5, 9]
    assert three_units.raster.rows.names == ("5", "9")
    assert three_units.raster.n_shown == 60
    assert three_units.table.words.text() == "2 of 3 units"
    three_units.table.filter.clear()
    assert three_units.raster.rows.names == ("3", "5", "9")


def test_a_filter_that_is_wrong_keeps_the_rows_and_says_why(three_units):
    three_units.table.filter.setText("rat > 2")
    assert "no column 'rat'" in three_units.table.words.text()
    assert three_units.raster.rows.names == ("3", "5", "9")
    three_units.table.filter.setText("nowhere")
    assert three_units.table.words.text() == "No unit fits; there are 3."
    assert three_units.raster.n_shown == 0


def test_a_click_on_a_heading_orders_table_and_raster(three_units, qtbot):
    click_heading(qtbot, three_units, "depth")
    assert three_units.columns()["unit"] == [5, 9, 3]
    assert three_units.raster.rows.names == ("5", "9", "3")
    click_heading(qtbot, three_units, "depth")
    assert three_units.raster.rows.names == ("3", "9", "5")
    click_heading(qtbot, three_units, "depth")
    assert three_units.raster.rows.names == ("3", "5", "9")


def test_a_filter_keeps_the_order(three_units, qtbot):
    click_heading(qtbot, three_units, "depth")
    three_units.table.filter.setText("CA1")
    assert three_units.raster.rows.names == ("9", "3")


def test_choosing_a_row_chooses_the_unit_in_every_view(three_units, qtbot):
    heat = drawing.widget_for(Heatmap(values=np.eye(3), y_names=("9", "7", "5"), y_label="unit"))
    lines = drawing.widget_for(Lines(x=np.arange(3.0), y=np.eye(2, 3), names=("5", "9")))
    for each in (heat, lines):
        qtbot.addWidget(each)
    click_row(qtbot, three_units, 1)
    assert links().units == {"5"}
    assert three_units.raster._chosen.shown == (1,)
    assert heat._mark.shown == (2,)
    widths = [item.opts["pen"].widthF() for item, _ in lines._lines.values()]
    assert widths[0] > 2 * widths[1]
    click_row(qtbot, three_units, 2, Qt.KeyboardModifier.ControlModifier)
    assert links().units == {"5", "9"}
    assert heat._mark.shown == (0, 2)


def test_keys_move_the_choice(three_units, qtbot):
    click_row(qtbot, three_units, 0)
    qtbot.keyClick(three_units.table.view, Qt.Key.Key_Down)
    assert links().units == {"5"}
    qtbot.keyClick(three_units.table.view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert links().units == {"5", "9"}


def test_a_click_on_the_raster_chooses_the_row_of_the_table(three_units, qtbot):
    raster = three_units.raster
    scene = raster.plot.getViewBox().mapViewToScene(QPointF(3.0, 2.0))
    qtbot.mouseClick(
        raster.area.viewport(), Qt.MouseButton.LeftButton, pos=raster.area.mapFromScene(scene)
    )
    QApplication.processEvents()
    assert links().units == {"9"}
    assert chosen_rows(three_units) == [2]


def test_a_click_on_a_row_of_a_heat_map_chooses_the_row_of_the_table(three_units, qtbot):
    heat = drawing.widget_for(Heatmap(values=np.eye(3), y_names=("9", "7", "5"), y_label="unit"))
    qtbot.addWidget(heat)
    heat.resize(500, 400)
    heat.show()
    qtbot.waitExposed(heat)
    scene = heat._plot.getViewBox().mapViewToScene(QPointF(1.0, 2.0))
    qtbot.mouseClick(
        heat.area.viewport(), Qt.MouseButton.LeftButton, pos=heat.area.mapFromScene(scene)
    )
    QApplication.processEvents()
    assert links().units == {"5"}
    assert chosen_rows(three_units) == [1]


def test_the_choice_stays_with_its_unit_when_rows_move(three_units, qtbot):
    click_row(qtbot, three_units, 1)
    click_heading(qtbot, three_units, "spikes")
    assert links().units == {"5"}
    assert chosen_rows(three_units) == [2]
    three_units.table.filter.setText("rate > 1.5")
    assert links().units == {"5"}
    assert chosen_rows(three_units) == [1]
    assert three_units.raster._chosen.shown == (1,)


def test_the_rows_that_are_shown_are_copied_as_csv(three_units, qtbot):
    three_units.table.filter.setText("ca3")
    qtbot.mouseClick(three_units.table.copy_button, Qt.MouseButton.LeftButton)
    text = QGuiApplication.clipboard().text()
    assert text == "unit,rate (Hz),spikes,depth,area\n5,4.0,40,100.0,CA3\n"


def test_the_picture_is_the_raster(three_units, tmp_path):
    three_units.save(tmp_path / "raster.png")
    assert (tmp_path / "raster.png").read_bytes().startswith(b"\x89PNG")
    assert three_units.image().width() == 2 * three_units.raster.width()


def test_names_on_the_axes_of_a_map_appear_as_it_is_zoomed(qtbot):
    names = tuple(f"neuron {k}" for k in range(200))
    heat = drawing.widget_for(Heatmap(values=np.eye(200), x_names=names, y_names=names))
    qtbot.addWidget(heat)
    heat.resize(600, 400)
    heat.show()
    qtbot.waitExposed(heat)
    few = heat._plot.getAxis("bottom")._tickLevels[0]
    assert 2 < len(few) < 10
    heat._plot.setRange(xRange=(10, 13), yRange=(10, 20), padding=0)
    assert [word for _, word in heat._plot.getAxis("bottom")._tickLevels[0]] == list(names[10:14])
    assert len(heat._plot.getAxis("left")._tickLevels[0]) == 11


def chosen_rows(figure):
    return sorted(index.row() for index in figure.table.view.selectionModel().selectedRows())


def click_row(qtbot, figure, row, modifiers=Qt.KeyboardModifier.NoModifier):
    view = figure.table.view
    place = view.visualRect(view.model().index(row, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, modifiers, place)


def click_heading(qtbot, figure, name):
    header = figure.table.view.horizontalHeader()
    column = list(figure.columns()).index(name)
    place = header.rect().center()
    place.setX(header.sectionViewportPosition(column) + 12)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
