"""Brain age: read out of fold, freed of its bias, with an interval for each person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Number,
    Report,
    Result,
    Scatter,
    Table,
    method,
    param,
)

from .people import SIMULATED, WARNINGS, PeopleParams

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .matching import Embedded

    Array = NDArray[np.float64]
    Rows = NDArray[np.intp]

NEAREST = 100
CAVEAT = (
    "The correction uses the true age, so the corrected age does not say how well age is read: the first "
    "line does. A gap is not a diagnosis."
)


class AgeParams(PeopleParams):
    """Parameters of :func:`brain_age`."""

    folds: int = param(5, "Parts of the people that take turns as the test part", ge=2, le=50)
    leave_out: str = param(
        "", "Column whose values take turns as the test part, such as the site; empty for folds",
        suggest="columns",
    )  # fmt: skip
    group: str = param(
        "", "Column of what must not be parted, such as the family; empty for single people",
        suggest="columns", advanced=True,
    )  # fmt: skip
    pattern: str = param(
        "", "How columns of regional measures are called; empty to find out", advanced=True
    )


@method(group="Analyse", title="Brain age", warnings=WARNINGS, example="aged")
def brain_age(
    context: Context,
    params: AgeParams,
    embedding: Table,
    people: Table,
    regions: Table | None = None,
) -> Result:
    """Read the age of each person from the embedding of others, and the gap to the true age.

    The gap is freed of its dependence on age by a line fitted on training people. The interval of a
    person comes from the out-of-fold errors of the 100 training people nearest in age.
    """
    from . import judging, matching, pictures, reporting
    from .joining import column_of
    from .people import Cohort

    found = matching.of_people(
        embedding, people, regions, params, group=params.group, pattern=params.pattern
    )
    truth = matching.years_of(found.keys, people, params)
    left = column_of(found.keys, people, params.leave_out, params)
    facts = Cohort(found.keys, truth, found.sites, np.zeros((len(truth), 1), np.float32))
    splits = judging.splits_of(facts, params.folds, found.groups, left, context.seed)
    columns = {name: np.full(len(truth), np.nan) for name in
               ("predicted", "corrected", "low", "high", "ridge", "site mean", "mean")}  # fmt: skip
    for split in context.track(splits, "Folds"):
        fit, test = (split.rows(found.keys, part) for part in ("train", "test"))
        one = _one_fold(found, truth, fit, test, context.seed)
        one["site mean"] = judging.site_means(facts, fit, test)
        for name, values in one.items():
            columns[name][test] = values
    gap = columns["corrected"] - truth
    numbers = _numbers(found, truth, columns, context.seed, reporting)
    frame = {
        params.key: list(found.keys), "site": list(found.sites), "age": truth,
        "predicted": columns["predicted"],
        "corrected": columns["corrected"], "gap": gap, "low": columns["low"] - truth,
        "high": columns["high"] - truth,
    }  # fmt: skip
    return Result(
        data={"ages": Table(_frame(frame))},
        views=(
            _words(numbers),
            pictures.ages(truth, columns["corrected"], found.keys, "Brain age, freed of its bias",
                          (columns["low"], columns["high"])),
            _gaps(truth, gap, columns["predicted"] - truth, found.keys),
        ),
        numbers=numbers,
        warnings=(*([SIMULATED] if found.simulated else []), *(["seen"] if found.seen else [])),
    )  # fmt: skip


def _frame(columns: dict[str, Any]) -> Any:
    import pandas as pd

    return pd.DataFrame(columns)


def _one_fold(found: Embedded, truth: Array, fit: Rows, test: Rows, seed: int) -> dict[str, Array]:
    """Return what is read of the test part; all that is fitted is fitted on the training part."""
    from . import probes

    groups = tuple(found.groups[k] for k in fit)
    inner = _out_of_fold(found.rows[fit], truth[fit], groups, seed)
    line = probes.ridge(found.rows[fit], truth[fit][:, None], seed, groups)
    predicted = line.predict(found.rows[test])[:, 0]
    slope, offset = np.polyfit(truth[fit], inner, 1)  # the bias: predicted = offset + slope · age
    corrected = predicted - offset - (slope - 1) * truth[test]
    rest = inner - offset - slope * truth[fit]
    low, high = bounds(truth[fit], rest, truth[test])
    made = {
        "predicted": predicted, "corrected": corrected, "low": corrected + low, "high": corrected + high,
        "mean": np.full(len(test), truth[fit].mean()),
    }  # fmt: skip
    if found.flat is not None:
        plain = probes.ridge(found.flat[fit], truth[fit][:, None], seed, groups)
        made["ridge"] = plain.predict(found.flat[test])[:, 0]
    return made


def _out_of_fold(rows: Array, truth: Array, groups: tuple[str, ...], seed: int) -> Array:
    """Return ages read out of fold within the training part: its own errors, not those of a fit."""
    from neurostudio.splits import split_by_group

    from . import probes

    read = np.empty(len(truth))
    folds = min(5, len(set(groups)))
    if folds < 2:
        raise BadInput("A training part holds one group. Use fewer folds or other groups.")
    for split in split_by_group(groups, [0] * len(truth), folds=folds, validation=0.0, seed=seed):
        names = [str(k) for k in range(len(truth))]
        fit, test = (split.rows(names, part) for part in ("train", "test"))
        read[test] = probes.ridge(rows[fit], truth[fit][:, None], seed).predict(rows[test])[:, 0]
    return read


def bounds(
    ages: Array, errors: Array, wanted: Array, nearest: int = NEAREST
) -> tuple[Array, Array]:
    """Return the 5 % and 95 % quantiles of the errors of the people nearest in age, (n_wanted,) each."""
    count = min(nearest, len(ages))
    near = np.argsort(np.abs(ages[None] - wanted[:, None]), axis=1, kind="stable")[:, :count]
    low, high = np.quantile(errors[near], [0.05, 0.95], axis=1)
    return low, high


def _numbers(
    found: Embedded, truth: Array, columns: dict[str, Array], seed: int, reporting: Any
) -> dict[str, Number]:
    chance = float(np.abs(columns["mean"] - truth).mean())
    site = float(np.abs(columns["site mean"] - truth).mean())
    ridge = columns["ridge"]
    known = bool(np.isfinite(ridge).all())
    below = float(np.abs(ridge - truth).mean()) if known else site
    note = f"{len(truth)} people, out of fold; the baseline is " + (
        "ridge on the regional measures" if known else "the mean age of the site"
    )
    numbers = {
        "age error": reporting.error_of(
            truth,
            columns["predicted"],
            found.groups,
            seed,
            chance=chance,
            baseline=below,
            note=note,
        ),
        "age error, mean age of the site": reporting.error_of(
            truth, columns["site mean"], found.groups, seed, chance=chance
        ),
    }
    inside = (columns["low"] <= truth) & (truth <= columns["high"])
    numbers["people within their interval"] = reporting.share_of(
        inside, found.groups, seed, chance=0.9, baseline=0.9, note="should be 0.9"
    )
    for name in ("predicted", "corrected"):
        r = float(np.corrcoef(columns[name] - truth, truth)[0, 1])
        low, high = _fisher(r, len(truth))
        label = "before" if name == "predicted" else "after"
        numbers[f"gap and age, {label} the correction"] = Number(
            r, "1", low, high, 0.0, note="correlation; 0 where the gap does not depend on age"
        )
    return numbers


def _fisher(r: float, n: int) -> tuple[float, float]:
    centre, width = np.arctanh(np.clip(r, -0.999999, 0.999999)), 1.96 / np.sqrt(max(n - 3, 1))
    return float(np.tanh(centre - width)), float(np.tanh(centre + width))


def _words(numbers: dict[str, Number]) -> Report:
    lines = ["## Brain age", ""]
    lines += [f"- {name}: **{number}**" for name, number in numbers.items()]
    lines += ["", CAVEAT]
    return Report("\n".join(lines), title="Brain age in words")


def _gaps(truth: Array, corrected: Array, raw: Array, keys: tuple[str, ...]) -> Scatter:
    groups = ("corrected",) * len(truth) + ("before the correction",) * len(truth)
    return Scatter(
        np.tile(truth, 2), np.concatenate([corrected, raw]), groups=groups, names=keys * 2, x_label="age",
        x_unit="years", y_label="brain-age gap", y_unit="years", levels={"no gap": 0.0},
        title="Brain-age gap", caption="Before the correction the young look old and the old look young.",
    )  # fmt: skip
