"""Cameras, sphere tracing and meshes seen from anywhere: places and depths a person can compute."""

from dataclasses import replace

import numpy as np
import pytest

from neurostudio.api import BadInput, ImageStack, Surface
from tests.plugins.posed_pictures import fit, one_camera, part, simulate

torch = pytest.importorskip("torch")
pytest.importorskip("lightning_fabric")


# cameras


def test_a_camera_behind_the_head_sees_right_on_the_right_and_up_above():
    origins, directions = one_camera().rays(0)
    np.testing.assert_allclose(origins[2, 2], [0, -10, 0])
    np.testing.assert_allclose(directions[2, 2], [0, 1, 0], atol=1e-12)
    assert directions[2, 4, 0] > 0.1  # RAS: x to the right
    assert directions[0, 2, 2] > 0.1  # the first row is up


@pytest.mark.parametrize("convention", ["OpenCV", "OpenGL"])
def test_cameras_come_back_from_either_convention(convention):
    stack = simulate(views=5, size=8, convention=convention)["views"]
    read = part("cameras").read_cameras(stack, convention)
    expected = part("cameras").around(part("scenes").BOUNDS, 5, 8, 40.0, 2.8)
    np.testing.assert_allclose(read.poses, expected.poses, atol=1e-9)
    np.testing.assert_allclose(read.intrinsics, expected.intrinsics)
    np.testing.assert_allclose(read.bounds, part("scenes").BOUNDS)


def test_opengl_looks_along_minus_z():
    stack = simulate(views=3, size=8, convention="OpenGL")["views"]
    raw = part("cameras").matrices(stack.array.coords, "camera_to_world", 4)
    inwards = part("scenes").MIDDLE - raw[:, :3, 3]
    assert ((-raw[:, :3, 2] * inwards).sum(axis=1) > 0).all()


def test_the_convention_is_asked_for_and_a_contradiction_is_refused():
    stack = simulate(views=4, size=8)["views"]
    with pytest.raises(BadInput, match="Which way"):
        fit("radiance", stack, convention="ask")
    with pytest.raises(BadInput, match="OpenCV, not OpenGL"):
        fit("splat", stack, convention="OpenGL")


def test_pictures_without_cameras_or_with_scaled_ones_are_refused():
    stack = simulate(views=4, size=8)["views"]
    with pytest.raises(BadInput, match="no cameras"):
        fit("radiance", ImageStack(stack.array.drop_vars("camera_to_world_00")))
    twice = stack.array.assign_coords(
        camera_to_world_00=("item", 2 * stack.array.coords["camera_to_world_00"].to_numpy())
    )
    with pytest.raises(BadInput, match="no rotation"):
        fit("radiance", ImageStack(twice))


def test_cameras_survive_saving(tmp_path):
    stack = simulate(views=3, size=8, start_error=10)["views"]
    stack.save(tmp_path)
    cameras = part("cameras")
    loaded = ImageStack.load(tmp_path)
    one, other = (cameras.read_cameras(each, "OpenCV") for each in (stack, loaded))
    np.testing.assert_array_equal(one.poses, other.poses)
    np.testing.assert_array_equal(one.bounds, other.bounds)
    assert cameras.true_poses(loaded, "OpenCV") is not None


def test_the_place_that_all_cameras_look_at_is_found():
    cameras = part("cameras")
    target = np.array([3.0, -7.0, 11.0])
    places = target + np.array([[50, 0, 0], [0, 60, 5], [9, 2, 70.0]])
    np.testing.assert_allclose(cameras.looked_at(cameras.look_at(places, target)), target)


# simulated views


def test_the_depth_of_a_ball_is_distance_minus_radius(monkeypatch):
    scenes = part("scenes")
    monkeypatch.setattr(
        scenes, "distance", lambda p: np.linalg.norm(p - scenes.MIDDLE, axis=-1) - 30
    )
    place = scenes.MIDDLE + np.array([0, -200.0, 0])
    cameras = replace(
        one_camera(9),
        poses=part("cameras").look_at(place[None], scenes.MIDDLE),
        bounds=scenes.BOUNDS,
    )
    seen = scenes.look(cameras, 0)
    assert seen.depth[4, 4] == pytest.approx(170, abs=0.1)
    assert np.isnan(seen.depth[0, 0])
    np.testing.assert_array_equal(seen.colour[0, 0], 1)


def test_a_mesh_hides_what_is_behind_it_and_its_depth_is_exact():
    near = np.array([[-2, 0, -2], [2, 0, -2], [0, 0, 3.0]])
    far = 4 * near + [0, 5, 0]
    vertices, faces = np.concatenate([far, near]), np.array([[0, 1, 2], [3, 4, 5]])
    paint = np.repeat([[1.0, 0, 0], [0, 0, 1.0]], 3, axis=0)
    seen = part("meshes_seen").look(vertices, faces, paint, one_camera(5), 0)
    assert seen.depth[2, 2] == pytest.approx(10)
    assert seen.colour[2, 2].argmax() == 2
    assert seen.depth[3, 0] == pytest.approx(15 * np.linalg.norm(_slant(3, 0)))
    assert seen.colour[3, 0].argmax() == 0


def _slant(row, column):
    return np.linalg.inv(part("cameras").pinhole(5, 40.0)) @ [column + 0.5, row + 0.5, 1]


def test_a_mesh_and_the_distance_field_of_one_ball_look_alike():
    """The same ball, once traced and once as triangles, covers the same pixels at the same depth."""
    scenes, mesh = part("scenes"), _ball(40.0)
    cameras = part("cameras").around(np.array([[-50.0] * 3, [50.0] * 3]), 2, 24, 40.0, 3.0)
    paint = np.full((len(mesh.vertices), 3), 0.5)
    seen = part("meshes_seen").look(mesh.vertices, mesh.faces, paint, cameras, 1)
    origins, directions = cameras.rays(1)
    b = (origins * directions).sum(axis=-1)
    inner = b**2 - (origins**2).sum(axis=-1) + 40.0**2
    expected = np.where(inner > 0, -b - np.sqrt(np.maximum(inner, 0)), np.nan)
    assert (np.isfinite(expected) == np.isfinite(seen.depth)).mean() > 0.97
    assert np.nanmedian(np.abs(expected - seen.depth)) < 0.5
    assert scenes.Seen  # both give the same kind of picture


def _ball(radius):
    from scipy.spatial import ConvexHull

    random = np.random.default_rng(0).standard_normal((1500, 3))
    places = radius * random / np.linalg.norm(random, axis=1, keepdims=True)
    hull = ConvexHull(places)
    return Surface(places, hull.simplices.astype(np.int64), {"sulc": places[:, 2]})


def test_a_surface_is_coloured_by_its_values():
    result = simulate(surface=_ball(40.0), views=6, size=16)
    pixels, depth = (np.asarray(result[name].array) for name in ("views", "depth"))
    body = pixels[np.isfinite(depth)]
    assert np.ptp(body[:, 0] - body[:, 2]) > 0.4  # from blue to red
    assert result.warnings == ("simulated",)
    with pytest.raises(BadInput, match="no values 'curv'"):
        simulate(surface=_ball(40.0), views=2, size=8, scalar="curv")
