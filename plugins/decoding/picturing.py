"""Pictures and numbers of decoding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Heatmap, Lines, Number, Trials, View, score
from neurostudio.learning.sensors import event_mark, topomap

if TYPE_CHECKING:
    import pandas as pd

    from .over_time import Decoded, Problem


def chance_of(problem: Problem, measure: str) -> float:
    """Return the score of guessing."""
    return 0.5 if measure == "auroc" else 1 / len(problem.classes)


def frame(problem: Problem, found: Decoded, measure: str) -> pd.DataFrame:
    """Return the scores as a table, a row a time."""
    import pandas as pd

    columns = {"time": problem.times, "score": found.scores, "low": found.low, "high": found.high}
    table = pd.DataFrame(columns | {"chance": chance_of(problem, measure)})
    if np.isfinite(found.level):
        table["significant"] = found.scores > found.level
    return table


def numbers(problem: Problem, found: Decoded, params: Any) -> dict[str, Number]:
    """Return the mean and the highest score, and how likely the highest is by chance."""
    chance = chance_of(problem, params.measure)
    peak = int(found.scores.argmax())
    what = params.measure if params.measure != "auroc" else "AUROC"
    who = "unseen trials" if problem.groups is None else f"trials of unseen {_what(params)}"
    low, high = found.peak
    result = {
        "trials": Number(len(problem.truth), note=", ".join(problem.classes)),
        "highest score": score(
            float(found.scores[peak]),
            low=float(low),
            high=float(high),
            chance=chance,
            baseline=None,
            note=f"{what} of {who} at {problem.times[peak]:.3f} s; chosen as the highest, so too high",
        ),
        "mean score": Number(
            float(found.scores.mean()), "1", chance=chance, note=f"{what}, mean over all times"
        ),
    }
    if np.isfinite(found.p):
        times = f"{len(problem.times)} times"
        result["p"] = Number(
            found.p, "1", note=f"{len(found.highest)} shuffles, highest of {times}"
        )
        above = problem.times[found.scores > found.level]
        first = Number(float(above[0]), "s", note=f"of {len(above)} times") if len(above) else None
        result |= {"first above chance": first} if first is not None else {}
        result["times above chance"] = Number(
            len(above), note=f"of {times}, over {found.level:.3f}"
        )
    return result


def views(trials: Trials, problem: Problem, found: Decoded, params: Any) -> tuple[View, ...]:
    """Return the score over time, its generalisation, and where the difference lies at the peak."""
    chance = chance_of(problem, params.measure)
    levels = {"chance": chance}
    if np.isfinite(found.level):
        levels["5 % over all times"] = found.level
    who = "single trials" if problem.groups is None else _what(params)
    line = Lines(
        x=problem.times,
        y=found.scores[None],
        low=found.low[None],
        high=found.high[None],
        names=(" against ".join(problem.classes[:4]),),
        x_label="time from the event",
        x_unit="s",
        y_label="AUROC" if params.measure == "auroc" else "balanced accuracy",
        y_unit="1",
        levels=levels,
        marks=dict(event_mark(trials)),
        title="Decoding over time",
        caption=(
            f"{len(problem.truth)} trials, {len(problem.names)} channels, {params.folds} folds over "
            f"{who}. Band: 95 % of resampled {'trials' if problem.groups is None else _what(params)}."
        ),
    )
    return (line, *_matrix(problem, found, params, chance), *_difference(trials, problem, found))


def _what(params: Any) -> str:
    return f"groups ({params.groups})" if params.groups else "items"


def _matrix(problem: Problem, found: Decoded, params: Any, chance: float) -> tuple[View, ...]:
    if found.matrix is None:
        return ()
    return (
        Heatmap(
            values=(found.matrix - chance)[::-1],
            x=problem.times,
            y=problem.times[::-1],
            x_label="tested at",
            x_unit="s",
            y_label="learnt at",
            y_unit="s",
            value_label=f"{params.measure} − chance ({chance:.3g})",
            value_unit="1",
            diverging=True,
            title="Generalisation over time",
            caption="A square means that the same pattern lasts; a diagonal, that it changes.",
        ),
    )


def _difference(trials: Trials, problem: Problem, found: Decoded) -> tuple[View, ...]:
    if len(problem.classes) != 2:
        return ()
    peak = int(found.scores.argmax())
    values = problem.values[:, :, peak]
    means = [values[problem.truth == k].mean(axis=0) for k in (0, 1)]
    spread = values.std(axis=0)
    difference = (means[1] - means[0]) / np.where(spread > 0, spread, 1)
    return topomap(
        trials,
        problem.names,
        difference[None],
        titles=(f"{problem.times[peak]:.3f} s",),
        title=f"{problem.classes[1]} − {problem.classes[0]} at the highest score",
        value_label="difference in standard deviations",
        value_unit="1",
        caption="The difference of the means, which can be read; weights of a classifier cannot.",
    )
