"""Reduced and adaptive neurons, and the list of all. Defaults are BrainPy's, so that results compare.

Time in ms, potential in mV; the unit of the current is that of the printed equation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.spiking.biophysical import HODGKIN_HUXLEY, MORRIS_LECAR, TRAUB, WANG_BUZSAKI
from neurostudio.spiking.laws import Law

if TYPE_CHECKING:
    from neurostudio.spiking.laws import State


def _fixed(state: State, p: Any) -> Any:
    return p.threshold


def _to_reset(state: State, p: Any) -> tuple[Any, ...]:
    return (p.reset + 0.0 * state[0],)


def _leaky(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    return ((p.rest - state[0] + p.resistance * current) / p.tau,)


def _at_rest(p: Any) -> tuple[float, ...]:
    return (p.rest,)


LEAKY = Law(
    "leaky",
    "Leaky integrator (no spikes)",
    ("V",),
    {"rest": 0.0, "resistance": 1.0, "tau": 10.0},
    _leaky,
    _at_rest,
)
LIF = Law(
    "lif",
    "Leaky integrate and fire",
    ("V",),
    {
        "rest": 0.0,
        "reset": -5.0,
        "threshold": 20.0,
        "resistance": 1.0,
        "tau": 10.0,
        "refractory": 0.0,
    },
    _leaky,
    _at_rest,
    _fixed,
    _to_reset,
)


def _exponential(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    v = state[0]
    upstroke = p.sharpness * np.exp((v - p.upstroke) / p.sharpness)
    return ((p.rest - v + upstroke + p.resistance * current) / p.tau,)


_EXP = {
    "rest": -65.0,
    "reset": -68.0,
    "threshold": -55.0,
    "upstroke": -59.9,
    "sharpness": 3.48,
    "tau": 10.0,
    "resistance": 1.0,
    "refractory": 0.0,
}
EXPONENTIAL = Law(
    "exponential",
    "Exponential integrate and fire",
    ("V",),
    _EXP,
    _exponential,
    _at_rest,
    _fixed,
    _to_reset,
    "Fourcaud-Trocme 2003",
)


def _adaptive_exponential(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    v, w = state[0], state[1]
    upstroke = p.sharpness * np.exp((v - p.upstroke) / p.sharpness)
    dv = (p.rest - v + upstroke - p.resistance * w + p.resistance * current) / p.tau
    return dv, (p.a * (v - p.rest) - w) / p.tau_w


def _rest_and_zero(p: Any) -> tuple[float, ...]:
    return p.rest, 0.0


def _reset_and_add(state: State, p: Any) -> tuple[Any, ...]:
    return p.reset + 0.0 * state[0], state[1] + p.b


ADAPTIVE_EXPONENTIAL = Law(
    "adaptive_exponential",
    "Adaptive exponential integrate and fire",
    ("V", "w"),
    _EXP | {"a": 1.0, "b": 1.0, "tau_w": 30.0},
    _adaptive_exponential,
    _rest_and_zero,
    _fixed,
    _reset_and_add,
    "Brette and Gerstner 2005",
)


def _quadratic(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    v = state[0]
    return ((p.c * (v - p.rest) * (v - p.critical) + p.resistance * current) / p.tau,)


_QUADRATIC = {
    "rest": -65.0,
    "reset": -68.0,
    "threshold": -30.0,
    "critical": -50.0,
    "c": 0.07,
    "tau": 10.0,
    "resistance": 1.0,
    "refractory": 0.0,
}
QUADRATIC = Law(
    "quadratic",
    "Quadratic integrate and fire",
    ("V",),
    _QUADRATIC,
    _quadratic,
    _at_rest,
    _fixed,
    _to_reset,
    "Latham 2000",
)


def _adaptive_quadratic(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    v, w = state[0], state[1]
    dv = (p.c * (v - p.rest) * (v - p.critical) - w + current) / p.tau
    return dv, (p.a * (v - p.rest) - w) / p.tau_w


ADAPTIVE_QUADRATIC = Law(
    "adaptive_quadratic",
    "Adaptive quadratic integrate and fire",
    ("V", "w"),
    {k: v for k, v in _QUADRATIC.items() if k != "resistance"}
    | {"a": 1.0, "b": 0.1, "tau_w": 10.0},
    _adaptive_quadratic,
    _rest_and_zero,
    _fixed,
    _reset_and_add,
    "Izhikevich 2004",
)


def _generalised(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    v, threshold, i1, i2 = state[0], state[1], state[2], state[3]
    dv = (p.rest - v + p.resistance * (current + i1 + i2)) / p.tau
    drift = p.a * (v - p.rest) - p.b * (threshold - p.threshold_far)
    return dv, drift, -p.k1 * i1, -p.k2 * i2


def _generalised_start(p: Any) -> tuple[float, ...]:
    return p.rest, p.threshold_far, 0.0, 0.0


def _own_threshold(state: State, p: Any) -> Any:
    return state[1]


def _generalised_reset(state: State, p: Any) -> tuple[Any, ...]:
    threshold = np.maximum(p.threshold_reset, state[1])
    return p.reset + 0.0 * state[0], threshold, p.r1 * state[2] + p.a1, p.r2 * state[3] + p.a2


GENERALISED = Law(
    "generalised",
    "Generalised integrate and fire",
    ("V", "threshold", "I1", "I2"),
    {
        "rest": -70.0,
        "reset": -70.0,
        "threshold_far": -50.0,
        "threshold_reset": -60.0,
        "resistance": 20.0,
        "tau": 20.0,
        "a": 0.0,
        "b": 0.01,
        "k1": 0.2,
        "k2": 0.02,
        "r1": 0.0,
        "r2": 1.0,
        "a1": 0.0,
        "a2": 0.0,
        "refractory": 0.0,
    },
    _generalised,
    _generalised_start,
    _own_threshold,
    _generalised_reset,
    "Mihalas and Niebur 2009",
)


def _izhikevich(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    v, u = state[0], state[1]
    return 0.04 * v * v + 5.0 * v + 140.0 - u + current, p.a * (p.b * v - u)


def _izhikevich_start(p: Any) -> tuple[float, ...]:
    return p.start, p.b * p.start


def _izhikevich_reset(state: State, p: Any) -> tuple[Any, ...]:
    return p.c + 0.0 * state[0], state[1] + p.d


IZHIKEVICH = Law(
    "izhikevich",
    "Izhikevich",
    ("V", "u"),
    {
        "a": 0.02,
        "b": 0.2,
        "c": -65.0,
        "d": 8.0,
        "threshold": 30.0,
        "start": -65.0,
        "refractory": 0.0,
    },
    _izhikevich,
    _izhikevich_start,
    _fixed,
    _izhikevich_reset,
    "Izhikevich 2003",
)


def _adapting_threshold(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    return (p.rest - state[0] + p.resistance * current) / p.tau, -state[1] / p.tau_a


def _raised(state: State, p: Any) -> Any:
    return p.threshold + p.beta * state[1]


def _raise_further(state: State, p: Any) -> tuple[Any, ...]:
    return p.reset + 0.0 * state[0], state[1] + 1.0


ADAPTING_THRESHOLD = Law(
    "adapting_threshold",
    "Leaky integrate and fire, adapting threshold",
    ("V", "a"),
    {
        "rest": -70.0,
        "reset": -70.0,
        "threshold": -60.0,
        "beta": 1.6,
        "resistance": 1.0,
        "tau": 20.0,
        "tau_a": 2000.0,
        "refractory": 0.0,
    },
    _adapting_threshold,
    _rest_and_zero,
    _raised,
    _raise_further,
    "Bellec 2020",
)


def _hindmarsh_rose(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    x, y, z = state[0], state[1], state[2]
    dx = y - p.a * x * x * x + p.b * x * x - z + current
    return dx, p.c - p.d * x * x - y, p.r * (p.s * (x - p.rest) - z)


def _hindmarsh_start(p: Any) -> tuple[float, ...]:
    return p.rest, -10.0, 0.0


HINDMARSH_ROSE = Law(
    "hindmarsh_rose",
    "Hindmarsh-Rose",
    ("x", "y", "z"),
    {
        "a": 1.0,
        "b": 3.0,
        "c": 1.0,
        "d": 5.0,
        "r": 0.01,
        "s": 4.0,
        "rest": -1.6,
        "threshold": 1.0,
    },
    _hindmarsh_rose,
    _hindmarsh_start,
    _fixed,
    None,
    "Hindmarsh and Rose 1984",
)


def _theta(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    cosine = np.cos(state[0])
    return ((1.0 - cosine + (1.0 + cosine) * (p.eta + current)) / p.tau,)


def _theta_start(p: Any) -> tuple[float, ...]:
    return (0.0,)


def _turn_back(state: State, p: Any) -> tuple[Any, ...]:
    return (state[0] - 2.0 * np.pi,)


THETA = Law(
    "theta",
    "Theta neuron",
    ("theta",),
    {"eta": 0.0, "tau": 1.0, "threshold": float(np.pi)},
    _theta,
    _theta_start,
    _fixed,
    _turn_back,
    "Ermentrout and Kopell 1986",
)

NEURONS = {
    law.name: law
    for law in (
        LEAKY,
        LIF,
        EXPONENTIAL,
        ADAPTIVE_EXPONENTIAL,
        QUADRATIC,
        ADAPTIVE_QUADRATIC,
        GENERALISED,
        IZHIKEVICH,
        ADAPTING_THRESHOLD,
        HINDMARSH_ROSE,
        THETA,
        HODGKIN_HUXLEY,
        TRAUB,
        MORRIS_LECAR,
        WANG_BUZSAKI,
    )
}
