"""EEG pathology: parameter counts, guards, joins by key, and a planted pathology that is found."""

from importlib import import_module

import numpy as np
import pandas as pd
import pytest

from neurostudio.api import Recording, Table, TrainedModel, Trials
from neurostudio.errors import BadInput
from neurostudio.method import Cancelled
from neurostudio.registry import discover, find
from neurostudio.testing import ListContext, assert_same, try_it

from .calling import call

torch = pytest.importorskip("torch")
pytest.importorskip("braindecode")
mne = pytest.importorskip("mne")

PLUGIN = "neurostudio.plugins.eeg_pathology"
PLACES = {"network": "shallow", "n_channels": 21, "n_classes": 2, "n_times": 6000}


def part(name):
    return import_module(f"{PLUGIN}.{name}")


@pytest.fixture(scope="module")
def clinics():
    return part("example").clinics()


@pytest.fixture(scope="module")
def model():
    return part("example").model()


@pytest.mark.parametrize(
    ("network", "length", "expected"),
    [
        ("shallow", 35, 37_522),
        ("deep4", 1, 277_052),
        ("eegnet", None, 7_426),
        ("tcn", None, 456_502),
    ],
)
def test_m1_each_network_has_the_checked_number_of_weights(network, length, expected):
    networks = part("networks")
    built = networks.build(PLACES | {"network": network, "final_length": length})
    assert networks.n_parameters(built) == expected


@pytest.mark.parametrize(
    ("network", "length", "outputs"),
    [("shallow", 35, 5_392), ("deep4", 1, 5_560), ("tcn", None, 5_070)],
)
def test_m1_dense_prediction_gives_the_checked_number_of_outputs(network, length, outputs):
    settings = PLACES | {"network": network, "final_length": length, "dense": True}
    built = part("networks").build(settings).eval()
    with torch.no_grad():
        found = built.network(torch.zeros(1, 21, 6000))
    assert found.shape[1] == 2
    assert found.flatten(2).shape[2] == outputs


def test_the_network_of_the_acceptance_has_5954_weights():
    networks = part("networks")
    small = {"network": "shallow", "n_channels": 8, "n_classes": 2, "n_times": 300, "filters": 24}
    assert networks.n_parameters(networks.build(small)) == 5_954


@pytest.mark.parametrize("network", ["shallow", "eegnet", "tcn"])
def test_networks_end_in_logits_and_take_one_second_at_100_hz(network):
    built = part("networks").build(
        {"network": network, "n_channels": 61, "n_classes": 2, "n_times": 100}
    )
    torch.manual_seed(0)
    found = built.eval()(10 * torch.randn(4, 61, 100)).detach()
    assert found.shape == (4, 2)
    assert not np.allclose(found.exp().sum(dim=1), 1)


def test_windows_too_short_for_a_network_are_refused_with_their_length():
    with pytest.raises(BadInput, match="Windows of 100 samples are too short"):
        part("networks").build(
            {"network": "deep4", "n_channels": 61, "n_classes": 2, "n_times": 100}
        )


def test_a_planted_pathology_is_told_apart_in_recordings_of_unseen_people(clinics):
    result = call(
        "train_classifier", windows=clinics[0], filters=16, steps=150, learning_rate=2e-3, folds=3
    )
    number = result.numbers["balanced accuracy"]
    assert number.value > 0.75
    assert number.low > number.chance == 0.5
    assert number.baseline is not None
    assert result.warnings == ("simulated",)
    assert len(result["scores"].frame) == 40


def test_the_probability_is_that_of_illness(model):
    assert model.config["classes"] == ["normal", "abnormal"]


def test_e5_the_weights_after_set_up_are_those_of_the_source(model):
    from neurostudio.training import Recipe, hash_of_weights

    fitting, networks = part("fitting"), part("networks")
    for strategy in ("fine_tune", "frozen", "discriminative"):
        how = fitting.Fit(Recipe(), model.config["arguments"], strategy=strategy, source=model)
        ready = fitting.set_up(how)
        assert hash_of_weights(networks.weights_of(ready)) == model.config["weights_hash"]
    scratch = fitting.Fit(Recipe(), model.config["arguments"], strategy="scratch", source=model)
    ready = fitting.set_up(scratch)
    assert hash_of_weights(networks.weights_of(ready)) != model.config["weights_hash"]


def test_frozen_layers_keep_weights_and_batch_statistics(model, clinics):
    result = call(
        "transfer_classifier", source=model, windows=clinics[1], strategy="frozen", steps=10,
        test_column="part",
    )  # fmt: skip
    after = result["model"].weights
    for name, value in model.weights.items():
        if name.startswith("network.final_layer"):
            assert not np.array_equal(after[name], value)
        elif name.startswith("network."):
            np.testing.assert_array_equal(after[name], value, err_msg=name)


def test_e5_windows_of_one_recording_on_both_sides_are_refused(clinics):
    epochs = clinics[0].epochs.copy()
    epochs.metadata = epochs.metadata.assign(part=["test", "train"] * (len(epochs) // 2))
    with pytest.raises(BadInput, match="both sides"):
        call("train_classifier", windows=Trials(epochs), test_column="part", steps=5)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (["sub-01", "sub-02", "sub-03"], "1 keys have no row in the table: sub_04"),
        (["sub-01", "sub-02", "sub-03", "sub-04", "sub-09"], "1 keys have no recording: sub-09"),
        (
            ["sub-01", "sub-02", "sub-03", "sub-04", "sub-04"],
            "1 keys are twice in the table: sub-04",
        ),
    ],
)
def test_e5_a_table_with_a_missing_extra_or_double_key_is_refused_by_name(keys, message):
    example = discover().example("prepare_windows")
    people = Table(pd.DataFrame({"participant_id": keys, "label": ["a"] * len(keys)}))
    with pytest.raises(BadInput, match=message):
        call(
            "prepare_windows", ListContext(names=example.names), people=people,
            recordings=example.items["recordings"], **example.params,
        )  # fmt: skip


def test_labels_join_by_key_and_never_by_order():
    result = try_it(find("prepare_windows"))
    frame = result["windows"].epochs.metadata
    labels = frame.groupby("recording").label.first().to_dict()
    assert labels == {
        "sub_01": "normal", "sub_02": "abnormal", "sub_03": "normal", "sub_04": "abnormal",
    }  # fmt: skip
    assert list(frame.start[:4]) == [2.0, 6.0, 10.0, 14.0]


def test_missing_channels_are_named():
    example = discover().example("prepare_windows")
    params = {**example.params, "channels": ("Fp1", "T7", "O2")}
    with pytest.raises(BadInput, match="sub_01 has 2 of the 3 channels; O2 missing"):
        call("prepare_windows", ListContext(names=example.names), **example.items, **params)


def test_a_recording_without_the_models_channels_is_refused(model):
    info = mne.create_info(["Fp1", "Cz"], 50.0, "eeg")
    short = Recording(mne.io.RawArray(np.zeros((2, 1000)), info, verbose="ERROR"))
    with pytest.raises(BadInput, match="2 of the 8 channels"):
        call("classify", model=model, signals=short)


def test_a_recording_of_another_rate_order_and_spelling_gives_nearly_the_same_answer(
    model, clinics
):
    names = list(model.config["channels"])
    data = np.concatenate(list(clinics[0].epochs.get_data(copy=True)[:4]), axis=1)
    info = mne.create_info(names, 50.0, "eeg")
    plain = Recording(mne.io.RawArray(data, info, verbose="ERROR"))
    other = plain.raw.copy().resample(100.0, verbose="ERROR").reorder_channels(names[::-1])
    other.rename_channels({name: f"EEG {name.upper()}-REF" for name in names})
    found = [
        call("classify", model=model, signals=each, stride=6.0)["scores"].frame.iloc[0, 1:3]
        for each in (plain, Recording(other))
    ]
    np.testing.assert_allclose(
        found[0].to_numpy(dtype=float), found[1].to_numpy(dtype=float), atol=0.02
    )


def test_a_stopped_training_resumes_to_the_same_numbers(tmp_path, clinics):
    settings = {"windows": clinics[0], "filters": 8, "epochs": 3, "folds": 3, "patience": 0}
    whole = call("train_classifier", **settings)
    (tmp_path / "checkpoints").mkdir()
    asked = iter(range(10_000))
    stopping = ListContext(folder=tmp_path, stopped=lambda: next(asked) > 18)
    with pytest.raises(Cancelled):
        call("train_classifier", stopping, **settings)
    assert list((tmp_path / "checkpoints").iterdir())
    resumed = call("train_classifier", ListContext(folder=tmp_path), **settings)
    assert_same(whole["scores"], resumed["scores"])
    assert_same(whole["model"], resumed["model"])


def test_what_is_live_names_fold_epoch_and_chance(clinics):
    context = ListContext()
    call("train_classifier", context, windows=clinics[0], filters=8, epochs=2, folds=2)
    values = [event["values"] for event in context.of_kind("metrics")]
    assert {"epoch", "fold", "train_loss", "balanced_accuracy", "chance"} <= set(values[0])
    assert {event["name"] for event in context.of_kind("view")} == {"confusion"}


def test_a_stored_model_judges_as_before(tmp_path, model, clinics):
    model.save(tmp_path)
    again = TrainedModel.load(tmp_path)
    first, second = (
        call("classify", model=each, signals=clinics[1])["scores"] for each in (model, again)
    )
    assert_same(first, second)


def test_the_bands_that_carry_the_planted_pathology_matter_most():
    source, _ = part("two_clinics").two_clinics(
        part("two_clinics").Clinics(severity=1.2), source=(120, 20), target=(4, 4)
    )
    trained = call(
        "train_classifier", windows=source, test_column="part", filters=16, steps=200,
        learning_rate=2e-3,
    )["model"]  # fmt: skip
    frame = call("explain_classifier", model=trained, windows=source)["importance"].frame
    size = frame[frame.kind == "band"].set_index("name")["size"]
    assert size[["delta", "theta", "alpha"]].min() > size["gamma"]


def test_each_layer_is_like_itself():
    frame = try_it(find("compare_layers"))["similarity"].frame
    np.testing.assert_allclose(np.diag(frame.drop(columns="layer").to_numpy()), 1, atol=1e-9)


def test_larger_draws_of_labels_hold_the_smaller_ones_and_alternate_labels(clinics):
    cohorts, curve = part("cohort"), part("curve")
    cohort = cohorts.read_cohort(clinics[0], cohorts.CohortParams(), 0)
    every = np.arange(len(cohort))
    few, more = (curve.drawn(cohort, every, k, seed=3) for k in (4, 10))
    assert set(few) <= set(more)
    assert len(set(cohort.units[few])) == 4
    assert sorted(cohort.labels[few][::4]) == [0, 0, 1, 1]


def test_permuted_labels_move_whole_recordings_within_a_part(clinics):
    cohorts = part("cohort")
    params = cohorts.CohortParams(test_column="part")
    before = cohorts.read_cohort(clinics[0], params, 0)
    after = before.permuted(1)
    assert not np.array_equal(before.labels, after.labels)
    for tested in (False, True):
        rows = before.tested == tested
        assert np.bincount(before.labels[rows]).tolist() == np.bincount(after.labels[rows]).tolist()
    assert all(len(set(after.labels[after.units == unit])) == 1 for unit in set(after.units))


def test_a_miniature_folder_of_simulated_edf_files_is_joined_by_name(tmp_path, clinics):
    """As of a clinic that the user owns: EDF files and a table, in another order."""
    from neurostudio import readers

    epochs = clinics[1].epochs
    recordings, keys, labels = {}, [], []
    for name in list(dict.fromkeys(epochs.metadata.recording))[:4]:
        mine = epochs[(epochs.metadata.recording == name).to_numpy()]
        info = mne.create_info([f"EEG {c}-REF" for c in epochs.ch_names], 50.0, "eeg")
        raw = mne.io.RawArray(
            np.concatenate(list(mine.get_data(copy=True)), axis=1), info, verbose="ERROR"
        )
        raw.export(tmp_path / f"{name}.edf", verbose="ERROR")
        recordings[name] = readers.read(tmp_path / f"{name}.edf")
        keys.append(name)
        labels.append(str(mine.metadata.true_label.iloc[0]))
    people = Table(pd.DataFrame({"record": keys[::-1], "label": labels[::-1]}))
    result = call(
        "prepare_windows", ListContext(names={"recordings": tuple(recordings)}),
        recordings=tuple(recordings.values()), people=people, key="record", skip=0, shortest=10,
        window=6.0, rate=50.0, channels=(),
    )  # fmt: skip
    frame = result["windows"].epochs.metadata
    assert frame.groupby("recording").label.first().to_dict() == dict(
        zip(keys, labels, strict=True)
    )
    assert len(frame) == 16


def test_augmentation_keeps_what_it_promises_to_keep():
    augmented = part("fitting").augmented
    torch.manual_seed(0)
    x = torch.randn(16, 4, 40)
    assert augmented(x, ()) is x
    shifted = augmented(x, ("time_shift",))
    assert torch.equal(shifted.sort(dim=-1).values, x.sort(dim=-1).values)
    assert torch.equal(augmented(x, ("sign_flip",)).abs(), x.abs())
    silent = augmented(x, ("channel_dropout",)) == 0
    assert 0 < silent.all(dim=-1).sum() < 16 * 4


def test_a_training_with_augmentation_repeats_with_its_seed(clinics):
    settings = {"filters": 8, "epochs": 2, "folds": 2, "augment": ("time_shift", "sign_flip")}
    first, second = (call("train_classifier", windows=clinics[0], **settings) for _ in "ab")
    assert_same(first["scores"], second["scores"])
