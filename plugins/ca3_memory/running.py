"""Carries out a program, operation by operation: live pictures, and a way to stop and go on."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from neurostudio.api import Context

    from .keeping import Checkpoint
    from .memory import Memory

Array = np.ndarray[Any, np.dtype[Any]]
SHOW_EVERY = 0.5  # s of wall time
SAVE_EVERY = 5.0
MOST_KEPT = 64_000_000  # bytes of weights over time


@dataclass
class Course:
    """What happened besides spikes.

    ``at`` (n_kept,) are the ms at which weights were kept, ``there`` (n_kept, n_cues, n_content) and ``back``
    (n_kept, n_content, n_cues) those weights in nA; ``moved`` the largest change by each operation, nA.
    """

    at: list[int] = field(default_factory=list)
    there: list[Array] = field(default_factory=list)
    back: list[Array] = field(default_factory=list)
    moved: list[float] = field(default_factory=list)
    wall: float = 0.0

    def arrays(self) -> dict[str, Array]:
        """Return all as arrays by name."""
        return {
            "kept/at": np.array(self.at), "kept/there": np.array(self.there),
            "kept/back": np.array(self.back), "kept/moved": np.array(self.moved),
            "kept/wall": np.array(self.wall),
        }  # fmt: skip


def course_of(arrays: dict[str, Array]) -> Course:
    """Return what :meth:`Course.arrays` gave."""
    if not arrays:
        return Course()
    return Course(
        arrays["kept/at"].tolist(), list(arrays["kept/there"]), list(arrays["kept/back"]),
        arrays["kept/moved"].tolist(), float(arrays["kept/wall"]),
    )  # fmt: skip


def carry_out(
    context: Context,
    memory: Memory,
    show: Callable[[int, Course], None],
    checkpoint: Checkpoint | None = None,
) -> Course:
    """Run the program of a memory from where it is to its end.

    Parameters
    ----------
    show
        Takes how many operations are done, and what happened; called every half a second.

    Raises
    ------
    Cancelled
        The run is to stop; the checkpoint holds what there is.
    """
    program = memory.program
    operations = program.operations
    done, kept = checkpoint.restore() if checkpoint else (0, {})
    course = course_of(kept)
    if done:
        context.say(f"Goes on after operation {done} of {len(operations)}.")
    memory.warm()
    matrix = 4 * (program.n_cues + program.n_content) ** 2
    every = max(1, -(-len(operations) * matrix // MOST_KEPT))
    saved = shown = time.monotonic()
    try:
        for k in context.track(range(done, len(operations)), "Operations"):
            _carry_out_one(memory, k, course, keep=k % every == 0 or k == len(operations) - 1)
            done, now = k + 1, time.monotonic()
            if now - shown > SHOW_EVERY:
                shown = now
                show(done, course)
            if checkpoint and now - saved > SAVE_EVERY:
                saved = now
                checkpoint.save(done, course.arrays())
    except Cancelled:
        if checkpoint and done:
            checkpoint.save(done, course.arrays())
        raise
    return course


def _carry_out_one(memory: Memory, k: int, course: Course, *, keep: bool) -> None:
    """Run one operation to the beginning of the next, and keep the weights after it."""
    program = memory.program
    last = k == len(program.operations) - 1
    began = time.perf_counter()
    memory.advance(program.operations[k].at)
    before = memory.pending()
    memory.advance(program.stop if last else program.operations[k + 1].at)
    course.wall += time.perf_counter() - began
    course.moved.append(float(np.abs(memory.pending() - before).max()))
    if keep:
        course.at.append(memory.step)
        for name, weights in zip(("there", "back"), memory.due(), strict=True):
            getattr(course, name).append(weights.astype(np.float32))
