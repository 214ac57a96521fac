"""Finds the cue that fits a fragment best: each bit is recalled alone, and who answers is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Heatmap,
    Lines,
    NullControl,
    Number,
    Result,
    Table,
    View,
    method,
    score,
)
from neurostudio.scores import bootstrap, interval, interval_of_share

from .declaring import WARNINGS, RuleParams
from .memory import Memory
from .programs import Operation, by_content, spaced
from .reporting import codes_of_rule
from .tables import indices_of, program_of

if TYPE_CHECKING:
    import pandas as pd

    from neurostudio.api import Items

    from .programs import Program

Array = np.ndarray[Any, np.dtype[Any]]
DRAWS = 200
_LONG = 8.0  # of the usual step between two fragments


class VoteParams(RuleParams):
    """Parameters of :func:`recall_by_votes`."""


def _check(params: VoteParams, items: Items) -> None:
    fragments = items.get("fragments")
    if isinstance(fragments, Table) and "content" not in fragments.frame:
        raise BadInput(
            "The table of fragments has no column content: the bits of each, such as 0 1 8."
        )
    program = items.get("program")
    if isinstance(program, Table):
        found = program_of(program.frame, params.pitch_ms)
        if not any(each.kind == "learn" for each in found.operations):
            raise BadInput("The program learns nothing: give a table with operations 'learn'.")


@method(
    group="Simulate",
    title="Recall by votes",
    warnings=WARNINGS
    | {
        "votes": "Votes are our addition: the paper's recall by content is an OR, not a best match.",
        "poor decoder": "A simple Bayesian decoder is better: this memory works and is not a good decoder.",
    },
    check=_check,
    example="voting",
)
def recall_by_votes(
    context: Context, params: VoteParams, program: Table, fragments: Table
) -> Result:
    """Learn a program, then vote: recall each bit of a fragment alone and count which cue answers most often.

    Only the learning of the program is carried out. Fragments have the column content, and where the truth is
    known cue; with position (0 to 1) too, the error is a distance. Of equal votes the first cue is taken.
    """
    learned = program_of(program.frame, params.pitch_ms)
    frame = fragments.frame.reset_index(drop=True)
    contents = [indices_of(value) for value in frame["content"]]
    truth = _truth(frame)
    votes = _votes(context, params, learned, contents, truth)
    best = np.argmax(votes, axis=1)
    table = frame.assign(
        **{
            "votes": [joined_votes(row) for row in votes],
            "best cue": best,
            "equal votes": [int((row == row.max()).sum()) for row in votes],
        }
    )
    position = _positions(frame, learned.n_cues)
    numbers, null, codes = _judged(
        frame, votes, best, truth, position, learned.n_cues, context.seed
    )
    rule_codes = codes_of_rule(params.plasticity, params.pitch_ms)
    return Result(
        {"votes": Table(table)},
        (_heat(votes, truth, params.plasticity.label), *null),
        numbers,
        ("simulated data", "votes", *rule_codes, *codes),
    )


def joined_votes(row: Array) -> str:
    """Return the votes of all cues that got any: ``3: 2, 4: 1``."""
    return ", ".join(f"{cue}: {int(row[cue])}" for cue in np.flatnonzero(row))


def _truth(frame: pd.DataFrame) -> Array | None:
    if "cue" not in frame:
        return None
    found = [indices_of(value) for value in frame["cue"]]
    if not all(len(each) == 1 for each in found):
        return None
    return np.array([each[0] for each in found])


def _positions(frame: pd.DataFrame, n_cues: int) -> Array | None:
    """Return the true positions where cues are places along a line from 0 to 1."""
    if "position" not in frame:
        return None
    values = frame["position"].to_numpy(float)
    inside = np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1
    return values if inside and n_cues > 1 else None


def _votes(
    context: Context,
    params: VoteParams,
    learned: Program,
    contents: list[tuple[int, ...]],
    truth: Array | None,
) -> Array:
    """Return the votes of each cue for each fragment, shape (n_fragments, n_cues)."""
    lessons = [each for each in learned.operations if each.kind == "learn"]
    n_content = max(
        learned.n_content, 1 + max((bit for each in contents for bit in each), default=0)
    )
    asked = [by_content(0, (bit,)) for each in contents for bit in each]
    whole = spaced(learned.n_cues, n_content, [*lessons, *asked], params.pitch_ms)
    memory = Memory(whole, params.plasticity, params.learn_spikes)
    memory.warm()
    votes = np.zeros((len(contents), learned.n_cues))
    recalls = iter(whole.operations[len(lessons) :])
    for row, bits in enumerate(context.track(contents, "Fragments")):
        for each in [next(recalls) for _ in bits]:
            votes[row, list(_answer(memory, each))] += 1
        if row % 20 == 0:
            context.show("Votes", _heat(votes[: row + 1], None, params.plasticity.label))
            _log(context, row, votes, truth)
    return votes


def _answer(memory: Memory, operation: Operation) -> frozenset[int]:
    memory.advance(operation.at + 7)
    return memory.answer(operation.at + 6)[0]


def _log(context: Context, row: int, votes: Array, truth: Array | None) -> None:
    if truth is not None:
        best = np.argmax(votes[: row + 1], axis=1)
        context.log(step=row, right=float(np.mean(best == truth[: row + 1])))


def _judged(
    frame: pd.DataFrame,
    votes: Array,
    best: Array,
    truth: Array | None,
    position: Array | None,
    n_cues: int,
    seed: int,
) -> tuple[dict[str, Number], tuple[View, ...], tuple[str, ...]]:
    answered = votes.max(axis=1) > 0
    numbers = {
        "fragments": Number(len(votes), note="each recalled bit by bit; simulated"),
        "fragments with equal votes": Number(
            int(((votes == votes.max(axis=1, keepdims=True)).sum(axis=1) > 1).sum()),
            note="several cues have the most votes: the first is taken; simulated",
        ),
        "fragments without an answer": Number(
            int((~answered).sum()), note="no cue got a vote; simulated"
        ),
    }
    if truth is None:
        return numbers, (), ()
    random = np.random.default_rng([seed, 31])
    drawn = [random.permutation(best) for _ in range(DRAWS)]
    right = int(np.sum((best == truth) & answered))
    low, high = interval_of_share(right / len(best), len(best))
    shuffled = np.array([np.mean(each == truth) for each in drawn])
    numbers["right cue"] = score(
        right / len(best), low=low, high=high, chance=float(shuffled.mean()),
        baseline=_share_right(frame, truth),
        note=(
            f"{right} of {len(best)}, Wilson's interval; chance: answers shuffled over fragments; baseline: "
            "Bayesian decoder where the table has one; simulated memory"
        ),
    )  # fmt: skip
    view = _null("right cue", right / len(best), (low, high), shuffled, "share of fragments", "1")
    if position is None:
        return numbers, (view,), ()
    return _with_distance(frame, best, position, drawn, n_cues, seed, numbers)


def _share_right(frame: pd.DataFrame, truth: Array) -> float | None:
    if "decoded cue" not in frame:
        return None
    return float(np.mean(frame["decoded cue"].to_numpy(int) == truth))


def _with_distance(
    frame: pd.DataFrame,
    best: Array,
    position: Array,
    drawn: list[Array],
    n_cues: int,
    seed: int,
    numbers: dict[str, Number],
) -> tuple[dict[str, Number], tuple[View, ...], tuple[str, ...]]:
    """Add the error as a distance along the track, as a share of it."""

    def error(cues: Array) -> Array:
        return np.abs((cues + 0.5) / n_cues - position)

    errors = error(best)
    rows = [str(k) for k in range(len(errors))]
    low, high = interval(
        bootstrap(lambda r: float(np.median(errors[r])), rows, draws=500, seed=seed)
    )
    shuffled = np.array([np.median(error(each)) for each in drawn])
    baseline = None
    if "decoded cue" in frame:
        baseline = float(np.median(error(frame["decoded cue"].to_numpy(int))))
    numbers["median error"] = Number(
        float(np.median(errors)), "of the track", low, high,
        chance=float(shuffled.mean()), baseline=baseline,
        note=(
            f"{len(errors)} fragments; chance: answers shuffled over fragments; baseline: Bayesian decoder "
            "on the same fragments; the interval takes fragments for independent; simulated memory"
        ),
    )  # fmt: skip
    view = _null(
        "votes",
        float(np.median(errors)),
        (low, high),
        shuffled,
        "median error",
        "of the track",
        baseline,
    )
    poor = baseline is not None and baseline < float(np.median(errors))
    course = _course(frame, best, position, n_cues)
    return numbers, (view, *course), ("poor decoder",) if poor else ()


def _course(frame: pd.DataFrame, best: Array, position: Array, n_cues: int) -> tuple[View, ...]:
    if "time" not in frame:
        return ()
    rows = [position, (best + 0.5) / n_cues]
    names = ["true", "by votes"]
    if "decoded cue" in frame:
        rows.append((frame["decoded cue"].to_numpy(int) + 0.5) / n_cues)
        names.append("Bayesian decoder")
    times = frame["time"].to_numpy(float)
    view = Lines(
        times, _broken(times, np.array(rows)), names=tuple(names), x_label="time", x_unit="s",
        y_label="position", y_unit="of the track", title="Place by votes",
        caption="Only stretches with at least two active members; the memory is simulated.",
        axis="time",
    )  # fmt: skip
    return (view,)


def _broken(times: Array, rows: Array) -> Array:
    """Return values with a gap where nothing was asked for long, so that no line leads across."""
    shown = rows.copy()
    shown[:, 1:][:, np.diff(times) > _LONG * np.median(np.diff(times))] = np.nan
    return shown


def _null(
    name: str,
    value: float,
    edges: tuple[float, float],
    shuffled: Array,
    label: str,
    unit: str,
    baseline: float | None = None,
) -> NullControl:
    return NullControl(
        np.array([value]), shuffled[None, :], names=(name,), null_name="answers shuffled over fragments",
        low=np.array([edges[0]]), high=np.array([edges[1]]),
        baseline=None if baseline is None else np.array([baseline]),
        y_label=label, y_unit=unit, title="Votes and their control",
        caption="Baseline: a Bayesian decoder on the same fragments." if baseline is not None else "",
    )  # fmt: skip


def _heat(votes: Array, truth: Array | None, label: str) -> Heatmap:
    order = np.arange(len(votes)) if truth is None else np.argsort(truth, kind="stable")
    words = "in the order of the table" if truth is None else "ordered by their true cue"
    return Heatmap(
        votes[order].T, x_label=f"fragment, {words}", y_label="cue", value_label="votes",
        title="Votes",
        caption=f"How many bits of a fragment each cue answered to. Simulated memory, {label}.",
    )  # fmt: skip
