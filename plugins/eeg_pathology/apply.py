"""Uses a trained classifier on recordings or windows that it has not seen."""

from __future__ import annotations

from typing import Any

import numpy as np

from neurostudio.api import (
    Context,
    Items,
    Lines,
    Number,
    Params,
    Recording,
    Result,
    Scatter,
    Table,
    Traces,
    TrainedModel,
    Trials,
    View,
    method,
    param,
)

from .cohort import WARNINGS
from .method import check_source


class ClassifyParams(Params):
    """Parameters of :func:`classify`."""

    stride: float | None = param(
        None,
        "From one window of a recording to the next; none for half a window",
        unit="s",
        gt=0,
        le=600,
    )
    average_reference: bool = param(
        True, "Measure a recording against the mean of its channels first"
    )


def _check(params: ClassifyParams, items: Items) -> None:
    del params
    source = items["model"]
    assert isinstance(source, TrainedModel)  # noqa: S101  the method's own check came first
    check_source(source)


@method(group="Apply", warnings=WARNINGS, gpu=True, check=_check, example="classify")
def classify(
    context: Context, params: ClassifyParams, model: TrainedModel, signals: Trials | Recording
) -> Result:
    """Judge windows or a whole recording by a trained classifier."""
    from . import cohort as cohorts
    from .running import cut, probabilities

    windows = cut(signals, model.config, params) if isinstance(signals, Recording) else signals
    simulated = cohorts.is_simulated(windows) or bool(model.config.get("simulated"))
    fitted = cohorts.adapted(windows, model.config)
    for _ in context.track(range(1), "Judging"):
        probability, overlay = probabilities(context, model, fitted, "signals")
    classes = tuple(model.config["classes"])
    times, names = _places(windows, context)
    scores = _scores(names, probability, classes)
    return Result(
        data={"scores": Table(scores), "timeline": _timeline(times, probability, classes)},
        views=(*_views(scores, times, probability, classes), overlay),
        numbers={
            "windows": Number(len(probability)),
            "mean probability": Number(
                float(probability[:, -1].mean()), "1", note=f"of '{classes[-1]}', over all windows"
            ),
        },
        warnings=("simulated",) if simulated else (),
    )


def _places(windows: Trials, context: Context) -> tuple[np.ndarray[Any, Any], list[str]]:
    """Return when each window begins on one axis, and the recording of each."""
    epochs = windows.epochs
    length = len(epochs.times) / epochs.info["sfreq"]
    frame = epochs.metadata
    count = len(epochs.events)
    item = (context.names.get("signals") or ("recording",))[0]
    if frame is not None and "recording" in frame:
        names = [str(each) for each in frame["recording"]]
    elif frame is not None and "subject" in frame:
        names = [str(each) for each in frame["subject"]]
    else:
        names = [item] * count
    alone = len(set(names)) == 1 and frame is not None and "start" in frame
    starts = np.asarray(frame["start"], dtype=float) if alone else np.arange(count) * length
    if not np.all(np.diff(starts) > 0):
        starts = np.arange(count) * length
    return starts + length / 2, names


def _scores(names: list[str], probability: Any, classes: tuple[str, ...]) -> Any:
    import pandas as pd

    frame = pd.DataFrame(probability, columns=[f"probability of {each}" for each in classes])
    mean = frame.assign(recording=names).groupby("recording", sort=False).mean()
    guess = [classes[k] for k in mean.to_numpy().argmax(axis=1)]
    counts = pd.Series(names).value_counts().reindex(mean.index).to_numpy()
    return mean.reset_index().assign(guess=guess, windows=counts)


def _timeline(times: Any, probability: Any, classes: tuple[str, ...]) -> Traces:
    import pynapple as nap

    return Traces(nap.TsdFrame(t=times, d=probability, columns=list(classes)), "1")


def _views(scores: Any, times: Any, probability: Any, classes: tuple[str, ...]) -> tuple[View, ...]:
    last = f"probability of {classes[-1]}"
    decision = {"decision": 0.5} if len(classes) == 2 else {}
    timeline = Lines(
        times, probability[:, -1][None], names=(classes[-1],), x_label="time", x_unit="s", y_label=last,
        y_unit="1", levels=decision, axis="time", title="Windows over time",
        caption="One value a window, at its middle.",
    )  # fmt: skip
    names = tuple(scores["recording"])
    whole = Scatter(
        np.arange(len(scores), dtype=float), scores[last].to_numpy(dtype=float),
        groups=tuple(scores["guess"]), names=names, x_label="recording", y_label=last, y_unit="1",
        x_names=names if len(names) <= 60 else (), levels=decision, title="Recordings",
        caption="Mean over the windows of a recording. Not a medical device.",
    )  # fmt: skip
    return timeline, whole
