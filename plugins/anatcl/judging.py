"""Fits on every fold, reads age, anatomy and site of unseen people, fits the encoder that is kept."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput
from neurostudio.splits import Split, check_leak, split_by_group

from . import fitting, probes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Context
    from neurostudio.training import History

    from .declaring import TrainingParams
    from .encoders import Encoder
    from .fitting import How
    from .people import Cohort

    Array = NDArray[np.float64]
    Rows = NDArray[np.intp]

_FEWEST = 8


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What was read of the people of one test part, in their order.

    ``predicted``, ``simple``, ``site_mean`` and ``mean`` (n,) are ages: by the embedding, by ridge on the
    measures, by the mean of the site, by the mean of the training part. ``anatomy`` (n, n_descriptors) is
    read from the embedding; ``weak`` and ``tuned`` (n,) are sites.
    """

    rows: Rows
    predicted: Array
    mean: Array
    site_mean: Array
    simple: Array | None = None
    anatomy: Array | None = None
    weak: NDArray[Any] | None = None
    tuned: NDArray[Any] | None = None


@dataclass(eq=False)
class Judged:
    """All folds together, the null run and the untrained encoder of the first fold, and what is kept."""

    people: Cohort
    groups: tuple[str, ...]
    readings: list[Reading] = field(default_factory=list)
    null: Reading | None = None
    untrained: Reading | None = None
    histories: dict[str, History] = field(default_factory=dict)
    splits: tuple[Split, ...] = ()
    model: Encoder | None = None

    @property
    def rows(self) -> Rows:
        """The people that were judged, in the order of the readings."""
        return np.concatenate([each.rows for each in self.readings])

    def all(self, name: str) -> NDArray[Any] | None:
        """Return one quantity of all folds, None where a fold lacks it."""
        parts = [getattr(each, name) for each in self.readings]
        return None if any(part is None for part in parts) else np.concatenate(parts)


def judge(context: Context, params: TrainingParams, people: Cohort, groups: Sequence[str],
          left: Sequence[str], how: How) -> Judged:  # fmt: skip
    """Return what can be read of people that the encoder never saw, and the encoder of everybody.

    Parameters
    ----------
    groups
        Of each person: who must not be parted.
    left
        Of each person: the value of the column whose values take turns; empty for folds.
    """
    if len(people) < _FEWEST:
        raise BadInput(f"There are {len(people)} people; training needs at least {_FEWEST}.")
    splits = splits_of(people, params.folds, groups, left, context.seed)
    found = Judged(people, tuple(groups), splits=splits)
    work = [*enumerate(splits, 1), (0, splits[0])]
    for fold, split in context.track(work, "Folds"):
        if fold == 0:
            everybody = np.arange(len(people))
            final = scaled(people, everybody)
            named = _named(how, "everybody")
            found.model, found.histories["everybody"] = fitting.fit(context, final, named)
            continue
        check_leak(split)
        fit, test = (split.rows(people.keys, part) for part in ("train", "test"))
        sites = not left or not set(np.array(left)[test]) & {*people.sites}
        model, history = _fitted(context, people, fit, test, _named(how, f"fold {fold}"))
        found.histories[f"fold {fold}"] = history
        found.readings.append(read(model, people, fit, test, context.seed, groups, sites=sites))
        if fold == 1:
            _controls(context, params, found, fit, test, how, sites=sites)
    return found


def _named(how: How, stage: str) -> How:
    recipe = replace(how.recipe, stage=stage)
    return replace(how, recipe=recipe, series={"fold": stage.removeprefix("fold ")})


def _fitted(
    context: Context, people: Cohort, fit: Rows, test: Rows, how: How
) -> tuple[Encoder, History]:
    whole = scaled(people, fit)
    held = whole.of(test)

    def live(train: Array, other: Array) -> Mapping[str, float]:
        line = probes.ridge(train, people.ages[fit][:, None], context.seed)
        error = np.abs(line.predict(other)[:, 0] - people.ages[test]).mean()
        found = {"age_error": float(error)}
        sites = np.array(people.sites)
        if len(set(people.sites)) > 1 and set(sites[test]) <= set(sites[fit]):
            guess = probes.classes(train, sites[fit], other, probes.WEAK)
            found["site_accuracy"] = float(np.mean(guess == sites[test]))
        return found

    return fitting.fit(context, whole.of(fit), how, held, live)


def _controls(context: Context, params: TrainingParams, found: Judged, fit: Rows, test: Rows,
              how: How, *, sites: bool) -> None:  # fmt: skip
    """Read the same from an encoder that was not trained, and from one trained on other people's facts."""
    people, groups = found.people, found.groups
    bare = fitting.untrained(context, how, people)
    found.untrained = read(bare, people, fit, test, context.seed, groups, sites=sites)
    if not params.null_run:
        return
    other = people.of(fit).permuted(context.seed)
    inputs = scaled(people, fit).inputs[fit]
    null, _ = fitting.fit(
        context, replace(other, inputs=inputs), replace(_named(how, "null run"), live=False)
    )
    found.null = read(null, people, fit, test, context.seed, groups, sites=sites)


def scaled(people: Cohort, fit: Rows) -> Cohort:
    """Return people whose columns are z-scored over a training part, missing values 0; images as they are."""
    if people.inputs.ndim > 2:
        return people
    mean, scale = scale_of(people, fit)
    return replace(people, inputs=as_inputs(people.inputs, mean, scale))


def scale_of(people: Cohort, fit: Rows) -> tuple[Array, Array]:
    """Return mean and standard deviation of each column over some people, without what is missing."""
    rows = np.asarray(people.inputs[fit], float)
    mean, scale = np.nanmean(rows, axis=0), np.nanstd(rows, axis=0)
    return mean, np.where(scale > 0, scale, 1)


def as_inputs(values: NDArray[Any], mean: Array, scale: Array) -> NDArray[np.float32]:
    """Return columns z-scored by given means and deviations; what is missing becomes 0, the mean."""
    return np.nan_to_num((np.asarray(values, float) - mean) / scale).astype(np.float32)


def splits_of(
    people: Cohort, folds: int, groups: Sequence[str], left: Sequence[str], seed: int
) -> tuple[Split, ...]:
    """Return the folds: whole groups, ages spread evenly; or one a value of the column that is left out."""
    bins = np.searchsorted(np.quantile(people.ages, (0.25, 0.5, 0.75)), people.ages)
    if not left:
        return split_by_group(
            groups, bins.tolist(), ids=people.keys, folds=folds, validation=0.0, seed=seed
        )
    names = list(dict.fromkeys(left))
    if len(names) < 2:
        raise BadInput(
            f"The column to leave out has one value, '{names[0]}'. Leave it empty for folds of people."
        )
    made = [
        split_by_group(
            groups,
            bins.tolist(),
            ids=people.keys,
            validation=0.0,
            test=[each == name for each in left],
        )[0]
        for name in names
    ]
    return tuple(replace(each, kind="left out") for each in made)


def read(model: Encoder, people: Cohort, fit: Rows, test: Rows, seed: int,
         groups: Sequence[str], *, sites: bool) -> Reading:  # fmt: skip
    """Return what linear models on the embedding read of the test part, and the simple models beside it."""
    inputs = scaled(people, fit).inputs
    train, other = (fitting.embedded(model, inputs[rows]) for rows in (fit, test))
    ages = people.ages[fit]
    flat = people.flat()
    inner = tuple(groups[k] for k in fit)
    targets = ages[:, None] if flat is None else np.column_stack([ages, flat[fit]])
    line = probes.ridge(train, targets, seed, inner).predict(other)
    means = site_means(people, fit, test)
    simple = measured = None
    beside = inputs if inputs.ndim == 2 else flat  # the simple way sees what the encoder sees
    if beside is not None:
        plain = probes.ridge(np.asarray(beside, float)[fit], ages[:, None], seed, inner)
        simple, measured = (
            plain.predict(beside[test])[:, 0],
            line[:, 1:] if flat is not None else None,
        )
    weak = tuned = None
    names = np.array(people.sites)
    if sites and len(set(names[fit])) > 1 and "" not in set(names):
        weak = probes.classes(train, names[fit], other, probes.WEAK)
        tuned = probes.classes(train, names[fit], other, None)
    mean = np.full(len(test), ages.mean())
    return Reading(test, line[:, 0], mean, means, simple, measured, weak, tuned)


def site_means(people: Cohort, fit: Rows, test: Rows) -> Array:
    """Return the mean age of each test person's site in the training part; of all, for a new site."""
    ages, sites = people.ages, np.array(people.sites)
    known = {name: ages[fit][sites[fit] == name].mean() for name in set(sites[fit])}
    return np.array([known.get(sites[k], ages[fit].mean()) for k in test])
