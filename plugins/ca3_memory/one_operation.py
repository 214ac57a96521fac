"""Learns, forgets or recalls one pattern: a memory that a person works with, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurostudio.api import BadInput, Context, Number, Result, TrainedModel, method

from .declaring import WARNINGS, LearnParams, RecallParams
from .drawing import ENOUGH
from .judging import Truth
from .keeping import continued, size_in, truth_in
from .memory import Memory
from .programming import carry_out_and_report
from .programs import Operation, Program, by_content, by_cue, learn, refuse_misfits, spaced
from .tables import joined

if TYPE_CHECKING:
    from neurostudio.api import Items


def _check_learn(params: LearnParams, items: Items) -> None:
    model = items.get("memory")
    size = size_in(model) if isinstance(model, TrainedModel) else (params.n_cues, params.n_content)
    if not params.content:
        raise BadInput("There is no content to learn: give at least one bit, such as 0, 1, 8.")
    _one(learn(0, params.cue, set(params.content)), size, params.pitch_ms)


def _check_recall(params: RecallParams, items: Items) -> None:
    model = items.get("memory")
    if isinstance(model, TrainedModel):
        _one(_asked(params), size_in(model), round(params.pitch * 1e3))


def _one(operation: Operation, size: tuple[int, int], pitch: int) -> Program:
    if min((*operation.cues, *operation.bits)) < 0:
        raise BadInput(f"'{operation.words}' names a bit below 0: bits are counted from 0.")
    return refuse_misfits(spaced(*size, [operation], pitch))


def _asked(params: RecallParams) -> Operation:
    if params.by == "cue":
        return by_cue(0, params.cue)
    if not params.content:
        raise BadInput("There is no content to ask for: give at least one bit, such as 0, 1, 8.")
    return by_content(0, set(params.content))


@method(
    group="Simulate",
    title="Learn pattern",
    warnings=WARNINGS,
    check=_check_learn,
    example="one_pattern",
)
def learn_pattern(
    context: Context, params: LearnParams, memory: TrainedModel | None = None
) -> Result:
    """Store a pattern under a cue, in a new memory or in one that is given; a used cue forgets its old one.

    This is also how to forget: the network has no other way than to learn something else with the same cue.
    """
    size = (params.n_cues, params.n_content) if memory is None else size_in(memory)
    program = _one(learn(0, params.cue, set(params.content)), size, params.pitch_ms)
    if memory is None:
        network, truth = Memory(program, params.plasticity, params.learn_spikes), Truth()
    else:
        network, truth = continued(memory, program, params.learn_spikes), truth_in(memory)
    before = truth.bits.get(params.cue, frozenset())
    gone = before - set(params.content)
    result = carry_out_and_report(context, network, truth, params.learn_spikes)
    if gone:
        context.say(f"Cue {params.cue} is to forget: {joined(gone)}.")
    held = network.due()[0][params.cue]
    left = sum(held[bit] >= ENOUGH for bit in gone)
    note = f"of {len(gone)} bits that the cue held before and should forget; simulated"
    numbers = {**result.numbers, "bits not forgotten": Number(int(left), note=note)}
    return Result(result.data, result.views, numbers, result.warnings)


@method(
    group="Simulate",
    title="Recall pattern",
    warnings=WARNINGS,
    check=_check_recall,
    example="one_recall",
)
def recall_pattern(context: Context, params: RecallParams, memory: TrainedModel) -> Result:
    """Ask a memory for the content of a cue, or for the cues that share at least one bit with a content.

    Recall writes: the memory that comes back is not quite the one that was asked.
    """
    program = _one(_asked(params), size_in(memory), round(params.pitch * 1e3))
    network = continued(memory, program, learn_spikes=1)
    return carry_out_and_report(context, network, truth_in(memory), learn_spikes=1)
