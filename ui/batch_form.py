"""What a batch needs to be told: the chain, the files, where results go, where it is worked on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QWidget,
)

from neurostudio.chains import Chain, chain_of
from neurostudio.errors import NeurostudioError

from .batches import Wish
from .settings_dialog import FolderField
from .theme import give_role

if TYPE_CHECKING:
    from .studio import Studio

PLACES = {
    "here": "This computer",
    "local": "Dask on this computer",
    "slurm": "SLURM, as the settings say",
}


class BatchForm(QWidget):
    """Fields; ``changed`` tells that what they say may be ready or not any more."""

    changed = Signal()

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.chain: Chain | None = None
        self.item = QComboBox()
        self.item.setAccessibleName("Result or opened file")
        self.steps = QLabel()
        self.steps.setWordWrap(True)
        self.steps.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.folder = FolderField("Folder of the files", "", "a BIDS data set, or any folder")
        self.pattern = QLineEdit()
        self.pattern.setPlaceholderText("all that the first step can take; or for example **/*.edf")
        self.pattern.setAccessibleName("Which files")
        self.out = FolderField(
            "Folder of the results", "", "a new folder, or that of an earlier batch"
        )
        self.where = self._make_where(studio.settings.cluster)
        self.workers = QSpinBox()
        self.workers.setRange(0, 10_000)
        self.workers.setSpecialValueText("as the settings say")
        self.workers.setAccessibleName("Files at once")
        self.workers.setMinimumHeight(self.pattern.sizeHint().height())
        self._lay_out()
        self.item.currentTextChanged.connect(self._item_changed)
        self.where.editTextChanged.connect(self._typed)
        for line in (self.folder.line, self.out.line):
            line.textChanged.connect(self._typed)

    @staticmethod
    def _make_where(chosen: str) -> QComboBox:
        where = QComboBox()
        where.setEditable(True)
        where.setAccessibleName("Where it is worked on")
        where.setToolTip("A place, or the address of a Dask scheduler such as tcp://node1:8786")
        where.addItems(list(PLACES.values()))
        where.setCurrentText(PLACES.get(chosen, chosen) or PLACES["here"])
        return where

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Steps &of", self.item)
        form.addRow("", self.steps)
        form.addRow("On the files &in", self.folder)
        form.addRow("&Which files", self.pattern)
        form.addRow("Results &to", self.out)
        form.addRow("Wor&ked on by", self.where)
        form.addRow("Files at o&nce", self.workers)

    def _typed(self) -> None:
        self.changed.emit()

    def take_item(self, name: str) -> None:
        """Offer the items of the session, with this one chosen."""
        names = list(self._studio.workspace.items)
        self.item.blockSignals(True)
        self.item.clear()
        self.item.addItems(names)
        self.item.setCurrentText(name if name in names else "")
        self.item.blockSignals(False)
        self._item_changed()

    def _item_changed(self) -> None:
        self.chain = None
        try:
            self.chain = chain_of(self._studio.workspace.steps, self.item.currentText())
        except NeurostudioError as error:
            give_role(self.steps, "bad")
            self.steps.setText(str(error))
        else:
            give_role(self.steps, "dim")
            self.steps.setText(self.chain.title)
        self.changed.emit()

    def lacking(self) -> str:
        """Return what is missing before it can begin, or nothing."""
        if self.chain is None:
            return "Choose data that methods have worked on."
        if not self.folder.line.text().strip():
            return "Choose the folder of the files."
        return "" if self.out.line.text().strip() else "Choose a folder for the results."

    def wish(self) -> Wish | None:
        """Return what is asked for, if it is complete."""
        if self.chain is None or self.lacking():
            return None
        keys = {words: key for key, words in PLACES.items()}
        where = self.where.currentText().strip()
        return Wish(
            self.chain,
            self.folder.line.text().strip(),
            self.pattern.text().strip(),
            self.out.line.text().strip(),
            keys.get(where, where),
            self.workers.value(),
        )
