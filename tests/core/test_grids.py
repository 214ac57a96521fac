"""Geometry of volumes: a voxel is seen at its millimetres, however the image lies in the world."""

from __future__ import annotations

import numpy as np
import pytest

from neurostudio.grids import (
    along_axes,
    axes_of,
    bounds,
    cut,
    nearest_voxel,
    place_of,
    plane_through,
    spacing,
    voxel_of,
)

SHAPE = (9, 11, 13)


def turned(degrees, edges=(2.0, 2.0, 2.0), signs=(1, 1, 1)):
    """An affine that is turned about z and then about x, with its own edges and directions."""
    angle = np.radians(degrees)
    c, s = np.cos(angle), np.sin(angle)
    about_z = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    affine = np.eye(4)
    affine[:3, :3] = about_x @ about_z @ np.diag(np.array(edges) * signs)
    affine[:3, 3] = [-7.0, 12.0, 3.0]
    return affine


def swapped():
    """Voxel axes that run up, left and to the front."""
    affine = np.eye(4)
    affine[:3, :3] = [[0, -1.5, 0], [0, 0, 2.5], [3.0, 0, 0]]
    affine[:3, 3] = [20.0, -30.0, 5.0]
    return affine


AFFINES = {
    "straight": turned(0),
    "anisotropic": turned(0, (1.0, 2.0, 4.0)),
    "flipped": turned(0, signs=(-1, 1, -1)),
    "swapped": swapped(),
    "oblique": turned(25),
    "oblique, anisotropic and flipped": turned(-40, (1.0, 2.0, 3.5), (-1, 1, 1)),
}


@pytest.mark.parametrize("name", AFFINES)
def test_a_bright_voxel_is_seen_at_its_millimetres_in_all_three_planes(name):
    affine = AFFINES[name]
    values = np.zeros(SHAPE, np.int16)
    values[2, 7, 10] = 500
    place = place_of(affine, (2, 7, 10))
    for axis, (across, up) in ((0, (1, 2)), (1, (0, 2)), (2, (0, 1))):
        plane = plane_through(SHAPE, affine, axis, place[axis])
        seen = cut(values, affine, plane)
        rows, columns = np.nonzero(seen.values == 500)
        middle = (
            plane.start[0] + plane.steps[0] * columns.mean(),
            plane.start[1] + plane.steps[1] * rows.mean(),
        )
        # the middle of its pixels is the voxel's centre, to half a pixel
        np.testing.assert_allclose(middle, place[[across, up]], atol=0.51 * max(plane.steps))
        assert seen.inside[rows, columns].all()


@pytest.mark.parametrize("name", AFFINES)
def test_a_value_that_grows_with_x_is_its_x_wherever_it_is_interpolated(name):
    affine = AFFINES[name]
    centres = place_of(affine, np.stack(np.indices(SHAPE), axis=-1))
    middle = place_of(affine, (np.array(SHAPE) - 1) / 2)
    plane = plane_through(SHAPE, affine, 2, middle[2])
    seen = cut(centres[..., 0], affine, plane, linear=True)
    x = plane.start[0] + plane.steps[0] * np.arange(plane.shape[1])
    y = plane.start[1] + plane.steps[1] * np.arange(plane.shape[0])
    voxels = voxel_of(affine, np.stack(np.broadcast_arrays(x, y[:, None], middle[2]), axis=-1))
    within = ((voxels >= 0) & (voxels <= np.array(SHAPE) - 1)).all(axis=-1)
    assert within.sum() > 10
    np.testing.assert_allclose(
        seen.values[within], np.broadcast_to(x, within.shape)[within], atol=1e-3
    )


@pytest.mark.parametrize("name", AFFINES)
def test_voxels_lead_to_places_and_back(name):
    affine = AFFINES[name]
    for voxel in ((0, 0, 0), (8, 10, 12), (3, 0, 7)):
        place = place_of(affine, voxel)
        np.testing.assert_allclose(voxel_of(affine, place), voxel, atol=1e-9)
        assert nearest_voxel(SHAPE, affine, place) == voxel
    assert nearest_voxel(SHAPE, affine, place_of(affine, (-0.6, 0, 0))) is None
    assert nearest_voxel(SHAPE, affine, place_of(affine, (8.4, 0, 0))) == (8, 0, 0)


def test_a_straight_image_is_seen_voxel_by_voxel():
    affine = AFFINES["anisotropic"]
    values = np.arange(np.prod(SHAPE)).reshape(SHAPE)
    plane = plane_through(SHAPE, affine, 1, place_of(affine, (0, 4, 0))[1])
    np.testing.assert_array_equal(cut(values, affine, plane).values, values[:, 4, :].T)
    assert plane.steps == (1.0, 4.0)
    assert plane.rectangle == (-7.5, 1.0, 9.0, 52.0)


def test_a_flipped_image_is_turned_so_that_right_is_right():
    affine = AFFINES["flipped"]
    values = np.arange(np.prod(SHAPE)).reshape(SHAPE)
    plane = plane_through(SHAPE, affine, 2, place_of(affine, (0, 0, 6))[2])
    np.testing.assert_array_equal(cut(values, affine, plane).values, values[::-1, :, 6].T)


def test_nothing_is_seen_beside_the_image():
    affine = AFFINES["oblique"]
    plane = plane_through(SHAPE, affine, 2, bounds(SHAPE, affine)[2, 1] + 5.0)
    assert not cut(np.ones(SHAPE), affine, plane).inside.any()
    inner = plane_through(SHAPE, affine, 2, bounds(SHAPE, affine)[2].mean())
    seen = cut(np.ones(SHAPE), affine, inner)
    assert 0 < seen.inside.mean() < 1  # the corners of an oblique image are empty
    assert (seen.values[~seen.inside] == 0).all()


def test_the_bounds_of_a_cube_that_is_turned_by_45_degrees_grow_by_the_root_of_two():
    angle = np.pi / 4
    affine = np.eye(4)
    affine[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    ends = bounds((10, 10, 10), affine)
    np.testing.assert_allclose(ends[:, 1] - ends[:, 0], [10 * 2**0.5, 10 * 2**0.5, 10])
    assert axes_of(affine) is None
    np.testing.assert_allclose(spacing(affine), [1, 1, 1])


def test_an_oblique_image_can_be_laid_along_the_axes():
    affine = AFFINES["oblique"]
    centres = place_of(affine, np.stack(np.indices(SHAPE), axis=-1))
    values, placed = along_axes(centres[..., 1], affine, linear=True)
    assert axes_of(placed) == (0, 1, 2)
    np.testing.assert_allclose(bounds(values.shape, placed), bounds(SHAPE, affine), atol=1.0)
    places = place_of(placed, np.stack(np.indices(values.shape), axis=-1))
    voxels = voxel_of(affine, places)
    within = ((voxels >= 0) & (voxels <= np.array(SHAPE) - 1)).all(axis=-1)
    np.testing.assert_allclose(values[within], places[within][:, 1], atol=1e-3)
    beyond = ((voxels < -0.6) | (voxels > np.array(SHAPE) - 0.4)).any(axis=-1)
    assert (values[beyond] == 0).all()


def test_an_image_along_the_axes_stays_as_it_is():
    values = np.ones(SHAPE)
    assert along_axes(values, AFFINES["flipped"])[0] is values
