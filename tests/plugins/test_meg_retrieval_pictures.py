"""Picture retrieval: the simulator, embeddings of pictures, windows of time, pictures from responses."""

import sys
import types
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

from neurostudio.api import ImageStack, Table
from neurostudio.errors import BadInput
from neurostudio.registry import find
from neurostudio.testing import try_it

from .calling import call

torch = pytest.importorskip("torch")
mne = pytest.importorskip("mne")


def part(name):
    return import_module(f"neurostudio.plugins.meg_retrieval.{name}")


@pytest.fixture(scope="module")
def small():
    return part("example").small()


@pytest.fixture(scope="module")
def linear_params():
    return part("example").LINEAR


def test_windows_slide_or_grow():
    windows = part("windows").windows_of
    times = np.arange(10) / 10
    assert windows(times, 0.4, 0.3, "sliding") == [(0, 4), (3, 7), (6, 10)]
    assert windows(times, 0.4, 0.3, "growing") == [(0, 4), (0, 7), (0, 10)]


def test_the_course_is_at_chance_before_the_picture_and_rises_after(small, linear_params):
    trials, features = small
    given = linear_params | {"window": 0.3, "stride": 0.3}
    found = call("decode_pictures_over_time", trials=trials, features=features, **given)
    frame = found["course"].frame
    ridge = frame[frame.decoder == "ridge"].set_index("end")["top_5"]
    before = found.numbers["before onset"]
    assert before.low <= before.value <= before.high
    assert ridge.max() > 0.9
    assert ridge.idxmax() > 0.1
    assert ridge[ridge.index < 0.01].max() < 0.75


@pytest.mark.parametrize(("kernel", "silent"), [("causal", True), ("gaussian", False)])
def test_only_causal_responses_are_silent_before_the_picture(kernel, silent):
    world = part("world")
    found = world.kernels(world.Settings(kernel=kernel), np.random.default_rng(0))
    assert found.shape == (9, 12, 60)
    assert bool(np.abs(found[..., : world.ONSET]).max() == 0) is silent


def test_the_signal_has_the_size_that_was_asked_for():
    world = part("world")
    settings = world.Settings(categories=40, pictures=10, subjects=1, gallery=4, repeats=1)
    sizes = []
    for snr in (1e-6, 2.0):
        quiet = world.Settings(**{**vars_of(settings), "snr": snr})
        random = np.random.default_rng(0)
        pictures = world.draw_pictures(quiet, random)
        sizes.append(world.respond(quiet, pictures, random).signals[:400].std() / world.TESLA)
    assert sizes[0] == pytest.approx(1.0, rel=0.02)
    assert sizes[1] == pytest.approx(np.sqrt(1 + 2.0**2), rel=0.03)


def vars_of(settings):
    return {name: getattr(settings, name) for name in settings.__dataclass_fields__}


def test_the_even_part_is_hidden_from_a_linear_decoder():
    world = part("world")
    random = np.random.default_rng(0)
    features = random.standard_normal((20_000, 24))
    mixing = np.eye(24)
    linear = world.amplitudes(features, mixing, 1.0)
    np.testing.assert_allclose(linear, features[:, :12])
    hidden = world.amplitudes(features, mixing, 0.0)
    assert abs(np.corrcoef(hidden[:, 0], features[:, 12])[0, 1]) < 0.03


def test_electrodes_see_dipoles_of_a_sphere_at_their_own_places(small):
    found = call(
        "simulate_responses", sensors="sphere", categories=3, pictures=2, subjects=1, gallery=3,
        repeats=1,
    )  # fmt: skip
    epochs = found["trials"].epochs
    assert set(epochs.get_channel_types()) == {"eeg"}
    assert len(epochs.ch_names) == 64
    assert 0.1e-6 < np.abs(epochs.get_data(copy=False)).max() < 100e-6
    gain = found["truth"].frame.filter(like="sensor ").to_numpy()
    assert np.sqrt((gain**2).mean()) == pytest.approx(1)
    same = call(
        "simulate_responses", sensors="sphere", categories=3, pictures=2, subjects=1, gallery=3,
        repeats=1, layout=small[0],
    )  # fmt: skip
    assert same["trials"].epochs.ch_names == small[0].epochs.ch_names


def test_a_missing_lead_field_is_said(monkeypatch):
    monkeypatch.setattr(part("sensing"), "find_spec", lambda name: None)
    with pytest.raises(BadInput, match="tvb-data"):
        call("simulate_responses", sensors="cortex")


def test_a_sensor_is_put_over_the_cortex_that_it_sees():
    random = np.random.default_rng(0)
    vertices = random.uniform(-60, 60, (400, 3))
    field = np.zeros((2, 400))
    field[0, vertices[:, 0].argmax()] = field[1, vertices[:, 2].argmax()] = 1
    field += 1e-6
    info, (places, gain) = part("sensing").patches(field, vertices, random)
    assert info["chs"][0]["loc"][1] > 0.08
    assert info["chs"][1]["loc"][2] > 0.08
    assert places.shape == (2, 3)
    assert gain.shape == (2, 12)


def test_real_embeddings_drive_the_sources_and_few_are_said(small):
    features = Table(small[1].frame.iloc[:, :7])
    found = call("simulate_responses", features=features, subjects=1, gallery=20, repeats=1)
    assert set(found["features"].frame["picture"]) == set(features.frame["picture"])
    assert "few" in found.warnings
    assert (found["trials"].epochs.metadata["part"] == "test").sum() == 20


def stack(pixels, ids=("a", "b", "c")):
    import xarray

    return ImageStack(
        xarray.DataArray(pixels, dims=("item", "y", "x"), coords={"id": ("item", list(ids))})
    )


def test_simple_features_of_simple_pictures_are_what_one_expects():
    engineered = part("engineered")
    red = np.zeros((64, 64, 3))
    red[..., 0] = 1.0
    assert engineered.colours(red).tolist() == [0] * 7 + [1] + 2 * ([1] + [0] * 7)
    flat = engineered.patterns(red.mean(axis=-1))
    assert flat[8] == 1  # all neighbours are as bright
    upright = np.tile(np.arange(64) / 63, (64, 1))
    cells = engineered.edges(upright).reshape(8, 8, 8)
    assert (cells.argmax(axis=-1) == 0).all()
    waves = np.tile(np.cos(2 * np.pi * 8 * np.arange(64) / 64), (64, 1))
    assert engineered.spectrum(waves).argmax() // 8 == int(np.log2(8) / np.log2(32) * 8)


def test_embeddings_are_keyed_by_id_whatever_the_order():
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (3, 20, 20)).astype(np.uint8)
    one = call("embed_pictures", pictures=stack(pixels))["features"].frame
    other = call("embed_pictures", pictures=stack(pixels[::-1], "cba"))["features"].frame
    pd.testing.assert_frame_equal(
        one.set_index("picture").sort_index(), other.set_index("picture").sort_index()
    )


def test_pictures_without_ids_are_refused():
    import xarray

    bare = ImageStack(xarray.DataArray(np.zeros((2, 8, 8), np.uint8), dims=("item", "y", "x")))
    with pytest.raises(BadInput, match="no ids"):
        call("embed_pictures", pictures=bare)


def test_a_network_that_is_not_installed_is_said(monkeypatch):
    monkeypatch.setattr(part("engineered"), "find_spec", lambda name: None)
    with pytest.raises(BadInput, match="efficientnet-lite-pytorch"):
        call("embed_pictures", pictures=part("example").pictures(), kind="efficientnet")


def test_an_installed_network_gives_its_pooled_features(monkeypatch, tmp_path):
    class Network(torch.nn.Module):
        """As the real one: features (n, 4, 7, 7) of pictures (n, 3, 224, 224)."""

        def __init__(self):
            super().__init__()
            self.convolution = torch.nn.Conv2d(3, 4, 32, stride=32, bias=False)

        @classmethod
        def from_name(cls, name):
            assert name == "efficientnet-lite0"
            return cls()

        def extract_features(self, batch):
            return self.convolution(batch)

    weights = {"convolution.weight": torch.ones(4, 3, 32, 32)}
    torch.save(weights, tmp_path / "weights.pth")

    class File:
        @staticmethod
        def get_model_file_path():
            return str(tmp_path / "weights.pth")

    package, files = types.ModuleType("a"), types.ModuleType("b")
    package.EfficientNet, files.EfficientnetLite0ModelFile = Network, File
    names = part("engineered").PACKAGES
    for name, module in zip(names, (package, files), strict=True):
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(part("engineered"), "find_spec", lambda name: name)
    pixels = np.stack([np.full((10, 10), grey, np.uint8) for grey in (0, 100, 200)])
    found = call("embed_pictures", pictures=stack(pixels), kind="efficientnet")["features"].frame
    grey = (100 / 255 - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])
    row = found.set_index("picture").loc["b"].to_numpy(float)
    np.testing.assert_allclose(row, 1024 * grey.sum(), rtol=1e-4)


def test_predictions_get_mean_and_spread_of_the_training_targets():
    random = np.random.default_rng(0)
    targets = 5 + 2 * random.standard_normal((50, 3))
    found = part("rebuilding").with_spread(0.01 * random.standard_normal((20, 3)), targets)
    np.testing.assert_allclose(found.mean(axis=0), targets.mean(axis=0))
    np.testing.assert_allclose(found.std(axis=0), targets.std(axis=0))


def test_structural_similarity_agrees_with_another_implementation():
    random = np.random.default_rng(0)
    one = random.uniform(size=(32, 32))
    other = np.clip(one + 0.2 * random.standard_normal((32, 32)), 0, 1)
    assert part("rebuilding").ssim(one, one) == pytest.approx(1)
    metrics = pytest.importorskip("skimage.metrics")
    expected = metrics.structural_similarity(one, other, data_range=1.0)
    assert part("rebuilding").ssim(one, other) == pytest.approx(expected, abs=1e-6)


def test_pictures_come_back_and_shuffled_ones_are_no_like():
    found = try_it(find("reconstruct_from_trials"))
    value = found.numbers["PixCorr"]
    assert value.low > 0.4
    assert abs(value.chance) < 0.1
    assert found.numbers["two-way, pixels"].low > 0.5
    null = found.views[1]
    assert null.null[0].max() < value.value


def test_two_pictures_seen_often_are_judged_by_single_trials():
    judging = part("judging")
    shown = np.array(["face", "house"] * 8)
    one = np.full(16, "one")
    queries = judging.Queries(np.zeros((16, 3)), shown, one, shown, np.ones(16, int))
    assert len(judging.averaged(queries)) == 2
    assert len(judging.averaged_or_single(queries)) == 16
