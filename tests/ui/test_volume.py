"""The volume view: places, sides, layers, time, all without OpenGL."""

from __future__ import annotations

import nibabel
import numpy as np
import pytest

pytest.importorskip("PySide6")

from neurostudio.ui.drawing.slices import SlicesPlot
from neurostudio.ui.linking import links
from neurostudio.ui.shelf import shelf
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from neurostudio.data import Points, Volume
from neurostudio.views import Slices

from .volumes import OpenItem, affine_of, atlas, brightness, pixel_of, planted, settled, shown


@pytest.fixture(autouse=True)
def nothing_shared():
    """Every test begins at no place, with the left on the left and nothing open."""
    links().place = None
    SlicesPlot.radiological = False
    yield
    links().place = None
    SlicesPlot.radiological = False
    shelf().put({})


def beside(plane, place, mm=12.0):
    """A place in the same slice, some mm away both ways."""
    away = np.array(place, float)
    away[plane.across] += mm
    away[plane.up] -= mm
    return away


@pytest.mark.parametrize("name", ["straight", "anisotropic", "flipped", "oblique"])
def test_a_bright_voxel_is_seen_at_its_millimetres(name, qtbot):
    data, place = planted(name)
    figure = shown(qtbot, data)
    figure.go_to(tuple(place))
    for plane in figure.slices.planes:
        for line in plane._lines:
            line.hide()  # the crosshair stands exactly there
        assert brightness(figure, plane, place) > 200
        assert brightness(figure, plane, beside(plane, place)) < 60
    assert "voxel 5, 13, 11" in figure.words
    assert "value 1000" in figure.words


def test_left_is_where_the_letter_says_on_either_convention(qtbot):
    data, place = planted()  # the voxel lies to the left of the image's middle
    figure = shown(qtbot, data)
    middle = figure.layers[0].bounds.mean(axis=1)
    axial = figure.slices.planes[2]
    assert place[0] < middle[0]
    assert pixel_of(axial, place).x() < pixel_of(axial, middle).x()
    assert axial._letters[0].toPlainText() == "L"
    figure.bar.sides.setCurrentIndex(1)
    assert pixel_of(axial, place).x() > pixel_of(axial, middle).x()
    assert axial._letters[0].toPlainText() == "R"
    assert "left is on the right (radiological)" in figure.slices._label.text
    sagittal = figure.slices.planes[0]
    assert sagittal._letters[0].toPlainText() == "P"


def test_a_click_goes_to_its_place_and_tells_all_views(qtbot):
    data, place = planted()
    figure = shown(qtbot, data)
    figure.go_to(tuple(place))
    axial = figure.slices.planes[2]
    at = pixel_of(axial, beside(axial, place))
    qtbot.mouseClick(figure.slices.area.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.waitUntil(lambda: links().place is not None)
    wanted = beside(axial, place)
    np.testing.assert_allclose(links().place.position, wanted, atol=0.5)
    assert links().place.space == "aligned to another image"


def test_the_wheel_steps_from_slice_to_slice_and_zooms_with_control(qtbot):
    data, place = planted("anisotropic")
    figure = shown(qtbot, data)
    figure.go_to(tuple(place))
    plane = figure.slices.planes[2]
    at = pixel_of(plane, place)

    def turn(keys):
        area = figure.slices.area.viewport()
        event = QWheelEvent(
            QPointF(at), QPointF(area.mapToGlobal(at)), QPoint(), QPoint(0, 120),
            Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(area, event)

    turn(Qt.KeyboardModifier.NoModifier)
    np.testing.assert_allclose(figure.slices.place, np.add(place, (0, 0, 4.0)))
    before = plane.box.viewRange()[0]
    turn(Qt.KeyboardModifier.ControlModifier)
    after = plane.box.viewRange()[0]
    assert after[1] - after[0] < 0.9 * (before[1] - before[0])
    np.testing.assert_allclose(figure.slices.place, np.add(place, (0, 0, 4.0)))


def test_a_place_of_a_linked_space_is_followed_and_one_of_another_is_explained(qtbot):
    figure = shown(qtbot, planted(code=4)[0])  # MNI152
    links().move_place((4.0, -12.0, 20.0), "MNI152")
    np.testing.assert_allclose(figure.slices.place, [4.0, -12.0, 20.0])
    links().move_place((1.0, 2.0, 3.0), "MNI305")
    np.testing.assert_allclose(figure.slices.place, [1.0, 2.0, 3.0])
    assert "differ by up to about 4 mm" in figure.words
    links().move_place((9.0, 9.0, 9.0), "Talairach")
    np.testing.assert_allclose(figure.slices.place, [1.0, 2.0, 3.0])
    assert "Not followed to 9.0, 9.0, 9.0 mm" in figure.words


def test_two_volumes_of_one_space_move_together(qtbot):
    one = shown(qtbot, planted(code=4)[0])
    other = shown(qtbot, planted("oblique", code=4)[0])
    one.bar.place.setText("5, -15, 25 mm")
    one.bar.place.returnPressed.emit()
    np.testing.assert_allclose(other.slices.place, [5, -15, 25])
    one.bar.place.setText("five")
    one.bar.place.returnPressed.emit()
    assert "three numbers in mm" in one.words
    np.testing.assert_allclose(one.slices.place, [5, -15, 25])


def test_the_distance_between_two_clicks_is_measured_in_mm(qtbot):
    figure = shown(qtbot, planted()[0])
    figure.bar.measure.setChecked(True)
    figure.go_to((10.0, -20.0, 30.0))
    figure.slices.planes[2].box.clicked.emit(10.0, -20.0)
    figure.slices.planes[2].box.clicked.emit(13.0, -16.0)
    assert figure.slices.distance == pytest.approx(5.0)
    assert "distance 5.0 mm" in figure.words
    figure.bar.measure.setChecked(False)
    assert figure.slices.distance is None


def test_a_drag_with_the_right_button_changes_the_range_of_the_chosen_layer(qtbot):
    figure = shown(qtbot, planted()[0])
    look = figure.layers[0].look
    before = look.high - look.low
    figure.slices.planes[0].box.ranged.emit(40.0, 0.0)
    assert look.high - look.low == pytest.approx(1.2 * before)
    assert figure.panel.high.value() == pytest.approx(look.high, rel=1e-4)


def test_keys_step_one_voxel(qtbot):
    data, place = planted("anisotropic")
    figure = shown(qtbot, data)
    figure.go_to(tuple(place))
    figure.slices.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_PageUp, Qt.Key.Key_PageUp):
        qtbot.keyClick(figure.slices, key)
    np.testing.assert_allclose(figure.slices.place, np.add(place, (2.0, 3.0, 8.0)))
    np.testing.assert_allclose(links().place.position, figure.slices.place)


def test_a_double_click_brings_the_place_to_the_middle(qtbot):
    figure = shown(qtbot, planted()[0])
    plane = figure.slices.planes[2]
    plane.box.centred.emit(14.0, -10.0)
    (left, right), (bottom, top) = plane.box.viewRange()
    np.testing.assert_allclose([(left + right) / 2, (bottom + top) / 2], [14, -10], atol=1e-6)


# ---- layers ----------------------------------------------------------------------------------------


def add(qtbot, figure, name):
    figure.add_item(name)
    settled(qtbot, figure)


def test_an_image_on_another_grid_lies_over_the_same_millimetres(qtbot):
    figure = shown(
        qtbot,
        Volume(nibabel.Nifti1Image(np.ones((60, 60, 60), np.uint8), np.diag([2.0, 2, 2, 1]) - 0)),
    )
    values = np.zeros((16, 20, 18), np.float32)
    values[5, 13, 11] = 9.0
    affine = affine_of("oblique")
    affine[:3, 3] += [50, 80, 30]
    shelf().put({"map": OpenItem("Volume", Volume(nibabel.Nifti1Image(values, affine)))})
    add(qtbot, figure, "map")
    place = affine[:3, :3] @ (5, 13, 11) + affine[:3, 3]
    figure.go_to(tuple(place))
    assert "map 9" in figure.words
    plane, pixels = figure.layers[1].pixels(2, place[2], frozenset())
    rows, columns = np.nonzero(pixels[..., 3])
    seen = (
        plane.start[0] + plane.steps[0] * columns.mean(),
        plane.start[1] + plane.steps[1] * rows.mean(),
    )
    np.testing.assert_allclose(seen, place[:2], atol=0.51 * plane.steps[0])


def test_an_item_of_another_space_is_refused_and_stays_labelled_if_it_is_insisted_on(qtbot):
    figure = shown(qtbot, planted(code=4)[0])
    shelf().put({"other": OpenItem("Volume", planted(code=3)[0])})
    add(qtbot, figure, "other")
    assert len(figure.layers) == 1
    assert "different spaces" in figure.panel.refusal.text()
    assert figure.panel.anyway.isVisible()
    figure.panel.anyway.click()
    assert figure.layers[1].note == "other space"
    assert "[other space]" in figure.panel.list.item(0).text()
    assert not figure.panel.anyway.isVisible()


def test_what_has_no_place_is_not_added(qtbot):
    import xarray

    figure = shown(qtbot, planted()[0])
    table = xarray.Dataset({"a": ("point", [1.0, 2.0])})
    shelf().put({"flat": OpenItem("Points", Points(table))})
    add(qtbot, figure, "flat")
    assert "no places in space" in figure.panel.refusal.text()


def test_points_are_seen_in_the_slices_near_them_and_chosen_by_a_click(qtbot):
    import xarray

    figure = shown(qtbot, planted()[0])
    figure.go_to((10.0, -20.0, 30.0))
    table = xarray.Dataset(
        {
            "x": ("point", [10.0, 10.0]),
            "y": ("point", [-20.0, -20.0]),
            "z": ("point", [31.0, 45.0]),
            "name": ("point", ["near", "far"]),
        }
    )
    shelf().put({"electrodes": OpenItem("Points", Points(table))})
    add(qtbot, figure, "electrodes")
    axial = figure.slices.planes[2]
    assert [str(each) for each in axial._pictures[1].data["data"]] == ["near"]
    axial._point_clicked(None, axial._pictures[1].points(), None)
    assert links().units == {"near"}
    figure.go_to((10.0, -20.0, 44.0))
    assert [str(each) for each in axial._pictures[1].data["data"]] == ["far"]


def test_sensors_of_a_recording_lie_in_millimetres():
    import mne
    from neurostudio.ui.drawing.slice_layers import layer_of

    from neurostudio.data import Recording

    raw = mne.io.RawArray(
        np.zeros((2, 10)), mne.create_info(["Cz", "Oz"], 100.0, "eeg"), verbose="error"
    )
    places = {"Cz": (0.0, 0.0, 0.1), "Oz": (0.0, -0.09, 0.01)}
    raw.set_montage(mne.channels.make_dig_montage(places, coord_frame="head"))
    layer = layer_of("eeg", Recording(raw))
    np.testing.assert_allclose(layer.positions, [[0, 0, 100], [0, -90, 10]], atol=1e-4)
    assert layer.names == ("Cz", "Oz")


def test_sensors_about_a_head_are_not_taken_for_places_of_a_scan(qtbot):
    import mne

    from neurostudio.data import Recording

    info = mne.create_info(["Cz"], 100.0, "eeg")
    raw = mne.io.RawArray(np.zeros((1, 10)), info, verbose="error")
    raw.set_montage(mne.channels.make_dig_montage({"Cz": (0.0, 0.0, 0.1)}, coord_frame="head"))
    figure = shown(qtbot, planted()[0])
    shelf().put({"eeg": OpenItem("Recording", Recording(raw))})
    add(qtbot, figure, "eeg")
    assert len(figure.layers) == 1
    assert "head (nasion and ears) are different spaces" in figure.panel.refusal.text()


def test_an_atlas_names_regions_and_a_click_chooses_one(qtbot):
    figure = shown(qtbot, atlas())
    left = np.subtract(figure.layers[0].bounds.mean(axis=1), (10.0, 0, 0))
    figure.go_to(tuple(left))
    assert "1 (Left half)" in figure.words
    before = brightness_of_colours(figure, left)
    figure.slices.planes[2].box.clicked.emit(left[0], left[1])
    assert links().units == {"Left half"}
    right = np.add(left, (20.0, 0, 0))
    assert pixel_alpha(figure, left) == 255
    assert pixel_alpha(figure, right) < 100
    assert before == brightness_of_colours(figure, left)
    links().choose_units(())
    assert pixel_alpha(figure, right) == 255


def pixel_alpha(figure, place):
    plane, pixels = figure.layers[0].pixels(2, place[2], links().units)
    row = round((place[1] - plane.start[1]) / plane.steps[1])
    column = round((place[0] - plane.start[0]) / plane.steps[0])
    return int(pixels[row, column, 3])


def brightness_of_colours(figure, place):
    plane, pixels = figure.layers[0].pixels(2, place[2], frozenset())
    row = round((place[1] - plane.start[1]) / plane.steps[1])
    column = round((place[0] - plane.start[0]) / plane.steps[0])
    return pixels[row, column, :3].tolist()


def test_weak_values_of_a_map_with_both_signs_are_hidden_on_both_sides(qtbot):
    from neurostudio.ui.drawing.slice_colours import TWO_SIDED, Look, coloured

    from neurostudio.grids import Cut

    values = np.array([[-4.0, -1.0, 0.0, 1.0, 4.0, np.nan, np.inf]])
    look = Look(TWO_SIDED, -5.0, 5.0, threshold=2.0)
    pixels = coloured(Cut(values, np.ones(values.shape, bool)), look)
    assert (pixels[0, :, 3] > 0).tolist() == [True, False, False, False, True, False, True]
    cold, warm = pixels[0, 0, :3].astype(int), pixels[0, 4, :3].astype(int)
    assert cold[2] > cold[0]
    assert warm[0] > warm[2]


def test_a_large_number_of_a_region_in_a_small_type_has_a_colour():
    from neurostudio.ui.drawing.slice_colours import ONE, REGIONS, Look, coloured

    from neurostudio.grids import Cut

    for dtype in (np.uint8, np.int16, np.uint32, np.float32):
        values = np.array([[0, 1, 100]], dtype)
        for name in (REGIONS, ONE):
            pixels = coloured(Cut(values, np.ones((1, 3), bool)), Look(name, 0, 100))
            assert (pixels[0, :, 3] > 0).tolist() == [False, True, True]


def test_an_image_of_noughts_and_ones_is_seen_as_a_mask_over_another():
    from neurostudio.ui.drawing.slice_colours import GREY, ONE, first_look

    values = np.array([0.0, 0.0, 1.0])
    assert first_look(values, over=True, regions=False, whole=True).colours == ONE
    assert first_look(values, over=False, regions=False, whole=True).colours == GREY


def test_layers_are_ordered_hidden_and_taken_away(qtbot):
    figure = shown(qtbot, planted()[0])
    shelf().put({name: OpenItem("Volume", planted()[0]) for name in ("a", "b")})
    add(qtbot, figure, "a")
    add(qtbot, figure, "b")
    figure.panel.down.click()
    assert [each.name for each in figure.layers] == ["This image", "b", "a"]
    figure.panel.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert not figure.layers[2].look.visible
    assert not figure.slices.planes[0]._pictures[2].isVisible()
    figure.panel.list.setCurrentRow(1)
    figure.panel.away.click()
    assert [each.name for each in figure.layers] == ["This image", "a"]
    figure.panel.list.setCurrentRow(1)
    assert not figure.panel.away.isEnabled()  # the lowest stays


def test_the_look_of_a_layer_is_set_in_the_panel(qtbot):
    figure = shown(qtbot, planted()[0])
    panel, look = figure.panel, figure.layers[0].look
    panel.colours.setCurrentText("Hot")
    panel.low.setValue(5.0)
    panel.high.setValue(50.0)
    panel.threshold.setValue(20.0)
    panel.opacity.setValue(40)
    panel.smooth.setChecked(True)
    found = (look.colours, look.low, look.high, look.threshold, look.opacity, look.smooth)
    assert found == ("Hot", 5.0, 50.0, 20.0, 0.4, True)
    panel.colours.setCurrentText("Regions")
    assert not panel.low.isVisible()  # numbers of regions have no range
    assert panel.opacity.isVisible()


def test_the_menu_offers_what_is_open_and_has_a_place(qtbot):
    figure = shown(qtbot, planted()[0])
    figure.panel.fill_menu()
    assert not figure.panel.menu.actions()[0].isEnabled()
    shelf().put({"t1": OpenItem("Volume", planted()[0]), "words": OpenItem("Text", planted()[0])})
    figure.panel.fill_menu()
    assert [each.text() for each in figure.panel.menu.actions()] == ["t1"]


def test_anatomy_lies_below_a_described_map_and_the_threshold_holds(qtbot):
    values = np.zeros((4, 4, 4))
    values[1, 1, 1], values[2, 2, 2] = 5.0, 1.0
    view = Slices(
        values=values, affine=np.diag([4.0, 4, 4, 1]), under=np.ones((16, 16, 16)),
        under_affine=np.eye(4), threshold=3.0, diverging=True, value_label="effect", value_unit="t",
        space="MNI152",
    )  # fmt: skip
    figure = shown(qtbot, view)
    assert [each.name for each in figure.layers] == ["Anatomy", "effect"]
    figure.go_to((4.0, 4.0, 4.0))
    assert "effect 5 t" in figure.words
    assert "MNI152" in figure.words
    plane, pixels = figure.layers[1].pixels(2, 4.0, frozenset())
    assert (pixels[..., 3] > 0).sum() == 1
    assert (figure.layers[1].pixels(2, 8.0, frozenset())[1][..., 3] > 0).sum() == 0
    del plane


@pytest.mark.parametrize(
    ("values", "colours"),
    [
        (np.eye(4), "One colour"),
        (np.arange(16.0).reshape(4, 4), "Regions"),
        (np.linspace(0.5, 0.9, 16).reshape(4, 4), "Hot"),
    ],
)
def test_a_described_map_over_anatomy_is_never_grey(qtbot, values, colours):
    under = np.random.default_rng(0).random((4, 4, 4))
    view = Slices(
        values=np.repeat(values[..., None], 4, axis=2), affine=np.eye(4), under=under, threshold=0.4
    )
    assert shown(qtbot, view).layers[1].look.colours == colours
    alone = Slices(values=under, affine=np.eye(4))
    assert shown(qtbot, alone).layers[0].look.colours == "Grey"


# ---- time ------------------------------------------------------------------------------------------


def film(tmp_path, suffix=".nii"):
    """Six volumes, 2 s apart, each with its number as value; one voxel counts by tens."""
    values = np.arange(6, dtype=np.int16) * np.ones((4, 5, 6, 1), np.int16)
    values[1, 2, 3] = np.arange(6) * 10
    image = nibabel.Nifti1Image(values, np.eye(4))
    image.header.set_zooms((1, 1, 1, 2.0))
    image.header.set_xyzt_units("mm", "sec")
    nibabel.save(image, tmp_path / f"film{suffix}")
    return Volume(nibabel.load(tmp_path / f"film{suffix}", mmap=False))


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


# ---- odd images ------------------------------------------------------------------------------------


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
