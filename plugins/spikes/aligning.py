"""How units respond to events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    Context,
    Estimate,
    Heatmap,
    Lines,
    Number,
    Params,
    Raster,
    Result,
    SpikeTrains,
    Table,
    View,
    method,
    param,
)

from .choosing import (
    check_column,
    check_units,
    check_window,
    chosen,
    onset_column,
    onsets_of,
    ordered_words,
    rows_inside,
    spikes_of,
    table_of,
    words_of,
)
from .windows import aligned, count_between, count_in, edges_of, smoothed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Items

    Array = NDArray[np.float64]

_LEVEL = 0.05


class PsthParams(Params):
    """Parameters of :func:`psth`."""

    align: str = param(
        "",
        "Column with the times of the events; empty for stimulus_onset_time, onset or start_time",
        suggest="columns",
    )
    group: str = param("", "Column whose values are compared; empty for none", suggest="columns")
    units: tuple[str, ...] = param((), "Units; none for all", suggest="units")
    start: float = param(-0.3, "Begin of the window relative to the event", unit="s")
    end: float = param(0.7, "End of the window relative to the event", unit="s")
    bin: float = param(0.02, "Length of a bin", unit="s", gt=0)
    smoothing: float = param(
        0.0, "Standard deviation of a Gaussian over the bins; 0 for none", unit="s", ge=0
    )
    sort: str = param(
        "",
        "Column by which the trials of the raster are sorted; empty for the group",
        suggest="columns",
    )
    shown: str = param(
        "", "Unit whose trials are shown; empty for the one that responds most", suggest="units"
    )


def _check(params: PsthParams, items: Items) -> None:
    trials, spikes = table_of(items), spikes_of(items)
    check_window(params.start, params.end, params.bin)
    onset_column(params.align, trials)
    check_column(params.group, trials, "the comparison")
    check_column(params.sort, trials, "the order of trials")
    check_units((*params.units, *filter(None, [params.shown])), spikes)


def _memory(params: PsthParams, items: Items) -> Estimate:
    spikes = spikes_of(items)
    n_units = len(params.units) or len(spikes.names("units"))
    n_bins = (params.end - params.start) / params.bin
    nbytes = 3 * 8 * len(table_of(items).frame) * n_units * n_bins
    return Estimate(spikes.nbytes() + int(nbytes), "Use fewer units or longer bins.")


@method(
    group="Analyse",
    title="Responses to events (PSTH)",
    check=_check,
    memory=_memory,
    example="responses",
)
def psth(context: Context, params: PsthParams, spikes: SpikeTrains, trials: Table) -> Result:
    """Average the rate of each unit around events, in groups of trials, with a raster of the trials."""
    group = chosen(spikes, params.units)
    onsets, labels = onsets_of(params.align, trials), words_of(params.group, trials)
    n_given = len(onsets)
    order = rows_inside(onsets, params.start, params.end, spikes)
    onsets, labels = onsets[order], labels[order]
    edges = edges_of(params.start, params.end, params.bin)
    for _ in context.track(range(1), "Counting spikes"):
        rates = smoothed(count_in(group, onsets, edges) / params.bin, params.smoothing, params.bin)
    names = [str(key) for key in group.index]
    p, control = _responding(context, group, (onsets, labels), params)
    best = names.index(params.shown) if params.shown in names else int(np.argmin(p))
    centres = (edges[:-1] + edges[1:]) / 2
    words = ordered_words(labels)
    means, lows, highs = _averages(rates, labels, words)
    sorting = words_of(params.sort or params.group, trials)[order]
    views = (
        _raster(group, names[best], onsets, sorting, params),
        _curves(centres, means[:, best], lows[:, best], highs[:, best], words, names[best], params),
        _summary(centres, rates.mean(axis=0), names, params),
    )
    return Result(
        data={"psth": Table(_long(centres, (means, lows, highs), words, names, labels))},
        views=views,
        numbers={
            "units": Number(len(names)),
            "trials": Number(
                len(onsets), note=f"of {n_given} in the table, whose window was observed"
            ),
            "responding units": Number(
                int(np.sum(p < _LEVEL / len(p))),
                chance=int(np.sum(control < _LEVEL / len(p))),
                note=(
                    f"rate before against after the event in any group, signed ranks, p < {_LEVEL:g} / "
                    "units / groups; chance: before and after swapped in half of the trials"
                ),
            ),
        },
    )


def _responding(
    context: Context, group: Any, trials: tuple[Array, NDArray[np.str_]], params: PsthParams
) -> tuple[Array, Array]:
    """Return the p of each unit's response, and of the same with before and after swapped at random."""
    onsets, labels = trials
    ends = np.array([params.start, 0.0]), np.array([0.0, params.end])
    if params.start >= 0 or params.end <= 0:
        nothing = np.ones(len(group))
        return nothing, nothing
    counts = count_between(group, onsets, *ends)
    change = counts[..., 1] / params.end + counts[..., 0] / params.start
    sign = np.where(np.random.default_rng(context.seed).random(len(onsets)) < 0.5, -1.0, 1.0)
    return _p_of(change, labels), _p_of(change * sign[:, None], labels)


def _p_of(change: Array, labels: NDArray[np.str_]) -> Array:
    """Return the p of the group of trials in which a unit responds most, times the groups."""
    words = np.unique(labels)
    found = np.array([_signed_ranks(change[labels == word]) for word in words])
    return np.asarray(np.minimum(len(words) * found.min(axis=0), 1.0))


def _signed_ranks(change: Array) -> Array:
    from scipy.stats import wilcoxon

    found = np.ones(change.shape[1])
    for k, each in enumerate(change.T):
        different = each[each != 0]
        if len(different):
            found[k] = wilcoxon(different, method="approx").pvalue
    return found


def _averages(
    rates: Array, labels: NDArray[np.str_], words: list[str]
) -> tuple[Array, Array, Array]:
    """Return mean and 95 % interval over trials, each (n_groups, n_units, n_bins)."""
    means, halves = [], []
    for word in words:
        some = rates[labels == word]
        n = len(some)
        spread = some.std(axis=0, ddof=1) if n > 1 else np.full(some.shape[1:], np.nan)
        means.append(some.mean(axis=0))
        halves.append(1.96 * spread / np.sqrt(n))
    mean, half = np.array(means), np.array(halves)
    return mean, mean - half, mean + half


def _raster(
    group: Any, name: str, onsets: Array, sorting: NDArray[np.str_], params: PsthParams
) -> View:
    key = next(key for key in group.index if str(key) == name)
    rank = {word: k for k, word in enumerate(ordered_words(sorting))}
    order = np.argsort([rank[word] for word in sorting], kind="stable")
    times, rows = aligned(np.asarray(group[key].t), onsets[order], params.start, params.end)
    column = params.sort or params.group
    names = tuple(f"{sorting[k]} · {k + 1}" if column else f"{k + 1}" for k in order)
    return Raster(
        times=times,
        rows=rows,
        names=names,
        y_label="trial",
        marks={"event": 0.0},
        title=f"Trials of unit {name}",
        caption=f"Sorted by {column}." if column else "In the order of the table.",
    )


def _curves(
    centres: Array,
    mean: Array,
    low: Array,
    high: Array,
    words: list[str],
    name: str,
    params: PsthParams,
) -> View:
    return Lines(
        x=centres,
        y=mean,
        low=low,
        high=high,
        names=tuple(words) if params.group else (f"unit {name}",),
        x_label="time from the event",
        x_unit="s",
        y_label="rate",
        y_unit="Hz",
        marks={"event": 0.0},
        title=f"Response of unit {name}",
        caption=f"Mean and 95 % interval over trials, bins of {1e3 * params.bin:g} ms.",
    )


def _summary(centres: Array, mean: Array, names: list[str], params: PsthParams) -> View:
    spread = mean.std(axis=1, keepdims=True)
    z = (mean - mean.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0)
    return Heatmap(
        values=z,
        x=centres,
        y_names=tuple(names),
        x_label="time from the event",
        x_unit="s",
        y_label="unit",
        value_label="rate",
        value_unit="s.d. over the window",
        diverging=True,
        title="Responses of all units",
        caption=f"Mean over all trials, bins of {1e3 * params.bin:g} ms; each unit against its own mean.",
    )


def _long(
    centres: Array,
    curves: tuple[Array, Array, Array],
    words: list[str],
    names: list[str],
    labels: NDArray[np.str_],
) -> Any:
    import pandas as pd

    mean, low, high = (each.ravel() for each in curves)
    n_units, n_bins = len(names), len(centres)
    frame = pd.DataFrame(
        {
            "group": np.repeat(words, n_units * n_bins),
            "unit": np.tile(np.repeat(names, n_bins), len(words)),
            "time": np.tile(centres, len(words) * n_units),
            "rate": mean,
            "low": low,
            "high": high,
            "trials": np.repeat([int(np.sum(labels == w)) for w in words], n_units * n_bins),
        }
    )
    frame.attrs["unit"] = "rate, low, high: Hz; time: s"
    return frame
