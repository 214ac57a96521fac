"""Straight ways from a surface to a target that stay away from what must not be touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurostudio.api import (
    BadInput,
    Context,
    Estimate,
    Params,
    Points,
    Result,
    Surface,
    Volume,
    method,
    param,
)

from .field_params import SIMULATED, VISUAL_AID, check_space
from .images import codes_of

if TYPE_CHECKING:
    from neurostudio.api import Items


class PlanParams(Params):
    """Parameters of :func:`plan_trajectory`."""

    clearance: float = param(
        3.0, "Least distance from the shaft's surface to an obstacle", unit="mm", ge=0, le=20
    )
    comfortable: float = param(
        10.0, "Distance beyond which an obstacle costs nothing", unit="mm", gt=0, le=50
    )
    angle: float = param(
        30.0, "Largest angle between the shaft and the surface's normal", unit="deg", ge=0, le=90
    )
    length: float = param(90.0, "Largest length from entry to target", unit="mm", ge=10, le=200)
    radius: float = param(0.5, "Radius of the shaft", unit="mm", ge=0, le=10)
    zone: float = param(
        5.0,
        "The last part before the target is not counted for the clearance",
        unit="mm",
        ge=0,
        le=30,
    )
    threshold: float = param(0.0, "An obstacle is where its image is above this", unit="1")
    length_weight: float = param(
        0.1, "Cost of a shaft of the largest length", unit="1", ge=0, le=10, advanced=True
    )
    angle_weight: float = param(
        0.1, "Cost of a shaft at the largest angle", unit="1", ge=0, le=10, advanced=True
    )
    candidates: int = param(20_000, "Entries that are tried for each target", ge=10, le=1_000_000)
    samples: int = param(128, "Places along a shaft", ge=8, le=2048, advanced=True)
    kept: int = param(20, "Entries in the table for each target", ge=1, le=1000)


def _memory(params: PlanParams, items: Items) -> Estimate:
    n_bytes = 0
    for given in items.values():
        for each in given if isinstance(given, tuple) else (given,):
            n_bytes += each.nbytes()
    return Estimate(300_000_000 + 12 * n_bytes, "Use coarser obstacle images or fewer candidates.")


def _check(params: PlanParams, items: Items) -> None:
    if params.comfortable <= params.clearance:
        raise BadInput(
            f"The comfortable clearance ({params.comfortable:g} mm) must be above the least one "
            f"({params.clearance:g} mm)."
        )
    check_space(items)


@method(
    group="Analyse",
    example="tunnel",
    memory=_memory,
    check=_check,
    warnings=SIMULATED
    | {
        "not for clinical use": f"{VISUAL_AID}.",
        "none feasible": "No entry keeps all limits. The table shows the nearest to feasible, marked so.",
        "beyond the image": (
            "Parts of some shafts lie outside the obstacles' images; what is there is not known, and the "
            "distance at the image's edge was taken."
        ),
        "guessed normals": "The entries are points without a surface; their normals were guessed.",
    },
)
def plan_trajectory(
    context: Context,
    params: PlanParams,
    obstacles: tuple[Volume, ...],
    entries: Surface | Points,
    targets: Points,
) -> Result:
    """Rank straight ways from entries to targets by their clearance from obstacles.

    **Research visual aid, not for clinical use.** Obstacles are masks (vessels, ventricles, sulci, earlier
    electrodes). A way is feasible where its clearance without the last millimetres before the target, its
    angle to the surface and its length keep the limits; feasible ways are ranked by their cost. Nothing is
    known of what the obstacle images do not show.
    """
    from . import planning, planning_reporting

    field = planning.Obstacles.of(context, obstacles, params.threshold)
    aims = planning.targets_of(targets)
    starts = planning.entries_of(entries, aims.positions, params.candidates, context.seed)
    plans = [
        planning.plan(context, params, field, starts, name, aim)
        for name, aim in zip(aims.names, aims.positions, strict=True)
    ]
    found = planning_reporting.report(context, params, field, entries, obstacles, plans)
    codes = ["not for clinical use"]
    codes += ["none feasible"] if any(not each.feasible.any() for each in plans) else []
    codes += ["beyond the image"] if any(each.beyond for each in plans) else []
    codes += ["guessed normals"] if starts.guessed else []
    return Result(
        data=found.data,
        views=found.views,
        numbers=found.numbers,
        warnings=codes_of([*obstacles, entries, targets], *codes),
    )
