"""A volume as a field: encoders, scores, places in the world, bytes, and asking it anywhere."""

import gzip
from importlib import import_module

import numpy as np
import pytest

from neurostudio.api import BadInput, Cancelled, TrainedModel, Volume
from neurostudio.testing import ListContext
from tests.plugins.calling import call

torch = pytest.importorskip("torch")
pytest.importorskip("lightning_fabric")

BASE = "neurostudio.plugins.neural_fields"
SMALL = {"entries": 12, "steps": 150, "batch": 2048}


def part(name):
    return import_module(f"{BASE}.{name}")


@pytest.fixture(scope="module")
def fitted():
    made = part("volume_example")
    return call(
        "fit_volume", volume=made.head_volume(), mask=made.head_mask(), control=True, **SMALL
    )


# encoders


@pytest.mark.parametrize("encoder", ["hash", "voxel", "fourier", "siren"])
def test_a_model_gives_the_same_values_after_it_was_saved(encoder, tmp_path):
    of, fields = part("encoders"), part("fields")
    torch.manual_seed(1)
    network = of.Field(of.Architecture(encoder, width=16, depth=2, entries=10, finest=16))
    with torch.no_grad():
        for each in network.parameters():
            each.uniform_(-0.3, 0.3)
    placed = fields.Placed(network, fields.Box(np.array([3.0, -2, 5]), 40.0), "intensity", 2.0, 1.0)
    fields.as_model(placed, "fit_volume").save(tmp_path)
    again = fields.from_model(TrainedModel.load(tmp_path))
    places = np.random.default_rng(0).uniform(-40, 40, (200, 3))
    assert np.ptp(placed.piece(places)) > 0.01
    np.testing.assert_array_equal(again.piece(places), placed.piece(places))


@pytest.mark.parametrize("encoder", ["hash", "voxel"])
def test_a_grid_is_continuous_where_cells_meet(encoder):
    of = part("encoders")
    network = of.Field(of.Architecture(encoder, entries=10, finest=16))
    with torch.no_grad():
        for each in network.parameters():
            each.uniform_(-0.3, 0.3)
        edge = torch.tensor([[-0.5, 0.1, 0.3], [0.0, 0.25, -0.75], [0.25, 0.0, 0.0]])
        torch.testing.assert_close(network(edge - 1e-6), network(edge + 1e-6), atol=1e-4, rtol=0)


def test_the_hash_of_a_corner_is_the_published_one():
    of = part("encoders")
    network = of.Field(of.Architecture("hash", levels=2, entries=10, finest=64)).body
    rows = network._rows(torch.tensor([3, 5, 7]).expand(1, 2, 8, 3))
    size = 9**3  # the first level has 8 cells a side and is stored whole
    assert rows[0, 0, 0].item() == (3 * 9 + 5) * 9 + 7
    assert rows[0, 1, 0].item() == size + (3 ^ 5 * 2654435761 ^ 7 * 805459861) % 1024


# scores


def test_cubic_interpolation_of_neighbours_is_exact_for_a_cubic():
    x = np.arange(9.0)
    values = (x[:, None, None] ** 3 + x[:, None] ** 2 - 2 * x).astype(float)
    row = np.array([np.ravel_multi_index((4, 4, 4), values.shape)])
    linear, cubic = part("volume_scores").from_neighbours(values, row)
    assert cubic[0] == pytest.approx(values[4, 4, 4])
    assert linear[0] == pytest.approx(
        values[4, 4, 4] + (12 + 1) / 3
    )  # half the second derivatives, 24 and 2


def test_an_error_of_a_tenth_of_the_range_is_twenty_decibels():
    truth = np.zeros((16, 16, 16))
    found = part("volume_scores").psnr_number(truth, truth + 0.1, 1.0)
    assert (found.value, found.low, found.high) == pytest.approx((20, 20, 20))


def test_similarity_by_layers_is_that_of_the_whole():
    from skimage.metrics import structural_similarity

    truth, guess = np.random.default_rng(2).random((2, 41, 20, 24))
    found = part("volume_scores").ssim(ListContext(), truth, guess, 1.0)
    assert found == pytest.approx(structural_similarity(truth, guess, data_range=1.0), rel=1e-9)


# fitting


def test_the_planted_head_is_learned_and_shuffled_voxels_are_not(fitted):
    numbers = fitted.numbers
    assert numbers["PSNR"].value > numbers["PSNR"].baseline + 10
    assert numbers["PSNR of the null run"].value < numbers["PSNR of the null run"].baseline + 3
    assert fitted.warnings[0] == "simulated"


def test_error_and_reconstruction_lie_where_the_volume_does(fitted):
    given = part("volume_example").head_volume()
    values = np.asarray(given.image.dataobj)
    found = np.asarray(fitted["reconstruction"].image.dataobj)
    np.testing.assert_allclose(np.asarray(fitted["error"].image.dataobj), found - values, atol=1e-6)
    np.testing.assert_allclose(fitted["reconstruction"].image.affine, given.image.affine)


def test_the_ratio_of_bytes_is_that_of_the_files(fitted, tmp_path):
    model, image = tmp_path / "model", tmp_path / "image"
    model.mkdir(), image.mkdir()
    fitted["model"].save(model)
    part("volume_example").head_volume().save(image)
    mine = sum(each.stat().st_size for each in model.iterdir())
    packed = len(gzip.compress(next(image.glob("*.nii")).read_bytes()))
    assert fitted.numbers["bytes"].value == mine
    ratio = fitted.numbers["bytes / compressed image"].value
    assert ratio == pytest.approx(mine / packed, rel=1e-3)
    assert ratio > 1
    assert "no compression" in fitted.warnings


def test_between_the_voxels_the_field_stays_in_the_range_of_the_image(fitted):
    found = call("sample_field", model=fitted["model"], step=3.7)["volume"]
    values = np.asarray(found.image.dataobj)
    given = np.asarray(part("volume_example").head_volume().image.dataobj)
    margin = 0.05 * np.ptp(given)
    assert np.isfinite(values).all()
    assert values.min() > given.min() - margin
    assert values.max() < given.max() + margin


def test_colours_are_refused():
    import nibabel

    kind = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
    image = nibabel.Nifti1Image(np.zeros((4, 4, 4), kind), np.eye(4))
    with pytest.raises(BadInput, match="colours"):
        call("fit_volume", volume=Volume(image), **SMALL)


# asking


def test_a_grid_has_the_values_of_its_places():
    model = part("volume_example").slope_model()  # the value is x / 60 mm
    image = call("sample_field", model=model, step=10.0)["volume"].image
    assert image.shape == (12, 12, 8)
    x = image.affine[0, 3] + image.affine[0, 0] * np.arange(12)
    np.testing.assert_allclose(np.asarray(image.dataobj)[:, 5, 3], x / 60, atol=1e-5)


def test_the_grid_of_another_volume_is_kept():
    made = part("volume_example")
    like = made.head_volume()
    image = call("sample_field", model=made.slope_model(), like=like)["volume"].image
    np.testing.assert_allclose(image.affine, like.image.affine)
    x = made.grid_places(image.shape, like.image.affine)[..., 0]
    inside = abs(x) < 60
    np.testing.assert_allclose(np.asarray(image.dataobj)[inside], x[inside] / 60, atol=1e-5)


def test_a_plane_rolled_by_a_right_angle_sees_the_slope_no_more():
    model = part("volume_example").slope_model()
    flat = call("sample_field", model=model, what="plane", step=10.0, side=60.0)["plane"]
    pixels = flat.array.values[0]
    np.testing.assert_allclose(pixels[0], (np.arange(6) - 2.5) * 10 / 60, atol=1e-5)
    steep = call("sample_field", model=model, what="plane", step=10.0, side=60.0, roll=90, right=12)
    np.testing.assert_allclose(steep["plane"].array.values[0], 12 / 60, atol=1e-5)


def test_pieces_give_what_one_piece_gives(monkeypatch):
    fields = part("fields")
    placed = fields.from_model(part("volume_example").slope_model())
    affine = part("volume_example").affine_for(7.0, (9, 8, 7), 20.0)
    whole = placed.on_grid(ListContext(), (9, 8, 7), affine)
    monkeypatch.setattr(fields, "CHUNK", 100)
    np.testing.assert_array_equal(placed.on_grid(ListContext(), (9, 8, 7), affine), whole)


def test_stopping_between_pieces_takes_no_longer_than_one(monkeypatch):
    fields = part("fields")
    asked = []
    context = ListContext(stopped=lambda: len(asked) >= 2)
    placed = fields.from_model(part("volume_example").slope_model())
    ask = fields.Placed.piece
    monkeypatch.setattr(fields.Placed, "piece", lambda self, p: (asked.append(1), ask(self, p))[1])
    with pytest.raises(Cancelled):
        placed.on_grid(context, (256, 256, 256), np.eye(4))
    assert len(asked) == 2


def test_a_model_of_another_method_is_refused():
    with pytest.raises(BadInput, match="trained by ridge"):
        call("sample_field", model=TrainedModel({"w": np.zeros(2)}, {}, "ridge"))
