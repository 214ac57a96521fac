"""Time and frequency: a planted burst is found where it is; the numbers are MNE's."""

import tracemalloc

import numpy as np
import pytest

from neurostudio.api import Recording
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
    """The plugin's own example: 10 Hz at the back, 0.3 to 0.8 s after the event."""
    from neurostudio.plugins.time_frequency import example

    return example


OPTIONS = {"low": 6.0, "high": 20.0, "step": 2.0, "cycles": 4.0, "cycles_high": 4.0}


@pytest.mark.parametrize("estimate", ["morlet", "multitaper"])
@pytest.mark.parametrize(
    ("baseline", "mode", "factor"),
    [("decibel", "logratio", 10), ("percent", "percent", 100), ("zscore", "zscore", 1)],
)
def test_power_and_coherence_are_those_of_mne(planted, estimate, baseline, mode, factor):
    trials = planted.trials()
    result = call("time_frequency", trials=trials, estimate=estimate, baseline=baseline, **OPTIONS)
    frequencies = np.arange(6.0, 21.0, 2.0)
    power, coherence = trials.epochs.compute_tfr(
        estimate, frequencies, n_cycles=4.0, average=True, return_itc=True, verbose="ERROR"
    )
    power.apply_baseline((None, 0), mode, verbose="ERROR")
    np.testing.assert_allclose(result["power"].array, factor * power.data, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(result["coherence"].array, coherence.data, rtol=1e-10)


def test_power_without_a_baseline_is_in_squared_microvolts(planted):
    trials = planted.trials()
    result = call("time_frequency", trials=trials, baseline="none", **OPTIONS)
    own = trials.epochs.compute_tfr(
        "morlet", np.arange(6.0, 21.0, 2.0), n_cycles=4.0, average=True, verbose="ERROR"
    )
    np.testing.assert_allclose(result["power"].array, own.data * 1e12, rtol=1e-10)
    assert result["power"].array.attrs["unit"] == "µV²"


def test_the_burst_is_found_at_its_frequency_time_and_place(planted):
    power = call("time_frequency", trials=planted.trials())["power"].array
    highest = int(np.argmax(power.to_numpy()))
    channel, frequency, time = np.unravel_index(highest, power.shape)
    assert power["item"].to_numpy()[channel] in planted.BACK
    assert power["y"].to_numpy()[frequency] == pytest.approx(10, abs=1)
    assert 0.3 < power["x"].to_numpy()[time] < 0.8


def test_a_locked_burst_is_coherent_and_one_of_random_phase_is_not(planted):
    window = {"window_start": 0.4, "window_end": 0.7, "channels": planted.BACK}
    locked = call("time_frequency", trials=planted.trials(), **window).numbers
    loose = call("time_frequency", trials=planted.trials(locked=False), **window).numbers
    assert locked["coherence"].value > 0.8
    assert loose["coherence"].value < 2 * loose["coherence"].chance
    assert loose["coherence"].chance == pytest.approx(np.sqrt(np.pi / 160))
    assert loose["power"].value > 3  # dB: power needs no common phase


def test_low_frequencies_are_at_the_bottom_of_the_picture(planted):
    heatmap = call("time_frequency", trials=planted.trials()).views[0]
    assert heatmap.y[0] > heatmap.y[-1]
    row = int(heatmap.values.max(axis=1).argmax())
    assert heatmap.y[row] == pytest.approx(10, abs=1)


def test_a_wavelet_longer_than_the_trials_is_refused_with_both_lengths(planted):
    with pytest.raises(BadInput, match=r"At 1 Hz, 3 cycles last 4\.77 s; the trials last 1\.99 s"):
        call("time_frequency", trials=planted.trials(), low=1.0)


def test_a_band_outside_the_frequencies_is_refused(planted):
    with pytest.raises(BadInput, match="No frequency lies in the band of the maps, 60 to 80 Hz"):
        call("time_frequency", trials=planted.trials(), band_low=60.0, band_high=80.0)


@pytest.mark.parametrize("estimate", ["welch", "multitaper"])
def test_each_column_is_the_spectrum_of_its_window(planted, estimate):
    recording = planted.recording()
    result = call(
        "spectrogram", recording=recording, window=10.0, step=5.0, estimate=estimate, high=30.0
    )
    array = result["spectrogram"].array
    window = recording.raw.get_data(start=1500, stop=2500)
    if estimate == "welch":
        expected, frequencies = mne.time_frequency.psd_array_welch(
            window, 100.0, 0.5, 30.0, n_fft=400, n_per_seg=400, n_overlap=200, verbose="ERROR"
        )
    else:
        expected, frequencies = mne.time_frequency.psd_array_multitaper(
            window, 100.0, 0.5, 30.0, bandwidth=1.0, normalization="full", verbose="ERROR"
        )
    np.testing.assert_allclose(array.y, frequencies)
    np.testing.assert_allclose(array.sel(x=20.0), expected * 1e12, rtol=1e-10)


def test_the_rhythm_changes_half_way(planted):
    bands = call("spectrogram", recording=planted.recording(), window=10.0)["bands"]
    times, values = bands.frame.index.values, np.asarray(bands.frame.values)
    alpha, delta = (values[:, list(bands.frame.columns).index(n)] for n in ("alpha", "delta"))
    np.testing.assert_array_equal(alpha > delta, times < 120)
    # a sine of 20 µV has 200 µV² in all
    assert alpha[times < 110].mean() == pytest.approx(200, rel=0.1)


def test_shares_of_the_bands_are_at_most_one(planted):
    bands = call("spectrogram", recording=planted.recording(), relative=True)["bands"]
    total = np.asarray(bands.frame.values).sum(axis=1)
    assert (total <= 1).all()
    assert (total > 0.9).all()


def test_windows_in_a_bad_stretch_are_empty(planted):
    raw = planted.recording().raw.copy()
    raw.set_annotations(mne.Annotations([35.0], [10.0], ["BAD_cough"]))
    result = call("spectrogram", recording=Recording(raw), window=10.0)
    empty = np.isnan(result["spectrogram"].array.to_numpy()).all(axis=(0, 1))
    assert list(np.flatnonzero(empty)) == [3, 4]
    assert result.warnings == ("bad-stretches",)


def test_a_long_recording_is_never_wholly_in_memory(tmp_path):
    from neurostudio.learning.planted import info_of, pink, recording_of

    values = pink(np.random.default_rng(0), (2, 4_000_000), 5e-6)
    path = tmp_path / "long_raw.fif"
    recording_of(values, info_of(["C3", "C4"], 1000.0)).raw.save(
        path, fmt="double", verbose="ERROR"
    )
    whole = values.nbytes
    del values
    recording = Recording(mne.io.read_raw_fif(path, preload=False, verbose="ERROR"))
    call("spectrogram", recording=recording, estimate="welch", window=1000.0)  # import all there is
    tracemalloc.start()
    try:
        call("spectrogram", recording=recording, estimate="welch")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert whole == 64_000_000
    assert peak < whole / 1.5


def test_a_window_longer_than_the_recording_is_refused(planted):
    with pytest.raises(BadInput, match="A window lasts 600 s; the recording lasts 240 s"):
        call("spectrogram", recording=planted.recording(), window=600.0)
