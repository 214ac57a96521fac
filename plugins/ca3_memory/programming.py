"""Runs a program of learning and recall."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING

from neurostudio.api import (
    BadInput,
    Context,
    Estimate,
    Number,
    Result,
    Table,
    TrainedModel,
    method,
)

from . import drawing, reporting
from .declaring import WARNINGS, ProgramParams
from .judging import Truth, judge, table_of_answers
from .keeping import Checkpoint, continued, model_of, size_in, truth_in
from .memory import Memory
from .programs import experiment, random_program
from .published import compared
from .running import carry_out
from .tables import program_of

if TYPE_CHECKING:
    from neurostudio.api import Data, Items, View

    from .judging import Answer
    from .programs import Operation, Program
    from .running import Course

LIVE = 120  # ms of spikes that are shown while it runs


def _memory(params: ProgramParams, items: Items) -> Estimate:
    del items
    cells = params.n_cues * params.n_content
    return Estimate(
        200_000_000 + 600 * cells + 1_000 * (params.n_cues + params.n_content) ** 2,
        "Use fewer cues or bits.",
    )


def _check(params: ProgramParams, items: Items) -> None:
    given = items.get("operations") is not None
    if params.program == "from table" and not given:
        raise BadInput("A program from a table needs a Table as 'operations': choose one.")
    if params.program != "from table" and given:
        raise BadInput(
            f"There is a table of operations, but the program is {params.program}: choose 'from table'."
        )


@method(
    group="Simulate",
    title="Run memory program",
    warnings=WARNINGS,
    memory=_memory,
    check=_check,
    example="first_experiment",
)
def run_memory_program(
    context: Context,
    params: ProgramParams,
    operations: Table | None = None,
    memory: TrainedModel | None = None,
) -> Result:
    """Learn, recall and forget pairs of a cue and a binary pattern in a spiking network.

    A table of operations has the columns operation, cue, content and perhaps time (s); a table of zeros and
    ones is stored row by row. A memory that is given goes on with its own size and plasticity. Learning again
    with a used cue forgets what it held. Recall by content answers with every cue that shares a bit.
    """
    if params.program == "all experiments":
        return _all_experiments(context, params, memory)
    program = _program(params, operations, memory, context.seed)
    if memory is None:
        network, truth = Memory(program, params.plasticity, params.learn_spikes), Truth()
    else:
        network, truth = continued(memory, program, params.learn_spikes), truth_in(memory)
    result = carry_out_and_report(context, network, truth, params.learn_spikes)
    if memory is not None or not params.program.startswith("experiment"):
        return result
    return _beside_published(result, network, int(params.program[-1]))


def _beside_published(result: Result, network: Memory, number: int) -> Result:
    same = compared(network, number)
    return replace(result, numbers={"spikes as published": same, **result.numbers})


def _all_experiments(
    context: Context, params: ProgramParams, memory: TrainedModel | None
) -> Result:
    """Return the three demonstrations, each in a network of its own."""
    if memory is not None:
        raise BadInput(
            "The experiments need networks of their own: choose no memory, or another program."
        )
    data: dict[str, Data] = {}
    views: list[View] = []
    numbers: dict[str, Number] = {}
    codes: dict[str, None] = {}
    for number in (1, 2, 3):
        one = params.model_copy(update={"program": f"experiment {number}"})
        found = run_memory_program(context, one)
        data |= {f"{name}_{number}": each for name, each in found.data.items()}
        views += [replace(each, title=f"{number}: {each.title}") for each in found.views]
        numbers |= {f"{number}: {name}": each for name, each in found.numbers.items()}
        codes |= dict.fromkeys(found.warnings)
    return Result(data, tuple(views), numbers, tuple(codes))


def _program(
    params: ProgramParams, operations: Table | None, memory: TrainedModel | None, seed: int
) -> Program:
    size = (params.n_cues, params.n_content) if memory is None else size_in(memory)
    if params.program == "random":
        return random_program(*size, params.n_rounds, params.n_pairs, params.pitch_ms, seed)
    if operations is not None:
        least = (0, 0) if memory is None else size
        return program_of(operations.frame, params.pitch_ms, *least)
    return experiment(int(params.program[-1]))


def carry_out_and_report(
    context: Context, network: Memory, truth: Truth, learn_spikes: int
) -> Result:
    """Run the program of a memory and return everything that it leaves; ``truth`` learns with it."""
    begin, known, label = network.step, copy.deepcopy(truth), network.way.label
    checkpoint = Checkpoint(context.folder / "checkpoints", network, learn_spikes)

    def show(done: int, course: Course) -> None:
        answers = judge(network, drawing.seen(network, network.step), copy.deepcopy(known))
        for view in _live(network, answers, course, network.program.operations[done - 1]):
            context.show(view.title, view)
        if answers:
            right = sum(each.right for each in answers) / len(answers)
            context.log(step=done, right=right, ghosts=sum(each.ghosts for each in answers))

    course = carry_out(context, network, show, checkpoint)
    answers = judge(network, network.program.operations, truth)
    there, back = network.due()
    program = network.program
    views: list[View] = [
        drawing.decoded(answers, label, most=60),
        drawing.lanes(network, program.operations, label, begin),
        *drawing.weights(there, back, label, truth),
        drawing.stored(there, back, truth),
        drawing.answers_sheet(answers, label),
    ]
    if len(answers) > 1:
        views.append(drawing.ghosts(answers, label))
        views += reporting.null_views(answers, program.n_cues, context.seed, label)
    data: dict[str, Data] = {
        "spikes": reporting.trains_of(network, begin),
        "weights": reporting.connectome_of(course, label),
        "answers": Table(table_of_answers(answers)),
        "memory": model_of(network, truth),
    }
    return Result(
        data,
        tuple(views),
        _numbers(network, answers, course, begin, context.seed),
        reporting.codes_of(network.way, answers, course),
    )


def _live(network: Memory, answers: list[Answer], course: Course, latest: Operation) -> list[View]:
    label, operations = network.way.label, network.program.operations
    views: list[View] = [
        drawing.lanes(network, operations, label, network.step - LIVE),
        drawing.decoded(answers, label),
        *drawing.weights(course.there[-1], course.back[-1], label),
    ]
    if len(course.there) > 1:
        views.append(drawing.changes(course.there[-2], course.there[-1], latest, label))
    return views


def _numbers(
    network: Memory, answers: list[Answer], course: Course, begin: int, seed: int
) -> dict[str, Number]:
    program = network.program
    n_empty, n_asked = reporting.untrained(
        program.operations, program.n_cues, program.n_content, network.way
    )
    note = f"of {n_asked} recalls before anything is learned: must be 0; simulated"
    return {
        **reporting.scores_of(answers, program.n_cues, seed),
        **reporting.counts_of(answers),
        "answers of an untrained network": Number(n_empty, note=note),
        **reporting.times_of(answers, course, begin, network.step),
    }
