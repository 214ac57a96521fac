"""Pickers of a method's inputs: one item, or several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from .kinds import ICONS
from .names_dialog import NamesDialog
from .theme import icon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neurostudio.method import Input
    from neurostudio.session import Item


_LEAST = 12  # letters: a long name must not widen the panel


class Picker(QWidget):
    """Base: offers the items that fit an input; ``picked`` is emitted when a person chooses."""

    picked = Signal()

    def __init__(self, entry: Input, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = entry
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)

    def offer(self, items: Sequence[Item]) -> None:
        """Offer items, and keep what is chosen where it is still there."""
        raise NotImplementedError

    def names(self) -> tuple[str, ...]:
        """Return the names chosen."""
        raise NotImplementedError

    def choose(self, names: Sequence[str]) -> None:
        """Choose items by name."""
        raise NotImplementedError

    def _picked(self) -> None:
        self.picked.emit()


class OnePicker(Picker):
    """One item of those that fit; none where the input may be missing."""

    def __init__(self, entry: Input, parent: QWidget | None = None) -> None:
        super().__init__(entry, parent)
        self.combo = QComboBox()
        self.combo.setAccessibleName(entry.name)
        self.combo.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.combo.setMinimumContentsLength(_LEAST)
        self.combo.setPlaceholderText(f"open {entry.words} first")
        self.combo.activated.connect(self._picked)
        self.row.addWidget(self.combo, 1)
        self.setFocusProxy(self.combo)

    def offer(self, items: Sequence[Item]) -> None:
        """List the items."""
        before = self.names()
        self.combo.clear()
        if self.entry.optional:
            self.combo.addItem("none", "")
        for item in items:
            self.combo.addItem(icon(ICONS.get(item.kind, "table")), item.name, item.name)
        self.combo.setEnabled(self.combo.count() > 0)
        self.combo.setCurrentIndex(min(0, self.combo.count() - 1))
        self.choose(before)

    def names(self) -> tuple[str, ...]:
        """Return the one name, or none."""
        name = self.combo.currentData()
        return (name,) if name else ()

    def choose(self, names: Sequence[str]) -> None:
        """Choose the first name that is offered."""
        for name in names:
            index = self.combo.findData(name)
            if index >= 0:
                self.combo.setCurrentIndex(index)


class ManyPicker(Picker):
    """Several items, checked on a list; all that fit at first."""

    def __init__(self, entry: Input, parent: QWidget | None = None) -> None:
        super().__init__(entry, parent)
        self._items: tuple[Item, ...] = ()
        self._left_out: set[str] = set()
        self.label = QLabel()
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.button = QPushButton("Choose…")
        self.button.setAccessibleName(f"Choose {entry.name}")
        self.button.clicked.connect(self._ask)
        self.row.addWidget(self.label, 1)
        self.row.addWidget(self.button)
        self.setFocusProxy(self.button)
        self.dialog: NamesDialog | None = None
        self._tell()

    def offer(self, items: Sequence[Item]) -> None:
        """Offer the items; new ones are checked, unless the input may be left out or a run made them.

        What a run makes meanwhile is seldom an input of the same method once more.
        """
        known = {item.name for item in self._items}
        new = [item for item in items if item.name not in known]
        made = [item for item in new if self.entry.optional or (known and _made_by_run(item))]
        self._left_out |= {item.name for item in made}
        self._items = tuple(items)
        self._tell()

    def names(self) -> tuple[str, ...]:
        """Return the checked names."""
        return tuple(item.name for item in self._items if item.name not in self._left_out)

    def choose(self, names: Sequence[str]) -> None:
        """Check these, and no others."""
        self._left_out = {item.name for item in self._items} - set(names)
        self._tell()

    def _tell(self) -> None:
        names = self.names()
        self.button.setEnabled(bool(self._items))
        if not self._items:
            self.label.setText(f"open {self.entry.words} first")
        elif len(names) == 1:
            self.label.setText(names[0])
        else:
            self.label.setText(f"{len(names)} of {len(self._items)} items")
        self.label.setToolTip("\n".join(names[:30]))

    def _ask(self) -> None:
        captions = [f"{item.name}    {item.summary}" for item in self._items]
        self.dialog = NamesDialog(
            self.entry.name, [item.name for item in self._items], self.names(), self, captions
        )
        self.dialog.chosen.connect(self._chosen)
        self.dialog.open()

    def _chosen(self, names: list[str]) -> None:
        self.choose(names)
        self.picked.emit()


def _made_by_run(item: Item) -> bool:
    """Return whether an item is a run's output, which lies at ``runs/NAME/data/OUTPUT``."""
    return item.folder.parts[-4:-3] == ("runs",)


def picker_for(entry: Input) -> Picker:
    """Return the picker for an input."""
    return ManyPicker(entry) if entry.many else OnePicker(entry)
