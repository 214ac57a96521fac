"""The same network under each rule: fixed weights, plain and gated plasticity, the astrocyte."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    Context,
    ImageStack,
    NullControl,
    Number,
    Result,
    Sheet,
    SpikeTrains,
    Table,
    method,
    score,
)

from .declaring import WARNINGS, CompareParams, memory_of_liquid
from .rows import Row, interval_of, read_one

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from neurostudio.api import View

    from .coding import Samples
    from .parts import Parts

    Array = NDArray[Any]


@method(
    group="Compare", example="compared", memory=memory_of_liquid,
    warnings={
        code: WARNINGS[code]
        for code in (
            "simulated network", "simulated data", "scaled", "a fixed liquid may be as good",
            "test weights plastic", "few samples",
        )
    },
)  # fmt: skip
def compare_liquids(
    context: Context,
    params: CompareParams,
    data: ImageStack | Table | SpikeTrains,
    trials: Table | None = None,
) -> Result:
    """Compare liquids of one network: fixed weights of every size, STDP, AP-STDP and the astrocyte.

    Every liquid has the same wires, split and readout. The best fixed weight and the best weight of the
    astrocyte are chosen on validation samples; the test part is used once for each liquid. Beside each
    accuracy stands that of shuffled labels.
    """
    from .coding import read_samples
    from .parts import to_read
    from .reading import raw_baseline

    samples = read_samples(data, trials, params.label)
    rows: list[Row] = []
    raw: list[float] = []
    for number in context.track(range(params.seeds), "Networks"):
        seed = context.seed + 1000 * number
        parts = to_read(samples, set(), params.n_train, params.n_test, seed)
        raw.append(raw_baseline(samples, samples, parts, parts.test, samples.classes))
        for row in _one_network(context, params, samples, parts, seed):
            rows.append(row)
            context.log(
                stage=row.liquid,
                step=len(rows),
                accuracy=row.accuracy,
                branching=row.branching,
                rate=row.rate,
            )
            _show(context, rows, float(np.mean(raw)), len(samples.classes))
    few = (
        len(parts.test) < params.n_test or len(parts.train) + len(parts.validation) < params.n_train
    )
    return _result(params, samples, rows, float(np.mean(raw)), few=few)


def _one_network(
    context: Context, params: CompareParams, samples: Samples, parts: Parts, seed: int
) -> Iterator[Row]:
    from .liquids import build
    from .parts import to_organise_on
    from .presenting import Showing, learning_of, organise, steps_of

    start = build(
        params.shape,
        params.excitatory_share,
        params.reach,
        samples.n_inputs,
        params.start_weight,
        seed,
    )
    own = np.concatenate([parts.train, parts.validation])
    scale = samples.scale(own)
    order = (
        own[to_organise_on(samples.only(own), params.n_initial, 0, seed)]
        if params.n_initial
        else own[:0]
    )
    plans: list[tuple[str, float]] = [("fixed", weight) for weight in params.fixed_weights]
    for learnt in params.rules:
        values = params.astrocyte_weights if learnt == "NALSM" else (0.0,)
        plans += [(learnt, value) for value in values]
    for rule, value in context.track(plans, "Liquids"):
        learning = learning_of(params, rule, value if rule == "NALSM" else 0.0)
        showing = Showing(steps_of(params.initial_time), scale, learning, seed)
        if rule == "fixed":
            liquid = start.fixed(value)
        else:
            words = f"{rule} {value:g}" if rule == "NALSM" else rule
            liquid = organise(
                context, start, samples, order, showing, f"Self-organising ({words}, network {seed})",
                lambda _: 0.0,
            ).liquid  # fmt: skip
        yield read_one(context, params, samples, parts, liquid, showing, (rule, value, seed))


def best(rows: list[Row], liquid: str) -> list[Row]:
    """Return the rows of the parameter that is best on validation samples, over networks."""
    own = [row for row in rows if row.liquid == liquid]
    if not own:
        return []
    means = {
        value: float(np.mean([row.validation for row in own if row.parameter == value]))
        for value in sorted({row.parameter for row in own})
    }
    chosen = max(means, key=lambda value: means[value])
    return [row for row in own if row.parameter == chosen]


def _table(rows: list[Row]) -> dict[str, list[Any]]:
    names = {
        "liquid": "liquid", "parameter": "parameter", "seed": "network", "accuracy": "accuracy",
        "validation": "validation accuracy", "shuffled": "accuracy, shuffled labels",
        "branching": "branching", "rate": "rate (Hz)",
    }  # fmt: skip
    return {words: [getattr(row, name) for row in rows] for name, words in names.items()}


def _others(rows: list[Row], raw: float) -> dict[str, float]:
    levels = {"no liquid": raw}
    for rule in ("NALSM", "STDP", "AP-STDP"):
        chosen = best(rows, rule)
        if chosen:
            levels[rule] = float(np.mean([row.accuracy for row in chosen]))
    return levels


def _sweep(rows: list[Row], chance: float, raw: float) -> View:
    from . import picturing

    fixed = [row for row in rows if row.liquid == "fixed"]
    weights = sorted({row.parameter for row in fixed})
    bounds = [interval_of([row for row in fixed if row.parameter == weight]) for weight in weights]
    return picturing.sweep(
        np.array(weights), np.array(bounds), _others(rows, raw), chance, rows[0].n_test
    )


def _show(context: Context, rows: list[Row], raw: float, n_classes: int) -> None:
    if any(row.liquid == "fixed" for row in rows):
        context.show("sweep", _sweep(rows, 1 / n_classes, raw))
    context.show("liquids", Sheet(_table(rows), title="Liquids"))


def _result(
    params: CompareParams, samples: Samples, rows: list[Row], raw: float, *, few: bool
) -> Result:
    import pandas as pd

    from . import picturing
    from .models import codes_of, scaled_words

    n, n_steps = int(np.prod(params.shape)), round(1000 * params.presentation_time)
    chance = 1 / max(len(samples.classes), 1)
    words = scaled_words(n, params.n_initial, n_steps)
    codes = codes_of(
        samples=samples, n=n, n_initial=params.n_initial, steps=n_steps,
        rule="NALSM" if "NALSM" in params.rules else "fixed", rate=100.0,
        plastic=params.presentation == "plastic",
    )  # fmt: skip
    names = [f"{row.liquid} {row.parameter:g}" for row in rows]
    views: list[View] = [_sweep(rows, chance, raw)] if params.fixed_weights else []
    views += [
        picturing.against_branching(
            names,
            np.array([row.branching for row in rows]),
            np.array([row.accuracy for row in rows]),
        ),
        _controls(rows, chance, raw, words),
        Sheet(_table(rows), title="Liquids", caption=words),
    ]
    return Result(
        data={"liquids": Table(pd.DataFrame(_table(rows)))},
        views=tuple(views),
        numbers=_numbers(rows, chance, raw, words),
        warnings=(*codes, *(["few samples"] if few else [])),
    )


def _numbers(rows: list[Row], chance: float, raw: float, words: str) -> dict[str, Number]:
    numbers: dict[str, Number] = {}
    chosen = {rule: best(rows, rule) for rule in ("fixed", "STDP", "AP-STDP", "NALSM")}
    for rule, own in chosen.items():
        if own:
            mean, low, high = interval_of(own)
            note = f"{own[0].parameter:g}, chosen on validation samples" if own[0].parameter else ""
            numbers[f"accuracy, {rule}"] = score(
                mean, low=low, high=high, chance=chance, baseline=raw,
                note="; ".join(each for each in (note, words) if each),
            )  # fmt: skip
            numbers[f"branching, {rule}"] = Number(
                float(np.mean([row.branching for row in own])), "1"
            )
            numbers[f"rate, {rule}"] = Number(float(np.mean([row.rate for row in own])), "Hz")
    for rule, name in (("STDP", "NALSM minus STDP"), ("fixed", "NALSM minus best fixed")):
        if chosen["NALSM"] and chosen[rule]:
            numbers[name] = _difference(chosen["NALSM"], chosen[rule])
    nulls = np.array([row.shuffled for row in rows])
    numbers["shuffled labels"] = Number(
        float(nulls.mean()), "1", chance=chance, note=f"null run, mean of {len(nulls)} liquids"
    )
    return numbers


def _difference(first: list[Row], second: list[Row]) -> Number:
    """Return a difference of accuracies with its interval, networks paired."""
    gaps = np.array([a.accuracy - b.accuracy for a, b in zip(first, second, strict=True)])
    mean = float(gaps.mean())
    each = [row.accuracy * (1 - row.accuracy) / row.n_test for row in (*first, *second)]
    half = 1.96 * float(np.sqrt(sum(each))) / len(gaps)
    if len(gaps) >= 3:
        half = max(half, 1.96 * float(gaps.std(ddof=1)) / np.sqrt(len(gaps)))
    return Number(
        mean, "1", mean - half, mean + half, note=f"{len(gaps)} networks; same wires and split"
    )


def _controls(rows: list[Row], chance: float, raw: float, words: str) -> NullControl:
    groups = [own for rule in ("fixed", "STDP", "AP-STDP", "NALSM") if (own := best(rows, rule))]
    bounds = np.array([interval_of(own) for own in groups])
    null = np.array([[row.shuffled for row in own] for own in groups])
    return NullControl(
        bounds[:, 0], null, tuple(own[0].liquid for own in groups), "the same readout of shuffled labels",
        low=bounds[:, 1], high=bounds[:, 2], chance=np.full(len(groups), chance),
        baseline=np.full(len(groups), raw), y_label="accuracy", title="Liquids beside their null runs",
        caption=f"Best of each kind on validation samples. Baseline: no liquid. {words}".strip(),
    )  # fmt: skip
