"""What a plan reports: the table, the shaft, its clearance, and both in the volume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Brain, Lines, Number, Points, Report, Sheet, Slices, Surface, Table
from neurostudio.spaces import space_of

from .field_params import VISUAL_AID
from .images import affine_of, is_simulated, values_of
from .planning import along

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neurostudio.api import Context, Data, View, Volume

    from .planning import Obstacles, Plan
    from .trajectory_planning import PlanParams

    Array = Any

_TUBE = 1.5  # mm: the shaft in the slices, so that it can be seen
_SHOWN_ROWS = 20


@dataclass(frozen=True, slots=True)
class Reported:
    """Data, views and numbers of a plan."""

    data: Mapping[str, Data]
    views: tuple[View, ...]
    numbers: Mapping[str, Number]


def report(
    context: Context, params: PlanParams, field: Obstacles, entries: Surface | Points,
    obstacles: Sequence[Volume], plans: Sequence[Plan],
) -> Reported:  # fmt: skip
    """Return the table of the best ways, the shaft of the best to each target, and pictures."""
    del context
    simulated = any(map(is_simulated, [*obstacles, entries]))
    space = next((found for each in (entries, *obstacles) if (found := space_of(each))), "")
    columns = table_of(params, plans)
    import pandas as pd

    frame = pd.DataFrame(columns)
    if simulated:
        frame["simulated"] = True
    return Reported(
        {"entries": Table(frame), "shaft": _shafts(params, field, plans, space, simulated=simulated)},
        (
            profile(params, field, plans),
            in_space(entries, plans, space),
            in_volume(obstacles, plans, space),
            Sheet({name: _rounded(each) for name, each in columns.items()},
                  title="Ranked entries", caption=f"{VISUAL_AID}."),
            Report(text=_words(params, plans), title="In words"),
        ),
        {name: each for plan in plans for name, each in _numbers(plan, several=len(plans) > 1).items()},
    )  # fmt: skip


def table_of(params: PlanParams, plans: Sequence[Plan]) -> dict[str, list[Any]]:
    """Return the best ways to each target, a row each; positions in mm, angles in degrees."""
    columns: dict[str, list[Any]] = {
        name: [] for name in (
            "target", "rank", "feasible", "cost", "clearance_mm", "angle_deg", "length_mm",
            "entry_x", "entry_y", "entry_z", "target_x", "target_y", "target_z",
        )
    }  # fmt: skip
    for plan in plans:
        for rank, row in enumerate(plan.order[: params.kept], start=1):
            values = (
                plan.name, rank, bool(plan.feasible[row]), float(plan.cost[row]),
                float(plan.clearance[row]), float(plan.angle[row]), float(plan.length[row]),
                *map(float, plan.entries[row]), *map(float, plan.target),
            )  # fmt: skip
            for name, value in zip(columns, values, strict=True):
                columns[name].append(value)
    return columns


def _rounded(values: list[Any]) -> list[Any]:
    return [round(each, 2) if isinstance(each, float) else each for each in values]


def _best(plan: Plan) -> int:
    return int(plan.order[0])


def _shafts(
    params: PlanParams, field: Obstacles, plans: Sequence[Plan], space: str, *, simulated: bool
) -> Points:
    """Return the places along the best way to each target, with the clearance there."""
    import xarray

    share = np.linspace(0, 1, params.samples)
    rows: dict[str, list[Any]] = {
        name: [] for name in ("x", "y", "z", "name", "depth", "clearance")
    }
    for plan in plans:
        entry = plan.entries[_best(plan)]
        places = entry + share[:, None] * (plan.target - entry)
        distance, _ = along(params, field, entry[None], plan.target)
        for axis, name in enumerate("xyz"):
            rows[name] += places[:, axis].tolist()
        rows["name"] += [f"{plan.name}, {d:.0f} mm" for d in share * plan.length[_best(plan)]]
        rows["depth"] += (share * plan.length[_best(plan)]).tolist()
        rows["clearance"] += distance[0].tolist()
    table = xarray.Dataset(
        {name: ("point", np.array(each)) for name, each in rows.items()},
        attrs={"space": space, "simulated": simulated, "note": VISUAL_AID},
    )
    for name in ("x", "y", "z", "depth", "clearance"):
        table[name].attrs["unit"] = "mm"
    return Points(table)


def profile(params: PlanParams, field: Obstacles, plans: Sequence[Plan]) -> Lines:
    """Return the clearance along the best way to each target, all of it, to the target's end."""
    share = np.linspace(0, 1, params.samples)
    depths, clearances = [], []
    for plan in plans:
        best = _best(plan)
        depths.append(share * plan.length[best])
        clearances.append(along(params, field, plan.entries[best][None], plan.target)[0][0])
    marks = {"not counted from here": float(plans[0].length[_best(plans[0])] - params.zone)}
    return Lines(
        np.array(depths), np.array(clearances), tuple(plan.name for plan in plans),
        x_label="depth from the entry", x_unit="mm", y_label="clearance", y_unit="mm", axis="",
        levels={"least": params.clearance, "comfortable": params.comfortable},
        marks=marks if len(plans) == 1 else {}, title="Clearance along the shaft",
        caption=f"{VISUAL_AID}. From the shaft's surface to the nearest obstacle, before and within the "
        "target zone.",
    )  # fmt: skip


def in_space(entries: Surface | Points, plans: Sequence[Plan], space: str) -> Brain:
    """Return the entry surface with the best shafts and the other feasible entries."""
    mesh = entries if isinstance(entries, Surface) else None
    points: list[Any] = []
    names, values, edges = [], [], []
    for plan in plans:
        best = _best(plan)
        edges.append((len(points), len(points) + 1))
        points += [plan.entries[best], plan.target]
        names += [f"entry to {plan.name}", plan.name]
        values += [float(plan.clearance[best])] * 2
        for row in plan.order[1:_SHOWN_ROWS]:
            points.append(plan.entries[row])
            names.append("")
            values.append(float(plan.clearance[row]))
    return Brain(
        vertices=mesh.vertices if mesh else None, faces=mesh.faces if mesh else None,
        points=np.array(points), point_names=tuple(names), point_values=np.array(values),
        edges=np.array(edges), weights=np.ones(len(edges)), space=space,
        value_label="clearance", value_unit="mm", title="Shaft",
        caption=f"{VISUAL_AID}. The line is the best way; the points are the next best entries.",
    )  # fmt: skip


def in_volume(obstacles: Sequence[Volume], plans: Sequence[Plan], space: str) -> Slices:
    """Return the best shafts drawn into the first obstacle's image."""
    from neurostudio.grids import voxel_of

    under, affine = values_of(obstacles[0]), affine_of(obstacles[0])
    drawn = np.zeros(under.shape, np.float32)
    edge = float(np.linalg.norm(affine[:3, :3], axis=0).min())
    reach = max(1, int(np.ceil(_TUBE / edge)))
    for plan in plans:
        entry = plan.entries[_best(plan)]
        share = np.linspace(0, 1, int(np.ceil(2 * plan.length[_best(plan)] / edge)) + 2)
        voxels = np.rint(voxel_of(affine, entry + share[:, None] * (plan.target - entry))).astype(
            int
        )
        for shift in np.ndindex(*(2 * reach - 1,) * 3):
            moved = voxels + np.array(shift) - reach + 1
            inside = ((moved >= 0) & (moved < under.shape)).all(axis=1)
            drawn[tuple(moved[inside].T)] = 1.0
    return Slices(
        drawn, affine, "shaft", threshold=0.5, space=space, under=under, under_affine=affine,
        title="Shaft in the volume", caption=f"{VISUAL_AID}. The shaft is drawn wider than it is.",
    )  # fmt: skip


def _numbers(plan: Plan, *, several: bool) -> dict[str, Number]:
    best, tail = _best(plan), f", {plan.name}" if several else ""
    share = float(plan.feasible.mean())
    spread = 1.96 * np.sqrt(share * (1 - share) / len(plan.feasible))
    median = float(np.median(plan.clearance))
    return {
        f"clearance of the best{tail}": Number(
            float(plan.clearance[best]), "mm", baseline=median, note="baseline: the median candidate"
        ),
        f"angle of the best{tail}": Number(float(plan.angle[best]), "deg"),
        f"length of the best{tail}": Number(float(plan.length[best]), "mm"),
        f"feasible share{tail}": Number(
            share, "1", max(0.0, share - spread), min(1.0, share + spread),
            note=f"{int(plan.feasible.sum()):,} of {len(plan.feasible):,} candidates",
        ),
    }  # fmt: skip


def _words(params: PlanParams, plans: Sequence[Plan]) -> str:
    lines = [f"**{VISUAL_AID}.**", ""]
    for plan in plans:
        best = _best(plan)
        count = int(plan.feasible.sum())
        if not count:
            lines.append(
                f"- {plan.name}: **none feasible** of {len(plan.feasible):,} candidates; the nearest has a "
                f"clearance of {plan.clearance[best]:.1f} mm, {plan.angle[best]:.0f}°, "
                f"{plan.length[best]:.0f} mm long."
            )
            continue
        lines.append(
            f"- {plan.name}: {count:,} of {len(plan.feasible):,} candidates keep the limits (more than "
            f"{params.clearance:g} mm, less than {params.angle:g}°, less than {params.length:g} mm). The "
            f"best enters at ({', '.join(f'{each:.1f}' for each in plan.entries[best])}) mm: clearance "
            f"{plan.clearance[best]:.1f} mm, {plan.angle[best]:.1f}°, {plan.length[best]:.1f} mm long."
        )
    lines += [
        "",
        (
            f"The last {params.zone:g} mm before a target are not counted for the clearance; the profile "
            "shows them. What the obstacle images do not show is not avoided."
        ),
    ]
    return "\n".join(lines)
