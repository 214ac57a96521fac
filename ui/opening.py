"""Opening files and folders: by dialog, by dropping, from the recent ones; parts are asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from neurostudio.errors import NeurostudioError

from .names_dialog import NamesDialog

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtGui import QAction

    from neurostudio.readers import Part
    from neurostudio.session import Item
    from neurostudio.workspace import Workspace

    from .studio import Studio


class Opener(QObject):
    """Looks into what is to be opened in a thread, asks for parts, opens in a thread.

    ``session_found`` is emitted for a folder that holds a session of ours.
    """

    opened = Signal(object)
    session_found = Signal(object)

    def __init__(self, studio: Studio, window: QWidget) -> None:
        super().__init__(window)
        self._studio = studio
        self._window = window
        self.dialog: NamesDialog | None = None
        self._asked: Path | None = None
        self._line: list[tuple[Path, tuple[Part, ...]]] = []

    def ask_for_files(self) -> None:
        """Ask for files and open them."""
        paths, _ = QFileDialog.getOpenFileNames(self._window, "Open files", self._last_folder())
        self.open(Path(path) for path in paths)

    def ask_for_folder(self) -> None:
        """Ask for a folder and open it."""
        path = QFileDialog.getExistingDirectory(self._window, "Open folder", self._last_folder())
        if path:
            self.open([Path(path)])

    def _last_folder(self) -> str:
        recent = self._studio.settings.recent_files
        return str(Path(recent[0]).parent) if recent else ""

    def open(self, paths: Iterable[Path]) -> None:
        """Open files and folders."""
        for path in paths:
            if (path / "session.json").is_file():
                self.session_found.emit(path)
                continue
            self._studio.said.emit(f"Looking into {path.name}…")
            self._studio.background.run(
                _look, path, done=self._looked, failed=self._studio.failed.emit
            )

    def _looked(self, answer: tuple[Path, tuple[Part, ...]]) -> None:
        path, parts = answer
        if len(parts) <= 1:
            self._read(path, [part.name for part in parts] or [""])
        else:
            self._line.append((path, parts))
            self._ask_next()

    def _ask_next(self) -> None:
        if self.dialog is not None or not self._line:
            return
        self._asked, parts = self._line.pop(0)
        names = [part.name for part in parts]
        captions = [f"{part.name}    {part.kind}: {part.summary}" for part in parts]
        first = names if len(names) <= _FEW else [n for n in _USUAL if n in names] or names[:1]
        self.dialog = NamesDialog(
            f"parts of {self._asked.name}", names, first, self._window, captions
        )
        self.dialog.chosen.connect(self._chosen)
        self.dialog.finished.connect(self._answered)
        self.dialog.open()

    def _chosen(self, names: list[str]) -> None:
        if self._asked is not None:
            self._read(self._asked, names)

    def _answered(self) -> None:
        self.dialog = None
        self._ask_next()

    def _read(self, path: Path, parts: Sequence[str]) -> None:
        self._studio.remember_file(path)
        workspace = self._studio.workspace
        self._studio.background.run(
            _open,
            workspace,
            path,
            tuple(parts),
            done=self._read_done,
            failed=self._studio.failed.emit,
        )

    def _read_done(self, answer: tuple[list[Item], NeurostudioError | None]) -> None:
        items, error = answer
        if error is not None:
            self._studio.failed.emit(error)
        if items:
            names = ", ".join(item.name for item in items)
            self._studio.said.emit(f"Opened {names}")
            self.opened.emit(items)


class RecentMenu(QMenu):
    """The files that were opened last, newest first."""

    chosen = Signal(str)

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        super().__init__("Open &recent", parent)
        self._studio = studio
        self.aboutToShow.connect(self.fill)
        self.triggered.connect(self._triggered)

    def fill(self) -> None:
        """List them anew."""
        self.clear()
        for path in self._studio.settings.recent_files:
            action = self.addAction(Path(path).name.replace("&", "&&"))
            action.setStatusTip(path)
            action.setData(path)
        if self.isEmpty():
            self.addAction("Nothing yet").setEnabled(False)

    def _triggered(self, action: QAction) -> None:
        self.chosen.emit(action.data())


_FEW = 8
_USUAL = ("participants", "trials")  # of a data set: everyone, and everything together


def _look(path: Path) -> tuple[Path, tuple[Part, ...]]:
    from neurostudio import readers

    return path, readers.look(path)


def _open(
    workspace: Workspace, path: Path, parts: tuple[str, ...]
) -> tuple[list[Item], NeurostudioError | None]:
    items: list[Item] = []
    for part in parts:
        try:
            items.append(workspace.open(path, part))
        except NeurostudioError as error:
            return items, error
    return items, None
