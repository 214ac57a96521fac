"""The bars N1 to N4 of the specification on volumes and surfaces: three seeds, mean and s.d."""

import sys
from importlib import import_module

import numpy as np
import pytest

from neurostudio.api import TrainedModel
from neurostudio.templates import mni152
from neurostudio.testing import ListContext
from tests.plugins.calling import call

torch = pytest.importorskip("torch")
pytest.importorskip("lightning_fabric")
pytest.importorskip("skimage")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]
BASE = "neurostudio.plugins.neural_fields"
SEEDS = (0, 1, 2)


def part(name):
    return import_module(f"{BASE}.{name}")


def tell(capsys, name, columns):
    """Print mean and standard deviation over the seeds."""
    with capsys.disabled():
        for key, values in columns.items():
            each = ", ".join(f"{value:.4g}" for value in values)
            sys.stdout.write(
                f"\n{name} {key}: {np.mean(values):.4g} ± {np.std(values, ddof=1):.2g} ({each})"
            )


def mean(columns, name):
    return float(np.mean(columns[name]))


def collect(results, names):
    return {name: [each.numbers[name].value for each in results] for name in names}


def test_n1_the_template_is_learned_and_its_shuffled_voxels_are_not(capsys, tmp_path):
    volume, mask = mni152("t1", 3), mni152("mask", 3)
    results = [
        call("fit_volume", ListContext(seed=seed), volume=volume, mask=mask, control=seed == 0)
        for seed in SEEDS
    ]
    names = (
        "PSNR",
        "PSNR in the mask",
        "SSIM",
        "PSNR of voxels never shown",
        "bytes / compressed image",
    )
    found = collect(results, names)
    null = results[0].numbers["PSNR of the null run"]
    tell(capsys, "N1", found | {"null, one seed": [null.value] * 3})
    assert mean(found, "PSNR") >= 36
    assert mean(found, "PSNR in the mask") >= 29
    assert null.value < null.baseline + 6
    results[0]["model"].save(tmp_path)
    finer = {"like": mni152("t1", 2)}
    asked = call("sample_field", model=results[0]["model"], **finer)["volume"].image
    again = call("sample_field", model=TrainedModel.load(tmp_path), **finer)["volume"].image
    values, given = np.asarray(asked.dataobj), np.asarray(volume.image.dataobj)
    np.testing.assert_array_equal(values, np.asarray(again.dataobj))
    margin = 0.05 * np.ptp(given)
    assert np.isfinite(values).all()
    assert given.min() - margin <= values.min()
    assert values.max() <= given.max() + margin


@pytest.mark.parametrize(("body", "euler"), [("sphere", 2), ("torus", 0)])
def test_n3_a_sphere_and_a_torus_are_learned_exactly(capsys, body, euler):
    columns = {"mean error": [], "largest error on the surface": []}
    for seed in SEEDS:
        error, largest, found = fitted_body(body, seed)
        columns["mean error"].append(error)
        columns["largest error on the surface"].append(largest)
        assert found == euler
    tell(capsys, f"N3 {body}", columns)
    assert mean(columns, "mean error") <= 0.004


def distance_to(body, places):
    if body == "sphere":
        return np.linalg.norm(places, axis=1) - 0.6
    ring = np.hypot(places[:, 0], places[:, 1]) - 0.55
    return np.hypot(ring, places[:, 2]) - 0.25


def fitted_body(body, seed):
    """Fit a SIREN of 64 x 3 to exact distances; return mean error, largest on the surface, Euler number."""
    of, fitting, fields, meshes = map(part, ("encoders", "fitting", "fields", "meshes"))
    context = ListContext(seed=seed)
    network = fitting.new_field(context, of.Architecture("siren", 64, 3, omega=10.0), body)

    def draw(generator):
        places = 2 * torch.rand(4096, 3, generator=generator) - 1
        truth = distance_to(body, places.numpy().astype(float))
        return places, torch.as_tensor(truth, dtype=torch.float32)

    fitting.fit(
        context, network, draw, lambda field, batch: (field(batch[0]) - batch[1]).abs().mean(),
        steps=500, rate=1e-3, stage=body, fingerprint=body,
    )  # fmt: skip
    placed = fields.Placed(network, fields.Box(np.zeros(3), 1.0), "distance")
    places = np.random.default_rng([seed, 9]).uniform(-1, 1, (20_000, 3))
    error = abs(placed.piece(places) - distance_to(body, places)).mean()
    affine = np.diag([2 / 63] * 3 + [1.0])
    affine[:3, 3] = -1
    values = placed.on_grid(context, (64, 64, 64), affine)
    _, mesh = meshes.pieces(meshes.level_set(values, affine, 0.0, inside_low=True))
    return error, abs(distance_to(body, mesh.vertices)).max(), meshes.euler_number(mesh)


def test_n3_the_brain_of_the_template_as_distances(capsys):
    mask = mni152("mask", 2)
    results = [call("fit_surface", ListContext(seed=seed), body=mask) for seed in SEEDS]
    found = collect(
        results, ("IoU", "HD95", "mean error of the distance", "Chamfer", "pieces", "Euler number")
    )
    floor = results[0].numbers["Chamfer"].baseline
    tell(capsys, "N3 brain", found | {"Chamfer floor": [floor] * 3})
    assert mean(found, "IoU") >= 0.96
    assert mean(found, "HD95") <= 2.5
    assert mean(found, "mean error of the distance") <= 0.35


def test_n4_the_brain_of_the_template_as_occupancy(capsys):
    mask = mni152("mask", 2)
    results = [
        call("fit_surface", ListContext(seed=seed), body=mask, framework="occupancy")
        for seed in SEEDS
    ]
    found = collect(results, ("IoU", "HD95", "Chamfer", "pieces"))
    tell(capsys, "N4", found)
    assert mean(found, "IoU") >= 0.96


def stacks_of(truth, axes, seed):
    """The truth as slices four voxels thick, with noise of a hundredth of its range."""
    return tuple(part("stacks").thick(truth, axis, 4, 0.01, seed) for axis in axes)


def test_n2_three_stacks_beat_their_cubic_mean_and_one_stack_says_what_it_is(capsys):
    truth, mask = template_in_fours()
    results = [
        call(
            "super_resolve", ListContext(seed=seed), stacks=stacks_of(truth, (0, 1, 2), seed),
            truth=truth, mask=mask, control=seed == 0,
        )
        for seed in SEEDS
    ]  # fmt: skip
    names = ("PSNR", "PSNR in the mask", "SSIM")
    found = collect(results, names)
    found["cubic mean"] = [each.numbers["PSNR in the mask"].baseline for each in results]
    null = results[0].numbers["PSNR in the mask, null run"].value
    one = call("super_resolve", stacks=stacks_of(truth, (2,), 0), truth=truth, mask=mask)
    alone = one.numbers["PSNR in the mask"]
    tell(
        capsys, "N2",
        found | {"null": [null] * 3, "one stack": [alone.value] * 3, "its cubic": [alone.baseline] * 3},
    )  # fmt: skip
    assert mean(found, "PSNR in the mask") >= mean(found, "cubic mean") + 2
    assert null < found["PSNR in the mask"][0] - 2
    assert alone.value >= alone.baseline - 2
    assert "smooth interpolation" in one.warnings
    assert all("smooth interpolation" not in each.warnings for each in results)


def template_in_fours():
    """The template at 2 mm, 72 x 96 x 72 voxels around the brain as in the specification, and its mask."""
    images, size = part("images"), np.array([72, 96, 72])
    mask = np.asarray(mni152("mask", 2).image.dataobj)
    ends = np.array([[each.min(), each.max() + 1] for each in np.nonzero(mask)])
    first = (ends.sum(axis=1) - size) // 2
    affine = mni152("mask", 2).image.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ first
    cut = tuple(slice(a, a + n) for a, n in zip(first, size, strict=True))
    return [
        images.volume_of(np.asarray(mni152(tissue, 2).image.dataobj)[cut], affine, "MNI152")
        for tissue in ("t1", "mask")
    ]
