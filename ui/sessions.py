"""Beginning, opening and saving sessions."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from neurostudio.errors import MissingFile
from neurostudio.workspace import Workspace

from .panels.form_panel import open_example

if TYPE_CHECKING:
    from neurostudio.method import Method

    from .studio import Studio


log = logging.getLogger(__name__)


class Sessions(QObject):
    """Asks where, and does it in a thread."""

    def __init__(self, studio: Studio, window: QWidget) -> None:
        super().__init__(window)
        self._studio = studio
        self._window = window
        studio.session_saved.connect(self._saved)

    def new(self) -> None:
        """Begin an empty session; the old one stays on disk."""
        self._studio.act(Workspace.new, done=self._studio.use)

    def choose(self) -> None:
        """Ask for a session folder and open it."""
        start = str(self._studio.settings.sessions())
        path = QFileDialog.getExistingDirectory(self._window, "Open session", start)
        if path:
            self.load(path)

    def load(self, folder: Path | str) -> None:
        """Open a session folder."""
        self._studio.act(Workspace.load, Path(folder), done=self._studio.use)

    def open_sample(self) -> None:
        """Open the sample session; where its recording is not installed, made-up data."""
        self._studio.said.emit("Making the sample session…")
        self._studio.background.in_order(_build_sample, done=self.load, failed=self._no_sample)

    def _no_sample(self, error: Exception) -> None:
        methods = [each for each in self._studio.methods.values() if each.inputs]
        if not methods or self._studio.registry is None or not isinstance(error, MissingFile):
            self._studio.failed.emit(error)
            return
        log.info("%s", error)
        self._studio.said.emit("The sample recording is not installed; these data are made up.")
        first = min(methods, key=_simple_first)
        workspace, registry = self._studio.workspace, self._studio.registry
        self._studio.act(open_example, workspace, registry, first.name, done=self._example_came)

    def _example_came(self, answer: tuple[str, object, dict[str, tuple[str, ...]]]) -> None:
        method, _, names = answer
        for some in list(names.values())[:1]:
            self._studio.item_wanted.emit(some[0])
        self._studio.method_chosen.emit(method)

    def save(self) -> None:
        """Save where the session is; an untitled one asks where."""
        workspace = self._studio.workspace
        if workspace.untitled:
            self.save_as()
        else:
            self._studio.act(workspace.save_as, workspace.folder)

    def save_as(self) -> None:
        """Ask where, and copy the session there."""
        path, _ = QFileDialog.getSaveFileName(
            self._window, "Save session as a new folder", self._studio.workspace.name
        )
        if path:
            self._studio.act(self._studio.workspace.save_as, Path(path))

    def _saved(self, folder: Path) -> None:
        self._studio.said.emit(f"The session is saved in {folder}")


def _build_sample() -> Path:
    from neurostudio.demo import build_sample

    return build_sample()


def _simple_first(method: Method) -> tuple[bool, str]:
    return method.name != "power_spectrum", method.name
