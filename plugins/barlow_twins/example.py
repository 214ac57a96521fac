"""Digits, windows with a planted rhythm, and small volumes with a planted ball."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from neurostudio.api import Context, Example, ImageStack, Table, TrainedModel, Trials, Volume

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Items

N_CHANNELS, RATE, SECONDS = 8, 100.0, 2.0
SMALL = {"epochs": 2, "picture_size": 16, "probe_labels": 5}


def digit_stack(n: int = 1797, tested: int = 500) -> ImageStack:
    """Return digits of scikit-learn, 8 × 8, in a random order of seed 0; the last ``tested`` are marked.

    These are real pictures, written by hand.
    """
    import xarray
    from sklearn.datasets import load_digits

    digits: Any = load_digits()
    order = np.random.default_rng(0).permutation(len(digits.images))[:n]
    part = np.array(["train"] * (n - tested) + ["test"] * tested)
    coords = {
        "id": ("item", np.array([f"digit_{row:04d}" for row in order])),
        "label": ("item", digits.target[order].astype(str)),
        "part": ("item", part),
    }
    values = (digits.images[order] / 16).astype(np.float32)
    return ImageStack(xarray.DataArray(values, dims=("item", "y", "x"), coords=coords))


def planted_windows(n: int = 300, seed: int = 0, subjects: int = 10) -> Trials:
    """Return windows of 2 s and 8 channels at 100 Hz with one of four planted rhythms.

    Class c adds 6 + 4c Hz with a random phase and an amplitude of 0.8 to 1.2 on a fixed pattern over the
    channels, to noise of 1 / f with a spread of 1, times a gain of 0.5 to 2 a window. The class is what an
    embedding must keep; gain and phase are what it must drop. One unit is a microvolt.
    """
    import mne
    import pandas as pd

    random = np.random.default_rng(seed)
    patterns = np.random.default_rng(99).standard_normal((4, N_CHANNELS))
    classes = random.permutation(np.arange(n) % 4)
    times = np.arange(round(SECONDS * RATE)) / RATE
    phase = random.uniform(0, 2 * np.pi, n)
    amplitude = random.uniform(0.8, 1.2, n)
    gain = np.exp(random.uniform(np.log(0.5), np.log(2), n))
    wave = amplitude[:, None] * np.sin(
        2 * np.pi * (6 + 4 * classes)[:, None] * times + phase[:, None]
    )
    values = _one_over_f(random, (n, N_CHANNELS, len(times)))
    values = (values + patterns[classes][:, :, None] * wave[:, None]) * gain[:, None, None]
    info = mne.create_info([f"E{k + 1}" for k in range(N_CHANNELS)], RATE, "eeg", verbose="ERROR")
    events = np.stack([np.arange(n), np.zeros(n, int), np.ones(n, int)], axis=1)
    epochs = mne.EpochsArray(1e-6 * values, info, events, 0.0, {"window": 1}, verbose="ERROR")
    with mne.utils.use_log_level("ERROR"):
        epochs.metadata = pd.DataFrame(
            {
                "id": [f"window_{k:04d}" for k in range(n)],
                "label": [f"{6 + 4 * c} Hz" for c in classes],
                "subject": [f"subject_{k % subjects:02d}" for k in range(n)],
                "gain": gain,
                "simulated": True,
            }
        )
    return Trials(epochs)


def _one_over_f(random: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(random.standard_normal(shape), axis=-1)
    spectrum /= np.sqrt(np.maximum(np.arange(spectrum.shape[-1]), 1))
    values = np.fft.irfft(spectrum, n=shape[-1], axis=-1)
    return np.asarray(values / values.std(axis=-1, keepdims=True))


def planted_volumes(n: int = 32, edge: int = 16, seed: int = 0) -> tuple[Volume, ...]:
    """Return noisy cubes with a bright ball in their left or right half, and a brightness of their own."""
    import nibabel

    random = np.random.default_rng(seed)
    at = np.stack(np.meshgrid(*[np.arange(edge)] * 3, indexing="ij"))
    found = []
    for k in range(n):
        centre = random.uniform(0.3, 0.7, 3) * edge
        centre[0] = edge * (0.25 if k % 2 else 0.75)
        ball = ((at - centre[:, None, None, None]) ** 2).sum(axis=0) < (0.2 * edge) ** 2
        values = random.uniform(0.5, 2) * (ball * 3 + random.standard_normal((edge,) * 3))
        image = nibabel.Nifti1Image(values.astype(np.float32), np.diag([4.0, 4.0, 4.0, 1.0]))
        image.header["descrip"] = b"simulated"
        found.append(Volume(image))
    return tuple(found)


def names_of_volumes(n: int = 32) -> tuple[str, ...]:
    """Return the names of planted volumes."""
    return tuple(f"head_{k:02d}" for k in range(n))


def people_of_volumes(n: int = 32) -> Table:
    """Return who the planted volumes are of, in another order than theirs."""
    import pandas as pd

    order = np.random.default_rng(1).permutation(n)
    names = names_of_volumes(n)
    return Table(
        pd.DataFrame(
            {
                "participant_id": [names[k] for k in order],
                "label": ["left" if k % 2 else "right" for k in order],
            }
        )
    )


@cache
def small_digits() -> ImageStack:
    """Return 400 digits."""
    return digit_stack(400, 112)


@cache
def small_model() -> TrainedModel:
    """Return twins trained on 400 digits for 2 epochs."""
    from .declaring import PictureParams
    from .pretraining import pretrain_pictures

    params = PictureParams.model_validate(SMALL | {"controls": ()})
    result = pretrain_pictures(Context(), params, pictures=small_digits())
    return cast("TrainedModel", result["model"])


def pictures() -> Example:
    """Return 400 digits, for two epochs."""
    return Example(SMALL, {"pictures": small_digits()})


def windows() -> Example:
    """Return 300 windows with one of four planted rhythms."""
    return Example({"epochs": 2}, {"windows": planted_windows()})


def volumes() -> Example:
    """Return 32 small volumes, and a table that names them in another order."""
    params = {"epochs": 2, "edge": 16, "batch_size": 8, "probe_labels": 3, "projector_width": 64}
    items: Items = {"volumes": planted_volumes(), "people": people_of_volumes()}
    return Example(params, items, {"volumes": names_of_volumes()})


def preview() -> Example:
    """Return digits, of which eight are shown."""
    return Example({"picture_size": 16}, {"samples": (small_digits(),)})


def apply() -> Example:
    """Return small twins, and the digits."""
    return Example({}, {"model": small_model(), "samples": (small_digits(),)})


def evaluate() -> Example:
    """Return small twins, and the digits with their labels."""
    params = {"labels_per_class": (1, 5), "draws": 3}
    return Example(params, {"model": small_model(), "samples": (small_digits(),)})


def tune() -> Example:
    """Return small twins, and the digits with their labels."""
    params = {"epochs": 3, "labels_per_class": 5}
    return Example(params, {"model": small_model(), "samples": (small_digits(),)})
