"""The main window: panels around the result, made from tables."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, QTimer
from PySide6.QtWidgets import (
    QMainWindow,
    QMenu,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from neurostudio.runs import State

from . import layout
from .actions import MENUS, TOOLBAR, Actions
from .dialogs import Dialogs
from .docks import place, share
from .finding import entries
from .opening import Opener, RecentMenu
from .palette import Palette
from .panels.data_panel import DataPanel
from .panels.form_panel import FormPanel
from .panels.history_panel import HistoryPanel
from .panels.log_panel import LogPanel
from .panels.methods_panel import MethodsPanel
from .panels.result_panel import ResultPanel
from .panels.runs_panel import RunsPanel
from .problems import ProblemBar
from .sessions import Sessions
from .start_page import StartPage
from .theme import icon, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent

    from neurostudio.session import Item

    from .palette import Entry
    from .studio import Studio

_DATA_MENU = ("data.beside", "data.rename", "data.duplicate", "data.export", "data.remove")
_RUN_MENU = (
    "run.open", "run.compare", "-", "run.stop", "run.cancel", "run.resume", "-", "run.remove",
)  # fmt: skip


class MainWindow(QMainWindow):
    """One window on one studio."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.studio = studio
        self.setWindowIcon(icon("neurostudio"))
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.resize(1440, 900)
        self.actions_table = Actions(self, studio.settings.shortcuts)
        self.dialogs = Dialogs(studio, self)
        self.sessions = Sessions(studio, self)
        self.opener = Opener(studio, self)
        self.data = DataPanel(studio)
        self.methods = MethodsPanel(studio)
        self.form = FormPanel(studio)
        self.results = ResultPanel(studio, self.actions_table)
        self.runs = RunsPanel(studio)
        self.history = HistoryPanel(studio)
        self.log = LogPanel(studio)
        self._make_middle()
        self._make_docks()
        self._make_menus()
        self._listen()
        self._first_state = self.saveState(layout.VERSION)
        self.closed = False
        self.refresh()

    # ---- making ----------------------------------------------------------------------------------

    def _make_middle(self) -> None:
        self.problems = ProblemBar()
        self.start_page = StartPage(self.studio, self.actions_table)
        self.middle = QStackedWidget()
        self.middle.addWidget(self.start_page)
        self.middle.addWidget(self.results)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.problems)
        column.addWidget(self.middle, 1)
        self.setCentralWidget(holder)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setMaximumWidth(120)
        self.busy.setTextVisible(False)
        self.busy.setAccessibleName("Working")
        self.busy.hide()
        self.statusBar().addPermanentWidget(self.busy)

    def _make_docks(self) -> None:
        self.docks = place(
            self,
            {
                "data": self.data,
                "methods": self.methods,
                "form": self.form,
                "runs": self.runs,
                "history": self.history,
                "log": self.log,
            },
        )

    def _make_menus(self) -> None:
        self.recent_menu = RecentMenu(self.studio, self)
        self.recent_menu.chosen.connect(self._open_path)
        for title, keys in MENUS.items():
            menu = self.menuBar().addMenu(title)
            before = keys.index("recent") if "recent" in keys else 0
            self.actions_table.fill_menu(menu, keys[:before])
            if before:
                menu.addMenu(self.recent_menu)
            self.actions_table.fill_menu(menu, keys[before:])
        panels = QMenu("&Panels", self)
        for dock in self.docks.values():
            panels.addAction(dock.toggleViewAction())
        view = self.menuBar().findChildren(QMenu)[4]
        view.addMenu(panels)
        bar = self.addToolBar("Main")
        bar.setObjectName("toolbar.main")
        bar.setIconSize(QSize(20, 20))
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.actions_table.fill_toolbar(bar, TOOLBAR)

    def _listen(self) -> None:
        studio = self.studio
        studio.session_changed.connect(self.refresh)
        studio.session_opened.connect(self._session_opened)
        studio.failed.connect(self.problems.tell)
        studio.said.connect(self._say)
        studio.run_chosen.connect(self._show_middle)
        studio.item_chosen.connect(self._show_middle)
        studio.method_chosen.connect(self._show_form_dock)
        studio.background.busy_changed.connect(self.busy.setVisible)
        self.form.started.connect(self.show_runs)
        self.runs.selection_changed.connect(self._enable_runs)
        self.results.shown.connect(self._enable_results)
        self.data.menu_wanted.connect(partial(self._pop_up, _DATA_MENU))
        self.runs.menu_wanted.connect(partial(self._pop_up, _RUN_MENU))
        self.opener.opened.connect(self._opened)
        self.opener.session_found.connect(self.sessions.load)
        self.start_page.file_chosen.connect(self._open_path)
        self.start_page.session_chosen.connect(self.sessions.load)
        theme().changed.connect(self._recolour)

    def _pop_up(self, keys: tuple[str, ...], where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.actions_table.fill_menu(menu, keys)
        menu.popup(where)

    # ---- what is shown ---------------------------------------------------------------------------

    def refresh(self) -> None:
        """Bring title, middle and actions up to date."""
        workspace = self.studio.workspace
        self.setWindowTitle(f"neurostudio – {workspace.name}")
        table = self.actions_table
        undo, redo = workspace.can_undo, workspace.can_redo
        table.enable("edit.undo", bool(undo), f"&Undo {undo.replace('&', '&&')}".rstrip())
        table.enable("edit.redo", bool(redo), f"&Redo {redo.replace('&', '&&')}".rstrip())
        table["edit.undo"].setIconText("Undo")
        table["edit.redo"].setIconText("Redo")
        opened = bool(workspace.items)
        for key in _DATA_MENU:
            table.enable(key, opened)
        for key in ("script.copy", "script.save", "run.batch"):
            table.enable(key, bool(workspace.steps))
        if not opened and self.results.run is None:
            self.middle.setCurrentWidget(self.start_page)
        self._enable_runs()
        self._enable_results()

    def _enable_runs(self) -> None:
        states = {str(state) for state in self.runs.states()}
        going = bool(states & {"queued", "running"})
        table = self.actions_table
        table.enable("run.stop", going)
        table.enable("run.cancel", going)
        table.enable("run.resume", bool(states & {"stopped", "failed", "cancelled"}))
        table.enable("run.open", bool(states))
        table.enable("run.compare", bool(self.runs.model.runs))
        table.enable("run.remove", bool(states))

    def _enable_results(self) -> None:
        something = self.results.page is not None
        for key in ("save_figure", "copy_figure", "save_table", "copy_table"):
            self.actions_table.enable(f"result.{key}", something)
        self.actions_table.enable("result.send", something and self.results.run is not None)

    def _recolour(self) -> None:
        self.setWindowIcon(icon("neurostudio"))

    def _say(self, text: str) -> None:
        self.statusBar().showMessage(text, 8000)

    def _show_middle(self, chosen: object) -> None:
        del chosen
        self.middle.setCurrentWidget(self.results)

    def _show_form_dock(self, name: str) -> None:
        del name
        self._bring("form")

    def _session_opened(self) -> None:
        self.middle.setCurrentWidget(self.start_page)
        self.start_page.fill()
        self.data.refresh()
        self.show_latest()

    def show_latest(self) -> None:
        """Show what came last in this session: its last result, else its first data."""
        workspace = self.studio.workspace
        first = next(iter(workspace.items), "")
        done = [run for run in workspace.runs if run.state is State.DONE]
        if done:
            self.data.choose_silently(first)
            self.studio.run_chosen.emit(done[-1])
        elif first:
            self.data.choose(first)

    def _bring(self, name: str, focus: QWidget | None = None) -> None:
        self.docks[name].show()
        self.docks[name].raise_()
        if focus is not None:
            focus.setFocus()

    def show_data(self) -> None:
        """Go to the data."""
        self._bring("data", self.data.list)

    def show_methods(self) -> None:
        """Go to the search for methods."""
        self._bring("methods")
        self.methods.find_method()

    def show_form(self) -> None:
        """Go to the method's form."""
        self._bring("form", self.form.page or self.form)

    def show_result(self) -> None:
        """Go to the result."""
        self.middle.setCurrentWidget(self.results)
        self.results.setFocus()

    def show_runs(self, run: object = None) -> None:
        """Go to the runs."""
        del run
        self._bring("runs", self.runs.table)

    def show_history(self) -> None:
        """Go to steps and script."""
        self._bring("history", self.history.script)

    def show_log(self) -> None:
        """Go to the log."""
        self._bring("log", self.log.text)

    # ---- opening ---------------------------------------------------------------------------------

    def open_files(self) -> None:
        """Ask for files and open them."""
        self.opener.ask_for_files()

    def open_folder(self) -> None:
        """Ask for a folder and open it."""
        self.opener.ask_for_folder()

    def _open_path(self, path: str) -> None:
        self.opener.open([Path(path)])

    def open_beside(self) -> None:
        """Show the chosen data in a panel of its own."""
        from .panels.beside import open_beside

        open_beside(self.studio, self)

    def _opened(self, items: list[Item]) -> None:
        self.problems.hide()
        self.data.choose(items[-1].name)

    def open_sample(self) -> None:
        """Open the sample session."""
        self.sessions.open_sample()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders that are dragged over the window."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open files and folders that are dropped."""
        event.acceptProposedAction()
        self.opener.open(
            Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()
        )

    # ---- sessions and dialogs --------------------------------------------------------------------

    def new_session(self) -> None:
        """Begin an empty session."""
        self.sessions.new()

    def choose_session(self) -> None:
        """Ask for a session and open it."""
        self.sessions.choose()

    def save_session(self) -> None:
        """Save the session where it is, or ask where."""
        self.sessions.save()

    def save_session_as(self) -> None:
        """Ask where, and save the session there."""
        self.sessions.save_as()

    def open_settings(self) -> None:
        """Show the settings."""
        self.dialogs.settings()

    def open_shortcuts(self) -> None:
        """Show the shortcut editor."""
        self.dialogs.shortcuts(self.actions_table)

    def open_about(self) -> None:
        """Say what this is."""
        self.dialogs.about()

    def open_palette(self) -> None:
        """Ask for anything."""
        palette = Palette(entries(self.studio, self.actions_table), self)
        palette.chosen.connect(self._found)
        palette.open()
        palette.search.setFocus()

    def _found(self, entry: Entry) -> None:
        if entry.sort == "action":
            self.actions_table[entry.key].trigger()
        elif entry.sort == "method":
            self.studio.method_chosen.emit(entry.key)
        else:
            self.data.choose(entry.key)

    # ---- looks -----------------------------------------------------------------------------------

    def switch_theme(self) -> None:
        """Switch between light and dark."""
        self._use_theme("light" if theme().colours.dark else "dark")

    def follow_system_theme(self) -> None:
        """Be as the system is."""
        self._use_theme("system")

    def _use_theme(self, choice: str) -> None:
        theme().choose(choice)
        self.studio.settings.theme = choice  # type: ignore[assignment]  # one of the three
        self.studio.keep_settings()

    def showEvent(self, event: QShowEvent) -> None:
        """Bring the layout back once the window is there."""
        super().showEvent(event)
        if not event.spontaneous():
            QTimer.singleShot(0, self._restore)

    def _restore(self) -> None:
        if not layout.restore(self):
            self.restoreState(self._first_state, layout.VERSION)
            share(self, self.docks)

    def reset_layout(self) -> None:
        """Put every panel back to its first place."""
        layout.forget()
        for dock in self.docks.values():
            dock.setFloating(False)
        self.restoreState(self._first_state, layout.VERSION)
        share(self, self.docks)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about runs under way, keep the layout, let the session go."""
        if self.closed:
            return
        if not self.dialogs.may_close():
            event.ignore()
            return
        self.closed = True
        layout.keep(self)
        self.log.close_log()
        self.hide()
        self.studio.close()
