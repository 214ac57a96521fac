"""Three planted sources: blinks at the front, alpha at the back, and a heart beat."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

import numpy as np

from neurostudio.api import Context, Example, Recording, TrainedModel
from neurostudio.learning.planted import CHANNELS, info_of, pink, recording_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

RATE = 100.0
SMALL = {"algorithm": "infomax", "components": 6, "classify": False, "compare_with": ("VEOG",)}


def sources(seed: int = 0, seconds: float = 40.0) -> tuple[Array, Array]:
    """Return blinks, alpha and heart (3, n_times), and how each reaches the channels (n_channels, 3)."""
    random = np.random.default_rng(seed)
    times = np.arange(round(seconds * RATE)) / RATE
    blinks = np.zeros_like(times)
    for onset in np.arange(1.0, seconds - 1, 3.3) + random.uniform(0, 1):
        blinks += np.exp(-0.5 * ((times - onset) / 0.08) ** 2)
    alpha = np.sin(2 * np.pi * 10 * times) * (1 + np.sin(2 * np.pi * 0.2 * times)) / 2
    heart = np.exp(-0.5 * (((times % 0.85) - 0.4) / 0.02) ** 2)
    places = info_of(CHANNELS, RATE).get_montage().get_positions()["ch_pos"]
    y = np.array([places[name][1] for name in CHANNELS]) / 0.1
    x = np.array([places[name][0] for name in CHANNELS]) / 0.1
    reach = np.stack(
        [120e-6 * np.exp(3 * (y - 1)), 25e-6 * np.exp(-3 * (y + 1)), 15e-6 * x], axis=1
    )
    return np.stack([blinks, alpha, heart]), reach


@cache
def recording(seed: int = 0) -> Recording:
    """Return 40 s of 20 channels and an eye channel: noise of 3 µV and the three sources."""
    random = np.random.default_rng(seed + 1)
    courses, reach = sources(seed)
    values = pink(random, (len(CHANNELS), courses.shape[1]), 3e-6) + reach @ courses
    eye = 150e-6 * courses[:1] + pink(random, (1, courses.shape[1]), 10e-6)
    kinds = ["eeg"] * len(CHANNELS) + ["eog"]
    return recording_of(np.vstack([values, eye]), info_of([*CHANNELS, "VEOG"], RATE, kinds))


@cache
def model() -> TrainedModel:
    """Return the decomposition of the recording."""
    from .fitting import FitParams, fit_ica

    result = fit_ica(Context(), FitParams.model_validate(SMALL), signals=recording())
    return cast("TrainedModel", result["ica"])


def example() -> Example:
    """Return the recording, to be decomposed."""
    return Example(SMALL, {"signals": recording()})


def remove() -> Example:
    """Return the recording and its decomposition; the first component is taken out."""
    return Example({"components": ("ICA000",)}, {"signals": recording(), "ica": model()})
