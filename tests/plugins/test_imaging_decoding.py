"""Decoding of runs: planted patterns are told apart, shuffled labels are not, nothing leaks."""

import numpy as np
import pytest

from neurostudio.api import Table
from neurostudio.errors import BadInput
from neurostudio.method import Context
from neurostudio.params import read_params
from neurostudio.registry import find

pytest.importorskip("nilearn")
pytest.importorskip("sklearn")


def call(name, planted, params=None, numbers=(1, 2, 3, 4), effect=20.0, **items):
    """Decode runs whose events are given in the other order: the names tell which is whose."""
    found = find(name)
    turned = tuple(reversed(numbers))
    names = {
        "runs": tuple(planted.name_of(k, "bold") for k in numbers),
        "events": tuple(planted.name_of(k, "events") for k in turned),
    }
    given = {
        "runs": tuple(planted.series(k, effect) for k in numbers),
        "events": tuple(planted.events(k) for k in turned),
    }
    params = read_params(found.params, {"permutations": 19} | (params or {}))
    return found(Context(names=names), params, **(given | items))


def voxels(data):
    return np.asarray(data.image.dataobj)


@pytest.fixture(scope="module")
def planted():
    from neurostudio.plugins.imaging import planted

    return planted


@pytest.mark.parametrize("classifier", ["svm", "logistic"])
def test_planted_patterns_are_told_apart(planted, classifier):
    result = call("decode_runs", planted, {"classifier": classifier, "voxels": 60})
    number = result.numbers["accuracy"]
    assert number.value == 1.0
    assert (number.high, number.chance, number.baseline) == (1.0, 0.5, 1.0)
    assert number.low == pytest.approx(
        0.025 ** (1 / 32)
    )  # as rare as 5 % (two-sided) of 32 right of 32
    assert result.numbers["p"].value == pytest.approx(1 / 20)
    assert abs(result.numbers["accuracy of shuffles"].value - 0.5) < 0.15


def test_without_planted_patterns_accuracy_is_chance(planted):
    numbers = call("decode_runs", planted, numbers=tuple(range(11, 19)), effect=0.0).numbers
    assert numbers["accuracy"].low <= 0.5 <= numbers["accuracy"].high
    assert numbers["p"].value > 0.05


def test_the_voxels_that_are_kept_lie_in_the_planted_areas(planted):
    kept = voxels(call("decode_runs", planted, {"voxels": 40})["voxels_kept"])
    there = np.zeros(planted.SHAPE, bool)
    there[planted.FACE] = there[planted.HOUSE] = True
    assert kept[there].sum() / kept.sum() > 0.9


def test_predictions_name_run_and_trial_type(planted):
    frame = call("decode_runs", planted)["predictions"].frame
    assert len(frame) == 4 * 8
    first = frame[frame["run"] == planted.name_of(1, "bold")]
    assert list(first["trial_type"]) == list(planted.events(1).frame["trial_type"])
    np.testing.assert_array_equal(frame["right"], frame["guess"] == frame["trial_type"])


def test_every_run_is_tested_once_and_never_trained_on_then(planted):
    from neurostudio.plugins.imaging.patterns import PatternParams, read_patterns

    runs = tuple(planted.series(k) for k in (1, 2, 3))
    names = {
        "runs": tuple(planted.name_of(k, "bold") for k in (1, 2, 3)),
        "events": tuple(planted.name_of(k, "events") for k in (1, 2, 3)),
    }
    events = tuple(planted.events(k) for k in (1, 2, 3))
    patterns = read_patterns(Context(names=names), PatternParams(), runs, events, None)
    folds = patterns.folds()
    tested = np.concatenate([test for _, test in folds])
    assert sorted(tested) == list(range(24))
    for train, test in folds:
        assert len(set(patterns.runs[test])) == 1
        assert not set(patterns.runs[test]) & set(patterns.runs[train])


def test_choosing_voxels_in_all_runs_would_have_found_something_in_noise(planted):
    """The control of the control: voxels chosen with the tested run included give a score from noise."""
    from neurostudio.plugins.imaging.decoding import DecodeParams, decode
    from neurostudio.plugins.imaging.patterns import Patterns
    from sklearn.feature_selection import f_classif

    random = np.random.default_rng(0)
    values = random.normal(size=(32, 2000))
    labels = np.tile([0, 1], 16)
    runs = np.repeat(np.arange(4), 8)
    inside = np.ones((20, 10, 10), bool)
    words = ("a", "b")
    honest = Patterns(
        values, labels, words, runs, tuple("1234"), np.zeros(32), inside, np.zeros(inside.shape)
    )
    best = np.argsort(-f_classif(values, labels)[0])[:20]
    peeked = Patterns(
        values[:, best],
        labels,
        words,
        runs,
        tuple("1234"),
        np.zeros(32),
        inside,
        np.zeros((1, 1, 1)),
    )
    score = {
        name: np.mean(decode(DecodeParams(voxels=20), each).guess == labels)
        for name, each in (("honest", honest), ("peeked", peeked))
    }
    assert score["peeked"] > 0.8
    assert score["honest"] < 0.7


def test_a_block_is_the_mean_of_its_images_after_the_lag(planted):
    from neurostudio.plugins.imaging.patterns import PatternParams, _samples

    series = np.arange(20.0)[:, None]
    events = planted.events(1).frame[:1].assign(onset=5.0, duration=10.0)
    (row,) = _samples(PatternParams(lag=5.0), series, events, 2.5, 0)
    assert row["pattern"] == np.mean([4, 5, 6, 7])  # 10.0 to 17.5 s
    rows = _samples(PatternParams(lag=5.0, samples="images"), series, events, 2.5, 0)
    assert [float(each["pattern"][0]) for each in rows] == [4, 5, 6, 7]
    short = _samples(PatternParams(lag=5.0), series, events.assign(duration=0.0), 2.5, 0)
    assert short[0]["pattern"] == 4.0
    assert not _samples(PatternParams(lag=5.0), series, events.assign(onset=48.0), 2.5, 0)


def test_one_run_is_refused(planted):
    with pytest.raises(BadInput, match="There is one run"):
        call("decode_runs", planted, numbers=(1,))


def test_one_trial_type_is_refused(planted):
    events = tuple(Table(planted.events(k).frame.assign(trial_type="face")) for k in (4, 3, 2, 1))
    with pytest.raises(BadInput, match="All events are 'face'"):
        call("decode_runs", planted, events=events)
    with pytest.raises(BadInput, match="has no event 'moon'"):
        call("decode_runs", planted, {"conditions": ("face", "moon")})


def test_spheres_hold_the_voxels_within_their_radius(planted):
    from neurostudio.plugins.imaging.searchlight import spheres_of

    inside = np.ones((5, 5, 5), bool)
    affine = np.diag([4.0, 4.0, 4.0, 1.0])
    sizes = np.diff(spheres_of(inside, affine, 4.0).indptr).reshape(5, 5, 5)
    assert sizes[2, 2, 2] == 7  # itself and six neighbours
    assert sizes[0, 0, 0] == 4


def test_the_searchlight_is_a_discriminant_in_each_sphere(planted):
    """One sphere of all voxels is scikit-learn's naive Bayes with one variance a voxel."""
    from neurostudio.plugins.imaging.patterns import Patterns
    from neurostudio.plugins.imaging.searchlight import right_of, spheres_of
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    random = np.random.default_rng(3)
    labels = np.tile([0, 1], 20)
    values = random.normal(size=(40, 1)) + 1.0 * labels[:, None]
    inside = np.ones((1, 1, 1), bool)
    runs = np.repeat(np.arange(4), 10)
    patterns = Patterns(
        values, labels, ("a", "b"), runs, tuple("1234"), np.zeros(40), inside, np.zeros((1, 1, 1))
    )
    right = right_of(patterns, spheres_of(inside, np.eye(4), 1.0))[:, 0]
    for train, test in patterns.folds():
        model = LinearDiscriminantAnalysis(priors=[0.5, 0.5]).fit(values[train], labels[train])
        np.testing.assert_array_equal(right[test], model.predict(values[test]) == labels[test])


def test_the_searchlight_finds_the_planted_areas_and_shuffles_do_not(planted):
    result = call("searchlight", planted, {"radius": 4.0}, effect=8.0)
    accuracy, level = voxels(result["accuracy"]), result.views[0].threshold
    middle = {
        word: tuple((each.start + each.stop) // 2 for each in where)
        for word, where in (("face", planted.FACE), ("house", planted.HOUSE))
    }
    assert accuracy[middle["face"]] > level
    assert accuracy[middle["house"]] > level
    number = result.numbers["voxels above chance"]
    assert number.chance < 0.05 * number.value
    assert result.numbers["best accuracy"].baseline == 0.5


def test_the_searchlight_finds_nothing_where_nothing_is_planted(planted):
    result = call("searchlight", planted, {"radius": 4.0}, effect=0.0)
    assert result.numbers["voxels above chance"].value <= 1
    mean = result.numbers["mean accuracy"]
    assert mean.value == pytest.approx(0.5, abs=0.06)


def test_a_signal_that_is_moved_by_six_seconds_lags_by_six_seconds():
    import pandas as pd
    from neurostudio.plugins.imaging.timing import lag_of

    random = np.random.default_rng(0)
    frame = pd.DataFrame({"onset": [10.0, 47.0, 81.0, 130.0, 158.0], "duration": 15.0})
    times = np.arange(100) * 2.0
    on = np.zeros(100)
    for onset in frame["onset"]:
        on[(times >= onset + 6) & (times < onset + 21)] = 1.0
    signals = 0.3 * random.normal(size=(100, 40))
    signals[:, :4] += on[:, None]
    found = lag_of([signals], [frame], [2.0])
    assert found.seconds == pytest.approx(6.0, abs=1.0)
    assert found.correlation > 0.7
    assert not found.unlike()
    late = lag_of([signals], [frame.assign(onset=frame["onset"] + 6)], [2.0])
    assert late.seconds == pytest.approx(0.0, abs=1.0)
    assert late.unlike()
    assert not late.unlike(expected=0.0)


def test_onsets_that_hold_the_lag_already_are_told_of(planted):
    late = tuple(
        Table(planted.events(k).frame.assign(onset=planted.events(k).frame["onset"] + 6))
        for k in (4, 3, 2, 1)
    )
    told = call("decode_runs", planted, events=late)
    assert "lag" in told.warnings
    assert told.numbers["lag of the signal"].value < 2.5
    assert "lag" not in call("decode_runs", planted, {"lag": 0.0}, events=late).warnings
    assert "lag" not in call("decode_runs", planted).warnings
    assert "lag" not in call("decode_runs", planted, effect=0.0).warnings
