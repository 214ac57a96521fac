"""The open data: a list with icon and summary, and the metadata of what is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ..kinds import ICONS
from ..rows import DETAIL, TwoLines, add_row
from ..tables import TextTable, as_csv
from ..theme import give_role, icon, theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neurostudio.data import Fact
    from neurostudio.session import Item

    from ..studio import Studio

_NAME = Qt.ItemDataRole.UserRole


class DataPanel(QWidget):
    """What is open; renamed in place, with the facts of the chosen item below."""

    menu_wanted = Signal(QPoint)

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._asked = ""
        self.list = QListWidget()
        self.list.setAccessibleName("Open data")
        self.list.setItemDelegate(TwoLines(self.list))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._menu)
        self.list.currentItemChanged.connect(self._chosen)
        self.list.itemClicked.connect(self._clicked)
        self.list.itemChanged.connect(self._renamed)
        self.empty = QLabel("Nothing is open.\nOpen files with Ctrl+O or drop them here.")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        give_role(self.empty, "dim")
        self.facts = TextTable(("Property", "Value"), "Properties of the chosen data")
        self.facts.setVisible(False)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.list)
        splitter.addWidget(self.facts)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self.empty, 1)
        layout.addWidget(splitter, 1)
        self._splitter = splitter
        studio.session_changed.connect(self.refresh)
        studio.item_wanted.connect(self.choose)
        theme().changed.connect(self.refresh)
        self.refresh()

    # ---- what is shown ---------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the list anew and keep what is chosen."""
        before = self.current()
        items = self._studio.workspace.items
        self.list.blockSignals(True)
        self.list.clear()
        for item in items.values():
            self._add(item)
        if before in items:  # silently: nobody chose anything, and what is shown stays
            self.choose(before)
        else:
            self.list.setCurrentRow(-1)
        self.list.blockSignals(False)
        self.empty.setVisible(not items)
        self._splitter.setVisible(bool(items))
        self._show_facts_of(before if before in items else "")

    def _add(self, item: Item) -> None:
        row = add_row(self.list, item.name, item.summary, icon(ICONS.get(item.kind, "table")))
        row.setData(_NAME, item.name)
        row.setData(DETAIL, item.summary)
        row.setToolTip(f"{item.name}: {item.kind}\n{item.summary}\nfrom {item.origin}")
        row.setFlags(row.flags() | Qt.ItemFlag.ItemIsEditable)

    def current(self) -> str:
        """Return the name of the chosen item, or nothing."""
        row = self.list.currentItem()
        return str(row.data(_NAME)) if row is not None else ""

    def selected(self) -> list[str]:
        """Return the names of all selected items, in the list's order."""
        rows = [self.list.item(k) for k in range(self.list.count())]
        return [row.data(_NAME) for row in rows if row.isSelected()]

    def choose(self, name: str) -> None:
        """Choose an item by name."""
        for k in range(self.list.count()):
            row = self.list.item(k)
            if row.data(_NAME) == name:
                self.list.setCurrentItem(row, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def choose_silently(self, name: str) -> None:
        """Choose an item and show its facts, while what stands in the middle stays."""
        self.list.blockSignals(True)
        self.choose(name)
        self.list.blockSignals(False)
        self._show_facts_of(self.current())
        if self.current():
            self._studio.item = self.current()

    def _chosen(self) -> None:
        name = self.current()
        self._show_facts_of(name)
        if name:
            self._studio.item_chosen.emit(name)

    def _clicked(self, row: QListWidgetItem) -> None:
        if len(self.selected()) == 1:
            self._studio.item_chosen.emit(row.data(_NAME))

    def _menu(self, where: QPoint) -> None:
        if self.list.itemAt(where) is not None:
            self.menu_wanted.emit(self.list.viewport().mapToGlobal(where))

    # ---- facts -----------------------------------------------------------------------------------

    def _show_facts_of(self, name: str) -> None:
        self.facts.setVisible(bool(name))
        if name == "":
            return
        if name != self._asked:
            self.facts.fill([("", "reading…")])
        self._asked = name
        item = self._studio.workspace.items[name]
        self._studio.background.run(_facts, item, done=self._facts_came, failed=self._no_facts)

    def _facts_came(self, answer: tuple[str, Mapping[str, Fact]]) -> None:
        name, facts = answer
        if name == self.current():
            rows = [(_capital(key), _words(value)) for key, value in facts.items()]
            self.facts.fill(rows)

    def _no_facts(self, error: Exception) -> None:
        self.facts.fill([("", str(error))])

    def copy_facts(self) -> None:
        """Copy the properties as a table."""
        QGuiApplication.clipboard().setText(as_csv(self.facts.model()))

    # ---- what a person does ----------------------------------------------------------------------

    def rename_chosen(self) -> None:
        """Edit the chosen item's name in place."""
        row = self.list.currentItem()
        if row is not None:
            self.list.setFocus()
            self.list.editItem(row)

    def _renamed(self, row: QListWidgetItem) -> None:
        old, new = row.data(_NAME), row.text().strip()
        if new == old:
            return
        self.list.blockSignals(True)
        row.setText(old)  # the list is read anew when the session has taken the name
        self.list.blockSignals(False)
        self._asked = new
        self._studio.act(self._studio.workspace.rename, old, new, done=self._renamed_to)

    def _renamed_to(self, done: object) -> None:
        del done
        self.choose(self._asked)

    def duplicate_chosen(self) -> None:
        """Duplicate every selected item."""
        for name in self.selected():
            self._studio.act(self._studio.workspace.duplicate, name)

    def remove_chosen(self) -> None:
        """Take every selected item off the list; undo brings it back."""
        for name in self.selected():
            self._studio.act(self._studio.workspace.remove, name)

    def undo(self) -> None:
        """Take back the last act."""
        self._studio.act(self._studio.workspace.undo)

    def redo(self) -> None:
        """Do again what was taken back."""
        self._studio.act(self._studio.workspace.redo)


def _facts(item: Item) -> tuple[str, Mapping[str, Fact]]:
    data = item.load()
    return item.name, {"kind": item.kind, **data.facts(), "from": item.origin}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _words(value: Fact) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        text = ", ".join(_words(each) for each in value[:40])
        return f"{text}, … ({len(value)})" if len(value) > 40 else text
    return "" if value is None else str(value)
