"""Fits decoders to windows of time and follows their score."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from neurostudio.api import Lines, Result, Table
from neurostudio.scores import Number, score

from .deciding import Found, deep_queries, ridge, train_encoder
from .experiment import set_up
from .judging import Judged, averaged_or_single, judged, number, tops_of
from .preparing import codes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Context, Trials

    from .course import CourseParams
    from .experiment import Experiment

    Array = NDArray[Any]


def windows_of(times: Array, window: float, stride: float, mode: str) -> list[tuple[int, int]]:
    """Return first sample and the one after the last of each window.

    The first window that ends at or after a time is that of all samples before it.
    """
    step = times[1] - times[0]
    n, size = len(times), max(2, round(window / step))
    hop = max(1, round(stride / step))
    ends = range(size, n + 1, hop)
    return [(0 if mode == "growing" else end - size, end) for end in ends]


def follow(context: Context, params: CourseParams, trials: Trials, features: Table) -> Result:
    """Return the score of each window and decoder, beside chance, ridge and the null."""
    whole = set_up(trials, features, params, context.seed)
    times = whole.responses.times
    step = float(times[1] - times[0])
    k = tops_of(len(whole.gallery.ids))[-1]
    rows: list[dict[str, Any]] = []
    kept: dict[str, list[Judged]] = {}
    for first, end in context.track(
        windows_of(times, params.window, params.stride, params.mode), "Windows"
    ):
        part = replace(whole, signals=np.ascontiguousarray(whole.signals[..., first:end]))
        at = {"start": float(times[first]), "end": float(times[end - 1] + step)}
        for name, each in _judged_window(context, params, part, end).items():
            kept.setdefault(name, []).append(each)
            value = each.top(k)
            spread = float(np.sqrt(max(value * (1 - value), 0) / len(each.ranks)))
            rows.append(at | {"decoder": name, f"top_{k}": value, "standard_error": spread})
        context.show("course", course_of(pd.DataFrame(rows), k, whole, params))
    frame = pd.DataFrame(rows)
    frame["chance"] = k / len(whole.gallery.ids)
    return Result(
        data={"course": Table(frame)},
        views=(course_of(frame, k, whole, params),),
        numbers=_numbers(frame, kept, k, whole, context.seed),
        warnings=codes_of(whole.responses, whole.split, params.model_dump()),
    )


def _judged_window(
    context: Context, params: CourseParams, part: Experiment, end: int
) -> dict[str, Judged]:
    """Return the judgement of each decoder asked for, and of ridge on shuffled pictures."""
    found = Found()
    if "ridge" in params.decoders or "deep" in params.decoders:
        ridge(context, part, params, found)
    if "deep" in params.decoders:
        network, _, _ = train_encoder(context, part, params, part.shown, f"window to sample {end}")
        found.real["deep"] = deep_queries(context, part, network)
    judgements = {
        name: judged(averaged_or_single(queries, params.average), part.gallery)
        for name, queries in found.real.items()
    }
    null = [
        judged(averaged_or_single(each, params.average), part.gallery)
        for each in found.null["ridge"]
    ]
    together = replace(
        null[0],
        ranks=np.concatenate([each.ranks for each in null]),
        subjects=np.concatenate([each.subjects for each in null]),
        groups=np.concatenate([each.groups for each in null]),
    )
    return judgements | {"ridge, shuffled": together}


def course_of(frame: Any, k: int, experiment: Experiment, params: CourseParams) -> Lines:
    """Return the score against the end of the window."""
    table = frame.pivot_table(index="end", columns="decoder", values=f"top_{k}")
    errors = frame.pivot_table(index="end", columns="decoder", values="standard_error")
    names = sorted(table.columns, key=lambda name: ("shuffled" in name, name != "deep"))
    y = table[names].to_numpy().T
    error = 1.96 * errors[names].to_numpy().T
    size = len(experiment.gallery.ids)
    chance = k / size
    n = len(
        averaged_or_single(experiment.queries(np.zeros((len(experiment.test), 1))), params.average)
    )
    above = chance + 2 * np.sqrt(chance * (1 - chance) / n)
    single = n == len(experiment.test)
    marks = {"onset": 0.0} if table.index[0] < 0 else {}
    if params.picture_off <= experiment.responses.times[-1]:
        marks["offset"] = params.picture_off
    return Lines(
        table.index.to_numpy(dtype=float), y, names=tuple(names), x_label="end of the window", x_unit="s",
        y_label=f"top-{k} of {size}", y_unit="1", low=np.maximum(y - error, 0),
        high=np.minimum(y + error, 1), levels={"chance": chance, "chance + 2 s.e.": float(above)},
        marks=marks, axis="time", title="When the picture can be decoded",
        caption=(
            f"{params.mode.capitalize()} windows"
            + (f" of {params.window:g} s" if params.mode == "sliding" else "")
            + "; a decoder of its own each; "
            + ("single trials." if single else "predictions averaged a picture and subject.")
        ),
    )  # fmt: skip


def _numbers(
    frame: Any, kept: dict[str, list[Judged]], k: int, experiment: Experiment, seed: int
) -> dict[str, Number]:
    main = "deep" if "deep" in kept else "ridge"
    values = np.array([each.top(k) for each in kept[main]])
    ends = frame[frame.decoder == main]["end"].to_numpy()
    best = int(values.argmax())
    note = (
        f"window that ends at {ends[best]:.3g} s; the best of {len(ends)}, which makes it too high"
    )
    below = kept["ridge"][best].top(k) if main == "deep" else None
    size = len(experiment.gallery.ids)
    numbers = {
        f"top-{k}, best window": number(kept[main][best], k, baseline=below, note=note, seed=seed),
        "end of the best window": Number(float(ends[best]), "s"),
    }
    before = np.flatnonzero(ends <= 1e-9)
    if len(before):
        chance = k / size
        n = sum(len(kept[main][row].ranks) for row in before)
        mean = float(values[before].mean())
        error = float(np.sqrt(chance * (1 - chance) / n))
        numbers["before onset"] = score(
            mean, low=mean - 1.96 * error, high=mean + 1.96 * error, chance=chance, baseline=None,
            note="mean of the windows that end before the picture; above chance it is a leak",
        )  # fmt: skip
    first = _first_above(values, k / size, len(kept[main][0].ranks))
    if first is not None:
        numbers["decodable from"] = Number(
            float(ends[first]), "s", note="end of the first of two windows above chance + 2 s.e."
        )
    return numbers


def _first_above(values: Array, chance: float, n: int) -> int | None:
    above = values > chance + 2 * np.sqrt(chance * (1 - chance) / n)
    twice = np.flatnonzero(above[:-1] & above[1:])
    return int(twice[0]) if len(twice) else None
