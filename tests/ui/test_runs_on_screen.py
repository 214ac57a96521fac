"""From a method's form to its result, by clicks, with a real worker."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from neurostudio.data import Text
from neurostudio.runs import State

pytestmark = pytest.mark.usefixtures("echo_plugin")
PATIENCE = 45_000


@pytest.fixture
def ready(window, qtbot, settle):
    """The window with a text open and the method echo chosen."""
    window.studio.act(window.studio.workspace.add, "hello", Text("hello "))
    settle(window.studio)
    window.studio.method_chosen.emit("echo")
    settle(window.studio)
    return window


def finished(window, qtbot):
    workspace = window.studio.workspace
    qtbot.waitUntil(lambda: len(workspace.runs) > 0, timeout=PATIENCE)
    run = workspace.runs[-1]
    qtbot.waitUntil(
        lambda: run.state not in {State.QUEUED, State.RUNNING} and run not in workspace.jobs.active,
        timeout=PATIENCE,
    )
    return run


def row_of(window, name):
    return next(item for item, method in window.methods._rows() if method.name == name)


def test_a_method_that_nothing_fits_is_grey_and_says_what_it_needs(window, settle):
    from neurostudio.ui.rows import DETAIL, GREY

    row = row_of(window, "echo")
    assert row.data(0, GREY)
    assert row.data(0, DETAIL) == "needs Text"
    assert "nothing open is of that kind" in row.toolTip(0)
    window.studio.act(window.studio.workspace.add, "hello", Text("hello"))
    settle(window.studio)
    assert not row_of(window, "echo").data(0, GREY)


def test_methods_are_found_by_words_of_title_and_description(window, qtbot):
    qtbot.keyClicks(window.methods.search, "say text")
    shown = [method.name for item, method in window.methods._rows() if not item.isHidden()]
    assert "echo" in shown
    window.methods.search.clear()
    qtbot.keyClicks(window.methods.search, "no such thing at all")
    assert all(item.isHidden() for item, _ in window.methods._rows())


def test_a_click_on_a_method_opens_its_form(window, qtbot):
    tree = window.methods.tree
    row = row_of(window, "echo")
    tree.scrollToItem(row)
    qtbot.mouseClick(
        tree.viewport(), Qt.MouseButton.LeftButton, pos=tree.visualItemRect(row).center()
    )
    assert window.form.title.text() == "Echo"
    assert window.form.page.form.values() == {"times": 2, "fail": False}


def test_the_form_forecasts_the_memory(ready, qtbot):
    qtbot.waitUntil(lambda: "of memory" in ready.form.cost.text(), timeout=PATIENCE)
    assert "are free" in ready.form.cost.text()


def test_a_run_goes_from_the_button_to_the_result(ready, qtbot, settle):
    qtbot.mouseClick(ready.form.run_button, Qt.MouseButton.LeftButton)
    run = finished(ready, qtbot)
    assert run.state is State.DONE
    qtbot.waitUntil(lambda: ready.results.page is not None, timeout=PATIENCE)
    page = ready.results.page
    assert page.content.warnings == ("It is loud.",)
    assert [page.tabs.tabText(k) for k in range(page.tabs.count())] == ["Words", "Numbers"]
    assert page.numbers.item(0, 1).text() == "12"
    qtbot.waitUntil(lambda: "words" in ready.studio.workspace.items, timeout=PATIENCE)
    assert ready.runs.selected() == [run]
    qtbot.waitUntil(lambda: ready.runs.model.index(0, 1).data() == "done", timeout=PATIENCE)
    settle(ready.studio)


def test_a_result_stays_in_view_when_its_data_join_the_list(ready, qtbot, settle):
    ready.data.choose("hello")
    settle(ready.studio)
    assert ready.form.page.names() == {"text": ("hello",)}
    qtbot.mouseClick(ready.form.run_button, Qt.MouseButton.LeftButton)
    run = finished(ready, qtbot)
    qtbot.waitUntil(lambda: "words" in ready.studio.workspace.items, timeout=PATIENCE)
    settle(ready.studio)
    qtbot.waitUntil(lambda: ready.results.page is not None, timeout=PATIENCE)
    assert ready.results.run == run
    assert ready.results.page.content.title == run.name
    assert ready.data.current() == "hello"


def test_ctrl_return_runs(ready, qtbot, settle):
    with qtbot.waitActive(ready):
        ready.activateWindow()
    qtbot.keyClick(ready, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert finished(ready, qtbot).state is State.DONE
    settle(ready.studio)


def test_without_data_the_refusal_is_a_sentence_in_the_form(window, qtbot, settle):
    window.studio.method_chosen.emit("echo")
    qtbot.mouseClick(window.form.run_button, Qt.MouseButton.LeftButton)
    settle(window.studio)
    assert window.form.refusal.text() == "Echo needs Text as 'text'."
    assert not window.studio.workspace.runs


def test_a_failed_run_shows_its_message_and_can_be_resumed(ready, qtbot, settle):
    ready.form.page.form.set_values({"fail": True})
    ready.actions_table["run.start"].trigger()
    run = finished(ready, qtbot)
    assert run.state is State.FAILED
    qtbot.waitUntil(lambda: "failed" in ready.results.waiting.label.text(), timeout=PATIENCE)
    assert "the voice broke" in ready.results.waiting.label.text()
    qtbot.waitUntil(ready.actions_table["run.resume"].isEnabled, timeout=PATIENCE)
    ready.runs.details.setCurrentWidget(ready.runs.details.log)
    qtbot.waitUntil(
        lambda: "the voice broke" in ready.runs.details.log.toPlainText(), timeout=PATIENCE
    )
    ready.actions_table["run.resume"].trigger()
    settle(ready.studio)
    qtbot.waitUntil(lambda: run not in ready.studio.workspace.jobs.active, timeout=PATIENCE)
    settle(ready.studio)


def test_a_long_run_draws_its_curve_and_is_stopped_early(ready, qtbot, settle):
    ready.form.page.form.set_values({"times": 1_000_000})
    ready.actions_table["run.start"].trigger()
    qtbot.waitUntil(lambda: len(ready.runs.selected()) == 1, timeout=PATIENCE)
    details = ready.runs.details
    qtbot.waitUntil(lambda: "loudness" in details.plots._plots, timeout=PATIENCE)
    ready.actions_table["run.stop"].trigger()
    run = finished(ready, qtbot)
    assert run.state is State.STOPPED
    qtbot.waitUntil(
        lambda: ready.runs.model.index(0, 1).data() == "stopped early", timeout=PATIENCE
    )
    settle(ready.studio)


def test_closing_while_a_run_works_asks_and_may_stay(ready, qtbot, settle):
    from PySide6.QtCore import QTimer

    ready.form.page.form.set_values({"times": 1_000_000})
    ready.actions_table["run.start"].trigger()
    qtbot.waitUntil(lambda: len(ready.studio.workspace.jobs.active) == 1, timeout=PATIENCE)

    def stay():
        box = ready.dialogs.question
        (button,) = [each for each in box.buttons() if "tay" in each.text()]
        button.click()

    QTimer.singleShot(100, stay)
    ready.close()
    assert ready.isVisible()
    for run in ready.studio.workspace.jobs.active:
        ready.studio.workspace.jobs.cancel(run)
    settle(ready.studio)


def test_two_runs_are_compared_side_by_side(ready, qtbot, settle):
    for times in (2, 3):
        ready.form.page.form.set_values({"times": times})
        ready.actions_table["run.start"].trigger()
        settle(ready.studio)
        finished(ready, qtbot)
    settle(ready.studio)
    ready.actions_table["run.compare"].trigger()
    numbers = ready.runs.details.numbers
    qtbot.waitUntil(
        lambda: numbers.columnCount() == 3 and numbers.rowCount() == 1, timeout=PATIENCE
    )
    assert [numbers.item(0, k).text() for k in range(3)] == ["length", "18", "12"]
    settle(ready.studio)


def test_the_result_leaves_as_figure_and_table(ready, qtbot, settle, tmp_path):
    ready.actions_table["run.start"].trigger()
    finished(ready, qtbot)
    qtbot.waitUntil(lambda: ready.results.page is not None, timeout=PATIENCE)
    for name, head in (("figure.png", b"\x89PNG"), ("figure.svg", b"<?xml")):
        ready.results.write_figure(tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(head)
    ready.actions_table["view.next_tab"].trigger()
    ready.actions_table["result.copy_table"].trigger()
    table = QGuiApplication.clipboard().text()
    assert table.splitlines()[0] == "Number,Value,Unit,95 % interval,Chance,Baseline,Note"
    assert table.splitlines()[1].startswith("length,12,")
    settle(ready.studio)


def test_a_run_is_drawn_without_a_window(ready, qtbot, settle, tmp_path):
    from neurostudio.ui.render import render

    ready.actions_table["run.start"].trigger()
    run = finished(ready, qtbot)
    files = render(run.folder, tmp_path / "figures")
    assert [file.name for file in files] == ["00-words.png", "00-words.svg"]
    assert all(file.stat().st_size > 500 for file in files)
    settle(ready.studio)


def test_the_example_fills_data_and_form(window, qtbot, settle):
    window.studio.method_chosen.emit("power_spectrum")
    qtbot.mouseClick(window.form.example_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(window.studio.workspace.items), timeout=PATIENCE)
    settle(window.studio)
    name = next(iter(window.studio.workspace.items))
    assert window.form.page.names() == {"signals": (name,)}
    qtbot.waitUntil(lambda: window.data.current() == name, timeout=PATIENCE)


def test_a_run_whose_data_are_open_is_not_removed(ready, qtbot, settle, monkeypatch):
    from PySide6.QtWidgets import QMessageBox

    ready.actions_table["run.start"].trigger()
    run = finished(ready, qtbot)
    qtbot.waitUntil(lambda: "words" in ready.studio.workspace.items, timeout=PATIENCE)
    settle(ready.studio)
    monkeypatch.setattr(QMessageBox, "question", yes)
    ready.runs.remove_chosen()
    settle(ready.studio)
    assert ready.problems.label.text().startswith(f"{run.name} holds the open data words")
    ready.data.choose("words")
    ready.actions_table["data.remove"].trigger()
    settle(ready.studio)
    ready.runs.choose(run)
    ready.runs.remove_chosen()
    settle(ready.studio)
    assert ready.studio.workspace.runs == []


def yes(*arguments):
    from PySide6.QtWidgets import QMessageBox

    return QMessageBox.StandardButton.Yes


def test_losses_and_scores_are_drawn_on_axes_of_their_own():
    from neurostudio.ui.curves import curves

    metrics = [
        {"epoch": 1.0, "train_loss": 0.9, "balanced_accuracy": 0.5, "fold": "1"},
        {"epoch": 2.0, "train_loss": 0.7, "balanced_accuracy": 0.6, "fold": "1"},
        {"epoch": 1.0, "train_loss": 0.8, "balanced_accuracy": 0.4, "fold": "2"},
    ]
    groups = curves(metrics)
    assert list(groups) == ["loss", "score"]
    first, second = groups["loss"]
    assert (first.name, first.x, first.y) == ("train loss, fold 1", [1.0, 2.0], [0.9, 0.7])
    assert (second.name, second.x, second.y) == ("train loss, fold 2", [1.0], [0.8])


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(4.2, "4.2 s"), (59.7, "1 min 0 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")],
)
def test_times_are_told_in_words(seconds, words):
    from neurostudio.ui.panels.runs_table import write_time

    assert write_time(seconds) == words


def test_a_number_shows_interval_chance_and_baseline():
    from neurostudio.ui.panels.result_page import number_row

    from neurostudio.scores import Number

    number = Number(0.71, "1", low=0.64, high=0.78, chance=0.5, baseline=0.6, note="over subjects")
    assert number_row("balanced_accuracy", number) == (
        "balanced accuracy", "0.71", "", "0.64 … 0.78", "0.5", "0.6", "over subjects",
    )  # fmt: skip


def test_every_view_type_can_be_shown_in_a_result(qtbot):
    from neurostudio.ui.panels.result_page import Content, ResultPage

    from neurostudio.views import Heatmap, Lines, Report

    views = (
        Lines(title="a", x=np.arange(3.0), y=np.ones((1, 3))),
        Heatmap(title="b", values=np.eye(2)),
        Report(title="c", text="words"),
    )
    page = ResultPage(Content("0001-x", views=views))
    qtbot.addWidget(page)
    page.show()
    for k in range(3):
        page.tabs.setCurrentIndex(k)
    assert page.tabs.count() == 3
    assert all(page.tabs.widget(k).drawn is not None for k in range(3))


def test_one_click_on_a_run_shows_its_result(ready, qtbot, settle):
    ready.actions_table["run.start"].trigger()
    run = finished(ready, qtbot)
    settle(ready.studio)
    ready.data.list.setCurrentRow(-1)
    ready.data.choose("hello")
    settle(ready.studio)
    table = ready.runs.table
    place = table.visualRect(ready.runs.model.index(0, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(
        lambda: ready.results.page is not None and ready.results.page.content.title == run.name,
        timeout=PATIENCE,
    )
    settle(ready.studio)


def test_a_session_opened_again_shows_its_newest_result_beside_its_first_data(ready, qtbot, settle):
    from neurostudio.jobs import Jobs, LocalRunner
    from neurostudio.workspace import Workspace

    ready.actions_table["run.start"].trigger()
    run = finished(ready, qtbot)
    settle(ready.studio)
    ready.studio.use(Workspace.load(run.folder.parent.parent, Jobs(LocalRunner(warm=False))))
    qtbot.waitUntil(lambda: ready.results.page is not None, timeout=PATIENCE)
    settle(ready.studio)
    assert ready.results.page.content.title == run.name
    assert ready.data.current() == "hello"
    assert ready.runs.selected() == [run]


def test_closing_with_stop_waits_until_the_checkpoint_is_kept(ready, qtbot, settle):
    from PySide6.QtCore import QTimer

    ready.form.page.form.set_values({"times": 1_000_000})
    ready.actions_table["run.start"].trigger()
    settle(ready.studio)
    (run,) = ready.studio.workspace.runs
    qtbot.waitUntil(lambda: len(run.events()) > 3, timeout=PATIENCE)

    def stop():
        box = ready.dialogs.question
        (button,) = [each for each in box.buttons() if "top" in each.text()]
        button.click()

    QTimer.singleShot(100, stop)
    ready.close()
    assert not ready.isVisible()
    assert run.state is State.STOPPED
    assert int((run.folder / "checkpoints" / "said.txt").read_text()) > 0


def test_a_picture_on_the_way_brings_the_signals_it_refers_to(tmp_path):
    from neurostudio.ui.panels.result_page import read_picture

    from neurostudio import items
    from neurostudio.runs import Given, Request, Run
    from neurostudio.views import Signals, save_view

    items.keep(Text("hello"), tmp_path / "items" / "hello")
    request = Request("echo", {}, {"text": (Given("hello", "../../items/hello"),)})
    run = Run.create(tmp_path / "runs" / "0001-echo", request)
    save_view(Signals(source="text"), tmp_path / "picture.npz")
    again, content = read_picture(run, tmp_path / "picture.npz")
    assert again == run
    assert content.resolve("text").text == "hello"
