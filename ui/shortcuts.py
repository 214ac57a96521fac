"""The editor of keyboard shortcuts; it warns of conflicts before they bite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from .theme import give_role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .actions import Act


class ShortcutEditor(QDialog):
    """Lets a person choose the shortcut of every action; ``chosen`` carries those that differ."""

    chosen = Signal(dict)

    def __init__(
        self, acts: Mapping[str, Act], chosen: Mapping[str, str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(640, 560)
        self._acts = acts
        self._keys = {key: chosen.get(key, act.shortcut) for key, act in acts.items()}
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search actions or keys")
        self.search.setAccessibleName("Search shortcuts")
        self.search.textChanged.connect(self._filter)
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels(["Action", "Shortcut", "What it does"])
        self.tree.setRootIsDecorated(False)
        self.tree.setAlternatingRowColors(True)
        self.tree.setAccessibleName("Shortcuts")
        for key, act in acts.items():
            item = QTreeWidgetItem(self.tree, [act.words, self._keys[key], act.help])
            item.setData(0, Qt.ItemDataRole.UserRole, key)
        header = self.tree.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.currentItemChanged.connect(self._selected)
        self.edit = QKeySequenceEdit()
        self.edit.setMaximumSequenceLength(1)
        self.edit.setClearButtonEnabled(True)
        self.edit.setAccessibleName("New shortcut")
        self.edit.keySequenceChanged.connect(self._typed)
        self.default = QPushButton("Use &default")
        self.default.clicked.connect(self._use_default)
        self.every_default = QPushButton("&All defaults")
        self.every_default.clicked.connect(self._use_all_defaults)
        self.warning = QLabel()
        self.warning.setWordWrap(True)
        give_role(self.warning, "warning")
        self.warning.hide()
        self._lay_out()
        self.select(next(iter(acts), ""))

    def _lay_out(self) -> None:
        label = QLabel("&Press the new keys:")
        label.setBuddy(self.edit)
        line = QHBoxLayout()
        for widget in (label, self.edit, self.default, self.every_default):
            line.addWidget(widget)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.tree)
        layout.addLayout(line)
        layout.addWidget(self.warning)
        layout.addWidget(self.buttons)

    def _items(self) -> list[QTreeWidgetItem]:
        found = [self.tree.topLevelItem(k) for k in range(self.tree.topLevelItemCount())]
        return [item for item in found if item is not None]

    def _key(self) -> str:
        item = self.tree.currentItem()
        return item.data(0, Qt.ItemDataRole.UserRole) if item is not None else ""

    def select(self, key: str) -> None:
        """Go to an action."""
        for item in self._items():
            if item.data(0, Qt.ItemDataRole.UserRole) == key:
                self.tree.setCurrentItem(item)

    def _selected(self) -> None:
        if self._key():
            self.edit.blockSignals(True)
            self.edit.setKeySequence(QKeySequence(self._keys[self._key()]))
            self.edit.blockSignals(False)
            self._warn()

    def _typed(self, keys: QKeySequence) -> None:
        self._set(self._key(), keys.toString())

    def _set(self, key: str, shortcut: str) -> None:
        if not key:
            return
        self._keys[key] = shortcut
        for item in self._items():
            if item.data(0, Qt.ItemDataRole.UserRole) == key:
                item.setText(1, shortcut)
        self._warn()

    def _use_default(self) -> None:
        self._set(self._key(), self._acts[self._key()].shortcut)
        self._selected()

    def _use_all_defaults(self) -> None:
        for key, act in self._acts.items():
            self._set(key, act.shortcut)
        self._selected()

    def conflicts(self) -> list[str]:
        """Return a sentence for each shortcut that several actions have."""
        users: dict[str, list[str]] = {}
        for key, shortcut in self._keys.items():
            if shortcut:
                users.setdefault(shortcut, []).append(self._acts[key].words.rstrip("…"))
        return [
            f"{shortcut} is used by {' and '.join(some)}. Only one can have it."
            for shortcut, some in users.items()
            if len(some) > 1
        ]

    def _warn(self) -> None:
        found = self.conflicts()
        self.warning.setText("\n".join(found))
        self.warning.setVisible(bool(found))
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not found)

    def _filter(self, text: str) -> None:
        for item in self._items():
            words = " ".join(item.text(k) for k in range(3)).lower()
            item.setHidden(text.lower() not in words)

    def _accept(self) -> None:
        differing = {k: v for k, v in self._keys.items() if v != self._acts[k].shortcut}
        self.accept()
        self.chosen.emit(differing)
