"""One time, one place and one choice of units through all views that are open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Place:
    """Millimetres to the right, to the front and up, in a space of :mod:`neurostudio.spaces`."""

    position: tuple[float, float, float]
    space: str


class Links(QObject):
    """What the open views share; a view listens and tells, and knows no other view.

    ``time_moved`` carries seconds on the common axis, which is that of the data whose offset is 0;
    ``window_moved`` the first and the last second that a view shows, and the view.
    ``units_chosen`` carries the names of the chosen units (neurons, channels, regions, electrodes, nodes)
    as a frozenset. ``place_moved`` carries a :class:`Place`; a view goes there if its data are in that space
    (:func:`neurostudio.spaces.relation` says so), else it stays and says why.
    """

    time_moved = Signal(float)
    window_moved = Signal(float, float, object)
    units_chosen = Signal(object)
    place_moved = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.place: Place | None = None
        self.time: float | None = None
        self.units: frozenset[str] = frozenset()

    def move_time(self, time: float) -> None:
        """Put the cursor of all views to a time in seconds."""
        if time != self.time:
            self.time = time
            self.time_moved.emit(time)

    def move_place(self, position: tuple[float, float, float], space: str) -> None:
        """Put the cursor of all views to a place: millimetres (right, front, up) in a named space."""
        place = Place(position, space)
        if place != self.place:
            self.place = place
            self.place_moved.emit(place)

    def choose_units(self, names: Iterable[str]) -> None:
        """Choose units in all views; no names for none."""
        chosen = frozenset(names)
        if chosen != self.units:
            self.units = chosen
            self.units_chosen.emit(chosen)


_LINKS: list[Links] = []


def links() -> Links:
    """Return what the views of this program share."""
    if not _LINKS:
        _LINKS.append(Links())
    return _LINKS[0]
