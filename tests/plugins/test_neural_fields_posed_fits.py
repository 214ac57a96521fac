"""Fits to posed pictures beside their null, and their lifecycle: stop, resume, light imports."""

import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from neurostudio.api import BadInput, Cancelled, ImageStack, TrainedModel
from neurostudio.testing import ListContext
from tests.plugins.posed_pictures import BASE, SMALL, fit, part, simulate, splats
from tests.plugins.stopping import StopAt

torch = pytest.importorskip("torch")
pytest.importorskip("lightning_fabric")


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
