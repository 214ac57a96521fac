"""Rasters: every spike is counted once, what is seen is what is asked for, a click chooses a unit."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("PySide6")

import neurostudio.ui.drawing as drawing
from neurostudio.ui.drawing.raster import RasterPlot
from neurostudio.ui.drawing.spike_counts import coloured, compile_kernel, count
from neurostudio.ui.drawing.spike_rows import SpikeRows, rows_of_view
from neurostudio.ui.linking import links
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from neurostudio.views import Raster


@pytest.fixture(autouse=True)
def nothing_chosen():
    links().choose_units([])
    yield
    links().choose_units([])


@pytest.fixture
def shown(qtbot):
    """Show a raster and return it."""

    def show(rows, **options):
        figure = RasterPlot(rows, **options)
        qtbot.addWidget(figure)
        figure.resize(700, 420)
        figure.show()
        qtbot.waitExposed(figure)
        figure.refresh()
        return figure

    return show


@pytest.fixture
def clock():
    """Three units over 10 s: 'a' at every second, 'b' at every half, 'c' never."""
    return SpikeRows(
        (np.arange(10.0), np.arange(0.0, 10.0, 0.5), np.empty(0)), ("a", "b", "c"), (0.0, 10.0)
    )


def many(n_rows=50, each=400, seed=0):
    random = np.random.default_rng(seed)
    times = tuple(np.sort(random.uniform(0, 100, each)) for _ in range(n_rows))
    return SpikeRows(times, tuple(f"u{k}" for k in range(n_rows)), (0.0, 100.0))


@pytest.mark.parametrize("compiled", [False, True])
def test_every_spike_of_the_window_is_counted_once(compiled, monkeypatch):
    import neurostudio.ui.drawing.spike_counts as spike_counts

    if compiled:
        compile_kernel()
    else:
        monkeypatch.setattr(spike_counts, "_COMPILED", [])
    rows = many()
    window = (10.0, 73.0)
    found = count(rows, rows.bounds(*window, 5, 45), 5, window, (40, 333))
    expected = [
        np.histogram(t, 333, window)[0] for t in (row[row < 73.0] for row in rows.times[5:45])
    ]
    np.testing.assert_array_equal(found.sum(axis=1), np.sum(expected, axis=1))
    assert np.abs(found.astype(int) - expected).max() <= 1  # an edge may round to either side


def test_rows_that_share_a_line_of_pixels_are_added():
    rows = many(n_rows=60)
    found = count(rows, rows.bounds(0.0, 100.0, 0, 60), 0, (0.0, 100.0), (20, 10))
    assert found.shape == (20, 10)
    assert found.sum() == 60 * 400
    assert found[0].sum() == 3 * 400


def test_no_spike_has_the_first_colour_and_the_most_have_the_last():
    pixels, top = coloured(np.array([[0, 1], [2, 2]], np.uint32), np.arange(256, dtype=np.uint32))
    assert top == 2.0
    assert pixels.tolist() == [[0, 127], [255, 255]]


def test_the_upper_row_is_drawn_on_top_and_the_left_time_on_the_left(shown):
    """Twenty thousand spikes of the first of two units, all in the first half."""
    rows = SpikeRows((np.linspace(0, 5, 20_000), np.array([9.0])), ("a", "b"), (0.0, 10.0))
    figure = shown(rows)
    picture = figure.grab().toImage()

    def darkness(at):
        place = figure.area.mapFromScene(figure.plot.getViewBox().mapViewToScene(QPointF(*at)))
        return 255 - picture.pixelColor(figure.area.mapTo(figure, place)).red()

    assert figure.dense
    assert darkness((2.5, 0.0)) > 200
    assert darkness((7.5, 0.0)) == darkness((2.5, 1.0)) == 0


def test_colours_of_a_map_become_pixels():
    import pyqtgraph as pg
    from neurostudio.ui.drawing.pixel_image import pixel_table

    table = pixel_table(pg.ColorMap([0.0, 1.0], ["#102030", "#ffffff"]), 2)
    assert [hex(each) for each in table] == ["0xff102030", "0xffffffff"]


def test_sparse_spikes_are_ticks_and_dense_ones_an_image_with_a_scale(shown):
    figure = shown(many())
    assert figure.dense
    assert figure._image.isVisible()
    assert figure._scale.isVisible()
    assert "20,000 spikes of 50 units in 100 s; a pixel is" in figure.words.text()
    figure.go_to(10.0, 12.0)
    figure.refresh()
    assert not figure.dense
    assert not figure._scale.isVisible()
    assert figure.n_shown == sum(((t >= 10) & (t <= 12)).sum() for t in figure.rows.times)
    assert len(figure._ticks.getData()[0]) == 2 * figure.n_shown


def test_an_empty_window_says_so(shown, clock):
    figure = shown(clock)
    figure.go_to(2.1, 2.4)
    figure.refresh()
    assert figure._nothing.isVisible()
    assert "No spike between 2.1 s and 2.4 s" in figure._nothing.textItem.toPlainText()
    figure.show_all()
    figure.refresh()
    assert not figure._nothing.isVisible()
    assert figure.words.text() == "30 spikes of 3 units in 10 s"


def test_the_wheel_zooms_about_the_moment_under_the_pointer(shown, clock):
    figure = shown(clock)
    turn(figure, at=(5.0, 1.0))
    start, stop = figure.window
    np.testing.assert_allclose([start, stop], [1.0, 9.0], atol=0.1)


def test_the_wheel_with_shift_scrolls_the_rows_and_keeps_the_time(shown):
    figure = shown(many())
    figure.plot.setYRange(-0.5, 9.5, padding=0)
    turn(figure, at=(50.0, 4.0), modifiers=Qt.KeyboardModifier.ShiftModifier, by=-120)
    assert figure.window == (0.0, 100.0)
    np.testing.assert_allclose(figure.plot.viewRange()[1], [1.0, 11.0])


def test_keys_move_and_stay_inside(shown, clock, qtbot):
    figure = shown(clock)
    figure.go_to(2.0, 4.0)
    qtbot.keyClick(figure, Qt.Key.Key_PageDown)
    np.testing.assert_allclose(figure.window, (4.0, 6.0))
    for _ in range(9):
        qtbot.keyClick(figure, Qt.Key.Key_PageDown)
    np.testing.assert_allclose(figure.window, (8.0, 10.0))
    qtbot.keyClick(figure, Qt.Key.Key_Home)
    np.testing.assert_allclose(figure.window, (0.0, 10.0))


def test_a_click_on_a_row_chooses_its_unit_in_every_view(shown, clock, qtbot):
    first, second = shown(clock), shown(clock.ordered([2, 1, 0]))
    click(qtbot, first, (3.3, 1.0))
    assert links().units == {"b"}
    assert first._chosen.shown == second._chosen.shown == (1,)
    click(qtbot, first, (3.3, 0.0), Qt.KeyboardModifier.ControlModifier)
    assert links().units == {"a", "b"}
    assert second._chosen.shown == (1, 2)


def test_a_click_on_a_trial_chooses_no_unit(shown, clock, qtbot):
    figure = shown(clock, y_label="trial")
    click(qtbot, figure, (3.3, 1.0))
    assert links().units == frozenset()


def test_the_time_cursor_stands_in_a_raster_of_the_recording(shown, clock, qtbot):
    figure = shown(clock)
    click(qtbot, figure, (7.0, 2.0))
    assert links().time == pytest.approx(7.0, abs=0.05)
    assert figure._cursors[0].line.value() == pytest.approx(7.0, abs=0.05)
    aligned = drawing.widget_for(Raster(times=np.zeros(1), rows=np.zeros(1, int)))
    qtbot.addWidget(aligned)
    assert aligned._cursors == []


def test_other_rows_keep_the_time_that_is_looked_at(shown, clock):
    figure = shown(clock)
    figure.go_to(2.0, 4.0)
    figure.show_rows(clock.ordered([1]))
    np.testing.assert_allclose(figure.window, (2.0, 4.0))
    assert figure.columns() == {"time (s)": [2.0, 2.5, 3.0, 3.5, 4.0], "unit": ["b"] * 5}


def test_names_are_written_as_far_as_they_can_be_read(shown, clock):
    assert [word for _, word in ticks(shown(clock))] == ["a", "b", "c"]
    thinned = ticks(shown(many(n_rows=200, each=3)))
    assert 10 < len(thinned) < 40


def test_spikes_of_a_view_in_any_order_are_sorted_into_rows():
    rows = rows_of_view(
        Raster(
            times=np.array([3.0, 1.0, 2.0, 0.5]), rows=np.array([1, 0, 1, 0]), names=("x", "y", "z")
        )
    )
    assert [row.tolist() for row in rows.times] == [[0.5, 1.0], [2.0, 3.0], []]
    assert rows.names == ("x", "y", "z")


def test_units_are_drawn_from_the_times_of_the_data_without_a_copy():
    import pynapple as nap
    from neurostudio.ui.drawing.spike_rows import rows_of_units

    from neurostudio.data import SpikeTrains

    group = nap.TsGroup({7: nap.Ts(np.arange(5.0)), 9: nap.Ts(np.arange(3.0))})
    rows = rows_of_units(SpikeTrains(group))
    assert rows.names == ("7", "9")
    assert np.shares_memory(rows.times[0], group[7].index.values)


def test_a_raster_without_units_is_drawn(shown):
    figure = shown(SpikeRows((), (), (0.0, 1.0)))
    assert figure.n_shown == 0


def test_the_benchmark_measures_three_zooms(monkeypatch, qapp):
    from neurostudio.ui import bench_raster

    monkeypatch.setattr(bench_raster, "_UNITS", 5)
    monkeypatch.setattr(bench_raster, "_SPIKES", 500)
    monkeypatch.setattr(bench_raster, "_TIMES", 2)
    answer = bench_raster.raster()
    assert answer["spikes"] == 500
    assert answer["whole"]["spikes shown"] > 490
    assert all(0 < answer[zoom]["p50"] <= answer[zoom]["p95"] for zoom in ("whole", "1 %", "5 ms"))


def ticks(figure):
    return figure.plot.getAxis("left")._tickLevels[0]


def place_of(figure, at):
    scene = figure.plot.getViewBox().mapViewToScene(QPointF(*at))
    return figure.area.mapFromScene(scene)


def click(qtbot, figure, at, modifiers=Qt.KeyboardModifier.NoModifier):
    qtbot.mouseClick(
        figure.area.viewport(), Qt.MouseButton.LeftButton, modifiers, place_of(figure, at)
    )
    QApplication.processEvents()


def turn(figure, at, modifiers=Qt.KeyboardModifier.NoModifier, by=120):
    place = QPointF(place_of(figure, at))
    viewport = figure.area.viewport()
    event = QWheelEvent(
        place,
        QPointF(viewport.mapToGlobal(place.toPoint())),
        QPoint(),
        QPoint(0, by),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)
    QApplication.processEvents()
