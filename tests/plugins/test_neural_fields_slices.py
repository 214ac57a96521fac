"""Stacks of thick slices and lost slices: means over slices, the gain over cubic splines, planted planes."""

from importlib import import_module

import numpy as np
import pytest

from neurostudio.api import BadInput, Cancelled, ImageStack
from neurostudio.registry import find
from neurostudio.testing import ListContext, try_it
from tests.plugins.calling import call

torch = pytest.importorskip("torch")
pytest.importorskip("lightning_fabric")
pytest.importorskip("skimage")

BASE = "neurostudio.plugins.neural_fields"


def part(name):
    return import_module(f"{BASE}.{name}")


# stacks


def test_a_thick_slice_is_the_mean_of_its_voxels_in_their_middle():
    images, stacks = part("images"), part("stacks")
    values = np.zeros((2, 2, 8), np.float32)
    values[..., :] = np.arange(8)
    volume = images.volume_of(values, np.diag([1.0, 1, 2, 1]), "scanner")
    found = stacks.thick(volume, 2, 4, 0.0, 0)
    np.testing.assert_allclose(np.asarray(found.image.dataobj)[0, 0], [1.5, 5.5])
    assert found.image.affine[2, 3] == pytest.approx(3.0)  # 0, 2, 4, 6 mm
    assert found.image.affine[2, 2] == pytest.approx(8.0)


def test_the_places_of_a_slice_are_symmetric_and_span_its_thickness():
    images, stacks = part("images"), part("stacks")
    volume = images.volume_of(
        np.eye(3, dtype=np.float32)[..., None] + 0, np.diag([1, 1, 4.0, 1]), ""
    )
    box = stacks.stack_of(volume, "stack")
    np.testing.assert_allclose(box.steps[:, 2], [-1.5, -0.5, 0.5, 1.5])
    np.testing.assert_allclose(box.weights, 0.25)
    bell = stacks.stack_of(volume, "stack", count=9, profile="Gaussian")
    at_half = np.interp(2.0, bell.steps[:, 2], bell.weights) / bell.weights.max()
    assert at_half == pytest.approx(0.5, abs=0.03)  # half the weight at half the thickness
    assert bell.weights.sum() == pytest.approx(1)


def test_cubic_mean_of_stacks_of_a_slope_is_the_slope():
    images, stacks = part("images"), part("stacks")
    affine = np.diag([2.0, 2, 2, 1])
    places = part("volume_example").grid_places((16, 16, 16), affine)
    volume = images.volume_of(places[..., 0].astype(np.float32), affine, "scanner")
    given = [stacks.stack_of(stacks.thick(volume, axis, 4, 0.0, 0), "") for axis in (1, 2)]
    found = stacks.cubic_mean(ListContext(), given, (16, 16, 16), affine)
    inner = (slice(4, 12),) * 3
    np.testing.assert_allclose(found[inner], places[..., 0][inner], atol=0.05)


@pytest.fixture(scope="module")
def resolved():
    stacks, made = part("stacks"), part("volume_example")
    truth = made.sharp_head()
    return call(
        "super_resolve",
        stacks=tuple(stacks.thick(truth, axis, 4, 0.01, 0) for axis in range(3)),
        truth=truth, mask=made.head_mask(), entries=14, steps=250, batch=2048, rate=0.02, control=True,
    )  # fmt: skip


def test_three_stacks_beat_their_cubic_mean_and_without_thickness_they_do_not(resolved):
    found, null = (resolved.numbers[f"PSNR in the mask{tail}"] for tail in ("", ", null run"))
    assert found.value > found.baseline + 1
    assert null.value < found.value - 1
    assert "smooth interpolation" not in resolved.warnings


def test_it_lies_where_the_truth_does_and_always_says_that_it_is_inferred(resolved):
    truth = part("volume_example").sharp_head().image
    np.testing.assert_allclose(resolved["volume"].image.affine, truth.affine)
    assert resolved["volume"].image.shape == truth.shape
    assert {"simulated", "not measured"} <= set(resolved.warnings)


def test_one_stack_is_called_a_smooth_interpolation():
    stacks, made = part("stacks"), part("volume_example")
    one = stacks.thick(made.sharp_head(), 2, 4, 0.0, 0)
    result = call("super_resolve", stacks=(one,), entries=10, steps=10, batch=256)
    assert "smooth interpolation" in result.warnings
    edges = np.linalg.norm(result["volume"].image.affine[:3, :3], axis=0)
    np.testing.assert_allclose(edges, 5.0, rtol=1e-5)
    assert result["volume"].image.shape == (28, 32, 24)


def test_stacks_of_different_spaces_are_refused():
    images = part("images")
    values = np.random.default_rng(0).random((4, 5, 6)).astype(np.float32)
    stacks = tuple(images.volume_of(values, np.eye(4), each) for each in ("scanner", "MNI152"))
    method = find("super_resolve")
    with pytest.raises(BadInput, match="do not lie in one space"):
        method.validate(method.params(), {"stacks": stacks})


def test_a_stopped_fit_of_stacks_stops_at_once():
    stacks, made = part("stacks"), part("volume_example")
    one = stacks.thick(made.sharp_head(), 2, 4, 0.0, 0)
    context = ListContext(stopped=lambda: len(context.of_kind("metrics")) >= 1)
    with pytest.raises(Cancelled):
        call("super_resolve", context, stacks=(one,), entries=10, steps=5000, batch=256)
    assert len(context.of_kind("metrics")) == 1


# lost slices


@pytest.fixture(scope="module")
def located():
    return try_it(find("locate_slice"))


def test_an_oblique_slice_is_found_where_it_was_cut(located):
    assert located.numbers["angle to the true plane"].value < 2
    assert located.numbers["distance to the true middle"].value < 2
    found = located.numbers["correlation"]
    assert found.low > found.chance


def test_a_picture_of_something_else_agrees_less(located):
    made = part("volume_example")
    array = made.tilted_slice().array
    mixed = np.random.default_rng(3).permutation(array.values.ravel()).reshape(array.shape)
    other = ImageStack(array.copy(data=mixed))
    result = call("locate_slice", where=made.head_volume(), pictures=other, starts=2, steps=50)
    assert result.numbers["correlation"].value < 0.5 < located.numbers["correlation"].value
    assert "poor agreement" in result.warnings


def test_a_slice_is_found_in_a_field_that_holds_the_volume():
    made = part("volume_example")
    model = call("fit_volume", volume=made.head_volume(), entries=14, steps=300, batch=2048)[
        "model"
    ]
    result = call("locate_slice", where=model, pictures=made.tilted_slice(), starts=3, steps=100)
    assert result.numbers["angle to the true plane"].value < 5
    assert result.numbers["distance to the true middle"].value < 3


def test_a_plane_of_sample_field_says_where_it_is():
    model = part("volume_example").slope_model()
    plane = call("sample_field", model=model, what="plane", step=4.0, side=40.0, up=7.0)["plane"]
    pose, pixel = part("slice_locating").true_plane(plane.array, 0)
    assert pixel == pytest.approx(4.0)
    np.testing.assert_allclose(pose[:3, 3], [0, 0, 7], atol=1e-6)
    np.testing.assert_allclose(pose[:3, 2], [0, 0, -1], atol=1e-6)  # across x down


def test_a_picture_without_a_pixel_size_is_refused():
    made = part("volume_example")
    bare = ImageStack(made.tilted_slice().array.drop_vars([f"across_{axis}" for axis in "xyz"]))
    with pytest.raises(BadInput, match="pixel"):
        call("locate_slice", where=made.head_volume(), pictures=bare)
