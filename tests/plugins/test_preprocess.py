"""Preprocessing: what was planted in a recording is kept or removed as asked."""

import numpy as np
import pytest

from neurostudio.errors import BadInput
from neurostudio.method import Context
from neurostudio.params import read_params
from neurostudio.registry import find

mne = pytest.importorskip("mne")


def call(name, names=None, **given):
    found = find(name)
    inputs = {each.name for each in found.inputs}
    params = read_params(found.params, {k: v for k, v in given.items() if k not in inputs})
    items = {k: v for k, v in given.items() if k in inputs}
    return found(Context(names=names or {}), params, **items)


@pytest.fixture
def planted():
    """The plugin's own example: alpha at O1 and O2, 50 Hz everywhere, an event a second."""
    from neurostudio.plugins.preprocess import example

    return example


def power_at(signals, frequency, channel="O1"):
    from scipy.signal import periodogram

    inside = signals.raw
    values = inside.get_data(picks=[channel])[0]
    f, power = periodogram(values, inside.info["sfreq"])
    return power[np.argmin(np.abs(f - frequency))]


def test_a_filter_keeps_alpha_and_removes_the_hum(planted):
    before = planted.recording()
    after = call("filter_signals", signals=before, low=5.0, high=20.0)["filtered"]
    assert power_at(after, 10.0) == pytest.approx(power_at(before, 10.0), rel=0.05)
    assert power_at(after, 50.0) < 1e-4 * power_at(before, 50.0)


def test_the_original_stays_as_it_was(planted):
    before = planted.recording()
    values = before.raw.get_data().copy()
    call("filter_signals", signals=before)
    np.testing.assert_array_equal(before.raw.get_data(), values)


def test_a_filter_below_its_low_limit_is_refused_with_both_numbers(planted):
    with pytest.raises(BadInput, match="low limit is 30 Hz and the high limit 20 Hz"):
        call("filter_signals", signals=planted.recording(), low=30.0, high=20.0)


def test_a_filter_above_half_the_rate_is_refused(planted):
    with pytest.raises(BadInput, match="sampled at 250 Hz hold nothing above 125 Hz"):
        call("filter_signals", signals=planted.recording(), low=1.0, high=200.0)


def test_notches_remove_the_hum_and_keep_alpha(planted):
    before = planted.recording()
    after = call("remove_line_noise", signals=before)["cleaned"]
    assert power_at(after, 50.0) < 0.01 * power_at(before, 50.0)
    assert power_at(after, 10.0) == pytest.approx(power_at(before, 10.0), rel=0.05)


def test_resampling_keeps_the_duration(planted):
    before = planted.recording()
    after = call("resample", signals=before, rate=100.0)["resampled"]
    assert after.raw.n_times / 100.0 == pytest.approx(before.raw.n_times / 250.0)


def test_the_average_reference_makes_channels_sum_to_zero(planted):
    after = call("rereference", signals=planted.recording())["rereferenced"]
    np.testing.assert_allclose(after.raw.get_data().sum(axis=0), 0, atol=1e-15)


def test_a_reference_channel_becomes_flat(planted):
    after = call("rereference", signals=planted.recording(), reference="channels", channels=("C3",))
    np.testing.assert_allclose(after["rereferenced"].raw.get_data(picks=["C3"]), 0, atol=1e-18)


def test_an_absent_channel_is_named(planted):
    with pytest.raises(BadInput, match="1 channels are not in the data: Q9"):
        call("pick_channels", signals=planted.recording(), channels=("O1", "Q9"))


def test_a_flat_channel_is_found(planted):
    recording = planted.recording()
    recording.raw._data[2] = 0.0
    result = call("mark_bad_channels", signals=recording, threshold=50.0, keep_old=False)
    assert result["marked"].raw.info["bads"] == ["F3"]
    assert recording.raw.info["bads"] == []


def test_names_of_every_habit_find_their_places():
    from neurostudio.api import Recording

    info = mne.create_info(["Fc5.", "EEG T3-REF", "CZ", "XYZ"], 100.0, "eeg")
    recording = Recording(mne.io.RawArray(np.zeros((4, 100)), info, verbose="ERROR"))
    result = call("set_montage", signals=recording)
    assert result["placed"].raw.ch_names == ["FC5", "T7", "Cz", "XYZ"]
    assert result.numbers["without a place"].value == 1
    (view,) = result.views
    cz = view.positions[view.names.index("Cz")]
    assert np.hypot(*cz) < 0.25
    assert view.positions[view.names.index("T7")][0] < -0.7


def test_trials_hold_an_alternating_event_and_its_onset(planted):
    result = call("cut_trials", {"recordings": ("sub-07_rest",)}, recordings=(planted.recording(),))
    frame = result["trials"].epochs.metadata
    assert list(frame.event[:3]) == ["high", "low", "high"]
    np.testing.assert_allclose(frame.onset[:3], [1.0, 2.0, 3.0])
    assert set(frame.recording) == {"sub-07_rest"}
    assert set(frame.subject) == {"sub-07"}


def test_trials_of_two_recordings_keep_their_events_apart(planted):
    from neurostudio.api import Recording

    second = planted.recording(1).raw
    second.annotations.description = np.array(["zap"] * len(second.annotations))
    result = call(
        "cut_trials",
        {"recordings": ("a", "b")},
        recordings=(planted.recording(), Recording(second)),
    )
    epochs = result["trials"].epochs
    assert set(epochs["zap"].metadata.recording) == {"b"}
    assert len(epochs["high"]) == 9


def test_a_stimulus_channel_gives_events_where_nothing_is_annotated():
    from neurostudio.api import Recording

    info = mne.create_info(["Cz", "STI"], 100.0, ["eeg", "stim"])
    data = np.zeros((2, 1000))
    data[1, [200, 500]] = [3, 7]
    recording = Recording(mne.io.RawArray(data, info, verbose="ERROR"))
    result = call("cut_trials", recordings=(recording,), start=0.0, end=0.5, baseline=False)
    assert list(result["trials"].epochs.metadata.event) == ["3", "7"]


def test_recordings_of_two_rates_are_refused(planted):
    slow = call("resample", signals=planted.recording(), rate=100.0)["resampled"]
    with pytest.raises(BadInput, match="100 and 250 samples a second"):
        call("cut_trials", recordings=(slow, planted.recording()))


def test_windows_fill_the_recording(planted):
    windows = call("cut_windows", signals=(planted.recording(),), length=2.0)["windows"]
    assert windows.epochs.get_data(copy=False).shape == (10, 8, 500)
    half = call("cut_windows", signals=(planted.recording(),), length=2.0, stride=1.0)["windows"]
    assert len(half.epochs) == 19


def test_trials_are_selected_by_label_and_shortened(planted):
    trials = planted.trials()
    kept = call("select_trials", trials=trials, column="event", values=("low",), start=0.0)
    epochs = kept["selected"].epochs
    assert set(epochs.metadata.event) == {"low"}
    assert epochs.tmin == 0.0


def test_only_the_trial_that_ranges_too_far_is_left_out(planted):
    result = call("reject_trials", trials=planted.trials(), eeg=500e-6)
    assert result.numbers["left out"].value == 1
    assert result.views[0].groups[3] == "left out"


def test_the_spectrum_peaks_at_the_planted_alpha(planted):
    result = call("power_spectrum", signals=planted.recording(), channels=("O1", "O2"))
    assert result.numbers["peak"].value == pytest.approx(10.0, abs=0.5)
    frame = result["spectrum"].frame
    # a sine of 20 µV has 200 µV² in all
    inside = frame[(frame.frequency > 8) & (frame.frequency < 12)]
    assert inside.O1.sum() * 0.5 == pytest.approx(200, rel=0.1)
