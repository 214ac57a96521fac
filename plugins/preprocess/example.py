"""A small recording with a planted truth: an alpha rhythm at the back, line noise, two events."""

from __future__ import annotations

import numpy as np

from neurostudio.api import Example, Recording, Trials

CHANNELS = ("Fp1", "Fp2", "F3", "F4", "C3", "C4", "O1", "O2")
RATE = 250.0
ALPHA = 10.0
LINE = 50.0


def recording(seed: int = 0, seconds: float = 20.0) -> Recording:
    """Return pink noise of 10 µV, alpha of 20 µV at O1 and O2, line noise of 5 µV, a beep a second."""
    import mne

    random = np.random.default_rng(seed)
    times = np.arange(round(seconds * RATE)) / RATE
    noise = np.cumsum(random.standard_normal((len(CHANNELS), len(times))), axis=1)
    noise -= noise.mean(axis=1, keepdims=True)
    data = 10e-6 * noise / noise.std(axis=1, keepdims=True)
    data[-2:] += 20e-6 * np.sin(2 * np.pi * ALPHA * times)
    data += 5e-6 * np.sin(2 * np.pi * LINE * times)
    info = mne.create_info(list(CHANNELS), RATE, "eeg", verbose="ERROR")
    raw = mne.io.RawArray(data, info, verbose="ERROR")
    onsets = np.arange(1.0, seconds - 1.5)
    words = ["low" if k % 2 else "high" for k in range(len(onsets))]
    raw.set_annotations(mne.Annotations(onsets, 0.0, words))
    return Recording(raw)


def trials(seed: int = 0) -> Trials:
    """Return the recording cut at its events, with one trial that ranges 1 mV too far."""
    import mne
    import pandas as pd

    raw = recording(seed).raw
    events, codes = mne.events_from_annotations(raw, verbose="ERROR")
    epochs = mne.Epochs(raw, events, codes, -0.2, 0.8, baseline=None, preload=True, verbose="ERROR")
    words = {code: word for word, code in codes.items()}
    epochs.metadata = pd.DataFrame({"event": [words[code] for code in epochs.events[:, 2]]})
    epochs._data[3, 0, 100] += 1e-3
    return Trials(epochs)


def example() -> Example:
    """Return a recording for the methods that take one."""
    return Example(items={"signals": recording()})


def line() -> Example:
    """Return a recording with line noise at 50 Hz."""
    return Example({"line": LINE, "harmonics": 1}, {"signals": recording()})


def pick() -> Example:
    """Return a recording of which two channels are to be kept."""
    return Example({"channels": ("O1", "O2")}, {"signals": recording()})


def bad() -> Example:
    """Return a recording with one flat channel."""
    found = recording()
    found.raw._data[0] = 0.0
    return Example({"threshold": 5.0}, {"signals": found})


def cut() -> Example:
    """Return a recording with two kinds of events."""
    return Example({}, {"recordings": (recording(),)})


def windows() -> Example:
    """Return a recording to cut into windows of two seconds."""
    return Example({}, {"signals": (recording(),)})


def select() -> Example:
    """Return trials of which those of one event are to be kept."""
    return Example({"events": ("low",)}, {"trials": trials()})


def reject() -> Example:
    """Return trials of which one ranges too far."""
    return Example({"eeg": 500e-6}, {"trials": trials()})
