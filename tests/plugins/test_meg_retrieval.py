"""Picture retrieval: parameter count, loss by hand, keys, splits, and a planted code that is found."""

from importlib import import_module

import numpy as np
import pandas as pd
import pytest

from neurostudio.api import Table, TrainedModel, Trials
from neurostudio.errors import BadInput
from neurostudio.method import Cancelled
from neurostudio.registry import find
from neurostudio.testing import ListContext, assert_same, try_it

from .calling import call

torch = pytest.importorskip("torch")
mne = pytest.importorskip("mne")

PLUGIN = "neurostudio.plugins.meg_retrieval"
PAPER = {
    "virtual_channels": 270, "hidden": 320, "projection": 2048, "n_times": 181, "dropout": 0,
    "frequencies": 32, "spatial_dropout": 0, "n_subjects": 4, "n_features": 768, "second_head": False,
    "temperature": 1 / 14, "learn_temperature": True,
}  # fmt: skip
SMALL = PAPER | {
    "virtual_channels": 6, "hidden": 8, "projection": 16, "n_times": 20, "frequencies": 3,
    "n_subjects": 2, "n_features": 4,
}  # fmt: skip


def part(name):
    return import_module(f"{PLUGIN}.{name}")


@pytest.fixture(scope="module")
def small():
    return part("example").small()


@pytest.fixture(scope="module")
def linear_params():
    return part("example").LINEAR


@pytest.fixture(scope="module")
def model():
    return part("example").model()


@pytest.fixture(scope="module")
def deep():
    return try_it(find("train_decoder"))


def numbers(result):
    return {name: str(each) for name, each in result.numbers.items()}


def test_c1_the_encoder_of_the_paper_has_6_424_472_weights():
    places = np.random.default_rng(0).uniform(-1, 1, (272, 2))
    network = part("network").Encoder(PAPER, places)
    assert part("network").n_parameters(network) == 6_424_472


def test_the_order_of_sensors_does_not_matter_because_their_places_are_known():
    random = np.random.default_rng(0)
    places, order = random.uniform(-1, 1, (9, 2)), random.permutation(9)
    attention = part("network").SpatialAttention
    torch.manual_seed(0)
    one = attention(places, 5, 3, 0.0)
    torch.manual_seed(0)
    other = attention(places[order], 5, 3, 0.0)
    signals = torch.as_tensor(random.standard_normal((2, 9, 20)), dtype=torch.float32)
    np.testing.assert_allclose(one(signals).detach(), other(signals[:, order]).detach(), atol=1e-6)
    np.testing.assert_allclose(one.weights().sum(dim=1).detach(), 1, atol=1e-6)


def test_an_unknown_subject_gets_the_mean_matrix():
    layer = part("network").SubjectLayer(2, 3)
    with torch.no_grad():
        layer.matrices.copy_(torch.eye(3) * torch.tensor([1.0, 3.0])[:, None, None])
    found = layer(torch.ones(1, 3, 4), torch.tensor([-1]))
    np.testing.assert_allclose(found.detach(), 2)


def test_summing_over_time_before_the_last_convolution_is_the_same_as_after():
    network = part("network").Encoder(SMALL, np.random.default_rng(0).uniform(size=(4, 2))).eval()
    with torch.no_grad():
        network.time.weight.normal_()
        signals, people = torch.randn(3, 4, 20), torch.tensor([0, 1, 1])
        found = network.subjects(network.mix(network.attention(signals)), people)
        found = torch.nn.functional.gelu(network.narrow(network.second(network.first(found))))
        expected = network.time(network.wide(found))[..., 0]
        np.testing.assert_allclose(network.pooled(signals, people), expected, atol=1e-5)


def test_a_disc_of_sensors_is_left_out_only_while_training():
    places = np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    attention = part("network").SpatialAttention(places, 3, 2, 0.3)
    torch.manual_seed(0)
    counts = [int((attention.weights()[0] == 0).sum()) for _ in range(40)]
    assert max(counts) == 1
    attention.eval()
    assert int((attention.weights() == 0).sum()) == 0


def log_softmax(rows):
    return rows - np.log(np.exp(rows).sum(axis=1, keepdims=True))


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def loss_of(given, targets, pictures, *, both_sides, balance=1.0, temperature=0.5):
    fitting = part("fitting")
    arguments = SMALL | {"temperature": temperature, "learn_temperature": False}
    network = part("network").Encoder(arguments, np.random.default_rng(0).uniform(size=(4, 2)))
    how = fitting.How(None, {}, 8, both_sides, balance)
    x, z = (torch.as_tensor(each) for each in (given, targets))
    return float(fitting.loss_of(network, (x, x), z, torch.tensor(pictures), how))


@pytest.fixture
def pairs():
    random = np.random.default_rng(3)
    return random.standard_normal((5, 4)), random.standard_normal((5, 4))


def test_c6_the_loss_of_both_sides_is_two_log_softmaxes(pairs):
    given, targets = pairs
    s = unit(given) @ unit(targets).T / 0.5
    expected = -np.mean(np.diag(log_softmax(s)) + np.diag(log_softmax(s.T)))
    found = loss_of(given, targets, range(5), both_sides=True)
    assert found == pytest.approx(expected, abs=1e-6)


def test_c6_the_loss_that_the_paper_ran_is_one_log_softmax_of_predictions_of_any_length(pairs):
    given, targets = pairs
    s = given @ unit(targets).T
    expected = -np.mean(np.diag(log_softmax(s)))
    found = loss_of(given, targets, range(5), both_sides=False, temperature=1.0)
    assert found == pytest.approx(expected, abs=1e-6)


def test_c6_another_trial_of_the_same_picture_is_no_negative(pairs):
    given, targets = pairs
    targets = targets.copy()
    targets[4] = targets[1]
    s = unit(given) @ unit(targets).T / 0.5
    s[1, 4] = s[4, 1] = -np.inf
    expected = -np.mean(np.diag(log_softmax(s)) + np.diag(log_softmax(s.T)))
    found = loss_of(given, targets, [0, 1, 2, 3, 1], both_sides=True)
    assert found == pytest.approx(expected, abs=1e-6)
    assert found < loss_of(given, targets, range(5), both_sides=True)


def test_the_balance_mixes_contrast_and_squared_error(pairs):
    given, targets = pairs
    contrast = loss_of(given, targets, range(5), both_sides=True)
    mixed = loss_of(given, targets, range(5), both_sides=True, balance=0.25)
    squares = np.mean((given - targets) ** 2)
    assert mixed == pytest.approx(0.25 * contrast + 0.75 * squares, abs=1e-6)


def test_c8_shuffled_rows_of_embeddings_give_identical_numbers(small, linear_params):
    trials, features = small
    shuffled = Table(features.frame.sample(frac=1, random_state=1))
    one = call("fit_linear_decoder", trials=trials, features=features, **linear_params)
    other = call("fit_linear_decoder", trials=trials, features=shuffled, **linear_params)
    assert numbers(one) == numbers(other)
    assert_same(one["scores"], other["scores"])


def test_c8_embeddings_without_ids_are_refused(small, linear_params):
    trials, features = small
    bare = Table(features.frame.drop(columns="picture"))
    with pytest.raises(BadInput, match="no column 'picture' or 'id'"):
        call("fit_linear_decoder", trials=trials, features=bare, **linear_params)


def test_missing_and_double_ids_are_named(small, linear_params):
    trials, features = small
    frame = features.frame
    with pytest.raises(BadInput, match="2 keys have no embeddings: train_000_00, train_000_01"):
        call("fit_linear_decoder", trials=trials, features=Table(frame[2:]), **linear_params)
    double = Table(pd.concat([frame, frame[:1]]))
    with pytest.raises(BadInput, match="twice in the embeddings: train_000_00"):
        call("fit_linear_decoder", trials=trials, features=double, **linear_params)


def test_the_index_of_a_table_may_name_the_pictures(small, linear_params):
    trials, features = small
    named = features.frame.rename(columns={"picture": "id"}).set_index("id")
    found = call("fit_linear_decoder", trials=trials, features=Table(named), **linear_params)
    plain = call("fit_linear_decoder", trials=trials, features=features, **linear_params)
    assert numbers(found) == numbers(plain)


@pytest.mark.parametrize("given", [{"test_column": "part"}, {"test_column": ""}])
def test_no_category_of_the_test_is_trained_on(small, given):
    trials, features = small
    params = part("method").LinearParams.model_validate({"rate": 50.0} | given)
    made = part("experiment").set_up(trials, features, params, 0)
    kinds = [set(made.responses.categories[rows]) for rows in (made.train, made.held, made.test)]
    assert kinds[0]
    assert kinds[1]
    assert kinds[2]
    assert not kinds[0] & kinds[2]
    assert not kinds[1] & kinds[2]
    assert not kinds[0] & kinds[1]
    assert set(made.gallery.ids) == set(made.responses.pictures[made.test])


def test_scales_come_from_training_trials_only(small):
    trials, features = small
    params = part("method").LinearParams.model_validate({"rate": 50.0, "test_column": "part"})
    epochs = trials.epochs.copy()
    epochs._data[np.array(epochs.metadata["part"] == "test")] *= 100
    one = part("experiment").set_up(trials, features, params, 0)
    other = part("experiment").set_up(Trials(epochs), features, params, 0)
    np.testing.assert_array_equal(one.scale.spread, other.scale.spread)
    assert np.abs(other.signals[other.test]).max() == params.clip


def test_the_null_deals_pictures_anew_within_each_part(small):
    trials, features = small
    params = part("method").LinearParams.model_validate({"rate": 50.0, "test_column": "part"})
    made = part("experiment").set_up(trials, features, params, 0)
    shuffled = made.shuffled(0, 1)
    assert (shuffled[made.train] == made.shown[made.train]).mean() < 0.1
    np.testing.assert_array_equal(sorted(shuffled[made.train]), sorted(made.shown[made.train]))
    np.testing.assert_array_equal(shuffled[made.test], made.shown[made.test])


def test_where_pictures_are_few_each_part_has_them_all():
    random = np.random.default_rng(0)
    info = mne.create_info(["O1", "O2", "Oz", "Pz"], 50.0, "eeg", verbose="ERROR")
    kinds = ["face"] * 20 + ["house"] * 20
    frame = pd.DataFrame({"picture": kinds, "trial": range(40)})
    epochs = mne.EpochsArray(
        random.standard_normal((40, 4, 20)), info, metadata=frame, verbose="ERROR"
    )
    features = Table(pd.DataFrame({"id": ["face", "house"], "f": [1.0, 0.0]}))
    params = part("method").LinearParams.model_validate({"split_by": "trial"})
    made = part("experiment").set_up(Trials(epochs), features, params, 0)
    for rows in (made.train, made.held, made.test):
        assert set(made.responses.pictures[rows]) == {"face", "house"}


def test_known_pictures_in_the_test_are_said(small, linear_params):
    trials, features = small
    epochs = trials.epochs.copy()
    epochs.metadata = epochs.metadata.assign(run=[f"run_{k % 5}" for k in range(len(epochs))])
    given = linear_params | {"test_column": "", "split_by": "run"}
    found = call("fit_linear_decoder", trials=Trials(epochs), features=features, **given)
    assert "seen" in found.warnings


def test_a_planted_code_is_found_and_shuffled_pictures_find_nothing():
    found = try_it(find("fit_linear_decoder"))
    value = found.numbers["top-1, averaged"]
    assert value.low > value.chance == pytest.approx(1 / 12)
    table = found["scores"].frame.set_index(["decoder", "trials"])
    assert table.loc[("ridge, shuffled 1", "averaged"), "top_1"] <= 0.25
    assert set(found.warnings) == {"simulated"}


def test_the_encoder_finds_the_planted_code_too(deep):
    value, null = deep.numbers["top-5, averaged"], deep.numbers["top-5, averaged, null"]
    assert value.low > value.chance
    assert value.value > null.value
    assert value.baseline == 1.0


def test_a_stopped_training_goes_on_where_it_was_and_ends_the_same(small, deep, tmp_path):
    trials, features = small
    given = part("example").TINY | {"trials": trials, "features": features}
    (tmp_path / "checkpoints").mkdir()
    first = ListContext(folder=tmp_path)
    first.stopped = lambda: len(first.of_kind("metrics")) >= 3
    with pytest.raises(Cancelled):
        call("train_decoder", first, **given)
    second = ListContext(folder=tmp_path)
    again = call("train_decoder", second, **given)
    assert len(second.of_kind("metrics")) < 24
    assert_same(again["model"], deep["model"])


def test_predictions_are_averaged_a_picture_and_subject():
    judging = part("judging")
    words = [np.array(each) for each in (["a", "b", "a", "a"], ["s", "s", "s", "t"])]
    values = np.array([[1.0, 0], [0, 1], [3, 0], [9, 0]])
    queries = judging.Queries(values, *words, np.array(["g"] * 4), np.ones(4, int))
    found = judging.averaged(queries)
    assert found.predictions.tolist() == [[2, 0], [0, 1], [9, 0]]
    assert found.counts.tolist() == [2, 1, 1]
    assert judging.averaged(queries, 1).predictions.tolist() == [[1, 0], [0, 1], [9, 0]]


def test_the_score_falls_as_the_gallery_grows_and_ends_at_the_whole():
    judging, preparing = part("judging"), part("preparing")
    random = np.random.default_rng(0)
    gallery = preparing.Embeddings(tuple(map(str, range(40))), random.standard_normal((40, 8)), ())
    noisy = gallery.values + 1.5 * random.standard_normal((40, 8))
    words = np.array(gallery.ids)
    queries = judging.Queries(noisy, words, words, words, np.ones(40, int))
    curve = judging.by_gallery(queries, gallery, [4, 12, 40], 1)
    assert curve[0] > curve[1] > curve[2]
    assert curve[2] == judging.judged(queries, gallery).top(1)


def test_a_stored_encoder_finds_what_it_found_when_it_was_trained(deep, small, tmp_path):
    trials, features = small
    deep["model"].save(tmp_path)
    stored = TrainedModel.load(tmp_path)
    known = ~features.frame["picture"].isin(stored.config["known_pictures"])
    assert known.sum() == 12 + sum(s.startswith("train") for s in features.frame["picture"][known])
    tested = Trials(trials.epochs[np.array(trials.epochs.metadata["part"] == "test")])
    gallery = Table(features.frame[features.frame["category"].str.startswith("test")])
    found = call("retrieve", model=stored, trials=tested, gallery=gallery)
    assert found.numbers["top-1"].value == deep.numbers["top-1, averaged"].value
    assert found.numbers["top-5"].value == deep.numbers["top-5, averaged"].value


def test_pictures_that_were_trained_on_are_left_out_unless_asked_for(model, small):
    trials, features = small
    new = call("retrieve", model=model, trials=trials, gallery=features)
    every = call("retrieve", model=model, trials=trials, gallery=features, keep_known=True)
    assert set(new["ranks"].frame["picture"]) == {f"test_{k:03d}_00" for k in range(12)}
    assert "known" not in new.warnings
    assert "known" in every.warnings
    assert len(every["ranks"].frame) == 132


def test_a_strange_subject_is_said_and_a_strange_channel_refused(model, small):
    trials, features = small
    epochs = trials.epochs.copy()
    epochs.metadata = epochs.metadata.assign(subject="nobody")
    assert (
        "stranger"
        in call("retrieve", model=model, trials=Trials(epochs), gallery=features).warnings
    )
    fewer = Trials(trials.epochs.copy().pick(trials.epochs.ch_names[3:]))
    with pytest.raises(BadInput, match="MEG001, MEG002, MEG003 are missing"):
        call("retrieve", model=model, trials=fewer, gallery=features)


def test_a_model_of_another_kind_is_refused(small):
    other = TrainedModel({}, {}, "train_classifier")
    with pytest.raises(BadInput, match="decodes no pictures"):
        call("retrieve", model=other, trials=small[0], gallery=small[1])


def test_the_picture_grid_marks_the_seen_one_and_has_a_row_a_query():
    found = try_it(find("retrieve"))
    grid = found.views[0]
    assert grid.columns == 6
    assert len(grid.pixels) == 36
    assert grid.names[0] == "seen"
    assert grid.names[1].startswith("✓")
