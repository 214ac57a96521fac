"""Spike trains: numbers equal the library's, planted truths are found, controls are not."""

from __future__ import annotations

import numpy as np
import pytest

from neurostudio.errors import BadInput
from neurostudio.method import Context
from neurostudio.params import read_params
from neurostudio.registry import find

nap = pytest.importorskip("pynapple")
pytest.importorskip("sklearn")

from neurostudio.data import SpikeTrains, Table, Traces  # noqa: E402


def call(name, seed=0, **given):
    found = find(name)
    inputs = {each.name for each in found.inputs}
    params = read_params(found.params, {k: v for k, v in given.items() if k not in inputs})
    items = {k: v for k, v in given.items() if k in inputs}
    return found(Context(seed=seed), params, **items)


@pytest.fixture
def planted():
    from neurostudio.plugins.spikes import example

    return example


def trains(*times, end=10.0):
    support = nap.IntervalSet(0.0, end)
    group = {k: nap.Ts(np.array(each, float), time_support=support) for k, each in enumerate(times)}
    return SpikeTrains(nap.TsGroup(group, time_support=support))


def table(**columns):
    import pandas as pd

    return Table(pd.DataFrame(columns))


# ---- responses to events -------------------------------------------------------------------------


def test_two_spikes_after_three_events_are_a_rate_by_hand():
    """Spikes 50 ms after two of three events: 2 spikes / 3 events / 0.1 s in the first bin."""
    result = call(
        "psth",
        spikes=trains([1.05, 2.05]),
        trials=table(start_time=[1.0, 2.0, 3.0]),
        start=0.0,
        end=0.2,
        bin=0.1,
    )
    frame = result["psth"].frame
    np.testing.assert_allclose(frame.time, [0.05, 0.15])
    np.testing.assert_allclose(frame.rate, [2 / 3 / 0.1, 0.0])
    half = 1.96 * np.std([10, 10, 0], ddof=1) / np.sqrt(3)
    np.testing.assert_allclose(frame.high[0] - frame.rate[0], half)


def test_counts_around_events_equal_those_of_the_library(planted):
    from neurostudio.plugins.spikes.windows import count_in, edges_of

    spikes, trials = planted.trials(n=20)
    onsets = trials.frame.stimulus_onset_time.to_numpy()
    found = count_in(spikes.units, onsets, edges_of(-0.2, 0.4, 0.1))
    aligned = nap.compute_perievent(spikes.units, nap.Ts(onsets), (-0.2, 0.4))
    for row, key in enumerate(spikes.units.index):
        theirs = aligned[key].count(0.1, nap.IntervalSet(-0.2, 0.4))
        np.testing.assert_array_equal(found[:, row].T, theirs.values)


def test_units_that_respond_are_found_and_the_one_that_does_not_is_not(planted):
    spikes, trials = planted.trials()
    result = call("psth", spikes=spikes, trials=trials, group="object")
    assert result.numbers["responding units"].value == 4
    assert result.numbers["responding units"].chance == 0
    raster, _, summary = result.views
    assert raster.title == "Trials of unit 0"
    assert raster.names[0].startswith("car")
    assert summary.y_names == ("0", "1", "2", "3", "4")


def test_trials_of_the_raster_follow_the_column_by_number(planted):
    result = call(
        "psth",
        spikes=trains([1.01, 2.02, 3.03]),
        trials=table(start_time=[1.0, 2.0, 3.0], contrast=[10, 9, 100]),
        sort="contrast",
        start=-0.1,
        end=0.1,
    )
    raster = result.views[0]
    assert raster.names == ("9 · 2", "10 · 1", "100 · 3")
    np.testing.assert_allclose(raster.times, [0.02, 0.01, 0.03])


def test_the_order_of_the_trials_does_not_matter(planted):
    spikes, trials = planted.trials(n=30)
    order = np.random.default_rng(0).permutation(30)
    turned = Table(trials.frame.iloc[order].reset_index(drop=True))
    first, second = (
        call("psth", spikes=spikes, trials=each, group="object")["psth"].frame
        for each in (trials, turned)
    )
    np.testing.assert_allclose(first.rate, second.rate)


def test_a_trial_that_was_not_observed_as_a_whole_is_left_out():
    """The window of the third event ends at 10.1 s, after the recording."""
    result = call(
        "psth",
        spikes=trains([1.05, 9.85]),
        trials=table(start_time=[1.0, 5.0, 9.9]),
        start=0.0,
        end=0.2,
        bin=0.1,
    )
    assert result.numbers["trials"].value == 2
    np.testing.assert_allclose(result["psth"].frame.rate, [1 / 2 / 0.1, 0.0])
    with pytest.raises(BadInput, match="No window around the 1 events lies inside"):
        call("psth", spikes=trains([1.0]), trials=table(start_time=[50.0]))


def test_a_column_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(
        BadInput, match=r"no column 'colour' for the comparison. They have: start_time"
    ):
        call("psth", spikes=trains([1.0]), trials=table(start_time=[1.0]), group="colour")
    with pytest.raises(BadInput, match="Name the one with the times of events: word"):
        call("psth", spikes=trains([1.0]), trials=table(word=["a"]))


def test_a_unit_that_is_not_there_is_named():
    with pytest.raises(BadInput, match=r"There is no unit '7'. There are 1: 0"):
        call("psth", spikes=trains([1.0]), trials=table(start_time=[1.0]), units=("7",))


# ---- correlograms --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["cross", "auto"])
def test_correlograms_equal_those_of_the_library(planted, kind):
    spikes = planted.pair()
    result = call("correlograms", spikes=spikes, kind=kind, controls=20)
    compute = {"cross": nap.compute_crosscorrelogram, "auto": nap.compute_autocorrelogram}[kind]
    theirs = compute(spikes.units, 0.001, 0.05, norm=False)
    heat = result.views[1]
    np.testing.assert_allclose(heat.x, theirs.index)
    values = theirs.to_numpy().T.copy()
    if kind == "auto":
        values[:, theirs.index == 0] = np.nan
    np.testing.assert_allclose(heat.values, values / np.nanmax(values, axis=1, keepdims=True))


def test_counts_are_pairs_of_spikes():
    """One spike of the second unit follows each of the three of the first by 5 ms."""
    first = np.array([1.0, 2.0, 3.0])
    result = call("correlograms", spikes=trains(first, first + 0.005), value="counts", controls=20)
    frame = result["correlograms"].frame
    assert frame.pair.tolist() == ["0 → 1"]
    np.testing.assert_allclose(frame.peak, [3.0])
    np.testing.assert_allclose(frame.lag, [0.005])


def test_a_unit_that_follows_another_is_found_and_independent_ones_are_not(planted):
    frame = call("correlograms", spikes=planted.pair())["correlograms"].frame.set_index("pair")
    assert frame.p["0 → 1"] < 0.02
    assert frame.lag["0 → 1"] == pytest.approx(0.005)
    assert frame.p["0 → 2"] > 0.05
    assert frame.p["1 → 2"] > 0.05


def test_one_unit_has_no_pair():
    with pytest.raises(BadInput, match="One unit has no pair"):
        call("correlograms", spikes=trains([1.0, 2.0]))


# ---- intervals and rates -------------------------------------------------------------------------


def test_intervals_of_four_spikes_by_hand():
    """Intervals of 10, 10 and 1 ms: a third is shorter than 2 ms."""
    result = call("intervals", spikes=trains([1.0, 1.01, 1.02, 1.021]))
    row = result["intervals"].frame.iloc[0]
    assert row.intervals == 3
    assert row["mean"] == pytest.approx(0.007)
    assert row.variation == pytest.approx(np.std([10, 10, 1]) / 7)
    assert row["too short"] == pytest.approx(1 / 3)
    assert result.numbers["marked units"].value == 1


def test_the_histogram_of_intervals_is_the_library_s(planted):
    spikes = planted.pair()
    result = call("intervals", spikes=spikes)
    edges = 0.001 * np.arange(101)
    theirs = nap.compute_isi_distribution(spikes.units, bins=edges).to_numpy()
    share = theirs / result["intervals"].frame.intervals.to_numpy()
    np.testing.assert_allclose(result.views[1].values, (share / share.max(axis=0)).T)


def test_a_clock_has_no_variation_and_a_poisson_train_about_one(planted):
    clock = call("intervals", spikes=trains(np.arange(100) / 10))
    assert clock.numbers["median variation"].value < 1e-6
    poisson = call("intervals", spikes=planted.pair())
    assert poisson.numbers["median variation"].value == pytest.approx(1.0, abs=0.1)


def test_ten_spikes_in_a_second_are_ten_hertz_and_equal_the_library(planted):
    result = call("firing_rates", spikes=trains(np.arange(0.05, 1.0, 0.1)), bin=1.0)
    assert result["rates"].frame.values[0, 0] == 10.0
    assert result["rates"].unit == "Hz"
    spikes = planted.pair()
    ours = call("firing_rates", spikes=spikes, bin=0.5, smoothing=1.0)["rates"].frame
    theirs = spikes.units.count(0.5).smooth(1.0, size_factor=10)
    np.testing.assert_allclose(ours.values, theirs.values / 0.5)
    np.testing.assert_array_equal(ours.t, theirs.t)


# ---- tuning and places ---------------------------------------------------------------------------


def test_tuning_curves_and_information_equal_the_library(planted):
    spikes, position = planted.track(length=60.0)
    result = call("tuning_curves", spikes=spikes, feature=position, channel="x", shuffles=20)
    theirs = nap.compute_tuning_curves(spikes.units, position.frame[:, 0], bins=20)
    frame = result["tuning"].frame
    np.testing.assert_allclose(frame.rate, theirs.to_numpy().ravel())
    information = nap.compute_mutual_information(theirs)["bits/spike"]
    np.testing.assert_allclose(frame.groupby("unit", sort=False).information.first(), information)


def test_a_unit_that_fires_at_one_of_two_places_has_one_bit():
    times = np.arange(0, 100, 0.1)
    place = (times // 5) % 2
    feature = Traces(nap.TsdFrame(t=times, d=place[:, None], columns=["side"]), "1")
    spikes = trains(times[place == 1], times, end=100.0)
    result = call("tuning_curves", spikes=spikes, feature=feature, bins=2, shuffles=20)
    information = result["tuning"].frame.groupby("unit").information.first()
    assert information["0"] == pytest.approx(1.0, abs=0.01)
    assert information["1"] == pytest.approx(0.0, abs=0.01)


def test_units_with_a_place_are_found_and_the_one_without_is_not(planted):
    spikes, position = planted.track()
    result = call("place_maps", spikes=spikes, position=position, channels=("x",), shuffles=40)
    frame = result["places"].frame.set_index("unit")
    assert (frame.p[[str(k) for k in range(8)]] < 0.05).all()
    assert frame.p["8"] > 0.05
    centres = planted.TRACK * (np.arange(8) + 0.5) / 8
    np.testing.assert_allclose(frame["place in x"][:8], centres, atol=15)


def test_an_unsmoothed_map_is_the_library_s_in_one_and_two_dimensions(planted):
    from neurostudio.plugins.spikes.moving import PlaceParams, path_of
    from neurostudio.plugins.spikes.places import maps_of

    spikes, position = planted.track(length=60.0)
    random = np.random.default_rng(0)
    noisy = nap.TsdFrame(
        t=position.frame.t,
        d=position.frame.values + random.normal(0, 5, position.frame.shape),
        columns=["x", "y"],
    )
    for channels in (("x",), ("x", "y")):
        params = PlaceParams(channels=channels, smoothing=0, least=0, bins=6)
        path = path_of(params, Traces(noisy, "cm"))
        ours = maps_of(spikes.units, path, path.epochs, params)
        frame = noisy[:, 0] if len(channels) == 1 else noisy
        theirs = nap.compute_tuning_curves(
            spikes.units, frame, bins=6, feature_names=list(channels)
        )
        np.testing.assert_allclose(ours.to_numpy(), theirs.to_numpy())
        np.testing.assert_allclose(
            nap.compute_mutual_information(ours), nap.compute_mutual_information(theirs)
        )


def test_only_time_in_motion_is_used():
    """Ten seconds of rest, ten at 20 cm/s: about half of the time is used."""
    times = np.arange(0, 20, 0.05)
    place = np.where(times < 10, 0.0, 20 * (times - 10))
    position = Traces(nap.TsdFrame(t=times, d=place[:, None], columns=["x"]), "cm")
    result = call(
        "place_maps", spikes=trains([15.0], end=20.0), position=position, speed=5.0, shuffles=20
    )
    assert result.numbers["time used"].value == pytest.approx(10, abs=0.5)
    with pytest.raises(BadInput, match="never faster than 500"):
        call("place_maps", spikes=trains([15.0], end=20.0), position=position, speed=500.0)


def test_a_track_is_the_longest_direction():
    times = np.arange(0, 10, 0.05)
    place = np.stack([3 * times, 4 * times], axis=1)
    position = Traces(nap.TsdFrame(t=times, d=place, columns=["x", "y"]), "cm")
    from neurostudio.plugins.spikes.moving import PlaceParams, path_of

    path = path_of(PlaceParams(track=True), position)
    np.testing.assert_allclose(path.frame.values[:, 0], 5 * times, atol=1e-9)


def test_a_shifted_control_keeps_the_spikes_inside_of_the_time_used():
    """Two epochs of 10 s; a spike every second of them, none between: all stay inside, none is lost."""
    from neurostudio.plugins.spikes.controls import shifted

    epochs = nap.IntervalSet([0.0, 50.0], [10.0, 60.0])
    inside = np.r_[np.arange(0.5, 10), np.arange(50.5, 60)]
    group = trains(np.sort(np.r_[inside, [20.0, 30.0]]), end=100.0).units
    moved = shifted(group, epochs, np.random.default_rng(0))[0].t
    assert len(moved) == 20
    assert len(nap.Ts(moved).restrict(epochs)) == 20
    along = np.where(moved < 10, moved, moved - 40)
    np.testing.assert_allclose(np.diff(along), 1.0)
    assert not np.allclose(moved, inside)


# ---- decoding ------------------------------------------------------------------------------------


def test_the_place_is_decoded_and_not_from_shifted_spikes(planted):
    spikes, position = planted.track()
    result = call(
        "decode_position", spikes=spikes, position=position, channels=("x",), blocks=6, controls=6
    )
    error = result.numbers["median error"]
    assert error.value < 10.0
    assert error.high < 0.5 * error.chance
    assert error.high < 0.5 * error.baseline
    assert result.warnings == ()


def test_a_unit_without_a_place_decodes_no_better_than_its_control(planted):
    spikes, position = planted.track(seed=1)
    result = call(
        "decode_position",
        spikes=spikes,
        position=position,
        channels=("x",),
        units=("8",),
        blocks=4,
        controls=8,
    )
    assert result.numbers["controls as good"].value >= 1


def test_no_time_near_a_test_block_is_trained_on(planted):
    from neurostudio.plugins.spikes.moving import path_of
    from neurostudio.plugins.spikes.positions import PositionParams, _blocks

    _, position = planted.track()
    params = PositionParams(channels=("x",), blocks=5, gap=3.0)
    path = path_of(params, position)
    blocks = _blocks(path, params)
    assert sum(test.tot_length() for _, test in blocks) == pytest.approx(path.epochs.tot_length())
    for train, test in blocks:
        near = nap.IntervalSet(test.start[0] - 3.0 + 1e-6, test.end[-1] + 3.0 - 1e-6)
        assert len(train.intersect(near)) == 0


def test_a_block_is_decoded_as_the_library_does_it(planted):
    from neurostudio.plugins.spikes.moving import path_of
    from neurostudio.plugins.spikes.places import maps_of
    from neurostudio.plugins.spikes.positions import PositionParams, _blocks, _guess

    spikes, position = planted.track()
    params = PositionParams(channels=("x",), blocks=4)
    path = path_of(params, position)
    train, test = _blocks(path, params)[1]
    maps = maps_of(spikes.units, path, train, params)
    times, guess = _guess(maps, spikes.units, test, params)
    theirs, _ = nap.decode_bayes(maps, spikes.units, test, 0.25, uniform_prior=False)
    np.testing.assert_array_equal(times, theirs.t)
    np.testing.assert_array_equal(guess[:, 0], theirs.values)


def test_movement_that_repeats_exactly_is_warned_about(planted):
    times = np.arange(0, 240, 1 / 30)
    place = 200 * np.abs((times / 5) % 2 - 1)
    position = Traces(nap.TsdFrame(t=times, d=place[:, None], columns=["x"]), "cm")
    random = np.random.default_rng(0)
    units = []
    for centre in (25, 75, 125, 175):
        at = np.sort(random.uniform(0, 240, 4000))
        near = np.exp(-0.5 * ((np.interp(at, times, place) - centre) / 15) ** 2)
        units.append(at[random.random(4000) < near])
    result = call(
        "decode_position", spikes=trains(*units, end=240.0), position=position, blocks=4, controls=4
    )
    assert result.warnings == ("regular",)


def test_the_object_is_decoded_after_it_appears_and_not_from_permuted_labels(planted):
    spikes, trials = planted.trials()
    result = call(
        "decode_spikes_over_time", spikes=spikes, trials=trials, column="object", permutations=4
    )
    best, control = result.numbers["best window"], result.numbers["best window, permuted labels"]
    assert best.chance == pytest.approx(1 / 3)
    assert best.low > control.high
    frame = result["decoding"].frame
    before = frame[frame.time < -0.04]
    assert before.accuracy.mean() == pytest.approx(1 / 3, abs=0.12)
    assert result.numbers["above all controls from"].value >= 0.0


def test_a_fold_equals_the_library_s_own_classifier(planted):
    from neurostudio.plugins.spikes.over_time import OverTimeParams, _guess_all, folds_of
    from neurostudio.plugins.spikes.windows import count_in
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.preprocessing import StandardScaler

    spikes, trials = planted.trials(n=60)
    onsets, labels = trials.frame.stimulus_onset_time.to_numpy(), trials.frame.object.to_numpy(str)
    params = OverTimeParams(column="object", folds=3, end=0.4)
    counts = count_in(spikes.units, onsets, np.array([0.1, 0.3]))
    folds = folds_of(labels, onsets, params)
    ours = _guess_all(counts, labels, folds, params, range(1))[0]
    for train, test in folds:
        scaler = StandardScaler().fit(counts[train, :, 0])
        model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
        model.fit(scaler.transform(counts[train, :, 0]), labels[train])
        np.testing.assert_array_equal(
            ours[test], model.predict(scaler.transform(counts[test, :, 0]))
        )


def test_trials_that_overlap_a_test_trial_are_not_trained_on():
    from neurostudio.plugins.spikes.over_time import OverTimeParams, folds_of

    onsets = np.arange(40) * 0.5
    labels = np.tile(["a", "b"], 20)
    for gap in (0.0, 2.0):
        params = OverTimeParams(column="x", start=0.0, end=1.0, gap=gap, folds=4)
        folds = folds_of(labels, onsets, params)
        assert sorted(np.concatenate([test for _, test in folds])) == list(range(40))
        for train, test in folds:
            distance = np.abs(onsets[train][:, None] - onsets[test]).min()
            assert distance >= 1.0 + gap - 1e-9


def test_a_column_of_other_values_in_every_trial_cannot_be_decoded(planted):
    spikes, trials = planted.trials()
    with pytest.raises(BadInput, match="has 90 different values"):
        call("decode_spikes_over_time", spikes=spikes, trials=trials, column="start_time")
    with pytest.raises(BadInput, match="Name the column that is decoded"):
        call("decode_spikes_over_time", spikes=spikes, trials=trials)


def test_the_same_seed_gives_the_same_control(planted):
    spikes = planted.pair()
    first, again, other = (
        call("correlograms", seed, spikes=spikes, controls=20).views[0].y[1] for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
