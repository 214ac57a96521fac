"""Runs a stored classifier over windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mne
import numpy as np

from neurostudio.api import BadInput, Recording, Signals, Trials

from . import fitting, networks, pictures
from .cohort import MICROVOLTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from neurostudio.api import Context, TrainedModel

    from .apply import ClassifyParams


def restored(model: TrainedModel) -> networks.Classifier:
    """Return the network that a stored model describes, with its weights."""
    network = networks.build(model.config["arguments"])
    networks.load(network, model.weights)
    network.eval()
    return network


def signals_of(model: TrainedModel, windows: Trials) -> NDArray[np.float32]:
    """Return windows as the network takes them: its channels in its order, in microvolts."""
    channels = list(windows.epochs.ch_names)
    data = windows.epochs.get_data(picks=channels, copy=False, verbose="ERROR")
    found = np.ascontiguousarray(data * MICROVOLTS, dtype=np.float32)
    if model.config["standardise"] == "recording":
        mean = found.mean(axis=(0, 2), keepdims=True)
        found = (found - mean) / np.maximum(found.std(axis=(0, 2), keepdims=True), 1e-6)
    return found


def probabilities(
    context: Context, model: TrainedModel, windows: Trials, source: str
) -> tuple[NDArray[np.float64], Signals]:
    """Return the probability of each class for each window, and what the decision rests on."""
    network = restored(model)
    signals = signals_of(model, windows)
    found = fitting.predict(context, network, signals)
    channels = tuple(windows.epochs.ch_names)
    return found, pictures.saliency(network, signals, channels, float(model.config["rate"]), source)


def cut(recording: Recording, config: Mapping[str, Any], params: ClassifyParams) -> Trials:
    """Return the windows of a recording in the length that a model takes.

    Raises
    ------
    BadInput
        The recording is shorter than one window.
    """
    import pandas as pd

    raw = recording.raw
    length = int(config["n_times"]) / float(config["rate"])
    rate = float(raw.info["sfreq"])
    size = round(length * rate)
    step = max(1, round((params.stride or length / 2) * rate))
    starts = np.arange(0, raw.n_times - size + 1, step)
    if not len(starts):
        raise BadInput(
            f"The recording lasts {raw.n_times / rate:.3g} s; the model takes windows of {length:.3g} s. "
            "Use a longer recording."
        )
    raw = raw.copy().load_data(verbose="ERROR")
    if params.average_reference and "eeg" in raw.get_channel_types():
        raw.set_eeg_reference("average", projection=False, verbose="ERROR")
    data = raw.get_data()
    pieces = np.stack([data[:, start : start + size] for start in starts])
    events = np.stack([np.arange(len(starts)), 0 * starts, 0 * starts + 1], axis=1)
    epochs = mne.EpochsArray(
        pieces, raw.info, events, 0.0, {"window": 1},
        metadata=pd.DataFrame({"start": starts / rate}), proj=False, verbose="ERROR",
    )  # fmt: skip
    return Trials(epochs)
