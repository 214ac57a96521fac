"""The two sets of plasticity constants, and what a person changed of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from neurostudio.spiking.deferred import Deferred

LABELS = {"paper": "paper parameters", "robust": "robust parameters (ours)"}
PAIRINGS = {"all to all": "all", "latest pre spike": "latest"}
HIGHEST = 6.0  # nA


@dataclass(frozen=True, slots=True)
class Plasticity:
    """The rule of a memory in ms and nA, and where it is from."""

    preset: str
    rule: Deferred
    changed: bool = False

    @property
    def label(self) -> str:
        """What stands on every result."""
        return LABELS[self.preset] + (", changed" if self.changed else "")

    def facts(self) -> dict[str, Any]:
        """Return plain values."""
        return {"preset": self.preset, "rule": asdict(self.rule), "changed": self.changed}

    @classmethod
    def of_facts(cls, facts: Any) -> Self:
        """Return what :meth:`facts` gave."""
        return cls(str(facts["preset"]), Deferred(**facts["rule"]), bool(facts["changed"]))


def plasticity(preset: str, changed: dict[str, Any] | None = None) -> Plasticity:
    """Return the plasticity of a preset, with what differs from it (ms and nA)."""
    rule = Deferred(gain=6.0, tau=3.0, loss=6.0, tau_loss=3.0, highest=HIGHEST, pairing="all")
    if preset == "robust":
        rule = replace(rule, gain=40.0, tau=0.5, pairing="latest")
    return Plasticity(preset, replace(rule, **(changed or {})), bool(changed))
