"""What a law does without being run: its phase plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Lines,
    Number,
    Points,
    Result,
    Scatter,
    Table,
    Traces,
    method,
    param,
)
from neurostudio.spiking import analysis

from .cell_params import WARNINGS, LawParams, Planar, chosen, described

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neurostudio.api import Items, View
    from neurostudio.spiking.laws import Law

Array = np.ndarray[Any, np.dtype[Any]]


class PlaneParams(LawParams):
    """Parameters of :func:`phase_plane`."""

    law: Planar = param("fitzhugh", "Which law of motion, of one or two variables")
    current: float = param(0.5, "Constant input, in the unit of the law's equation", unit="1")
    x_low: float = param(-3.0, "Left end of the first variable", unit="1")
    x_high: float = param(3.0, "Right end of the first variable", unit="1")
    y_low: float = param(-2.0, "Lower end of the second variable", unit="1")
    y_high: float = param(3.0, "Upper end of the second variable", unit="1")
    n_trajectories: int = param(4, "Courses from places spread over the plane", ge=0, le=50)
    duration: float = param(0.2, "Length of each course", unit="s", gt=0, le=100)
    dt: float = param(0.0001, "Step of the courses", unit="s", ge=1e-6, le=0.01, advanced=True)
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "FitzHugh-Nagumo": {},
        "Morris-Lecar": {
            "law": "morris_lecar",
            "current": 80.0,
            "x_low": -80.0,
            "x_high": 60.0,
            "y_low": -0.05,
            "y_high": 0.7,
        },
        "Wilson-Cowan": {
            "law": "wilson_cowan",
            "current": 1.2,
            "x_low": -0.05,
            "x_high": 0.6,
            "y_low": -0.05,
            "y_high": 0.6,
        },
    }


def _check(params: PlaneParams, items: Items) -> None:
    del items
    if params.x_high <= params.x_low or params.y_high <= params.y_low:
        raise BadInput("An end of the plane lies before its beginning: exchange low and high.")


@method(group="Simulate", warnings=WARNINGS, check=_check, example="plane")
def phase_plane(context: Context, params: PlaneParams) -> Result:
    """Find nullclines, fixed points with their stability, the limit cycle, and courses of a law."""
    law, changed = chosen(params)
    field = analysis.field_of(law, params.current, **changed)
    two = len(law.variables) == 2
    low = np.array([params.x_low, params.y_low][: len(law.variables)])
    high = np.array([params.x_high, params.y_high][: len(law.variables)])
    points = analysis.fixed_points(field, low, high)
    context.say(f"{len(points)} fixed points")
    courses = _courses(context, field, low, high, params, points)
    cycle = _cycle(field, low, high) if two else np.full((2, 1), np.nan)
    table = _table(law, points)
    views: list[View] = [
        _plane(law, changed, field, low, high, points, courses)
        if two
        else _line(law, changed, field, low, high)
    ]
    views.append(_scatter(law, points, low, high))
    numbers = {
        "fixed points": Number(float(len(points)), "1", note="within the box"),
        "stable": Number(float(sum(each.stable for each in points)), "1"),
    }
    if np.isfinite(cycle).all():
        numbers["limit cycle, least"] = Number(float(cycle[0, 0]), "1", note=law.variables[0])
        numbers["limit cycle, greatest"] = Number(float(cycle[1, 0]), "1", note=law.variables[0])
    data: dict[str, Any] = {"eigenvalues": Table(table)}
    if points:
        data["fixed_points"] = _points(law, points)
    if courses:
        data["trajectories"] = _traces(law, courses, params)
    return Result(data=data, views=tuple(views), numbers=numbers, warnings=("simulated data",))


def _courses(
    context: Context, field: Any, low: Array, high: Array, params: PlaneParams, points: list[Any]
) -> list[Array]:
    random = np.random.default_rng(context.seed)
    starts = [low + (high - low) * random.random(len(low)) for _ in range(params.n_trajectories)]
    if points and params.n_trajectories:
        starts[0] = np.array(points[0].place) + 0.01 * (high - low)
    dt, length = params.dt * 1e3, params.duration * 1e3
    found = []
    for start in context.track(starts, "Courses"):
        with np.errstate(over="ignore", invalid="ignore"):
            course = analysis.trajectory(field, start, length, dt)
        inside = np.all(
            (course > low - 3 * (high - low)) & (course < high + 3 * (high - low)), axis=1
        )
        stop = len(course) if inside.all() else int(np.argmin(inside))
        course[stop:] = np.nan
        found.append(course)
    return found


def _cycle(field: Any, low: Array, high: Array) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):
        return analysis.limit_cycle(field, (low + high) / 2 + 0.05 * (high - low), 2000.0)


def _table(law: Law, points: list[analysis.FixedPoint]) -> Any:
    import pandas as pd

    rows = []
    for each in points:
        row: dict[str, Any] = dict(zip(law.variables, each.place, strict=True))
        row["kind"] = each.kind
        for k, value in enumerate(each.eigenvalues, 1):
            row[f"eigenvalue {k} real (1/ms)"] = value.real
            row[f"eigenvalue {k} imaginary (1/ms)"] = value.imag
        rows.append(row)
    return pd.DataFrame(rows or [{"kind": "none within the box"}])


def _points(law: Law, points: list[analysis.FixedPoint]) -> Points:
    import xarray

    places = np.array([each.place for each in points])
    columns = {name: ("point", places[:, k]) for k, name in enumerate(law.variables)}
    kinds = {"label": ("point", [each.kind for each in points])}
    return Points(xarray.Dataset({**columns, **kinds}))


def _traces(law: Law, courses: list[Array], params: PlaneParams) -> Traces:
    import pynapple as nap

    values = np.concatenate(courses, axis=1)
    names = [f"{name} {k}" for k in range(1, len(courses) + 1) for name in law.variables]
    times = np.arange(len(values)) * params.dt
    return Traces(nap.TsdFrame(t=times, d=values, columns=names), "1")


def _plane(
    law: Law,
    changed: dict[str, float],
    field: Any,
    low: Array,
    high: Array,
    points: list[Any],
    courses: list[Array],
) -> Lines:
    lines: list[tuple[str, Array]] = []
    curves = analysis.nullclines(field, low, high)
    for name, found in zip(law.variables, curves, strict=True):
        joined = [part for each in found for part in (each, np.full((1, 2), np.nan))]
        lines.append(
            (f"d{name}/dt = 0", np.concatenate(joined) if joined else np.full((1, 2), np.nan))
        )
    for k, course in enumerate(courses, 1):
        step = max(1, len(course) // 2000)
        lines.append((f"course {k}", course[::step]))
    for k, each in enumerate(points, 1):
        size = 0.025 * (high - low)
        place = np.array(each.place)
        cross = place + size * np.array([[-1, 0], [1, 0], [0, 0], [0, -1], [0, 1]])
        lines.append((f"{each.kind} {k}", cross))
    n = max(len(each) for _, each in lines)
    x, y = np.full((2, len(lines), n), np.nan)
    for k, (_, each) in enumerate(lines):
        x[k, : len(each)], y[k, : len(each)] = each[:, 0], each[:, 1]
    return Lines(
        x,
        y,
        names=tuple(name for name, _ in lines),
        x_label=law.variables[0],
        x_unit="1" if law.variables[0] != "V" else "mV",
        y_label=law.variables[1],
        y_unit="1",
        title="Phase plane",
        caption=f"Nullclines, courses and fixed points (crosses). {described(law, changed)}",
    )


def _line(law: Law, changed: dict[str, float], field: Any, low: Array, high: Array) -> Lines:
    x = np.linspace(low[0], high[0], 1001)
    return Lines(
        x,
        field(x[None]),
        names=(f"d{law.variables[0]}/dt",),
        x_label=law.variables[0],
        x_unit="1",
        y_label="speed",
        y_unit="1/ms",
        levels={"standing still": 0.0},
        title="Speed",
        caption=described(law, changed),
    )


def _scatter(law: Law, points: list[analysis.FixedPoint], low: Array, high: Array) -> Scatter:
    places = np.array([each.place for each in points]).reshape(len(points), len(law.variables))
    two = len(law.variables) == 2
    del low, high
    return Scatter(
        places[:, 0],
        places[:, 1] if two else np.zeros(len(points)),
        groups=tuple(each.kind for each in points),
        names=tuple(each.kind for each in points),
        x_label=law.variables[0],
        x_unit="1",
        y_label=law.variables[1] if two else "",
        y_unit="1",
        title="Fixed points",
        caption=f"{len(points)} within the box. Simulated data.",
    )
