"""One time through all views."""

from __future__ import annotations

import numpy as np
import pytest
from neurostudio.ui.linking import links
from neurostudio.ui.panels.beside import Beside
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication


@pytest.fixture
def two_plots(qtbot):
    from neurostudio.ui.drawing.plot import Plot

    class Empty(Plot):
        def draw(self, colours):
            self.plot = self.axes(0, 0, time=True)
            self.plot.setXRange(0, 10, padding=0)

    made = []
    for _ in range(2):
        figure = Empty()
        figure.begin()
        figure.resize(400, 300)
        qtbot.addWidget(figure)
        figure.show()
        qtbot.waitExposed(figure)
        made.append(figure)
    return made


def click(qtbot, figure, time):
    box = figure.plot.getViewBox()
    place = box.mapViewToScene(box.viewRect().center())
    place.setX(box.mapViewToScene(type(place)(time, 0.0)).x())
    qtbot.mouseClick(
        figure.area.viewport(), Qt.MouseButton.LeftButton, pos=figure.area.mapFromScene(place)
    )
    QApplication.processEvents()


def test_a_click_in_one_view_moves_the_cursor_of_the_other_by_its_offset(two_plots, qtbot):
    first, second = two_plots
    second.offset = 2.0
    click(qtbot, first, 5.0)
    np.testing.assert_allclose(first._cursors[0].line.value(), 5.0, atol=0.05)
    np.testing.assert_allclose(second._cursors[0].line.value(), 3.0, atol=0.05)


def test_a_view_drawn_anew_keeps_one_cursor_at_the_common_time(two_plots, qtbot):
    from neurostudio.ui.theme import theme

    first, _ = two_plots
    links().move_time(7.0)
    theme().choose("dark")
    assert len(first._cursors) == 1
    assert first._cursors[0].line.value() == 7.0


# ---- panels beside each other ----------------------------------------------------------------------


def test_two_recordings_move_together_by_their_offset(window, qtbot, settle):
    import mne

    from neurostudio.data import Recording

    patience = 20_000
    for name in ("first", "second"):
        raw = mne.io.RawArray(
            np.zeros((1, 6000)), mne.create_info(1, 100.0, "eeg"), verbose="error"
        )
        window.studio.act(window.studio.workspace.add, name, Recording(raw))
    settle(window.studio)
    window.data.choose("second")
    qtbot.waitUntil(lambda: window.results.page is not None, timeout=patience)
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window, Qt.Key.Key_B, held)
    (dock,) = window.findChildren(Beside)
    qtbot.waitUntil(lambda: dock.view.page is not None, timeout=patience)
    window.data.choose("first")
    results = window.results
    qtbot.waitUntil(
        lambda: results.page is not None and results.page.content.title == "first", timeout=patience
    )
    middle, beside = window.results.page.figure(), dock.view.figure()
    qtbot.waitUntil(lambda: middle.ready and beside.ready, timeout=patience)
    dock.offset.setValue(5.0)
    middle.go_to(20.0)
    assert beside.page_window == (15.0, 25.0)
    beside.page_on()
    assert middle.page_window == (30.0, 40.0)
    links().move_time(33.0)
    assert middle.canvas.pointer.cursor == 33.0
    assert beside.canvas.pointer.cursor == 28.0
    window.studio.act(window.studio.workspace.remove, "second")
    settle(window.studio)
    qtbot.waitUntil(lambda: not window.findChildren(Beside), timeout=patience)


def test_the_window_of_a_plot_follows_the_signals(two_plots):
    first, second = two_plots
    first.together = second.together = True
    second.offset = 1.0
    links().window_moved.emit(2.0, 6.0, None)
    np.testing.assert_allclose(first.plot.getViewBox().viewRange()[0], [2.0, 6.0])
    np.testing.assert_allclose(second.plot.getViewBox().viewRange()[0], [1.0, 5.0])
    first.plot.setXRange(0.0, 3.0, padding=0)
    np.testing.assert_allclose(second.plot.getViewBox().viewRange()[0], [-1.0, 2.0])


def test_a_film_and_a_volume_series_show_the_frame_of_the_common_time(qtbot):
    import neurostudio.ui.drawing as drawing
    import nibabel
    import xarray

    from neurostudio.data import ImageStack, Volume

    frames = np.arange(10.0)[:, None, None] * np.ones((10, 4, 4))
    array = xarray.DataArray(frames, dims=("time", "y", "x"), coords={"time": np.arange(10) * 0.5})
    film = drawing.widget_for(ImageStack(array))
    series = np.arange(5.0, dtype=np.float32) * np.ones((3, 3, 3, 1), np.float32)
    image = nibabel.Nifti1Image(series, np.eye(4))
    image.header.set_zooms((1.0, 1.0, 1.0, 2.0))
    volume = drawing.widget_for(Volume(image))
    for figure in (film, volume):
        qtbot.addWidget(figure)
        figure.show()
    qtbot.waitUntil(lambda: film.ready and volume.ready, timeout=45_000)
    links().move_time(2.1)
    qtbot.waitUntil(lambda: film.frame.max() == 4.0, timeout=45_000)
    qtbot.waitUntil(lambda: "value 1" in volume.words, timeout=45_000)
    volume.slider.slider.setValue(2)
    assert links().time == 4.0
    qtbot.waitUntil(lambda: film.frame.max() == 8.0, timeout=45_000)
