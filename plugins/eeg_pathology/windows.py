"""Windows of EEG with labels joined by name: what every other method of this plugin works on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from neurostudio.api import (
    BadInput,
    Context,
    Estimate,
    Items,
    Number,
    Params,
    Recording,
    Result,
    Sheet,
    Table,
    Trials,
    method,
    param,
)
from neurostudio.montage import match, normalised

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

CLINICAL = (
    "A1", "A2", "C3", "C4", "Cz", "F3", "F4", "F7", "F8", "Fp1", "Fp2", "Fz", "O1", "O2", "P3",
    "P4", "Pz", "T3", "T4", "T5", "T6",
)  # fmt: skip


class WindowParams(Params):
    """Parameters of :func:`prepare_windows`."""

    label: str = param(
        "label", "Column with the label, of the people or of the trials", suggest="columns"
    )
    key: str = param("participant_id", "Column of the people that names the recording or the subject",
                     suggest="columns")  # fmt: skip
    skip: float = param(60.0, "Dropped at the start of a recording", unit="s", ge=0, le=600)
    longest: float = param(1200.0, "Kept of a recording after that", unit="s", ge=10, le=7200)
    shortest: float = param(
        300.0, "Shorter recordings are left out and listed", unit="s", ge=0, le=7200
    )
    channels: tuple[str, ...] = param(
        CLINICAL, "Channels, matched by name; none for all EEG channels that every recording has",
        suggest="channels",
    )  # fmt: skip
    clip: float = param(8e-4, "Values beyond this are cut off", unit="V", ge=1e-6, le=1)
    rate: float = param(
        100.0, "Sampling rate after an anti-alias filter", unit="Hz", ge=10, le=1000
    )
    reference: Literal["average", "none"] = param(
        "average", "Potentials against the mean of all, or as they are"
    )
    standardise: bool = param(
        False,
        "Bring each channel of a recording to mean 0 and spread 1 µV (clipped at 2 s.d.)",
        advanced=True,
    )
    window: float = param(60.0, "Length of a window", unit="s", ge=0.5, le=600)
    stride: float | None = param(
        None, "From the begin of one window to the next; none for no overlap", unit="s", ge=0.1, le=600,
        advanced=True,
    )  # fmt: skip

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Clinical recordings": {},
        "Short windows": {"window": 6.0},
        "Trials of one second": {
            "window": 1.0, "skip": 0.0, "shortest": 0.0, "channels": (), "label": "event",
        },
    }  # fmt: skip


def _memory(params: WindowParams, items: Items) -> Estimate:
    given = items["recordings"]
    each = given if isinstance(given, tuple) else (given,)
    overlap = params.window / (params.stride or params.window)
    return Estimate(round((1 + 2 * overlap) * sum(one.nbytes() for one in each)))


@method(group="Preprocess", title="Prepare windows", memory=_memory, example="prepare")
def prepare_windows(
    context: Context,
    params: WindowParams,
    recordings: tuple[Recording | Trials, ...],
    people: Table | None = None,
) -> Result:
    """Cut recordings or trials into windows of one shape, with labels joined by name."""
    from .pieces import joined, pieces_of, window_of_trials

    given = context.names.get("recordings", ())
    names = (
        given
        if len(given) == len(recordings)
        else tuple(f"recording_{k}" for k in range(1, len(recordings) + 1))
    )
    facts = _facts(names, recordings, people, params)
    channels = _channels(recordings, names, params)
    short: list[str] = []
    cut = []
    for name, each in context.track(list(zip(names, recordings, strict=True)), "Cutting windows"):
        wanted = match(channels, _eeg(each))
        order = [wanted[channel] for channel in channels]
        if isinstance(each, Trials):
            epochs = window_of_trials(each.epochs, order, channels, params, name)
        else:
            epochs = pieces_of(each.raw, order, channels, params, name)
        if epochs is None:
            short.append(name)
        else:
            cut.append(_labelled(epochs, facts.get(name, {}), params))
    if not cut:
        raise BadInput(
            f"All {len(recordings)} recordings are shorter than {max(params.shortest, params.window):g} s. "
            "Lower 'shortest' or the window."
        )
    windows = Trials(joined(cut))
    frame = windows.epochs.metadata
    if short:
        context.say(f"Left out because they are too short: {', '.join(short)}")
    return Result(
        data={"windows": windows},
        views=(_counts(frame), *_associations(people, facts, params)),
        numbers={
            "windows": Number(len(frame), note=f"of {params.window:g} s"),
            "recordings": Number(len(cut), note=f"left out: {', '.join(short[:3]) or 'none'}"),
            "channels": Number(len(channels)),
        },
    )


def _eeg(signals: Recording | Trials) -> list[str]:
    inside = signals.raw if isinstance(signals, Recording) else signals.epochs
    kinds = inside.get_channel_types()
    return [
        name
        for name, kind in zip(inside.ch_names, kinds, strict=True)
        if kind in {"eeg", "ecog", "seeg"} and name not in inside.info["bads"]
    ]


def _channels(
    recordings: Sequence[Recording | Trials], names: Sequence[str], params: WindowParams
) -> list[str]:
    """Return the common channels in alphabetical order, or say who lacks which."""
    if params.channels:
        wanted = sorted(params.channels)
        for name, each in zip(names, recordings, strict=True):
            missing = [channel for channel in wanted if channel not in match(wanted, _eeg(each))]
            if missing:
                raise BadInput(
                    f"{name} has {len(wanted) - len(missing)} of the {len(wanted)} channels; "
                    f"{', '.join(missing[:3])} missing. Interpolate them, or choose other channels "
                    "(none for all that every recording has)."
                )
        return wanted
    shared = set.intersection(*[{normalised(name) for name in _eeg(each)} for each in recordings])
    if not shared:
        raise BadInput("The recordings have no EEG channel in common. Name the channels.")
    return sorted(name for name in _eeg(recordings[0]) if normalised(name) in shared)


def _facts(
    names: Sequence[str],
    recordings: Sequence[Recording | Trials],
    people: Table | None,
    params: WindowParams,
) -> dict[str, dict[str, Any]]:
    """Return the row of people that belongs to each recording, joined by name and never by order."""
    if people is None:
        bare = [
            n for n, each in zip(names, recordings, strict=True) if not isinstance(each, Trials)
        ]
        if bare:
            raise BadInput(
                f"{len(bare)} recordings have no labels ({', '.join(bare[:3])}). "
                "Choose a table of people with a label for each."
            )
        return {}
    frame = people.frame
    for column in (params.key, params.label):
        if column not in frame.columns:
            raise BadInput(
                f"The table has no column '{column}'. It has: {', '.join(map(str, frame.columns[:12]))}."
            )
    keys = [str(key) for key in frame[params.key]]
    _refuse("are twice in the table", sorted({key for key in keys if keys.count(key) > 1}))
    rows = {_plain(key): row for row, key in enumerate(keys)}
    found = {name: _row_of(name, rows) for name in names}
    _refuse("have no row in the table", [name for name, row in found.items() if row is None])
    used = {row for row in found.values() if row is not None}
    _refuse("have no recording", [key for row, key in enumerate(keys) if row not in used])
    return {
        name: {"subject": keys[row], **{str(k): v for k, v in frame.iloc[row].items()}}
        for name, row in found.items()
        if row is not None
    }


def _refuse(what: str, names: Sequence[str]) -> None:
    if names:
        raise BadInput(
            f"{len(names)} keys {what}: {', '.join(names[:3])}. "
            "Every recording needs exactly one row of people, and every row a recording."
        )


def _plain(key: str) -> str:
    return re.sub(r"\W+", "_", key).strip("_").lower()


def _row_of(name: str, rows: Mapping[str, int]) -> int | None:
    """Return the row whose key is the name, or the subject in the name (``sub-01_task-rest``)."""
    plain = _plain(name)
    if plain in rows:
        return rows[plain]
    subject = re.match(r"(sub_)?([a-z0-9]+)", plain)
    tried = (f"sub_{subject.group(2)}", subject.group(2)) if subject else ()
    return next((rows[each] for each in tried if each in rows), None)


def _labelled(epochs: Any, facts: Mapping[str, Any], params: WindowParams) -> Any:
    frame = epochs.metadata.copy()
    for name, value in facts.items():
        if name not in {"recording", "start", params.key}:
            frame[name] = value
    if params.label == "event" and "event" in frame:
        frame["label"] = frame["event"]
    elif params.label in frame:
        frame["label"] = frame[params.label]
    else:
        raise BadInput(
            f"There is no column '{params.label}' of labels; the trials have: "
            f"{', '.join(map(str, frame.columns))}."
        )
    frame["label"] = frame["label"].astype(str)
    if "subject" not in frame:
        frame["subject"] = frame["recording"]
    epochs.metadata = frame
    return epochs


def _counts(frame: pd.DataFrame) -> Sheet:
    table = frame.groupby("label").agg(
        windows=("label", "size"),
        recordings=("recording", "nunique"),
        subjects=("subject", "nunique"),
    )
    columns = {"label": [str(each) for each in table.index]}
    return Sheet(
        columns | {name: [int(v) for v in table[name]] for name in table.columns},
        title="Windows by label",
    )


def _associations(
    people: Table | None, facts: Mapping[str, Mapping[str, Any]], params: WindowParams
) -> tuple[Sheet, ...]:
    """Return how the label goes along with age, sex and whatever else is known of people."""
    if people is None or not facts:
        return ()
    from pandas.api.types import is_numeric_dtype

    frame = people.frame
    label = frame[params.label].astype(str)
    rows: dict[str, list[Any]] = {"column": [], "by label": []}
    for name in frame.columns:
        if name in {params.key, params.label}:
            continue
        groups = frame[name].groupby(label)
        if is_numeric_dtype(frame[name]):
            text = "; ".join(f"{k}: mean {v.mean():.3g}" for k, v in groups)
        elif frame[name].nunique() <= 8:
            text = "; ".join(f"{k}: {dict(v.value_counts())}" for k, v in groups)
        else:
            continue
        rows["column"].append(str(name))
        rows["by label"].append(text)
    if not rows["column"]:
        return ()
    return (Sheet(rows, title="What else differs between the labels"),)
