"""Radiance fields and Gaussians: cameras, sphere tracing, blending, fits beside their null, lifecycle."""

import subprocess
import sys
import time
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from neurostudio.api import BadInput, Cancelled, ImageStack, Surface, TrainedModel
from neurostudio.testing import ListContext

torch = pytest.importorskip("torch")
pytest.importorskip("lightning_fabric")

BASE = "neurostudio.plugins.neural_fields"
SMALL = {"coarse": 20, "fine": 0, "fine_steps": 0, "coarse_steps": 150, "rays": 512, "samples": 40}
FEW = {"gaussians": 150, "steps": 200, "rounds": 2}


def part(name):
    return import_module(f"{BASE}.{name}")


def simulate(seed=0, surface=None, **params):
    viewing = part("viewing")
    return viewing.simulate_views(
        ListContext(seed=seed), viewing.ViewParams(**params), surface=surface
    )


def fit(framework, pictures, context=None, **params):
    shared, module = part("camera_params"), part(f"{framework}_fitting")
    which = {"radiance": ("RadianceParams", SMALL), "splat": ("SplatParams", FEW)}[framework]
    method = module.fit_radiance if framework == "radiance" else module.fit_splats
    given = {"convention": "OpenCV", "control": False, **which[1], **params}
    return method(context or ListContext(), getattr(shared, which[0])(**given), pictures=pictures)


def one_camera(size=5, place=(0.0, -10.0, 0.0)):
    cameras = part("cameras")
    poses = cameras.look_at(np.array([place]), np.zeros(3))
    bounds = np.array([[-1.0] * 3, [1.0] * 3])
    return cameras.Cameras(cameras.pinhole(size, 40.0)[None], poses, bounds, (size, size))


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


def splats(n=40):
    field = part("splats").Splats(n, [0, 0, 0], 1.0)
    generator = torch.Generator().manual_seed(0)
    field.scatter(generator)
    with torch.no_grad():
        field.opacities.normal_(1.0, generator=generator)
        field.colours.normal_(generator=generator)
        field.turns.normal_(generator=generator)
    return field


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


# fits


@pytest.fixture(scope="module")
def pictures():
    return simulate(views=20, size=24)["views"]


@pytest.mark.parametrize("framework", ["radiance", "splat"])
def test_a_fit_shows_held_out_views_and_shuffled_cameras_do_not(framework, pictures):
    result = fit(framework, pictures, control=True)
    found = result.numbers["PSNR of held-out views"]
    null = result.numbers["PSNR with shuffled cameras"]
    assert found.value > found.baseline + 2 > found.chance
    assert null.value < found.value - 4
    assert "simulated" in result.warnings
    assert result["held_out_views"].array.sizes["item"] == 4


def test_the_held_out_views_are_not_learned_from(pictures):
    """Another held-out picture leaves the field as it was: it chooses nothing."""
    posed, fitting, shared = part("posed"), part("radiance_fitting"), part("camera_params")
    params = shared.RadianceParams(convention="OpenCV", **{**SMALL, "coarse_steps": 10})
    all_ = posed.read_posed(pictures, "OpenCV")
    seen, held = all_.only(np.arange(16)), all_.only(np.arange(16, 20))
    black = replace(held, pixels=np.zeros_like(held.pixels))
    one, other = (fitting.fit(ListContext(), params, seen, each)[0] for each in (held, black))
    torch.testing.assert_close(one.grid, other.grid)


def test_shuffled_cameras_leave_no_picture_its_own(pictures):
    posed = part("posed").read_posed(pictures, "OpenCV")
    lost = part("fit_reporting").shuffled(posed, 0)
    moved = np.linalg.norm(lost.cameras.poses[:, :3, 3] - posed.cameras.poses[:, :3, 3], axis=1)
    assert moved.min() > 1


@pytest.mark.parametrize("framework", ["radiance", "splat"])
def test_a_saved_field_shows_the_same_picture(framework, pictures, tmp_path):
    short = {"radiance": {"coarse_steps": 20}, "splat": {"steps": 20}}[framework]
    model = fit(framework, pictures, **short)["model"]
    model.save(tmp_path)
    cameras = part("cameras").read_cameras(pictures, "OpenCV")
    seeing = part("seeing")
    one, other = (
        seeing.frame(seeing.restored(each), cameras, 0, 1.0)
        for each in (model, TrainedModel.load(tmp_path))
    )
    np.testing.assert_array_equal(one.colour, other.colour)


def test_gaussians_come_back_as_points_in_mm(pictures):
    result = fit("splat", pictures, steps=20)
    table, field = result["gaussians"].table, part("seeing").restored(result["model"])
    expected = field.centres.detach() * 75 + torch.as_tensor(part("scenes").MIDDLE).float()
    np.testing.assert_allclose(table["y"], expected[:, 1], rtol=1e-5, atol=1e-3)
    trace = field.covariances().diagonal(dim1=1, dim2=2).sum(dim=1).detach() * 75**2
    np.testing.assert_allclose(sum(table[f"covariance_{a}{a}"] for a in "xyz"), trace, rtol=1e-4)
    assert table["covariance_xx"].attrs["unit"] == "mm2"


def test_transparent_gaussians_are_moved_to_where_the_pictures_are_wrong(pictures):
    fitting, shared = part("splat_fitting"), part("camera_params")
    field = splats(30)
    with torch.no_grad():
        field.opacities[:5] = -9
    posed = part("posed").read_posed(pictures, "OpenCV")
    field.centre.copy_(torch.as_tensor(posed.cameras.centre))
    field.reach.fill_(posed.cameras.half)
    views = fitting.Views(posed, field, shared.SplatParams(convention="OpenCV"))
    assert fitting.renew(field, views, torch.Generator().manual_seed(0)) == 5
    assert (torch.sigmoid(field.opacities) > 0.02).all()
    assert len(field.centres) == 30


def test_other_pixels_than_brightness_and_too_few_views_are_refused(pictures):
    with pytest.raises(BadInput, match="from 0"):
        fit("radiance", ImageStack(pictures.array * 300))
    with pytest.raises(BadInput, match="3 pictures"):
        fit("radiance", ImageStack(pictures.array[:3]))


# lifecycle (N10)


class StopAt:
    """A wish to stop that comes with the n-th question, and knows when it came."""

    def __init__(self, after):
        self.left, self.at = after, None

    def __call__(self):
        self.left -= 1
        if self.left <= 0 and self.at is None:
            self.at = time.perf_counter()
        return self.left <= 0


@pytest.mark.parametrize("framework", ["radiance", "splat"])
@pytest.mark.parametrize("after", [1, 2, 9, 60])
def test_a_fit_stops_within_two_seconds_wherever_it_is(framework, after, pictures):
    stop = StopAt(after)
    full = {"radiance": {"coarse": 32, "rays": 1024, "samples": 64}, "splat": {"gaussians": 800}}
    with pytest.raises(Cancelled):
        fit(framework, pictures, ListContext(stopped=stop), control=True, **full[framework])
    assert time.perf_counter() - stop.at < 2


@pytest.mark.parametrize("framework", ["radiance", "splat"])
def test_a_stopped_fit_goes_on_where_it_was(framework, pictures, tmp_path):
    (tmp_path / "checkpoints").mkdir()
    short = {"radiance": {"coarse_steps": 100}, "splat": {"steps": 50}}[framework]
    stop = StopAt({"radiance": 70, "splat": 40}[framework])
    whole = fit(framework, pictures, **short)["model"]
    with pytest.raises(Cancelled):
        fit(framework, pictures, ListContext(folder=tmp_path, stopped=stop), **short)
    assert list((tmp_path / "checkpoints").iterdir())
    context = ListContext(folder=tmp_path)
    again = fit(framework, pictures, context, **short)["model"]
    for name, values in whole.weights.items():
        np.testing.assert_allclose(values, again.weights[name], rtol=1e-4, atol=1e-5)
    first = context.of_kind("metrics")
    assert len(first) < {"radiance": 2, "splat": 2}[framework]


def test_gsplat_is_refused_without_cuda_and_not_imported(pictures):
    with pytest.raises(BadInput, match="this run is on 'cpu'"):
        fit("splat", pictures, rasteriser="gsplat")
    assert "gsplat" not in sys.modules


def test_without_cuda_no_library_for_cuda_is_imported():
    code = (
        "import sys; from importlib import import_module as load\n"
        "from neurostudio.api import Context\n"
        "import neurostudio.testing\n"
        f"example = load('{BASE}.rendering_example').splat_views()\n"
        f"fits, shared = load('{BASE}.splat_fitting'), load('{BASE}.camera_params')\n"
        "fits.fit_splats(Context(), shared.SplatParams(**example.params), **example.items)\n"
        "print([n for n in ('gsplat', 'nerfacc', 'tinycudann') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
