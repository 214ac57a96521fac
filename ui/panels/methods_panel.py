"""All methods by purpose, found by words; those that nothing open fits say what they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..rows import DETAIL, GREY, TwoLines
from ..theme import give_role, theme

if TYPE_CHECKING:
    from neurostudio.method import Method

    from ..studio import Studio

_NAME = Qt.ItemDataRole.UserRole
_FIRST_GROUPS = ("Open", "Preprocess", "Analyse", "Decode", "Train", "Apply", "Explain")


class MethodsPanel(QWidget):
    """A search field over a tree of methods."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search methods")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search methods")
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._take_first)
        self.search.installEventFilter(self)
        self.tree = QTreeWidget()
        self.tree.setAccessibleName("Methods")
        self.tree.setHeaderHidden(True)
        self.tree.setIndentation(12)
        self.tree.setItemDelegate(TwoLines(self.tree))
        self.tree.currentItemChanged.connect(self._chosen)
        self.tree.itemClicked.connect(self._chosen)
        self.broken = QLabel()
        self.broken.setWordWrap(True)
        self.broken.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.broken.setAccessibleName("Plugins that are left out")
        self.broken.hide()
        give_role(self.broken, "warning")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self.search)
        layout.addWidget(self.tree)
        layout.addWidget(self.broken)
        self.setFocusProxy(self.search)
        self._show_line("Looking for methods…")
        studio.methods_found.connect(self.refresh)
        studio.session_changed.connect(self._mark)
        theme().changed.connect(self._mark)
        if studio.registry is not None:
            self.refresh()

    def _show_line(self, text: str) -> None:
        self.tree.clear()
        item = QTreeWidgetItem(self.tree, [text])
        item.setFlags(Qt.ItemFlag.NoItemFlags)

    def refresh(self) -> None:
        """List the methods that were found, and below them the plugins that do not work."""
        self._tell_broken()
        methods = sorted(self._studio.methods.values(), key=_place)
        if not methods:
            self._show_line("No methods were found.")
            return
        self.tree.clear()
        groups: dict[str, QTreeWidgetItem] = {}
        for method in methods:
            if method.group not in groups:
                groups[method.group] = self._group(method.group)
            item = QTreeWidgetItem(groups[method.group], [method.title])
            item.setData(0, _NAME, method.name)
        self.tree.expandAll()
        self._mark()
        self._filter(self.search.text())

    def _tell_broken(self) -> None:
        registry = self._studio.registry
        broken = [each for each in registry.plugins if each.broken] if registry else []
        lines = [f"The plugin {each.name} is left out. {each.broken}" for each in broken]
        self.broken.setText("\n".join(lines))
        self.broken.setVisible(bool(lines))

    def _group(self, name: str) -> QTreeWidgetItem:
        group = QTreeWidgetItem(self.tree, [name])
        group.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = group.font(0)
        font.setBold(True)
        group.setFont(0, font)
        return group

    def _rows(self) -> list[tuple[QTreeWidgetItem, Method]]:
        return [
            (item, self._studio.methods[item.data(0, _NAME)])
            for group in self._groups()
            for item in _children(group)
            if item.data(0, _NAME)
        ]

    def _groups(self) -> list[QTreeWidgetItem]:
        found = [self.tree.topLevelItem(k) for k in range(self.tree.topLevelItemCount())]
        return [group for group in found if group is not None]

    def _mark(self) -> None:
        for item, method in self._rows():
            lacking = self._studio.lacking(method)
            item.setData(0, DETAIL, lacking)
            item.setData(0, GREY, bool(lacking))
            first = method.doc.split("\n\n")[0].replace("\n", " ")
            reason = (
                f"\n\n{method.title} {lacking}; nothing open is of that kind." if lacking else ""
            )
            item.setToolTip(0, f"{first}{reason}")
        self.tree.doItemsLayout()

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        for item, method in self._rows():
            about = f"{method.title} {method.name} {method.group} {method.doc}".lower()
            item.setHidden(not all(word in about for word in words))
        for group in self._groups():
            children = _children(group)
            group.setHidden(bool(children) and all(child.isHidden() for child in children))

    def _chosen(self) -> None:
        item = self.tree.currentItem()
        name = item.data(0, _NAME) if item is not None else None
        if name:
            self._studio.method_chosen.emit(name)

    def _take_first(self) -> None:
        text = self.search.text().strip().lower()
        shown = [
            (not method.title.lower().startswith(text), text not in method.title.lower(), row, item)
            for row, (item, method) in enumerate(self._rows())
            if not item.isHidden()
        ]
        if shown:
            self.tree.setCurrentItem(min(shown, key=_rank)[3])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the down key go from the search field into the list."""
        down = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Down
        if down and event.type() == QEvent.Type.KeyPress:
            self.tree.setFocus()
            self._take_first()
            return True
        return super().eventFilter(watched, event)

    def find_method(self) -> None:
        """Put the cursor into the search field."""
        self.search.setFocus()
        self.search.selectAll()


def _children(group: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    found = [group.child(k) for k in range(group.childCount())]
    return [item for item in found if item is not None]


def _rank(row: tuple[bool, bool, int, QTreeWidgetItem]) -> tuple[bool, bool, int]:
    """Return the order of what was found: titles that begin so, titles that hold it, the rest."""
    return row[:3]


def _place(method: Method) -> tuple[int, str]:
    """Return where a method stands: groups in their usual order, methods as their plugin lists them."""
    known = method.group in _FIRST_GROUPS
    return _FIRST_GROUPS.index(method.group) if known else len(_FIRST_GROUPS), method.group
