"""Integrators: Runge-Kutta by table, adaptive pairs, exponential Euler, noise, delays.

An equation is ``derivative(time, state) -> array`` with ``state`` of any shape; time in any unit.
Tables: Hairer, Norsett, Wanner, *Solving Ordinary Differential Equations I*; noise: Kloeden and Platen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.errors import BadInput, NeurostudioError

if TYPE_CHECKING:
    from numpy.random import Generator

Array = np.ndarray[Any, np.dtype[Any]]
Derivative = Callable[[float, Array], Array]


@dataclass(frozen=True, slots=True)
class Table:
    """A Butcher table: nodes, coefficients, weights, order; ``lower`` are the weights of the embedded one."""

    nodes: tuple[float, ...]
    stages: tuple[tuple[float, ...], ...]
    weights: tuple[float, ...]
    order: int
    lower: tuple[float, ...] | None = None


TABLES = {
    "euler": Table((0.0,), ((),), (1.0,), 1),
    "midpoint": Table((0.0, 0.5), ((), (0.5,)), (0.0, 1.0), 2),
    "heun2": Table((0.0, 1.0), ((), (1.0,)), (0.5, 0.5), 2),
    "ralston2": Table((0.0, 2 / 3), ((), (2 / 3,)), (0.25, 0.75), 2),
    "rk2": Table((0.0, 2 / 3), ((), (2 / 3,)), (0.25, 0.75), 2),
    "rk3": Table((0.0, 0.5, 1.0), ((), (0.5,), (-1.0, 2.0)), (1 / 6, 2 / 3, 1 / 6), 3),
    "heun3": Table((0.0, 1 / 3, 2 / 3), ((), (1 / 3,), (0.0, 2 / 3)), (0.25, 0.0, 0.75), 3),
    "ralston3": Table((0.0, 0.5, 0.75), ((), (0.5,), (0.0, 0.75)), (2 / 9, 1 / 3, 4 / 9), 3),
    "ssprk3": Table((0.0, 1.0, 0.5), ((), (1.0,), (0.25, 0.25)), (1 / 6, 1 / 6, 2 / 3), 3),
    "rk4": Table(
        (0.0, 0.5, 0.5, 1.0),
        ((), (0.5,), (0.0, 0.5), (0.0, 0.0, 1.0)),
        (1 / 6, 1 / 3, 1 / 3, 1 / 6),
        4,
    ),
    "rk4_38": Table(
        (0.0, 1 / 3, 2 / 3, 1.0),
        ((), (1 / 3,), (-1 / 3, 1.0), (1.0, -1.0, 1.0)),
        (0.125, 0.375, 0.375, 0.125),
        4,
    ),
    "ralston4": Table(
        (0.0, 0.4, 0.45573725, 1.0),
        (
            (),
            (0.4,),
            (0.29697761, 0.15875964),
            (0.21810040, -3.05096516, 3.83286476),
        ),
        (0.17476028, -0.55148066, 1.20553560, 0.17118478),
        4,
    ),
    "heun_euler": Table((0.0, 1.0), ((), (1.0,)), (0.5, 0.5), 2, (1.0, 0.0)),
    "bogacki_shampine": Table(
        (0.0, 0.5, 0.75, 1.0),
        ((), (0.5,), (0.0, 0.75), (2 / 9, 1 / 3, 4 / 9)),
        (2 / 9, 1 / 3, 4 / 9, 0.0),
        3,
        (7 / 24, 0.25, 1 / 3, 0.125),
    ),
    "rkf12": Table(
        (0.0, 0.5, 1.0),
        ((), (0.5,), (1 / 256, 255 / 256)),
        (1 / 512, 255 / 256, 1 / 512),
        2,
        (1 / 256, 255 / 256, 0.0),
    ),
    "rkf45": Table(
        (0.0, 0.25, 3 / 8, 12 / 13, 1.0, 0.5),
        (
            (),
            (0.25,),
            (3 / 32, 9 / 32),
            (1932 / 2197, -7200 / 2197, 7296 / 2197),
            (439 / 216, -8.0, 3680 / 513, -845 / 4104),
            (-8 / 27, 2.0, -3544 / 2565, 1859 / 4104, -11 / 40),
        ),
        (16 / 135, 0.0, 6656 / 12825, 28561 / 56430, -9 / 50, 2 / 55),
        5,
        (25 / 216, 0.0, 1408 / 2565, 2197 / 4104, -0.2, 0.0),
    ),
    "cash_karp": Table(
        (0.0, 0.2, 0.3, 0.6, 1.0, 7 / 8),
        (
            (),
            (0.2,),
            (3 / 40, 9 / 40),
            (0.3, -0.9, 1.2),
            (-11 / 54, 2.5, -70 / 27, 35 / 27),
            (1631 / 55296, 175 / 512, 575 / 13824, 44275 / 110592, 253 / 4096),
        ),
        (37 / 378, 0.0, 250 / 621, 125 / 594, 0.0, 512 / 1771),
        5,
        (2825 / 27648, 0.0, 18575 / 48384, 13525 / 55296, 277 / 14336, 0.25),
    ),
    "dormand_prince": Table(
        (0.0, 0.2, 0.3, 0.8, 8 / 9, 1.0, 1.0),
        (
            (),
            (0.2,),
            (3 / 40, 9 / 40),
            (44 / 45, -56 / 15, 32 / 9),
            (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
            (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
            (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
        ),
        (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0.0),
        5,
        (5179 / 57600, 0.0, 7571 / 16695, 393 / 640, -92097 / 339200, 187 / 2100, 1 / 40),
    ),
}
ADAPTIVE = tuple(name for name, table in TABLES.items() if table.lower is not None)
FIXED = (*(name for name in TABLES if name not in ADAPTIVE), "exponential_euler")


def step(name: str, derivative: Derivative, time: float, state: Array, dt: float) -> Array:
    """Return the state one step later.

    Raises
    ------
    BadInput
        There is no solver of this name.
    """
    if name == "exponential_euler":
        return exponential_euler(derivative, time, state, dt)
    return _stages(_table(name), derivative, time, state, dt)[0]


def exponential_euler(derivative: Derivative, time: float, state: Array, dt: float) -> Array:
    """Return one step, exact where each equation is linear in its own variable.

    The slope in the own variable is a difference over one unit: exact for such equations and the reason
    why none has to be declared. First axis of ``state`` is the variable.
    """
    state = np.asarray(state, float)
    now = np.asarray(derivative(time, state), float)
    after = np.empty_like(state)
    for k in range(len(state)):
        moved = state.copy()
        moved[k] += 1.0
        slope = np.asarray(derivative(time, moved), float)[k] - now[k]
        z = slope * dt
        small = np.abs(z) < 1e-12
        grown = np.where(small, dt, np.expm1(z) / np.where(small, 1.0, slope))
        after[k] = state[k] + grown * now[k]
    return after


def integrate(
    name: str, derivative: Derivative, state: Array, duration: float, dt: float
) -> tuple[Array, Array]:
    """Return times (n + 1,) and states (n + 1, ...) with fixed steps."""
    n = round(duration / dt)
    states = np.empty((n + 1, *np.shape(state)))
    states[0] = state
    for k in range(n):
        states[k + 1] = step(name, derivative, k * dt, states[k], dt)
    return np.arange(n + 1) * dt, states


def integrate_adaptive(
    name: str,
    derivative: Derivative,
    state: Array,
    duration: float,
    *,
    tolerance: float = 1e-6,
    dt: float = 0.1,
) -> tuple[Array, Array]:
    """Return times and states, the step chosen by the embedded error; ``dop853`` is SciPy's.

    Raises
    ------
    NeurostudioError
        The step became too small to go on: the equation is stiff or runs away.
    """
    if name == "dop853":
        from scipy.integrate import solve_ivp

        shape = np.shape(state)
        solved = solve_ivp(
            lambda t, y: np.ravel(derivative(t, y.reshape(shape))),
            (0.0, duration),
            np.ravel(state),
            method="DOP853",
            rtol=tolerance,
            atol=tolerance,
        )
        return solved.t, solved.y.T.reshape(-1, *shape)
    table = _table(name)
    if table.lower is None:
        raise BadInput(f"{name} has no embedded error; adaptive ones are {', '.join(ADAPTIVE)}.")
    time, states, times = 0.0, [np.asarray(state, float)], [0.0]
    while time < duration * (1 - 1e-12):
        dt = min(dt, duration - time)
        later, lower = _stages(table, derivative, time, states[-1], dt)
        scale = tolerance * (1 + np.abs(later))
        error = float(np.max(np.abs(later - lower) / scale))
        if error <= 1:
            time += dt
            states.append(later)
            times.append(time)
        dt *= min(5.0, max(0.2, 0.9 * (error + 1e-12) ** (-1 / table.order)))
        if dt < 1e-12 * duration:
            raise NeurostudioError(
                f"The step fell below {dt:.1g}: use a fixed step or a smaller drive."
            )
    return np.array(times), np.array(states)


def _table(name: str) -> Table:
    if name not in TABLES:
        raise BadInput(f"No solver {name}; there are {', '.join(FIXED + ADAPTIVE)}.")
    return TABLES[name]


def _stages(
    table: Table, derivative: Derivative, time: float, state: Array, dt: float
) -> tuple[Array, Array]:
    state = np.asarray(state, float)
    slopes: list[Array] = []
    for node, coefficients in zip(table.nodes, table.stages, strict=True):
        here = state
        for coefficient, slope in zip(coefficients, slopes, strict=True):
            here = here + dt * coefficient * slope
        slopes.append(np.asarray(derivative(time + node * dt, here), float))
    mixed = [
        state
        + dt * sum((w * s for w, s in zip(weights, slopes, strict=True)), np.zeros_like(state))
        for weights in (table.weights, table.lower or table.weights)
    ]
    return mixed[0], mixed[1]


# --- noise ----------------------------------------------------------------------------------------

Diffusion = Callable[[float, Array], Array]


def noisy_step(
    name: str,
    drift: Derivative,
    diffusion: Diffusion,
    time: float,
    state: Array,
    dt: float,
    random: Generator,
) -> Array:
    """Return one step of ``dx = drift dt + diffusion dW``, noise independent per element.

    ``euler`` and ``milstein`` are Ito; ``heun`` is Stratonovich; ``exponential_euler`` is Ito, exact for an
    Ornstein-Uhlenbeck process.
    """
    kick: Array = random.standard_normal(np.shape(state)) * np.sqrt(dt)
    f, g = drift(time, state), diffusion(time, state)
    after: Array
    if name == "euler":
        after = state + f * dt + g * kick
    elif name == "heun":
        guess = state + f * dt + g * kick
        mean_f = 0.5 * (f + drift(time + dt, guess))
        after = state + mean_f * dt + 0.5 * (g + diffusion(time + dt, guess)) * kick
    elif name == "milstein":
        beside = diffusion(time, state + g * np.sqrt(dt))
        after = state + f * dt + g * kick + (beside - g) * (kick**2 - dt) / (2 * np.sqrt(dt))
    elif name == "exponential_euler":
        slope = drift(time, state + 1.0) - f
        z = np.where(np.abs(slope * dt) < 1e-12, 1e-12, slope * dt)
        after = state + np.expm1(z) / z * dt * f + g * kick * np.sqrt(np.expm1(2 * z) / (2 * z))
    else:
        raise BadInput(f"No solver {name} for noise: euler, heun, milstein or exponential_euler.")
    return after


def integrate_noisy(
    name: str,
    drift: Derivative,
    diffusion: Diffusion,
    state: Array,
    duration: float,
    dt: float,
    random: Generator,
) -> Array:
    """Return states (n + 1, ...) of a stochastic equation."""
    n = round(duration / dt)
    states = np.empty((n + 1, *np.shape(state)))
    states[0] = state
    for k in range(n):
        states[k + 1] = noisy_step(name, drift, diffusion, k * dt, states[k], dt, random)
    return states


# --- delays ---------------------------------------------------------------------------------------


class Past:
    """The last states of a delayed equation, read between samples by straight lines.

    Parameters
    ----------
    start : array
        The state at all times before the first.
    delay
        The longest look back, in the unit of ``dt``.
    """

    def __init__(self, start: Array, delay: float, dt: float) -> None:
        self._n = int(np.ceil(delay / dt)) + 2
        self._kept = np.broadcast_to(np.asarray(start, float), (self._n, *np.shape(start))).copy()
        self._dt, self._head = dt, 0

    def push(self, state: Array) -> None:
        """Keep the state of the present step."""
        self._head = (self._head + 1) % self._n
        self._kept[self._head] = state

    def replace(self, state: Array) -> None:
        """Correct the last state pushed."""
        self._kept[self._head] = state

    def at(self, delay: float) -> Array:
        """Return the state ``delay`` before the last one pushed."""
        steps, part = divmod(delay / self._dt, 1.0)
        if steps + 1 >= self._n:
            raise BadInput(f"A delay of {delay:g}: longer than the {self._n - 2} steps kept.")
        late = self._kept[(self._head - int(steps)) % self._n]
        earlier = self._kept[(self._head - int(steps) - 1) % self._n]
        value: Array = (1 - part) * late + part * earlier
        return value


def integrate_delayed(
    derivative: Callable[[float, Array, Past], Array],
    start: Array,
    delay: float,
    duration: float,
    dt: float,
) -> Array:
    """Return states (n + 1, ...) of a delayed equation by Heun's rule; ``delay`` is at least one step.

    Raises
    ------
    BadInput
        A delay below one step.
    """
    if delay < dt:
        raise BadInput(f"A delay of {delay:g} below the step of {dt:g}: a smaller step is needed.")
    past = Past(start, delay, dt)
    n = round(duration / dt)
    states = np.empty((n + 1, *np.shape(start)))
    states[0] = start
    for k in range(n):
        first = derivative(k * dt, states[k], past)
        guess = states[k] + dt * first
        past.push(guess)
        second = derivative((k + 1) * dt, guess, past)
        states[k + 1] = states[k] + 0.5 * dt * (first + second)
        past.replace(states[k + 1])
    return states
