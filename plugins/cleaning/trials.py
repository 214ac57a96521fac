"""Mend or leave out noisy trials by thresholds that cross-validation chose."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Estimate,
    Heatmap,
    Lines,
    Number,
    Params,
    Result,
    Sheet,
    Trials,
    View,
    method,
    param,
)
from neurostudio.learning.sensors import data_channels, scale_of
from neurostudio.montage import positions

if TYPE_CHECKING:
    from neurostudio.api import Items

Array = np.ndarray[Any, np.dtype[np.float64]]
GOOD, BAD, MENDED = 0, 1, 2


class CleanTrialsParams(Params):
    """Parameters of :func:`clean_trials`."""

    approach: Literal["local", "global"] = param(
        "local",
        "local: a threshold a channel, bad ones mended by their neighbours; global: one threshold a type",
    )
    mend: tuple[int, ...] = param(
        (1, 4), "Numbers of channels to try that may be mended in a trial (local)"
    )
    consensus: tuple[float, ...] = param(
        (0.2, 0.5, 0.8),
        "Shares of bad channels to try from which a trial is left out (local)",
        unit="1",
    )
    search: Literal["bayesian_optimization", "random_search"] = param(
        "bayesian_optimization", "How thresholds are searched (local)", advanced=True
    )
    folds: int = param(5, "Parts of the cross-validation", ge=2, le=20, advanced=True)
    decimate: int = param(
        1, "Use only every n-th time for the threshold (global)", ge=1, le=100, advanced=True
    )


@dataclass(frozen=True, slots=True)
class Found:
    """What became of each trial and channel, and the thresholds (SI units) that decided it."""

    cleaned: Any
    left_out: np.ndarray[Any, np.dtype[np.bool_]]
    labels: Array
    channels: tuple[str, ...]
    thresholds: dict[str, float]
    choice: str


def _memory(params: Any, items: Items) -> Estimate:
    del params
    trials = items["trials"]
    assert isinstance(trials, Trials)  # noqa: S101  the method's own check came first
    return Estimate(6 * trials.nbytes())


def _check(params: CleanTrialsParams, items: Items) -> None:
    trials = items["trials"]
    assert isinstance(trials, Trials)  # noqa: S101  the method's own check came first
    if find_spec("autoreject") is None:
        raise BadInput("Cleaning trials needs the package 'autoreject', which is not installed.")
    n_trials = len(trials.epochs.events)
    if n_trials < 2 * params.folds:
        raise BadInput(
            f"There are {n_trials} trials and {params.folds} folds; each fold needs at least two "
            "trials. Use fewer folds or more trials."
        )
    kinds = set(trials.epochs.get_channel_types())
    if not kinds & {"eeg", "mag", "grad"}:
        raise BadInput("There is no EEG or MEG channel to clean.")
    if params.approach == "local":
        _check_local(params, trials)


def _check_local(params: CleanTrialsParams, trials: Trials) -> None:
    names = data_channels(trials)
    placed, _ = positions(trials.epochs.info, names)
    if len(placed) < len(names):
        lost = [name for name in names if name not in placed]
        raise BadInput(
            f"{len(lost)} channels have no place: {', '.join(lost[:3])}. Mending needs neighbours: "
            "set the channel positions first, or use the global approach."
        )
    if not params.mend or not params.consensus:
        raise BadInput("No number to mend or no share of bad channels is given. Name at least one.")
    if any(not 0 <= share <= 1 for share in params.consensus):
        raise BadInput("A share of bad channels lies between 0 and 1.")
    if max(params.mend) >= len(names) or min(params.mend) < 0:
        raise BadInput(
            f"{max(params.mend)} of {len(names)} channels are to be mended in a trial. "
            "Choose numbers below the number of channels."
        )


@method(
    group="Preprocess",
    memory=_memory,
    check=_check,
    warnings={
        "many": "More than a third of the trials were left out. Look for bad channels first."
    },
)
def clean_trials(context: Context, params: CleanTrialsParams, trials: Trials) -> Result:
    """Mend channels in single trials, or leave trials out, by thresholds from cross-validation."""
    for _ in context.track(range(1), "Searching thresholds"):
        epochs = trials.epochs.copy().load_data()
        find = _local if params.approach == "local" else _global
        found = find(epochs, params, context.seed)
    if found.left_out.all():
        raise BadInput(
            "No trial would be left. Mark bad channels or filter first, or allow larger shares of "
            "bad channels."
        )
    n_trials = len(found.left_out)
    share = (found.labels == MENDED).mean()
    numbers = {
        "kept": Number(int((~found.left_out).sum()), note=f"of {n_trials} trials"),
        "left out": Number(int(found.left_out.sum())),
        "mended": Number(float(share), "1", note=f"share of channels × trials; {found.choice}"),
    }
    return Result(
        data={"cleaned": Trials(found.cleaned)},
        views=_views(trials, found),
        numbers=numbers,
        warnings=("many",) if found.left_out.mean() > 1 / 3 else (),
    )


def _local(epochs: Any, params: CleanTrialsParams, seed: int) -> Found:
    import warnings

    import autoreject
    import mne

    cleaner = autoreject.AutoReject(
        n_interpolate=np.array(params.mend),
        consensus=np.array(params.consensus),
        cv=params.folds,
        thresh_method=params.search,
        random_state=seed,
        n_jobs=1,
        verbose=False,
    )
    with warnings.catch_warnings(), mne.utils.use_log_level("ERROR"):
        warnings.simplefilter("ignore")  # of sklearn's search, about points it has seen before
        cleaned, log = cleaner.fit_transform(epochs, return_log=True)
    names = [name for name in epochs.ch_names if name in cleaner.threshes_]
    columns = [list(log.ch_names).index(name) for name in names]
    choice = "; ".join(
        f"{kind}: at most {cleaner.n_interpolate_[kind]} mended, out from "
        f"{100 * cleaner.consensus_[kind]:.0f} % bad"
        for kind in cleaner.consensus_
    )
    return Found(
        cleaned=cleaned,
        left_out=np.asarray(log.bad_epochs, bool),
        labels=np.nan_to_num(np.asarray(log.labels, float)[:, columns]),
        channels=tuple(names),
        thresholds={name: float(cleaner.threshes_[name]) for name in names},
        choice=choice,
    )


def _global(epochs: Any, params: CleanTrialsParams, seed: int) -> Found:
    import warnings

    import autoreject

    kinds = [each for each in ("mag", "grad", "eeg") if each in set(epochs.get_channel_types())]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        limits = autoreject.get_rejection_threshold(
            epochs,
            decim=params.decimate,
            random_state=seed,
            ch_types=kinds,
            cv=params.folds,
            verbose=False,
        )
    types = dict(zip(epochs.ch_names, epochs.get_channel_types(), strict=True))
    names = [n for n in epochs.ch_names if types[n] in limits and n not in epochs.info["bads"]]
    ranges = np.ptp(epochs.get_data(picks=names, copy=False, verbose="ERROR"), axis=-1)
    over = ranges > np.array([limits[types[name]] for name in names])
    left_out = over.any(axis=1)
    return Found(
        cleaned=epochs[np.flatnonzero(~left_out)],
        left_out=left_out,
        labels=over.astype(float) * BAD,
        channels=tuple(names),
        thresholds={name: float(limits[types[name]]) for name in names},
        choice="one threshold a type",
    )


def _views(trials: Trials, found: Found) -> tuple[View, ...]:
    factor, unit = scale_of(trials, found.channels)
    log = Heatmap(
        values=found.labels,
        y=np.arange(len(found.labels), dtype=float),
        x_names=found.channels,
        y_label="trial",
        value_label="0 good, 1 bad, 2 mended",
        title="What became of each trial and channel",
        caption=(
            f"{int(found.left_out.sum())} of {len(found.left_out)} trials were left out: "
            f"{_listed(np.flatnonzero(found.left_out))}. Choice: {found.choice}."
        ),
    )
    counts = Sheet(
        {
            "channel": list(found.channels),
            f"threshold ({unit})": [round(found.thresholds[n] * factor, 2) for n in found.channels],
            "bad": [int(each) for each in (found.labels == BAD).sum(axis=0)],
            "mended": [int(each) for each in (found.labels == MENDED).sum(axis=0)],
        },
        title="Channels",
        caption="Threshold of the range within a trial; in how many trials each was bad or mended.",
    )
    return (log, counts, _averages(trials, found, factor, unit))


def _averages(trials: Trials, found: Found, factor: float, unit: str) -> Lines:
    names = list(found.channels)
    rows = [
        epochs.get_data(picks=names, copy=False, verbose="ERROR").mean(axis=0).std(axis=0) * factor
        for epochs in (trials.epochs, found.cleaned)
    ]
    return Lines(
        x=np.asarray(trials.epochs.times, float),
        y=np.stack(rows),
        names=("before", "after"),
        x_label="time from the event",
        x_unit="s",
        y_label="global field power of the average",
        y_unit=unit,
        title="Average before and after",
    )


def _listed(rows: Any) -> str:
    words = ", ".join(str(row) for row in rows[:20])
    return f"{words} …" if len(rows) > 20 else words or "none"
