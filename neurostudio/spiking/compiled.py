"""Compiled kernels: delivery of spikes, one step of any law, and the conductance network in one loop."""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

    from neurostudio.spiking.laws import Law

_STEPPERS: dict[tuple[str, str], Callable[..., int]] = {}


@njit(cache=True, nogil=True)
def deliver(spikes, starts, targets, weights, efficacy, out):
    """Add the weights of the spiking sources to their targets; the cost grows with spikes, not with synapses.

    Parameters
    ----------
    spikes : array of shape (n_spikes,)
    starts, targets, weights
        As in :class:`neurostudio.spiking.connections.Connections`.
    efficacy : array of shape (n_spikes,) or (0,)
        Factor of each spike; none where empty.
    out : array of shape (n_targets,)
    """
    one = weights.size == 1
    for k in range(spikes.size):
        i = spikes[k]
        scale = efficacy[k] if efficacy.size > 0 else 1.0
        if one:
            w = weights[0] * scale
            for s in range(starts[i], starts[i + 1]):
                out[targets[s]] += w
        else:
            for s in range(starts[i], starts[i + 1]):
                out[targets[s]] += weights[s] * scale


def stepper(law: Law, solver: str) -> Callable[..., int]:
    """Return one step of a law over a population, compiled once for each law and solver.

    It takes ``(state, current, conductance, pull, left, refractory, dt, parameters, spikes)`` and returns how
    many spike; ``spikes`` takes their indices. The input is ``current + pull - conductance * state[0]``.
    """
    key = (law.name, solver)
    if key not in _STEPPERS:
        _STEPPERS[key] = _compile(law, solver)
    return _STEPPERS[key]


def _compile(law: Law, solver: str) -> Callable[..., int]:
    derivative = _compiled(law.derivative)
    threshold = _compiled(law.threshold or _nothing)
    reset = _compiled(law.reset or _nothing)
    n = len(law.variables)
    advance = {"euler": _euler, "rk4": _rk4, "exponential_euler": _exponential}[solver](
        derivative, n
    )
    spikes_at_all, crosses = law.threshold is not None, law.crosses

    @njit(nogil=True, error_model="numpy")
    def step(state, current, conductance, pull, left, refractory, dt, p, spikes):
        x, y = np.empty(n), np.empty(n)
        count = 0
        for i in range(state.shape[1]):
            for k in range(n):
                x[k] = state[k, i]
            before = x[0]
            held = left[i] > 0
            if held:
                left[i] -= 1
            advance(x, y, current[i] + pull[i], conductance[i], p, dt)
            if held and not crosses:
                y[0] = before
            for k in range(n):
                state[k, i] = y[k]
            if spikes_at_all:
                bound = threshold(y, p)
                fired = y[0] >= bound and not held
                if crosses:
                    fired = fired and before < bound
                if fired:
                    spikes[count] = i
                    count += 1
                    left[i] = refractory
                    if not crosses:
                        z = reset(y, p)
                        for k in range(n):
                            state[k, i] = z[k]
        return count

    return step


def _nothing(state: Any, p: Any) -> Any:
    return state


def _compiled(function: Callable[..., Any]) -> Any:
    """Compile a function of a law together with the plain functions of its module that it calls."""
    called = {
        name: njit(function.__globals__[name])
        for name in function.__code__.co_names
        if isinstance(function.__globals__.get(name), FunctionType)
    }
    code = FunctionType(function.__code__, {**function.__globals__, **called}, function.__name__)
    return njit(code)


def _euler(derivative: Any, n: int) -> Any:
    @njit(inline="always")
    def advance(x, y, drive, conductance, p, dt):
        d = derivative(x, drive - conductance * x[0], p)
        for k in range(n):
            y[k] = x[k] + dt * d[k]

    return advance


def _rk4(derivative: Any, n: int) -> Any:
    @njit
    def advance(x, y, drive, conductance, p, dt):
        total, z = np.zeros(n), x.copy()
        for stage in range(4):
            d = derivative(z, drive - conductance * z[0], p)
            share = 1.0 if stage in {0, 3} else 2.0
            ahead = dt if stage == 2 else 0.5 * dt
            for k in range(n):
                total[k] += share * d[k]
                z[k] = x[k] + ahead * d[k]
        for k in range(n):
            y[k] = x[k] + dt / 6.0 * total[k]

    return advance


def _exponential(derivative: Any, n: int) -> Any:
    @njit
    def advance(x, y, drive, conductance, p, dt):
        now = derivative(x, drive - conductance * x[0], p)
        for k in range(n):
            kept = x[k]
            x[k] = kept + 1.0
            moved = derivative(x, drive - conductance * x[0], p)
            x[k] = kept
            z = (moved[k] - now[k]) * dt
            grown = np.expm1(z) / z if np.abs(z) > 1e-12 else 1.0
            y[k] = kept + dt * grown * now[k]

    return advance
