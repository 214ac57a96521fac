"""A batch by hand: chain, folder, start, table, resume."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from neurostudio.runs import State


@pytest.fixture
def poems(tmp_path):
    """Three texts, the second of them empty."""
    folder = tmp_path / "poems"
    folder.mkdir()
    for name, words in (("a", "ab"), ("b", ""), ("c", "cd")):
        (folder / f"{name}.txt").write_text(words)
    return folder


@pytest.fixture
def dialog(echo_plugin, window, poems, tmp_path, qtbot, settle):
    """The dialog on a session in which one of the texts was said three times."""
    workspace = window.studio.workspace
    item = workspace.open(poems / "a.txt")
    workspace.start("echo", {"times": 3}, {"text": item.name}, device="cpu")
    qtbot.waitUntil(lambda: "words" in workspace.items, timeout=45_000)
    settle(window.studio)
    window.data.choose("words")
    window.actions_table["run.batch"].trigger()
    made = window.dialogs.batches.dialog
    made.form.folder.line.setText(str(poems))
    made.form.out.line.setText(str(tmp_path / "out"))
    yield made
    made.hide()
    batch = window.dialogs.batches.batch
    window.dialogs.batches.let_go()  # a failed test must not ask whether to close
    for run in batch.jobs.active if batch else ():
        batch.jobs.cancel(run)


def ended(dialog):
    states = {State.DONE, State.FAILED, State.STOPPED, State.CANCELLED}
    rows = dialog.model.rows
    return bool(rows) and dialog.model.count(*states) == len(rows) and dialog._batches.batch is None


def run(dialog, qtbot):
    with qtbot.waitSignal(dialog._batches.begun, timeout=45_000):
        qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ended(dialog), timeout=30_000)


def test_the_chain_of_the_chosen_data_is_done_on_every_file(dialog, window, qtbot, settle, poems):
    assert dialog.form.steps.text() == "echo"
    run(dialog, qtbot)
    assert [row.state for row in dialog.model.rows] == [State.DONE, State.FAILED, State.DONE]
    assert dialog.summary.text() == "3 files, 2 done, 1 failed"
    assert "it is empty" in dialog.model.index(1, 4).data()
    assert dialog.start.text() == "&Resume"
    (poems / "b.txt").write_text("ef")
    run(dialog, qtbot)
    assert dialog.summary.text() == "3 files, 3 done"
    dialog.table.selectRow(2)
    qtbot.mouseClick(dialog.look, Qt.MouseButton.LeftButton)
    settle(window.studio)
    qtbot.waitUntil(lambda: window.results.page is not None, timeout=45_000)
    assert window.results.page.content.title == "sub-c"


def test_what_is_missing_is_said_and_start_waits_for_it(dialog):
    dialog.form.folder.line.clear()
    assert not dialog.start.isEnabled()
    assert dialog.summary.text() == "Choose the folder of the files."
    dialog.form.folder.line.setText("/somewhere")
    assert dialog.start.isEnabled()


def test_a_refusal_stands_above_the_table(dialog, qtbot, settle, window):
    dialog.form.pattern.setText("*.edf")
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    settle(window.studio)
    assert dialog.problem.isVisible()
    assert "no files that match '*.edf'" in dialog.problem.text()
    assert dialog.start.isEnabled()


def test_data_that_nothing_was_done_with_say_so_in_place_of_the_chain(
    echo_plugin, window, poems, settle
):
    item = window.studio.workspace.open(poems / "a.txt")
    settle(window.studio)
    window.data.choose(item.name)
    window.actions_table["run.batch"].trigger()
    dialog = window.dialogs.batches.dialog
    assert "Run a method on an opened file first" in dialog.form.steps.text()
    assert not dialog.start.isEnabled()
    dialog.hide()


def test_cancelled_files_are_told_and_begun_again(dialog, qtbot, window, poems):
    for k in range(6):
        (poems / f"more{k}.txt").write_text("x" * k + "y")
    (poems / "b.txt").write_text("ef")
    dialog.form.workers.setValue(1)
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.cancel.isEnabled, timeout=45_000)
    qtbot.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ended(dialog), timeout=30_000)
    assert dialog.model.count(State.CANCELLED) >= 1
    run(dialog, qtbot)
    assert dialog.summary.text() == "9 files, 9 done"


def test_table_and_chain_leave_the_program(dialog, qtbot, settle, window, tmp_path, monkeypatch):
    from neurostudio.chains import read_chain

    run(dialog, qtbot)
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    lines = QApplication.clipboard().text().splitlines()
    assert lines[0] == "File,State,Progress,Took,Reason"
    assert lines[1].startswith("a.txt,done")
    for button, name in ((dialog.save, "table"), (dialog.keep, "chain")):
        answer = (str(tmp_path / name), "")
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, answer=answer, **k: answer)
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    settle(window.studio)
    assert (tmp_path / "table.csv").read_text().splitlines() == lines
    assert read_chain(tmp_path / "chain.json") == dialog.form.chain


def test_a_closed_dialog_comes_back_with_the_same_batch(dialog, qtbot, window):
    run(dialog, qtbot)
    dialog.hide()
    window.actions_table["run.batch"].trigger()
    assert window.dialogs.batches.dialog is dialog
    assert dialog.isVisible()
    assert len(dialog.model.rows) == 3
