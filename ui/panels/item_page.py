"""An item's data, read in a thread; what a person marks in them goes to the session and comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from neurostudio import items

from ..figures import CanMark, OnTime
from .result_page import Content, ResultPage, read_item

if TYPE_CHECKING:
    from neurostudio.marks import Marks
    from neurostudio.session import Item

    from ..home import Home
    from ..studio import Studio


class ItemPage(QWidget):
    """Shows one item at a time; ``shown`` is emitted when there is something to see."""

    shown = Signal()
    failed = Signal(object)

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.item: Item | None = None
        self.page: ResultPage | None = None
        self._offset = 0.0
        self.words = QLabel()
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setWordWrap(True)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self.words, 1)
        studio.session_changed.connect(self._session_changed)

    @property
    def offset(self) -> float:
        """Seconds from the time of these data to the common axis."""
        return self._offset

    @offset.setter
    def offset(self, seconds: float) -> None:
        self._offset = seconds
        figure = self.figure()
        if isinstance(figure, OnTime):
            figure.offset = seconds

    def figure(self) -> QWidget | None:
        """Return what is looked at."""
        return self.page.figure() if self.page is not None else None

    def clear(self) -> None:
        """Show nothing."""
        self.item = None
        self._drop()

    def _drop(self) -> None:
        if self.page is not None:
            self.page.hide()
            self.page.deleteLater()
            self.page = None

    def show_item(self, item: Item) -> None:
        """Show an item's data."""
        self.item = item
        self._drop()
        self.words.setText(f"Reading {item.name}…")
        self.words.show()
        self._studio.background.run(
            read_item, item, self._studio.home(), done=self._came, failed=self._no_item
        )

    def _came(self, answer: tuple[Item, Content]) -> None:
        item, content = answer
        if item == self.item:
            self._show(content)

    def _no_item(self, error: Exception) -> None:
        if self.item is not None:
            self.words.setText(str(error))
            self.failed.emit(error)

    def _show(self, content: Content) -> None:
        self._drop()
        self.words.hide()
        self.page = ResultPage(content)
        self._layout.addWidget(self.page, 1)
        figure = self.page.figure()
        if isinstance(figure, CanMark):
            figure.marked.connect(self._marked)
            figure.recoloured.connect(self._studio.keep_colour)
        if isinstance(figure, OnTime):
            figure.offset = self._offset
            figure.together = True
        self.shown.emit()

    # ---- marks -----------------------------------------------------------------------------------

    def _marked(self, marks: Marks) -> None:
        if self.item is not None:
            self._studio.act(self._studio.workspace.mark, self.item.name, marks)

    def _session_changed(self) -> None:
        before = self.item
        now = self._studio.workspace.items.get(before.name) if before is not None else None
        if before is None or now is None or now.folder == before.folder:
            return
        self.item = now  # other marks on the same samples, or another item by now
        home = self._studio.home()
        self._studio.background.run(
            _read_again, now, before, home, done=self._came_again, failed=self._no_item
        )

    def _came_again(self, answer: tuple[Item, Content, bool]) -> None:
        item, content, same = answer
        if item != self.item:
            return
        figure = self.figure()
        if same and isinstance(figure, CanMark) and content.data is not None:
            figure.take(content.data)
        else:
            self._show(content)


def _read_again(now: Item, before: Item, home: Home) -> tuple[Item, Content, bool]:
    """Read an item that took another's name; say whether the samples are the same."""
    return *read_item(now, home), items.base(now.folder) == items.base(before.folder)
