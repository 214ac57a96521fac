"""What a program leaves: spikes, weights over time, answers, scores beside their nulls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Connectome, NullControl, Number, SpikeTrains, score
from neurostudio.scores import interval_of_share

from .declaring import EXACT_PITCH, LARGEST
from .judging import shares, shuffled_shares
from .memory import Memory
from .network import POPULATIONS, sizes_of
from .programs import Operation, spaced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .judging import Answer
    from .rules import Plasticity
    from .running import Course

DRAWS = 20
MOST_ASKED = 20  # recalls of an untrained network
MOVED = 0.05  # nA


def trains_of(memory: Memory, begin: int) -> SpikeTrains:
    """Return the spikes of all neurons from ``begin`` ms on, with population and number in it."""
    import pynapple as nap

    support = nap.IntervalSet(begin * 1e-3, max(memory.step, begin + 1) * 1e-3)
    sizes = sizes_of(memory.program.n_cues, memory.program.n_content)
    trains: dict[int, Any] = {}
    facts: dict[str, list[Any]] = {"population": [], "neuron": []}
    for name in POPULATIONS:
        found = memory.spikes.get(name, [])
        neurons = np.concatenate([np.empty(0, np.int64), *(each for _, each in found)])
        times = np.repeat([step * 1e-3 for step, _ in found], [len(each) for _, each in found])
        for k in range(sizes[name]):
            trains[len(trains)] = nap.Ts(times[neurons == k], time_support=support)
            facts["population"].append(name)
            facts["neuron"].append(k)
    return SpikeTrains(nap.TsGroup(trains, time_support=support, metadata=facts))


def connectome_of(course: Course, label: str) -> Connectome:
    """Return both plastic matrices after each operation: cues first, then bits; in A."""
    import xarray

    there, back = np.array(course.there), np.array(course.back)
    n_times, n_cues, n_content = there.shape
    values = np.zeros((n_times, n_cues + n_content, n_cues + n_content), np.float32)
    values[:, :n_cues, n_cues:], values[:, n_cues:, :n_cues] = there * 1e-9, back * 1e-9
    names = [*(f"cue {k}" for k in range(n_cues)), *(f"bit {k}" for k in range(n_content))]
    kinds = ["cue"] * n_cues + ["content"] * n_content
    matrix = xarray.DataArray(
        values,
        dims=("time", "source", "target"),
        coords={
            "time": np.array(course.at) * 1e-3,
            "source": names,
            "target": names,
            "type": ("source", kinds),
        },
        attrs={"unit": "A", "directed": True, "simulated": True, "parameters": label},
    )
    return Connectome(matrix)


def scores_of(answers: Sequence[Answer], n_cues: int, seed: int) -> dict[str, Number]:
    """Return the share of exact recalls of each kind, with interval, chance and baseline."""
    dealt = shuffled_shares(answers, n_cues, DRAWS, seed)
    found = {}
    for kind, (right, n) in shares(answers).items():
        low, high = interval_of_share(right / n, n)
        chance = float(np.mean(dealt[kind])) if dealt[kind] else 0.0
        note = (
            f"{right} of {n} recalls, Wilson's interval; chance: judged against patterns dealt to other "
            "cues; baseline: a plain table of cues and bits, always exact; simulated"
        )
        found[f"exact recalls {kind}"] = score(
            right / n, low=low, high=high, chance=chance, baseline=1.0, note=note
        )
    return found


def counts_of(answers: Sequence[Answer]) -> dict[str, Number]:
    """Return learning shown at the output, ghosts, leftovers and forgetting."""
    found = {}
    learned = [each for each in answers if each.operation.kind == "learn"]
    if learned:
        right = sum(each.right for each in learned)
        found["pairs shown while learning"] = Number(
            right / len(learned), "1", *interval_of_share(right / len(learned), len(learned)),
            note=f"{right} of {len(learned)}: OUT shows exactly the pair; simulated",
        )  # fmt: skip
    note = "answers of a cue and a bit that were never learned together; simulated"
    found["ghosts"] = Number(sum(each.ghosts for each in answers), note=note)
    note = "answers that were right before an overwriting; simulated"
    found["leftovers"] = Number(sum(each.leftovers for each in answers), note=note)
    forgot = _forgetting(answers)
    if forgot:
        found["overwritten cues that forgot"] = Number(
            sum(forgot) / len(forgot), "1", *interval_of_share(sum(forgot) / len(forgot), len(forgot)),
            note=f"{sum(forgot)} of {len(forgot)} recalls by cue show no bit of an older pattern; simulated",
        )  # fmt: skip
    return found


def _forgetting(answers: Sequence[Answer]) -> list[bool]:
    """Return for each recall of a cue with something to forget whether nothing of it is left."""
    return [
        not each.leftovers
        for each in answers
        if each.asked == "by cue" and each.once - each.expected
    ]


def times_of(answers: Sequence[Answer], course: Course, begin: int, stop: int) -> dict[str, Number]:
    """Return the time of an operation: in the network and on this machine."""
    n = max(len(answers), 1)
    wall = Number(
        course.wall / n,
        "s",
        of_machine=True,
        note="the engine alone, on this machine, compiled before",
    )
    return {
        "simulated time per operation": Number((stop - begin) * 1e-3 / n, "s", note="simulated"),
        "wall time per operation": wall,
    }


def untrained(
    operations: Sequence[Operation], n_cues: int, n_content: int, way: Plasticity
) -> tuple[int, int]:
    """Return how many recalls of a program an untrained network answers, and how many were asked."""
    asked: dict[tuple[int, ...], Operation] = {}
    for each in operations:
        if each.kind != "learn":
            asked.setdefault((len(each.cues), *each.cues, *each.bits), each)
    chosen = list(asked.values())[:MOST_ASKED]
    if not chosen:
        return 0, 0
    program = spaced(n_cues, n_content, chosen, 10)
    memory = Memory(program, way)
    memory.advance(program.stop)
    answers = [
        memory.answer(each.at + 6)[each.kind == "recall by cue"] for each in program.operations
    ]
    return sum(bool(each) for each in answers), len(chosen)


def null_views(
    answers: Sequence[Answer], n_cues: int, seed: int, label: str
) -> tuple[NullControl, ...]:
    """Return exact recalls beside the same answers judged against patterns of other cues."""
    found, dealt = shares(answers), shuffled_shares(answers, n_cues, DRAWS, seed)
    kinds = [kind for kind in found if dealt[kind]]
    if not kinds:
        return ()
    edges = np.array(
        [interval_of_share(right / n, n) for right, n in (found[kind] for kind in kinds)]
    )
    view = NullControl(
        np.array([found[kind][0] / found[kind][1] for kind in kinds]),
        np.array([dealt[kind] for kind in kinds]),
        names=tuple(kinds),
        null_name="patterns dealt to other cues",
        low=edges[:, 0],
        high=edges[:, 1],
        y_label="share of exact recalls",
        title="Recall and its control",
        caption=f"The same answers, judged against patterns dealt to other cues. Simulated, {label}.",
    )
    return (view,)


def codes_of(way: Plasticity, answers: Sequence[Answer], course: Course) -> tuple[str, ...]:
    """Return the warnings that a program earns."""
    gaps = np.diff([each.operation.at for each in answers])
    recalled = any(
        moved > MOVED and each.asked for moved, each in zip(course.moved, answers, strict=True)
    )
    codes = codes_of_rule(way, *gaps.tolist())
    largest = max((len(each.operation.bits) for each in answers if not each.asked), default=0)
    if way.preset == "robust" and largest > LARGEST:
        codes = (*codes, "large patterns")
    return ("simulated data", *codes, *(("recall changed",) if recalled else ()))


def codes_of_rule(way: Plasticity, *gaps: float) -> tuple[str, ...]:
    """Return the warnings that the constants and the gaps between operations (ms) earn."""
    low, high = EXACT_PITCH
    found = {
        "paper parameters": way.preset == "paper",
        "robust parameters": way.preset == "robust",
        "changed parameters": way.changed,
        "pitch": bool(gaps) and not low <= min(gaps) <= max(gaps) <= high,
    }
    return tuple(code for code, true in found.items() if true)
