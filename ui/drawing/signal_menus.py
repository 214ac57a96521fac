"""What can be done to one mark: rename, colour, remove."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QColorDialog, QInputDialog, QMenu

if TYPE_CHECKING:
    from PySide6.QtGui import QColor

    from neurostudio.marks import Mark

    from .signal_marking import Marking
    from .signals import SignalsFigure


class MarkMenu(QObject):
    """The menu of a mark, and the questions behind it."""

    def __init__(self, marking: Marking, figure: SignalsFigure) -> None:
        super().__init__(figure)
        self._marking = marking
        self._figure = figure
        self._mark: Mark | None = None
        self.menu: QMenu | None = None

    def pop_up(self, mark: Mark, where: QPoint) -> None:
        """Show the menu."""
        self._mark = mark
        menu = QMenu(self._figure)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._marking.editable:
            menu.addAction("Rename…").triggered.connect(self._rename)
            menu.addAction("Remove").triggered.connect(self._remove)
        menu.addAction("Colour…").triggered.connect(self._colour)
        self.menu = menu
        menu.popup(where)

    def rename(self, mark: Mark) -> None:
        """Ask for other words."""
        if not self._marking.editable:
            return
        dialog = QInputDialog(self._figure)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle("Rename mark")
        dialog.setLabelText(f"Words of the mark at {mark.onset:.3f} s")
        dialog.setTextValue(mark.text)
        self._mark = mark
        dialog.textValueSelected.connect(self._renamed)
        dialog.open()

    def _renamed(self, words: str) -> None:
        words = words.strip()
        if self._mark is not None and words and words != self._mark.text:
            self._marking.change(self._mark, replace(self._mark, text=words))

    def _rename(self) -> None:
        if self._mark is not None:
            self.rename(self._mark)

    def _remove(self) -> None:
        if self._mark is not None:
            self._marking.choose(self._mark)
            self._marking.remove_chosen()

    def _colour(self) -> None:
        dialog = QColorDialog(self._figure)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(self._coloured)
        dialog.open()

    def _coloured(self, colour: QColor) -> None:
        if self._mark is not None:
            self._marking.recolour(self._mark.text, colour.name())
