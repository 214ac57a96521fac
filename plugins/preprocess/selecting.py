"""Which trials to keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Number,
    Params,
    Result,
    Scatter,
    Sheet,
    Trials,
    method,
    param,
)

from .signals import memory, scale_of

if TYPE_CHECKING:
    from neurostudio.api import Items


class SelectParams(Params):
    """Parameters of :func:`select_trials`."""

    events: tuple[str, ...] = param((), "Events to keep; none for all", suggest="events")
    column: str = param("", "Column of the labels to choose by; empty for none", suggest="columns")
    values: tuple[str, ...] = param((), "Values of that column to keep")
    start: float | None = param(None, "New begin of the trials; none for the old one", unit="s")
    end: float | None = param(None, "New end of the trials; none for the old one", unit="s")


def _check_select(params: SelectParams, items: Items) -> None:
    trials = items["trials"]
    assert isinstance(trials, Trials)  # noqa: S101  the method's own check came first
    if params.column and params.column not in trials.names("columns"):
        raise BadInput(
            f"The trials have no column '{params.column}'. "
            f"They have: {', '.join(trials.names('columns')) or 'none'}."
        )
    missing = [event for event in params.events if event not in trials.names("events")]
    if missing:
        raise BadInput(
            f"The trials have no event '{missing[0]}'. They have: {', '.join(trials.names('events'))}."
        )


@method(group="Preprocess", memory=memory, check=_check_select, example="select")
def select_trials(context: Context, params: SelectParams, trials: Trials) -> Result:
    """Keep trials by event or label, and shorten them."""
    context.say("Choosing trials")
    epochs = trials.epochs
    words = {code: word for word, code in epochs.event_id.items()}
    keep = np.array(
        [not params.events or words.get(c) in params.events for c in epochs.events[:, 2]]
    )
    if params.column:
        keep &= epochs.metadata[params.column].astype(str).isin(params.values).to_numpy()
    if not keep.any():
        raise BadInput("No trial fits. Choose other events or values.")
    chosen = epochs[np.flatnonzero(keep)].copy().load_data()
    if params.start is not None or params.end is not None:
        chosen.crop(params.start, params.end, verbose="ERROR")
    columns = {"event": list(chosen.event_id), "trials": [len(chosen[w]) for w in chosen.event_id]}
    return Result(
        data={"selected": Trials(chosen)},
        views=(Sheet(columns, title="Trials that are kept"),),
        numbers={"kept": Number(len(chosen.events), note=f"of {len(keep)} trials")},
    )


class RejectParams(Params):
    """Parameters of :func:`reject_trials`."""

    eeg: float | None = param(
        150e-6, "Largest range of an EEG channel; none for any", unit="V", gt=0
    )
    eog: float | None = param(None, "Largest range of an eye channel; none for any", unit="V", gt=0)
    magnetometers: float | None = param(
        4e-12, "Largest range of a magnetometer; none for any", unit="T", gt=0
    )
    gradiometers: float | None = param(
        4e-10, "Largest range of a gradiometer; none for any", unit="T/m", gt=0
    )
    flat: float = param(0.0, "Smallest range of an EEG channel; 0 for any", unit="V", ge=0)


@method(group="Preprocess", memory=memory, example="reject")
def reject_trials(context: Context, params: RejectParams, trials: Trials) -> Result:
    """Leave out trials whose signals range too far, or not at all."""
    for _ in context.track(range(1), "Measuring trials"):
        epochs = trials.epochs.copy().load_data()
        limits = {
            "eeg": params.eeg,
            "eog": params.eog,
            "mag": params.magnetometers,
            "grad": params.gradiometers,
        }
        bad, ranges, worst = _too_far(epochs, limits, params.flat)
    if bad.all():
        raise BadInput(
            f"All {len(bad)} trials range further than allowed. Allow more, or mark bad channels first."
        )
    kept = epochs[np.flatnonzero(~bad)]
    factor, unit = scale_of(epochs, [worst[0]])
    view = Scatter(
        x=np.arange(len(bad), dtype=float),
        y=ranges * factor,
        groups=tuple("left out" if each else "kept" for each in bad),
        names=tuple(worst),
        x_label="trial",
        y_label="range of the channel that moves most",
        y_unit=unit,
        title="Range of each trial",
    )
    return Result(
        data={"kept": Trials(kept)},
        views=(view,),
        numbers={
            "kept": Number(int((~bad).sum()), note=f"of {len(bad)} trials"),
            "left out": Number(int(bad.sum())),
        },
    )


def _too_far(
    epochs: Any, limits: dict[str, float | None], flat: float
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], list[str]]:
    """Return which trials go, the largest range of each, and the channel that has it."""
    good = [name for name in epochs.ch_names if name not in epochs.info["bads"]]
    kinds = dict(zip(epochs.ch_names, epochs.get_channel_types(), strict=True))
    measured = [name for name in good if kinds[name] in limits]
    if not measured:
        raise BadInput("There is no EEG, eye or MEG channel that could be measured.")
    data = epochs.get_data(picks=measured, copy=False, verbose="ERROR")
    ranges = np.ptp(data, axis=-1)
    highest = np.array([limits[kinds[name]] or np.inf for name in measured])
    lowest = np.array([flat if kinds[name] == "eeg" else 0.0 for name in measured])
    bad = ((ranges > highest) | (ranges < lowest)).any(axis=1)
    share = ranges / np.where(np.isfinite(highest), highest, ranges.max(axis=0) + 1e-300)
    most = share.argmax(axis=1)
    return bad, ranges[np.arange(len(ranges)), most], [measured[k] for k in most]
