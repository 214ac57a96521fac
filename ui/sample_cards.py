"""Sample data on the first screen: one click runs the method that reads them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from neurostudio import samples

from .card_grid import CardGrid, TallButton
from .forms import Fold
from .theme import give_role

if TYPE_CHECKING:
    from neurostudio.samples import Offer, Sample

    from .studio import Studio

_LEAST = 150  # pixels of a card's width
_COLUMNS = 4


class SampleCard(TallButton):
    """One sample: what it is and its licence; grey, with the reason, where its package is missing."""

    def __init__(self, sample: Sample, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sample = sample
        lacking = samples.lacking(sample)
        self.setMinimumHeight(76)
        self.setAccessibleName(f"Open the sample {sample.title}")
        self.setAccessibleDescription(lacking or f"{sample.about}. Licence: {sample.licence}")
        self.setToolTip("\n\n".join(filter(None, (lacking, sample.words))))
        give_role(self, "card")
        name, about = QLabel(sample.title), QLabel(lacking or sample.about)
        self.licence = QLabel(f"Licence: {sample.licence}")
        give_role(name, "heading")
        self.about = about
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(2)
        for label in (name, about, self.licence):
            label.setWordWrap(True)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(label)
        column.addStretch(1)
        for label in (about, self.licence):
            give_role(label, "dim")
        if lacking:
            give_role(name, "dim")
            self.setEnabled(False)


class SampleCards(QWidget):
    """The samples whose methods are found, and below what else could be installed.

    Nothing is shown before the methods are found, or where no method reads a sample.
    """

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.cards: dict[str, SampleCard] = {}
        heading = QLabel("Samples")
        give_role(heading, "heading")
        self.grid = CardGrid(_COLUMNS, _LEAST)
        self.more = Fold("More samples to &install", _offers())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(heading)
        column.addWidget(self.grid)
        column.addWidget(self.more)
        self.hide()
        studio.methods_found.connect(self.fill)
        self.fill()

    def fill(self) -> None:
        """Show a card for each sample that a method reads."""
        found = [each for each in samples.SAMPLES if each.method in self._studio.methods]
        self.cards = {each.method: SampleCard(each) for each in found}
        for card in self.cards.values():
            card.clicked.connect(partial(self._open, card.sample.method))
        self.grid.show_cards(list(self.cards.values()))
        self.setVisible(bool(self.cards))

    def _open(self, method: str, checked: bool = False) -> None:
        del checked
        self._studio.said.emit(f"Opening the sample {self.cards[method].sample.title}…")
        self._studio.act(
            self._studio.workspace.start, method, {}, {}, done=self._studio.run_chosen.emit
        )


def _offers() -> QWidget:
    """Return what other packages would bring, or where they are."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(18, 0, 0, 0)
    column.setSpacing(2)
    for each in samples.OFFERS:
        label = QLabel(_words(each))
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        give_role(label, "dim")
        column.addWidget(label)
    return holder


def _words(offer: Offer) -> str:
    if samples.is_installed(offer.package):
        where = samples.folder_of(offer.package)
        return f"{offer.install} is installed: {offer.about} ({offer.licence}). Open its files in {where}"
    return f"pip install {offer.install}: {offer.about} ({offer.licence})"
