"""Writing the chosen data in another format, and saying what that format could not hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from neurostudio.errors import BadInput

if TYPE_CHECKING:
    from neurostudio.session import Item
    from neurostudio.writers import Exported, Writer

    from .studio import Studio


class Exporter(QObject):
    """Asks for a file, whose suffix decides the format, and writes it in a thread."""

    def __init__(self, studio: Studio, window: QWidget) -> None:
        super().__init__(window)
        self._studio = studio
        self._window = window
        self.box: QMessageBox | None = None

    def ask(self) -> None:
        """Ask where and in what format the chosen data are to be written."""
        from neurostudio.writers import writers_of

        item = self._studio.workspace.items.get(self._studio.item)
        if item is None:
            self._studio.failed.emit(BadInput("No data are chosen. Choose data on the left first."))
            return
        writers = writers_of(item.kind)
        if not writers:
            self._studio.failed.emit(
                BadInput(
                    f"There is no format for {item.kind} outside a session. It is saved with it."
                )
            )
            return
        start = Path(self._folder()) / f"{item.name}{writers[0].suffixes[0]}"
        path, chosen = QFileDialog.getSaveFileName(
            self._window, f"Export {item.name}", str(start), ";;".join(map(_filter, writers))
        )
        if path:
            self.write(item, _with_suffix(Path(path), chosen, writers))

    def write(self, item: Item, path: Path) -> None:
        """Write an item to a file; the dialog has asked about one that is there."""
        self._studio.said.emit(f"Exporting {item.name} to {path.name}…")
        self._studio.act(_export, item, path, done=self._done)

    def _folder(self) -> str:
        recent = self._studio.settings.recent_files
        return str(Path(recent[0]).parent) if recent else str(Path.home())

    def _done(self, done: Exported) -> None:
        self._studio.said.emit(f"Exported {done.files[0]}")
        if not done.notes:
            return
        self.box = QMessageBox(self._window)
        self.box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.box.setWindowTitle("Exported")
        self.box.setIcon(QMessageBox.Icon.Information)
        more = f" and {len(done.files) - 1} more" if len(done.files) > 1 else ""
        self.box.setText(f"{done.files[0].name}{more} is written as {done.format}.")
        self.box.setInformativeText("\n".join(done.notes))
        self.box.open()


def _filter(writer: Writer) -> str:
    return f"{writer.name} ({' '.join(f'*{suffix}' for suffix in writer.suffixes)})"


def _with_suffix(path: Path, chosen: str, writers: tuple[Writer, ...]) -> Path:
    """Add the suffix of the format chosen where the name has none that fits."""
    if any(path.name.lower().endswith(s) for each in writers for s in each.suffixes if s):
        return path
    named = next((each for each in writers if _filter(each) == chosen), writers[0])
    return path.with_name(f"{path.name}{named.suffixes[0]}")


def _export(item: Item, path: Path) -> Exported:
    from neurostudio.writers import export

    return export(item.load(), path, overwrite=True)
