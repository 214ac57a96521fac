"""What a law does without being run: fixed points, nullclines, cycles, bifurcations, slow points.

Source: Strogatz, *Nonlinear Dynamics and Chaos*; slow points after Sussillo and Barak 2013.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.errors import BadInput

if TYPE_CHECKING:
    from neurostudio.spiking.laws import Law

Array = np.ndarray[Any, np.dtype[Any]]
Field = Callable[[Array], Array]

NEAR = 1e-4  # two roots closer than this are one


@dataclass(frozen=True, slots=True)
class FixedPoint:
    """Where nothing moves, what the linear map around it does, and its name."""

    place: tuple[float, ...]
    eigenvalues: tuple[complex, ...]
    kind: str

    @property
    def stable(self) -> bool:
        """Whether small departures die out."""
        return max(each.real for each in self.eigenvalues) < 0


def field_of(law: Law, current: Array | float = 0.0, **changed: Any) -> Field:
    """Return the vector field of a law at a constant input; state (n_variables, ...)."""
    parameters = law.parameters(**changed)

    def field(state: Array) -> Array:
        slopes = law.derivative(state, current, parameters)
        return np.stack([np.broadcast_to(each, np.shape(state[0])) for each in slopes])

    return field


def jacobian(field: Field, place: Array) -> Array:
    """Return the matrix of derivatives by central differences, shape (n, n)."""
    place = np.asarray(place, float)
    columns = []
    for k in range(len(place)):
        h = 1e-5 * max(1.0, abs(place[k]))
        ahead, behind = place.copy(), place.copy()
        ahead[k] += h
        behind[k] -= h
        columns.append((field(ahead) - field(behind)) / (2 * h))
    return np.stack(columns, axis=1)


def classify(matrix: Array) -> tuple[tuple[complex, ...], str]:
    """Return eigenvalues and the name of a fixed point; ``degenerate`` where one is nearly zero."""
    values = np.linalg.eigvals(matrix)
    values = values[np.argsort(-values.real, kind="stable")]
    scale = max(float(np.abs(values).max()), 1e-12)
    real = values.real
    if np.abs(values).min() < 1e-9 * scale or scale <= 1e-12:
        kind = "degenerate"
    elif real.max() > 0 > real.min() and np.abs(values.imag).max() < 1e-12 * scale:
        kind = "saddle"
    elif len(values) > 1 and np.abs(values.imag).max() > 1e-9 * scale:
        if np.abs(real).max() < 1e-9 * scale:
            kind = "centre"
        else:
            kind = "stable focus" if real.max() < 0 else "unstable focus"
    else:
        kind = "stable node" if real.max() < 0 else "unstable node"
    return tuple(complex(each) for each in values), kind


def fixed_points(field: Field, low: Array, high: Array, n_grid: int = 61) -> list[FixedPoint]:
    """Return the fixed points of a field of one or two variables within a box, by the first variable.

    Cells of a grid in which every derivative changes its sign are starting points of a root finder.

    Raises
    ------
    BadInput
        More than two variables.
    """
    from scipy.optimize import root

    low, high = np.asarray(low, float), np.asarray(high, float)
    starts = _cells(field, low, high, n_grid)
    found: list[Array] = []
    for start in starts:
        solved = root(lambda x: np.asarray(field(x)), start, tol=1e-12)
        place = solved.x
        inside = np.all((place >= low - NEAR) & (place <= high + NEAR))
        still = np.abs(field(place)).max() < 1e-8 * (1 + np.abs(place).max())
        if inside and still and all(np.abs(place - each).max() > NEAR for each in found):
            found.append(place)
    found.sort(key=tuple)
    return [FixedPoint(tuple(map(float, p)), *classify(jacobian(field, p))) for p in found]


def _cells(field: Field, low: Array, high: Array, n_grid: int) -> Array:
    n = len(low)
    if n > 2:
        raise BadInput(f"A law of {n} variables: hold all but two, or search for slow points.")
    axes = [np.linspace(a, b, n_grid) for a, b in zip(low, high, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"))
    values = field(grid)
    changes = np.ones((n_grid - 1,) * n, bool)
    for each in values:
        corners = [
            each[tuple(slice(o, n_grid - 1 + o) for o in offset)] for offset in np.ndindex((2,) * n)
        ]
        changes &= (np.min(corners, axis=0) <= 0) & (np.max(corners, axis=0) >= 0)
    at = np.argwhere(changes)
    middles = [axis[:-1] + np.diff(axis) / 2 for axis in axes]
    return np.stack([middles[k][at[:, k]] for k in range(n)], axis=1)


def nullclines(field: Field, low: Array, high: Array, n_grid: int = 201) -> list[list[Array]]:
    """Return for each of two variables the curves where it stands still: arrays (n_points, 2)."""
    from skimage.measure import find_contours

    axes = [np.linspace(a, b, n_grid) for a, b in zip(low, high, strict=True)]
    values = field(np.stack(np.meshgrid(*axes, indexing="ij")))
    curves = []
    for each in values:
        steps = [(axis[-1] - axis[0]) / (n_grid - 1) for axis in axes]
        found = find_contours(each, 0.0)
        curves.append([np.array([axes[0][0], axes[1][0]]) + c * np.array(steps) for c in found])
    return curves


def trajectory(field: Field, start: Array, duration: float, dt: float) -> Array:
    """Return the course from a place, shape (n + 1, n_variables), by the Runge-Kutta rule of order 4."""
    from neurostudio.spiking.solvers import integrate

    return integrate("rk4", lambda _t, x: field(x), np.asarray(start, float), duration, dt)[1]


def limit_cycle(field: Field, start: Array, duration: float = 10_000.0, dt: float = 0.1) -> Array:
    """Return least and greatest of each variable over the last fifth, NaN where the course comes to rest.

    Parameters
    ----------
    start : array of shape (n_variables,) or (n_variables, n_courses)
        Courses side by side, as for many values of a parameter.

    Returns
    -------
    array of shape (2, *start.shape)
    """
    course = trajectory(field, start, duration, dt)
    tail = course[-len(course) // 5 :]
    ends = np.stack([tail.min(axis=0), tail.max(axis=0)])
    reach = np.ptp(tail[:, 0], axis=0)
    lasting = np.ptp(tail[len(tail) // 2 :, 0], axis=0) > 0.5 * reach
    goes_on = lasting & (reach > 1e-3 * (1 + np.abs(ends).max(axis=(0, 1))))
    found: Array = np.where(goes_on & np.isfinite(ends).all(axis=(0, 1)), ends, np.nan)
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """A value of the parameter at which fixed points change: Hopf, saddle-node, or another."""

    value: float
    kind: str


def follow(
    make: Callable[[float], Field], values: Array, low: Array, high: Array, n_grid: int = 61
) -> tuple[list[list[FixedPoint]], list[Change]]:
    """Return the fixed points at each value of a parameter and where they change, to 1e-6 of the range."""
    points = [fixed_points(make(float(v)), low, high, n_grid) for v in values]
    span = float(values[-1] - values[0])
    changes = []
    for k in range(len(values) - 1):
        before, after = _signature(points[k]), _signature(points[k + 1])
        if before == after:
            continue
        a, b = float(values[k]), float(values[k + 1])
        while abs(b - a) > 1e-6 * abs(span):
            middle = 0.5 * (a + b)
            here = _signature(fixed_points(make(middle), low, high, n_grid))
            a, b = (middle, b) if here == before else (a, middle)
        changes.append(Change(0.5 * (a + b), _name_change(before, after, points[k], points[k + 1])))
    return points, changes


def _signature(points: list[FixedPoint]) -> tuple[bool, ...]:
    return tuple(each.stable for each in points)


def _name_change(
    before: tuple[bool, ...],
    after: tuple[bool, ...],
    old: list[FixedPoint],
    new: list[FixedPoint],
) -> str:
    if abs(len(before) - len(after)) == 2:
        return "saddle-node"
    if len(before) == len(after) and any("focus" in p.kind for p in (*old, *new)):
        return "Hopf"
    return "other"


def slow_points(
    advance: Callable[[Any], Any],
    starts: Array,
    *,
    n_steps: int = 2_000,
    rate: float = 0.01,
    slow: float = 1e-6,
    near: float = 0.01,
) -> tuple[Array, Array, list[Array]]:
    """Return places, speeds and Jacobian spectra of the slow points of ``h -> advance(h)``.

    Minimises ``q = |advance(h) - h|^2 / 2`` by Adam from each start.

    Parameters
    ----------
    advance
        A torch function of states (n, n_units).
    starts : array of shape (n, n_units)
    slow
        Points above this speed q are left out.
    """
    import torch

    h = torch.tensor(np.asarray(starts), dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([h], lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, n_steps)
    for _ in range(n_steps):
        optimiser.zero_grad()
        speed = 0.5 * ((advance(h) - h) ** 2).sum(dim=1)
        speed.sum().backward()
        optimiser.step()
        schedule.step()
    with torch.no_grad():
        speeds = (0.5 * ((advance(h) - h) ** 2).sum(dim=1)).numpy()
    places = h.detach().numpy()
    kept: list[int] = []
    for i in np.argsort(speeds):
        if speeds[i] < slow and all(np.linalg.norm(places[i] - places[j]) > near for j in kept):
            kept.append(int(i))
    spectra = []
    for i in kept:
        one = torch.tensor(places[i], dtype=torch.float64)
        matrix = torch.autograd.functional.jacobian(lambda x: advance(x[None])[0], one)
        spectra.append(np.linalg.eigvals(matrix.numpy()))
    return places[kept], speeds[kept], spectra
