"""Patterns over voxels with the trial type and the run of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import BadInput, Params, Volume, param
from neurostudio.splits import split_by_group

from .images import check_grids, mask_for, repetition_time, require_series, values_of
from .matching import check_events, matched, names_of
from .timing import WARNING, Lag, lag_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from neurostudio.api import Context, Items, Table

    Array = NDArray[np.float64]
    Rows = NDArray[np.intp]


class PatternParams(Params):
    """How patterns are cut out of runs."""

    conditions: tuple[str, ...] = param((), "Trial types to tell apart; none for all")
    lag: float = param(
        5.0,
        "How long the blood's answer lags behind the event; 0 where the onsets hold the lag already",
        unit="s",
        ge=0,
        le=20,
    )
    samples: Literal["block averages", "images"] = param(
        "block averages", "One pattern an event, the mean of its images; or one an image"
    )
    repetition_time: float | None = param(
        None, "Time from one image to the next; none for the header's", unit="s", gt=0, le=60
    )


FEW = 6
PATTERN_WARNINGS = WARNING | {
    "few-runs": "There are fewer than six runs, so the interval over runs is rough."
}
UNKNOWN_LAG = Lag(float("nan"), 0.0)


@dataclass(frozen=True, slots=True)
class Patterns:
    """Patterns (n_samples, n_voxels) with class, run and onset (s) of each; where the voxels are."""

    values: Array
    labels: Rows
    classes: tuple[str, ...]
    runs: Rows
    names: tuple[str, ...]
    onsets: Array
    inside: NDArray[np.bool_]
    mean: Array
    lag: Lag = UNKNOWN_LAG
    expected_lag: float = 0.0

    @property
    def chance(self) -> float:
        """Accuracy of guessing."""
        return 1 / len(self.classes)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Codes of what must be known: few runs, an unusual lag."""
        few = ("few-runs",) if len(self.names) < FEW else ()
        return (*few, *(("lag",) if self.lag.unlike(self.expected_lag) else ()))

    @property
    def groups(self) -> list[str]:
        """The run of each sample, as text."""
        return [self.names[run] for run in self.runs]

    def folds(self, seed: int = 0) -> list[tuple[Rows, Rows]]:
        """Return rows to train on and rows to test on: each run is left out once."""
        ids = [str(row) for row in range(len(self.labels))]
        splits = split_by_group(
            [str(run) for run in self.runs],
            self.labels.tolist(),
            folds=len(self.names),
            validation=0.0,
            seed=seed,
        )
        return [(each.rows(ids, "train"), each.rows(ids, "test")) for each in splits]

    def permuted(self, random: np.random.Generator) -> Patterns:
        """Return the same patterns with the labels shuffled within each run."""
        labels = self.labels.copy()
        for run in range(len(self.names)):
            rows = np.flatnonzero(self.runs == run)
            labels[rows] = random.permutation(labels[rows])
        return replace(self, labels=labels)


def check_patterns(params: PatternParams, items: Items) -> None:
    """Raise where there are no two runs, or a run is no series."""
    given = items["runs"]
    runs = given if isinstance(given, tuple) else (given,)
    if len(runs) < 2:
        raise BadInput(
            "There is one run; at least two are needed, so that one can be left out. Patterns of one run "
            "resemble each other by their time alone."
        )
    for each in runs:
        assert isinstance(each, Volume)  # noqa: S101  the method's own check came first
        require_series(each, "One of the runs", advice=" Leave it out.")
        repetition_time(each, params.repetition_time, "a run")


def read_patterns(
    context: Context,
    params: PatternParams,
    runs: tuple[Volume, ...],
    events: tuple[Table, ...],
    mask: Volume | None,
) -> Patterns:
    """Return the patterns of all runs.

    Each voxel is freed of its straight line and scaled to mean 0 and standard deviation 1 within each run,
    from this run alone. The images of an event are those that begin from its onset to its end, both
    ``lag`` seconds later; an event that holds none takes the next one.

    Raises
    ------
    BadInput
        The runs differ in grid, a run has no events of its own, or there is one trial type only.
    """
    names = names_of(context.names, "runs", len(runs))
    check_grids(runs, names)
    means = [values_of(each).mean(axis=-1) for each in runs]
    mean = np.mean(means, axis=0)
    inside = mask_for(runs[0], mean, mask)
    tables = matched(context.names, len(runs), events, "events")
    frames = []
    for run, table, name in zip(runs, tables, names, strict=True):
        step = repetition_time(run, params.repetition_time, name)
        frame = check_events(table.frame, name, step * run.image.shape[3])
        frames.append(_chosen(params, frame, name))
    classes = tuple(sorted({word for frame in frames for word in frame["trial_type"]}))
    if len(classes) < 2:
        raise BadInput(f"All events are '{classes[0]}'; there is nothing to tell apart.")
    series = [
        _scaled(values_of(runs[k])[inside].T)
        for k in context.track(range(len(runs)), "Reading runs")
    ]
    varying = np.min([each.std(axis=0) for each in series], axis=0) > 0
    inside[inside] = varying
    steps = [
        repetition_time(run, params.repetition_time, name)
        for run, name in zip(runs, names, strict=True)
    ]
    series = [each[:, varying] for each in series]
    rows: list[dict[str, Any]] = []
    for k, frame in enumerate(frames):
        rows += _samples(params, series[k], frame, steps[k], k)
    return Patterns(
        values=np.array([row["pattern"] for row in rows]),
        labels=np.array([classes.index(row["word"]) for row in rows], np.intp),
        classes=classes,
        runs=np.array([row["run"] for row in rows], np.intp),
        names=names,
        onsets=np.array([row["onset"] for row in rows]),
        inside=inside,
        mean=mean,
        lag=lag_of(series, frames, steps),
        expected_lag=params.lag,
    )


def _chosen(params: PatternParams, frame: pd.DataFrame, name: str) -> pd.DataFrame:
    if not params.conditions:
        return frame
    known = sorted(set(frame["trial_type"]))
    missing = [each for each in params.conditions if each not in known]
    if missing:
        raise BadInput(f"{name} has no event '{missing[0]}'. There are: {', '.join(known[:12])}.")
    return frame[frame["trial_type"].isin(params.conditions)]


def _scaled(series: Array) -> Array:
    from scipy.signal import detrend

    straight = detrend(series, axis=0)
    size = straight.std(axis=0)
    return np.asarray(straight / np.where(size > 1e-9, size, np.inf))


def _samples(
    params: PatternParams, series: Array, frame: pd.DataFrame, step: float, run: int
) -> list[dict[str, Any]]:
    times = np.arange(len(series)) * step
    rows: list[dict[str, Any]] = []
    events = zip(frame["onset"], frame["duration"], frame["trial_type"], strict=True)
    for onset, duration, word in events:
        begin = onset + params.lag
        own = np.flatnonzero((times >= begin - 1e-6) & (times < begin + duration - 1e-6))
        if not len(own):
            own = np.flatnonzero(times >= begin - 1e-6)[:1]
        if not len(own):
            continue  # its answer comes after the end of the run
        some = [series[own].mean(axis=0)] if params.samples == "block averages" else series[own]
        rows += [{"pattern": each, "word": word, "run": run, "onset": onset} for each in some]
    return rows


def accuracy_of_runs(patterns: Patterns, guess: Rows) -> Array:
    """Return the share of samples that is guessed right in each run."""
    return np.array(
        [
            np.mean(guess[patterns.runs == run] == patterns.labels[patterns.runs == run])
            for run in range(len(patterns.names))
        ]
    )
