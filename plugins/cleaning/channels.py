"""Propose bad channels: flat, noisy, unlike their neighbours, or outliers by density."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Estimate,
    Number,
    Params,
    Recording,
    Result,
    Sheet,
    Trials,
    View,
    method,
    param,
)
from neurostudio.learning.sensors import inside, scale_of, topomap, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neurostudio.api import Items

Array = np.ndarray[Any, np.dtype[np.float64]]
_WINDOWS = 300


class CleanChannelsParams(Params):
    """Parameters of :func:`clean_channels`."""

    flat: float = param(
        1e-7, "EEG: a channel is flat whose median spread is below this", unit="V", ge=0
    )
    noisy: float = param(
        5.0,
        "Noisy from so many robust standard deviations above the median channel (of the logarithm); "
        "0 for none",
        unit="1",
        ge=0,
    )
    rough: float = param(
        5.0,
        "Rough from so many robust standard deviations of high-frequency share; 0 for none",
        unit="1",
        ge=0,
    )
    correlation: float = param(
        0.4, "Least correlation with the neighbour most alike; 0 for none", unit="1", ge=0, le=1
    )
    neighbours: int = param(6, "How many nearest channels are compared", ge=1, le=50, advanced=True)
    window: float = param(
        1.0, "Length of the pieces of a recording", unit="s", gt=0, le=60, advanced=True
    )
    outliers: float = param(
        0.0,
        "Also mark outliers by local density (recordings only) from this factor on; 0 for none",
        unit="1",
        ge=0,
        advanced=True,
    )
    keep_old: bool = param(True, "Keep the marks that are there", advanced=True)

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Strict": {"noisy": 3.0, "rough": 3.0, "correlation": 0.6}
    }


@dataclass(frozen=True, slots=True)
class Measured:
    """Of each channel: spread, roughness and likeness to its neighbours, and what speaks against it."""

    names: list[str]
    spread: Array
    noisy: Array
    rough: Array
    alike: Array
    reasons: list[list[str]]


def _memory(params: Any, items: Items) -> Estimate:
    del params
    signals = items["signals"]
    assert isinstance(signals, Recording | Trials)  # noqa: S101  the method's own check came first
    return Estimate(2 * signals.nbytes() + 2**27)


def _check(params: CleanChannelsParams, items: Items) -> None:
    signals = items["signals"]
    assert isinstance(signals, Recording | Trials)  # noqa: S101  the method's own check came first
    if len(_candidates(signals)) < 4:
        raise BadInput(
            "There are fewer than 4 channels of one sort; none can stand out among them."
        )
    if isinstance(signals, Recording):
        seconds = signals.raw.n_times / float(signals.raw.info["sfreq"])
        if seconds < 2 * params.window:
            raise BadInput(
                f"The recording lasts {seconds:.3g} s; at least two pieces of {params.window:g} s are "
                "needed. Use shorter pieces."
            )


def _candidates(signals: Recording | Trials) -> list[str]:
    """Return the channels of the commonest data type; those already marked bad are among them."""
    instance = inside(signals)
    kinds = instance.get_channel_types()
    counts = {kind: kinds.count(kind) for kind in ("eeg", "mag", "grad", "seeg", "ecog")}
    most = max(counts, key=lambda kind: counts[kind])
    return [name for name, kind in zip(instance.ch_names, kinds, strict=True) if kind == most]


@method(group="Preprocess", memory=_memory, check=_check, example="channels")
def clean_channels(
    context: Context, params: CleanChannelsParams, signals: Recording | Trials
) -> Result:
    """Propose channels that are flat, noisy, rough or unlike their neighbours, and mark them bad."""
    names = _candidates(signals)
    found = measure(context, params, signals, names)
    instance = inside(signals)
    if params.outliers and isinstance(signals, Recording):
        _add_outliers(signals, params.outliers, found)
    proposed = [name for name, why in zip(names, found.reasons, strict=True) if why]
    old = list(instance.info["bads"]) if params.keep_old else []
    marked = instance.copy()
    marked.info["bads"] = list(dict.fromkeys([*old, *proposed]))
    return Result(
        data={"marked": wrapped(signals, marked)},
        views=_views(signals, found),
        numbers={
            "proposed": Number(len(proposed), note=", ".join(proposed[:10]) or "none"),
            "bad": Number(len(marked.info["bads"]), note="with those marked before"),
        },
    )


def measure(
    context: Context, params: CleanChannelsParams, signals: Recording | Trials, names: list[str]
) -> Measured:
    """Measure each channel in pieces, and take the median over them."""
    nearest = neighbours(signals, names, params.neighbours)
    spreads, roughness, likeness = [], [], []
    broken = np.zeros(len(names), bool)
    for piece in context.track(_pieces(signals, names, params.window), "Comparing channels"):
        broken |= ~np.isfinite(piece).all(axis=1)
        known = np.where(np.isfinite(piece), piece, 0.0)
        centred = known - known.mean(axis=1, keepdims=True)
        spread = centred.std(axis=1)
        safe = np.where(spread > 0, spread, 1.0)
        spreads.append(spread)
        roughness.append(np.diff(centred, axis=1).std(axis=1) / safe)
        likeness.append(_likeness(centred, safe, nearest))
    spread, rough, alike = (np.median(each, axis=0) for each in (spreads, roughness, likeness))
    noisy, uneven = _robust(spread), _robust(rough)
    eeg = inside(signals).get_channel_types(picks=names[:1]) == ["eeg"]
    verdicts = {
        "holds values that are no numbers": broken,
        "flat": (spread < params.flat) if eeg else (spread == 0),
        "noisy": (noisy > params.noisy) & (params.noisy > 0),
        "rough": (uneven > params.rough) & (params.rough > 0),
        "unlike its neighbours": (alike < params.correlation) & (params.correlation > 0),
    }
    reasons = [[word for word, bad in verdicts.items() if bad[k]] for k in range(len(names))]
    return Measured(names, spread, noisy, uneven, alike, reasons)


def neighbours(signals: Recording | Trials, names: Sequence[str], count: int) -> Array:
    """Return which channels are the nearest of each: (n_channels, n_channels) of True; all without places."""
    info = inside(signals).info
    places = {each["ch_name"]: np.asarray(each["loc"][:3], float) for each in info["chs"]}
    where = np.array([places[name] for name in names])
    others = ~np.eye(len(names), dtype=bool)
    if not np.isfinite(where).all() or not where.any():
        return others
    distance = np.linalg.norm(where[:, None] - where[None], axis=-1)
    distance[~others] = np.inf
    rank = distance.argsort(axis=1).argsort(axis=1)
    return np.asarray((rank < count) & others)


def _likeness(centred: Array, spread: Array, nearest: Array) -> Array:
    scaled = centred / spread[:, None]
    correlation = np.abs(scaled @ scaled.T) / centred.shape[1]
    return np.asarray(np.where(nearest, correlation, 0.0).max(axis=1), np.float64)


def _pieces(signals: Recording | Trials, names: list[str], window: float) -> Any:
    """Return pieces (n_channels, n_times), at most 300 spread evenly; each is read when it is asked for."""
    if isinstance(signals, Trials):
        rows = _spread(len(signals.epochs.events))
        epochs = signals.epochs
        return [epochs[[row]].get_data(picks=names, copy=True, verbose="ERROR")[0] for row in rows]
    length = round(window * float(signals.raw.info["sfreq"]))
    starts = length * _spread(signals.raw.n_times // length)
    return _Stretches(signals.raw, names, starts, length)


@dataclass(frozen=True, slots=True)
class _Stretches:
    """Pieces of a recording, read one by one."""

    raw: Any
    names: list[str]
    starts: Any
    length: int

    def __len__(self) -> int:
        return len(self.starts)

    def __iter__(self) -> Any:
        for start in self.starts:
            yield self.raw.get_data(picks=self.names, start=start, stop=start + self.length)


def _spread(count: int) -> Any:
    return np.unique(np.linspace(0, count - 1, min(count, _WINDOWS)).round().astype(int))


def _robust(values: Array) -> Array:
    """Return how many robust standard deviations each value lies above the median, of logarithms."""
    known = values > 0
    logarithm = np.log(np.where(known, values, 1.0))
    if not known.any():
        return np.zeros(len(values))
    centre = np.median(logarithm[known])
    scale = 1.4826 * float(np.median(np.abs(logarithm[known] - centre)))
    return np.asarray(np.where(known, (logarithm - centre) / max(scale, 0.05), 0.0), np.float64)


def _add_outliers(recording: Recording, threshold: float, found: Measured) -> None:
    import mne

    raw = recording.raw.copy()
    raw.info["bads"] = []
    count = min(20, max(2, len(found.names) // 3))
    marked = mne.preprocessing.find_bad_channels_lof(
        raw, count, picks=found.names, threshold=threshold, verbose="ERROR"
    )
    for name in marked:
        found.reasons[found.names.index(name)].append("outlier by density")


def _views(signals: Recording | Trials, found: Measured) -> tuple[View, ...]:
    factor, unit = scale_of(signals, found.names)
    table = Sheet(
        {
            "channel": found.names,
            f"spread ({unit})": [round(float(each) * factor, 3) for each in found.spread],
            "noisy (s.d.)": [round(float(each), 2) for each in found.noisy],
            "rough (s.d.)": [round(float(each), 2) for each in found.rough],
            "correlation": [round(float(each), 2) for each in found.alike],
            "why": [", ".join(each) for each in found.reasons],
        },
        title="Channels",
        caption="Medians over pieces; distances from the median channel in robust standard deviations.",
    )
    bad = np.array([float(bool(each)) for each in found.reasons])
    words = {"value_unit": "1", "diverging": False}
    maps = topomap(
        signals,
        found.names,
        np.stack([found.alike, bad]),
        titles=("correlation", "proposed as bad"),
        title="Channels over the head",
        value_label="correlation with the neighbour most alike; 1 for bad",
        **words,
    )
    return (table, *maps)
