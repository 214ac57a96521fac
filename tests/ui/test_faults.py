"""What goes wrong, as the person at the window sees it."""

from __future__ import annotations

import os
import signal
import sys

import pytest
from PySide6.QtCore import Qt

from neurostudio.data import Text
from neurostudio.runs import State

PATIENCE = 45_000


@pytest.fixture
def broken_plugin(tmp_path_factory, monkeypatch, echo_plugin):
    """A second package, which fails when it is imported."""
    folder = tmp_path_factory.mktemp("broken")
    (folder / "holiday.py").write_text("raise RuntimeError('the licence server is on holiday')\n")
    about = folder / "holiday-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: holiday\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[neurostudio.plugins]\nholiday = holiday\n")
    monkeypatch.syspath_prepend(str(folder))
    yield
    sys.modules.pop("holiday", None)


def test_a_plugin_that_fails_on_import_is_listed_with_its_reason(broken_plugin, window):
    assert window.methods.broken.isVisibleTo(window)
    assert "the licence server is on holiday" in window.methods.broken.text()
    assert "echo" in window.studio.methods


@pytest.fixture
def running(echo_plugin, window, qtbot, settle):
    """A long run under way."""
    workspace = window.studio.workspace
    window.studio.act(workspace.add, "hello", Text("hello "))
    settle(window.studio)
    run = workspace.start("echo", {"times": 1_000_000}, {"text": "hello"})
    qtbot.waitUntil(lambda: len(run.events()) > 3, timeout=PATIENCE)
    yield run
    jobs = window.studio.workspace.jobs  # the window asks before it closes beside a run
    for each in jobs.active:
        jobs.cancel(each)
    qtbot.waitUntil(lambda: not jobs.active, timeout=PATIENCE)


def test_a_killed_worker_is_a_failed_run_that_can_be_resumed(running, window, qtbot, settle):
    workspace = window.studio.workspace
    os.kill(running.process()["pid"], signal.SIGKILL)
    qtbot.waitUntil(lambda: running not in workspace.jobs.active, timeout=PATIENCE)
    settle(window.studio)
    assert running.state is State.FAILED
    window.runs.choose(running)
    qtbot.waitUntil(
        lambda: "ended without a word" in window.runs.details.log.toPlainText(), timeout=PATIENCE
    )
    (running.folder / "checkpoints" / "said.txt").write_text("999990")
    qtbot.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: running.state is State.DONE, timeout=PATIENCE)


def test_a_folder_that_cannot_be_written_is_said_before_work_is_lost(
    running, window, qtbot, settle
):
    workspace = window.studio.workspace
    workspace.jobs.cancel(running)
    blocked = workspace.folder.parent / "a-file"
    blocked.write_text("no folder")
    window.studio.act(workspace.save_as, blocked / "session")
    settle(window.studio)
    assert "Nothing can be written to" in window.problems.label.text()
    assert "hello" in workspace.items
    assert workspace.items["hello"].load().text == "hello "


def test_reopening_finds_the_run_of_a_desktop_that_is_gone(running, window, qtbot, settle):
    """The first window is left without a word; a second one opens its session folder."""
    from neurostudio.jobs import Jobs, LocalRunner
    from neurostudio.workspace import Workspace

    folder = window.studio.workspace.folder
    (running.folder / "checkpoints" / "said.txt").write_text("0")
    second = Workspace.load(folder, Jobs(LocalRunner(warm=False)))
    window.studio.use(second)
    settle(window.studio)
    (again,) = window.runs.model.runs
    assert window.runs.model.state(again) is State.RUNNING
    assert again in second.jobs.active
    window.runs.choose(again)
    qtbot.keyClick(window, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: again.state is State.STOPPED, timeout=PATIENCE)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.edf", b"0       " + b"X" * 100),
        ("empty.edf", b""),
        ("garbage.nii", bytes(range(256)) * 3),
        ("empty.csv", b""),
        ("garbage.nwb", b"\x00\xff" * 300),
    ],
)
def test_a_damaged_file_is_one_message_with_details_and_other_data_stay(
    window, qtbot, settle, tmp_path, name, content
):
    told = []
    window.studio.failed.connect(told.append)
    window.studio.act(window.studio.workspace.add, "hello", Text("hello "))
    settle(window.studio)
    (tmp_path / name).write_bytes(content)
    window.opener.open([tmp_path / name])
    qtbot.waitUntil(window.problems.isVisible, timeout=PATIENCE)
    settle(window.studio)
    assert len(told) == 1
    assert name in window.problems.label.text()
    qtbot.mouseClick(window.problems.more, Qt.MouseButton.LeftButton)
    assert "Traceback" in window.problems.dialog.detailedText()
    window.problems.dialog.close()
    assert list(window.studio.workspace.items) == ["hello"]
    window.data.choose("hello")
    qtbot.waitUntil(lambda: window.results.page is not None, timeout=PATIENCE)
    settle(window.studio)


def test_a_run_that_could_not_be_kept_is_refused_in_the_form(echo_plugin, window, qtbot, settle):
    workspace = window.studio.workspace
    window.studio.act(workspace.add, "hello", Text("hello "))
    settle(window.studio)
    (workspace.folder / "runs").write_text("a file in place of the folder")
    window.studio.method_chosen.emit("echo")
    window.form._forecast()  # its answer, that nothing speaks against it, must not wipe the refusal
    qtbot.mouseClick(window.form.run_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(window.form.refusal.text()), timeout=PATIENCE)
    settle(window.studio)
    assert window.form.refusal.text().startswith("Nothing can be written to")
    assert window.form.run_button.isEnabled()


def test_the_program_starts_although_its_sessions_folder_cannot_be_written(tmp_path, monkeypatch):
    from neurostudio.ui.app import _begin

    from neurostudio.settings import load_settings, save_settings

    (tmp_path / "blocked").write_text("no folder")
    settings = load_settings()
    settings.sessions_folder = str(tmp_path / "blocked")
    save_settings(settings)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    workspace, problem = _begin(None)
    workspace.add("hello", Text("hello"))
    workspace.close()
    assert str(problem).startswith("Nothing can be written to")
    assert str(workspace.folder.parent) in str(problem)
    assert (workspace.folder / "session.json").exists()


def test_a_run_found_again_after_reopening_ends_as_done(running, window, qtbot, settle):
    from neurostudio.jobs import Jobs, LocalRunner
    from neurostudio.workspace import Workspace

    old = window.studio.workspace
    old.jobs.stop(running)
    qtbot.waitUntil(lambda: not old.jobs.active, timeout=PATIENCE)
    (running.folder / "checkpoints" / "said.txt").write_text("994000")
    old.jobs.resume(running)
    qtbot.waitUntil(lambda: running.state is State.RUNNING, timeout=PATIENCE)
    window.studio.use(Workspace.load(old.folder, Jobs(LocalRunner(warm=False))))
    (again,) = window.runs.model.runs
    qtbot.waitUntil(lambda: window.runs.model.state(again) is State.DONE, timeout=PATIENCE)
    qtbot.waitUntil(lambda: "words" in window.studio.workspace.items, timeout=PATIENCE)
    assert again == running
    settle(window.studio)


def test_a_run_that_fails_while_it_is_looked_at_turns_to_its_log(running, window, qtbot, settle):
    window.runs.choose(running)
    assert window.runs.details.currentWidget() is window.runs.details.plots
    os.kill(running.process()["pid"], signal.SIGKILL)
    qtbot.waitUntil(
        lambda: window.runs.details.currentWidget() is window.runs.details.log, timeout=PATIENCE
    )
    qtbot.waitUntil(
        lambda: "ended without a word" in window.runs.details.log.toPlainText(), timeout=PATIENCE
    )
    settle(window.studio)
