"""What recordings and trials share, so that one method serves both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, Estimate, Items, Lines, Params, Recording, Trials
from neurostudio.learning.sensors import inside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SPECTRUM_SAMPLES = 60_000  # enough for a picture; reading an hour for it is not worth the wait


def loaded_copy(signals: Recording | Trials) -> Any:
    """Return a copy in memory that may be changed; the original stays as it is."""
    return inside(signals).copy().load_data()


def memory(params: Params, items: Items) -> Estimate:
    """Estimate a copy, a filtered copy and the scratch of the filter."""
    del params
    given = [
        each for some in items.values() for each in (some if isinstance(some, tuple) else (some,))
    ]
    return Estimate(3 * sum(each.nbytes() for each in given))


def check_frequency(frequency: float | None, signals: Recording | Trials, what: str) -> None:
    """Raise where a frequency lies above half the sampling rate.

    Raises
    ------
    BadInput
        The message says both numbers.
    """
    rate = float(inside(signals).info["sfreq"])
    if frequency is not None and frequency >= rate / 2:
        raise BadInput(
            f"{what} is {frequency:g} Hz; data sampled at {rate:g} Hz hold nothing above "
            f"{rate / 2:g} Hz. Choose a lower one."
        )


def picked(instance: Any) -> list[str]:
    """Return the data channels that are not marked bad, or all channels where there is none."""
    import mne

    rows = mne.pick_types(
        instance.info, meg=True, eeg=True, seeg=True, ecog=True, dbs=True, fnirs=True
    )
    rows = rows if len(rows) else range(len(instance.ch_names))
    return [instance.ch_names[row] for row in rows]


def scale_of(instance: Any, names: Sequence[str]) -> tuple[float, str]:
    """Return the factor and the unit in which people read these channels."""
    kinds = set(instance.get_channel_types(picks=list(names)))
    if kinds <= {"eeg", "eog", "ecog", "seeg", "dbs", "emg", "ecg", "bio"}:
        return 1e6, "µV"
    if kinds == {"mag"}:
        return 1e15, "fT"
    if kinds == {"grad"}:
        return 1e13, "fT/cm"
    return 1.0, "SI"


def stretch(signals: Recording | Trials, names: Sequence[str]) -> NDArray[np.float64]:
    """Return enough of the signals for a spectrum: (n_epochs, n_channels, n_times)."""
    instance = inside(signals)
    if isinstance(signals, Recording):
        start = max(0, (instance.n_times - SPECTRUM_SAMPLES) // 2)
        stop = min(instance.n_times, start + SPECTRUM_SAMPLES)
        found = instance.get_data(picks=list(names), start=start, stop=stop)[None]
    else:
        count = max(1, SPECTRUM_SAMPLES // len(instance.times))
        found = instance[:count].get_data(picks=list(names), copy=True, verbose="ERROR")
    return np.asarray(found, dtype=np.float64)


def mean_spectrum(
    signals: Recording | Trials, names: Sequence[str], n_fft: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return frequencies and the power averaged over channels, in the unit of :func:`scale_of` ²/Hz."""
    from scipy.signal import welch

    rate = float(inside(signals).info["sfreq"])
    data = stretch(signals, names)
    length = min(n_fft, data.shape[-1])
    frequencies, power = welch(data, rate, nperseg=length, detrend="constant")
    factor, _ = scale_of(inside(signals), names)
    return frequencies, power.mean(axis=(0, 1)) * factor**2


def before_and_after(
    before: Recording | Trials, after: Recording | Trials, title: str, marks: dict[str, float]
) -> Lines:
    """Return the spectra before and after a step in one picture."""
    names = [name for name in picked(inside(before)) if name in inside(after).ch_names]
    rates = [float(inside(each).info["sfreq"]) for each in (before, after)]
    spectra = [
        mean_spectrum(each, names, int(4 * rate))
        for each, rate in zip((before, after), rates, strict=True)
    ]
    grid = max((frequencies for frequencies, _ in spectra), key=len)
    rows = [
        np.interp(grid, frequencies, power, left=np.nan, right=np.nan)
        for frequencies, power in spectra
    ]
    _, unit = scale_of(inside(before), names)
    return Lines(
        x=grid[1:],
        y=np.stack(rows)[:, 1:],
        names=("before", "after"),
        x_label="frequency",
        x_unit="Hz",
        y_label="power, mean over channels",
        y_unit=f"{unit}²/Hz",
        marks=marks,
        log_y=True,
        title=title,
        caption=f"Welch spectra of {len(names)} channels, from at most {SPECTRUM_SAMPLES} samples.",
    )
