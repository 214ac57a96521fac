"""Two simulated clinics that differ as real ones do, with a planted pathology (``two_clinics``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Trials

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

NAMES = (
    "Fp1", "Fz", "C3", "Cz", "C4", "P3", "Pz", "O1", "Fp2", "F3", "F4", "F7", "F8", "T3", "T4",
    "P4", "T5", "T6", "O2", "A1", "A2",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clinics:
    """Sizes and strengths of the simulation."""

    n_channels: int = 8
    rate: float = 50.0
    n_times: int = 300
    n_windows: int = 4
    severity: float = 0.45
    label_noise: float = 0.05
    seed: int = 0


def two_clinics(
    settings: Clinics, *, source: tuple[int, int], target: tuple[int, int]
) -> tuple[Trials, Trials]:
    """Return the windows of a source and of a target clinic, with the truth in their columns.

    Parameters
    ----------
    settings
        Sizes and strengths.
    source, target
        How many recordings are for training and for testing.
    """
    random = np.random.default_rng(settings.seed)
    c = settings.n_channels
    mixing = np.eye(c) + 0.35 * random.standard_normal((c, c))
    moved = mixing + 0.25 * random.standard_normal((c, c))
    first = _clinic(random, settings, mixing, source, target=False)
    second = _clinic(random, settings, moved, target, target=True)
    return first, second


def _clinic(
    random: np.random.Generator,
    settings: Clinics,
    mixing: Array,
    sizes: tuple[int, int],
    *,
    target: bool,
) -> Trials:
    import mne
    import pandas as pd

    n_train, n_test = sizes
    place = "target" if target else "source"
    signals: list[Array] = []
    rows: list[dict[str, Any]] = []
    for number in range(n_train + n_test):
        truth = _person(random, settings, target=target)
        windows = _record(random, settings, mixing, truth, target=target)
        ill = bool(truth["ill"])
        part = "train" if number < n_train else "test"
        flipped = part == "train" and random.random() < settings.label_noise
        for k, each in enumerate(windows):
            signals.append(each)
            rows.append(
                {
                    "recording": f"{place}_{number:04d}",
                    "subject": f"{place}_{number:04d}",
                    "label": "abnormal" if ill != flipped else "normal",
                    "start": k * settings.n_times / settings.rate,
                    "part": part,
                    "true_label": "abnormal" if ill else "normal",
                    "kind": truth["kind"],
                    "alpha": truth["alpha"],
                    "affected_channel": truth["channel"],
                    "simulated": True,
                }
            )
    names = list(NAMES[: settings.n_channels])
    info = mne.create_info(names, settings.rate, "eeg", verbose="ERROR")
    events = np.stack([np.arange(len(rows)), np.zeros(len(rows)), np.ones(len(rows))], axis=1)
    epochs = mne.EpochsArray(
        np.stack(signals) * 1e-6, info, events.astype(int), 0.0, {"window": 1},
        metadata=pd.DataFrame(rows), proj=False, verbose="ERROR",
    )  # fmt: skip
    return Trials(epochs)


def _person(random: np.random.Generator, settings: Clinics, *, target: bool) -> dict[str, Any]:
    """Draw one person: steps 1 and 2 of the simulator."""
    v = settings.severity
    truth: dict[str, Any] = {
        "ill": random.random() < 0.5,
        "alpha": random.normal(9.6 if target else 10.2, 0.9),
        "a": 1.1 * random.lognormal(0, 0.35),
        "b": 0.7 * random.lognormal(0, 0.3),
        "m": 0.35 * random.lognormal(-0.3, 0.4) * (0.6 if target else 1.0),
    }
    focal = random.random() < 0.5
    channel = int(random.integers(settings.n_channels))
    weight = np.zeros(settings.n_channels)
    if truth["ill"]:
        truth["alpha"] -= 2.2 * v
        truth["a"] *= 1 - 0.5 * v
        if focal:
            weight[channel] = 1.0
            for near in (channel - 1, channel + 1):
                if 0 <= near < settings.n_channels:
                    weight[near] = 0.5
        else:
            weight[:] = 0.5
    truth["kind"] = ("focal" if focal else "diffuse") if truth["ill"] else "none"
    truth["channel"] = NAMES[channel] if truth["kind"] == "focal" else ""
    truth["q"] = weight
    return truth


def _record(
    random: np.random.Generator,
    settings: Clinics,
    mixing: Array,
    truth: dict[str, Any],
    *,
    target: bool,
) -> Array:
    """Return the windows of one person in microvolts: steps 3 and 4 of the simulator."""
    f = np.fft.rfftfreq(settings.n_times, 1 / settings.rate)
    back = np.linspace(0.2, 1.0, settings.n_channels)[:, None]
    spectrum = (
        truth["b"] / np.maximum(f, 0.8) ** 0.75
        + back * truth["a"] * np.exp(-0.5 * ((f - truth["alpha"]) / 0.9) ** 2)
        + 0.25 * truth["m"] * (f > 15)
        + 1.1 * settings.severity * truth["q"][:, None] * np.exp(-0.5 * ((f - 2.2) / 1.1) ** 2)
    )
    if target:
        spectrum = spectrum + 0.5 * np.exp(-0.5 * ((f - 16.5) / 0.15) ** 2)
    shape = (settings.n_windows, settings.n_channels, len(f))
    noise = random.standard_normal(shape) + 1j * random.standard_normal(shape)
    waves = np.fft.irfft(noise * spectrum, n=settings.n_times, axis=-1) * np.sqrt(
        settings.n_times / 2
    )
    mixed = np.einsum("cd,ndt->nct", mixing, waves)
    mixed -= mixed.mean(axis=1, keepdims=True)
    gain = random.lognormal(0, 0.2) * (1.5 if target else 1.0)
    return np.asarray(8 * gain * mixed)
