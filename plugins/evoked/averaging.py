"""Average trials by condition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, Context, Number, Params, Result, Trials, method, param
from neurostudio.learning.sensors import (
    check_channels,
    check_column,
    check_window,
    conditions,
    data_channels,
    labels_of,
    scale_of,
)

from . import picturing
from .resampling import bands

if TYPE_CHECKING:
    from neurostudio.api import Items


class AverageParams(Params):
    """Parameters of :func:`average_trials`."""

    column: str = param(
        "", "Column of the labels that names the condition; empty for the event", suggest="columns"
    )
    conditions: tuple[str, ...] = param((), "Conditions to average; none for all", suggest="events")
    baseline: bool = param(False, "Subtract the mean of the baseline first")
    baseline_start: float | None = param(
        None, "Begin of the baseline; none for the begin of the trials", unit="s"
    )
    baseline_end: float = param(0.0, "End of the baseline", unit="s")
    channels: tuple[str, ...] = param(
        (), "Channels in the pictures; none for all that are not bad", suggest="channels"
    )
    compare: tuple[str, ...] = param(
        (),
        "Channels whose mean compares the conditions; none for the one with the largest response",
        suggest="channels",
    )
    times: tuple[float, ...] = param(
        (), "Times of the maps; none for the three highest peaks of the field", unit="s"
    )
    difference: tuple[str, ...] = param(
        (),
        "Two conditions whose difference is shown; none where there are exactly two",
        suggest="events",
    )
    people: str = param(
        "",
        "Column of the people, resampled whole for the band; empty to resample trials",
        suggest="columns",
    )
    draws: int = param(500, "Resamplings for the band", ge=100, le=10_000, advanced=True)


def _check(params: AverageParams, items: Items) -> None:
    trials = items["trials"]
    assert isinstance(trials, Trials)  # noqa: S101  the method's own check came first
    check_channels((*params.channels, *params.compare), trials)
    check_column(trials, params.column)
    check_column(trials, params.people)
    if len(params.difference) not in {0, 2}:
        raise BadInput(
            f"A difference is between two conditions; {len(params.difference)} are named."
        )
    if params.baseline:
        start = trials.epochs.tmin if params.baseline_start is None else params.baseline_start
        check_window(trials, start, params.baseline_end, "The baseline")
    outside = [t for t in params.times if not trials.epochs.tmin <= t <= trials.epochs.tmax]
    if outside:
        raise BadInput(
            f"A map is asked for at {outside[0]:g} s; the trials last from {trials.epochs.tmin:g} "
            f"to {trials.epochs.tmax:g} s."
        )


@method(
    group="Analyse",
    check=_check,
    warnings={
        "few-trials": "A condition has fewer than 10 trials; its average is mostly noise.",
        "several-people": (
            "The trials are of several people, but the band resamples trials, so it is narrower "
            "than what a new person would show. Name the column of the people."
        ),
    },
)
def average_trials(context: Context, params: AverageParams, trials: Trials) -> Result:
    """Average trials by condition: one trial a condition, with maps and a comparison."""
    epochs = trials.epochs.copy().load_data()
    if params.baseline:
        epochs.apply_baseline((params.baseline_start, params.baseline_end), verbose="ERROR")
    given = Trials(epochs)
    parts = conditions(given, params.column, params.conditions)
    evoked = averaged(context, given, parts)
    names = data_channels(given, params.channels)
    compared = list(params.compare) or [picturing.strongest(evoked, names)]
    people = labels_of(given, params.people) if params.people else None
    compare = bands(context, given, parts, compared, people, params.draws)
    pair = _pair(params, list(parts))
    views = [
        *picturing.butterflies(evoked, names),
        picturing.fields(evoked, names),
        picturing.compared(given, compare, compared, people is not None),
        *picturing.maps(evoked, names, params.times),
    ]
    if pair:
        views.append(picturing.difference(given, compare, compared, pair))
    views += picturing.turning(evoked, names)
    counts = [len(rows) for rows in parts.values()]
    codes = ["few-trials"] if min(counts) < 10 else []
    if not people and len(set(given.names("columns")) & {"subject"}):
        codes += ["several-people"] if len(set(labels_of(given, "subject"))) > 1 else []
    return Result({"evoked": evoked}, tuple(views), _numbers(evoked, names, counts), tuple(codes))


def averaged(context: Context, trials: Trials, parts: dict[str, Any]) -> Trials:
    """Return the mean of each condition as one trial of it."""
    import mne
    import pandas as pd

    epochs = trials.epochs
    tracked = context.track(list(parts.values()), "Averaging")
    means = [epochs[rows].average(picks="all").data for rows in tracked]
    codes = {word: code for code, word in enumerate(parts, 1)}
    events = np.array([[k, 0, code] for k, code in enumerate(codes.values())])
    made = mne.EpochsArray(
        np.stack(means), epochs.info, events, epochs.tmin, codes, proj=False, verbose="ERROR"
    )
    made.baseline = epochs.baseline
    counts = [len(rows) for rows in parts.values()]
    with mne.utils.use_log_level("ERROR"):
        made.metadata = pd.DataFrame({"condition": list(parts), "n averaged": counts})
    return Trials(made)


def _pair(params: AverageParams, words: list[str]) -> tuple[str, str] | None:
    if not params.difference:
        return (words[0], words[1]) if len(words) == 2 else None
    missing = [word for word in params.difference if word not in words]
    if missing:
        raise BadInput(
            f"The difference needs '{missing[0]}', which is not among the conditions: "
            f"{', '.join(words)}."
        )
    return params.difference[0], params.difference[1]


def _numbers(evoked: Trials, names: list[str], counts: list[int]) -> dict[str, Number]:
    factor, unit = scale_of(evoked, names)
    found: dict[str, Number] = {}
    for k, word in enumerate(evoked.epochs.metadata["condition"]):
        field = picturing.field(evoked, names)[k]
        peak = int(field.argmax())
        found[f"{word}: trials"] = Number(counts[k])
        found[f"{word}: peak"] = Number(
            float(evoked.epochs.times[peak]), "s", note="highest global field power"
        )
        found[f"{word}: field at the peak"] = Number(float(field[peak] * factor), unit)
    return found
