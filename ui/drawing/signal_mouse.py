"""What the mouse does on the signals: move, choose, mark, drag marks, call channels bad."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent

if TYPE_CHECKING:
    from neurostudio.marks import Mark

    from .signal_canvas import SignalCanvas

_NEAR = 5  # pixels
_STILL = 4  # pixels that a click may move
_LEAST = 0.002  # seconds of the shortest stretch that is marked by dragging


@dataclass(slots=True)
class Grip:
    """What a pressed button holds: ``pan``, ``mark``, or the ``begin``, ``end`` or ``whole`` of a mark."""

    what: str
    at: QPointF
    time: float
    start: float
    mark: Mark | None = None
    moved: bool = False


class Mouse(QObject):
    """Turns movements of the mouse over a canvas into wishes; ``marking`` makes drags mark."""

    moved_to = Signal(float)  # the first second that the window is to show
    time_chosen = Signal(float)
    hovered = Signal(object)  # QPointF or None
    channel_clicked = Signal(int)  # the row
    channel_chosen = Signal(int)  # the row: with Ctrl, or where channels cannot be called bad
    stretch_marked = Signal(float, float)
    mark_changed = Signal(object, object)
    mark_chosen = Signal(object)
    mark_opened = Signal(object)
    menu_wanted = Signal(object, object)  # the mark, where on the screen

    def __init__(self, canvas: SignalCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.marking = False
        self.editable = False
        self._grip: Grip | None = None
        canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the canvas's mouse events."""
        del watched
        if event.type() == QEvent.Type.Leave:
            self.hovered.emit(None)
        if not isinstance(event, QMouseEvent) or self._canvas.picture is None:
            return False
        act = {
            QEvent.Type.MouseButtonPress: self._press,
            QEvent.Type.MouseMove: self._move,
            QEvent.Type.MouseButtonRelease: self._release,
            QEvent.Type.MouseButtonDblClick: self._double,
        }.get(event.type())
        if act is None:
            return False
        act(event)
        return event.type() != QEvent.Type.MouseButtonPress  # presses also give the focus

    # ---- pressing --------------------------------------------------------------------------------

    def _press(self, event: QMouseEvent) -> None:
        place = event.position()
        mark, what = self.mark_at(place)
        if event.button() == Qt.MouseButton.RightButton:
            if mark is not None:
                self.mark_chosen.emit(mark)
                self.menu_wanted.emit(mark, event.globalPosition().toPoint())
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        layout = self._canvas.layout_for()
        time = layout.time_of(place.x())
        if place.x() < layout.left:
            row = layout.row_of(place.y())
            if row is not None:
                plain = event.modifiers() == Qt.KeyboardModifier.NoModifier and self.editable
                (self.channel_clicked if plain else self.channel_chosen).emit(row)
            return
        if mark is not None and what:
            self.mark_chosen.emit(mark)
        else:
            mark, what = None, "mark" if self.marking else "pan"
        self._grip = Grip(what, place, time, layout.start, mark)

    def mark_at(self, place: QPointF) -> tuple[Mark | None, str]:
        """Return the mark under a point and which part of it: ``begin``, ``end``, ``whole``, or nothing.

        In the strip above the curves a mark is taken as a whole; its edges are taken everywhere.
        """
        picture = self._canvas.picture
        layout = self._canvas.layout_for()
        if (
            picture is None
            or place.x() < layout.left
            or place.y() > layout.top + layout.plot_height
        ):
            return None, ""
        in_strip = place.y() <= layout.top
        found: tuple[float, Mark | None, str] = (_NEAR + 1.0, None, "")
        for each in picture.happenings:
            begin, end = layout.x_of(each.onset), layout.x_of(each.onset + each.duration)
            edges = [("whole", begin)] if each.duration == 0 else [("begin", begin), ("end", end)]
            for what, x in edges:
                if self.editable or in_strip:
                    found = min(found, (abs(place.x() - x), each, what), key=lambda one: one[0])
            if in_strip and begin < place.x() < end:
                found = min(found, (_NEAR, each, "whole"), key=lambda one: one[0])
        return (found[1], found[2]) if found[0] <= _NEAR else (None, "")

    # ---- moving ----------------------------------------------------------------------------------

    def _move(self, event: QMouseEvent) -> None:
        place = event.position()
        layout = self._canvas.layout_for()
        grip = self._grip
        if grip is None:
            self._hover(place)
            return
        if not grip.moved and abs(place.x() - grip.at.x()) < _STILL:
            return
        grip.moved = True
        time = layout.time_of(place.x())
        if grip.what == "pan":
            seconds = (place.x() - grip.at.x()) / layout.plot_width * (layout.stop - layout.start)
            self.moved_to.emit(grip.start - seconds)
        elif grip.what == "mark":
            self._canvas.pointer.stretch = (grip.time, time)
            self._canvas.update()
        elif grip.mark is not None and self.editable:
            changed = dragged(grip.mark, grip.what, time - grip.time)
            self._canvas.pointer.stretch = (changed.onset, changed.onset + changed.duration)
            self._canvas.update()

    def _hover(self, place: QPointF) -> None:
        layout = self._canvas.layout_for()
        mark, what = self.mark_at(place)
        shape = Qt.CursorShape.ArrowCursor
        if place.x() < layout.left:
            shape = Qt.CursorShape.PointingHandCursor
        elif mark is not None and self.editable:
            sideways = what in {"begin", "end"} or mark.duration == 0
            shape = Qt.CursorShape.SizeHorCursor if sideways else Qt.CursorShape.SizeAllCursor
        elif self.marking:
            shape = Qt.CursorShape.CrossCursor
        self._canvas.setCursor(shape)
        self.hovered.emit(place if layout.inside(place.x(), place.y()) else None)

    # ---- letting go ------------------------------------------------------------------------------

    def _release(self, event: QMouseEvent) -> None:
        grip, self._grip = self._grip, None
        if grip is None:
            return
        layout = self._canvas.layout_for()
        time = layout.time_of(event.position().x())
        self._canvas.pointer.stretch = None
        self._canvas.update()
        if grip.what == "mark":
            begin, end = sorted((grip.time, time)) if grip.moved else (grip.time, grip.time)
            self.stretch_marked.emit(begin, end if end - begin >= _LEAST else begin)
        elif not grip.moved and layout.inside(event.position().x(), event.position().y()):
            self.time_chosen.emit(grip.time)
        elif grip.moved and grip.mark is not None and self.editable:
            self.mark_changed.emit(grip.mark, dragged(grip.mark, grip.what, time - grip.time))

    def _double(self, event: QMouseEvent) -> None:
        mark, _ = self.mark_at(event.position())
        if mark is not None and event.button() == Qt.MouseButton.LeftButton:
            self.mark_opened.emit(mark)


def dragged(mark: Mark, what: str, by: float) -> Mark:
    """Return a mark whose begin, end or whole was moved by some seconds."""
    end = mark.onset + mark.duration
    if what == "whole":
        return replace(mark, onset=max(0.0, mark.onset + by))
    if what == "begin":
        onset = min(max(0.0, mark.onset + by), end)
        return replace(mark, onset=onset, duration=end - onset)
    return replace(mark, duration=max(0.0, mark.duration + by))
