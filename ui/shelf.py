"""The open items, for drawings that lay others over their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neurostudio.data import Data
    from neurostudio.session import Item


class Shelf(QObject):
    """What is open; ``changed`` when that is no longer the same."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._items: dict[str, Item] = {}

    def put(self, items: Mapping[str, Item]) -> None:
        """Take the items of a session in place of those before."""
        if dict(items) != self._items:
            self._items = dict(items)
            self.changed.emit()

    def names(self, *kinds: str) -> tuple[str, ...]:
        """Return the names of the items of some kinds; of all where none is said."""
        return tuple(name for name, item in self._items.items() if not kinds or item.kind in kinds)

    def load(self, name: str) -> Data:
        """Read an item; to be called in a thread.

        Raises
        ------
        KeyError
            It is no longer open.
        """
        return self._items[name].load()


_SHELVES: list[Shelf] = []


def shelf() -> Shelf:
    """Return the items that are open in this program."""
    if not _SHELVES:
        _SHELVES.append(Shelf())
    return _SHELVES[0]
