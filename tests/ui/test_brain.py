"""A body in three dimensions: what is planted at a place is seen, picked and told at that place."""

from __future__ import annotations

import numpy as np
import pytest
import xarray
from neurostudio.ui.drawing import widget_for
from neurostudio.ui.drawing.brain_camera import Camera, apply
from neurostudio.ui.drawing.brain_picking import borders, point_under, vertex_under
from neurostudio.ui.drawing.brain_scene import Scene, normals_of, picture
from neurostudio.ui.linking import Place, links
from PySide6.QtCore import QPointF, Qt

from neurostudio.data import Points, Surface
from neurostudio.spaces import MNI152, MNI305, SCANNER
from neurostudio.views import Brain

RADIUS = 50.0


def globe(n: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """A sphere of 50 mm about the origin."""
    around, down = np.meshgrid(
        np.linspace(0, 2 * np.pi, 2 * n, endpoint=False), np.linspace(0, np.pi, n), indexing="ij"
    )
    places = RADIUS * np.stack(
        [np.sin(down) * np.cos(around), np.sin(down) * np.sin(around), np.cos(down)], axis=-1
    )
    index = np.arange(2 * n * n).reshape(2 * n, n)
    a, b = index[:, :-1].ravel(), np.roll(index, -1, axis=0)[:, :-1].ravel()
    return places.reshape(-1, 3), np.concatenate([np.c_[a, a + 1, b], np.c_[b, a + 1, b + 1]])


def planted(place: tuple[float, float, float], space: str = MNI305) -> Surface:
    """A sphere with a hot spot of 8 at a place, an atlas of left and right halves."""
    vertices, faces = globe()
    heat = 8 * np.exp(-((vertices - place) ** 2).sum(axis=1) / 100)
    side = np.where(vertices[:, 0] < 0, 1.0, 2.0)
    return Surface(
        vertices,
        faces,
        {"heat": heat, "halves": side},
        shapes={"inflated": vertices * 1.5},
        labels={"halves": {1: "left half", 2: "right half"}},
        space=space,
    )


@pytest.fixture
def shown(qtbot):
    """Show something and return its widget, which lives until the end of the test."""
    alive = []

    def show(thing):
        widget = widget_for(thing)
        alive.append(widget)
        qtbot.addWidget(widget)
        widget.resize(800, 640)
        widget.show()
        return widget

    yield show
    alive.clear()


def pixel(figure, place) -> tuple[float, float]:
    canvas = figure.canvas
    x, y, _ = apply(canvas.camera.matrix(canvas.width(), canvas.height()), np.array([place]))[0]
    return float(x), float(y)


@pytest.mark.parametrize(
    ("side", "letters", "right", "up"),
    [
        ("Left", ("A", "P", "I", "S"), (0, -1, 0), (0, 0, 1)),
        ("Right", ("P", "A", "I", "S"), (0, 1, 0), (0, 0, 1)),
        ("Top", ("L", "R", "P", "A"), (1, 0, 0), (0, 1, 0)),
        ("Bottom", ("L", "R", "A", "P"), (1, 0, 0), (0, -1, 0)),
        ("Back", ("L", "R", "I", "S"), (1, 0, 0), (0, 0, 1)),
        ("Front", ("R", "L", "I", "S"), (-1, 0, 0), (0, 0, 1)),
    ],
)
def test_each_side_shows_right_and_up_where_the_letters_say(side, letters, right, up):
    camera = Camera(radius=RADIUS)
    camera.look_from(side)
    assert camera.letters() == letters
    places = apply(camera.matrix(400, 300), np.array([[0, 0, 0], right, up], float))
    scale = camera.scale(400, 300)
    np.testing.assert_allclose(places[0, :2], (200, 150), atol=1e-3)
    np.testing.assert_allclose(places[1, :2] - places[0, :2], (scale, 0), atol=1e-3)
    np.testing.assert_allclose(places[2, :2] - places[0, :2], (0, -scale), atol=1e-3)


def test_normals_of_a_sphere_point_outwards():
    vertices, faces = globe()
    normals = normals_of(vertices.astype(np.float32), faces.astype(np.int32))
    inner = slice(None)
    cosine = np.abs((normals[inner] * vertices[inner] / RADIUS).sum(axis=1))
    assert np.median(cosine) > 0.999


def test_the_vertex_under_the_middle_is_the_one_nearest_to_the_eye():
    vertices, faces = globe()
    camera = Camera(radius=RADIUS)
    camera.look_from("Right")
    places = apply(camera.matrix(400, 300), vertices)
    found = vertex_under(places, faces.astype(np.int32), 200.0, 150.0)
    assert vertices[found, 0] == pytest.approx(RADIUS, abs=0.5)  # not the one behind, at -50 mm
    assert vertex_under(places, faces.astype(np.int32), 3.0, 3.0) is None


def test_of_points_in_reach_the_nearest_to_the_eye_is_taken():
    places = np.array([[10.0, 10, 1], [12, 10, 5], [90, 90, 9]], np.float32)
    assert point_under(places, 11.0, 10.0, 5.0) == 1
    assert point_under(places, 50.0, 50.0, 5.0) is None


def test_borders_run_through_the_middles_of_edges_between_regions():
    vertices = np.array([[0.0, 0, 0], [2, 0, 0], [0, 2, 0], [2, 2, 0]])
    faces = np.array([[0, 1, 2], [1, 3, 2]], np.int32)
    lines = borders(vertices, faces, np.array([1, 2, 1, 2]))
    assert lines.shape == (2, 2, 3)
    np.testing.assert_array_equal(lines[..., 0], np.ones((2, 2)))  # all on the line x = 1
    assert borders(vertices, faces, np.ones(4)).shape == (2, 0, 3)


def test_a_nearer_triangle_hides_a_farther_one_and_glass_hides_nothing():
    square, above = (
        np.array([[-1.0, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]),
        np.array([0, 0, 5]),
    )
    vertices = np.stack([square, square + above]).reshape(-1, 3).astype(np.float32)
    faces = np.array([[4, 5, 6], [4, 6, 7], [0, 1, 2], [0, 2, 3]], np.int32)
    colours = np.repeat(np.array([[1.0, 0, 0], [0, 1, 0]], np.float32), 4, axis=0)
    scene = Scene(
        vertices=vertices, faces=faces, colours=colours, light=0.0, ground=(0.0, 0.0, 0.0)
    )
    scene.normals = normals_of(vertices, faces)
    camera = Camera(radius=1.5)
    camera.look_from("Top")
    assert tuple(picture(scene, camera, 60, 60)[30, 30]) == (0, 255, 0)
    camera.look_from("Bottom")
    assert tuple(picture(scene, camera, 60, 60)[30, 30]) == (255, 0, 0)
    scene.spheres = np.array([[0.0, 0, 2]], np.float32)
    scene.sphere_radii = np.array([0.3], np.float32)
    scene.sphere_colours = np.array([[0.0, 0, 1]], np.float32)
    assert picture(scene, camera, 60, 60)[30, 30, 2] == 0  # inside, hidden
    scene.glass = True
    assert picture(scene, camera, 60, 60)[30, 30, 2] > 200


@pytest.mark.parametrize("place", [(-RADIUS, 0.0, 0.0), (-35.0, 20.0, 29.0)])
def test_a_hot_spot_is_drawn_at_its_millimetres(shown, qtbot, place):
    figure = shown(planted(place))
    figure.bar.threshold.setValue(2.0)
    figure.canvas.camera.look_from("Left")
    image = figure.image()
    scale = image.width() / figure.canvas.width()
    pixels = np.array(
        [
            [image.pixelColor(x, y).getRgb()[:3] for x in range(0, image.width(), 4)]
            for y in range(0, image.height(), 4)
        ],
        float,
    )
    # the scale is yellow at its top: green over blue, which grey cortex and letters never are
    hot = np.argwhere(pixels[..., 1] - pixels[..., 2] > 90)
    inside = hot[hot[:, 1] * 4 < image.width() - 80]  # the scale at the right is as colourful
    found = inside[:, ::-1].mean(axis=0) * 4 / scale
    np.testing.assert_allclose(found, pixel(figure, place), atol=6)


def test_a_click_moves_the_place_of_all_views_and_chooses_the_region(shown, qtbot):
    figure = shown(planted((-RADIUS, 0, 0)))
    figure.bar.side_chosen.emit("Left")
    x, y = pixel(figure, (-RADIUS, 0.0, 0.0))
    qtbot.mouseClick(
        figure.canvas.picture_widget, Qt.MouseButton.LeftButton, pos=QPointF(x, y).toPoint()
    )
    place = links().place
    assert place.space == MNI305
    np.testing.assert_allclose(place.position, (-RADIUS, 0, 0), atol=5)
    assert links().units == {"left half"}
    assert "left half" in figure.words
    assert "heat 7." in figure.words or "heat 8" in figure.words


def test_a_place_on_the_inflated_shape_is_told_in_anatomical_millimetres(shown, qtbot):
    figure = shown(planted((-RADIUS, 0, 0)))
    figure.bar.shapes.setCurrentText("inflated")
    figure.bar.side_chosen.emit("Left")
    x, y = pixel(figure, (-1.5 * RADIUS, 0.0, 0.0))
    qtbot.mouseClick(
        figure.canvas.picture_widget, Qt.MouseButton.LeftButton, pos=QPointF(x, y).toPoint()
    )
    assert np.linalg.norm(links().place.position) == pytest.approx(RADIUS, abs=0.1)


def test_a_place_of_a_near_space_is_followed_and_of_another_is_not(shown):
    figure = shown(planted((-RADIUS, 0, 0)))
    links().move_place((0.0, 0.0, RADIUS), MNI152)
    np.testing.assert_allclose(figure.canvas.scene.place, (0, 0, RADIUS), atol=0.1)
    assert "4 mm" in figure.words
    links().move_place((RADIUS, 0.0, 0.0), SCANNER)
    np.testing.assert_allclose(figure.canvas.scene.place, (0, 0, RADIUS), atol=0.1)
    assert "different spaces" in figure.words


def test_values_over_time_follow_the_time_of_all_views(shown):
    vertices, faces = globe(12)
    series = np.stack(
        [np.zeros(len(vertices)), np.ones(len(vertices)), np.full(len(vertices), 2.0)], 1
    )
    figure = shown(
        Surface(vertices, faces, {}, series={"power": series}, times=np.array([0.0, 0.5, 1.0]))
    )
    figure.go_to((0.0, 0.0, RADIUS))
    links().move_time(0.6)
    figure.go_to((0.0, 0.0, RADIUS))
    assert "power 1" in figure.words
    links().move_time(1.2)
    figure.go_to((0.0, 0.0, RADIUS))
    assert "power 2" in figure.words


def network(**more) -> Brain:
    vertices, faces = globe(12)
    points = np.array([[-30.0, 0, 0], [30, 0, 0], [0, 30, 0]])
    return Brain(
        vertices=vertices,
        faces=faces,
        points=points,
        point_names=("a", "b", "c"),
        edges=np.array([[0, 1], [1, 2], [0, 2]]),
        weights=np.array([0.1, -3.0, 1.0]),
        space=MNI152,
        **more,
    )


def test_nodes_are_chosen_by_click_and_by_other_views(shown, qtbot):
    figure = shown(network())
    x, y = pixel(figure, (30.0, 0.0, 0.0))
    qtbot.mouseClick(
        figure.canvas.picture_widget, Qt.MouseButton.LeftButton, pos=QPointF(x, y).toPoint()
    )
    assert links().units == {"b"}
    assert links().place == Place((30.0, 0.0, 0.0), MNI152)
    assert figure.canvas.scene.sphere_radii.argmax() == 1
    links().choose_units({"c"})
    assert figure.canvas.scene.sphere_radii.argmax() == 2


def test_names_stay_at_their_points_when_the_picture_grows(shown):
    figure = shown(network())
    figure.bar.names.setChecked(True)
    for size in ((800, 640), (420, 500)):
        figure.resize(*size)
        written = {name: (x, y) for name, x, y in figure.canvas.overlay.words.names}
        assert written["b"] == pytest.approx(pixel(figure, (30.0, 0.0, 0.0)), abs=0.5)


def test_the_strongest_edges_are_kept_whatever_their_sign_and_those_of_chosen_nodes(shown):
    figure = shown(network())
    figure.bar.density.setValue(34)
    starts = figure.canvas.scene.starts
    np.testing.assert_array_equal(starts, [[30, 0, 0]])  # the edge b-c of weight -3
    figure.bar.density.setValue(100)
    assert len(figure.canvas.scene.starts) == 3
    links().choose_units({"a"})
    assert len(figure.canvas.scene.starts) == 2


def test_electrodes_of_the_same_space_are_added_and_others_refused(shown, studio, qtbot, tmp_path):
    from neurostudio.ui.shelf import shelf

    def points(space: str) -> Points:
        values = {axis: ("point", [1.0, 2.0]) for axis in "xyz"}
        return Points(
            xarray.Dataset({**values, "name": ("point", ["A1", "A2"])}, attrs={"space": space})
        )

    class Kept:
        kind = "Points"

        def __init__(self, data):
            self.data = data

        def load(self):
            return self.data

    shelf().put({"seeg": Kept(points(MNI152)), "other": Kept(points(SCANNER))})
    figure = shown(planted((-RADIUS, 0, 0)))
    figure.add_item("other")
    qtbot.waitUntil(lambda: "Not added" in figure.words)
    assert len(figure.canvas.scene.spheres) == 0
    figure.add_item("seeg")
    qtbot.waitUntil(lambda: "2 points added" in figure.words)
    np.testing.assert_array_equal(figure.canvas.scene.spheres, [[1, 1, 1], [2, 2, 2]])
    shelf().put({})


def test_one_hemisphere_hides_the_other(shown):
    vertices, faces = globe(12)
    apart = np.array([55.0, 0, 0])
    both = np.stack([vertices - apart, vertices + apart]).reshape(-1, 3)
    every = np.concatenate([faces, faces + len(vertices)])
    side = np.repeat([1.0, 2.0], len(vertices))
    figure = shown(
        Surface(both, every, {"hemisphere": side}, labels={"hemisphere": {1: "left", 2: "right"}})
    )
    figure.bar.hemispheres.setCurrentText("Left side")
    kept = figure.canvas.scene.faces
    assert len(kept) == len(faces)
    assert both[kept.ravel(), 0].max() < 0


def test_a_mesh_without_values_is_shown_and_its_vertices_are_its_columns(shown):
    vertices, faces = globe(8)
    figure = shown(Surface(vertices, faces, {}))
    assert figure.bar.maps.currentText() == "nothing"
    assert figure.columns()["x (mm)"] == pytest.approx(vertices[:, 0].tolist(), abs=1e-4)


def test_a_figure_is_saved_without_its_controls(shown, tmp_path):
    figure = shown(planted((-RADIUS, 0, 0)))
    figure.save(tmp_path / "brain.png")
    figure.save(tmp_path / "brain.svg")
    from PySide6.QtGui import QImage

    image = QImage(str(tmp_path / "brain.png"))
    assert image.width() == 2 * figure.canvas.width()
    assert (tmp_path / "brain.svg").stat().st_size > 10_000
