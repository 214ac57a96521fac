"""Which single law, and its parameters: shared by all methods that look at one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from neurostudio.api import BadInput, Params, param

from .building import law_of

if TYPE_CHECKING:
    from neurostudio.spiking.laws import Law

Laws = Literal[
    "lif",
    "leaky",
    "exponential",
    "adaptive_exponential",
    "quadratic",
    "adaptive_quadratic",
    "generalised",
    "izhikevich",
    "adapting_threshold",
    "hindmarsh_rose",
    "theta",
    "hodgkin_huxley",
    "traub",
    "morris_lecar",
    "wang_buzsaki",
    "fitzhugh",
    "fitzhugh_rate",
    "quadratic_mean_field",
    "adapting_mean_field",
    "stuart_landau",
    "wilson_cowan",
    "threshold_linear",
    "kuramoto",
    "van_der_pol",
    "jansen_rit",
]
Planar = Literal[
    "fitzhugh",
    "fitzhugh_rate",
    "morris_lecar",
    "wilson_cowan",
    "quadratic_mean_field",
    "stuart_landau",
    "van_der_pol",
    "izhikevich",
    "adaptive_exponential",
    "adaptive_quadratic",
    "quadratic",
    "exponential",
    "lif",
    "theta",
]
WARNINGS = {
    "simulated data": "Simulated data: it shows what the equations do, not what a brain does."
}


class LawParams(Params):
    """Which law, and what of it differs from the default."""

    law: Laws = param("hodgkin_huxley", "Which law of motion")
    changes: tuple[str, ...] = param(
        (), "Parameters that differ from the default, such as tau=20; times in ms, potentials in mV"
    )


def chosen(params: LawParams) -> tuple[Law, dict[str, float]]:
    """Return the law and what differs.

    Raises
    ------
    BadInput
        A change that is not ``name=number`` or names nothing of the law.
    """
    law = law_of(params.law)
    changed: dict[str, float] = {}
    for entry in params.changes:
        name, _, value = entry.partition("=")
        try:
            changed[name.strip()] = float(value)
        except ValueError:
            raise BadInput(f"'{entry}' is no change: write name=number, such as tau=20.") from None
    law.parameters(**changed)
    return law, changed


def unit_of(law: Law, variable: str) -> str:
    """Return the unit of a variable: mV for potentials, none for what has none."""
    return "mV" if variable in {"V", "threshold"} else "1"


def described(law: Law, changed: dict[str, Any]) -> str:
    """Return the law, its source and what differs, in one line."""
    words = ", ".join(f"{k} = {v:g}" for k, v in changed.items())
    source = f" ({law.source})" if law.source else ""
    return f"{law.title}{source}{'; ' + words if words else ''}. Simulated data."
