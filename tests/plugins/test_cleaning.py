"""Cleaning: planted jumps are mended, bad trials left out, bad channels found, as autoreject does."""

import warnings

import numpy as np
import pytest

from neurostudio.errors import BadInput
from neurostudio.method import Context
from neurostudio.params import read_params
from neurostudio.registry import find

mne = pytest.importorskip("mne")


def call(name, **given):
    found = find(name)
    inputs = {each.name for each in found.inputs}
    params = read_params(found.params, {k: v for k, v in given.items() if k not in inputs})
    return found(Context(), params, **{k: v for k, v in given.items() if k in inputs})


@pytest.fixture(scope="module")
def planted():
    """The plugin's own example."""
    from neurostudio.plugins.cleaning import example

    return example


@pytest.fixture(scope="module")
def cleaned(planted):
    pytest.importorskip("autoreject")
    return call("clean_trials", trials=planted.trials(), **planted.SMALL)


def test_bad_trials_are_left_out_and_single_jumps_are_mended(cleaned, planted):
    log = cleaned.views[0]
    cz = log.x_names.index("Cz")
    assert set(np.flatnonzero(log.values[:, cz] == 2)) >= set(planted.JUMPS)
    assert cleaned.numbers["left out"].value == 2
    assert "7, 20" in log.caption
    epochs = cleaned["cleaned"].epochs
    assert np.ptp(epochs.get_data(picks=["Cz"], copy=False), axis=-1).max() < 150e-6


def test_the_cleaned_trials_are_those_of_autoreject(cleaned, planted):
    import autoreject

    own = autoreject.AutoReject(
        n_interpolate=np.array([1]),
        consensus=np.array([0.6]),
        cv=3,
        thresh_method="random_search",
        random_state=0,
        verbose=False,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected, log = own.fit_transform(planted.trials().epochs.copy(), return_log=True)
    np.testing.assert_array_equal(
        cleaned["cleaned"].epochs.get_data(copy=False), expected.get_data(copy=False)
    )
    np.testing.assert_array_equal(cleaned.views[0].values, log.labels)


def test_labels_of_the_trials_that_stay_are_kept(cleaned):
    assert len(cleaned["cleaned"].epochs.metadata) == 22


def test_the_global_threshold_is_that_of_autoreject(planted):
    import autoreject

    result = call("clean_trials", trials=planted.trials(), approach="global", folds=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        own = autoreject.get_rejection_threshold(
            planted.trials().epochs, random_state=0, ch_types=["eeg"], cv=3, verbose=False
        )
    sheet = result.views[1]
    assert sheet.columns["threshold (µV)"][0] == pytest.approx(own["eeg"] * 1e6, abs=0.01)
    expected = planted.trials().epochs.copy().drop_bad(reject=own, verbose="ERROR")
    kept = result["cleaned"].epochs.selection
    np.testing.assert_array_equal(kept, expected.selection)
    assert not set(planted.WHOLE) & set(kept)


def test_channels_without_places_cannot_be_mended(planted):
    from neurostudio.api import Trials

    bare = Trials(planted.trials().epochs.copy().set_montage(None))
    with pytest.raises(BadInput, match="10 channels have no place: Fp1, Fp2, Fz"):
        call("clean_trials", trials=bare)


def test_fewer_trials_than_folds_are_refused(planted):
    from neurostudio.api import Trials

    with pytest.raises(BadInput, match="There are 6 trials and 5 folds"):
        call("clean_trials", trials=Trials(planted.trials().epochs[:6]))


def test_each_planted_bad_channel_is_found_with_its_reason(planted):
    result = call("clean_channels", signals=planted.recording())
    why = dict(zip(result.views[0].columns["channel"], result.views[0].columns["why"], strict=True))
    assert {name for name, word in why.items() if word} == {"F3", "P4", "O1"}
    assert why["F3"].startswith("flat")
    assert "noisy" in why["P4"]
    assert why["O1"] == "unlike its neighbours"
    assert set(result["marked"].raw.info["bads"]) == {"F3", "P4", "O1"}
    assert planted.recording().raw.info["bads"] == []


def test_good_channels_are_not_proposed(planted):
    result = call("clean_channels", signals=planted.trials(3))
    assert result.numbers["proposed"].value == 0


def test_outliers_by_density_are_those_of_mne(planted):
    off = {"noisy": 0.0, "rough": 0.0, "correlation": 0.0, "flat": 0.0}
    result = call("clean_channels", signals=planted.recording(), outliers=1.5, **off)
    own = mne.preprocessing.find_bad_channels_lof(planted.recording().raw, 6, verbose="ERROR")
    assert own
    assert result["marked"].raw.info["bads"] == list(own)


def test_the_correlation_is_that_of_numpy(planted):
    recording = planted.recording()
    result = call("clean_channels", signals=recording, window=10.0, neighbours=1)
    names = recording.raw.ch_names
    places = recording.raw.get_montage().get_positions()["ch_pos"]
    distance = {n: np.linalg.norm(places[n] - places["Cz"]) for n in names if n != "Cz"}
    near = min(distance, key=distance.get)
    values = recording.raw.get_data(picks=["Cz", near])
    halves = [abs(np.corrcoef(values[:, k : k + 1000])[0, 1]) for k in (0, 1000)]
    found = result.views[0].columns["correlation"][names.index("Cz")]
    assert found == pytest.approx(np.median(halves), abs=0.01)


def test_three_channels_are_too_few_to_compare(planted):
    from neurostudio.api import Recording

    three = Recording(planted.recording().raw.copy().pick(["F3", "Cz", "P4"]))
    with pytest.raises(BadInput, match="fewer than 4 channels"):
        call("clean_channels", signals=three)


def test_a_channel_with_a_gap_is_proposed_and_spoils_no_other(planted):
    from neurostudio.api import Recording

    raw = planted.recording().raw.copy()
    raw._data[raw.ch_names.index("C3"), 500:510] = np.nan
    result = call("clean_channels", signals=Recording(raw))
    why = dict(zip(result.views[0].columns["channel"], result.views[0].columns["why"], strict=True))
    assert why["C3"].startswith("holds values that are no numbers")
    assert {name for name, word in why.items() if word} == {"C3", "F3", "P4", "O1"}
