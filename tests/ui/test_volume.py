"""The volume view: places, sides, layers, time, all without OpenGL."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("PySide6")

from neurostudio.ui.linking import links
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from .volumes import brightness, pixel_of, planted, shown

pytestmark = pytest.mark.usefixtures("nothing_shared")


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
