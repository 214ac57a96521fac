"""Biophysical neurons: membranes with gated channels. Defaults are BrainPy's, so that results compare.

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
