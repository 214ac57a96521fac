"""Actions, palette, shortcuts and looks."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QDialogButtonBox

from neurostudio.settings import load_settings


def test_every_action_has_a_shortcut_of_its_own_and_is_in_a_menu():
    from neurostudio.ui.actions import ACTS, MENUS

    shortcuts = [act.shortcut for act in ACTS]
    assert all(shortcuts)
    assert len(set(shortcuts)) == len(shortcuts)
    assert {act.key for act in ACTS} == {
        key for keys in MENUS.values() for key in keys if key not in {"-", "recent"}
    }


def test_every_action_reaches_something_that_can_be_called(window):
    from operator import attrgetter

    from neurostudio.ui.actions import ACTS

    assert all(callable(attrgetter(act.target)(window)) for act in ACTS)


def test_every_action_that_names_an_icon_has_one():
    from neurostudio.ui.actions import ACTS
    from neurostudio.ui.kinds import ICONS
    from neurostudio.ui.theme import icon

    names = {act.icon for act in ACTS if act.icon} | set(ICONS.values())
    assert not [name for name in names if icon(name).isNull()]


def test_a_wrong_action_name_suggests_the_right_one(window):
    from neurostudio.errors import UnknownName

    with pytest.raises(UnknownName, match=r"Did you mean 'file\.open'"):
        window.actions_table["file.opn"]


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [
        ("undo", "Undo", "Run done"),
        ("opf", "Open folder", "Compare profiles"),
        ("filt", "Filter", "Find line tool"),
        ("power sp", "Power spectrum", "Spectral power map"),
    ],
)
def test_the_better_answer_comes_first(query, better, worse):
    from neurostudio.ui.fuzzy import closeness

    assert closeness(query, better) > closeness(query, worse)


def palette(window):
    from neurostudio.ui.palette import Palette

    (found,) = window.findChildren(Palette)
    return found


def test_the_palette_finds_an_action_and_does_it(window, qtbot):
    window.docks["log"].close()
    window.actions_table["edit.palette"].trigger()
    found = palette(window)
    qtbot.keyClicks(found.search, "go to log")
    qtbot.keyClick(found.search, Qt.Key.Key_Return)
    assert window.docks["log"].isVisible()


def test_the_palette_finds_a_method(echo_plugin, window, qtbot):
    window.actions_table["edit.palette"].trigger()
    found = palette(window)
    qtbot.keyClicks(found.search, "echo")
    qtbot.keyClick(found.search, Qt.Key.Key_Return)
    assert window.form.method.name == "echo"


def test_the_palette_finds_an_item_and_the_arrow_keys_move(window, qtbot, settle):
    from neurostudio.data import Text

    for name in ("poem", "poem_too"):
        window.studio.act(window.studio.workspace.add, name, Text("words"))
    settle(window.studio)
    window.actions_table["edit.palette"].trigger()
    found = palette(window)
    qtbot.keyClicks(found.search, "poem")
    qtbot.keyClick(found.search, Qt.Key.Key_Down)
    qtbot.keyClick(found.search, Qt.Key.Key_Return)
    assert window.data.current() == "poem_too"


def test_a_forbidden_action_is_shown_but_not_done(window, qtbot):
    window.actions_table["edit.palette"].trigger()
    found = palette(window)
    qtbot.keyClicks(found.search, "undo")
    qtbot.keyClick(found.search, Qt.Key.Key_Return)
    assert found.isVisible()
    found.reject()


def test_a_changed_shortcut_works_and_is_kept(window, qtbot, settle):
    window.actions_table["edit.shortcuts"].trigger()
    editor = window.dialogs.editor
    editor.select("view.log")
    editor.edit.setKeySequence(QKeySequence("Ctrl+Alt+J"))
    qtbot.mouseClick(
        editor.buttons.button(QDialogButtonBox.StandardButton.Ok), Qt.MouseButton.LeftButton
    )
    settle(window.studio)
    assert load_settings().shortcuts == {"view.log": "Ctrl+Alt+J"}
    with qtbot.waitActive(window):
        window.activateWindow()
    with qtbot.waitSignal(window.actions_table.triggered) as told:
        qtbot.keyClick(
            window,
            Qt.Key.Key_J,
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier,
        )
    assert told.args == ["view.log"]


def test_a_shortcut_that_is_taken_is_warned_about_and_not_accepted(window):
    window.actions_table["edit.shortcuts"].trigger()
    editor = window.dialogs.editor
    editor.select("view.log")
    editor.edit.setKeySequence(QKeySequence("Ctrl+O"))
    assert editor.warning.text() == "Ctrl+O is used by Open files and Log. Only one can have it."
    assert not editor.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()
    editor._use_default()
    assert editor.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()
    editor.reject()


def test_switching_the_theme_recolours_everything_and_is_kept(window, settle):
    from neurostudio.ui.theme import DARK, LIGHT, theme

    told = []
    theme().changed.connect(told.append)
    window.actions_table["view.theme"].trigger()
    assert told == [DARK]
    assert QApplication.palette().window().color().name() == DARK.window
    settle(window.studio)
    assert load_settings().theme == "dark"
    window.actions_table["view.theme"].trigger()
    assert told == [DARK, LIGHT]
    theme().changed.disconnect(told.append)


def test_plots_made_after_a_switch_have_its_colours(window, qtbot):
    from neurostudio.ui.curve_plots import CurvePlots
    from neurostudio.ui.curves import Curve
    from neurostudio.ui.theme import DARK, theme

    plots = CurvePlots()
    qtbot.addWidget(plots)
    plots.show_curves({"loss": [Curve("train loss", [1.0, 2.0], [0.5, 0.4])]}, "epoch")
    theme().choose("dark")
    (plot,) = plots._plots.values()
    assert plot.backgroundBrush().color().name() == DARK.base


def test_text_can_be_read_on_its_ground_in_both_themes():
    from neurostudio.ui.theme import DARK, LIGHT
    from PySide6.QtGui import QColor

    def light(name):
        parts = [QColor(name).redF(), QColor(name).greenF(), QColor(name).blueF()]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(one, other):
        low, high = sorted((light(one), light(other)))
        return (high + 0.05) / (low + 0.05)

    for colours in (LIGHT, DARK):
        for ground in (colours.window, colours.base):
            for name in (colours.text, colours.dim, colours.bad):
                assert contrast(name, ground) >= 4.5
        assert contrast(colours.on_accent, colours.accent) >= 4.5
        assert contrast(colours.warn, colours.warn_ground) >= 4.5
        assert contrast(colours.bad, colours.bad_ground) >= 4.5
