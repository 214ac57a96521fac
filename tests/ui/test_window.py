"""The window around it all: first screen, opening, data list, errors, layout, closing."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLineEdit

from neurostudio.data import Text
from neurostudio.errors import BadInput

START = """
import sys, time
from neurostudio.ui.app import application
from neurostudio.ui.main_window import MainWindow
from neurostudio.ui.studio import Studio
from neurostudio.workspace import Workspace
running = application()
window = MainWindow(Studio(Workspace.new()))
window.show()
running.processEvents()
assert window.isVisible()
heavy = {"torch", "mne", "scipy", "napari", "vispy", "pandas", "pyqtgraph", "sklearn", "xarray", "nibabel"}
print("loaded:", *sorted(heavy & set(sys.modules)))
window.close()
"""


def test_the_first_paint_needs_no_heavy_library():
    done = subprocess.run(
        [sys.executable, "-c", START], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "loaded:"


def test_the_program_starts_takes_a_picture_and_leaves(tmp_path):
    picture = tmp_path / "window.png"
    code = (
        "import sys; from pathlib import Path; from neurostudio.ui.app import main; "
        "sys.exit(main(quit_after=0.5, screenshot=Path(sys.argv[1])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(picture)], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert picture.read_bytes()[:4] == b"\x89PNG"


@pytest.fixture
def poem(tmp_path):
    """A file of one line."""
    path = tmp_path / "poem.txt"
    path.write_text("Rosen auf den Weg gestreut\n")
    return path


def names(window):
    rows = window.data.list
    return [rows.item(k).text() for k in range(rows.count())]


def opened(window, qtbot, settle, *texts):
    for text in texts:
        window.studio.act(window.studio.workspace.add, text, Text(text))
    settle(window.studio)


def test_nothing_open_shows_the_first_steps_and_something_open_shows_it(
    window, qtbot, settle, poem
):
    assert window.middle.currentWidget() is window.start_page
    assert window.data.empty.isVisible()
    window.opener.open([poem])
    qtbot.waitUntil(lambda: names(window) == ["poem"], timeout=45_000)
    qtbot.waitUntil(lambda: window.results.page is not None, timeout=45_000)
    assert window.middle.currentWidget() is window.results
    assert window.data.current() == "poem"


def test_a_dropped_file_is_opened_and_remembered(window, qtbot, settle, poem):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(poem))])
    event = QDropEvent(
        QPointF(10, 10),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)
    qtbot.waitUntil(lambda: names(window) == ["poem"], timeout=45_000)
    window.recent_menu.fill()
    assert [action.text() for action in window.recent_menu.actions()] == ["poem.txt"]
    settle(window.studio)


def test_a_file_that_cannot_be_opened_says_why_and_keeps_the_details(
    window, qtbot, settle, tmp_path
):
    path = tmp_path / "broken.edf"
    path.write_bytes(b"no such thing")
    window.opener.open([path])
    qtbot.waitUntil(window.problems.isVisible, timeout=45_000)
    assert str(path) in window.problems.label.text()
    qtbot.mouseClick(window.problems.more, Qt.MouseButton.LeftButton)
    assert "UnreadableFile" in window.problems.dialog.detailedText()
    window.problems.dialog.close()
    qtbot.mouseClick(window.problems.away, Qt.MouseButton.LeftButton)
    assert not window.problems.isVisible()
    assert "cannot be opened" in window.log.text.toPlainText()


def test_a_fault_of_ours_is_told_without_its_class_name(window):
    window.studio.failed.emit(KeyError("x"))
    assert "KeyError" not in window.problems.label.text()
    window.studio.failed.emit(BadInput("The recording has 3 channels. Pick more."))
    assert window.problems.label.text() == "The recording has 3 channels. Pick more."


def test_a_file_with_parts_asks_which(window, qtbot, settle, tmp_path):
    import numpy as np

    path = tmp_path / "two.npz"
    np.savez(path, left=np.eye(3), right=np.ones((3, 3)))
    window.opener.open([path])
    qtbot.waitUntil(lambda: window.opener.dialog is not None, timeout=45_000)
    dialog = window.opener.dialog
    dialog._check_none()
    dialog.list.item(0).setCheckState(Qt.CheckState.Checked)
    dialog._accept()
    qtbot.waitUntil(lambda: len(names(window)) == 1, timeout=45_000)
    settle(window.studio)


def test_renaming_in_place_with_f2(window, qtbot, settle):
    opened(window, qtbot, settle, "first")
    window.data.choose("first")
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_F2)
    editor = window.data.list.findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, "better")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: names(window) == ["better"], timeout=45_000)
    settle(window.studio)
    assert window.data.current() == "better"


def test_a_name_that_python_does_not_take_is_refused(window, qtbot, settle):
    opened(window, qtbot, settle, "first")
    window.data.list.item(0).setText("2 words")
    settle(window.studio)
    assert names(window) == ["first"]
    assert window.problems.label.text().startswith("'2 words' cannot be a name")


def test_duplicate_remove_undo_and_redo(window, qtbot, settle):
    opened(window, qtbot, settle, "one")
    window.data.choose("one")
    table = window.actions_table
    table["data.duplicate"].trigger()
    settle(window.studio)
    assert names(window) == ["one", "one_copy"]
    table["data.remove"].trigger()
    settle(window.studio)
    assert names(window) == ["one_copy"]
    assert table["edit.undo"].text() == "&Undo remove one"
    table["edit.undo"].trigger()
    settle(window.studio)
    assert names(window) == ["one", "one_copy"]
    table["edit.redo"].trigger()
    settle(window.studio)
    assert names(window) == ["one_copy"]
    assert not table["edit.redo"].isEnabled()


def test_the_properties_of_the_chosen_data_stand_below_the_list(window, qtbot, settle):
    opened(window, qtbot, settle, "one")
    window.data.choose("one")
    settle(window.studio)
    facts = window.data.facts
    rows = {facts.item(k, 0).text(): facts.item(k, 1).text() for k in range(facts.rowCount())}
    assert rows["Kind"] == "Text"
    assert rows["From"] == "added"


def test_the_history_writes_a_script_that_can_be_saved(window, qtbot, settle, poem, tmp_path):
    window.opener.open([poem])
    qtbot.waitUntil(lambda: names(window) == ["poem"], timeout=45_000)
    window.actions_table["view.history"].trigger()
    qtbot.waitUntil(lambda: "ns.open" in window.history.script.toPlainText(), timeout=45_000)
    assert "Open poem.txt as poem" in window.history.steps.item(0).text()
    window.history.write_script(tmp_path / "session.py")
    settle(window.studio)
    compile((tmp_path / "session.py").read_text(), "session.py", "exec")


def test_a_session_is_saved_named_and_opened_again(window, qtbot, settle, tmp_path):
    opened(window, qtbot, settle, "one")
    window.studio.act(window.studio.workspace.save_as, tmp_path / "sleep_study")
    settle(window.studio)
    assert window.windowTitle() == "neurostudio – sleep_study"
    window.sessions.new()
    qtbot.waitUntil(lambda: window.windowTitle() == "neurostudio – Untitled")
    assert names(window) == []
    assert window.middle.currentWidget() is window.start_page
    window.opener.open([tmp_path / "sleep_study"])
    qtbot.waitUntil(lambda: names(window) == ["one"])


def test_a_folder_that_is_no_session_is_refused_in_words(window, qtbot, settle, tmp_path):
    window.sessions.load(tmp_path)
    settle(window.studio)
    assert window.problems.label.text() == f"{tmp_path} is no session: it has no session.json."


def test_a_session_that_is_opened_shows_its_data_at_once(window, qtbot, settle, tmp_path):
    opened(window, qtbot, settle, "one")
    window.studio.act(window.studio.workspace.save_as, tmp_path / "study")
    settle(window.studio)
    window.sessions.new()
    settle(window.studio)
    window.sessions.load(tmp_path / "study")
    qtbot.waitUntil(lambda: window.results.page is not None, timeout=45_000)
    assert window.results.page.content.title == "one"


def test_an_empty_session_leaves_no_folder_behind(workspace, qtbot):
    from neurostudio.ui.studio import Studio

    studio = Studio(workspace)
    assert workspace.folder.exists()
    studio.close()
    assert not workspace.folder.exists()


def test_the_layout_is_kept_from_one_start_to_the_next(window, qtbot, workspace):
    from neurostudio.ui import layout
    from neurostudio.ui.main_window import MainWindow
    from neurostudio.ui.studio import Studio

    window.docks["methods"].close()
    layout.keep(window)
    again = MainWindow(Studio(workspace))
    again.studio.setParent(again)
    again.show()
    qtbot.waitUntil(lambda: not again.docks["methods"].isVisible())
    again.actions_table["view.reset"].trigger()
    assert again.docks["methods"].isVisible()
    again.close()
    again.deleteLater()


def test_a_layout_of_another_version_is_not_used(window):
    from neurostudio.ui import layout

    layout.keep(window)
    assert layout.restore(window)
    layout._store().setValue("layout/version", layout.VERSION + 1)
    assert not layout.restore(window)


def test_a_layout_for_a_screen_that_is_gone_is_not_used(window):
    from neurostudio.ui import layout

    window.move(QPoint(90_000, 90_000))
    assert not layout._is_on_a_screen(window)


def test_docks_and_tool_bars_have_the_names_by_which_the_layout_finds_them(window):
    from PySide6.QtWidgets import QDockWidget, QToolBar

    found = window.findChildren(QDockWidget) + window.findChildren(QToolBar)
    assert len({each.objectName() for each in found}) == len(found)
    assert all(each.objectName() for each in found)


def test_settings_are_asked_for_used_and_kept(window, settle):
    from neurostudio.ui.theme import theme

    from neurostudio.settings import load_settings

    window.actions_table["edit.settings"].trigger()
    dialog = window.dialogs.settings_dialog
    dialog.theme.setCurrentIndex(2)
    dialog.runs.setValue(3)
    dialog.models.line.setText("/models")
    dialog._accept()
    settle(window.studio)
    kept = load_settings()
    assert (kept.theme, kept.cpu_runs, kept.model_folder) == ("dark", 3, "/models")
    assert theme().colours.dark


def test_the_cards_of_the_first_screen_do_what_they_say(window, qtbot, monkeypatch):
    with qtbot.waitSignal(window.actions_table.triggered) as told:
        monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getOpenFileNames", nothing_chosen)
        qtbot.mouseClick(window.start_page.cards["file.open"], Qt.MouseButton.LeftButton)
    assert told.args == ["file.open"]


def nothing_chosen(*arguments, **keywords):
    return [], ""


def test_work_in_the_background_leaves_the_window_alive(studio, qtbot):
    from threading import Event

    go, done = Event(), []
    studio.background.run(go.wait, 10.0, done=done.append)
    assert studio.background.busy
    go.set()
    qtbot.waitUntil(lambda: done == [True])
    assert not studio.background.busy


def test_a_failure_in_the_background_is_told(studio, qtbot):
    failures = []
    studio.background.run(int, "x", failed=failures.append)
    qtbot.waitUntil(lambda: len(failures) == 1)
    assert isinstance(failures[0], ValueError)


def test_every_field_and_list_has_a_name_for_screen_readers(window):
    from PySide6.QtWidgets import QAbstractItemView, QPlainTextEdit

    lists = [
        each
        for sort in (QAbstractItemView, QPlainTextEdit)
        for each in window.centralWidget().parent().findChildren(sort)
        if each.focusPolicy() != Qt.FocusPolicy.NoFocus
        and type(each).__name__ not in {"QHeaderView", "QListView"}
    ]
    assert not [each for each in lists if not each.accessibleName()]


def test_the_number_of_runs_at_once_takes_effect_at_once(window, settle):
    window.actions_table["edit.settings"].trigger()
    window.dialogs.settings_dialog.runs.setValue(3)
    window.dialogs.settings_dialog._accept()
    settle(window.studio)
    assert window.studio.workspace.jobs.cpu_runs == 3


def test_the_window_fits_a_small_screen_and_its_panels_stay_legible(window, qtbot):
    window.resize(800, 600)
    assert window.minimumSizeHint().width() <= 800
    assert all(dock.widget().minimumWidth() >= 200 for dock in window.docks.values())
    assert window.docks["form"].widget().minimumWidth() >= 260


def test_without_the_sample_recording_made_up_data_are_opened_and_said_so(
    window, qtbot, settle, monkeypatch
):
    said = []
    window.studio.said.connect(said.append)
    monkeypatch.setattr("neurostudio.demo.PACKAGE", "a_package_that_nobody_has")
    window.actions_table["file.sample"].trigger()
    qtbot.waitUntil(lambda: bool(window.studio.workspace.items), timeout=45_000)
    settle(window.studio)
    assert "The sample recording is not installed; these data are made up." in said
    assert not window.problems.isVisible()


def test_the_drawing_libraries_are_loaded_while_nobody_waits(tmp_path):
    code = (
        "import sys; from neurostudio.ui import app; running = app.application(); "
        "from PySide6.QtCore import QTimer; "
        "QTimer.singleShot(60_000, running.quit); watch = QTimer(); "
        "watch.timeout.connect(lambda: 'pyqtgraph.graphicsItems' in sys.modules and "
        "'neurostudio.ui.drawing.signals' in sys.modules and running.quit()); "
        "watch.start(50); app.main(); "
        "print('pyqtgraph' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=90, check=False
    )
    assert done.stdout.strip() == "True", done.stderr
    assert "QObject" not in done.stderr
