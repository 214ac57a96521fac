"""What all panels share: the session, the methods, the settings, and what is chosen, as Qt signals."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from neurostudio import registry
from neurostudio.session import PYRAMIDS
from neurostudio.settings import load_settings, save_settings

from .background import Background
from .home import Home
from .shelf import shelf

if TYPE_CHECKING:
    from collections.abc import Callable

    from neurostudio.method import Method
    from neurostudio.registry import Registry
    from neurostudio.runs import Run
    from neurostudio.workspace import Workspace


class Studio(QObject):
    """One desktop's state.

    The core emits its signals from any thread; here they become Qt signals in the window's thread, so
    that panels listen to this object only.
    """

    session_opened = Signal()
    session_changed = Signal()
    session_saved = Signal(object)
    run_changed = Signal(object)
    run_event = Signal(object, object)
    methods_found = Signal()
    settings_changed = Signal()
    item_chosen = Signal(str)
    item_wanted = Signal(str)
    method_chosen = Signal(str)
    run_chosen = Signal(object)
    said = Signal(str)
    failed = Signal(object)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = load_settings()
        self.background = Background(self)
        self.registry: Registry | None = None
        self.workspace = workspace
        self._listen(workspace)
        self.item = ""
        self.item_chosen.connect(self._item_chosen)
        self.session_changed.connect(self._remember_session)
        self.session_changed.connect(self._put_on_shelf)

    # ---- the session -----------------------------------------------------------------------------

    def _listen(self, workspace: Workspace) -> None:
        # Qt hands a signal over to the thread of its receiver, whichever thread emits it
        workspace.changed.connect(self.session_changed.emit)
        workspace.saved.connect(self.session_saved.emit)
        workspace.jobs.changed.connect(self.run_changed.emit)
        workspace.jobs.event.connect(self.run_event.emit)

    def _leave(self) -> None:
        old = self.workspace
        old.changed.disconnect(self.session_changed.emit)
        old.saved.disconnect(self.session_saved.emit)
        old.jobs.changed.disconnect(self.run_changed.emit)
        old.jobs.event.disconnect(self.run_event.emit)
        empty = old.untitled and not old.items and not old.runs
        old.close()
        if empty:
            shutil.rmtree(old.folder, ignore_errors=True)

    def use(self, workspace: Workspace) -> None:
        """Go on with another session; runs of the old one that are under way go on by themselves."""
        self._leave()
        self.workspace = workspace
        self._listen(workspace)
        self.session_opened.emit()
        self.session_changed.emit()

    def close(self) -> None:
        """End all threads and let the session go."""
        self.background.wait()
        self._leave()

    def _remember_session(self) -> None:
        folder = str(self.workspace.folder)
        known = self.settings.recent_sessions
        if self.workspace.items and (not known or known[0] != folder):
            kept = [each for each in known if each != folder and Path(each).exists()]
            self.settings.recent_sessions = [folder, *kept][: self.settings.recent_count]
            self.keep_settings()

    def _put_on_shelf(self) -> None:
        shelf().put(self.workspace.items)

    def _item_chosen(self, name: str) -> None:
        self.item = name

    # ---- methods ---------------------------------------------------------------------------------

    def find_methods(self) -> None:
        """Discover the plugins, in a thread."""
        self.background.run(registry.discover, done=self._methods_came, failed=self.failed.emit)

    def _methods_came(self, found: Registry) -> None:
        self.registry = found
        self.methods_found.emit()

    @property
    def methods(self) -> dict[str, Method]:
        """All methods by name; none before they are found."""
        return self.registry.methods if self.registry is not None else {}

    # ---- settings --------------------------------------------------------------------------------

    def remember_file(self, path: Path) -> None:
        """Put a file on top of the recent ones."""
        self.settings.remember(path)
        self.keep_settings()

    def keep_settings(self) -> None:
        """Write the settings, in a thread."""
        snapshot = self.settings.model_copy(deep=True)
        self.background.in_order(save_settings, snapshot, failed=self.failed.emit)
        self.settings_changed.emit()

    # ---- what a person does ----------------------------------------------------------------------

    def act(
        self,
        function: Callable[..., Any],
        *arguments: Any,
        done: Callable[[Any], None] | None = None,
    ) -> None:
        """Do something to the session, in a thread and in order; a failure is shown."""
        self.background.in_order(function, *arguments, done=done, failed=self.failed.emit)

    def home(self) -> Home:
        """Return what drawings need to know of the session; the item is still to be named."""
        folder = self.workspace.folder
        return Home(folder, folder / PYRAMIDS, dict(self.settings.mark_colours))

    def keep_colour(self, text: str, colour: str) -> None:
        """Remember the colour of the marks of some words."""
        self.settings.mark_colours = {**self.settings.mark_colours, text: colour}
        self.keep_settings()

    def fitting(self, method: Method) -> dict[str, tuple[str, ...]]:
        """Return, for each input of a method, the names of the open items that fit."""
        items = self.workspace.items.values()
        return {
            entry.name: tuple(
                item.name for item in items if item.kind in {kind.__name__ for kind in entry.kinds}
            )
            for entry in method.inputs
        }

    def lacking(self, method: Method) -> str:
        """Return why a method cannot be run on what is open, or nothing."""
        fitting = self.fitting(method)
        for entry in method.inputs:
            if not entry.optional and not fitting[entry.name]:
                return f"needs {entry.words}"
        return ""


def is_running(run: Run) -> bool:
    """Return whether a run waits or works."""
    return run.state in {"queued", "running"}
