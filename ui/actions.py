"""All that a person can do, declared: menus, tool bars, palette and shortcut editor read this table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence

from neurostudio.errors import UnknownName

from .theme import icon, theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that can be done.

    ``target`` is the path of the method that does it, seen from the main window.
    """

    key: str
    text: str
    shortcut: str
    help: str
    target: str
    icon: str = ""

    @property
    def words(self) -> str:
        """The text without its mnemonic."""
        return self.text.replace("&", "")


ACTS = (
    Act("file.open", "&Open files…", "Ctrl+O", "Open recordings, images, tables and other files",
        "open_files", "open"),
    Act("file.open_folder", "Open &folder…", "Ctrl+Shift+O",
        "Open a BIDS data set or a folder of pictures", "open_folder", "folder"),
    Act("file.sample", "S&ample session", "Ctrl+Shift+E",
        "A real recording with a finished run", "open_sample", "example"),
    Act("file.new", "&New session", "Ctrl+N", "Begin an empty session", "new_session", "new"),
    Act("file.open_session", "Open s&ession…", "Ctrl+Alt+O", "Open a session folder",
        "choose_session", "folder"),
    Act("file.save", "&Save session", "Ctrl+S",
        "Save the session; an untitled one asks where", "save_session", "save"),
    Act("file.save_as", "Save session &as…", "Ctrl+Shift+S", "Copy the session to a new folder",
        "save_session_as", "save"),
    Act("data.export", "E&xport data…", "Ctrl+Alt+E",
        "Write the chosen data in another format: EDF, FIF, NWB, CSV and others",
        "dialogs.exporter.ask", "send"),
    Act("file.quit", "&Quit", "Ctrl+Q", "Close the program", "close", "quit"),
    Act("edit.undo", "&Undo", "Ctrl+Z", "Take back what was done last", "data.undo", "undo"),
    Act("edit.redo", "&Redo", "Ctrl+Shift+Z", "Do again what was taken back", "data.redo", "redo"),
    Act("data.rename", "Re&name", "F2", "Give the chosen data another name",
        "data.rename_chosen", "rename"),
    Act("data.duplicate", "&Duplicate", "Ctrl+D", "Put a second item on the same data",
        "data.duplicate_chosen", "duplicate"),
    Act("data.beside", "Open &beside", "Ctrl+Shift+B",
        "Open the chosen data in a panel of its own, on the same time as the other views",
        "open_beside", "result"),
    Act("data.remove", "Re&move", "Del", "Take the chosen data off the list",
        "data.remove_chosen", "remove"),
    Act("edit.palette", "&Find anything…", "Ctrl+Shift+P", "Find and do any action, method or item",
        "open_palette", "search"),
    Act("edit.shortcuts", "&Keyboard shortcuts…", "Ctrl+Alt+K", "Change keyboard shortcuts",
        "open_shortcuts", "keyboard"),
    Act("edit.settings", "&Settings…", "Ctrl+,", "Theme, folders and number of runs",
        "open_settings", "settings"),
    Act("run.start", "&Run", "Ctrl+Return", "Run the chosen method", "form.run", "run"),
    Act("run.example", "&Try it", "Ctrl+Shift+Return", "Load the method's own small example",
        "form.try_example", "example"),
    Act("run.stop", "&Stop early", "Ctrl+.", "Stop the chosen runs and keep their checkpoints",
        "runs.stop_chosen", "stop"),
    Act("run.cancel", "&Cancel", "Ctrl+Shift+.", "End the chosen runs at once",
        "runs.cancel_chosen", "cancel"),
    Act("run.resume", "R&esume", "Ctrl+R", "Go on with the chosen runs from their checkpoints",
        "runs.resume_chosen", "resume"),
    Act("run.open", "&Open result", "Ctrl+Shift+R", "Show the result of the chosen run",
        "runs.open_chosen", "result"),
    Act("run.compare", "Co&mpare", "Ctrl+K", "Show curves and numbers of the chosen runs together",
        "runs.compare_chosen", "compare"),
    Act("run.batch", "&Batch…", "Ctrl+B", "Do the steps of the chosen data on every file of a folder",
        "dialogs.batches.ask", "folder"),
    Act("run.remove", "Re&move run", "Ctrl+Del", "Delete the folders of the chosen runs",
        "runs.remove_chosen", "remove"),
    Act("result.save_figure", "Save &figure…", "Ctrl+G", "Save the shown figure as PNG or SVG",
        "results.save_figure", "figure"),
    Act("result.copy_figure", "&Copy figure", "Ctrl+Shift+C", "Copy the shown figure",
        "results.copy_figure", "copy"),
    Act("result.save_table", "Save &table…", "Ctrl+T", "Save the shown table, or the numbers, as CSV",
        "results.save_table", "table"),
    Act("result.copy_table", "Copy ta&ble", "Ctrl+Shift+T", "Copy the shown table, or the numbers",
        "results.copy_table", "copy"),
    Act("result.send", "&Send data to the session", "Ctrl+Shift+D",
        "Put the outputs of the shown run on the list of data", "results.send_data", "send"),
    Act("script.copy", "Copy s&cript", "Ctrl+Alt+C", "Copy the session as a Python script",
        "history.copy_script", "script"),
    Act("script.save", "Save sc&ript…", "Ctrl+Alt+S", "Save the session as a Python script",
        "history.save_script", "script"),
    Act("view.data", "&Data", "Ctrl+1", "Go to the open data", "show_data"),
    Act("view.methods", "&Methods", "Ctrl+F", "Find a method", "show_methods", "search"),
    Act("view.form", "Method &form", "Ctrl+2", "Go to the method's form", "show_form"),
    Act("view.result", "R&esult", "Ctrl+3", "Go to the result", "show_result", "result"),
    Act("view.runs", "&Runs", "Ctrl+4", "Go to the runs", "show_runs"),
    Act("view.history", "&History", "Ctrl+5", "Go to steps and script", "show_history", "history"),
    Act("view.log", "&Log", "Ctrl+6", "Go to the log", "show_log", "log"),
    Act("view.next_tab", "&Next picture", "Ctrl+PgDown", "Show the next tab of the result",
        "results.next_tab"),
    Act("view.theme", "Switch light / dar&k", "Ctrl+Alt+D", "Switch between light and dark",
        "switch_theme", "theme"),
    Act("view.theme_system", "&Theme of the system", "Ctrl+Alt+T", "Be light or dark as the system is",
        "follow_system_theme", "theme"),
    Act("view.reset", "Reset &layout", "Ctrl+Alt+0", "Put every panel back to its first place",
        "reset_layout", "reset"),
    Act("help.about", "&About neurostudio", "F1", "Version and first steps", "open_about", "help"),
)  # fmt: skip

MENUS: Mapping[str, tuple[str, ...]] = {
    "&File": (
        "file.open", "file.open_folder", "recent", "file.sample", "-",
        "file.new", "file.open_session", "file.save", "file.save_as", "-", "data.export", "-", "file.quit",
    ),
    "&Edit": (
        "edit.undo", "edit.redo", "-", "data.rename", "data.duplicate", "data.beside", "data.remove", "-",
        "edit.palette", "edit.shortcuts", "edit.settings",
    ),
    "&Run": (
        "run.start", "run.example", "-", "run.stop", "run.cancel", "run.resume", "-",
        "run.open", "run.compare", "run.remove", "-", "run.batch",
    ),
    "Re&sult": (
        "result.save_figure", "result.copy_figure", "-", "result.save_table", "result.copy_table", "-",
        "result.send", "-", "script.copy", "script.save",
    ),
    "&View": (
        "view.data", "view.methods", "view.form", "view.result", "view.runs", "view.history", "view.log",
        "-", "view.next_tab", "-", "view.theme", "view.theme_system", "-", "view.reset",
    ),
    "&Help": ("help.about", "edit.shortcuts"),
}  # fmt: skip

TOOLBAR = (
    "file.open", "file.open_folder", "file.save", "-", "edit.undo", "edit.redo", "-",
    "run.start", "run.stop", "-", "edit.palette",
)  # fmt: skip


class Actions(QObject):
    """The actions of one window, made from the table, with the shortcuts that the person chose."""

    triggered = Signal(str)

    def __init__(
        self,
        window: QMainWindow,
        chosen: Mapping[str, str],
        acts: tuple[Act, ...] = ACTS,
    ) -> None:
        super().__init__(window)
        self._window = window
        self.acts = {act.key: act for act in acts}
        self._made: dict[str, QAction] = {}
        for act in acts:
            self._made[act.key] = self._make(act)
        self.use_shortcuts(chosen)
        theme().changed.connect(self._recolour)

    def _make(self, act: Act) -> QAction:
        made = QAction(act.text, self)
        made.setObjectName(act.key)
        made.setIcon(icon(act.icon) if act.icon else made.icon())
        made.setStatusTip(act.help)
        made.setIconText(act.words.rstrip("…"))
        made.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        made.triggered.connect(partial(self.trigger, act.key))
        self._window.addAction(made)
        return made

    def __getitem__(self, key: str) -> QAction:
        try:
            return self._made[key]
        except KeyError:
            raise UnknownName("action", key, self._made) from None

    def trigger(self, key: str, checked: bool = False) -> None:
        """Do what an action stands for."""
        del checked
        attrgetter(self.acts[key].target)(self._window)()
        self.triggered.emit(key)

    def use_shortcuts(self, chosen: Mapping[str, str]) -> None:
        """Use the shortcuts chosen; what is not named keeps its default."""
        for key, action in self._made.items():
            shortcut = chosen.get(key, self.acts[key].shortcut)
            action.setShortcut(QKeySequence(shortcut))
            native = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(self.acts[key].help + (f" ({native})" if native else ""))

    def enable(self, key: str, on: bool, text: str = "") -> None:
        """Allow or forbid an action, and let it say more than its name."""
        self[key].setEnabled(on)
        if text:
            self[key].setText(text)

    def fill_menu(self, menu: QMenu, keys: tuple[str, ...]) -> None:
        """Put actions into a menu; a dash is a line."""
        for key in keys:
            if key == "-":
                menu.addSeparator()
            elif key in self._made:
                menu.addAction(self._made[key])

    def fill_toolbar(self, bar: QToolBar, keys: tuple[str, ...]) -> None:
        """Put actions into a tool bar; a dash is a line."""
        for key in keys:
            if key == "-":
                bar.addSeparator()
            else:
                bar.addAction(self._made[key])

    def _recolour(self) -> None:
        for key, act in self.acts.items():
            if act.icon:
                self._made[key].setIcon(icon(act.icon))
