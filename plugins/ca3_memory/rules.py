"""The two sets of plasticity constants, and what a person changed of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neurostudio.spiking.deferred import Deferred

LABELS = {"paper": "paper parameters", "robust": "robust parameters (ours)"}
PAIRINGS = {"all to all": "all", "latest pre spike": "latest"}
HIGHEST = 6.0  # nA


def rule_of(preset: str, changed: dict[str, Any] | None = None) -> Deferred:
    """Return the plasticity of a preset in ms and nA, with what differs from it."""
    from neurostudio.spiking.deferred import Deferred

    rule = Deferred(gain=6.0, tau=3.0, loss=6.0, tau_loss=3.0, highest=HIGHEST, pairing="all")
    if preset == "robust":
        rule = replace(rule, gain=40.0, tau=0.5, pairing="latest")
    return replace(rule, **(changed or {}))


def label_of(preset: str, changed: dict[str, Any] | None = None) -> str:
    """Return the words that stand on every result."""
    return LABELS[preset] + (", changed" if changed else "")
