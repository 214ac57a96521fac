"""Hands for a walk through the window: real mouse clicks and keys by xdotool, eyes by screenshots.

The window runs in this process; a second thread moves the hands. It asks the window only where things are.
"""

from __future__ import annotations

import subprocess
import threading
import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QApplication, QCheckBox, QWidget

if TYPE_CHECKING:
    from pathlib import Path


class Eyes(QObject):
    """Answers questions about widgets in the window's thread."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.asked.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    def _answer(self, question: list[Any]) -> None:
        function, answer, done = question
        try:
            answer.append(function())
        except Exception as error:
            answer.append(error)
        done.set()

    def ask(self, function: Any) -> Any:
        """Return what a function says in the window's thread."""
        answer: list[Any] = []
        done = threading.Event()
        self.asked.emit([function, answer, done])
        if not done.wait(60):
            raise TimeoutError("the window did not answer for a minute")
        if isinstance(answer[0], Exception):
            raise answer[0]
        return answer[0]


class Hands:
    """Clicks, types, waits and photographs."""

    def __init__(self, eyes: Eyes, screens: Path) -> None:
        self.eyes = eyes
        self.screens = screens
        self.pause = threading.Event()  # never set: a person's pause between two acts

    def rest(self, seconds: float = 0.4) -> None:
        """Pause as a person does."""
        self.pause.wait(seconds)

    def _xdotool(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], check=True)

    def key(self, *names: str) -> None:
        """Press keys, one combination after the other."""
        for name in names:
            self._xdotool("key", "--clearmodifiers", name)
            self.rest(0.25)

    def type(self, text: str) -> None:
        """Type a text."""
        self._xdotool("type", "--delay", "8", "--", text)
        self.rest()

    def click(self, name: str, *, button: int = 1, row: str = "") -> None:
        """Click a widget by its accessible name, or a row of it by its text."""
        self.wait_for(lambda: find(name) is not None, f"a widget named {name}")
        place = self.eyes.ask(lambda: _centre(find(name), row))
        self._xdotool("mousemove", str(place.x()), str(place.y()))
        self.rest(0.15)
        self._xdotool("click", str(button))
        self.rest()

    def wait_for(self, there: Any, what: str, seconds: float = 60.0) -> None:
        """Wait until something is so, or fail with its name."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.eyes.ask(there):
                return
            self.rest(0.1)
        self.photograph("failed")
        raise TimeoutError(f"waited {seconds:.0f} s for {what}")

    def photograph(self, name: str) -> None:
        """Take a picture of the whole screen."""
        self.rest(0.6)
        path = self.screens / f"{name}.png"
        subprocess.run(["import", "-window", "root", str(path)], check=True)
        print("photographed", path.name, flush=True)


def find(name: str) -> QWidget | None:
    """Return the visible widget of an accessible name, or else of a text or object name."""
    shown = [widget for widget in QApplication.allWidgets() if widget.isVisible()]
    for known in (QWidget.accessibleName, _text, QWidget.objectName):
        for widget in shown:
            if known(widget) == name:
                return widget
    return None


def _text(widget: QWidget) -> str:
    text = getattr(widget, "text", None)
    return text().replace("&", "") if callable(text) and isinstance(text(), str) else ""


def _centre(widget: QWidget, row: str) -> QPoint:
    if isinstance(widget, QCheckBox):
        return widget.mapToGlobal(QPoint(8, widget.height() // 2))
    if not row:
        return widget.mapToGlobal(widget.rect().center())
    model, view = widget.model(), widget
    index = _index(model, row)
    view.scrollTo(index)
    box = view.visualRect(index)
    return view.viewport().mapToGlobal(
        QPoint(box.left() + min(60, box.width() // 2), box.center().y())
    )


def _index(model: Any, row: str) -> Any:
    found = model.match(
        model.index(0, 0),
        Qt.ItemDataRole.DisplayRole,
        row,
        1,
        Qt.MatchFlag.MatchStartsWith | Qt.MatchFlag.MatchRecursive | Qt.MatchFlag.MatchWrap,
    )
    if not found:
        raise LookupError(f"no row begins with {row!r}")
    return found[0]
