"""CA3 memory: the twelve acceptance tests of its specification, with the published golden spikes."""

import hashlib
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
import xarray
from neurostudio.plugins.ca3_memory import example
from neurostudio.plugins.ca3_memory.judging import Truth, judge
from neurostudio.plugins.ca3_memory.memory import Memory
from neurostudio.plugins.ca3_memory.programs import (
    Program,
    by_content,
    by_cue,
    experiment,
    learn,
    random_program,
    spaced,
)
from neurostudio.plugins.ca3_memory.rules import plasticity
from neurostudio.plugins.ca3_memory.windows import measured

from neurostudio.api import ImageStack, Table
from neurostudio.readers import read
from neurostudio.testing import ListContext

from .calling import call
from .published_spikes import COUNTS, GOLDEN, HASHES, LISTED, NAMES
from .recordings import recording


def ran(program, preset="paper"):
    memory = Memory(program, plasticity(preset))
    memory.advance(program.stop)
    return memory


def judged(program, preset="robust"):
    return judge(ran(program, preset), program.operations, Truth())


def listing(memory):
    """The spikes as lines, in the way that is hashed."""
    n = memory.program.n_cues
    found = {}
    for short, name in zip(LISTED[:8], NAMES, strict=True):
        found |= {(step, short): each for step, each in memory.spikes.get(name, [])}
    for step, each in memory.out.items():
        found |= {(step, "OC"): each[each < n], (step, "ON"): each[each >= n] - n}
    order = sorted(found, key=lambda key: (key[0], LISTED.index(key[1])))
    return [
        f"{step} {name} {' '.join(map(str, found[step, name]))}"
        for step, name in order
        if len(found[step, name])
    ]


def golden():
    lines = []
    for line in GOLDEN.strip().splitlines():
        step, rest = line.split(": ")
        lines += [f"{step} {each.replace(',', ' ')}" for each in rest.split("; ")]
    return lines


def share(answers, kind):
    return float(np.mean([each.right for each in answers if each.asked == kind]))


# --- 1 golden tables ------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 2, 3])
def test_1_the_published_demonstrations_come_out_spike_for_spike(number):
    lines = listing(ran(experiment(number)))
    counts = tuple(
        sum(len(line.split()) - 2 for line in lines if line.split()[1] == name) for name in LISTED
    )
    assert counts == COUNTS[number]
    text = "".join(f"{line}\n" for line in lines)
    assert hashlib.sha256(text.encode()).hexdigest() == HASHES[number]


def test_1_the_first_demonstration_equals_the_table_line_by_line():
    assert listing(ran(experiment(1))) == golden()


def test_1_robust_constants_deviate_in_three_cells_of_the_third_demonstration_only():
    for number, cells in ((1, set()), (2, set())):
        assert (
            set(listing(ran(experiment(number), "robust"))) ^ set(listing(ran(experiment(number))))
            == cells
        )
    paper, robust = listing(ran(experiment(3))), listing(ran(experiment(3), "robust"))
    differ = sorted(line.split()[0] for line in set(paper) - set(robust))
    assert differ == ["116", "117", "118"]
    assert [line.replace(" 13", "") for line in paper if line.split()[0] in differ] == [
        line for line in robust if line.split()[0] in differ
    ]


def test_1_the_paper_preset_runs_all_three_and_says_that_the_spikes_are_the_published_ones():
    result = call("run_memory_program", program="all experiments", preset="paper")
    same = {name: each.value for name, each in result.numbers.items() if "as published" in name}
    assert same == {f"{number}: spikes as published": 1 for number in (1, 2, 3)}
    robust = call("run_memory_program", program="experiment 3")
    assert robust.numbers["spikes as published"].value == 0


# --- 2 answers ------------------------------------------------------------------------------------


def test_2_the_answers_of_the_first_demonstration_are_right():
    answers = judged(experiment(1), "paper")
    said = [sorted(each.answered) for each in answers if each.asked]
    assert said == [[0, 1, 8, 9], [3, 4], [0, 3], [1, 3, 4, 8], [4]]
    assert all(each.right for each in answers)


def test_2_all_60_operations_of_the_second_demonstration_are_right():
    answers = judged(experiment(2), "paper")
    assert len(answers) == 60
    assert all(each.right for each in answers)


def test_2_the_map_of_the_third_demonstration_is_found():
    answers = judged(experiment(3), "paper")
    said = [sorted(each.answered) for each in answers if each.asked]
    assert said == [[2, 6, 10, 12, 13, 14], [3, 5, 11, 15], [1, 7, 9], [0, 4, 8]]


# --- 3 to 6 capacity, forgetting, the weakness ----------------------------------------------------


@pytest.mark.parametrize("preset", ["robust", "paper"])
def test_3_orthogonal_memories_are_recalled_by_every_cue_and_every_bit(preset):
    answers = judged(spaced(8, 32, example.orthogonal_operations(), 10), preset)
    recalls = [each for each in answers if each.asked]
    assert len(recalls) == 40
    assert all(each.right for each in recalls)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_4_overlapping_memories_are_recalled_with_robust_constants(seed):
    answers = judged(random_program(20, 20, 3, 10, 10, seed))
    assert share(answers, "by cue") == 1.0
    assert share(answers, "by one bit") >= 0.98
    assert share(answers, "by several bits") >= 0.95


@pytest.mark.parametrize("preset", ["robust", "paper"])
def test_5_no_old_bit_is_recalled_by_a_cue_that_was_overwritten(preset):
    answers = judged(random_program(20, 20, 3, 10, 10, 0), preset)
    over = [each for each in answers if each.asked == "by cue" and each.operation.round > 1]
    assert len(over) == 40
    assert not any(each.leftovers for each in over)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_6_the_published_constants_are_weak_once_patterns_are_overwritten(seed):
    answers = judged(random_program(20, 20, 3, 10, 10, seed), "paper")
    assert share(answers, "by cue") == 1.0
    assert share(answers, "by one bit") < 0.8
    assert share(answers, "by several bits") < 0.6


def test_6_the_pitch_matters_as_specified():
    by_pitch = {pitch: judged(random_program(16, 12, 3, 10, pitch, 0)) for pitch in (7, 10)}
    assert share(by_pitch[10], "by one bit") == 1.0
    assert share(by_pitch[7], "by one bit") < 0.5


# --- 7 speed, 8 window, 9 timing ------------------------------------------------------------------


def test_7_450_operations_of_50_x_40_take_less_than_5_s():
    program = random_program(50, 40, 3, 10, 14, 0)
    assert len(program.operations) == 450
    memory = Memory(program, plasticity("robust"))
    memory.warm()
    began = time.process_time()
    memory.advance(program.stop)
    assert time.process_time() - began < 5.0


@pytest.mark.parametrize(("preset", "gain", "tau"), [("paper", 6.0, 3.0), ("robust", 40.0, 0.5)])
def test_8_the_window_is_that_of_single_pairs_with_full_depression_at_lag_0(preset, gain, tau):
    rule = plasticity(preset).rule
    for lag in range(-10, 11):
        whole = gain * np.exp(-lag / tau) if lag > 0 else -6.0 * np.exp(lag / 3.0)
        assert measured(rule, lag, 6.0 if lag <= 0 else 0.0) == pytest.approx(
            np.clip(whole, -6.0, 6.0), abs=1e-12
        )
    assert measured(rule, 0, 6.0) == pytest.approx(-6.0)


def test_8_the_method_shows_what_it_measured():
    frame = call("stdp_window", start=6e-9)["window"].frame.set_index("lag")
    assert frame.loc[0.0, "paper parameters"] == pytest.approx(-6e-9)
    assert frame.loc[-0.003, "paper parameters"] == pytest.approx(-6e-9 * np.exp(-1))


@pytest.mark.parametrize(("n_cues", "n_content"), [(1, 2), (5, 10), (50, 40)])
def test_9_answers_come_at_their_fixed_times(n_cues, n_content):
    bits = range(0, n_content, 2)
    lesson = [learn(1, 0, bits), by_cue(11, 0), by_content(21, [0])]
    memory = ran(Program(n_cues, n_content, tuple(lesson), 31), "robust")
    shown = {step: memory.answer(step) for step in range(memory.step)}
    pattern = frozenset(bits)
    expected = {
        6: ({0}, pattern), 8: ({0}, pattern),  # learning at 1: t + 5 and t + 7
        16: ({0}, set()), 17: (set(), pattern),  # cue at 11: the cue at t + 5, content at t + 6
        26: (set(), {0}), 27: ({0}, set()),  # content at 21: content at t + 5, the cues at t + 6
    }  # fmt: skip
    found = {step: each for step, each in shown.items() if each[0] or each[1]}
    assert found == expected


# --- 10 real place cells, digits ------------------------------------------------------------------


@pytest.fixture(scope="module")
def place_cells():
    path = recording("spikes/hippocampus_linear_track.nwb")
    return {"spikes": read(path, "units"), "position": read(path, "position")}


@pytest.mark.parametrize("preset", ["robust", "paper"])
def test_10_twelve_places_of_real_cells_are_stored_and_recalled_exactly(place_cells, preset):
    made = call("memories_from_assemblies", until=5382.0, learn_part=1.0, **place_cells)
    program = {"program": "from table", "operations": made["operations"], "preset": preset}
    frame = call("run_memory_program", **program)["answers"].frame
    kinds = frame[frame["operation"] != "learn"].groupby("operation")["right"].agg(["sum", "size"])
    assert kinds.loc["recall by cue"].tolist() == [12, 12]
    assert kinds.loc["recall by content"].tolist() == [31, 31]


def test_10_real_places_are_found_by_votes_better_than_shuffled_and_worse_than_by_bayes(
    place_cells,
):
    made = call("memories_from_assemblies", until=5382.0, **place_cells)
    found = call("recall_by_votes", program=made["operations"], fragments=made["fragments"])
    error = found.numbers["median error"]
    assert error.value <= 0.2
    assert error.value <= 0.7 * error.chance
    assert error.baseline < error.value
    assert "poor decoder" in found.warnings


@pytest.mark.parametrize("preset", ["robust", "paper"])
def test_10_ten_digits_are_recalled_by_class_and_by_every_pixel(preset):
    digits = pytest.importorskip("sklearn.datasets").load_digits()
    coords = {"digit": ("item", digits.target)}
    stack = ImageStack(xarray.DataArray(digits.images, dims=("item", "y", "x"), coords=coords))
    made = call("memories_from_images", images=stack, label="digit")
    bits = made.numbers["bits per image"]
    assert (bits.low, bits.high) == (16, 26)
    program = {"program": "from table", "operations": made["operations"], "preset": preset}
    frame = call("run_memory_program", **program)["answers"].frame
    kinds = frame[frame["operation"] != "learn"].groupby("operation")["right"].agg(["sum", "size"])
    assert kinds.loc["recall by cue"].tolist() == [10, 10]
    assert kinds.loc["recall by content"].tolist() == [64, 64]


# --- 11 null, 12 invariance -----------------------------------------------------------------------


@pytest.mark.parametrize("preset", ["robust", "paper"])
def test_11_an_untrained_network_answers_nothing(preset):
    asked = [*(by_cue(0, cue) for cue in range(5)), *(by_content(0, [bit]) for bit in range(10))]
    answers = judged(spaced(5, 10, asked, 10), preset)
    assert not any(each.answered for each in answers)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_11_patterns_of_other_cues_do_not_count_as_exact(seed):
    result = call(
        "run_memory_program", ListContext(seed=seed), program="random", n_cues=20, n_content=20
    )
    number = result.numbers["exact recalls by cue"]
    assert number.value == 1.0
    assert number.chance <= 0.05
    assert result.numbers["answers of an untrained network"].value == 0


@pytest.mark.parametrize("preset", ["robust", "paper"])
def test_12_other_names_of_cues_and_bits_permute_the_answers_and_nothing_else(preset):
    program = random_program(6, 8, 2, 5, 10, 3)
    random = np.random.default_rng(4)
    cue, bit = random.permutation(6), random.permutation(8)

    def renamed(operation):
        if operation.kind == "learn":
            return learn(0, int(cue[operation.cues[0]]), [int(bit[k]) for k in operation.bits])
        if operation.kind == "recall by cue":
            return by_cue(0, int(cue[operation.cues[0]]))
        return by_content(0, [int(bit[k]) for k in operation.bits])

    plain = judged(program, preset)
    other = judged(spaced(6, 8, [renamed(each) for each in program.operations], 10), preset)
    for one, two in zip(plain, other, strict=True):
        names = cue if one.operation.kind == "recall by content" else bit
        assert {int(names[k]) for k in one.answered} == two.answered


def test_12_the_same_program_gives_the_same_spikes():
    program = random_program(6, 8, 2, 5, 10, 3)
    assert listing(ran(program)) == listing(ran(program))


# --- every door -----------------------------------------------------------------------------------


def test_the_command_line_and_the_exported_script_give_the_same_numbers(tmp_path):
    import neurostudio as ns
    from neurostudio.jobs import Jobs, LocalRunner
    from neurostudio.runs import Run, State
    from neurostudio.workspace import Workspace

    def values(numbers):
        return {name: each.value for name, each in numbers.items() if not each.of_machine}

    frame = pd.DataFrame([["learn", 0, "0 1"], ["learn", 1, "1 2"], ["recall by cue", 1, ""]])
    table = Table(frame.set_axis(["operation", "cue", "content"], axis=1))
    settings = {"program": "from table", "preset": "paper"}
    workspace = Workspace.new(Jobs(LocalRunner(warm=False)))
    item = workspace.add("operations", table)
    run = workspace.start("run_memory_program", settings, {"operations": "operations"}, seed=3)
    assert workspace.jobs.wait(run) is State.DONE, run.error()
    desktop = values(run.numbers())
    python = values(ns.run("run_memory_program", operations=table, seed=3, **settings).numbers)
    assert python == desktop

    words = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    command = [sys.executable, "-m", "neurostudio", "run", "run_memory_program", "--seed", "3"]
    out = tmp_path / "out"
    subprocess.run(
        [*command, f"operations={item.folder}", *words, "--out", str(out)],
        check=True,
        capture_output=True,
    )
    assert values(Run(out).numbers()) == desktop

    scope = {}
    exec(workspace.script(), scope)
    (result,) = [each for name, each in scope.items() if name.startswith("run_")]
    assert values(result.numbers) == desktop
    workspace.close()
