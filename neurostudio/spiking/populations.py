"""Rate and mean-field models: one equation for many neurons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.spiking.laws import Law

if TYPE_CHECKING:
    from neurostudio.spiking.laws import State


def _zeros_2(p: Any) -> tuple[float, ...]:
    return 0.0, 0.0


def _fitzhugh_rate(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    x, y = state[0], state[1]
    dx = -p.alpha * x * x * x + p.beta * x * x + p.gamma * x - y + current
    return dx, (x - p.delta - p.epsilon * y) / p.tau


FITZHUGH_RATE = Law(
    "fitzhugh_rate",
    "FitzHugh-Nagumo, rate form",
    ("x", "y"),
    {"alpha": 3.0, "beta": 4.0, "gamma": -1.5, "delta": 0.0, "epsilon": 0.5, "tau": 20.0},
    _fitzhugh_rate,
    _zeros_2,
    source="Kostova 2004; BrainPy's form",
)


def _fitzhugh(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    v, w = state[0], state[1]
    return v - v * v * v / 3.0 - w + current, (v + p.a - p.b * w) / p.tau


FITZHUGH = Law(
    "fitzhugh",
    "FitzHugh-Nagumo",
    ("v", "w"),
    {"a": 0.7, "b": 0.8, "tau": 12.5},
    _fitzhugh,
    _zeros_2,
    source="FitzHugh 1961, Nagumo 1962",
)


def _quadratic_mean_field(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    x, y = state[0], state[1]
    dy = (p.delta / (np.pi * p.tau) + 2.0 * x * y) / p.tau
    dx = (x * x + p.eta + current + p.j * p.tau * y - (np.pi * p.tau * y) ** 2) / p.tau
    return dx, dy


QUADRATIC_MEAN_FIELD = Law(
    "quadratic_mean_field",
    "Quadratic integrate-and-fire mean field",
    ("potential", "rate"),
    {"tau": 1.0, "eta": -5.0, "delta": 1.0, "j": 15.0},
    _quadratic_mean_field,
    _zeros_2,
    source="Montbrio, Pazo, Roxin 2015",
)


def _adapting_mean_field(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    x, y, adaptation = state[0], state[1], state[2]
    dy = (p.delta / (np.pi * p.tau) + 2.0 * x * y) / p.tau
    drive = p.eta + current + p.j * p.tau * y - adaptation
    dx = (x * x + drive - (np.pi * p.tau * y) ** 2) / p.tau
    return dx, dy, (-adaptation + p.alpha * p.tau_a * y) / p.tau_a


def _zeros_3(p: Any) -> tuple[float, ...]:
    return 0.0, 0.0, 0.0


ADAPTING_MEAN_FIELD = Law(
    "adapting_mean_field",
    "Quadratic mean field with adaptation",
    ("potential", "rate", "adaptation"),
    {"tau": 1.0, "eta": -5.0, "delta": 1.0, "j": 15.0, "alpha": 0.5, "tau_a": 10.0},
    _adapting_mean_field,
    _zeros_3,
    source="Gast, Schmidt, Knosche 2020 (values ours)",
)


def _stuart_landau(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    x, y = state[0], state[1]
    growth = p.a - x * x - y * y
    return growth * x - p.w * y + current, growth * y + p.w * x


def _off_centre(p: Any) -> tuple[float, ...]:
    return 0.1, 0.0


STUART_LANDAU = Law(
    "stuart_landau",
    "Stuart-Landau",
    ("x", "y"),
    {"a": 0.25, "w": 0.2},
    _stuart_landau,
    _off_centre,
    source="Deco 2017",
)


def _response(z: Any, slope: Any, middle: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-slope * (z - middle))) - 1.0 / (1.0 + np.exp(slope * middle))


def _wilson_cowan(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    x, y = state[0], state[1]
    excited = _response(p.w_ee * x - p.w_ie * y + current, p.slope_e, p.middle_e)
    inhibited = _response(p.w_ei * x - p.w_ii * y, p.slope_i, p.middle_i)
    dx = (-x + (1.0 - p.r * x) * excited) / p.tau_e
    return dx, (-y + (1.0 - p.r * y) * inhibited) / p.tau_i


WILSON_COWAN = Law(
    "wilson_cowan",
    "Wilson-Cowan",
    ("excitatory", "inhibitory"),
    {
        "w_ee": 12.0,
        "w_ie": 4.0,
        "w_ei": 13.0,
        "w_ii": 11.0,
        "slope_e": 1.2,
        "middle_e": 2.8,
        "slope_i": 1.0,
        "middle_i": 4.0,
        "r": 1.0,
        "tau_e": 1.0,
        "tau_i": 1.0,
    },
    _wilson_cowan,
    _zeros_2,
    source="Wilson and Cowan 1972",
)


def _threshold_linear(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    return ((-state[0] + p.beta * np.maximum(current, 0.0)) / p.tau,)


def _zero(p: Any) -> tuple[float, ...]:
    return (0.0,)


THRESHOLD_LINEAR = Law(
    "threshold_linear",
    "Threshold-linear rate",
    ("rate",),
    {"tau": 20.0, "beta": 0.066},
    _threshold_linear,
    _zero,
    source="Chaudhuri 2015",
)


def _phase(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    return (p.frequency + current + 0.0 * state[0],)


KURAMOTO = Law(
    "kuramoto",
    "Kuramoto phase",
    ("phase",),
    {"frequency": 2.0 * np.pi * 0.01},
    _phase,
    _zero,
    source="Kuramoto 1975 (rad per ms; 10 Hz)",
)


def _van_der_pol(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    x, y = state[0], state[1]
    return y, p.mu * (1.0 - x * x) * y - x + current


VAN_DER_POL = Law(
    "van_der_pol",
    "van der Pol",
    ("x", "y"),
    {"mu": 1.0},
    _van_der_pol,
    _off_centre,
    source="van der Pol 1926",
)


def _jansen_rit(state: State, current: Any, p: Any) -> tuple[Any, ...]:
    y0, y1, y2, y3, y4, y5 = state[0], state[1], state[2], state[3], state[4], state[5]
    a, b = p.rate_e, p.rate_i
    pyramids = 2.0 * p.most / (1.0 + np.exp(p.slope * (p.middle - (y1 - y2))))
    excited = 2.0 * p.most / (1.0 + np.exp(p.slope * (p.middle - p.c * y0)))
    inhibited = 2.0 * p.most / (1.0 + np.exp(p.slope * (p.middle - 0.25 * p.c * y0)))
    d3 = p.gain_e * a * pyramids - 2.0 * a * y3 - a * a * y0
    d4 = p.gain_e * a * (p.drive + current + 0.8 * p.c * excited) - 2.0 * a * y4 - a * a * y1
    d5 = p.gain_i * b * 0.25 * p.c * inhibited - 2.0 * b * y5 - b * b * y2
    return y3, y4, y5, d3, d4, d5


def _zeros_6(p: Any) -> tuple[float, ...]:
    return 0.0, 0.0, 0.0, 0.0, 0.0, 0.0


JANSEN_RIT = Law(
    "jansen_rit",
    "Jansen-Rit",
    ("y0", "y1", "y2", "y3", "y4", "y5"),
    {
        "gain_e": 3.25,
        "gain_i": 22.0,
        "rate_e": 0.1,
        "rate_i": 0.05,
        "c": 135.0,
        "most": 0.0025,
        "middle": 6.0,
        "slope": 0.56,
        "drive": 0.22,
    },
    _jansen_rit,
    _zeros_6,
    source="Jansen and Rit 1995 (per ms)",
)

POPULATIONS = {
    law.name: law
    for law in (
        FITZHUGH,
        FITZHUGH_RATE,
        QUADRATIC_MEAN_FIELD,
        ADAPTING_MEAN_FIELD,
        STUART_LANDAU,
        WILSON_COWAN,
        THRESHOLD_LINEAR,
        KURAMOTO,
        VAN_DER_POL,
        JANSEN_RIT,
    )
}
