"""Butterflies, maps, and conditions beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurostudio.api import Lines, Trials, View
from neurostudio.learning.sensors import event_mark, in_space, samples, scale_of, topomap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .resampling import Array, Band

_MAPS, _BUTTERFLIES, _FRAMES = 3, 6, 200


def field(evoked: Trials, names: Sequence[str]) -> Array:
    """Return the global field power: the spread over channels (n_conditions, n_times)."""
    return np.asarray(samples(evoked, names).std(axis=1), np.float64)


def strongest(evoked: Trials, names: Sequence[str]) -> str:
    """Return the channel with the largest response in any condition."""
    size = np.abs(samples(evoked, names)).max(axis=(0, 2))
    return names[int(size.argmax())]


def butterflies(evoked: Trials, names: Sequence[str]) -> tuple[View, ...]:
    """Return all channels of each condition over one another, the field power with them."""
    factor, unit = scale_of(evoked, names)
    values, power = samples(evoked, names) * factor, field(evoked, names) * factor
    counts = list(evoked.epochs.metadata["n averaged"])
    words = list(evoked.epochs.metadata["condition"])
    return tuple(
        Lines(
            x=np.asarray(evoked.epochs.times, float),
            y=np.vstack([power[k], values[k]]),
            names=("global field power", *names),
            x_label="time from the event",
            x_unit="s",
            y_label="average",
            y_unit=unit,
            marks=dict(event_mark(evoked)),
            title=f"Average of {word}",
            caption=f"{counts[k]} trials, {len(names)} channels and the spread over them.",
        )
        for k, word in enumerate(words[:_BUTTERFLIES])
    )


def fields(evoked: Trials, names: Sequence[str]) -> Lines:
    """Return the field power of every condition."""
    factor, unit = scale_of(evoked, names)
    return Lines(
        x=np.asarray(evoked.epochs.times, float),
        y=field(evoked, names) * factor,
        names=tuple(evoked.epochs.metadata["condition"]),
        x_label="time from the event",
        x_unit="s",
        y_label="global field power",
        y_unit=unit,
        marks=dict(event_mark(evoked)),
        title="Global field power",
        caption=(
            f"Standard deviation over {len(names)} channels of each average. "
            "Fewer trials leave more noise, which raises it."
        ),
    )


def peaks(power: Array, count: int) -> list[int]:
    """Return the highest peaks of a curve, at most so many, in the order of time."""
    from scipy.signal import find_peaks

    found, _ = find_peaks(power)
    found = found if len(found) else np.array([int(power.argmax())])
    highest = found[np.argsort(power[found])[::-1][:count]]
    return sorted(int(each) for each in highest)


def maps(evoked: Trials, names: Sequence[str], times: Sequence[float]) -> tuple[View, ...]:
    """Return maps of each condition at given times, or at the peaks of the mean field power."""
    axis = np.asarray(evoked.epochs.times, float)
    power = field(evoked, names).mean(axis=0)
    at = [int(np.abs(axis - each).argmin()) for each in times] or peaks(power, _MAPS)
    factor, unit = scale_of(evoked, names)
    values = samples(evoked, names) * factor
    words = list(evoked.epochs.metadata["condition"])[:_BUTTERFLIES]
    shown = np.stack([values[k, :, each] for k in range(len(words)) for each in at])
    titles = tuple(f"{word} {axis[each]:.3f} s" for word in words for each in at)
    chosen = "times as asked" if times else "the highest peaks of the field power"
    return topomap(
        evoked,
        names,
        shown,
        titles=titles,
        title="Maps of the averages",
        value_label="average",
        value_unit=unit,
        caption=f"Maps of each condition, one after the other; {chosen}.",
    )


def turning(evoked: Trials, names: Sequence[str]) -> tuple[View, ...]:
    """Return the sensors in space with the average of each condition, a frame a time."""
    factor, unit = scale_of(evoked, names)
    stride = -(-len(evoked.epochs.times) // _FRAMES)
    times = np.asarray(evoked.epochs.times, float)[::stride]
    values = samples(evoked, names)[:, :, ::stride] * factor
    found: list[View] = []
    for k, word in enumerate(list(evoked.epochs.metadata["condition"])[:_MAPS]):
        found += in_space(
            evoked,
            names,
            values[k].T,
            titles=tuple(f"{time:.3f} s" for time in times),
            title=f"Average of {word} in space",
            value_label="average",
            value_unit=unit,
        )
    return tuple(found)


def compared(
    trials: Trials, found: dict[str, Band], channels: Sequence[str], people: bool
) -> Lines:
    """Return the conditions at some channels, each with its band."""
    factor, unit = scale_of(trials, channels)
    edges = [band.edges for band in found.values()]
    of_what = "people" if people else "trials"
    return Lines(
        x=np.asarray(trials.epochs.times, float),
        y=np.stack([band.mean for band in found.values()]) * factor,
        low=np.stack([low for low, _ in edges]) * factor,
        high=np.stack([high for _, high in edges]) * factor,
        names=tuple(found),
        x_label="time from the event",
        x_unit="s",
        y_label=_named(channels),
        y_unit=unit,
        marks=dict(event_mark(trials)),
        title=f"Conditions at {_named(channels)}",
        caption=f"Band: 95 % of the averages of resampled {of_what}, at each time by itself.",
    )


def difference(
    trials: Trials, found: dict[str, Band], channels: Sequence[str], pair: tuple[str, str]
) -> Lines:
    """Return the difference of two conditions with its band."""
    factor, unit = scale_of(trials, channels)
    first, second = found[pair[0]], found[pair[1]]
    count = min(len(first.draws), len(second.draws))
    draws = first.draws[:count] - second.draws[:count]
    low, high = np.percentile(draws, [2.5, 97.5], axis=0) * factor
    return Lines(
        x=np.asarray(trials.epochs.times, float),
        y=(first.mean - second.mean)[None] * factor,
        low=low[None],
        high=high[None],
        names=(f"{pair[0]} − {pair[1]}",),
        x_label="time from the event",
        x_unit="s",
        y_label=f"difference at {_named(channels)}",
        y_unit=unit,
        levels={"no difference": 0.0},
        marks=dict(event_mark(trials)),
        title=f"{pair[0]} − {pair[1]}",
        caption=(
            "Band: 95 % of resampled differences, at each time by itself; over all times together "
            "it leaves 0 more often than in 5 %."
        ),
    )


def _named(channels: Sequence[str]) -> str:
    return ", ".join(channels) if len(channels) < 4 else f"mean of {len(channels)} channels"
