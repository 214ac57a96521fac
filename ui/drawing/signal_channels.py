"""Which channels are shown, in which order: groups by type, a filter, bad ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ..theme import give_role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from neurostudio.sources import Source

_INDEX = Qt.ItemDataRole.UserRole
ORDERS = ("as in the file", "by name", "by type", "bad ones last")


class ChannelChooser(QFrame):
    """A list with a tick for each channel; drag a row to another place.

    ``changed`` gives the indices of the channels that are shown, in their order.
    """

    changed = Signal(object)

    def __init__(self, source: Source, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._source = source
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Filter channels")
        self.search.textChanged.connect(self._filter)
        self.order = QComboBox()
        self.order.addItems(ORDERS)
        self.order.setToolTip("Order of the channels; or drag single ones")
        self.order.activated.connect(self._sort)
        self.list = QListWidget()
        self.list.setAccessibleName("Channels")
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.model().rowsMoved.connect(self._tell)
        self.list.itemChanged.connect(self._tell)
        buttons = QHBoxLayout()
        for words, act in (
            ("All", self.show_all),
            ("None", self.show_none),
            ("Turn over", self.turn),
        ):
            button = QPushButton(words)
            button.clicked.connect(act)
            buttons.addWidget(button)
        self.types = QHBoxLayout()
        for kind in dict.fromkeys(source.types):
            button = QPushButton(f"only {kind}")
            button.setObjectName(kind)
            button.clicked.connect(self._only)
            self.types.addWidget(button)
        hint = QLabel("Ticks act on the rows that the filter leaves.")
        give_role(hint, "dim")
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.order)
        layout.addLayout(buttons)
        if self.types.count() > 1:
            layout.addLayout(self.types)
        layout.addWidget(self.list, 1)
        layout.addWidget(hint)
        self.resize(300, 460)

    def fill(self, order: Iterable[int], shown: Iterable[int]) -> None:
        """List channels in an order, with ticks at those shown."""
        shown = set(shown)
        self.list.blockSignals(True)
        self.list.clear()
        for k in order:
            item = QListWidgetItem(f"{self._source.names[k]}   {self._source.types[k]}")
            item.setData(_INDEX, k)
            item.setFlags(
                Qt.ItemFlag.ItemIsEnabled
                | Qt.ItemFlag.ItemIsUserCheckable
                | Qt.ItemFlag.ItemIsSelectable
                | Qt.ItemFlag.ItemIsDragEnabled
            )
            item.setCheckState(Qt.CheckState.Checked if k in shown else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.blockSignals(False)

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def shown(self) -> tuple[int, ...]:
        """Return the channels with ticks, in their order."""
        return tuple(
            item.data(_INDEX)
            for item in self._items()
            if item.checkState() == Qt.CheckState.Checked
        )

    def _tell(self) -> None:
        self.changed.emit(self.shown())

    def _set(self, state: dict[int, bool]) -> None:
        self.list.blockSignals(True)
        for item in self._items():
            if not item.isHidden() and item.data(_INDEX) in state:
                on = state[item.data(_INDEX)]
                item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        self.list.blockSignals(False)
        self._tell()

    def show_all(self) -> None:
        """Show all that the filter leaves."""
        self._set(dict.fromkeys(range(len(self._source.names)), True))

    def show_none(self) -> None:
        """Hide all that the filter leaves."""
        self._set(dict.fromkeys(range(len(self._source.names)), False))

    def turn(self) -> None:
        """Show what is hidden, and hide what is shown."""
        shown = set(self.shown())
        self._set({k: k not in shown for k in range(len(self._source.names))})

    def _only(self) -> None:
        kind = self.sender().objectName()
        self._set({k: each == kind for k, each in enumerate(self._source.types)})

    def _filter(self, words: str) -> None:
        for item in self._items():
            item.setHidden(words.casefold() not in item.text().casefold())

    def _sort(self) -> None:
        source, shown = self._source, self.shown()
        keys = {
            ORDERS[0]: lambda k: (k,),
            ORDERS[1]: lambda k: (source.names[k].casefold(), k),
            ORDERS[2]: lambda k: (source.types.index(source.types[k]), k),
            ORDERS[3]: lambda k: (source.names[k] in source.bad, k),
        }
        self.fill(sorted(range(len(source.names)), key=keys[self.order.currentText()]), shown)
        self._tell()
