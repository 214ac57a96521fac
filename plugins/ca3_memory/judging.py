"""Answers, and what they should have been."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from .tables import joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from .memory import Memory
    from .programs import Operation

EARLY, LATE, AGAIN = 5, 6, 7  # ms after the beginning of an operation
ASKED = ("by cue", "by one bit", "by several bits")


@dataclass
class Truth:
    """What a memory should hold: bits of each cue, and all that each cue was ever given."""

    bits: dict[int, frozenset[int]] = field(default_factory=dict)
    ever: dict[int, frozenset[int]] = field(default_factory=dict)

    def learn(self, cue: int, bits: Sequence[int]) -> None:
        """Store bits under a cue; what it held before is to be forgotten."""
        self.bits[cue] = frozenset(bits)
        self.ever[cue] = self.ever.get(cue, frozenset()) | self.bits[cue]

    def expected(self, operation: Operation) -> frozenset[int]:
        """Return the right answer: bits for a cue, all cues that share at least one bit for content."""
        if operation.kind == "recall by content":
            return _sharing(self.bits, operation)
        return self.bits.get(operation.cues[0], frozenset())

    def once(self, operation: Operation) -> frozenset[int]:
        """Return all that was a right answer at any time so far."""
        if operation.kind == "recall by content":
            return _sharing(self.ever, operation)
        return self.ever.get(operation.cues[0], frozenset())


def _sharing(patterns: dict[int, frozenset[int]], operation: Operation) -> frozenset[int]:
    asked = set(operation.bits)
    return frozenset(cue for cue, bits in patterns.items() if bits & asked)


@dataclass(frozen=True, slots=True)
class Answer:
    """One operation with its answer; ``patterns`` are those that the memory should hold then."""

    operation: Operation
    answered: frozenset[int]
    expected: frozenset[int]
    once: frozenset[int]
    right: bool
    overwrites: bool
    patterns: dict[int, frozenset[int]]

    @property
    def asked(self) -> str:
        """The kind of recall; empty for learning."""
        kind = self.operation.kind
        if kind == "recall by content":
            return ASKED[1] if len(self.operation.bits) == 1 else ASKED[2]
        return ASKED[0] if kind == "recall by cue" else ""

    @property
    def ghosts(self) -> int:
        """Answers that were never right: cue and bit were never learned together."""
        return len(self.answered - self.once) if self.asked else 0

    @property
    def leftovers(self) -> int:
        """Answers that were right once and should be forgotten."""
        return len((self.answered - self.expected) & self.once) if self.asked else 0


def judge(memory: Memory, operations: Sequence[Operation], truth: Truth) -> list[Answer]:
    """Return the answers of operations that are over; ``truth`` learns with them.

    A recall is right only if the set of answers at its fixed time is exactly the expected one; learning, if
    OUT shows the pair and nothing else.
    """
    found = []
    for each in operations:
        overwrites = each.kind == "learn" and each.cues[0] in truth.bits
        if each.kind == "learn":
            truth.learn(each.cues[0], each.bits)
        answered, right = _answered(memory, each)
        expected = truth.expected(each)
        right = right and answered == expected
        found.append(
            Answer(each, answered, expected, truth.once(each), right, overwrites, dict(truth.bits))
        )
    return found


def _answered(memory: Memory, operation: Operation) -> tuple[frozenset[int], bool]:
    if operation.kind == "recall by content":
        return memory.answer(operation.at + LATE)[0], True
    if operation.kind == "recall by cue":
        return memory.answer(operation.at + LATE)[1], True
    cues, bits = memory.answer(operation.at + EARLY)
    return bits, cues == frozenset(operation.cues)


def over(operation: Operation, step: int) -> bool:
    """Return whether the answer of an operation has been seen before a moment."""
    return step > operation.at + AGAIN


def table_of_answers(answers: Sequence[Answer]) -> pd.DataFrame:
    """Return the answers as a table; times in s."""
    import pandas as pd

    columns: dict[str, list[Any]] = {
        "time": [each.operation.at * 1e-3 for each in answers],
        "round": [each.operation.round for each in answers],
        "operation": [each.operation.kind for each in answers],
        "asked": [each.operation.words for each in answers],
        "answered": [joined(each.answered) for each in answers],
        "expected": [joined(each.expected) for each in answers],
        "right": [each.right for each in answers],
        "ghosts": [each.ghosts for each in answers],
        "leftovers": [each.leftovers for each in answers],
    }
    return pd.DataFrame(columns)


def shares(answers: Sequence[Answer]) -> dict[str, tuple[int, int]]:
    """Return for each kind of recall how many are exact, and of how many."""
    found = {}
    for kind in ASKED:
        those = [each for each in answers if each.asked == kind]
        if those:
            found[kind] = (sum(each.right for each in those), len(those))
    return found


def shuffled_shares(
    answers: Sequence[Answer], n_cues: int, draws: int, seed: int
) -> dict[str, list[float]]:
    """Return exact recalls judged against patterns that are dealt to other cues: none keeps its own.

    Returns
    -------
    dict
        ``draws`` shares for each kind of recall; none where there is one cue only.
    """
    random = np.random.default_rng([seed, 23])
    found: dict[str, list[float]] = {kind: [] for kind in ASKED}
    for _ in range(draws if n_cues > 1 else 0):
        # a shuffled circle moved by one: no cue keeps its own
        circle = random.permutation(n_cues).tolist()
        dealt = dict(zip(circle, circle[1:] + circle[:1], strict=True))
        for kind in ASKED:
            hits = [
                _expected(each, dealt) == each.answered for each in answers if each.asked == kind
            ]
            if hits:
                found[kind].append(float(np.mean(hits)))
    return found


def _expected(answer: Answer, dealt: dict[int, int]) -> frozenset[int]:
    patterns = answer.patterns
    moved = {cue: patterns.get(dealt[cue], frozenset()) for cue in dealt}
    if answer.operation.kind == "recall by content":
        return _sharing(moved, answer.operation)
    return moved[answer.operation.cues[0]]
