"""Evoked responses: what was planted is seen, what was not is not, and the averages are MNE's."""

import numpy as np
import pytest

from neurostudio.errors import BadInput
from neurostudio.method import Context
from neurostudio.params import read_params
from neurostudio.registry import find

mne = pytest.importorskip("mne")


def call(name, seed=0, **given):
    found = find(name)
    inputs = {each.name for each in found.inputs}
    params = read_params(found.params, {k: v for k, v in given.items() if k not in inputs})
    return found(Context(seed=seed), params, **{k: v for k, v in given.items() if k in inputs})


@pytest.fixture(scope="module")
def planted():
    """The plugin's own example: 10 µV at Pz, 0.3 to 0.4 s after the event 'rare'."""
    from neurostudio.plugins.evoked import example

    return example


def view(result, title):
    return next(each for each in result.views if each.title.startswith(title))


def test_averages_are_those_of_mne_to_the_last_digit(planted):
    trials = planted.trials()
    evoked = call("average_trials", trials=trials)["evoked"].epochs
    for word in ("rare", "often"):
        own = trials.epochs[word].average(picks="all")
        np.testing.assert_array_equal(evoked[word].get_data(copy=False)[0], own.data)
        assert evoked[word].metadata["n averaged"].item() == own.nave == 30


def test_the_baseline_is_that_of_mne(planted):
    trials = planted.trials()
    evoked = call("average_trials", trials=trials, baseline=True)["evoked"].epochs
    own = trials.epochs.copy().apply_baseline((None, 0), verbose="ERROR")["rare"].average("all")
    np.testing.assert_array_equal(evoked["rare"].get_data(copy=False)[0], own.data)
    assert evoked.baseline == pytest.approx((-0.2, 0.0))


def test_the_planted_response_peaks_at_its_place_and_time(planted):
    result = call("average_trials", trials=planted.trials())
    assert result.numbers["rare: peak"].value == pytest.approx(0.35, abs=0.05)
    assert "Pz" in view(result, "Conditions at").title
    maps = view(result, "Maps")
    rare = [k for k, title in enumerate(maps.titles) if title.startswith("rare 0.3")]
    assert maps.names[int(np.abs(maps.values[rare[0]]).argmax())] == "Pz"


def test_the_difference_leaves_zero_where_it_was_planted_and_not_before(planted):
    result = call("average_trials", trials=planted.trials(), compare=("Pz",))
    lines = view(result, "rare − often")
    outside = (lines.low[0] > 0) | (lines.high[0] < 0)
    inside = (lines.x > 0.31) & (lines.x < 0.39)
    assert outside[inside].all()
    assert outside[lines.x < 0.1].mean() < 0.2
    assert lines.y[0][inside].max() == pytest.approx(10 * 0.87, abs=2.5)


def test_without_an_effect_the_difference_stays_around_zero(planted):
    result = call("average_trials", trials=planted.trials(3, effect=0.0), compare=("Pz",))
    lines = view(result, "rare − often")
    assert ((lines.low[0] > 0) | (lines.high[0] < 0)).mean() < 0.2


def test_a_band_over_equal_trials_has_no_width(planted):
    from neurostudio.learning.planted import info_of, trials_of

    values = np.ones((20, 4, 10)) * 1e-6
    same = trials_of(values, info_of(["Fz", "Cz", "Pz", "Oz"], 100.0), ["a", "b"] * 10)
    lines = view(call("average_trials", trials=same, compare=("Cz",)), "Conditions")
    np.testing.assert_allclose(lines.high - lines.low, 0, atol=1e-12)
    np.testing.assert_allclose(lines.y, 1.0)


def test_people_who_differ_make_a_wider_band_than_their_trials(planted):
    from neurostudio.learning.planted import info_of, trials_of

    random = np.random.default_rng(0)
    values = (
        random.normal(0, 1e-6, (80, 4, 10)) + np.repeat([0, 4e-6, -4e-6, 1e-6], 20)[:, None, None]
    )
    who = list(np.repeat(["p1", "p2", "p3", "p4"], 20))
    given = trials_of(values, info_of(["Fz", "Cz", "Pz", "Oz"], 100.0), ["a"] * 80, subject=who)
    by_trial = call("average_trials", trials=given, compare=("Cz",))
    by_person = call("average_trials", trials=given, compare=("Cz",), people="subject")
    assert by_trial.warnings == ("several-people",)
    assert by_person.warnings == ()
    widths = [np.mean(v.high - v.low) for v in (view(by_trial, "Cond"), view(by_person, "Cond"))]
    assert widths[1] > 2 * widths[0]


def test_conditions_come_from_a_column_in_the_order_asked_for(planted):
    result = call(
        "average_trials", trials=planted.trials(), column="event", conditions=("rare", "often")
    )
    assert list(result["evoked"].epochs.metadata["condition"]) == ["rare", "often"]


def test_a_condition_without_trials_is_refused(planted):
    with pytest.raises(BadInput, match="No trial is 'never'"):
        call("average_trials", trials=planted.trials(), conditions=("never",))


def test_a_map_outside_the_trials_is_refused(planted):
    with pytest.raises(BadInput, match=r"at 2 s; the trials last from -0\.2 to 0\.79 s"):
        call("average_trials", trials=planted.trials(), times=(2.0,))


def test_a_baseline_that_is_turned_round_is_refused(planted):
    with pytest.raises(BadInput, match="The end must be the later one"):
        call("average_trials", trials=planted.trials(), baseline=True, baseline_end=-0.3)


def test_the_image_shows_the_response_later_in_later_trials(planted):
    result = call(
        "trials_image",
        trials=planted.trials(),
        channels=("Pz",),
        events=("rare",),
        sort_by="delay",
        smooth=1.0,
    )
    heatmap = result.views[0]
    assert heatmap.values.shape == (30, 100)
    peaks = heatmap.x[heatmap.values.argmax(axis=1)]
    assert np.median(peaks[20:]) - np.median(peaks[:10]) == pytest.approx(0.067, abs=0.05)


def test_a_row_of_the_image_is_the_trial_itself(planted):
    trials = planted.trials()
    image = call("trials_image", trials=trials, channels=("Pz",), sort_by="delay")["image"].array
    order = np.argsort(trials.epochs.metadata["delay"].to_numpy())
    expected = trials.epochs.get_data(picks=["Pz"], copy=False)[order, 0] * 1e6
    np.testing.assert_allclose(image.to_numpy()[0], expected, rtol=1e-12)


def test_smoothing_over_trials_equals_scipy(planted):
    from scipy.ndimage import gaussian_filter1d

    trials = planted.trials()
    image = call("trials_image", trials=trials, channels=("Pz",), smooth=2.0)["image"].array
    plain = trials.epochs.get_data(picks=["Pz"], copy=False)[:, 0] * 1e6
    np.testing.assert_allclose(
        image.to_numpy()[0], gaussian_filter1d(plain, 2.0, axis=0, mode="nearest"), rtol=1e-9
    )


def test_an_absent_column_is_refused_with_those_there_are(planted):
    with pytest.raises(BadInput, match=r"no column 'rt'\. They have: event, delay"):
        call("trials_image", trials=planted.trials(), sort_by="rt")


def test_trials_without_a_value_to_sort_by_come_last(planted):
    from neurostudio.api import Trials

    epochs = planted.trials().epochs.copy()
    epochs.metadata.loc[epochs.metadata.index[0], "delay"] = np.nan
    image = call("trials_image", trials=Trials(epochs), channels=("Pz",), sort_by="delay")["image"]
    assert image.array["y"].to_numpy()[-1] == 0
