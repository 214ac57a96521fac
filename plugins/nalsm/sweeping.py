"""Accuracy over the size of a liquid, and over the samples by which it organises itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    Context,
    ImageStack,
    Lines,
    NullControl,
    Number,
    Result,
    Sheet,
    SpikeTrains,
    Table,
    method,
    score,
)

from .declaring import WARNINGS, SweepParams, memory_of_liquid
from .rows import Row, interval_of, read_one

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import View

    from .coding import Samples

    Array = NDArray[Any]
    Plans = list[tuple[tuple[int, ...], int]]

PAPER = {  # accuracy of 1,000 and of 8,000 neurons, mean of ten and of five networks (the authors' own table)
    "MNIST": (0.9596, 0.9749), "N-MNIST": (0.9590, 0.9742), "Fashion-MNIST": (0.8305, 0.8561),
}  # fmt: skip


@method(
    group="Compare", example="swept", memory=memory_of_liquid,
    warnings={
        code: WARNINGS[code]
        for code in (
            "simulated network", "simulated data", "scaled", "a fixed liquid may be as good",
            "test weights plastic", "few samples",
        )
    },
)  # fmt: skip
def sweep_liquids(
    context: Context,
    params: SweepParams,
    data: ImageStack | Table | SpikeTrains,
    trials: Table | None = None,
) -> Result:
    """See how the accuracy of the astrocyte's liquid grows with its neurons and with what it organised on.

    Liquids of several sizes organise themselves on the same samples, then liquids of one size on several
    numbers of samples. All have one split and one kind of readout; beside each accuracy stands that of
    shuffled labels. Nothing is extrapolated: each point was run.
    """
    from .coding import read_samples
    from .parts import to_read
    from .reading import raw_baseline

    samples = read_samples(data, trials, params.label)
    parts = to_read(samples, set(), params.n_train, params.n_test, context.seed)
    raw = raw_baseline(samples, samples, parts, parts.test, samples.classes)
    plans: Plans = [((side, side, side), params.n_initial) for side in params.sides]
    plans += [(params.shape, number) for number in params.numbers]
    rows: list[Row] = []
    for shape, number in context.track(plans, "Liquids"):
        rows.append(_one(context, params, samples, parts, shape, number))
        context.log(step=len(rows), accuracy=rows[-1].accuracy, branching=rows[-1].branching)
        context.show("liquids", Sheet(_table(plans, rows), title="Liquids"))
    few = (
        len(parts.test) < params.n_test or len(parts.train) + len(parts.validation) < params.n_train
    )
    return _result(params, samples, plans, rows, raw, few=few)


def _one(
    context: Context,
    params: SweepParams,
    samples: Samples,
    parts: Any,
    shape: tuple[int, ...],
    number: int,
) -> Row:
    from .liquids import build
    from .parts import to_organise_on
    from .presenting import Showing, learning_of, organise, steps_of

    liquid = build(
        shape,
        params.excitatory_share,
        params.reach,
        samples.n_inputs,
        params.start_weight,
        context.seed,
    )
    own = np.concatenate([parts.train, parts.validation])
    order = own[to_organise_on(samples.only(own), number, 0, context.seed)] if number else own[:0]
    learning = learning_of(params, "NALSM", params.astrocyte_weight)
    showing = Showing(steps_of(params.initial_time), samples.scale(own), learning, context.seed)
    words = f"{len(liquid):,} neurons, {number:,} samples"
    grown = organise(
        context, liquid, samples, order, showing, f"Self-organising ({words})", lambda _: 0.0
    ).liquid
    plan = ("NALSM", params.astrocyte_weight, context.seed)
    return read_one(context, params, samples, parts, grown, showing, plan, words)


def _table(plans: Plans, rows: list[Row]) -> dict[str, list[Any]]:
    done = plans[: len(rows)]
    return {
        "neurons": [int(np.prod(shape)) for shape, _ in done],
        "samples": [number for _, number in done],
        "accuracy": [row.accuracy for row in rows],
        "validation accuracy": [row.validation for row in rows],
        "accuracy, shuffled labels": [row.shuffled for row in rows],
        "branching": [row.branching for row in rows],
        "rate (Hz)": [row.rate for row in rows],
    }


def _result(
    params: SweepParams, samples: Samples, plans: Plans, rows: list[Row],
    raw: float, *, few: bool,
) -> Result:  # fmt: skip
    import pandas as pd

    from .models import codes_of, scaled_words

    columns, n_sides = _table(plans, rows), len(params.sides)
    chance, n_steps = 1 / max(len(samples.classes), 1), round(1000 * params.presentation_time)
    levels, beside = {"no liquid": raw}, f"Chance is {chance:.2g}."
    if params.paper != "none":
        small, large = PAPER[params.paper]
        levels |= {"paper, 1,000 neurons": small}
        beside += f" The paper: {small:.1%} with 1,000 neurons, {large:.1%} with 8,000."
    n, number = max(columns["neurons"]), max(columns["samples"])
    words = scaled_words(n, number, n_steps)
    views: list[View] = []
    for x, rows_of, label in (
        (columns["neurons"][:n_sides], rows[:n_sides], "neurons"),
        (columns["samples"][n_sides:], rows[n_sides:], "samples to organise on"),
    ):
        if len(x) > 1:
            views.append(_curve(np.array(x, float), rows_of, label, levels, f"{beside} {words}"))
            views.append(_branching(np.array(x, float), rows_of, label))
    views += [_control(columns, rows, chance, raw), Sheet(columns, title="Liquids", caption=words)]
    codes = codes_of(
        samples=samples, n=n, n_initial=number, steps=n_steps, rule="NALSM", rate=100.0,
        plastic=params.presentation == "plastic",
    )  # fmt: skip
    return Result(
        data={"liquids": Table(pd.DataFrame(columns))},
        views=tuple(views),
        numbers=_numbers(columns, rows, chance, raw, words),
        warnings=(*codes, *(["few samples"] if few else [])),
    )


def _curve(x: Array, rows: list[Row], label: str, levels: dict[str, float], words: str) -> Lines:
    order = np.argsort(x, kind="stable")
    bounds = np.array([interval_of([row]) for row in rows])[order]
    return Lines(
        x[order], bounds[None, :, 0], (), label, "", "accuracy", "", low=bounds[None, :, 1],
        high=bounds[None, :, 2], levels=levels, log_x=bool(x.min() > 0), title=f"Accuracy over {label}",
        caption=f"Band: 95 % interval over {rows[0].n_test:,} test samples. {words}".strip(),
    )  # fmt: skip


def _branching(x: Array, rows: list[Row], label: str) -> Lines:
    order = np.argsort(x, kind="stable")
    values = np.array([row.branching for row in rows])[order]
    return Lines(
        x[order], values[None], (), label, "", "branching factor", "", levels={"critical": 1.0},
        log_x=bool(x.min() > 0), title=f"Branching over {label}",
    )  # fmt: skip


def _control(
    columns: dict[str, list[Any]], rows: list[Row], chance: float, raw: float
) -> NullControl:
    bounds, n = np.array([interval_of([row]) for row in rows]), len(rows)
    pairs = zip(columns["neurons"], columns["samples"], strict=True)
    return NullControl(
        bounds[:, 0], np.array([[row.shuffled] for row in rows]), tuple(f"{a:,} on {b:,}" for a, b in pairs),
        "the same readout of shuffled labels", low=bounds[:, 1], high=bounds[:, 2],
        chance=np.full(n, chance), baseline=np.full(n, raw), y_label="accuracy",
        title="Liquids beside their null runs", caption="Neurons on samples. Baseline: no liquid.",
    )  # fmt: skip


def _numbers(
    columns: dict[str, list[Any]], rows: list[Row], chance: float, raw: float, words: str
) -> dict[str, Number]:
    found: dict[str, Number] = {}
    for n, number, row in zip(columns["neurons"], columns["samples"], rows, strict=True):
        mean, low, high = interval_of([row])
        found[f"accuracy, {n:,} neurons, {number:,} samples"] = score(
            mean, low=low, high=high, chance=chance, baseline=raw, note=words
        )
    shuffled = float(np.mean([row.shuffled for row in rows]))
    found["shuffled labels"] = Number(
        shuffled, "1", chance=chance, note=f"null run, {len(rows)} liquids"
    )
    return found
