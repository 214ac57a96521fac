"""Factorise the affinities of neurons into motifs: when, in which animals, between whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurostudio.api import Context, Result, Table, Traces, View, method

from .animals import check_traces
from .components import (
    as_data,
    called,
    connectomes_of,
    courses_of,
    fit_codes,
    fit_numbers,
    matrices_of,
    model_of,
    prepare,
    profiles_of,
)
from .declaring import ONE_ANIMAL, WARNINGS, FactorParams
from .fitting import Fit, Plan, fit
from .pictures import SIMULATED, animal_profiles, sorted_matrix, time_courses
from .reading import epochs_of
from .tensors import build, memory_of, shifted

if TYPE_CHECKING:
    from .animals import Cohort
    from .tensors import Affine

MOST_MATRICES = 8


@method(
    group="Analyse",
    title="Factorise affinities",
    warnings=WARNINGS,
    memory=memory_of,
    check=check_traces,
    example="planted",
)
def factorise_affinities(
    context: Context,
    params: FactorParams,
    traces: tuple[Traces, ...],
    stimuli: Table | None = None,
) -> Result:
    """Find motifs of co-change in traces of animals whose neurons have names: when, in whom, between whom.

    Beside the fit stands one of traces that are each shifted in time.
    """
    cohort, affine, codes = prepare(context, params, traces)
    epochs = epochs_of(stimuli, affine.times)
    plan = Plan(params.rank, params.n_starts, params.n_iterations, show=True)
    found = fit(context, affine, plan)
    null = shifted_fit(context, params, cohort, affine, plan, 0)
    note = SIMULATED if "simulated" in codes else ""
    views = _views(found, cohort, affine, epochs.marks, note)
    model = model_of(found, cohort, affine, params, context.seed)
    return Result(
        data=as_data(
            connectomes_of(found, cohort, affine),
            model=model,
            time_courses=courses_of(found, affine.times),
            animals=profiles_of(found, cohort),
        ),
        views=views,
        numbers=fit_numbers(found, [null]),
        warnings=tuple(dict.fromkeys([*codes, *fit_codes(found)])),
    )


def shifted_fit(
    context: Context, params: FactorParams, cohort: Cohort, affine: Affine, plan: Plan, number: int
) -> Fit:
    """Return the fit of traces that are each shifted in time by a random amount, in at most 3 starts."""
    words = f"Shifted control {number + 1}"
    slopes = shifted(affine.slopes, context.seed + 1000 + number)
    other = build(context, cohort, params, slopes, words)
    starts = max(2, min(plan.n_starts, 3))
    return fit(context, other, Plan(plan.rank, starts, plan.n_iterations, words))


def _views(
    found: Fit, cohort: Cohort, affine: Affine, marks: dict[str, float], note: str
) -> tuple[View, ...]:
    names = called(found.factors.rank)
    one = len(cohort.animals) == 1
    views: list[View] = [
        time_courses(affine.times, found.factors.time, marks, names,
                     f"{' ' + ONE_ANIMAL if one else ''}{note}")
    ]  # fmt: skip
    if not one:
        views.append(animal_profiles(found.factors.animals, cohort.animals, names, note))
    same, _ = matrices_of(found, cohort)
    for r in range(min(found.factors.rank, MOST_MATRICES)):
        nobody = np.zeros(len(cohort.neurons), np.int64)
        views.append(
            sorted_matrix(same[r], nobody, cohort.neurons, f"Between whom: {names[r]}", note)
        )
    return tuple(views)
