"""Freeing series of drift, confounds and other frequencies, and how many of their images count."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Literal

import numpy as np

from neurostudio.api import BadInput, Params, Table, param

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

FEWEST = 4.0


class CleanParams(Params):
    """What series are freed of."""

    repetition_time: float | None = param(
        None, "Time from one image to the next; none for the header's", unit="s", gt=0, le=60
    )
    detrend: bool = param(True, "Take out the straight line")
    standardise: bool = param(True, "Mean 0 and standard deviation 1")
    high_pass: float | None = param(
        0.01,
        "Slowest frequency that is kept; none for all. Slow cosines are taken out, or with a fastest "
        "frequency a Butterworth filter of 5th order is used",
        unit="Hz",
        gt=0,
    )
    low_pass: float | None = param(
        None, "Fastest frequency that is kept; none for all", unit="Hz", gt=0
    )
    columns: tuple[str, ...] = param(
        (), "Confounds to take out; none for all columns of numbers", suggest="columns"
    )


def check_clean(params: CleanParams, step: float) -> None:
    """Raise where the band is none."""
    nyquist = 0.5 / step
    low, high = params.high_pass or 0.0, params.low_pass or nyquist
    if not low < high <= nyquist:
        raise BadInput(
            f"The band is {low:g} to {high:g} Hz; it must rise, and end at most at {nyquist:.3g} Hz, half "
            "the rate of the images."
        )


def cleaned(params: CleanParams, signals: Array, step: float, confounds: Table | None) -> Array:
    """Return series (n_images, n_series) without what the parameters name."""
    from nilearn import signal

    low_pass = _edge(params.low_pass, step)
    taken_out = None
    if confounds is not None:
        taken_out = confounds_of(confounds, params.columns, len(signals)).to_numpy(float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nilearn tells of series that are constant
        found = signal.clean(
            signals,
            detrend=params.detrend,
            standardize="zscore_sample" if params.standardise else False,
            confounds=taken_out,
            filter=_filter(params, low_pass),
            low_pass=low_pass,
            high_pass=params.high_pass,
            t_r=step,
        )
    return np.asarray(found, float)


def _edge(low_pass: float | None, step: float) -> float | None:
    return None if low_pass is None or low_pass >= 0.5 / step else low_pass


def _filter(params: CleanParams, low_pass: float | None) -> str | Literal[False]:
    if low_pass is None:
        return "cosine" if params.high_pass else False
    return "butterworth"  # nilearn's goes series by series: slow for many voxels


def confounds_of(
    table: Table, columns: Sequence[str], n_images: int, name: str = "the volume"
) -> pd.DataFrame:
    """Return a row of confounds for each image: the columns named, else all columns of numbers.

    Raises
    ------
    BadInput
        A column is missing, or the rows are not as many as the images.
    """
    frame = table.frame
    missing = [each for each in columns if each not in frame]
    if missing:
        raise BadInput(
            f"The confounds of {name} have no column '{missing[0]}'. There are: "
            f"{', '.join(map(str, frame.columns[:8]))}."
        )
    frame = (frame[list(columns)] if columns else frame).select_dtypes("number").astype(float)
    if len(frame) != n_images or not frame.shape[1]:
        raise BadInput(
            f"The confounds of {name} have {len(frame)} rows and {frame.shape[1]} columns of numbers; "
            f"there are {n_images} images, and each needs its row."
        )
    if frame.shape[1] > n_images // 2:
        raise BadInput(
            f"There are {frame.shape[1]} confounds for {n_images} images of {name}; they would explain "
            "anything. Name the columns that matter, as those of motion."
        )
    return frame.fillna(frame.mean())  # derivatives begin with a gap


def images_that_count(first: Array, second: Array) -> Array:
    """Return how many independent images two series are worth, as their neighbours resemble each other.

    Parameters
    ----------
    first, second : arrays of shape (n_images, n) or (n_images, 1)

    Notes
    -----
    Bartlett 1946 with the autocorrelations of first-order processes: ``n (1 - ab) / (1 + ab)``.
    """
    n_images = len(first)
    product = np.clip(_neighbours(first) * _neighbours(second), -0.99, 0.99)
    return np.clip(n_images * (1 - product) / (1 + product), FEWEST, n_images)


def _neighbours(series: Array) -> Array:
    centred = series - series.mean(axis=0)
    power = (centred**2).sum(axis=0)
    return np.asarray((centred[1:] * centred[:-1]).sum(axis=0) / np.where(power > 0, power, 1.0))


def fisher(r: Array, count: Array) -> tuple[Array, Array, Array]:
    """Return Fisher's z score of correlations and their 95 % interval, from ``count`` images."""
    value = np.arctanh(np.clip(r, -0.999999, 0.999999))
    error = 1 / np.sqrt(np.maximum(count - 3, 1))
    return value / error, np.tanh(value - 1.96 * error), np.tanh(value + 1.96 * error)


def with_random_phases(series: Array, random: np.random.Generator) -> Array:
    """Return series (n_images, n) of the same spectra, each with phases of its own.

    Notes
    -----
    Theiler et al., Physica D 1992: whatever two of them share, they share by chance.
    """
    n_images = len(series)
    spectrum = np.fft.rfft(series, axis=0)
    turned = np.exp(2j * np.pi * random.random(spectrum.shape))
    turned[0] = 1.0
    if n_images % 2 == 0:
        turned[-1] = 1.0  # a real number stays one
    return np.asarray(np.fft.irfft(spectrum * turned, n=n_images, axis=0))


def level_of(highest: Sequence[float]) -> float:
    """Return what the largest of all reaches in 5 % of surrogates; the data count as one of them."""
    rank = int(np.ceil(0.95 * (len(highest) + 1))) - 1
    return float(np.sort(highest)[min(rank, len(highest) - 1)])
