"""Sensors in space: seen from each side, turned and moved by the mouse."""

import numpy as np
import pytest
from neurostudio.ui.drawing import widget_for
from neurostudio.ui.drawing.turning import SIDES, dragged, projected, rotation, sphere_of
from neurostudio.ui.linking import links
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from neurostudio.views import Sensors

PLACES = {
    "R": (0.1, 0, 0),
    "F": (0, 0.1, 0),
    "T": (0, 0, 0.1),
    "L": (-0.1, 0, 0),
    "B": (0, -0.1, 0),
}


@pytest.fixture
def figure(qtbot):
    """Five sensors at the ends of the axes, and two maps."""
    view = Sensors(
        positions=np.array(list(PLACES.values()), float),
        names=tuple(PLACES),
        values=np.stack([np.arange(5.0), -np.arange(5.0)]),
        titles=("first", "second"),
        times=np.array([1.0, 2.0]),
        axis="time",
    )
    made = widget_for(view)
    qtbot.addWidget(made)
    made.resize(500, 500)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.mark.parametrize(
    ("side", "right", "up", "near"),
    [
        ("Top", "R", "F", "T"),
        ("Back", "R", "T", "B"),
        ("Front", "L", "T", "F"),
        ("Left", "B", "T", "L"),
        ("Right", "F", "T", "R"),
    ],
)
def test_each_side_shows_what_a_person_standing_there_would_see(side, right, up, near):
    turn = rotation(*SIDES[side])
    for row, name in enumerate((right, up, near)):
        np.testing.assert_allclose(turn[row] @ np.array(PLACES[name]), 0.1, atol=1e-12)


def test_left_is_seen_with_the_nose_to_the_left():
    seen = rotation(*SIDES["Left"]) @ np.array(PLACES["F"])
    assert seen[0] == pytest.approx(-0.1)


def test_the_sphere_through_points_of_a_sphere_is_that_sphere():
    random = np.random.default_rng(0)
    points = random.normal(size=(20, 3))
    points = [0.01, 0.02, 0.03] + 0.09 * points / np.linalg.norm(points, axis=1, keepdims=True)
    found = sphere_of(points)
    np.testing.assert_allclose(found.centre, [0.01, 0.02, 0.03], atol=1e-12)
    assert found.radius == pytest.approx(0.09)


def test_a_dragged_sensor_stays_on_its_sphere_and_under_the_mouse():
    sphere = sphere_of(np.array(list(PLACES.values())))
    turn = rotation(20.0, 40.0)
    start = np.array([0.0, 0.0, 0.1])
    moved = dragged(start, (0.03, -0.02), sphere, turn)
    seen = projected(moved[None], sphere, turn)[0]
    np.testing.assert_allclose(seen[:2], [0.03, -0.02], atol=1e-12)
    radius = np.linalg.norm(start - sphere.centre)
    assert np.linalg.norm(moved - sphere.centre) == pytest.approx(radius)


def test_a_drag_to_the_right_turns_the_near_side_to_the_right(figure):
    figure.head.turn_to(0.0, 0.0)
    drag(figure.head, QPoint(200, 150), QPoint(260, 150))
    assert figure.head.azimuth == pytest.approx(-30)
    seen = rotation(figure.head.azimuth, 0.0) @ np.array(PLACES["B"])
    assert seen[0] > 0.01


def test_a_shift_drag_moves_a_sensor_and_the_move_can_be_copied(figure, qapp):
    head = figure.head
    head.turn_to(0.0, 90.0)
    box = head._plot.getViewBox()
    start, end = (
        head.mapFromScene(box.mapViewToScene(QPointF(x, y))) for x, y in ((0, 0), (0.03, 0.0))
    )
    assert not figure.copy_moves.isEnabled()
    drag(head, start, end, Qt.KeyboardModifier.ShiftModifier)
    x, y, z = head.moves["T"]
    assert (x, y) == pytest.approx((0.03, 0.0), abs=2e-3)
    assert z > 0.08
    figure.copy_moves.click()
    assert qapp.clipboard().text() == f"T {x:.4f} {y:.4f} {z:.4f}"


def test_the_slider_and_the_common_time_choose_the_map(figure):
    figure.slider.setValue(1)
    assert figure.shown.text() == "second"
    np.testing.assert_array_equal(figure.head.values, -np.arange(5.0))
    links().move_time(1.1)
    assert figure.slider.value() == 0
    links().time = None


def test_names_of_the_far_side_are_not_written(figure):
    figure.head.turn_to(0.0, 0.0)
    shown = {text.toPlainText() for text in figure.head._texts if text.isVisible()}
    assert "B" in shown
    assert "F" not in shown
    figure.names.setChecked(False)
    assert not any(text.isVisible() for text in figure.head._texts)


def drag(widget, start, end, modifiers=Qt.KeyboardModifier.NoModifier):
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    target = widget.viewport()
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(target, left, modifiers, start)
    place = QPointF(end)
    event = QMouseEvent(
        QEvent.Type.MouseMove, place, target.mapToGlobal(place), left, left, modifiers
    )
    widget.mouseMoveEvent(event)
    QTest.mouseRelease(target, left, modifiers, end)
