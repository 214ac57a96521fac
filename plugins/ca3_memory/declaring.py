"""Parameters that several methods share, and the sentences of their warnings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from neurostudio.api import Params, param

from .rules import PAIRINGS, Plasticity, plasticity

WARNINGS = {
    "simulated data": (
        "A simulated network inspired by CA3: nothing here is a statement about recorded CA3, nor about the "
        "speed or energy of hardware."
    ),
    "paper parameters": (
        "Paper parameters: forgetting is incomplete, and recall writes bits that do not belong."
    ),
    "robust parameters": (
        "Robust parameters (ours): three constants of the plasticity differ from the published ones."
    ),
    "changed parameters": "Constants of the plasticity were changed from those of the preset.",
    "pitch": "Operations are less than 10 ms or more than 12 ms apart: recall is less exact there.",
    "large patterns": (
        "Patterns of more than 84 bits: with the robust preset CueS2 fires once too often while it learns "
        "them; recall by a bit that the next pattern shares then misses their cues."
    ),
    "recall changed": "Recall changed the memory: this model has no recall that only reads.",
}
EXACT_PITCH = (10, 12)  # ms
LARGEST = 84  # bits of a pattern, robust preset: measured, not published


class RuleParams(Params):
    """The plasticity and the timing of a memory."""

    preset: Literal["robust", "paper"] = param(
        "robust",
        "Plasticity: the published constants (paper), or three of them changed so that memories survive "
        "overwriting and recall (robust, ours)",
    )
    pitch: float = param(
        0.010,
        "Time between the beginnings of two operations; exact from 10 to 12 ms with the robust preset",
        unit="s", ge=0.006, le=0.1,
    )  # fmt: skip
    learn_spikes: int = param(
        3, "Input spikes of a learning operation, one each ms", ge=1, le=10, advanced=True
    )
    gain_potentiation: float | None = param(
        None, "Largest growth by one pair; empty for the preset's (6 or 40 nA)",
        unit="A", ge=0, le=200e-9, advanced=True,
    )  # fmt: skip
    gain_depression: float | None = param(
        None, "Largest loss by one pair; empty for the preset's (6 nA)",
        unit="A", ge=0, le=200e-9, advanced=True,
    )  # fmt: skip
    tau_potentiation: float | None = param(
        None, "Decay of growth with the lag; empty for the preset's (3 or 0.5 ms)",
        unit="s", ge=1e-4, le=0.05, advanced=True,
    )  # fmt: skip
    tau_depression: float | None = param(
        None, "Decay of loss with the lag; empty for the preset's (3 ms)",
        unit="s", ge=1e-4, le=0.05, advanced=True,
    )  # fmt: skip
    pairing: Literal["preset", "all to all", "latest pre spike"] = param(
        "preset",
        "Which spikes of the sender count for growth: the preset's (paper: all to all), all, or the latest",
        advanced=True,
    )

    @property
    def changed(self) -> dict[str, Any]:
        """What differs from the preset, in ms and nA."""
        given = {
            "gain": (self.gain_potentiation, 1e9),
            "loss": (self.gain_depression, 1e9),
            "tau": (self.tau_potentiation, 1e3),
            "tau_loss": (self.tau_depression, 1e3),
        }
        found: dict[str, Any] = {k: v * scale for k, (v, scale) in given.items() if v is not None}
        if self.pairing != "preset":
            found["pairing"] = PAIRINGS[self.pairing]
        return found

    @property
    def plasticity(self) -> Plasticity:
        """The plasticity in ms and nA."""
        return plasticity(self.preset, self.changed)

    @property
    def pitch_ms(self) -> int:
        """The pitch in whole ms."""
        return round(self.pitch * 1e3)


class SizeParams(RuleParams):
    """The size of a memory, too."""

    n_cues: int = param(5, "Cues: how many patterns can be stored at once", ge=1, le=512)
    n_content: int = param(10, "Bits of a pattern", ge=1, le=512)


class ProgramParams(SizeParams):
    """Parameters of :func:`run_memory_program`."""

    program: Literal[
        "experiment 1", "experiment 2", "experiment 3", "all experiments", "random", "from table"
    ] = param(
        "experiment 1",
        "Published demonstrations (with their own sizes and times), rounds of random patterns, or the "
        "table of operations that is given",
    )  # fmt: skip
    n_rounds: int = param(
        3, "Rounds of the random program; each overwrites the one before", ge=1, le=20
    )
    n_pairs: int = param(
        10, "Pairs of bits that each round of the random program recalls", ge=0, le=1000
    )

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {},
        "Standard": {"program": "random", "n_cues": 20, "n_content": 20},
        "Paper": {"program": "all experiments", "preset": "paper"},
    }


class LearnParams(SizeParams):
    """Parameters of :func:`learn_pattern`."""

    cue: int = param(
        0, "The cue under which to store; a cue that is used forgets its content", ge=0, le=511
    )
    content: tuple[int, ...] = param((0, 1), "The bits to store, counted from 0, such as 0, 1, 8")


class RecallParams(Params):
    """Parameters of :func:`recall_pattern`."""

    by: Literal["cue", "content"] = param(
        "cue",
        "Ask for the content of a cue, or for all cues that share at least one bit with a content",
    )
    cue: int = param(0, "The cue that is asked", ge=0, le=511)
    content: tuple[int, ...] = param(
        (0,), "The bits that are asked, counted from 0, such as 0, 1, 8"
    )
    pitch: float = param(0.010, "Time that the recall is given", unit="s", ge=0.008, le=0.1)
