"""A list of names to check, with a search field; for channels, events, columns and parts of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from .theme import give_role

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


class NamesDialog(QDialog):
    """Asks which of some names; ``chosen`` carries them in the list's order.

    Parameters
    ----------
    title
        What is chosen.
    names, checked
        All names, and those checked at first.
    parent
        The widget that asks.
    captions
        What is shown for each name, by default the name.
    """

    chosen = Signal(list)

    def __init__(
        self,
        title: str,
        names: Sequence[str],
        checked: Collection[str],
        parent: QWidget | None = None,
        captions: Sequence[str] = (),
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Choose: {title}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(420, 480)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search the names")
        self.search.textChanged.connect(self._filter)
        self.list = QListWidget()
        self.list.setAccessibleName(title)
        for name, caption in zip(names, captions or names, strict=True):
            item = QListWidgetItem(caption, self.list)
            item.setData(Qt.ItemDataRole.UserRole, name)
            state = Qt.CheckState.Checked if name in checked else Qt.CheckState.Unchecked
            item.setCheckState(state)
        self.list.itemChanged.connect(self._count)
        self.list.itemDoubleClicked.connect(self._turn)
        self.count = QLabel()
        give_role(self.count, "dim")
        self._lay_out()
        self._count()

    def _lay_out(self) -> None:
        every, none = QPushButton("Check &all shown"), QPushButton("Check &none")
        for button in (every, none):
            button.setAutoDefault(False)  # Enter says OK
        every.clicked.connect(self._check_all)
        none.clicked.connect(self._check_none)
        line = QHBoxLayout()
        line.addWidget(every)
        line.addWidget(none)
        line.addStretch()
        line.addWidget(self.count)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.list)
        layout.addLayout(line)
        layout.addWidget(self.buttons)

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(k) for k in range(self.list.count())]

    def _filter(self, text: str) -> None:
        for item in self._items():
            item.setHidden(text.lower() not in item.text().lower())

    def _turn(self, item: QListWidgetItem) -> None:
        checked = item.checkState() == Qt.CheckState.Checked
        item.setCheckState(Qt.CheckState.Unchecked if checked else Qt.CheckState.Checked)

    def _check_all(self) -> None:
        for item in self._items():
            if not item.isHidden():
                item.setCheckState(Qt.CheckState.Checked)

    def _check_none(self) -> None:
        for item in self._items():
            item.setCheckState(Qt.CheckState.Unchecked)

    def names(self) -> list[str]:
        """Return the names that are checked."""
        return [
            item.data(Qt.ItemDataRole.UserRole)
            for item in self._items()
            if item.checkState() == Qt.CheckState.Checked
        ]

    def _count(self) -> None:
        self.count.setText(f"{len(self.names())} of {self.list.count()}")

    def _accept(self) -> None:
        self.chosen.emit(self.names())
        self.accept()
