"""Radiance fields and Gaussians drawn: absorption, blending, projection, depth and normals."""

import numpy as np
import pytest

from neurostudio.testing import ListContext
from tests.plugins.posed_pictures import part, simulate, splats

torch = pytest.importorskip("torch")
pytest.importorskip("lightning_fabric")


# rendering


def test_a_ray_through_a_uniform_fog_follows_the_law_of_absorption():
    radiance = part("radiance")
    field = radiance.Radiance(4, [0, 0, 0], 1.0, 50)
    with torch.no_grad():
        field.grid[:, 0] = -4.0
    sigma = radiance.DENSE * np.log1p(np.exp(-4.0))
    seen = field.render(torch.tensor([[0.0, 0.0, -3.0]]), torch.tensor([[0.0, 0.0, 1.0]]), 1.0)
    alpha = 1 - np.exp(-2 * sigma)  # the cube is 2 wide
    assert seen.alpha.item() == pytest.approx(alpha, rel=1e-4)
    assert seen.colour[0, 0].item() == pytest.approx(0.5 * alpha + 1 - alpha, rel=1e-4)


def test_the_field_starts_nearly_transparent_and_a_ray_beside_it_sees_the_ground():
    field = part("radiance").Radiance(8, [0, 0, 0], 1.0)
    origins = torch.tensor([[0.0, 0.0, -3.0], [5.0, 5.0, -3.0]])
    seen = field.render(origins, torch.tensor([[0.0, 0.0, 1.0]]).expand(2, 3), 0.25)
    assert seen.alpha[0] < 0.45
    assert seen.alpha[1] == 0
    assert seen.colour[1].tolist() == [0.25] * 3


def test_axes_of_the_grid_are_x_y_z_of_the_world():
    field = part("radiance").Radiance(5, [10, 20, 30], 8.0)
    with torch.no_grad():
        field.grid[0, 0, 0, 2, 4] = 1.0  # z lowest, y in the middle, x highest
    place = field.inwards(torch.tensor([[18.0, 20.0, 22.0]]))
    density, _ = field.at(place)
    assert density.item() == pytest.approx(40 * np.log1p(np.e), rel=1e-5)


def test_a_finer_grid_shows_the_same_field():
    field = part("radiance").Radiance(5, [0, 0, 0], 1.0)
    with torch.no_grad():
        field.grid.normal_(generator=torch.Generator().manual_seed(0))
    places = torch.rand(50, 3, generator=torch.Generator().manual_seed(1)) * 2 - 1
    fine = field.finer(9)  # every old voxel is a new one, so that nothing is lost
    torch.testing.assert_close(fine.at(places)[1], field.at(places)[1], atol=1e-5, rtol=1e-4)


def pose_and_lens(size=16):
    cameras = part("cameras")
    pose = cameras.look_at(np.array([[0.5, -2.8, 0.6]]), np.zeros(3))[0]
    return torch.as_tensor(pose).float(), torch.as_tensor(cameras.pinhole(size, 40.0)).float()


def test_shuffled_gaussians_render_the_same_picture():
    field, (pose, lens) = splats(), pose_and_lens()
    first = field.render(pose, lens, (16, 16), 1.0)
    order = torch.randperm(40, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        for values in field.parameters():
            values.copy_(values[order].clone())
    again = field.render(pose, lens, (16, 16), 1.0)
    torch.testing.assert_close(first.colour, again.colour, atol=1e-5, rtol=0)
    torch.testing.assert_close(first.depth, again.depth, atol=1e-4, rtol=0)


def test_the_nearer_of_two_gaussians_is_in_front():
    field, (pose, lens) = splats(2), pose_and_lens()
    ahead = pose[:3, 2]
    with torch.no_grad():
        field.centres.copy_(torch.stack([0.3 * ahead, -0.3 * ahead]))
        field.opacities.fill_(6.0)
        field.scales.fill_(-1.5)
        field.colours.copy_(torch.tensor([[9.0, -9, -9], [-9, -9, 9.0]]))
    colour = field.render(pose, lens, (16, 16), 1.0).colour.view(16, 16, 3)
    assert colour[8, 8, 2] > 0.9
    assert colour[8, 8, 0] < 0.1


def test_a_round_gaussian_is_projected_as_the_lens_says():
    field, (_, lens) = splats(1), pose_and_lens()
    pose = torch.as_tensor(
        part("cameras").look_at(np.array([[0.0, -2.0, 0.0]]), np.zeros(3))[0]
    ).float()
    with torch.no_grad():
        field.centres.zero_()
        field.scales.fill_(float(np.log(0.1)))
        field.turns.copy_(torch.tensor([[1.0, 0, 0, 0]]))
    placed = torch.tensor([[0.0, 0.0, 2.0]])
    middle, spread = part("splats")._projected(placed, field.covariances(), pose[:3, :3].T, lens)
    torch.testing.assert_close(middle, torch.tensor([[8.0, 8.0]]))
    expected = (0.1 * lens[0, 0] / 2) ** 2 + 0.3
    torch.testing.assert_close(spread[0], expected * torch.eye(2), rtol=1e-4, atol=1e-4)


def test_ssim_is_one_for_the_same_picture_and_falls_with_noise():
    scores = part("picture_scores")
    picture = torch.rand(1, 3, 24, 24, generator=torch.Generator().manual_seed(0))
    assert scores.ssim(picture, picture).item() == pytest.approx(1)
    assert scores.ssim(picture, 1 - picture).item() < 0


def test_psnr_of_a_tenth_is_twenty_decibels():
    black = np.zeros((2, 4, 4, 3))
    np.testing.assert_allclose(part("picture_scores").psnr(black, black + 0.1), 20)


def test_normals_of_a_planted_ball_point_out_of_it():
    example, seeing = part("rendering_example"), part("seeing")
    field = seeing.restored(example.planted_field())
    cameras = part("cameras").around(part("scenes").BOUNDS, 4, 48, 40.0, 2.8)
    seen = seeing.frame(field, cameras, 2, 1.0)
    found = seeing.normals(seen.depth, cameras, 2)
    origins, directions = cameras.rays(2)
    places = origins + seen.depth[..., None] * directions
    there = np.isfinite(found).all(axis=-1)
    agreement = (found[there] * part("scenes").normal(places[there])).sum(axis=-1)
    assert there.sum() > 400
    assert np.median(agreement) > 0.9


def test_the_planted_field_shows_the_body_at_its_depth_in_mm():
    rendering, example = part("rendering"), part("rendering_example")
    truth = simulate(views=5, size=24)
    result = rendering.render_view(
        ListContext(), rendering.RenderParams(convention="OpenCV"), model=example.planted_field(),
        cameras=truth["views"],
    )  # fmt: skip
    depth, expected = (np.asarray(each["depth"].array) for each in (result, truth))
    both = np.isfinite(depth) & np.isfinite(expected)
    assert np.median(np.abs(depth - expected)[both]) < 3
    assert (np.isfinite(depth) == np.isfinite(expected)).mean() > 0.95


def test_the_camera_in_front_stands_in_front():
    rendering, example = part("rendering"), part("rendering_example")
    params = rendering.RenderParams(azimuth=90, elevation=0, distance=200)
    result = rendering.render_view(ListContext(), params, model=example.planted_field())
    read = part("cameras").read_cameras(result["image"], "OpenCV")
    np.testing.assert_allclose(
        read.poses[0, :3, 3], part("scenes").MIDDLE + np.array([0, 200, 0]), atol=1e-9
    )
    assert result["depth"].array.attrs["unit"] == "mm"


def test_the_mesh_of_a_field_lies_at_its_millimetres():
    mesh = part("solid").mesh_of(part("seeing").restored(part("rendering_example").planted_field()))
    vertices, faces = mesh
    away = part("scenes").distance(vertices)
    assert np.median(np.abs(away)) < 3  # mm; a voxel is 3.8
    sides = vertices[faces]
    outward = np.cross(sides[:, 1] - sides[:, 0], sides[:, 2] - sides[:, 0])
    facing = (outward * part("scenes").normal(sides.mean(axis=1))).sum(axis=1)
    assert (facing > 0).mean() > 0.95
