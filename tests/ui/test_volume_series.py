"""Volumes over time, images that are odd or broken, and pictures and themes of the view."""

from __future__ import annotations

import nibabel
import numpy as np
import pytest

pytest.importorskip("PySide6")

from neurostudio.ui.linking import links
from PySide6.QtCore import QCoreApplication, QEvent

from neurostudio.data import Volume

from .volumes import brightness, film, planted, settled, shown

pytestmark = pytest.mark.usefixtures("nothing_shared")


def test_the_course_of_the_voxel_under_the_crosshair_is_drawn(qtbot, tmp_path):
    figure = shown(qtbot, film(tmp_path), (900, 700))
    figure.go_to((1.0, 2.0, 3.0))
    qtbot.waitUntil(lambda: figure.course.values[-1] == 50, timeout=45_000)
    assert figure.course.values.tolist() == [0, 10, 20, 30, 40, 50]
    assert figure.columns()["time (s)"] == [0, 2, 4, 6, 8, 10]
    figure.slider.slider.setValue(3)
    qtbot.waitUntil(lambda: "value 30" in figure.words)
    assert links().time == 6.0


def test_of_many_times_asked_for_the_last_is_shown(qtbot, tmp_path):
    figure = shown(qtbot, film(tmp_path))
    for number in (1, 4, 2, 5):
        figure.slider.slider.setValue(number)
    settled(qtbot, figure)
    assert "value 5" in figure.words


def test_a_packed_series_is_unpacked_into_the_session(qtbot, tmp_path, monkeypatch):
    import neurostudio.ui.drawing as drawing
    from neurostudio.ui.home import Home

    from neurostudio import voxels

    monkeypatch.setattr(voxels, "_HELD", 10)
    figure = drawing.widget_for(film(tmp_path, ".nii.gz"))
    qtbot.addWidget(figure)
    figure.settle(Home(tmp_path, tmp_path / "pyramids"))
    figure.show()
    settled(qtbot, figure)
    assert len(list((tmp_path / "pyramids").iterdir())) == 1
    figure.slider.slider.setValue(4)
    qtbot.waitUntil(lambda: "value 4" in figure.words)


def test_values_that_are_no_numbers_do_not_spoil_the_picture(qtbot):
    data, place = planted()
    values = np.asarray(data.image.dataobj).copy()
    values[0], values[1] = np.nan, np.inf
    figure = shown(qtbot, Volume(nibabel.Nifti1Image(values, data.image.affine)))
    figure.go_to(tuple(place))
    assert "value 1000" in figure.words
    assert np.isfinite([figure.layers[0].look.low, figure.layers[0].look.high]).all()


def test_colours_are_shown_as_they_are_stored(qtbot):
    rgb = np.zeros((4, 4, 4), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    rgb["R"] = 200
    figure = shown(qtbot, Volume(nibabel.Nifti1Image(rgb, np.eye(4))))
    _, pixels = figure.layers[0].pixels(2, 1.0, frozenset())
    assert pixels[2, 2].tolist() == [200, 0, 0, 255]
    assert "value R 200 G 0 B 0" in figure.words


def test_complex_numbers_and_unknown_sides_are_said(qtbot):
    from PySide6.QtWidgets import QLabel

    image = nibabel.Nifti1Image(np.full((4, 4, 4), 3 + 4j, np.complex64), np.eye(4))
    image.header.set_sform(None, 0)
    image.header.set_qform(None, 0)
    figure = shown(qtbot, Volume(image))
    words = " ".join(each.text() for each in figure.findChildren(QLabel))
    assert "shown as their magnitude" in words
    assert "left and right are not known" in words
    assert "value 5" in figure.words


def test_an_image_that_cannot_be_read_says_why(qtbot, tmp_path):
    import neurostudio.ui.drawing as drawing

    data = film(tmp_path)
    (tmp_path / "film.nii").unlink()
    figure = drawing.widget_for(data)
    qtbot.addWidget(figure)
    figure.show()
    qtbot.waitUntil(lambda: "cannot be read" in figure.words)
    assert not figure.ready


def test_where_napari_fails_the_slices_stay(qtbot, monkeypatch):
    from neurostudio.ui.drawing import volume_napari

    def no_napari():
        raise ImportError("no OpenGL")

    monkeypatch.setattr(volume_napari, "_load", no_napari)
    figure = shown(qtbot, planted()[0])
    figure.show_napari()
    qtbot.waitUntil(lambda: "cannot be used here: no OpenGL" in figure.napari.words.text())
    figure.show_slices()
    figure.go_to((10.0, -20.0, 30.0))
    assert "10.0, -20.0, 30.0 mm" in figure.words


def test_a_saved_picture_shows_the_slices_and_nothing_around_them(qtbot, tmp_path):
    data, place = planted()
    figure = shown(qtbot, data)
    figure.go_to(tuple(place))
    figure.save(tmp_path / "slices.png")
    from PySide6.QtGui import QImage

    picture = QImage(str(tmp_path / "slices.png"))
    assert picture.width() == 2 * figure.slices.width()
    assert picture.height() < 2 * figure.height()
    assert figure.columns()["value"] == ["1000"]
    figure.save(tmp_path / "slices.svg")
    drawn = (tmp_path / "slices.svg").read_text()
    assert drawn.count("<image") == 4  # the slices and the scale; axes and letters are vectors


def test_the_view_stays_where_it_was_when_it_is_shown_again(qtbot):
    figure = shown(qtbot, planted()[0])
    figure.hide()
    links().move_place((4.0, -12.0, 20.0), "aligned to another image")
    figure.show()
    plane = figure.slices.planes[2]
    assert plane._lines[0].value() == pytest.approx(4.0)
    assert "z = 20.0 mm" in plane.plot.titleLabel.text


def test_another_theme_keeps_what_is_looked_at(qtbot):
    from neurostudio.ui.theme import theme

    data, place = planted()
    figure = shown(qtbot, data)
    figure.go_to(tuple(place))
    figure.slices.planes[2].box.zoomed.emit(0.5)
    before = figure.slices.planes[2].box.viewRange()
    theme().choose("dark")
    qtbot.waitUntil(lambda: np.allclose(figure.slices.planes[2].box.viewRange(), before, atol=1.0))
    assert brightness(figure, figure.slices.planes[2], np.add(place, (1.0, 1.0, 0.0))) > 200


def test_a_packed_series_without_a_session_is_unpacked_elsewhere_and_removed(
    qtbot, tmp_path, monkeypatch
):
    import gc
    import tempfile

    from neurostudio import voxels

    monkeypatch.setattr(voxels, "_HELD", 10)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    figure = shown(qtbot, film(tmp_path, ".nii.gz"))
    assert len(list((tmp_path / "temporary").iterdir())) == 1
    figure.close()
    figure.deleteLater()
    del figure

    def removed():
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        return not list((tmp_path / "temporary").iterdir())

    qtbot.waitUntil(removed, timeout=45_000)


def test_without_opengl_there_is_no_choice_of_napari(qtbot):
    from neurostudio.ui.opengl import has_napari

    if has_napari():
        pytest.skip("there is OpenGL here")
    figure = shown(qtbot, planted()[0])
    assert not figure.bar.three_d.isVisible()
