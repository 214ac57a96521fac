"""Cuts one recording, or the trials of one, into windows of one shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mne
import numpy as np

from neurostudio.api import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .windows import WindowParams


def pieces_of(
    raw: Any, order: Sequence[str], channels: Sequence[str], params: WindowParams, name: str
) -> Any | None:
    """Return the windows of a recording, or None where it is too short."""
    import pandas as pd

    duration = raw.n_times / raw.info["sfreq"] - params.skip
    if duration < max(params.shortest - params.skip, params.window):
        return None
    end = min(params.skip + params.longest, (raw.n_times - 1) / raw.info["sfreq"])
    part = raw.copy().crop(params.skip, end, verbose="ERROR").load_data(verbose="ERROR")
    part = _shaped(part, order, channels)
    _apply(part, params)
    data = part.get_data()
    _level(data, params)
    size = round(params.window * params.rate)
    step = max(1, round((params.stride or params.window) * params.rate))
    starts = np.arange(0, data.shape[-1] - size + 1, step)
    if not len(starts):
        return None
    pieces = np.stack([data[:, start : start + size] for start in starts])
    frame = pd.DataFrame(
        {
            "recording": [name] * len(starts),
            "start": params.skip + starts / params.rate,
        }
    )
    return _epochs(pieces, part.info, frame, {"window": 1}, np.ones(len(starts), dtype=int))


def window_of_trials(
    epochs: Any, order: Sequence[str], channels: Sequence[str], params: WindowParams, name: str
) -> Any | None:
    """Return one or more windows of each trial, or None where trials are too short."""
    import pandas as pd

    part = _shaped(epochs.copy().load_data(), order, channels)
    _apply(part, params)
    data = part.get_data(copy=True, verbose="ERROR")
    _level(data, params)
    size = round(params.window * params.rate)
    if data.shape[-1] < size - 1:
        return None
    size = min(size, data.shape[-1])
    step = max(1, round((params.stride or params.window) * params.rate))
    starts = np.arange(0, data.shape[-1] - size + 1, step)
    rows = np.repeat(np.arange(len(data)), len(starts))
    pieces = np.stack(
        [data[row, :, start : start + size] for row in range(len(data)) for start in starts]
    )
    frame = (
        pd.DataFrame({})
        if epochs.metadata is None
        else epochs.metadata.iloc[rows].reset_index(drop=True)
    )
    words = {code: word for word, code in epochs.event_id.items()}
    codes = part.events[rows, 2]
    frame = frame.assign(start=epochs.tmin + np.tile(starts, len(data)) / params.rate)
    if "recording" not in frame:
        frame["recording"] = frame.get("subject", name)
    if "event" not in frame:
        frame["event"] = [words[code] for code in codes]
    return _epochs(pieces, part.info, frame, dict(epochs.event_id), codes)


def _shaped(part: Any, order: Sequence[str], channels: Sequence[str]) -> Any:
    part.pick(list(order), verbose="ERROR").reorder_channels(list(order))
    renamed = {a: b for a, b in zip(order, channels, strict=True) if a != b}
    if renamed:
        part.rename_channels(renamed, verbose="ERROR")
    return part


def _apply(part: Any, params: WindowParams) -> None:
    part.apply_function(
        lambda values: values.clip(-params.clip, params.clip), picks="all", verbose="ERROR"
    )
    if part.info["sfreq"] != params.rate:
        part.resample(params.rate, verbose="ERROR")


def _level(data: Any, params: WindowParams) -> None:
    """Re-reference and standardise in place; the channels are the last axis but one."""
    if params.reference == "average":
        data -= data.mean(axis=-2, keepdims=True)
    if not params.standardise:
        return
    axes = (-1,) if data.ndim == 2 else (0, -1)
    for _ in range(2):
        mean, spread = data.mean(axis=axes, keepdims=True), data.std(axis=axes, keepdims=True)
        data -= mean
        data /= np.maximum(spread, 1e-12)
        np.clip(data, -2, 2, out=data)
    data *= 1e-6


def _epochs(pieces: Any, info: Any, frame: Any, codes: dict[str, int], kinds: Any) -> Any:
    count = len(pieces)
    events = np.stack([np.arange(count), np.zeros(count, dtype=int), kinds], axis=1)
    present = {
        word: code for word, code in codes.items() if code in set(np.asarray(kinds).tolist())
    }
    return mne.EpochsArray(
        pieces, info, events, 0.0, present, metadata=frame, proj=False, verbose="ERROR"
    )


def joined(cut: Sequence[Any]) -> Any:
    """Return the windows of all recordings as one.

    Raises
    ------
    BadInput
        The windows differ in length.
    """
    import pandas as pd

    sizes = {len(each.times) for each in cut}
    if len(sizes) > 1:
        raise BadInput(
            f"The windows have {min(sizes)} and {max(sizes)} samples. Choose shorter windows."
        )
    words = sorted({word for each in cut for word in each.event_id})
    codes = {word: number for number, word in enumerate(words, 1)}
    kinds = []
    for each in cut:
        old = {code: word for word, code in each.event_id.items()}
        kinds += [codes[old[code]] for code in each.events[:, 2]]
    data = np.concatenate([each.get_data(copy=False, verbose="ERROR") for each in cut])
    frame = pd.concat([each.metadata for each in cut], ignore_index=True)
    return _epochs(data, cut[0].info, frame, codes, np.array(kinds))
