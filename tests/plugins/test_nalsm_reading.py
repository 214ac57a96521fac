"""Liquids are read, compared and measured, beside what must fail."""

from __future__ import annotations

import numpy as np
import pytest

from neurostudio.api import BadInput, ImageStack
from neurostudio.testing import ListContext

from .calling import call
from .liquids import FEW, SHORT, events, liquid, part, pictures, samples

# reading


def test_a_readout_tells_the_planted_halves_apart_and_its_null_runs_do_not():
    result = call("train_liquid_readout", model=part("example").liquid(), data=pictures(200, 1),
                  presentation_time=0.03, n_train=120, n_test=60, nulls=10)  # fmt: skip
    accuracy = result.numbers["accuracy"]
    assert accuracy.value >= 0.95
    assert accuracy.chance == 0.5
    assert accuracy.note.startswith("Scaled: 64 neurons, 12 images, 30 ms")
    assert abs(result.numbers["shuffled labels"].value - 0.5) < 0.15
    assert result.numbers["inputs permuted"].value < 0.9
    table = result["predictions"].frame
    assert (table["label"] == table["guess"]).mean() == accuracy.value
    assert result["confusion"].frame.iloc[:, 1:].to_numpy().sum() == 60


def test_plastic_weights_change_the_counts_and_are_restored_for_every_sample():
    model, data = part("example").liquid(), pictures(80, 1)
    result = call("train_liquid_readout", model=model, data=data, presentation="plastic", **SHORT)
    assert "test weights plastic" in result.warnings
    np.testing.assert_array_equal(
        result["model"].weights["inner.weights"], model.weights["inner.weights"]
    )
    frozen, plastic = (
        part("models").showing_of(model, 0.1, plastic=each, fading=0.99) for each in (False, True)
    )
    grown, given = part("liquids").liquid_of(model), samples()
    respond, rows = part("presenting").respond, np.arange(6)
    counts = respond(ListContext(), grown, given, rows, plastic, "a")
    assert not np.array_equal(counts, respond(ListContext(), grown, given, rows, frozen, "a"))
    backwards = respond(ListContext(), grown, given, rows[::-1], plastic, "a")
    np.testing.assert_array_equal(counts, backwards[::-1])


def test_the_papers_readout_takes_its_first_step_towards_a_soft_target():
    random = np.random.default_rng(0)
    counts, codes = random.integers(1, 9, (50, 6)), np.arange(50) % 10
    learnt = part("readouts").paper(ListContext(), counts, codes, counts, codes, 10, 1)
    share = counts / counts.sum(axis=1, keepdims=True)
    given = share / share.max()
    high = np.e / (np.e + 9 / np.e)
    target = np.where(np.eye(10, dtype=bool)[codes], high, (1 - high) / 9)
    assert high == pytest.approx(0.45085, abs=1e-5)
    slope = given.T @ (0.1 - target) / 50
    step = slope * np.sqrt(1e-8 / (0.05 * slope**2 + 1e-8))
    np.testing.assert_allclose(learnt.readout.weights, -0.1 * step, rtol=1e-6)


def test_the_pass_that_is_best_on_validation_samples_is_kept():
    counts = np.random.default_rng(1).integers(0, 9, (60, 5))
    codes = np.arange(60) % 3
    learnt = part("readouts").paper(ListContext(), counts, codes, counts[:20], codes[:20], 3, 30)
    right = (learnt.readout.guess(counts[:20]) == codes[:20]).mean()
    assert right == learnt.validation.max()


def test_features_are_shares_of_all_spikes_over_the_largest_of_the_training_part():
    counts = np.array([[2, 6], [0, 0], [1, 1]])
    found = part("readouts").features(counts, 0.75)
    np.testing.assert_allclose(found, [[1 / 3, 1], [0, 0], [2 / 3, 2 / 3]])


def test_events_are_read_with_their_own_test_part():
    model = call("self_organise", data=events(40), control=False, **FEW)["model"]
    result = call("train_liquid_readout", model=model, data=events(40), presentation_time=0.1,
                  n_train=36, n_test=10, nulls=1)  # fmt: skip
    assert result.numbers["test samples"].value == 4
    assert result.numbers["accuracy"].value >= 0.75
    assert "counts of events" in result.numbers["raw linear"].note


def test_new_samples_are_classified_and_what_the_liquid_has_seen_is_said():
    model = part("example").with_readout()
    fresh = call("classify_with_liquid", model=model, data=pictures(20, 2))
    assert fresh.numbers["accuracy"].value == 1.0
    assert "seen" not in fresh.warnings
    assert "seen" in call("classify_with_liquid", model=model, data=pictures()).warnings
    bare = ImageStack(pictures(20, 2).array.drop_vars("label"))
    without = call("classify_with_liquid", model=model, data=bare)
    assert "accuracy" not in without.numbers
    assert "no labels" in without.warnings
    assert without["guesses"].frame["guess"].tolist() == fresh["guesses"].frame["guess"].tolist()


def test_a_liquid_without_a_readout_names_no_class():
    with pytest.raises(BadInput, match="Use 'Train liquid readout' first"):
        call("classify_with_liquid", model=part("example").liquid(), data=pictures())


# comparing and measuring


def test_every_liquid_is_compared_on_one_split_and_the_best_is_chosen_on_validation():
    result = call("compare_liquids", data=pictures(80, 1), **FEW, presentation_time=0.03, n_train=60,
                  n_test=20, fixed_weights=(1.0, 3.0), astrocyte_weights=(0.01, 0.02), seeds=2)  # fmt: skip
    table = result["liquids"].frame
    assert len(table) == 2 * (2 + 2 + 2)
    assert table.groupby("network").size().tolist() == [6, 6]
    fixed = table[table["liquid"] == "fixed"].groupby("parameter")
    chosen = fixed["validation accuracy"].mean().idxmax()
    expected = fixed["accuracy"].mean()[chosen]
    assert result.numbers["accuracy, fixed"].value == pytest.approx(expected)
    learnt = result.numbers["accuracy, NALSM"].value
    assert result.numbers["NALSM minus best fixed"].value == pytest.approx(learnt - expected)
    assert abs(result.numbers["shuffled labels"].value - 0.5) < 0.2


def test_a_sweep_runs_each_size_and_each_number_of_samples_on_one_split():
    result = call("sweep_liquids", data=pictures(80, 1), **FEW, presentation_time=0.03, n_train=60, n_test=20,
                  sides=(3, 4), numbers=(0, 12), paper="MNIST")  # fmt: skip
    table = result["liquids"].frame
    assert table["neurons"].tolist() == [27, 64, 64, 64]
    assert table["samples"].tolist() == [12, 12, 0, 12]
    assert table.iloc[1].tolist() == table.iloc[3].tolist()
    curve = result.views[0]
    assert curve.levels["paper, 1,000 neurons"] == 0.9596
    np.testing.assert_array_equal(curve.y[0], table["accuracy"][:2])
    with pytest.raises(BadInput, match="numbers from 2 to 20"):
        call("sweep_liquids", data=pictures(), sides=(1,))


def test_the_rank_of_counts_is_that_of_their_independent_rows():
    measuring, random = part("measuring"), np.random.default_rng(0)
    counts = random.integers(0, 5, (60, 7)) @ random.integers(0, 5, (7, 30))
    found = measuring.ranks(ListContext(), counts, np.arange(60) % 3, 40, 4, "x")
    np.testing.assert_array_equal(found, 7)


def test_measures_of_a_liquid_stand_beside_what_was_shown():
    result = call("measure_liquid", model=part("example").liquid(), data=pictures(80, 1),
                  presentation_time=0.1, n_branching=6, n_rank=40, shuffles=3)  # fmt: skip
    quality, general = result.numbers["kernel quality"], result.numbers["generalisation rank"]
    assert 0 < quality.value <= 40
    assert quality.baseline == np.linalg.matrix_rank(samples(80, 1).pixels.astype(float)[:40])
    assert 0 < general.value <= 40
    assert result.numbers["branching"].baseline is not None


def test_permuted_inputs_keep_every_wire_and_its_weight():
    given = liquid()
    moved = part("reading").rewired(given, 0)
    assert sorted(np.diff(moved.outer.starts)) == sorted(np.diff(given.outer.starts))
    np.testing.assert_array_equal(np.sort(moved.outer.targets), np.sort(given.outer.targets))
    assert not np.array_equal(moved.outer.dense(), given.outer.dense())


def test_a_shape_that_is_no_grid_is_refused_in_words():
    with pytest.raises(BadInput, match="three numbers from 2 to 20"):
        call("build_liquid", shape=(4, 4))
    with pytest.raises(BadInput, match="three numbers from 2 to 20"):
        call("build_liquid", shape=(4, 4, 21))


def test_memory_grows_with_the_samples_that_are_read():
    from neurostudio.registry import find

    method, items = (
        find("train_liquid_readout"),
        {"model": part("example").liquid(), "data": pictures()},
    )
    few, many = (method.estimate(method.params(n_train=n), items).nbytes for n in (1000, 60_000))
    assert many - few == 36 * 64 * 59_000
