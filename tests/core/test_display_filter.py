"""A filter for looking: what it lets through, and that it never touches the data."""

from __future__ import annotations

import mne
import numpy as np
import pytest

from neurostudio.data import Recording
from neurostudio.display_filter import DisplayFilter, FilteredSource
from neurostudio.errors import BadInput
from neurostudio.sources import source_of

RATE = 200.0


@pytest.fixture
def mixed():
    """60 s of a 2 Hz and a 40 Hz sine, 10 µV each, on an EEG channel and on a trigger channel."""
    times = np.arange(round(60 * RATE)) / RATE
    wave = 1e-5 * (np.sin(2 * np.pi * 2 * times) + np.sin(2 * np.pi * 40 * times))
    info = mne.create_info(["eeg", "trigger"], RATE, ["eeg", "stim"])
    return source_of(Recording(mne.io.RawArray(np.array([wave, wave]), info, verbose="error")))


def power_at(values, frequency):
    spectrum = np.abs(np.fft.rfft(values)) ** 2
    return spectrum[round(frequency * len(values) / RATE)]


@pytest.mark.parametrize("causal", [True, False])
def test_a_low_pass_takes_the_fast_sine_and_leaves_the_slow_one(mixed, causal):
    seen = FilteredSource(mixed, DisplayFilter(low_pass=10.0, causal=causal))
    before, after = mixed.read(2000, 4000, [0])[0], seen.read(2000, 4000, [0])[0]
    assert power_at(after, 2) == pytest.approx(power_at(before, 2), rel=0.01)
    assert power_at(after, 40) < 1e-4 * power_at(before, 40)


def test_a_window_is_the_same_whichever_way_it_is_read(mixed):
    seen = FilteredSource(mixed, DisplayFilter(high_pass=1.0, notch=40.0))
    long, short = seen.read(4000, 8000, [0])[0], seen.read(6000, 6100, [0])[0]
    np.testing.assert_allclose(short, long[2000:2100], atol=1e-8)


def test_a_causal_filter_shows_nothing_before_it_happens(mixed):
    values = np.zeros((1, 4000))
    values[0, 2000:] = 1.0
    info = mne.create_info(1, RATE, "eeg")
    source = source_of(Recording(mne.io.RawArray(values, info, verbose="error")))
    causal = FilteredSource(source, DisplayFilter(low_pass=5.0)).read(1900, 2000, [0])
    zero_phase = FilteredSource(source, DisplayFilter(low_pass=5.0, causal=False)).read(
        1900, 2000, [0]
    )
    np.testing.assert_allclose(causal, 0.0, atol=1e-12)
    assert zero_phase.max() > 0.1


def test_triggers_are_not_filtered_and_the_data_stay_as_they_are(mixed):
    before = mixed.read(0, 1000, [0, 1])
    seen = FilteredSource(mixed, DisplayFilter(low_pass=10.0))
    np.testing.assert_array_equal(seen.read(0, 1000, [1]), before[[1]])
    np.testing.assert_array_equal(mixed.read(0, 1000, [0, 1]), before)


def test_a_frequency_that_does_not_fit_is_said_with_what_would():
    with pytest.raises(BadInput, match="low-pass is 150 Hz; at 200 Hz it must lie below 100 Hz"):
        DisplayFilter(low_pass=150.0).check(RATE)
    with pytest.raises(BadInput, match="must lie below the low-pass"):
        DisplayFilter(high_pass=20.0, low_pass=10.0).check(RATE)


def test_words_say_the_phase():
    assert (
        DisplayFilter(high_pass=1.0).words == "1 Hz high-pass (causal: delayed); for display only"
    )
    assert "zero-phase" in DisplayFilter(notch=50.0, causal=False).words
    assert not DisplayFilter()
