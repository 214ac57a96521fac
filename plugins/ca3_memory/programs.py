"""Programs of a memory: what is learned and asked, and when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind = Literal["learn", "recall by cue", "recall by content"]
KINDS: tuple[Kind, ...] = ("learn", "recall by cue", "recall by content")
_FLAGS = {0: (0, 4, 8), 1: (2,), 2: (12,), 3: (3, 5, 11, 15), 4: (6, 10, 13, 14), 5: (1, 7, 9)}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation at ``at`` ms: ``cues`` and ``bits`` are inputs that spike; ``round`` counts from 1."""

    at: int
    kind: Kind
    cues: tuple[int, ...] = ()
    bits: tuple[int, ...] = ()
    round: int = 1

    @property
    def words(self) -> str:
        """What is done, in words."""
        cues, bits = " ".join(map(str, self.cues)), " ".join(map(str, self.bits))
        if self.kind == "learn":
            return f"learn cue {cues} = {bits}"
        return f"cue {cues} ?" if self.kind == "recall by cue" else f"content {bits} ?"


@dataclass(frozen=True, slots=True)
class Program:
    """Operations by time for a network of ``n_cues`` and ``n_content``; it ends at ``stop`` ms."""

    n_cues: int
    n_content: int
    operations: tuple[Operation, ...]
    stop: int

    def later(self, begin: int) -> Program:
        """Return the same program, begun at another moment."""
        moved = tuple(replace(each, at=each.at + begin) for each in self.operations)
        return replace(self, operations=moved, stop=self.stop + begin)

    def inputs(self, learn_spikes: int) -> tuple[Any, ...]:
        """Return the times of all input spikes in ms, one array for each cue, then for each bit."""
        times: list[list[float]] = [[] for _ in range(self.n_cues + self.n_content)]
        for each in self.operations:
            length = learn_spikes if each.kind == "learn" else 1
            for neuron in (*each.cues, *(bit + self.n_cues for bit in each.bits)):
                times[neuron].extend(float(each.at + k) for k in range(length))
        return tuple(np.unique(each) for each in times)


def learn(at: int, cue: int, bits: Iterable[int], turn: int = 1) -> Operation:
    """Return an operation that stores bits under a cue."""
    return Operation(at, "learn", (cue,), tuple(sorted(bits)), turn)


def by_cue(at: int, cue: int, turn: int = 1) -> Operation:
    """Return an operation that asks for the content of a cue."""
    return Operation(at, "recall by cue", (cue,), (), turn)


def by_content(at: int, bits: Iterable[int], turn: int = 1) -> Operation:
    """Return an operation that asks for the cues that share at least one bit."""
    return Operation(at, "recall by content", (), tuple(sorted(bits)), turn)


def experiment(number: int) -> Program:
    """Return one of the three published demonstrations."""
    return (_first, _second, _third)[number - 1]()


def _first() -> Program:
    operations = (
        learn(0, 0, (0, 1, 8, 9)), learn(10, 4, (1, 5, 6)), learn(20, 3, (4, 5, 6)),
        by_cue(30, 0), by_content(40, (6,)), by_content(50, (0, 4)),
        learn(60, 3, (1, 3, 4, 8)), by_cue(70, 3), by_content(80, (6,)),
    )  # fmt: skip
    return Program(5, 10, operations, 90)


def _second() -> Program:
    plain = [[bit for bit in range(10) if (cue + 1) >> bit & 1] for cue in range(5)]
    turned = [[bit for bit in range(10) if bit not in pattern] for pattern in plain]
    operations: list[Operation] = []
    for turn, patterns in enumerate((plain, turned, plain), start=1):
        begin = 1 + 280 * (turn - 1)
        operations += [learn(begin + 14 * k, k, patterns[k], turn) for k in range(5)]
        operations += [by_cue(begin + 14 * (k + 5), k, turn) for k in range(5)]
        operations += [by_content(begin + 14 * (k + 10), (k,), turn) for k in range(10)]
    return Program(5, 10, tuple(operations), 851)


def _third() -> Program:
    flags = {cell: flag for flag, cells in _FLAGS.items() for cell in cells}
    operations = [learn(7 * cell, cell, (flags[cell],)) for cell in range(16)]
    asked = ((1, 2, 4), (3,), (5,), (0,))
    operations += [by_content(112 + 6 * k, bits) for k, bits in enumerate(asked)]
    return Program(16, 6, tuple(operations), 140)


def random_program(
    n_cues: int, n_content: int, n_rounds: int, n_pairs: int, pitch: int, seed: int
) -> Program:
    """Return rounds of random patterns: learn all cues, then recall each cue, each bit, and pairs of bits.

    Parameters
    ----------
    pitch
        ms between the beginnings of two operations; the first is at 1 ms.
    """
    random = np.random.default_rng(seed)
    made: list[Operation] = []

    def draw(size: int) -> list[int]:
        return sorted(random.choice(n_content, size, replace=False).tolist())

    largest = max(1, n_content // 2)
    for turn in range(1, n_rounds + 1):
        sizes = (int(random.integers(1, largest + 1)) for _ in range(n_cues))
        made.extend(learn(0, cue, draw(size), turn) for cue, size in enumerate(sizes))
        made.extend(by_cue(0, cue, turn) for cue in range(n_cues))
        made.extend(by_content(0, (bit,), turn) for bit in range(n_content))
        if n_content > 1:
            made.extend(by_content(0, draw(2), turn) for _ in range(n_pairs))
    return spaced(n_cues, n_content, made, pitch)


def spaced(n_cues: int, n_content: int, made: Iterable[Operation], pitch: int) -> Program:
    """Return operations one after the other, ``pitch`` ms apart from 1 ms on."""
    operations = tuple(replace(each, at=1 + pitch * k) for k, each in enumerate(made))
    stop = max(1 + pitch * len(operations), operations[-1].at + 8 if operations else 0)
    return Program(n_cues, n_content, operations, stop)


def refuse_misfits(program: Program) -> Program:
    """Return the program.

    Raises
    ------
    BadInput
        An operation names a cue or a bit that the network does not have.
    """
    for each in program.operations:
        for what, found, n in (
            ("cue", each.cues, program.n_cues), ("bit", each.bits, program.n_content)
        ):  # fmt: skip
            if found and not 0 <= min(found) <= max(found) < n:
                raise BadInput(
                    f"'{each.words}' names {what} {max(found)}; there are {n}, counted from 0. Ask for a "
                    "larger network or change the table."
                )
    return program
