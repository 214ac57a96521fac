"""Liquids as methods: what they are shown, what is kept apart, what they say, stopping, resuming."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pynapple as nap
import pytest
import xarray

from neurostudio.api import BadInput, Cancelled, Connectome, ImageStack, SpikeTrains, Table
from neurostudio.testing import ListContext, arrays_of

from .calling import call
from .liquids import liquid, part
from .stopping import StopAt

FEW = {"shape": (4, 4, 4), "n_initial": 12, "initial_time": 0.03}
SHORT = {"presentation_time": 0.03, "n_train": 60, "n_test": 20, "nulls": 2}


def pictures(n=20, seed=0):
    return part("example").pictures(n, seed)


def samples(n=20, seed=0):
    return part("coding").read_samples(pictures(n, seed), None, "")


def organised(context=None, **params):
    return call("self_organise", context, data=pictures(), **{**FEW, "control": False, **params})


def events(n=12, seed=0):
    """Recordings whose class is the half of a 4 x 4 field in which events fall."""
    random = np.random.default_rng(seed)
    row = np.repeat(np.arange(n), 60)
    right = row % 2 == 1
    frame = pd.DataFrame(
        {
            "recording": row, "time": random.uniform(0, 0.1, len(row)),
            "x": random.integers(0, 2, len(row)) + 2 * right, "y": random.integers(0, 4, len(row)),
            "polarity": random.integers(0, 2, len(row)), "label": np.where(right, "right", "left"),
            "train": row < n - 4,
        }
    )  # fmt: skip
    return Table(frame)


# what a liquid is shown


def test_the_brightest_share_of_the_training_part_is_injected_in_every_ms():
    found = samples()
    scale = found.scale(np.arange(20))
    shares = [found.flat(row) / found.flat(row).sum() for row in range(20)]
    assert scale == max(each.max() for each in shares)
    row = int(np.argmax([each.max() for each in shares]))
    starts, fired = found.shown(row, 300, scale, [0])
    counts = np.bincount(fired, minlength=64)
    assert (
        counts[int(shares[row].argmax())] == 100
    )  # injected in each of 300 ms, fires in every third
    assert len(fired) == starts[-1]


def test_a_black_picture_shows_nothing():
    array = pictures().array.copy(data=np.zeros((20, 8, 8), np.uint8))
    found = part("coding").read_samples(ImageStack(array), None, "")
    starts, fired = found.shown(0, 50, found.scale(np.arange(20)), [0])
    assert not len(fired)
    assert not starts.any()


def test_events_fire_their_own_input_a_ms_later_and_recordings_stay_apart():
    frame = pd.DataFrame(
        {"recording": [7, 7, 9], "time": [0.0101, 0.050, 0.003], "x": [1, 0, 2], "y": [0, 2, 1],
         "polarity": [0, 1, 0], "label": ["a", "a", "b"]}
    )  # fmt: skip
    found = part("coding").read_samples(Table(frame), None, "")
    assert found.ids == ("7", "9")
    assert found.labels.tolist() == ["a", "b"]
    assert found.n_inputs == 2 * 3 * 3
    starts, fired = found.shown(0, 100, 1.0, [0])
    when = np.repeat(np.arange(100), np.diff(starts))
    assert list(zip(when.tolist(), fired.tolist(), strict=True)) == [(11, 1), (51, 9 + 2 * 3)]
    starts, fired = found.shown(1, 100, 1.0, [0])
    assert fired.tolist() == [1 * 3 + 2]


def test_spike_trains_are_cut_into_recordings_by_a_table_of_starts():
    support = nap.IntervalSet(0, 10)
    units = nap.TsGroup({3: nap.Ts([0.5, 1.02, 2.01], time_support=support),
                         5: nap.Ts([1.05], time_support=support)}, time_support=support)  # fmt: skip
    trials = Table(pd.DataFrame({"start": [1.0, 2.0], "label": ["a", "b"]}))
    found = part("coding").read_samples(SpikeTrains(units), trials, "")
    assert len(found) == 2
    assert found.flat(0).tolist() == [1, 1]  # the spike before the first start is left out
    assert found.flat(1).tolist() == [1, 0]
    with pytest.raises(BadInput, match="column 'start'"):
        part("coding").read_samples(SpikeTrains(units), None, "")


def test_a_liquid_learns_from_parts_of_a_recording_at_any_time_and_is_read_from_its_beginning():
    frame = pd.DataFrame(
        {"recording": 0, "time": np.arange(300) / 1000, "x": 0, "y": 0, "polarity": 0}
    )
    frame["x"] = np.arange(300) // 100  # the place tells the third of the recording
    found = part("coding").read_samples(Table(frame), None, "")
    read = [set(found.shown(0, 20, 1.0, [k])[1].tolist()) for k in range(30)]
    assert read == [{0}] * 30
    learnt = [set(found.shown(0, 20, 1.0, [k], anywhere=True)[1].tolist()) for k in range(30)]
    assert set.union(*learnt) == {0, 1, 2}


def test_noise_on_events_moves_a_recording_as_a_whole():
    found = part("coding").read_samples(events(), None, "")
    rows = np.array([2, 5])
    moved = found.noisy(rows, 10.0, 0)
    for k, row in enumerate(rows.tolist()):
        own, new = (
            each.steps[each.starts[r] : each.starts[r + 1]]
            for each, r in ((found, row), (moved, k))
        )
        inner = (new > 0) & (new < found.longest - 1)
        assert len(own) == len(new)
        assert inner.sum() > 30
        np.testing.assert_array_equal(moved.flat(k), found.flat(row))
        gaps = set(np.diff(np.sort(own)).tolist())
        assert len(set(np.diff(new).tolist()) - gaps) <= 3  # but for what is reflected at the ends


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (ImageStack(xarray.DataArray(np.zeros((3, 8, 8, 3)), dims=("item", "y", "x", "channel"))), "grey"),
        (ImageStack(xarray.DataArray(-np.ones((3, 8, 8)), dims=("item", "y", "x"))), "A pixel is -1"),
        (Table(pd.DataFrame({"a": [1]})), "no column recording, time"),
    ],
)  # fmt: skip
def test_data_that_cannot_be_shown_are_refused_with_what_to_do(data, message):
    with pytest.raises(BadInput, match=message):
        call("self_organise", data=data, **FEW)


def test_another_size_than_the_liquid_has_wires_for_is_refused():
    model = part("example").liquid()
    other = ImageStack(xarray.DataArray(np.ones((30, 9, 9)), dims=("item", "y", "x"),
                                        coords={"label": ("item", ["a", "b"] * 15)}))  # fmt: skip
    with pytest.raises(BadInput, match="has 81 inputs; the liquid has wires for 64"):
        call("train_liquid_readout", model=model, data=other, **SHORT)


# what is kept apart


def test_a_test_part_is_never_among_what_a_liquid_organises_itself_on():
    parts, given = part("parts"), samples(300)
    rows = parts.to_organise_on(given, 1000, 100, 3)
    assert len(rows) == 1000
    assert len(np.unique(rows)) == 200
    seen = set(given.fingerprints(np.unique(rows)).tolist())
    split = parts.to_read(given, seen, 150, 60, 9)
    assert not np.isin(split.test, rows).any()
    assert len(split.test) == 60
    every = np.concatenate([split.train, split.validation, split.test])
    assert len(np.unique(every)) == len(every) == 210


def test_a_marked_test_part_is_the_one_that_is_tested():
    given = part("coding").read_samples(events(), None, "")
    assert np.flatnonzero(given.tested).tolist() == [8, 9, 10, 11]
    rows = part("parts").to_organise_on(given, 50, 0, 0)
    assert rows.max() == 7
    split = part("parts").to_read(given, set(), 100, 100, 0)
    assert sorted(split.test.tolist()) == [8, 9, 10, 11]
    assert max(*split.train, *split.validation) == 7


def test_a_test_part_that_the_liquid_has_seen_is_refused():
    with pytest.raises(BadInput, match="organised itself on 12 samples of the test part"):
        call(
            "train_liquid_readout", model=part("example").liquid(), data=pictures(80, 1), test=pictures(),
            **SHORT,
        )  # fmt: skip


def test_a_liquid_that_saw_everything_leaves_nothing_to_test_on():
    given = samples()
    seen = set(given.fingerprints(np.arange(20)).tolist())
    with pytest.raises(BadInput, match="none is left to test on"):
        part("parts").to_read(given, seen, 10, 10, 0)


# building and organising


def test_a_liquid_organises_itself_from_a_connectome_with_the_same_wires():
    built = call("build_liquid", shape=(4, 4, 4), n_inputs=64, start_weight=2.0)
    matrix = built["connectome"].matrix
    result = call(
        "self_organise", data=pictures(), connectome=built["connectome"], **FEW, control=False
    )
    grown = part("liquids").liquid_of(result["model"])
    np.testing.assert_array_equal(grown.inner.dense() != 0, matrix.to_numpy() != 0)
    np.testing.assert_array_equal(grown.places[:, 2], matrix["z"].to_numpy())
    assert not np.allclose(grown.inner.dense(), matrix.to_numpy())


def test_a_connectome_without_types_is_refused():
    plain = Connectome(xarray.DataArray(np.eye(9), dims=("source", "target")))
    with pytest.raises(BadInput, match="which nodes are excitatory"):
        call("self_organise", data=pictures(), connectome=plain, **FEW)


def test_a_large_liquid_hands_on_the_means_of_its_populations():
    built = call("build_liquid", shape=(13, 13, 13), n_inputs=10)
    matrix = built["connectome"].matrix
    assert matrix.shape == (2, 2)
    assert matrix.sel(source="excitatory", target="excitatory") > 0
    assert matrix.sel(source="inhibitory", target="excitatory") < 0


def test_a_fixed_liquid_keeps_every_weight():
    result = organised(liquid="fixed", start_weight=0.7)
    weights = part("liquids").liquid_of(result["model"]).groups()
    for values in weights.values():
        np.testing.assert_allclose(values, 0.7)
    assert set(result.data) == {"model"}


def test_the_control_without_the_astrocyte_stands_beside_the_rate():
    result = organised(control=True)
    assert result.numbers["mean rate"].baseline is not None
    titles = [view.title for view in result.views if type(view).__name__ == "NullControl"]
    assert titles == [
        "Rate with and without the astrocyte",
        "Branching with and without the astrocyte",
    ]
    assert {"simulated network", "simulated data", "scaled"} <= set(result.warnings)


def test_the_course_has_a_row_a_sample_and_the_trains_a_unit_a_neuron():
    result = organised()
    course, trains = result["course"].frame, result["spikes"].units
    assert course.shape == (12, 7)
    assert course.t[-1] == pytest.approx(12 * 0.03)
    assert len(trains) == 64
    assert set(trains["type"]) == {"excitatory", "inhibitory"}
    last = course.values[-1]
    assert sum(len(trains[k]) for k in trains) == pytest.approx(last[1] * 30)


def test_pictures_of_a_learning_liquid_come_while_it_learns():
    context = ListContext()
    organised(context)
    names = {event["name"] for event in context.of_kind("view")}
    assert names == {"spikes", "astrocyte", "drive", "branching", "weights", "liquid"}
    values = [event["values"] for event in context.of_kind("metrics")]
    assert [each["step"] for each in values] == list(range(1, 13))


def test_the_same_seed_gives_the_same_spikes_and_another_other_ones():
    first, second, other = (organised(ListContext(seed=seed)) for seed in (4, 4, 5))
    for name in ("model", "course"):
        for key, value in arrays_of(first[name]).items():
            np.testing.assert_array_equal(value, arrays_of(second[name])[key])
    assert [first["spikes"].units[k].t.tolist() for k in range(64)] == [
        second["spikes"].units[k].t.tolist() for k in range(64)
    ]
    assert not np.array_equal(first["course"].frame.values, other["course"].frame.values)


# stopping and going on


def test_a_liquid_stops_within_one_image():
    context = ListContext()
    context.stopped = StopAt(6)
    with pytest.raises(Cancelled):
        organised(context)
    assert len(context.of_kind("metrics")) == 5


@pytest.mark.parametrize("after", [7, 13])
def test_a_stopped_liquid_goes_on_to_the_same_weights_and_pictures(tmp_path, monkeypatch, after):
    monkeypatch.setattr(part("presenting"), "_SAVE_INTERVAL", 0.0)
    whole = organised(control=True)
    (tmp_path / "checkpoints").mkdir()
    context = ListContext(folder=tmp_path, stopped=StopAt(after))
    with pytest.raises(Cancelled):
        organised(context, control=True)
    again = ListContext(folder=tmp_path)
    resumed = organised(again, control=True)
    steps = [each["values"]["step"] for each in again.of_kind("metrics")]
    assert steps == list(range(min(after, 13), 13))
    for name in ("model", "course"):
        for key, value in arrays_of(whole[name]).items():
            np.testing.assert_array_equal(value, arrays_of(resumed[name])[key])
    for one, other in zip(whole.views, resumed.views, strict=True):
        for key, value in vars(one).items():
            if isinstance(value, np.ndarray):
                np.testing.assert_array_equal(
                    value, getattr(other, key), err_msg=f"{one.title}: {key}"
                )


def test_a_stopped_reading_keeps_whole_blocks_and_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(part("presenting"), "_BLOCK", 16)
    given = {"model": part("example").liquid(), "data": pictures(80, 1), **SHORT}
    whole = call("train_liquid_readout", **given)
    (tmp_path / "checkpoints").mkdir()
    with pytest.raises(Cancelled):
        call("train_liquid_readout", ListContext(folder=tmp_path, stopped=StopAt(40)), **given)
    kept = {file.name: file.stat().st_mtime_ns for file in (tmp_path / "checkpoints").iterdir()}
    assert len(kept) >= 2
    again = call("train_liquid_readout", ListContext(folder=tmp_path), **given)
    assert all(
        (tmp_path / "checkpoints" / name).stat().st_mtime_ns == at for name, at in kept.items()
    )
    assert str(again) == str(whole)


def test_a_damaged_checkpoint_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(part("presenting"), "_SAVE_INTERVAL", 0.0)
    (tmp_path / "checkpoints").mkdir()
    organised(ListContext(folder=tmp_path))
    (file,) = (tmp_path / "checkpoints").iterdir()
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(BadInput, match=f"{file.name} is damaged"):
        organised(ListContext(folder=tmp_path))


@pytest.mark.parametrize("n", [2, 40])
def test_threads_change_no_count(monkeypatch, n):
    presenting, given = part("presenting"), samples(n)
    model = part("example").liquid()
    showing = part("models").showing_of(model, 0.05, plastic=True, fading=0.99)
    grown = part("liquids").liquid_of(model)
    found = []
    for n_threads in (1, 4):
        monkeypatch.setattr(presenting, "n_threads", lambda n_threads=n_threads: n_threads)
        found.append(presenting.respond(ListContext(), grown, given, np.arange(n), showing, "x"))
    np.testing.assert_array_equal(*found)
    assert found[0].sum() > 0


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


def test_an_interval_of_a_share_is_wilsons():
    low, high = part("readouts").wilson(0.88, 500)
    assert (low, high) == pytest.approx((0.8486, 0.9056), abs=5e-4)


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
