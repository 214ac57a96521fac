"""CA3 memory: programs, tables, learning step by step, stop and resume, views, honesty labels."""

import json

import numpy as np
import pandas as pd
import pytest
import xarray
from neurostudio.plugins.ca3_memory import example
from neurostudio.plugins.ca3_memory.judging import Truth, judge
from neurostudio.plugins.ca3_memory.memory import Memory
from neurostudio.plugins.ca3_memory.network import SCALE
from neurostudio.plugins.ca3_memory.programs import by_content, by_cue, learn, spaced
from neurostudio.plugins.ca3_memory.rules import plasticity
from neurostudio.plugins.ca3_memory.tables import indices_of, program_of, table_of

from neurostudio.api import Cancelled, SpikeTrains, Table, TrainedModel
from neurostudio.data import Text
from neurostudio.errors import BadInput
from neurostudio.registry import discover
from neurostudio.testing import ListContext, arrays_of, assert_same

from .calling import call
from .stopping import StopAt


def answers_of(result):
    return result["answers"].frame


def operations(*rows):
    return Table(pd.DataFrame(rows, columns=["operation", "cue", "content"]))


# --- tables ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0 1 8", (0, 1, 8)),
        ("[8, 1]", (1, 8)),
        ([2, 2, 5], (2, 5)),
        (3, (3,)),
        (np.nan, ()),
        (None, ()),
    ],
)
def test_indices_are_read_from_words_lists_and_numbers(written, read):
    assert indices_of(written) == read


@pytest.mark.parametrize("written", ["a b", "1.5", "-1", [0.5]])
def test_what_is_no_index_says_so(written):
    with pytest.raises(BadInput, match="whole numbers"):
        indices_of(written)


def test_a_table_comes_back_as_the_program_that_it_was_written_from():
    program = example.experiment(1)
    assert program_of(table_of(program.operations), 10).operations == program.operations


def test_a_table_of_zeros_and_ones_is_stored_row_by_row_and_asked_for():
    frame = pd.DataFrame([[1, 0, 1], [0, 1, 0]])
    program = program_of(frame, 10)
    assert [each.words for each in program.operations] == [
        "learn cue 0 = 0 2", "learn cue 1 = 1", "cue 0 ?", "cue 1 ?",
        "content 0 ?", "content 1 ?", "content 2 ?",
    ]  # fmt: skip
    assert np.diff([each.at for each in program.operations]).tolist() == [10] * 6


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (pd.DataFrame({"operation": ["learn"], "cue": [0]}), "no column content"),
        (pd.DataFrame({"operation": [], "cue": [], "content": []}), "is empty"),
        (
            pd.DataFrame([["teach", 0, "1"]], columns=["operation", "cue", "content"]),
            "no operation 'teach'",
        ),
        (
            pd.DataFrame([["learn", 0, ""]], columns=["operation", "cue", "content"]),
            "needs one cue",
        ),
        (
            pd.DataFrame([["recall by cue", "", ""]], columns=["operation", "cue", "content"]),
            "one cue",
        ),
        (pd.DataFrame({"a": [0.5, 1.0]}), "zeros and ones"),
        (pd.DataFrame({"a": ["x"]}), "zeros and ones"),
    ],
)
def test_a_table_that_cannot_be_carried_out_says_why(table, words):
    with pytest.raises(BadInput, match=words):
        call("run_memory_program", program="from table", operations=Table(table))


def test_a_program_from_a_table_needs_one_and_a_table_needs_that_program():
    with pytest.raises(BadInput, match="needs a Table"):
        call("run_memory_program", program="from table")
    with pytest.raises(BadInput, match="choose 'from table'"):
        call("run_memory_program", operations=operations(["learn", 0, "1"]))


# --- one operation at a time ----------------------------------------------------------------------


def test_learning_asking_and_overwriting_step_by_step():
    first = call("learn_pattern", n_cues=3, n_content=6, cue=1, content=[0, 2])["memory"]
    second = call("learn_pattern", memory=first, cue=2, content=[2, 5])["memory"]
    asked = call("recall_pattern", memory=second, by="cue", cue=1)
    assert answers_of(asked)["answered"].tolist() == ["0 2"]
    shared = call("recall_pattern", memory=asked["memory"], by="content", content=[2])
    assert answers_of(shared)["answered"].tolist() == ["1 2"]
    over = call("learn_pattern", memory=shared["memory"], cue=1, content=[4])
    assert over.numbers["bits not forgotten"].value == 0
    again = call("recall_pattern", memory=over["memory"], by="cue", cue=1)
    assert answers_of(again)["answered"].tolist() == ["4"]
    gone = call("recall_pattern", memory=again["memory"], by="content", content=[0])
    assert answers_of(gone)["answered"].tolist() == [""]


def test_operations_one_by_one_are_spike_for_spike_the_program(tmp_path):
    rows = [
        ["learn", 0, "0 1"],
        ["learn", 1, "1 2"],
        ["recall by cue", 0, ""],
        ["recall by content", "", "1"],
    ]
    whole = call("run_memory_program", program="from table", operations=operations(*rows))
    memory = call("learn_pattern", n_cues=2, n_content=3, cue=0, content=[0, 1])["memory"]
    memory = call("learn_pattern", memory=memory, cue=1, content=[1, 2])["memory"]
    memory.save(tmp_path)
    memory = TrainedModel.load(tmp_path)
    memory = call("recall_pattern", memory=memory, by="cue", cue=0)["memory"]
    memory = call("recall_pattern", memory=memory, by="content", content=[1])["memory"]
    assert_same(whole["memory"], memory)


def test_a_memory_goes_on_with_another_program():
    memory = call("learn_pattern", n_cues=2, n_content=3, cue=0, content=[0, 1])["memory"]
    table = operations(["recall by cue", 0, ""], ["recall by cue", 1, ""])
    result = call("run_memory_program", program="from table", operations=table, memory=memory)
    assert answers_of(result)["answered"].tolist() == ["0 1", ""]
    assert answers_of(result)["right"].all()


def test_a_memory_refuses_what_it_has_no_room_for():
    memory = call("learn_pattern", n_cues=2, n_content=3, cue=0, content=[0, 1])["memory"]
    with pytest.raises(BadInput, match="names bit 7; there are 3"):
        call("learn_pattern", memory=memory, content=[7])
    with pytest.raises(BadInput, match="names cue 2; there are 2"):
        call("recall_pattern", memory=memory, cue=2)
    with pytest.raises(BadInput, match="the memory has 2 and 3"):
        call("run_memory_program", program="experiment 1", memory=memory)
    with pytest.raises(BadInput, match="is no memory"):
        call("recall_pattern", memory=TrainedModel({}, {}, "other"))
    with pytest.raises(BadInput, match="at least one bit"):
        call("learn_pattern", content=[])


# --- stop, resume ---------------------------------------------------------------------------------


def test_a_program_stops_at_any_operation_and_goes_on_to_the_same_spikes(tmp_path):
    settings = {"program": "random", "n_cues": 4, "n_content": 6, "n_rounds": 2, "n_pairs": 2}
    whole = call("run_memory_program", **settings)
    with pytest.raises(Cancelled):
        call("run_memory_program", ListContext(folder=tmp_path, stopped=StopAt(17)), **settings)
    kept = json.loads((tmp_path / "checkpoints" / "memory.json").read_text())
    assert kept["done"] == 16
    context = ListContext(folder=tmp_path)
    resumed = call("run_memory_program", context, **settings)
    assert [each["text"] for each in context.of_kind("text")] == [
        "Goes on after operation 16 of 32."
    ]
    for name in ("answers", "memory"):
        assert_same(whole[name], resumed[name])
    xarray.testing.assert_identical(whole["weights"].matrix, resumed["weights"].matrix)
    for key in range(len(whole["spikes"].units)):
        np.testing.assert_array_equal(whole["spikes"].units[key].t, resumed["spikes"].units[key].t)


def test_a_program_that_was_killed_goes_on_from_its_last_checkpoint(tmp_path, monkeypatch):
    monkeypatch.setattr("neurostudio.plugins.ca3_memory.running.SAVE_EVERY", 0.0)
    asked = iter(range(6))

    def killed():
        if next(asked, None) is None:
            raise KeyboardInterrupt
        return False

    with pytest.raises(KeyboardInterrupt):
        call("run_memory_program", ListContext(folder=tmp_path, stopped=killed), preset="paper")
    assert [each.name for each in (tmp_path / "checkpoints").glob("*.npz")] == ["memory-6.npz"]
    context = ListContext(folder=tmp_path)
    resumed = call("run_memory_program", context, preset="paper")
    assert "after operation 6" in context.of_kind("text")[0]["text"]
    assert resumed.numbers["spikes as published"].value == 1


def test_a_checkpoint_of_another_program_is_left_alone(tmp_path):
    with pytest.raises(Cancelled):
        call("run_memory_program", ListContext(folder=tmp_path, stopped=StopAt(3)))
    context = ListContext(folder=tmp_path)
    result = call("run_memory_program", context, preset="paper")
    assert not context.of_kind("text")
    assert_same(result["answers"], call("run_memory_program", preset="paper")["answers"])


@pytest.mark.parametrize("name", ["recall_by_votes", "memory_capacity", "memories_from_assemblies"])
def test_every_long_method_stops_within_a_step(name):
    found = discover().example(name)
    for after in (1, 2, 3):
        with pytest.raises(Cancelled):
            call(name, ListContext(stopped=StopAt(after)), **found.params, **found.items)


# --- what a result says ---------------------------------------------------------------------------


def test_every_result_is_labelled_with_its_parameters():
    for preset, label in (("paper", "paper parameters"), ("robust", "robust parameters (ours)")):
        result = call("run_memory_program", preset=preset)
        assert {"simulated data", f"{preset} parameters"} <= set(result.warnings)
        texts = [f"{view.caption} {getattr(view, 'text', '')}" for view in result.views]
        assert sum(label in text for text in texts) >= 6
        assert "changed parameters" not in result.warnings
    changed = call("run_memory_program", gain_potentiation=30e-9)
    assert "changed parameters" in changed.warnings


def test_content_recall_is_never_called_a_best_match():
    result = call("run_memory_program")
    words = " ".join(
        f"{view.title} {view.caption} {getattr(view, 'text', '')}" for view in result.views
    )
    assert "share at least one bit" in words
    assert "best match" not in words


@pytest.mark.parametrize(
    ("pitch", "warned"), [(0.009, True), (0.010, False), (0.012, False), (0.013, True)]
)
def test_the_pitch_is_warned_about_outside_10_to_12_ms(pitch, warned):
    table = operations(["learn", 0, "0"], ["recall by cue", 0, ""], ["recall by cue", 0, ""])
    result = call("run_memory_program", program="from table", operations=table, pitch=pitch)
    assert ("pitch" in result.warnings) is warned


def test_recall_that_writes_is_said():
    table = operations(["learn", 0, "0 1"], ["learn", 1, "2 3"], ["recall by content", "", "0 2"])
    result = call("run_memory_program", program="from table", operations=table, preset="paper")
    assert "recall changed" in result.warnings
    quiet = operations(["recall by cue", 0, ""], ["recall by content", "", "0"])
    assert (
        "recall changed"
        not in call("run_memory_program", program="from table", operations=quiet).warnings
    )


def test_the_shown_weight_is_the_one_that_comes_next_not_the_old_one():
    program = spaced(1, 2, [learn(0, 0, [1])], 10)
    memory = Memory(program, plasticity("robust"))
    memory.advance(program.stop)
    there, back = memory.due()
    stored = memory.arrays()["CueS1 to ContS1/weights"]
    assert there[0, 1] > 3.3
    assert back[1, 0] > 3.3
    assert np.abs(there[0, 0]) < 0.1
    # at the second spike of the cue: up by 40 exp(-1 / 0.5), down by 6 exp(-1 / 3)
    assert stored[1] / SCALE == pytest.approx(40 * np.exp(-2) - 6 * np.exp(-1 / 3))
    assert stored[1] / SCALE < 3.3


def test_the_matrices_and_the_spikes_of_a_program_are_in_si_units():
    result = call("run_memory_program")
    matrix = result["weights"].matrix
    assert matrix.attrs["unit"] == "A"
    assert 3e-9 < float(matrix.max()) <= 6e-9 + 1e-15
    last = matrix.isel(time=-1).sel(source="cue 4", target=["bit 1", "bit 5", "bit 6"])
    assert (last > 3.3e-9).all()
    units = result["spikes"].units
    assert set(units["population"]) >= {"IN", "CueS1", "OUT"}
    assert float(units.time_support.end[-1]) == pytest.approx(0.09)


def test_ghosts_and_leftovers_are_told_apart():
    truth = Truth()
    memory = Memory(spaced(2, 4, [learn(0, 0, [0])], 10), plasticity("robust"))
    lessons = [learn(1, 0, [0, 1]), learn(11, 0, [2])]
    asked = by_cue(21, 0)
    memory.out[27] = np.array([2 + 1, 2 + 2, 2 + 3])  # OUT: bits 1, 2, 3 after two cues
    *_, answer = judge(memory, [*lessons, asked], truth)
    assert (answer.answered, answer.expected) == ({1, 2, 3}, {2})
    assert (answer.leftovers, answer.ghosts, answer.right) == (1, 1, False)


def test_live_pictures_show_spikes_weights_answers(monkeypatch):
    monkeypatch.setattr("neurostudio.plugins.ca3_memory.running.SHOW_EVERY", 0.0)
    context = ListContext()
    call("run_memory_program", context)
    names = {each["name"] for each in context.of_kind("view")}
    assert {
        "Spikes of the ten populations",
        "Decoded answers",
        "Changed by the latest operation",
    } <= names
    assert len([name for name in names if "to" in name.split()]) >= 2
    last = context.of_kind("metrics")[-1]["values"]
    assert last["right"] == 1.0
    assert last["ghosts"] == 0.0


def test_names_of_cues_do_not_matter_for_a_recall_of_nothing():
    program = spaced(2, 3, [by_content(0, [1]), by_cue(0, 1)], 10)
    memory = Memory(program, plasticity("paper"))
    memory.advance(program.stop)
    assert not any(each.answered for each in judge(memory, program.operations, Truth()))


def test_no_method_takes_words_for_a_memory():
    with pytest.raises(BadInput, match="TrainedModel"):
        call("recall_pattern", memory=Text("no"))
    assert arrays_of(call("learn_pattern")["memory"])


def test_trains_of_one_spike_are_saved_and_come_back(tmp_path):
    trains = call("learn_pattern", learn_spikes=1)["spikes"]
    assert sorted({len(trains.units[key]) for key in range(len(trains.units))}) == [0, 1]
    trains.save(tmp_path)
    again = SpikeTrains.load(tmp_path)
    for key in range(len(trains.units)):
        np.testing.assert_array_equal(trains.units[key].t, again.units[key].t)


@pytest.mark.parametrize(("n_bits", "shown"), [(84, True), (85, False)])
def test_patterns_of_more_than_84_bits_are_too_large_for_the_robust_preset_and_said_to_be(
    n_bits, shown
):
    bits = " ".join(map(str, range(n_bits)))
    table = operations(["learn", 0, bits], ["learn", 1, "3"], ["recall by content", "", "3"])
    program = {"program": "from table", "operations": table}
    result = call("run_memory_program", **program)
    assert answers_of(result)["answered"].iloc[-1] == ("0 1" if shown else "1")
    assert ("large patterns" in result.warnings) is not shown
    paper = call("run_memory_program", preset="paper", **program)
    assert "large patterns" not in paper.warnings


def test_spikes_of_another_recording_are_refused_with_a_hint():
    _, position = example.place_cells().items.values()
    other = call("run_memory_program")["spikes"]
    with pytest.raises(BadInput, match="of one recording"):
        call("memories_from_assemblies", spikes=other, position=position)
