"""Neurons: reduced, adaptive and biophysical. Defaults are BrainPy's, so that results compare.

Time in ms, potential in mV; the unit of the current is that of the printed equation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.spiking.laws import Law

if TYPE_CHECKING:
    from neurostudio.spiking.laws import State


def rise(x: Any, width: float) -> Any:
    """Return ``x / (1 - exp(-x / width))`` without a hole at zero, where it is ``width``."""
    z = x / width
    z = z + 1e-8 * (np.abs(z) < 1e-8)
    return width * z / -np.expm1(-z)


def _fixed(state: State, p: Any) -> Any:
    return p.threshold


def _to_reset(state: State, p: Any) -> tuple[Any, ...]:
    return (p.reset + 0.0 * state[0],)


# --- integrate and fire ---------------------------------------------------------------------------


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

# --- biophysical ----------------------------------------------------------------------------------


def _hodgkin_huxley(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    v, m, h, n = state[0], state[1], state[2], state[3]
    am, bm = 0.1 * rise(v + 40.0, 10.0), 4.0 * np.exp(-(v + 65.0) / 18.0)
    ah, bh = 0.07 * np.exp(-(v + 65.0) / 20.0), 1.0 / (1.0 + np.exp(-(v + 35.0) / 10.0))
    an, bn = 0.01 * rise(v + 55.0, 10.0), 0.125 * np.exp(-(v + 65.0) / 80.0)
    sodium = p.g_na * m * m * m * h * (v - p.e_na)
    potassium = p.g_k * n * n * n * n * (v - p.e_k)
    dv = (current - sodium - potassium - p.g_leak * (v - p.e_leak)) / p.capacity
    return dv, am * (1.0 - m) - bm * m, ah * (1.0 - h) - bh * h, an * (1.0 - n) - bn * n


def _hodgkin_huxley_start(p: Any) -> tuple[float, ...]:
    return -65.0, 0.0529, 0.5961, 0.3177


HODGKIN_HUXLEY = Law(
    "hodgkin_huxley",
    "Hodgkin-Huxley",
    ("V", "m", "h", "n"),
    {
        "capacity": 1.0,
        "g_na": 120.0,
        "g_k": 36.0,
        "g_leak": 0.03,
        "e_na": 50.0,
        "e_k": -77.0,
        "e_leak": -54.387,
        "threshold": 20.0,
    },
    _hodgkin_huxley,
    _hodgkin_huxley_start,
    _fixed,
    None,
    "Hodgkin and Huxley 1952; the leak is BrainPy's, a tenth of the textbook's 0.3",
)


def _traub(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    v, m, h, n = state[0], state[1], state[2], state[3]
    u = v - p.shift
    am, bm = 0.32 * rise(u - 13.0, 4.0), 0.28 * rise(40.0 - u, 5.0)
    ah, bh = 0.128 * np.exp((17.0 - u) / 18.0), 4.0 / (1.0 + np.exp((40.0 - u) / 5.0))
    an, bn = 0.032 * rise(u - 15.0, 5.0), 0.5 * np.exp((10.0 - u) / 40.0)
    sodium = p.g_na * m * m * m * h * (p.e_na - v)
    potassium = p.g_k * n * n * n * n * (p.e_k - v)
    dv = (current + sodium + potassium + p.g_leak * (p.e_leak - v)) / p.capacity
    return dv, am * (1.0 - m) - bm * m, ah * (1.0 - h) - bh * h, an * (1.0 - n) - bn * n


def _traub_start(p: Any) -> tuple[float, ...]:
    return p.e_leak, 0.0, 0.0, 0.0


TRAUB = Law(
    "traub",
    "Hodgkin-Huxley after Traub and Miles",
    ("V", "m", "h", "n"),
    {
        "capacity": 200.0,
        "g_leak": 10.0,
        "g_na": 20_000.0,
        "g_k": 6_000.0,
        "e_leak": -60.0,
        "e_na": 50.0,
        "e_k": -90.0,
        "shift": -63.0,
        "threshold": -20.0,
    },
    _traub,
    _traub_start,
    _fixed,
    None,
    "Traub and Miles 1991; Brette and others 2007 (pF, nS, pA)",
)


def _morris_lecar(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    v, w = state[0], state[1]
    m = 0.5 * (1.0 + np.tanh((v - p.v1) / p.v2))
    far = 0.5 * (1.0 + np.tanh((v - p.v3) / p.v4))
    dv = current - p.g_ca * m * (v - p.e_ca) - p.g_k * w * (v - p.e_k) - p.g_leak * (v - p.e_leak)
    return dv / p.capacity, p.phi * np.cosh((v - p.v3) / (2.0 * p.v4)) * (far - w)


def _morris_lecar_start(p: Any) -> tuple[float, ...]:
    return -60.0, 0.0149


MORRIS_LECAR = Law(
    "morris_lecar",
    "Morris-Lecar",
    ("V", "W"),
    {
        "capacity": 20.0,
        "g_ca": 4.4,
        "g_k": 8.0,
        "g_leak": 2.0,
        "e_ca": 130.0,
        "e_k": -84.0,
        "e_leak": -60.0,
        "v1": -1.2,
        "v2": 18.0,
        "v3": 2.0,
        "v4": 30.0,
        "phi": 0.04,
        "threshold": 10.0,
    },
    _morris_lecar,
    _morris_lecar_start,
    _fixed,
    None,
    "Morris and Lecar 1981",
)


def _wang_buzsaki(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    v, h, n = state[0], state[1], state[2]
    am, bm = 0.1 * rise(v + 35.0, 10.0), 4.0 * np.exp(-(v + 60.0) / 18.0)
    m = am / (am + bm)
    ah, bh = 0.07 * np.exp(-(v + 58.0) / 20.0), 1.0 / (1.0 + np.exp(-(v + 28.0) / 10.0))
    an, bn = 0.01 * rise(v + 34.0, 10.0), 0.125 * np.exp(-(v + 44.0) / 80.0)
    sodium = p.g_na * m * m * m * h * (v - p.e_na)
    potassium = p.g_k * n * n * n * n * (v - p.e_k)
    dv = (current - sodium - potassium - p.g_leak * (v - p.e_leak)) / p.capacity
    return dv, p.phi * (ah * (1.0 - h) - bh * h), p.phi * (an * (1.0 - n) - bn * n)


def _wang_buzsaki_start(p: Any) -> tuple[float, ...]:
    return -65.0, 0.7808, 0.0890


WANG_BUZSAKI = Law(
    "wang_buzsaki",
    "Wang-Buzsaki interneuron",
    ("V", "h", "n"),
    {
        "capacity": 1.0,
        "g_na": 35.0,
        "g_k": 9.0,
        "g_leak": 0.1,
        "e_na": 55.0,
        "e_k": -90.0,
        "e_leak": -65.0,
        "phi": 5.0,
        "threshold": 20.0,
    },
    _wang_buzsaki,
    _wang_buzsaki_start,
    _fixed,
    None,
    "Wang and Buzsaki 1996",
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
