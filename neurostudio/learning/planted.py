"""EEG with a planted truth: pink noise at electrodes that have a place, for examples and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.montage import template

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from neurostudio.data import Recording, Trials

CHANNELS = (
    *("Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T7", "C3", "Cz", "C4", "T8"),
    *("P7", "P3", "Pz", "P4", "P8", "O1", "Oz", "O2"),
)


def pink(
    random: np.random.Generator, shape: tuple[int, ...], amplitude: float = 10e-6
) -> NDArray[np.float64]:
    """Return noise whose power falls as 1 / frequency along the last axis.

    Parameters
    ----------
    amplitude
        Its standard deviation, in volts.
    """
    n_times = shape[-1]
    spectrum = np.fft.rfft(random.standard_normal(shape), axis=-1)
    spectrum /= np.sqrt(np.maximum(np.arange(spectrum.shape[-1]), 1))
    values = np.fft.irfft(spectrum, n=n_times, axis=-1)
    scaled: NDArray[np.float64] = amplitude * values / values.std(axis=-1, keepdims=True)
    return scaled


def info_of(channels: Sequence[str], rate: float, kinds: str | Sequence[str] = "eeg") -> Any:
    """Return MNE's description of channels with the places of the 10-20 system."""
    import mne

    given = kinds if isinstance(kinds, str) else list(kinds)
    info = mne.create_info(list(channels), rate, given, verbose="ERROR")
    info.set_montage(template("10-20"), match_case=False, on_missing="ignore", verbose="ERROR")
    return info


def recording_of(values: NDArray[np.float64], info: Any) -> Recording:
    """Return samples (n_channels, n_times) in volts as a recording."""
    import mne

    from neurostudio.data import Recording

    return Recording(mne.io.RawArray(values, info, verbose="ERROR"))


def trials_of(
    values: NDArray[np.float64],
    info: Any,
    labels: Sequence[str],
    start: float = 0.0,
    **columns: Sequence[Any],
) -> Trials:
    """Return samples (n_trials, n_channels, n_times) in volts as trials with an event each."""
    import mne
    import pandas as pd

    from neurostudio.data import Trials

    codes = {word: code for code, word in enumerate(sorted(set(labels)), 1)}
    events = np.array([[k, 0, codes[word]] for k, word in enumerate(labels)])
    epochs = mne.EpochsArray(values, info, events, start, codes, verbose="ERROR")
    with mne.utils.use_log_level("ERROR"):
        epochs.metadata = pd.DataFrame({"event": list(labels), **columns})
    return Trials(epochs)
