"""Targets of the probes: numbers or classes, read out of fold, beside guessing and permuted targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, Number
from neurostudio.scores import balanced_accuracy, score
from neurostudio.splits import split_by_group

from . import pictures, probes, reporting
from .joining import column_of
from .people import column, joined, numbers, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Context, Table, View

    from .matching import Embedded
    from .probing import ProbeParams

    Array = NDArray[np.float64]
    Rows = NDArray[np.intp]
    Folds = list[tuple[Rows, Rows]]

MOST_CLASSES = 10
_CLASS_NULLS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """One column: ``rows`` (n,) of the people who have a value, ``values`` (n,) numbers or words."""

    name: str
    kind: str
    rows: Rows
    values: NDArray[Any]
    unit: str


@dataclass(frozen=True, slots=True, eq=False)
class Probed:
    """What was read of one target: its number, the null, and each person's value at the first deal."""

    name: str
    kind: str
    metric: str
    unit: str
    number: Number
    deviation: float
    null: Array
    keys: tuple[str, ...]
    truth: NDArray[Any]
    guess: NDArray[Any]


def target_of(name: str, keys: tuple[str, ...], people: Table, params: ProbeParams) -> Target:
    """Return a column of the people: a number where it holds more than ten different ones, else classes.

    Raises
    ------
    BadInput
        It has one value only.
    """
    found = column(people, name, "people")
    here = [found[row] for row in joined(keys, people, params, "people")]
    values = numbers(here)
    known = np.flatnonzero(np.isfinite(values))
    if len(known) and len(np.unique(values[known])) > MOST_CLASSES:
        return Target(name, "number", known, values[known], "years" if name == params.age else "1")
    names = np.array(words(here))
    known = np.flatnonzero(names != "")
    labels, counts = np.unique(names[known], return_counts=True)
    if len(labels) < 2:
        raise BadInput(f"'{name}' has {len(labels)} different values; there is nothing to read.")
    rare = labels[counts < params.folds]
    if len(rare):
        known = known[~np.isin(names[known], rare)]
    if len(labels) - len(rare) < 2:
        raise BadInput(f"'{name}' has fewer than two classes with {params.folds} people or more.")
    return Target(name, "class", known, names[known], "1")


def folds_of(
    params: ProbeParams, found: Embedded, target: Target, people: Table | None, seed: int
) -> Folds:
    """Return pairs of rows (of the target) to fit and to judge by; whole groups, labels spread evenly."""
    keys = [found.keys[k] for k in target.rows]
    groups = [found.groups[k] for k in target.rows]
    if target.kind == "number":
        cuts = np.quantile(target.values, (0.25, 0.5, 0.75))
        labels = np.searchsorted(cuts, target.values).tolist()
    else:
        labels = target.values.tolist()
    left = column_of(keys, people, params.leave_out, params) if people is not None else ()
    if left:
        splits = [
            split_by_group(groups, labels, validation=0.0, test=[each == name for each in left])[0]
            for name in dict.fromkeys(left)
        ]
    else:
        splits = list(split_by_group(groups, labels, folds=params.folds, validation=0.0, seed=seed))
    ids = [str(k) for k in range(len(keys))]
    return [(each.rows(ids, "train"), each.rows(ids, "test")) for each in splits]


def probe(
    context: Context, params: ProbeParams, found: Embedded, target: Target, people: Table
) -> Probed:
    """Return what the embedding tells of one target."""
    rows = found.rows[target.rows]
    groups = [found.groups[k] for k in target.rows]
    every = [
        folds_of(params, found, target, people, context.seed + k)
        for k in range(1 if params.leave_out else params.seeds)
    ]
    reading = _numbers if target.kind == "number" else _classes
    read = [
        reading(rows, target.values, folds, groups)
        for folds in context.track(every, f"Reading {target.name}")
    ]
    statistic = _error if target.kind == "number" else balanced_accuracy
    values = np.array([statistic(target.values, guess) for guess in read])
    beside = None
    if found.flat is not None:
        simple = reading(found.flat[target.rows], target.values, every[0], groups)
        beside = statistic(target.values, simple)
    null = _null(context, params, rows, target, every[0], groups)
    number = _number(target, read, values, groups, every[0], beside, context.seed, null)
    return Probed(
        target.name, target.kind,
        "mean absolute error" if target.kind == "number" else "balanced accuracy",
        target.unit, number, float(values.std(ddof=1)) if len(values) > 1 else 0.0, null,
        tuple(found.keys[k] for k in target.rows), target.values, read[0],
    )  # fmt: skip


def _error(truth: NDArray[Any], guess: NDArray[Any]) -> float:
    return float(np.abs(truth - guess).mean())


def _numbers(rows: Array, values: NDArray[Any], folds: Folds, groups: list[str]) -> NDArray[Any]:
    """Return values (n,) or (n, n_targets) read out of fold by ridge."""
    aims = values.reshape(len(values), -1)
    guess = np.full(aims.shape, np.nan)
    for fit, test in folds:
        inner = tuple(groups[k] for k in fit)
        guess[test] = probes.ridge(rows[fit], aims[fit], 0, inner).predict(rows[test])
    return guess.reshape(values.shape)


def _classes(rows: Array, values: NDArray[Any], folds: Folds, groups: list[str],
             strength: float | None = None) -> NDArray[Any]:  # fmt: skip
    del groups
    guess = np.empty_like(values)
    for fit, test in folds:
        if len(np.unique(values[fit])) < 2:
            raise BadInput("The training part of a fold holds one class. Use fewer folds.")
        guess[test] = probes.classes(rows[fit], values[fit], rows[test], strength)
    return guess


def _null(context: Context, params: ProbeParams, rows: Array, target: Target, folds: Folds,
          groups: list[str]) -> Array:  # fmt: skip
    """Return the score of permuted targets, (n_draws,)."""
    from neurostudio.learning.controls import permuted_labels

    random = np.random.default_rng((context.seed, 7))
    if target.kind == "number":
        if not params.nulls:
            return np.zeros(0)
        aims = np.stack([random.permutation(target.values) for _ in range(params.nulls)], axis=1)
        return np.asarray(np.abs(_numbers(rows, aims, folds, groups) - aims).mean(axis=0))
    values = []
    draws = range(min(params.nulls, _CLASS_NULLS))
    for _ in context.track(draws, f"Permuted {target.name}"):
        labels = permuted_labels(target.values, random)
        values.append(balanced_accuracy(labels, _classes(rows, labels, folds, groups)))
    return np.array(values)


def _number(target: Target, read: list[NDArray[Any]], values: Array, groups: list[str], folds: Folds,
            beside: float | None, seed: int, null: Array) -> Number:  # fmt: skip
    note = f"{len(target.values)} people, mean of {len(read)} deals into folds"
    note += f"; permuted {null.mean():.3g}" if null.size else ""
    truth = target.values
    if target.kind == "number":
        off = np.mean([np.abs(guess - truth) for guess in read], axis=0)
        mean = np.empty(len(truth))
        for fit, test in folds:
            mean[test] = truth[fit].mean()
        r2 = probes.explained(truth[:, None], read[0][:, None])
        return reporting.error_of(
            np.zeros(len(off)), off, groups, seed, chance=_error(truth, mean), baseline=beside,
            note=f"{note}; R² {r2:.3g}", unit=target.unit,
        )  # fmt: skip
    names = np.unique(truth)

    def balanced(rows: Rows) -> float:
        if len(np.unique(truth[rows])) < len(names):
            return float("nan")
        return balanced_accuracy(truth[rows], read[0][rows])

    _, low, high = reporting.number(balanced, groups, seed)
    return score(
        float(values.mean()), low=low, high=high, chance=1 / len(names), baseline=beside, note=note
    )


def meter(
    context: Context, params: ProbeParams, found: Embedded
) -> tuple[tuple[View, ...], dict[str, Number]]:
    """Return how well the site can be read of people out of fold, by the weak and by the tuned probe."""
    sites = np.array(found.sites)
    names, counts = np.unique(sites, return_counts=True)
    kept = np.flatnonzero(np.isin(sites, names[(counts >= params.folds) & (names != "")]))
    truth = sites[kept]
    classes, many = np.unique(truth, return_counts=True)
    if len(classes) < 2:
        return (), {}
    target = Target(params.site, "class", kept, truth, "1")
    folds = folds_of(params, found, target, None, context.seed)
    groups = [found.groups[k] for k in kept]
    majority = float(many.max() / len(truth))
    read: dict[str, Number] = {}
    work: list[tuple[str, float | None]] = [("weak", probes.WEAK), ("tuned", None)]
    for name, strength in context.track(work, "Reading the site"):
        guess = _classes(found.rows[kept], truth, folds, groups, strength)
        read[f"site, {name} probe"] = reporting.share_of(
            guess == truth, groups, context.seed, chance=1 / len(classes), baseline=majority,
            note=f"{len(classes)} sites, {len(truth)} people; baseline: the largest site; low is better",
        )  # fmt: skip
    views = pictures.site_meter(read["site, weak probe"], read["site, tuned probe"], majority)
    return views, read


def table(probed: list[Probed], every: dict[str, Number]) -> Any:
    """Return one row a target: metric, mean, s.d., interval, baseline, chance, null."""
    import pandas as pd

    facts = {each.name: each for each in probed}
    rows = []
    for name, number in every.items():
        each = facts.get(name)
        rows.append(
            {
                "target": name, "kind": each.kind if each else "class",
                "metric": each.metric if each else "accuracy", "unit": number.unit, "mean": number.value,
                "s.d.": each.deviation if each else np.nan, "low": number.low, "high": number.high,
                "baseline": number.baseline, "chance": number.chance,
                "permuted": float(each.null.mean()) if each and each.null.size else np.nan,
            }
        )  # fmt: skip
    return pd.DataFrame(rows).astype({"baseline": float, "chance": float})
