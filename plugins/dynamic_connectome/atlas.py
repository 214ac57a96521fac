"""The motif atlas: components, communities, stimuli and controls in one run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Context, Result, Table, Traces, method

from .animals import check_traces
from .atlas_controls import Controls, controls_of, leave_one_out
from .atlas_reporting import Atlas, numbers_of, views_of
from .components import (
    as_data,
    connectomes_of,
    courses_of,
    fit_codes,
    matrices_of,
    model_of,
    prepare,
    profiles_of,
)
from .declaring import WARNINGS, AtlasParams
from .fitting import Plan, fit
from .grouping import Grouping, group
from .pictures import places
from .ranking import suggest, sweep, wanted
from .reading import epochs_of, matched_purity, purity
from .tensors import memory_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .tensors import Affine

    Array = NDArray[np.float64]


@method(
    group="Analyse",
    title="Motif atlas",
    warnings=WARNINGS,
    memory=memory_of,
    check=check_traces,
    example="atlas",
)
def motif_atlas(
    context: Context,
    params: AtlasParams,
    traces: tuple[Traces, ...],
    stimuli: Table | None = None,
) -> Result:
    """Find motifs of co-change in one or many animals: when each acts, in whom, and in which communities.

    Controls are made on the same data: traces each shifted in time, stimuli at other times, labels of neurons
    shuffled, and communities of the static correlation.
    """
    cohort, affine, codes = prepare(context, params, traces)
    epochs = epochs_of(stimuli, affine.times)
    codes += [] if epochs.given else ["no stimuli"]
    rank = _rank(context, params, affine)
    plan = Plan(rank, params.n_starts, params.n_iterations, show=True)
    found = fit(context, affine, plan)
    same, _ = matrices_of(found, cohort)
    groupings = [
        _grouped(context, params, matrix)
        for matrix in context.track(same, "Communities", total=len(same))
    ]
    controls = controls_of(context, params, cohort, affine, plan, epochs, groupings, found)
    left_out = leave_one_out(context, params, cohort, affine, plan, found)
    shares = purity(found.factors.time, epochs.inside)
    atlas = Atlas(cohort, affine, found, same, tuple(groupings), epochs, shares, controls, left_out,
                  simulated="simulated" in codes)  # fmt: skip
    codes += [*fit_codes(found), *(code for each in groupings for code in each.codes)]
    codes += _doubts(controls, matched_purity(shares)[1])
    attrs = {"simulated": True} if atlas.simulated else {}
    return Result(
        data=as_data(
            connectomes_of(found, cohort, affine, _facts(atlas), attrs),
            model=model_of(found, cohort, affine, params, context.seed),
            time_courses=courses_of(found, affine.times),
            animals=profiles_of(found, cohort),
            communities=_table(atlas),
        ),
        views=views_of(atlas),
        numbers=numbers_of(atlas),
        warnings=tuple(dict.fromkeys(codes)),
    )


def _rank(context: Context, params: AtlasParams, affine: Affine) -> int:
    if not params.sweep:
        return params.rank
    ranks = wanted(params.rank_from, params.rank_to)
    fits = sweep(
        context,
        affine,
        ranks,
        max(2, min(params.n_starts, 3)),
        params.n_iterations,
        "Rank",
        show=True,
    )
    errors = np.array([each.error for each in fits])
    found = suggest(ranks, errors, np.array([each.agreement.mean() for each in fits]))
    context.say(
        f"The sweep of ranks {params.rank_from} to {params.rank_to} suggests {found} components."
    )
    return found


def _grouped(context: Context, params: AtlasParams, matrix: Array) -> Grouping:
    def pause() -> None:
        for _ in context.track(range(1), "Grouping"):
            pass

    return group(matrix, params.communities, params.resolution, params.n_seeds, context.seed, pause)


def _doubts(controls: Controls, pure: Array) -> list[str]:
    codes = [] if controls.shifted else ["no control"]
    null = controls.turned
    if len(null):
        p = (1 + (null >= pure.mean()).sum()) / (1 + len(null))
        codes += ["not beyond control"] if p > 0.05 else []
    return codes


def _facts(atlas: Atlas) -> list[dict[str, Any]]:
    """Return communities and, where all are known, places of the neurons in each component."""
    xyz, _ = places(atlas.cohort.neurons)
    where: dict[str, Any] = {}
    if xyz is not None and np.isfinite(xyz).all():
        where = {axis: xyz[:, k] for k, axis in enumerate("xyz")}
    return [{"community": [str(g + 1) for g in each.labels], **where} for each in atlas.groupings]


def _table(atlas: Atlas) -> Table:
    """Return component, neuron, community and strength, a row each."""
    import pandas as pd

    rows = [
        {"component": r + 1, "neuron": name, "community": int(each.labels[k]) + 1,
         "strength": float(atlas.same[r][k].sum())}
        for r, each in enumerate(atlas.groupings) for k, name in enumerate(atlas.cohort.neurons)
    ]  # fmt: skip
    return Table(pd.DataFrame(rows))
