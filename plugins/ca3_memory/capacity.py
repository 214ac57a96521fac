"""How large a memory can be and still recall everything exactly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Lines,
    NullControl,
    Number,
    Params,
    Result,
    Table,
    View,
    method,
    param,
)
from neurostudio.scores import interval_of_share

from .declaring import EXACT_PITCH, LARGEST, WARNINGS
from .judging import ASKED, Truth, judge, shares, shuffled_shares
from .memory import Memory
from .programs import random_program
from .rules import LABELS, plasticity

if TYPE_CHECKING:
    from neurostudio.api import Items

    from .judging import Answer

CHUNK = 5  # operations between two looks at the wish to stop


class CapacityParams(Params):
    """Parameters of :func:`memory_capacity`."""

    sizes: tuple[str, ...] = param(
        ("5x10", "10x10", "20x20"), "Sizes to try: cues x bits of content, such as 20x20"
    )
    n_rounds: int = param(
        3, "Rounds of random patterns; each overwrites the one before", ge=1, le=20
    )
    n_pairs: int = param(10, "Pairs of bits that each round recalls", ge=0, le=1000)
    pitch: float = param(
        0.010, "Time between the beginnings of two operations", unit="s", ge=0.006, le=0.1
    )

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"sizes": ("5x10", "10x10")},
        "Standard": {"sizes": ("5x10", "10x10", "20x20", "50x40")},
        "Paper": {"sizes": ("5x10", "20x20", "50x40"), "n_rounds": 3},
    }


def sizes_in(params: CapacityParams) -> list[tuple[int, int]]:
    """Return the sizes as numbers.

    Raises
    ------
    BadInput
        A size that cannot be read or built.
    """
    found = []
    for words in params.sizes:
        match = re.fullmatch(r"\s*(\d+)\s*[xX×]\s*(\d+)\s*", words)
        size = (int(match[1]), int(match[2])) if match else (0, 0)
        if not all(1 <= each <= 512 for each in size):
            raise BadInput(f"'{words}' is no size: write cues x bits from 1 to 512, such as 20x20.")
        found.append(size)
    if not found:
        raise BadInput("There is no size to try: give at least one, such as 20x20.")
    return sorted(found, key=lambda size: (size[0] * size[1], size))


def _check(params: CapacityParams, items: Items) -> None:
    del items
    sizes_in(params)


@method(
    group="Simulate",
    title="Memory capacity",
    warnings={key: WARNINGS[key] for key in ("simulated data", "pitch", "large patterns")},
    check=_check,
    example="capacities",
)
def memory_capacity(context: Context, params: CapacityParams) -> Result:
    """Store random patterns in memories of several sizes, with both presets, and count exact recalls."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    answers: dict[tuple[tuple[int, int], str], list[Answer]] = {}
    sizes = sizes_in(params)
    tries = [(size, preset) for size in sizes for preset in LABELS]
    for number, (size, preset) in enumerate(context.track(tries, "Memories")):
        found = _answers(context, params, size, preset)
        answers[size, preset] = found
        rows += _rows(size, preset, found)
        frame = pd.DataFrame(rows)
        for view in _curves(frame, sizes):
            context.show(view.title, view)
        total = shares(found)
        context.log(step=number, exact=float(np.mean([a / b for a, b in total.values()])))
    nulls = {
        key: shuffled_shares(found, key[0][0], 5, context.seed) for key, found in answers.items()
    }
    low, high = EXACT_PITCH
    earned = {
        "pitch": not low <= round(params.pitch * 1e3) <= high,
        "large patterns": max(n_content // 2 for _, n_content in sizes) > LARGEST,
    }
    codes = ("simulated data", *(code for code, true in earned.items() if true))
    return Result(
        {"capacity": Table(frame)},
        (*_curves(frame, sizes), *_null(answers, nulls, sizes)),
        _numbers(frame, sizes),
        codes,
    )


def _answers(
    context: Context, params: CapacityParams, size: tuple[int, int], preset: str
) -> list[Answer]:
    pitch = round(params.pitch * 1e3)
    program = random_program(*size, params.n_rounds, params.n_pairs, pitch, context.seed)
    memory = Memory(program, plasticity(preset))
    for each in context.track(program.operations[::CHUNK], f"{size[0]} x {size[1]}, {preset}"):
        memory.advance(each.at)
    memory.advance(program.stop)
    return judge(memory, program.operations, Truth())


def _rows(size: tuple[int, int], preset: str, answers: list[Answer]) -> list[dict[str, Any]]:
    rows = []
    for turn in sorted({each.operation.round for each in answers}):
        those = [each for each in answers if each.operation.round == turn]
        for kind, (right, n) in shares(those).items():
            low, high = interval_of_share(right / n, n)
            rows.append(
                {
                    "size": f"{size[0]}x{size[1]}", "cells": size[0] * size[1], "round": turn,
                    "recall": kind, "parameters": LABELS[preset], "share exact": right / n,
                    "low": low, "high": high, "recalls": n,
                }
            )  # fmt: skip
    return rows


def _curves(frame: Any, sizes: list[tuple[int, int]]) -> tuple[View, ...]:
    """Return a curve over sizes for each kind of recall and set of constants, all rounds together."""
    lines = [(kind, preset) for preset in LABELS for kind in ASKED]
    view = Lines(
        np.array([a * b for a, b in sizes], float),
        np.array(
            [
                [_share(frame, size, kind, LABELS[preset]) for size in sizes]
                for kind, preset in lines
            ]
        ),
        names=tuple(f"{kind}, {LABELS[preset]}" for kind, preset in lines),
        x_label="cues x bits",
        y_label="share of exact recalls",
        title="Capacity",
        caption="All rounds together: later rounds overwrite earlier ones. Curves at 1 lie on each other. "
        "Simulated.",
    )
    return (view,)


def _share(frame: Any, size: tuple[int, int], kind: str, label: str) -> float:
    rows = frame[
        (frame["size"] == f"{size[0]}x{size[1]}")
        & (frame["recall"] == kind)
        & (frame["parameters"] == label)
    ]
    if not len(rows):
        return float("nan")
    return float(np.average(rows["share exact"], weights=rows["recalls"]))


def _null(answers: Any, nulls: Any, sizes: list[tuple[int, int]]) -> tuple[NullControl, ...]:
    """Return the largest size beside its control."""
    size = sizes[-1]
    names, values, null, edges = [], [], [], []
    for preset in LABELS:
        for kind, (right, n) in shares(answers[size, preset]).items():
            if nulls[size, preset][kind]:
                names.append(f"{kind}, {preset}")
                values.append(right / n)
                null.append(nulls[size, preset][kind])
                edges.append(interval_of_share(right / n, n))
    if not names:
        return ()
    low, high = np.array(edges).T
    view = NullControl(
        np.array(values), np.array(null), names=tuple(names), null_name="patterns dealt to other cues",
        low=low, high=high, y_label="share of exact recalls", title=f"{size[0]} x {size[1]} and its control",
        caption="The same answers, judged against patterns dealt to other cues. Simulated.",
    )  # fmt: skip
    return (view,)


def _numbers(frame: Any, sizes: list[tuple[int, int]]) -> dict[str, Number]:
    numbers = {}
    for label in LABELS.values():
        exact = [
            a * b for a, b in sizes
            if np.nanmin([_share(frame, (a, b), kind, label) for kind in ASKED]) == 1.0
        ]  # fmt: skip
        most = f"{sizes[-1][0]} x {sizes[-1][1]}"
        note = f"cues times bits, of the sizes tried (up to {most}); 0: none; simulated"
        numbers[f"largest size with all exact, {label}"] = Number(max(exact, default=0), note=note)
    return numbers
