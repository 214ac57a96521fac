"""From continuous recordings to trials and windows."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Lines,
    Number,
    Params,
    Recording,
    Result,
    Sheet,
    Trials,
    method,
    param,
)

from .signals import memory, picked, scale_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import mne
    import pandas as pd

    from neurostudio.api import Items, View


class CutParams(Params):
    """Parameters of :func:`cut_trials`."""

    events: tuple[str, ...] = param((), "Events to cut at; none for all", suggest="events")
    start: float = param(-0.2, "Begin of a trial relative to its event", unit="s", ge=-600, le=600)
    end: float = param(0.8, "End of a trial relative to its event", unit="s", ge=-600, le=600)
    baseline: bool = param(True, "Subtract the mean of the time before the event")
    keep_bad: bool = param(False, "Keep trials that overlap a stretch marked as bad", advanced=True)


def _check_cut(params: CutParams, items: Items) -> None:
    if params.start >= params.end:
        raise BadInput(
            f"Trials would begin at {params.start:g} s and end at {params.end:g} s. "
            "The end must be the later one."
        )
    if params.baseline and params.start >= 0:
        raise BadInput(
            f"Trials begin at {params.start:g} s, so nothing lies before the event for a baseline. "
            "Begin earlier, or switch the baseline off."
        )
    del items


@method(group="Preprocess", memory=memory, check=_check_cut, example="cut")
def cut_trials(context: Context, params: CutParams, recordings: tuple[Recording, ...]) -> Result:
    """Cut recordings into trials around events."""
    names = named(context, "recordings", len(recordings))
    cut = []
    for name, recording in context.track(
        list(zip(names, recordings, strict=True)), "Cutting", total=len(recordings)
    ):
        epochs = _trials_of(recording.raw, name, params)
        if epochs is not None:
            cut.append(epochs)
    if not cut:
        raise BadInput(
            f"None of the {len(recordings)} recordings has a trial of the events chosen "
            f"({', '.join(params.events) or 'any'}). Choose other events or a shorter window."
        )
    trials = Trials(joined(cut))
    return Result(
        data={"trials": trials},
        views=(_averages(trials.epochs), _counts(trials.epochs)),
        numbers={
            "trials": Number(len(trials.epochs.events)),
            "recordings": Number(len(cut), note=f"of {len(recordings)} given"),
        },
    )


def _trials_of(raw: Any, name: str, params: CutParams) -> mne.BaseEpochs | None:
    import mne

    events, codes = _events_of(raw, params.events)
    if not len(events):
        return None
    epochs = mne.Epochs(
        raw,
        events,
        codes,
        tmin=params.start,
        tmax=params.end,
        baseline=(None, 0) if params.baseline else None,
        reject_by_annotation=not params.keep_bad,
        preload=True,
        event_repeated="drop",
        on_missing="ignore",
        verbose="ERROR",
    )
    if not len(epochs):
        return None
    words = {code: word for word, code in epochs.event_id.items()}
    onsets = (epochs.events[:, 0] - raw.first_samp) / raw.info["sfreq"]
    epochs.metadata = _columns(name, [words[code] for code in epochs.events[:, 2]], onsets)
    return epochs


def _events_of(
    raw: Any, wanted: Sequence[str]
) -> tuple[np.ndarray[Any, np.dtype[np.int64]], dict[str, int]]:
    """Return events of the annotations, or of the stimulus channels where nothing is annotated."""
    import mne

    words = [str(word) for word in raw.annotations.description]
    if any(not word.upper().startswith(("BAD", "EDGE")) for word in words):
        chosen = [word for word in dict.fromkeys(words) if not wanted or word in wanted]
        chosen = [word for word in chosen if not word.upper().startswith(("BAD", "EDGE"))]
        codes = {word: number for number, word in enumerate(sorted(chosen), 1)}
        if not codes:
            return np.empty((0, 3), dtype=np.int64), {}
        events, _ = mne.events_from_annotations(raw, event_id=codes, verbose="ERROR")
        return events, codes
    if "stim" not in raw.get_channel_types():
        return np.empty((0, 3), dtype=np.int64), {}
    events = mne.find_events(raw, shortest_event=1, verbose="ERROR")
    codes = {str(code): int(code) for code in np.unique(events[:, 2])}
    codes = {word: code for word, code in codes.items() if not wanted or word in wanted}
    return events[np.isin(events[:, 2], list(codes.values()))], codes


class WindowParams(Params):
    """Parameters of :func:`cut_windows`."""

    length: float = param(2.0, "Length of a window", unit="s", gt=0, le=3600)
    stride: float | None = param(
        None,
        "From the begin of one window to the next; none for no overlap",
        unit="s",
        gt=0,
        le=3600,
    )
    keep_bad: bool = param(
        False, "Keep windows that overlap a stretch marked as bad", advanced=True
    )


@method(group="Preprocess", memory=memory, example="windows")
def cut_windows(
    context: Context, params: WindowParams, signals: tuple[Recording | Trials, ...]
) -> Result:
    """Cut recordings or trials into windows of one length."""
    names = named(context, "signals", len(signals))
    cut = []
    for name, each in context.track(list(zip(names, signals, strict=True)), "Cutting"):
        epochs = _windows_of(each, name, params)
        if epochs is not None:
            cut.append(epochs)
    if not cut:
        raise BadInput(
            f"Nothing given is as long as one window of {params.length:g} s. Choose a shorter window."
        )
    windows = Trials(joined(cut))
    return Result(
        data={"windows": windows},
        views=(_counts(windows.epochs),),
        numbers={"windows": Number(len(windows.epochs.events))},
    )


def _windows_of(
    signals: Recording | Trials, name: str, params: WindowParams
) -> mne.BaseEpochs | None:
    import mne

    stride = params.stride or params.length
    if isinstance(signals, Trials):
        return _windows_of_trials(signals.epochs, params.length, stride)
    raw = signals.raw
    rate = float(raw.info["sfreq"])
    length = round(params.length * rate)
    starts = np.arange(0, raw.n_times - length + 1, max(1, round(stride * rate)))
    if not len(starts):
        return None
    events = np.stack([starts + raw.first_samp, 0 * starts, 0 * starts + 1], axis=1)
    epochs = mne.Epochs(
        raw,
        events,
        {"window": 1},
        tmin=0,
        tmax=(length - 1) / rate,
        baseline=None,
        reject_by_annotation=not params.keep_bad,
        preload=True,
        verbose="ERROR",
    )
    if not len(epochs):
        return None
    onsets = (epochs.events[:, 0] - raw.first_samp) / rate
    epochs.metadata = _columns(name, ["window"] * len(epochs), onsets)
    return epochs


def _windows_of_trials(epochs: Any, length: float, stride: float) -> mne.BaseEpochs | None:
    import mne

    rate = float(epochs.info["sfreq"])
    size = round(length * rate)
    starts = np.arange(0, len(epochs.times) - size + 1, max(1, round(stride * rate)))
    if not len(starts):
        return None
    data = epochs.get_data(copy=False, verbose="ERROR")
    pieces = np.concatenate([data[:, :, start : start + size] for start in starts])
    rows = np.tile(np.arange(len(data)), len(starts))
    events = epochs.events[rows].copy()
    events[:, 0] = np.arange(len(rows))
    cut = mne.EpochsArray(
        pieces, epochs.info, events, 0.0, epochs.event_id, proj=False, verbose="ERROR"
    )
    if epochs.metadata is not None:
        frame = epochs.metadata.iloc[rows].reset_index(drop=True)
        cut.metadata = frame.assign(start=np.repeat(starts / rate + epochs.tmin, len(data)))
    return cut


def named(context: Context, given: str, count: int) -> tuple[str, ...]:
    """Return the names of the items given to an input, numbers where a caller gave none."""
    names = context.names.get(given, ())
    return names if len(names) == count else tuple(f"{given}_{k}" for k in range(1, count + 1))


def _columns(name: str, words: Sequence[str], onsets: Any) -> pd.DataFrame:
    import pandas as pd

    subject = re.match(r"(sub[-_][A-Za-z0-9]+|S\d{3}(?=R\d{2}))", name)
    return pd.DataFrame(
        {
            "recording": [name] * len(words),
            "subject": [subject.group(1) if subject else name] * len(words),
            "event": list(words),
            "onset": np.asarray(onsets, dtype=float),
        }
    )


def joined(cut: Sequence[Any]) -> Any:
    """Return epochs of several recordings as one; what does not fit is said in words.

    Raises
    ------
    BadInput
        The recordings differ in their channels or sampling rates.
    """
    import mne

    first = cut[0]
    for each in cut[1:]:
        if each.info["sfreq"] != first.info["sfreq"]:
            raise BadInput(
                f"The recordings have {first.info['sfreq']:g} and {each.info['sfreq']:g} samples a "
                "second. Resample them to one rate first."
            )
        if set(each.ch_names) != set(first.ch_names):
            odd = sorted(set(each.ch_names) ^ set(first.ch_names))
            raise BadInput(
                f"The recordings differ in {len(odd)} channels: {', '.join(odd[:3])}. "
                "Pick the channels that all have."
            )
    if len(cut) == 1:
        return first
    codes = {w: k for k, w in enumerate(sorted({w for each in cut for w in each.event_id}), 1)}
    bads = sorted({name for each in cut for name in each.info["bads"]})
    for each in cut:
        words = {code: codes[word] for word, code in each.event_id.items()}
        each.events[:, 2] = [words[code] for code in each.events[:, 2]]
        each.event_id = {word: codes[word] for word in each.event_id}
        each.reorder_channels(first.ch_names)
        each.info["bads"] = [name for name in bads if name in each.ch_names]
        with each.info._unlock():
            each.info["dev_head_t"] = first.info["dev_head_t"]
    frames = [each.metadata for each in cut]
    whole = mne.concatenate_epochs(
        list(cut), add_offset=True, on_mismatch="ignore", verbose="ERROR"
    )
    if all(frame is not None for frame in frames):
        import pandas as pd

        whole.metadata = pd.concat(frames, ignore_index=True)
    return whole


def _averages(epochs: Any) -> Lines:
    names = picked(epochs)
    factor, unit = scale_of(epochs, names)
    words = list(epochs.event_id)[:8]
    means = []
    for word in words:
        data = epochs[word].get_data(picks=names, copy=False, verbose="ERROR")
        means.append(data.mean(axis=0).std(axis=0) * factor)
    return Lines(
        x=np.asarray(epochs.times, dtype=float),
        y=np.stack(means),
        names=tuple(words),
        x_label="time from the event",
        x_unit="s",
        y_label="spread of the average over channels",
        y_unit=unit,
        marks={"event": 0.0} if epochs.tmin <= 0 <= epochs.tmax else {},
        title="Average response",
        caption="Global field power of the mean over trials, one line an event.",
    )


def _counts(epochs: Any) -> View:
    frame = epochs.metadata
    if frame is None:
        return Sheet({"event": list(epochs.event_id)}, title="Events")
    columns = [name for name in ("recording", "event") if name in frame]
    counts = Counter(frame[columns].itertuples(index=False, name=None))
    rows = sorted(counts.items(), key=str)
    found = {name: [str(key[k]) for key, _ in rows] for k, name in enumerate(columns)}
    return Sheet({**found, "trials": [count for _, count in rows]}, title="Trials by recording")
