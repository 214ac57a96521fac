"""Barlow Twins: equation, parts, labels by key, resume, and what each method returns."""

from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from neurostudio.api import ImageStack, Table, Trials
from neurostudio.errors import BadInput
from neurostudio.method import Cancelled
from neurostudio.params import read_params
from neurostudio.registry import find
from neurostudio.testing import ListContext, try_it

torch = pytest.importorskip("torch")
pytest.importorskip("braindecode")

from neurostudio.learning.losses import barlow_twins, cross_correlation  # noqa: E402

PLUGIN = "neurostudio.plugins.barlow_twins"


def part(name):
    return import_module(f"{PLUGIN}.{name}")


def call(name, items, context=None, **params):
    found = find(name)
    return found(context or ListContext(), read_params(found.params, params), **items)


@pytest.fixture(scope="module")
def digits():
    return part("example").digit_stack(300, 84)


# ---- G5: the equation ----------------------------------------------------------------------------


def test_g5_the_loss_of_four_samples_and_two_coordinates_is_that_written_out_by_hand():
    # both views have the coordinates (1, 1, -1, -1) and (1, -1, 1, -1), in exchanged order
    one = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]], dtype=torch.float64)
    other = one.flip(1)
    c = cross_correlation(one, other)
    # variance 1, so C = [[0, 1], [1, 0]] / (1 + 1e-5)
    np.testing.assert_allclose(c.numpy(), np.array([[0, 1], [1, 0]]) / (1 + 1e-5), atol=1e-12)
    wanted = 2 + 0.005 * 2 / (1 + 1e-5) ** 2
    assert barlow_twins(c, 0.005).item() == pytest.approx(wanted, abs=1e-12)


def test_g5_two_equal_views_leave_the_off_diagonal_part_alone():
    z = torch.randn(200, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    c = cross_correlation(z, z)
    off = float((c - torch.diag(c.diagonal())).square().sum())
    assert barlow_twins(c, 0.005).item() == pytest.approx(0.005 * off, rel=1e-4, abs=1e-8)
    assert barlow_twins(c, 0.005, invariance=False).item() == pytest.approx(0.005 * off)


def test_g5_a_positive_gain_and_an_offset_of_each_coordinate_change_nothing():
    generator = torch.Generator().manual_seed(1)
    a, b = torch.randn(2, 64, 5, dtype=torch.float64, generator=generator)
    gain = torch.rand(5, dtype=torch.float64, generator=generator) + 0.5
    before, after = cross_correlation(a, b), cross_correlation(gain * a + 3, b * gain.flip(0) - 1)
    np.testing.assert_allclose(before.numpy(), after.numpy(), atol=1e-4)
    assert not np.allclose(before.numpy(), cross_correlation(-a, b).numpy(), atol=1e-2)


def test_g5_the_loss_equals_that_of_lightly():
    lightly = pytest.importorskip("lightly.loss")
    a, b = torch.randn(2, 64, 8, generator=torch.Generator().manual_seed(2))
    wanted = lightly.BarlowTwinsLoss(lambda_param=5e-3)(a, b)
    assert float(barlow_twins(cross_correlation(a, b), 5e-3)) == pytest.approx(
        float(wanted), abs=1e-5
    )


# ---- distortions ---------------------------------------------------------------------------------


def test_without_any_strength_small_grey_pictures_stay_as_they_are():
    made = part("distorting")
    params = part("declaring").PictureParams(turn=0, shift=0, zoom=0, gain=0, noise=0)
    pictures = torch.rand(5, 1, 16, 16)
    same = made.small_grey(pictures, second=False, params=params)
    np.testing.assert_allclose(same.numpy(), pictures.numpy(), atol=1e-5)


def test_photographs_differ_between_the_views_and_stay_between_0_and_1():
    made, params = part("distorting"), part("declaring").PictureParams()
    torch.manual_seed(0)
    pictures = torch.rand(16, 3, 64, 64)
    for second in (False, True):
        view = made.photograph(pictures, second, params)
        assert view.shape == pictures.shape
        assert -1e-5 <= float(view.min()) <= float(view.max()) <= 1 + 1e-5
    grey = made.photograph(
        pictures, False, params.model_copy(update={"grey": 1.0, "jitter": 0.0, "blur": 0.0})
    )
    np.testing.assert_allclose(grey[:, 0].numpy(), grey[:, 2].numpy(), atol=1e-6)


def test_blur_lowers_what_changes_from_pixel_to_pixel():
    made = part("distorting")
    pictures = torch.rand(8, 3, 224, 224)
    torch.manual_seed(0)
    blurred = made._blurred(pictures, 1.0)
    rough = [float(each.diff(dim=-1).square().mean()) for each in (pictures, blurred)]
    assert rough[1] < 0.5 * rough[0]
    np.testing.assert_allclose(float(blurred.mean()), float(pictures.mean()), atol=0.01)


def test_the_band_stop_removes_one_band_and_the_shift_keeps_every_sample():
    made = part("distorting")
    still = {"shift": 0, "drop": 0, "gain": 0, "noise": 0}
    windows = torch.randn(40, 2, 200, generator=torch.Generator().manual_seed(0))
    params = part("declaring").WindowParams(**still, band_stop=1)
    before = torch.fft.rfft(windows).abs().square()
    after = torch.fft.rfft(made.window(windows, params, 100.0)).abs().square()
    gone = (after < 1e-3 * before).sum(dim=-1)  # bins of 0.5 Hz
    assert int(gone.min()) >= 3
    assert int(gone.max()) <= 9
    moved = made.window(
        windows, part("declaring").WindowParams(**(still | {"shift": 0.5}), band_stop=0), 100.0
    )
    np.testing.assert_allclose(
        moved.sort(dim=-1).values.numpy(), windows.sort(dim=-1).values.numpy(), atol=1e-6
    )
    assert not np.allclose(moved.numpy(), windows.numpy())


def test_the_cutout_of_a_volume_is_a_cube_of_three_tenths():
    made = part("distorting")
    params = part("declaring").VolumeParams(cutout=1, gain=0, bias_field=0, noise=0)
    view = made.volume(torch.ones(6, 1, 20, 20, 20), params)
    assert (view == 0).sum(dim=(1, 2, 3, 4)).tolist() == [6**3] * 6


# ---- parts and keys ------------------------------------------------------------------------------


def test_no_group_stands_on_both_sides_and_the_encoder_never_sees_the_test_part():
    windows = part("example").planted_windows(120, subjects=6)
    params = part("declaring").WindowParams()
    samples = part("samples").read_windows(windows, params, 0)
    split = part("parts").split_samples(samples, 0.28, 0)
    learned = part("parts").learned_from(samples, split)
    tested = part("parts").labelled_rows(samples, split, "test")
    assert len(tested) > 0
    assert not set(samples.groups[learned]) & set(samples.groups[tested])


def test_samples_without_a_label_are_learned_from_and_never_judged(digits):
    array = digits.array.copy()
    labels = array.label.to_numpy().copy()
    labels[:150] = ""
    array = array.assign_coords(label=("item", labels))
    samples = part("samples").read_pictures(
        ImageStack(array), part("declaring").PictureParams(), 0, 0
    )
    split = part("parts").split_samples(samples, 0.28, 0)
    assert set(samples.ids[:150]) <= set(split.train)
    assert not np.intersect1d(
        part("parts").labelled_rows(samples, split, "train"), np.arange(150)
    ).size


def test_labels_of_volumes_are_joined_by_name_in_whatever_order():
    example = part("example")
    params = part("declaring").VolumeParams()
    read = part("samples").read_volumes
    volumes, names, people = example.planted_volumes(8), example.names_of_volumes(8), None
    people = example.people_of_volumes(8)
    found = read(volumes, names, people, params, 16)
    assert found.labels.tolist() == ["right", "left"] * 4
    short = Table(people.frame[people.frame.participant_id != "head_03"])
    with pytest.raises(BadInput, match="head_03"):
        read(volumes, names, short, params, 16)


def test_ids_that_stand_twice_and_columns_that_are_missing_are_named(digits):
    array = digits.array
    ids = array.id.to_numpy().copy()
    ids[1] = ids[0]
    with pytest.raises(BadInput, match=f"1 ids stand there twice: {ids[0]}"):
        call("pretrain_pictures", {"pictures": ImageStack(array.assign_coords(id=("item", ids)))})
    with pytest.raises(BadInput, match=r"no column 'sort'.*id, label, part"):
        call("pretrain_pictures", {"pictures": digits}, label="sort")
    nameless = ImageStack(array.drop_vars("id"))
    with pytest.raises(BadInput, match="have no 'id'"):
        call("pretrain_pictures", {"pictures": nameless})


def test_too_few_samples_for_a_batch_and_values_that_are_no_numbers_are_refused(digits):
    with pytest.raises(BadInput, match="fewer than one batch of 512"):
        call("pretrain_pictures", {"pictures": digits}, batch_size=512)
    array = digits.array.copy()
    array[2, 0, 0] = np.nan
    with pytest.raises(BadInput, match=f"not finite: {array.id.to_numpy()[2]}"):
        call("pretrain_pictures", {"pictures": ImageStack(array)})


# ---- networks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "encoder", "shape", "features", "parameters"),
    [
        # 9·16 + 9·16·32 + 9·32·64 + 2·(16 + 32 + 64)
        ("pictures", "small", (1, 16, 16), 256, 23_408),
        ("pictures", "small", (3, 40, 40), 256, 23_696),
        # torchvision's counts without the classifier; small pictures have a first layer of 3 × 3
        ("pictures", "resnet18", (3, 224, 224), 512, 11_176_512),
        ("pictures", "resnet50", (3, 224, 224), 2048, 23_508_032),
        ("windows", "small", (8, 200), 40, None),
        ("volumes", "small", (1, 16, 16, 16), 64, None),
    ],
)  # fmt: skip
def test_encoders_have_the_features_and_weights_of_the_specification(
    kind, encoder, shape, features, parameters
):
    networks = part("networks")
    arguments = {"kind": kind, "encoder": encoder, "shape": shape, "projector_width": 16}
    twins = networks.build(arguments).eval()
    with torch.no_grad():
        found = twins.embed(torch.zeros(2, *shape))
        assert found.shape == (2, features)
        assert twins(torch.zeros(2, *shape)).shape == (2, 16)
    if parameters is not None:
        assert sum(each.numel() for each in twins.encoder.parameters()) == parameters
    assert not any(
        each.bias is not None for each in twins.projector if isinstance(each, torch.nn.Linear)
    )


def test_weights_of_the_model_folder_are_taken_by_torchvisions_names(tmp_path, monkeypatch, digits):
    from safetensors.torch import save_file

    networks = part("networks")
    (tmp_path / "barlow_twins").mkdir()
    network, _ = networks.resnet18((1, 8, 8))
    state = {f"backbone.{name}": value for name, value in network.state_dict().items()}
    save_file(
        state | {"backbone.fc.weight": torch.zeros(2, 2)},
        tmp_path / "barlow_twins/mine.safetensors",
    )
    torch.save(network.state_dict(), tmp_path / "barlow_twins/mine.pth")

    class Chosen:
        model_folder = str(tmp_path)

    monkeypatch.setattr(part("released"), "load_settings", Chosen)
    for name in ("mine.safetensors", "mine.pth"):
        encoder, weights = part("released").read_weights(
            part("released").find_weights(name), (1, 8, 8)
        )
        assert encoder == "resnet18"
        np.testing.assert_array_equal(
            weights["conv1.weight"], network.conv1.weight.detach().numpy()
        )
    with pytest.raises(BadInput, match="neither those of a ResNet-18 nor"):
        call(
            "pretrain_pictures",
            {"pictures": digits},
            encoder="folder",
            weights="mine.pth",
            picture_size=128,
        )
    for name in ("other.pth", "../outside.pth"):
        with pytest.raises(BadInput, match="no 'barlow_twins/"):
            part("released").find_weights(name)


# ---- collapse ------------------------------------------------------------------------------------


def test_the_alarm_names_its_reason_and_stays_silent_where_all_is_well():
    collapse = part("fitting").collapse
    assert "the same" in collapse(0.97, 0.8, 30.0, 1.0, 1.0)
    assert "hardly varies" in collapse(0.5, 0.2, 30.0, 0.005, 1.0)
    assert "1.3 directions" in collapse(0.5, 0.2, 1.3, 1.0, 1.0)
    assert collapse(0.9, 0.2, 30.0, 1.0, 1.0) == ""


def test_without_the_second_term_coordinates_become_redundant(digits):
    """The planted fault: λ = 0 lets all coordinates say the same; with λ they do not."""
    beside = {
        redundancy: call(
            "pretrain_pictures", {"pictures": digits}, picture_size=16, epochs=6, redundancy=redundancy,
            controls=(), batch_size=32,
        ).numbers["off-diagonal RMS"].value
        for redundancy in (0.0, 0.005)
    }  # fmt: skip
    assert beside[0.0] > 1.5 * beside[0.005]


# ---- the methods ---------------------------------------------------------------------------------


def test_the_result_has_score_null_run_and_baseline(digits):
    context = ListContext()
    result = call("pretrain_pictures", {"pictures": digits}, context, picture_size=16, epochs=2)
    main = result.numbers["accuracy of the probe"]
    assert main.chance == 0.1
    assert main.baseline == result.numbers["accuracy, raw values"].value
    assert main.low < main.value < main.high
    assert {"accuracy, untrained", "accuracy, another sample", "accuracy, shuffled labels"} <= set(
        result.numbers
    )
    shuffled = result.numbers["accuracy, shuffled labels"]
    assert shuffled.value < 0.25 < main.value
    frame = result["embedding"].frame
    assert frame.shape == (300, 256)
    assert list(frame.index) == digits.array.id.to_numpy().tolist()
    kinds = {type(view).__name__ for view in result.views}
    assert {"Report", "NullControl", "Heatmap", "Lines", "Images", "Scatter"} <= kinds
    shown = {event["name"] for event in context.of_kind("view")}
    assert {"both views", "cross-correlation", "two terms", "probe"} <= shown
    logged = [
        e["values"] for e in context.of_kind("metrics") if e["values"]["stage"] == "Barlow Twins"
    ]
    assert [each["epoch"] for each in logged] == [1, 2]
    assert {"diagonal_correlation", "effective_rank", "probe_accuracy", "gradient_norm"} <= set(
        logged[0]
    )


def test_an_embedding_by_the_stored_model_equals_that_of_the_training(tmp_path, digits):
    result = call("pretrain_pictures", {"pictures": digits}, picture_size=16, epochs=1, controls=())
    model = result["model"]
    model.save(tmp_path)
    again = call("embed", {"model": type(model).load(tmp_path), "samples": (digits,)})
    np.testing.assert_array_equal(
        again["embedding"].frame.to_numpy(), result["embedding"].frame.to_numpy()
    )
    turned = ImageStack(digits.array[::-1])
    other = call("embed", {"model": model, "samples": (turned,)})["embedding"].frame
    np.testing.assert_allclose(
        other.loc[again["embedding"].frame.index].to_numpy(),
        again["embedding"].frame.to_numpy(),
        atol=1e-5,
    )


def test_a_stopped_training_is_taken_up_and_gives_the_same_weights(tmp_path, monkeypatch, digits):
    monkeypatch.setattr("neurostudio.training._SAVE_INTERVAL", 0.0)
    params = {"picture_size": 16, "epochs": 3, "controls": ()}
    whole = call("pretrain_pictures", {"pictures": digits}, **params)["model"].weights
    (tmp_path / "checkpoints").mkdir()
    asked = iter(range(10_000))
    stopping = ListContext(folder=tmp_path, stopped=lambda: next(asked) >= 8)
    with pytest.raises(Cancelled):
        call("pretrain_pictures", {"pictures": digits}, stopping, **params)
    resumed = ListContext(folder=tmp_path)
    again = call("pretrain_pictures", {"pictures": digits}, resumed, **params)["model"].weights
    assert len(resumed.of_kind("metrics")) < 3
    for name, value in whole.items():
        np.testing.assert_array_equal(value, again[name])


def test_without_labels_it_says_so_and_gives_no_score(digits):
    bare = ImageStack(digits.array.drop_vars("label"))
    result = call("pretrain_pictures", {"pictures": bare}, picture_size=16, epochs=1, controls=())
    assert "no labels" in result.warnings
    assert not any("accuracy" in name for name in result.numbers)


def test_windows_of_another_order_of_channels_are_embedded_alike_and_missing_ones_named():
    windows = part("example").planted_windows(120)
    model = call("pretrain_windows", {"windows": windows}, epochs=1, controls=())["model"]
    one = call("embed", {"model": model, "samples": (windows,)})["embedding"].frame
    turned = Trials(windows.epochs.copy().reorder_channels(windows.epochs.ch_names[::-1]))
    other = call("embed", {"model": model, "samples": (turned,)})["embedding"].frame
    np.testing.assert_allclose(one.to_numpy(), other.to_numpy(), atol=1e-5)
    fewer = Trials(windows.epochs.copy().drop_channels(["E3"]))
    with pytest.raises(BadInput, match="E3"):
        call("embed", {"model": model, "samples": (fewer,)})


def test_a_model_refuses_samples_of_another_kind(digits):
    model = part("example").small_model()
    with pytest.raises(BadInput, match=r"trained on pictures\. Give ImageStack"):
        call("embed", {"model": model, "samples": (part("example").planted_windows(40),)})
    with pytest.raises(BadInput, match="no pair of Barlow Twins"):
        call("embed", {"model": replace(model, config={"network": "x"}), "samples": (digits,)})


def test_the_evaluation_judges_on_what_the_encoder_never_saw():
    result = try_it(find("evaluate_embedding"))
    assert "seen" not in result.warnings
    frame = result["scores"].frame
    assert set(frame.encoder) == {"Barlow Twins", "untrained", "raw values"}
    assert list(frame["labels per class"][:3]) == ["1", "5", "all"]
    mean = frame.set_index(["encoder", "labels per class"])["mean"]
    assert mean["raw values", "1"] < mean["raw values", "5"] < mean["raw values", "all"]
    assert result.numbers["accuracy, shuffled labels"].value < 0.3


def test_samples_are_known_again_by_what_they_are_and_not_by_their_names(digits):
    model = call("pretrain_pictures", {"pictures": digits}, picture_size=16, epochs=1, controls=())[
        "model"
    ]
    read, known = part("samples").read_samples, set(model.config["trained_on"])
    params = part("declaring").SampleParams()

    def seen(stack):
        return read((stack,), (), None, params, 0, model.config).known(known).sum()

    fresh = part("example").digit_stack().array[300:600]
    renamed = digits.array.assign_coords(id=("item", [f"other {k}" for k in range(300)]))
    borrowed = fresh.assign_coords(id=("item", digits.array.id.to_numpy()))
    assert seen(digits) == seen(ImageStack(renamed[::-1])) == len(known) > 200
    assert seen(ImageStack(borrowed)) == 0


def test_folds_judge_every_sample_once_and_say_that_the_encoder_saw_them():
    windows = part("example").planted_windows(120, subjects=6)
    model = call("pretrain_windows", {"windows": windows}, epochs=1, controls=())["model"]
    result = call(
        "evaluate_embedding", {"model": model, "samples": (windows,)}, folds=3, labels_per_class=(2,), draws=2
    )  # fmt: skip
    assert "seen" in result.warnings
    assert "120 test samples of 6 groups" in result.numbers["accuracy, all labels"].note


def test_the_planted_rhythm_is_read_and_the_gain_of_a_window_is_not():
    """The class is what the embedding must keep; with shuffled labels nothing is left."""
    windows = part("example").planted_windows(400)
    result = call("pretrain_windows", {"windows": windows}, epochs=10, probe_labels=10)
    assert result.numbers["accuracy of the probe"].low > 0.4
    assert result.numbers["accuracy, shuffled labels"].value < 0.35
    embedding = result["embedding"].frame.to_numpy()
    gain = np.log(windows.epochs.metadata.gain.to_numpy())
    raw = windows.epochs.get_data(copy=False).std(axis=(1, 2))
    in_raw = abs(np.corrcoef(np.log(raw), gain)[0, 1])
    first = abs(np.corrcoef(part("mapping").components(embedding)[0][:, 0], gain)[0, 1])
    assert in_raw > 0.7
    assert first < in_raw


def test_fine_tuning_is_judged_beside_the_frozen_encoder_and_shuffled_labels():
    result = try_it(find("fine_tune"))
    names = {"fine-tuned", "frozen, linear probe", "from scratch", "shuffled labels"}
    assert {f"accuracy, {name}" for name in names} == set(result.numbers)
    assert set(result["scores"].frame.columns) == {"id", "label", *names}
    again = call("embed", {"model": result["model"], "samples": (part("example").small_digits(),)})
    assert again["embedding"].frame.shape == (400, 256)


def test_the_preview_shows_eight_samples_with_both_views_of_every_kind():
    example = part("example")
    shown = call("preview_views", {"samples": (example.small_digits(),)}, picture_size=16)
    assert shown.views[0].pixels.shape == (24, 16, 16)
    assert shown.views[0].columns == 8
    lines = call("preview_views", {"samples": (example.planted_windows(20),)}).views[0]
    assert lines.names == ("as it is", "view A", "view B")
    assert lines.y.shape == lines.x.shape == (3, 4 * 201)
    context = ListContext(names={"samples": example.names_of_volumes(4)})
    heads = call("preview_views", {"samples": example.planted_volumes(4)}, context, edge=16)
    assert heads.views[0].pixels.shape == (12, 16, 16)


def test_lars_with_warm_up_learns_too(digits):
    context = ListContext()
    call(
        "pretrain_pictures", {"pictures": digits}, context, picture_size=16, epochs=5, optimiser="lars",
        learning_rate=8.0, bias_rate=0.04, warm_up=1, loss_scale=0.0, controls=(), batch_size=32,
    )  # fmt: skip
    logged = [event["values"] for event in context.of_kind("metrics")]
    assert logged[-1]["diagonal_correlation"] > logged[0]["diagonal_correlation"] + 0.1
    rates = [each["learning_rate"] for each in logged]
    assert rates[0] == pytest.approx(1.0)  # after the rise: 8 × 32 / 256
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == pytest.approx(0.001)
