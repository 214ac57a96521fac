"""Follows fixed points and limit cycles along a parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, Context, Lines, Number, Result, Table, method, param
from neurostudio.spiking import analysis

from .cell_params import WARNINGS, LawParams, Planar, chosen, described

if TYPE_CHECKING:
    from neurostudio.spiking.laws import Law

Array = np.ndarray[Any, np.dtype[Any]]


class BifurcationParams(LawParams):
    """Parameters of :func:`bifurcation`."""

    law: Planar = param("fitzhugh", "Which law of motion, of one or two variables")
    parameter: str = param("current", "What is changed: 'current' or a parameter of the law")
    lowest: float = param(0.0, "Smallest value", unit="1")
    highest: float = param(1.6, "Largest value", unit="1")
    n_values: int = param(41, "Values in between; changes are refined", ge=3, le=1000)
    current: float = param(
        0.0, "Constant input where another parameter is changed", unit="1", advanced=True
    )
    x_low: float = param(-3.0, "Left end of the first variable", unit="1")
    x_high: float = param(3.0, "Right end of the first variable", unit="1")
    y_low: float = param(-3.0, "Lower end of the second variable", unit="1")
    y_high: float = param(3.0, "Upper end of the second variable", unit="1")
    cycles: bool = param(True, "Follow the limit cycle too, which takes the time")


@method(group="Simulate", warnings=WARNINGS, example="changes")
def bifurcation(context: Context, params: BifurcationParams) -> Result:
    """Follow fixed points and the limit cycle along a parameter and name where they change."""
    import pandas as pd

    law, changed = chosen(params)
    if params.parameter != "current" and params.parameter not in law.defaults:
        raise BadInput(
            f"{law.title} has no parameter {params.parameter}; it has current, {', '.join(law.defaults)}."
        )
    low = np.array([params.x_low, params.y_low][: len(law.variables)])
    high = np.array([params.x_high, params.y_high][: len(law.variables)])
    values = np.linspace(params.lowest, params.highest, params.n_values)

    def make(value: float) -> analysis.Field:
        if params.parameter == "current":
            return analysis.field_of(law, value, **changed)
        return analysis.field_of(law, params.current, **{**changed, params.parameter: value})

    points, changes = analysis.follow(make, values, low, high)
    ends = np.full((len(values), 2), np.nan)
    for _ in context.track(range(1), "Limit cycles") if params.cycles else ():
        ends = _cycles(law, changed, params, values, low, high)
    rows = [
        {
            params.parameter: value,
            law.variables[0]: each.place[0],
            "kind": each.kind,
            "largest real part (1/ms)": each.eigenvalues[0].real,
        }
        for value, here in zip(values, points, strict=True)
        for each in here
    ]
    numbers = {
        f"{each.kind} {k}": Number(
            each.value, "1", note=f"value of {params.parameter}; by bisection"
        )
        for k, each in enumerate(changes, 1)
    }
    numbers = numbers or {"changes": Number(0.0, "1", note="none within the range")}
    return Result(
        data={"fixed_points": Table(pd.DataFrame(rows or [{params.parameter: np.nan}]))},
        views=(_diagram(law, changed, params, values, points, ends, changes),),
        numbers=numbers,
        warnings=("simulated data",),
    )


def _cycles(
    law: Law,
    changed: dict[str, float],
    params: BifurcationParams,
    values: Array,
    low: Array,
    high: Array,
) -> Array:
    """Return least and greatest of the first variable for all values at once, shape (n_values, 2)."""
    if params.parameter == "current":
        field = analysis.field_of(law, values, **changed)
    else:
        field = analysis.field_of(law, params.current, **{**changed, params.parameter: values})
    start = np.repeat(((low + high) / 2 + 0.05 * (high - low))[:, None], len(values), axis=1)
    with np.errstate(over="ignore", invalid="ignore"):
        return analysis.limit_cycle(field, start, 2000.0)[:, 0].T


def _diagram(
    law: Law,
    changed: dict[str, float],
    params: BifurcationParams,
    values: Array,
    points: list[Any],
    ends: Array,
    changes: list[analysis.Change],
) -> Lines:
    most = max((len(each) for each in points), default=0)
    rows: list[Array] = []
    names: list[str] = []
    for stable in (True, False):
        for k in range(most):
            row = np.array(
                [h[k].place[0] if k < len(h) and h[k].stable is stable else np.nan for h in points]
            )
            if np.isfinite(row).any():
                rows.append(row)
                names.append(f"{'stable' if stable else 'unstable'} {k + 1}")
    if np.isfinite(ends).any():
        rows += [ends[:, 0], ends[:, 1]]
        names += ["cycle, least", "cycle, greatest"]
    return Lines(
        values,
        np.array(rows or [np.full(len(values), np.nan)]),
        names=tuple(names),
        x_label=params.parameter,
        x_unit="unit of the law",
        y_label=law.variables[0],
        y_unit="mV" if law.variables[0] == "V" else "1",
        marks={f"{each.kind} {each.value:.4g}": each.value for each in changes},
        title="Bifurcation diagram",
        caption=described(law, changed),
    )


def _first_at(points: list[analysis.FixedPoint], k: int, *, stable: bool) -> float:
    there = k < len(points) and points[k].stable is stable
    return points[k].place[0] if there else float("nan")
