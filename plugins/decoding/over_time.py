"""A classifier at each time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Estimate,
    Params,
    Result,
    Table,
    Trials,
    method,
    param,
)
from neurostudio.learning.sensors import (
    check_channels,
    check_column,
    conditions,
    data_channels,
    labels_of,
    samples,
)

from . import picturing
from .folding import Array, Rows, Trained, folds_of, resampled, scored
from .machines import Machine, outputs

if TYPE_CHECKING:
    from neurostudio.api import Items


class DecodingParams(Params):
    """Parameters of :func:`decode_over_time`."""

    column: str = param(
        "", "Column of the labels to tell apart; empty for the event", suggest="columns"
    )
    classes: tuple[str, ...] = param((), "Labels to tell apart; none for all", suggest="events")
    groups: str = param(
        "",
        "Column of people or runs that stay together; empty where all trials are of one person and run",
        suggest="columns",
    )
    classifier: Machine = param(
        "logistic", "logistic: logistic regression; lda: shrunk discriminant"
    )
    strength: float = param(
        1.0, "Inverse of the regularisation (logistic)", unit="1", gt=0, le=1e6, advanced=True
    )
    measure: Literal["auroc", "balanced accuracy"] = param(
        "auroc", "auroc for two labels; balanced accuracy for any number"
    )
    folds: int = param(5, "Parts of the cross-validation", ge=2, le=50)
    start: float | None = param(None, "First time; none for the begin of the trials", unit="s")
    end: float | None = param(None, "Last time; none for the end of the trials", unit="s")
    decimate: int = param(1, "Decode only every n-th time", ge=1, le=100)
    permutations: int = param(100, "Shuffles of the labels; 0 for no significance", ge=0, le=10_000)
    generalise: bool = param(False, "Also test every classifier at every other time")
    channels: tuple[str, ...] = param(
        (), "Channels; none for all that are not bad", suggest="channels"
    )
    draws: int = param(500, "Resamplings for the interval", ge=100, le=10_000, advanced=True)

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick": {"decimate": 4, "permutations": 20},
    }


@dataclass(frozen=True, slots=True)
class Problem:
    """What is decoded: values (n_trials, n_channels, n_times), the class of each trial, its group."""

    values: Array
    truth: Rows
    classes: tuple[str, ...]
    groups: list[str] | None
    times: Array
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decoded:
    """Scores over time with their interval, the level of significance, and the whole matrix if asked for."""

    scores: Array
    low: Array
    high: Array
    peak: tuple[float, float]
    highest: Array
    matrix: Array | None

    @property
    def level(self) -> float:
        """What the highest of all times exceeds in 5 % of shuffles; NaN without shuffles."""
        if not len(self.highest):
            return float("nan")
        rank = int(np.ceil(0.95 * (len(self.highest) + 1))) - 1
        return float(np.sort(self.highest)[min(rank, len(self.highest) - 1)])

    @property
    def p(self) -> float:
        """How often the highest of shuffled labels reaches the highest score; the data count as one."""
        if not len(self.highest):
            return float("nan")
        return float((1 + (self.highest >= self.scores.max()).sum()) / (1 + len(self.highest)))


def _memory(params: DecodingParams, items: Items) -> Estimate:
    del params
    return Estimate(5 * sum(each.nbytes() for each in _given(items)))


def _given(items: Items) -> tuple[Trials, ...]:
    given = items["trials"]
    some = given if isinstance(given, tuple) else (given,)
    return tuple(each for each in some if isinstance(each, Trials))


def _check(params: DecodingParams, items: Items) -> None:
    found: dict[str, int] = {}
    for trials in _given(items):
        check_channels(params.channels, trials)
        check_column(trials, params.column)
        check_column(trials, params.groups)
        for word, rows in conditions(trials, params.column, params.classes).items():
            found[word] = found.get(word, 0) + len(rows)
    if len(found) < 2:
        raise BadInput(
            f"All trials are '{next(iter(found), 'none')}'; there is nothing to tell apart. "
            "Choose a column with at least two labels."
        )
    if params.measure == "auroc" and len(found) > 2:
        raise BadInput(
            f"There are {len(found)} labels: {', '.join(list(found)[:5])}. The AUROC compares two; "
            "choose two labels, or balanced accuracy."
        )


@method(
    group="Analyse",
    memory=_memory,
    check=_check,
    warnings={
        "several-people": (
            "The trials are of several people who stand on both sides of the cross-validation, so the "
            "score says nothing about a new person. Name the column of the people as groups."
        ),
        "one-label-a-group": (
            "Each group has one label, so differences between people count as differences between "
            "labels. Only many groups average them out."
        ),
        "coarse": "Fewer than 20 shuffles cannot show a p below 0.05.",
    },
)
def decode_over_time(
    context: Context, params: DecodingParams, trials: tuple[Trials, ...]
) -> Result:
    """Learn at each time to tell trials apart, and test on trials or people not learnt from.

    Where several items of trials are given, each is a person or run that is never split.
    """
    names = context.names.get("trials", ())
    names = names if len(names) == len(trials) else tuple(f"item {k}" for k in range(len(trials)))
    problem = joined([posed(params, each) for each in trials], names)
    folds = folds_of(
        [problem.classes[k] for k in problem.truth], problem.groups, params.folds, context.seed
    )
    found = decode(context, params, problem, folds)
    data = {"scores": Table(picturing.frame(problem, found, params.measure))}
    return Result(
        data,
        picturing.views(trials[0], problem, found, params),
        picturing.numbers(problem, found, params),
        _codes(params, trials, problem),
    )


def posed(params: DecodingParams, trials: Trials) -> Problem:
    """Return the trials of the chosen labels at the chosen times."""
    parts = conditions(trials, params.column, params.classes)
    classes = tuple(sorted(parts))
    rows = np.sort(np.concatenate(list(parts.values())))
    labels = np.array(labels_of(trials, params.column), dtype=object)[rows]
    names = data_channels(trials, params.channels)
    times = np.asarray(trials.epochs.times, float)
    first = times[0] if params.start is None else params.start
    last = times[-1] if params.end is None else params.end
    slack = 0.5 / float(trials.epochs.info["sfreq"])
    chosen = np.flatnonzero((times >= first - slack) & (times <= last + slack))[:: params.decimate]
    if not len(chosen):
        raise BadInput(
            f"No time lies between {first:g} and {last:g} s; the trials last from {times[0]:g} to "
            f"{times[-1]:g} s."
        )
    people = [labels_of(trials, params.groups)[row] for row in rows] if params.groups else None
    return Problem(
        values=samples(trials, names, rows)[:, :, chosen],
        truth=np.array([classes.index(label) for label in labels], dtype=np.intp),
        classes=classes,
        groups=people,
        times=times[chosen],
        names=tuple(names),
    )


def joined(problems: list[Problem], names: tuple[str, ...]) -> Problem:
    """Return the trials of several items as one, each item a group of its own.

    Raises
    ------
    BadInput
        The items differ in channels or times.
    """
    first = problems[0]
    if len(problems) == 1:
        return first
    for name, each in zip(names, problems, strict=True):
        if set(each.names) != set(first.names):
            odd = sorted(set(each.names) ^ set(first.names))
            raise BadInput(
                f"'{name}' differs in {len(odd)} channels: {', '.join(odd[:3])}. "
                "Name channels that all have."
            )
        if len(each.times) != len(first.times) or not np.allclose(each.times, first.times):
            raise BadInput(f"'{name}' has other times than '{names[0]}'. Resample or crop first.")
    classes = tuple(sorted({word for each in problems for word in each.classes}))
    values = [each.values[:, [each.names.index(n) for n in first.names]] for each in problems]
    truth = [
        np.array([classes.index(p.classes[k]) for k in p.truth], dtype=np.intp) for p in problems
    ]
    groups = [
        f"{name} {group}"
        for name, each in zip(names, problems, strict=True)
        for group in each.groups or [""] * len(each.truth)
    ]
    return Problem(
        np.concatenate(values), np.concatenate(truth), classes, groups, first.times, first.names
    )


def decode(
    context: Context, params: DecodingParams, problem: Problem, folds: list[Trained]
) -> Decoded:
    """Return the scores of held-out trials, their interval, and those of shuffled labels."""
    rounds = context.track(range(1 + params.permutations), "Decoding, then shuffled labels")
    next(rounds)
    output, matrix = outputs(params, problem.values, problem.truth, folds, params.generalise)
    scores = scored(problem.truth, output, params.measure)
    draws = resampled(
        problem.truth, output, problem.groups, params.measure, params.draws, context.seed
    )
    low, high = np.percentile(draws, [2.5, 97.5], axis=0)
    random = np.random.default_rng(context.seed + 1)
    highest = []
    for _ in rounds:
        mixed = shuffled(random, problem)
        chance, _ = outputs(params, problem.values, mixed, folds, False)
        highest.append(scored(mixed, chance, params.measure).max())
    peak = int(scores.argmax())
    whole = None
    if matrix is not None:
        whole = np.stack([scored(problem.truth, row, params.measure) for row in matrix])
    return Decoded(scores, low, high, (low[peak], high[peak]), np.array(highest), whole)


def shuffled(random: np.random.Generator, problem: Problem) -> Rows:
    """Return the classes in another order: within groups, or whole groups where each has one class."""
    truth = problem.truth.copy()
    if problem.groups is None:
        return random.permutation(truth)
    named = np.asarray(problem.groups, str)
    members = [np.flatnonzero(named == name) for name in np.unique(named)]
    if all(len(set(truth[rows])) == 1 for rows in members):
        moved = random.permutation([truth[rows[0]] for rows in members])
        for rows, label in zip(members, moved, strict=True):
            truth[rows] = label
        return truth
    for rows in members:
        truth[rows] = random.permutation(truth[rows])
    return truth


def _codes(params: DecodingParams, trials: tuple[Trials, ...], problem: Problem) -> tuple[str, ...]:
    codes = []
    if problem.groups is None and "subject" in trials[0].names("columns"):
        codes += ["several-people"] if len(set(labels_of(trials[0], "subject"))) > 1 else []
    if problem.groups is not None:
        named = np.asarray(problem.groups, str)
        kinds = [len(set(problem.truth[named == name])) for name in np.unique(named)]
        codes += ["one-label-a-group"] if max(kinds) == 1 else []
    codes += ["coarse"] if 0 < params.permutations < 19 else []
    return tuple(codes)
