"""Pictures of a memory: ten lanes of spikes, both plastic matrices, answers, ghosts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Heatmap, Lines, Raster, Report, Sheet

from .judging import Truth, over, table_of_answers
from .network import POPULATIONS, sizes_of
from .tables import joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .judging import Answer
    from .memory import Memory
    from .programs import Operation

Array = np.ndarray[Any, np.dtype[Any]]
ENOUGH = 3.3  # nA: the smallest weight that fires a neuron of ContS1; CueS2 needs 3.36
LANE_GAP = 0.02  # of all rows, empty between two lanes
MARK_ROOM = 0.1  # of all rows, empty below them for the names of operations
MOST_MARKS = 12
MOST_OUTLINES = 400
_SHORT = {"learn": "learn", "recall by cue": "cue", "recall by content": "bits"}
OR = "Recall by content answers with all cues that share at least one bit."


def lanes(memory: Memory, operations: Sequence[Operation], label: str, since: int = 0) -> Raster:
    """Return all spikes from a moment (ms) on, a lane for each population, with the operations as marks."""
    sizes = sizes_of(memory.program.n_cues, memory.program.n_content)
    n_rows = sum(sizes.values())
    times: list[Array] = [np.empty(0)]
    rows: list[Array] = [np.empty(0, np.int64)]
    names: list[str] = []
    for name in POPULATIONS:
        if names:
            names += [""] * max(2, round(LANE_GAP * n_rows))
        for step, neurons in memory.spikes.get(name, []):
            if step >= since:
                times.append(np.full(len(neurons), step * 1e-3))
                rows.append(len(names) + neurons)
        names += [_name(name, k, memory.program.n_cues) for k in range(sizes[name])]
    names += [""] * round(MARK_ROOM * n_rows)
    return Raster(
        np.concatenate(times),
        np.concatenate(rows),
        names=tuple(names),
        y_label="row",
        marks=_marks([each for each in operations if each.at >= since]),
        title="Spikes of the ten populations",
        caption=(
            f"From the input (IN) through stage 1 (recall by cue), the condition (Cond, Int) and stage 2 "
            f"(recall by content) to the answer (OUT). A row a neuron, empty rows between "
            "populations. Right of each name an operation begins: learn, recall by cue, recall by content "
            f"(bits). Simulated, {label}."
        ),
        axis="time",
    )


def _name(population: str, neuron: int, n_cues: int) -> str:
    if population in {"IN", "OUT"}:
        part = f"cue {neuron}" if neuron < n_cues else f"bit {neuron - n_cues}"
        return f"{population} {part}"
    return population if population == "Int" else f"{population} {neuron}"


def _marks(operations: Sequence[Operation]) -> dict[str, float]:
    """Return each operation as a mark with its number; of many, each change of the kind with its round.

    The first has no name: it would stand left of the axes.
    """
    few = len(operations) <= MOST_MARKS
    found: dict[str, float] = {}
    last = ""
    for k, each in enumerate(operations, start=1):
        short = _SHORT[each.kind]
        name = f"{k} {short}" if few else f"{short} {each.round}"
        if few or short != last:
            found[name if k > 1 else " "] = each.at * 1e-3
        last = short
    return found if len(found) <= MOST_MARKS else {}


def weights(
    there: Array, back: Array, label: str, truth: Truth | None = None
) -> tuple[Heatmap, Heatmap]:
    """Return both plastic matrices (nA), with the cells that should be strong outlined."""
    cells = _cells(truth) if truth else []
    if len(cells) > MOST_OUTLINES:
        cells = []
    framed = " Framed: what should be stored." if cells else ""
    caption = (
        "The weight that the next spike of the sender would deliver, not the older one that is stored; from "
        f"about 3.3 nA on one spike is enough.{framed} Simulated, {label}."
    )
    cues, bits = (tuple(map(str, range(n))) for n in np.shape(there))
    shared: dict[str, Any] = {
        "value_label": "weight", "value_unit": "A", "span": (0.0, 6e-9), "caption": caption,
    }  # fmt: skip
    first = Heatmap(
        np.asarray(there, float) * 1e-9, x_names=bits, y_names=cues, x_label="content bit", y_label="cue",
        title="Cue to content (CueS1 to ContS1)",
        outlines=tuple(_square(bit, cue) for cue, bit in cells), **shared,
    )  # fmt: skip
    second = Heatmap(
        np.asarray(back, float) * 1e-9, x_names=cues, y_names=bits, x_label="cue", y_label="content bit",
        title="Content to cue (ContS2 to CueS2)",
        outlines=tuple(_square(cue, bit) for cue, bit in cells), **shared,
    )  # fmt: skip
    return first, second


def _cells(truth: Truth) -> list[tuple[int, int]]:
    return [(cue, bit) for cue, bits in sorted(truth.bits.items()) for bit in sorted(bits)]


def _square(x: int, y: int) -> Array:
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]) * 0.45
    moved: Array = corners + np.array([x, y])
    return moved


def changes(before: Array, after: Array, operation: Operation, label: str) -> Heatmap:
    """Return what one operation did to the weights from cue to content (nA)."""
    return Heatmap(
        (np.asarray(after, float) - np.asarray(before, float)) * 1e-9,
        x_label="content bit", y_label="cue", value_label="change", value_unit="A",
        diverging=True, span=(-6e-9, 6e-9), title="Changed by the latest operation",
        caption=f"Cue to content, by '{operation.words}'. Simulated, {label}.",
    )  # fmt: skip


def stored(there: Array, back: Array, truth: Truth) -> Sheet:
    """Return the stored memory against the truth, a row for each cue."""
    columns: dict[str, list[Any]] = {
        "cue": [], "should hold": [], "cue to content holds": [], "content to cue holds": [],
        "missing": [], "too many": [],
    }  # fmt: skip
    for cue in range(len(there)):
        wanted = truth.bits.get(cue, frozenset())
        first = frozenset(np.flatnonzero(there[cue] >= ENOUGH).tolist())
        second = frozenset(np.flatnonzero(back[:, cue] >= ENOUGH).tolist())
        row = (wanted, first, second, wanted - (first & second), (first | second) - wanted)
        for name, value in zip(columns, (cue, *map(joined, row)), strict=True):
            columns[name].append(value)
    return Sheet(
        columns,
        title="Stored memory against truth",
        caption="A weight of 3.3 nA or more counts as held: one spike through it fires the receiver.",
    )


def answers_sheet(answers: Sequence[Answer], label: str) -> Sheet:
    """Return every operation with its answer."""
    frame = table_of_answers(answers)
    return Sheet(
        {str(name): frame[name].tolist() for name in frame},
        title="Asked and answered",
        caption=f"Exact sets only count as right. {OR} Simulated, {label}; time in s.",
    )


def decoded(answers: Sequence[Answer], label: str, most: int = 12) -> Report:
    """Return the latest answers in words."""
    lines = [f"**{label}**, simulated network. {OR}", ""]
    if len(answers) > most:
        lines += [f"The latest {most} of {len(answers)} operations:", ""]
    lines += ["| time (s) | asked | answered | expected | |", "|---|---|---|---|---|"]
    lines += [
        f"| {each.operation.at * 1e-3:.3f} | {each.operation.words} | {_set(each.answered)} "
        f"| {_set(each.expected)} | {'right' if each.right else 'wrong'} |"
        for each in answers[-most:]
    ]
    return Report("\n".join(lines), title="Decoded answers")


def _set(indices: frozenset[int]) -> str:
    return joined(indices) or "nothing"


def ghosts(answers: Sequence[Answer], label: str) -> Lines:
    """Return how many answers should not have come, counted up over time."""
    counted = [
        np.cumsum([each.ghosts for each in answers]), np.cumsum([each.leftovers for each in answers])
    ]  # fmt: skip
    return Lines(
        np.array([each.operation.at * 1e-3 for each in answers]),
        np.array(counted, float).reshape(2, -1),
        names=("ghosts: never learned together", "leftovers: learned once, overwritten since"),
        x_label="time",
        x_unit="s",
        y_label="wrong answers so far",
        title="Ghosts and leftovers",
        caption=f"Bits or cues in answers that do not belong there. Simulated, {label}.",
        axis="time",
    )


def seen(memory: Memory, step: int) -> list[Operation]:
    """Return the operations whose answers have been seen."""
    return [each for each in memory.program.operations if over(each, step)]
