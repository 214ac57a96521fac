"""A session: open, run, undo, rename, save, close, reopen, write as a script."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys

import pytest

from neurostudio.data import Text
from neurostudio.errors import BadInput, BrokenSession, MissingFile, NotEnough, UnknownName
from neurostudio.jobs import Jobs, LocalRunner
from neurostudio.runs import State
from neurostudio.workspace import Workspace


@pytest.fixture
def jobs():
    jobs = Jobs(LocalRunner(warm=False), cpu_runs=2)
    yield jobs
    for run in jobs.active:
        jobs.cancel(run)
    jobs.close()


@pytest.fixture
def workspace(jobs, echo_plugin):
    workspace = Workspace.new(jobs)
    yield workspace
    workspace.close()


@pytest.fixture
def greeting(tmp_path):
    file = tmp_path / "data" / "greeting.txt"
    file.parent.mkdir()
    file.write_text("hello ")
    return file


def finished(workspace, run):
    assert workspace.jobs.wait(run) is State.DONE, run.error()
    return run


def test_an_opened_file_gets_a_valid_name_and_a_pointer_with_checksum(workspace, greeting):
    item = workspace.open(greeting)
    workspace.close()
    about = json.loads((item.folder / "item.json").read_text())
    assert (item.name, item.kind) == ("greeting", "Text")
    assert about["file"]["size"] == 6
    assert (
        about["file"]["sha256"].startswith("e71fa2137fe1c9a5") or len(about["file"]["sha256"]) == 64
    )
    assert not pathlib.Path(about["file"]["path"]).is_absolute()


def test_a_finished_run_puts_its_output_on_the_list(workspace, greeting):
    workspace.open(greeting)
    run = finished(workspace, workspace.start("echo", {"times": 3}, {"text": "greeting"}))
    assert workspace.items["words"].load().text == "hello hello hello "
    assert run.numbers()["length"].value == 18
    assert run.numbers()["length"].note == "greeting"
    assert run.warnings() == {"loud": "It is loud."}
    assert run.views()[0].text == "hello hello hello "
    assert run.source("text").text == "hello "
    assert [e["values"]["step"] for e in run.events() if e["kind"] == "metrics"] == [0, 1, 2]
    assert list(run.live_views()) == ["said"]


def test_undo_takes_back_what_was_done_last_and_redo_does_it_again(workspace, greeting):
    workspace.open(greeting)
    workspace.rename("greeting", "hi")
    assert workspace.can_undo == "rename greeting to hi"
    workspace.undo()
    assert list(workspace.items) == ["greeting"]
    workspace.undo()
    assert not workspace.items
    assert workspace.can_undo == ""
    workspace.redo()
    workspace.redo()
    assert list(workspace.items) == ["hi"]
    workspace.remove("hi")
    workspace.undo()
    assert workspace.items["hi"].load().text == "hello "


def test_names_are_refused_when_taken_or_not_valid_in_python(workspace, greeting):
    workspace.open(greeting)
    workspace.open(greeting)
    assert list(workspace.items) == ["greeting", "greeting_2"]
    with pytest.raises(BadInput, match="already an item named 'greeting'"):
        workspace.rename("greeting_2", "greeting")
    with pytest.raises(BadInput, match="cannot be a name"):
        workspace.rename("greeting_2", "two words")
    with pytest.raises(UnknownName, match="Did you mean 'greeting'"):
        workspace.remove("greetin")


def test_a_run_that_does_not_fit_is_refused_before_it_starts(workspace, greeting):
    workspace.open(greeting)
    with pytest.raises(BadInput, match="times is 0; it should be greater than or equal to 1"):
        workspace.start("echo", {"times": 0}, {"text": "greeting"})
    with pytest.raises(BadInput, match="Echo needs Text as 'text'"):
        workspace.start("echo", {}, {})
    with pytest.raises(UnknownName, match=r"no parameter named 'time'. Did you mean 'times'"):
        workspace.start("echo", {"time": 2}, {"text": "greeting"})
    assert workspace.runs == []


def test_a_saved_session_moves_and_reopens(workspace, greeting, tmp_path):
    workspace.open(greeting)
    finished(workspace, workspace.start("echo", {}, {"text": "greeting"}))
    workspace.save_as(tmp_path / "first")
    assert workspace.name == "first"
    workspace.close()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "first").rename(tmp_path / "elsewhere" / "second")
    (tmp_path / "data").rename(tmp_path / "elsewhere" / "data2")
    (tmp_path / "elsewhere" / "data2").rename(tmp_path / "data")
    again = Workspace.load(tmp_path / "elsewhere" / "second", Jobs(LocalRunner(warm=False)))
    assert again.items["greeting"].load().text == "hello "
    assert again.items["words"].load().text == "hello hello "
    assert [step.title for step in again.steps] == [
        "Open greeting.txt as greeting",
        "Echo: greeting → words",
    ]
    again.close()


def test_a_file_that_changed_is_said_so_and_other_data_stay(workspace, greeting, tmp_path):
    workspace.open(greeting)
    workspace.add("note", Text("kept"))
    workspace.save_as(tmp_path / "session")
    workspace.close()
    greeting.write_text("hullo ")
    os.utime(greeting, (1, 1))
    again = Workspace.load(tmp_path / "session", Jobs(LocalRunner(warm=False)))
    with pytest.raises(MissingFile, match="has changed since it was opened"):
        again.items["greeting"].load()
    greeting.unlink()
    with pytest.raises(MissingFile, match="is not there any more"):
        again.items["greeting"].load()
    assert again.items["note"].load().text == "kept"
    again.close()


def test_the_script_does_the_same_again(workspace, greeting):
    workspace.open(greeting)
    workspace.add("other", Text("!"))
    inputs = {"text": "greeting", "others": ("other", "greeting")}
    finished(workspace, workspace.start("echo", {"times": 3}, inputs, seed=7))
    workspace.rename("greeting", "hi")
    workspace.rename("words", "said")
    script = workspace.script()
    scope: dict[str, object] = {}
    exec(script, scope)
    assert scope["said"].text == workspace.items["said"].load().text == "hello hello hello !hello "
    assert 'hi = ns.open(FOLDER / "' in script
    assert "times=3" in script
    assert "seed=7" in script


def test_a_step_that_nothing_needs_any_more_leaves_the_script(workspace, greeting):
    workspace.open(greeting)
    workspace.add("other", Text("!"))
    workspace.remove("other")
    assert "other" not in workspace.script()


def test_a_stopped_run_keeps_its_checkpoint_and_resumes(workspace, greeting):
    workspace.open(greeting)
    run = workspace.start("echo", {"times": 100_000}, {"text": "greeting"})
    while not run.events() or run.events()[-1]["kind"] != "metrics":
        assert run.state in {State.QUEUED, State.RUNNING}
    workspace.jobs.stop(run)
    assert workspace.jobs.wait(run) is State.STOPPED
    said = int((run.folder / "checkpoints" / "said.txt").read_text())
    assert 0 < said < 100_000
    (run.folder / "checkpoints" / "said.txt").write_text("99990")
    workspace.jobs.resume(run)
    assert workspace.jobs.wait(run) is State.DONE
    assert len(workspace.items["words"].load().text) == 600_000


def test_a_run_resumed_at_once_is_not_taken_for_cancelled(workspace, greeting):
    """The process that has just said that it stopped is still on its way out."""
    workspace.open(greeting)
    run = workspace.start("echo", {"times": 100_000}, {"text": "greeting"})
    while not run.events() or run.events()[-1]["kind"] != "metrics":
        assert run in workspace.jobs.active
    workspace.jobs.stop(run)
    while run.state is not State.STOPPED:
        assert run in workspace.jobs.active
    (run.folder / "checkpoints" / "said.txt").write_text("99990")
    workspace.jobs.resume(run)
    while run.state is not State.DONE:
        assert run.state in {State.QUEUED, State.RUNNING, State.DONE}
    assert workspace.jobs.wait(run) is State.DONE


def test_a_cancelled_run_leaves_no_process(workspace, greeting):
    workspace.open(greeting)
    run = workspace.start("echo", {"times": 1_000_000}, {"text": "greeting"})
    while run.state is State.QUEUED:
        assert run in workspace.jobs.active
    workspace.jobs.cancel(run)
    assert run.state is State.CANCELLED
    assert not run.process_lives()
    assert "words" not in workspace.items


def test_a_failed_run_says_why(workspace, greeting):
    workspace.open(greeting)
    run = workspace.start("echo", {"fail": True}, {"text": "greeting"})
    assert workspace.jobs.wait(run) is State.FAILED
    assert run.error().startswith("the voice broke. Drink something.")
    assert "Traceback" in run.error()


def test_a_killed_worker_is_a_failed_run(workspace, greeting):
    workspace.open(greeting)
    run = workspace.start("echo", {"times": 1_000_000}, {"text": "greeting"})
    while run.state is not State.RUNNING:
        assert run in workspace.jobs.active
    os.kill(run.process()["pid"], signal.SIGKILL)
    assert workspace.jobs.wait(run) is State.FAILED
    assert "ended without a word" in run.error()
    assert run.resumable


DESKTOP = """
import sys, os, signal
from pathlib import Path
from neurostudio.jobs import Jobs, LocalRunner
from neurostudio.workspace import Workspace
from neurostudio.runs import State
w = Workspace.new(Jobs(LocalRunner(warm=False)))
w.open(sys.argv[1])
run = w.start("echo", {"times": 20000}, {"text": "greeting"})
while run.state is not State.RUNNING:
    pass
print(w.folder, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_run_outlives_the_killed_desktop_and_is_found_again(greeting, echo_plugin, jobs):
    done = subprocess.run(
        [sys.executable, "-c", DESKTOP, str(greeting)], capture_output=True, text=True
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    again = Workspace.load(__import__("pathlib").Path(done.stdout.strip()), jobs)
    (run,) = again.runs
    assert jobs.wait(run) is State.DONE
    assert len(again.items["words"].load().text) == 120_000
    again.close()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"items": 3}', b"\x00\xff"])
def test_a_damaged_session_is_one_message(tmp_path, content):
    (tmp_path / "session.json").write_bytes(content)
    with pytest.raises(BrokenSession, match="cannot be read"):
        Workspace.load(tmp_path)


def test_a_folder_without_a_session_is_no_session(tmp_path):
    with pytest.raises(BrokenSession, match="is no session"):
        Workspace.load(tmp_path)


def test_a_run_is_removed_only_when_nothing_open_lies_in_it(workspace, greeting):
    workspace.open(greeting)
    run = finished(workspace, workspace.start("echo", {}, {"text": "greeting"}))
    with pytest.raises(BadInput, match="holds the open data words"):
        workspace.remove_run(run)
    workspace.remove("words")
    workspace.remove_run(run)
    assert workspace.runs == []
    assert not run.folder.exists()
    while workspace.can_undo:
        workspace.undo()
        assert all(item.folder.exists() for item in workspace.items.values())


def test_a_folder_that_cannot_be_written_is_said_before_the_run(workspace, greeting):
    workspace.open(greeting)
    (workspace.folder / "runs").write_text("a file in place of the folder")
    with pytest.raises(NotEnough, match="Nothing can be written to"):
        workspace.start("echo", {}, {"text": "greeting"})


def test_memory_that_cannot_suffice_is_refused_with_advice(workspace, greeting, monkeypatch):
    import psutil

    workspace.open(greeting)
    free = psutil.virtual_memory()._replace(available=3)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    with pytest.raises(NotEnough, match="Use fewer channels"):
        workspace.start("echo", {}, {"text": "greeting"})


def test_what_cannot_be_written_is_not_done(workspace, greeting):
    workspace.open(greeting)
    kept = (workspace.folder / "session.json").read_text()
    (workspace.folder / "session.json").unlink()
    (workspace.folder / "session.json").mkdir()
    with pytest.raises(NotEnough, match="cannot be written"):
        workspace.rename("greeting", "hi")
    with pytest.raises(NotEnough, match="cannot be written"):
        workspace.undo()
    assert list(workspace.items) == ["greeting"]
    (workspace.folder / "session.json").rmdir()
    workspace.rename("greeting", "hello")
    assert (workspace.folder / "session.json").read_text() != kept
    assert list(workspace.items) == ["hello"]


def test_undo_knows_its_place_after_a_run_was_removed(workspace, greeting):
    workspace.open(greeting)
    for new in ("hi", "greeting", "hi"):
        workspace.rename(next(iter(workspace.items)), new)
    run = finished(workspace, workspace.start("echo", {}, {"text": "hi"}))
    workspace.undo()
    workspace.remove_run(run)
    assert (workspace.can_undo, workspace.can_redo) == ("rename greeting to hi", "")
    workspace.undo()
    assert workspace.can_undo == "rename hi to greeting"


def test_the_number_of_runs_at_once_changes_while_runs_wait(workspace, greeting):
    workspace.jobs.allow(1)
    workspace.open(greeting)
    first, second = (
        workspace.start("echo", {"times": 1_000_000}, {"text": "greeting"}) for _ in range(2)
    )
    while first.state is State.QUEUED:
        assert first in workspace.jobs.active
    assert workspace.jobs.waiting == [second]
    workspace.jobs.allow(2)
    while second.state is State.QUEUED:
        assert second in workspace.jobs.active
    assert workspace.jobs.waiting == []
