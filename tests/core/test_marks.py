"""Marks: annotations and bad channels that come and go, in the session and in its script."""

from __future__ import annotations

import runpy

import mne
import numpy as np
import pytest

from neurostudio import marks as marking
from neurostudio.data import Recording, Text
from neurostudio.errors import BadInput
from neurostudio.jobs import Jobs, LocalRunner
from neurostudio.marks import Mark, Marks
from neurostudio.workspace import Workspace


@pytest.fixture
def eeg():
    """Three channels, 10 s at 100 Hz, one annotation at 2 s, first sample at 5 s."""
    info = mne.create_info(["a", "b", "c"], 100.0, "eeg")
    raw = mne.io.RawArray(np.zeros((3, 1000)), info, first_samp=500, verbose="error")
    raw.set_annotations(mne.Annotations([2.0], [0.5], ["blink"]))
    return Recording(raw)


@pytest.fixture
def workspace():
    made = Workspace.new(Jobs(LocalRunner(warm=False)))
    yield made
    made.close()


def told(data):
    raw = data.raw
    return [
        (round(float(onset) - raw.first_time, 6), float(length), str(words))
        for onset, length, words in zip(
            raw.annotations.onset,
            raw.annotations.duration,
            raw.annotations.description,
            strict=True,
        )
    ]


def test_marks_are_added_beside_those_of_the_file_and_the_first_data_stay_as_they_were(eeg):
    marked = marking.apply(eeg, Marks(add=(Mark(1.0, 0.25, "BAD_move"),), bad=("b",)))
    assert told(marked) == [(1.0, 0.25, "BAD_move"), (2.0, 0.5, "blink")]
    assert marked.raw.info["bads"] == ["b"]
    assert told(eeg) == [(2.0, 0.5, "blink")]
    assert eeg.raw.info["bads"] == []


def test_a_mark_is_removed_by_what_it_is(eeg):
    assert told(marking.apply(eeg, Marks(remove=(Mark(2.0, 0.5, "blink"),)))) == []
    with pytest.raises(BadInput, match=r"no annotation 'blink' at 3 s"):
        marking.apply(eeg, Marks(remove=(Mark(3.0, 0.5, "blink"),)))


def test_a_mark_outside_the_recording_is_refused_and_one_over_its_end_is_cut(eeg):
    with pytest.raises(BadInput, match="lies outside of the recording"):
        marking.apply(eeg, Marks(add=(Mark(11.0, 1.0, "late"),)))
    assert told(marking.apply(eeg, Marks(add=(Mark(9.5, 5.0, "end"),))))[-1] == (9.5, 0.5, "end")


def test_an_unknown_channel_is_named(eeg):
    with pytest.raises(BadInput, match="no channels zz"):
        marking.apply(eeg, Marks(bad=("zz",)))


def test_two_changes_one_after_the_other_are_one(eeg):
    first = Marks(add=(Mark(1.0, 0.0, "x"),), bad=("a",))
    second = Marks(remove=(Mark(1.0, 0.0, "x"), Mark(2.0, 0.5, "blink")), good=("a",), bad=("c",))
    both = first.then(second)
    assert both == Marks(remove=(Mark(2.0, 0.5, "blink"),), bad=("c",), good=("a",))
    one = marking.apply(marking.apply(eeg, first), second)
    assert told(marking.apply(eeg, both)) == told(one)
    assert marking.apply(eeg, both).raw.info["bads"] == one.raw.info["bads"]


def test_marks_come_back_from_their_plain_values():
    some = Marks(add=(Mark(1.0, 0.5, "x", ("a",)),), remove=(Mark(0.1, 0.0, "y"),), bad=("b",))
    assert Marks.from_json(some.to_json()) == some


def test_marking_is_undone_and_done_again(workspace, eeg):
    workspace.add("eeg", eeg)
    workspace.mark("eeg", Marks(bad=("b",)))
    workspace.mark("eeg", Marks(add=(Mark(4.0, 1.0, "x"),)))
    assert workspace.can_undo == "mark annotation x"
    item = workspace.items["eeg"].load()
    assert (item.raw.info["bads"], len(told(item))) == (["b"], 2)
    workspace.undo()
    assert len(told(workspace.items["eeg"].load())) == 1
    workspace.undo()
    assert workspace.items["eeg"].load().raw.info["bads"] == []
    workspace.redo()
    workspace.redo()
    again = workspace.items["eeg"].load()
    assert (again.raw.info["bads"], len(told(again))) == (["b"], 2)


def test_marks_are_there_when_the_session_is_opened_again(workspace, eeg):
    workspace.add("eeg", eeg)
    workspace.mark("eeg", Marks(bad=("b",)))
    workspace.mark("eeg", Marks(add=(Mark(4.0, 1.0, "x"),), bad=("c",)))
    second = Workspace.load(workspace.folder, Jobs(LocalRunner(warm=False)))
    item = second.items["eeg"].load()
    assert item.raw.info["bads"] == ["b", "c"]
    assert told(item) == [(2.0, 0.5, "blink"), (4.0, 1.0, "x")]
    second.close()


def test_the_script_marks_the_same_in_one_call(workspace, eeg, tmp_path):
    workspace.add("eeg", eeg)
    workspace.mark("eeg", Marks(bad=("b",)))
    workspace.mark("eeg", Marks(add=(Mark(4.0, 1.0, "x"),)))
    workspace.mark("eeg", Marks(good=("b",), bad=("c",)))
    script = workspace.script()
    assert script.count("ns.mark(") == 1
    path = tmp_path / "again.py"
    path.write_text(script)
    eeg_again = runpy.run_path(str(path))["eeg"]
    now = workspace.items["eeg"].load()
    assert eeg_again.raw.info["bads"] == now.raw.info["bads"] == ["c"]
    assert told(eeg_again) == told(now)


def test_a_run_that_began_before_the_marks_stands_before_them_in_the_script(workspace, eeg):
    workspace.add("eeg", eeg)
    run = workspace.start("pick_channels", {"channels": ("a",)}, {"signals": "eeg"})
    workspace.mark("eeg", Marks(bad=("b",)))
    workspace.jobs.wait(run)
    acts = [step.act for step in workspace.steps]
    assert acts == ["add", "run", "mark"]
    script = workspace.script()
    assert script.index("ns.run(") < script.index("ns.mark(")


def test_what_holds_no_marks_says_so(workspace):
    workspace.add("words", Text("hello"))
    with pytest.raises(BadInput, match="Text holds no marks"):
        workspace.mark("words", Marks(bad=("b",)))


def test_a_chain_for_many_files_leaves_the_marks_of_one_file_out():
    from neurostudio.chains import chain_of
    from neurostudio.steps import Step

    steps = [
        Step(act="open", path="/a.edf", outputs={"": "eeg"}),
        Step(act="mark", params={"bad": ["b"]}, inputs={"": ("eeg",)}, outputs={"": "eeg"}),
        Step(
            act="run",
            method="pick_channels",
            inputs={"signals": ("eeg",)},
            outputs={"picked": "picked"},
        ),
    ]
    chain = chain_of(steps)
    assert (chain.source, [link.method for link in chain.links]) == ("eeg", ["pick_channels"])
