"""Writes the pictures of a run without a screen."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

from neurostudio.errors import BadInput, NotEnough
from neurostudio.files import ensure_writable
from neurostudio.runs import Run, State

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication, QWidget

_SIZE = (1100, 700)
_PATIENCE = 10_000
_QUIET_ROUNDS = 5


def render(folder: Path, out: Path) -> list[Path]:
    """Write each view of a finished run as PNG and SVG and return the files.

    Parameters
    ----------
    folder
        The run's folder.
    out
        The folder for the pictures; made if it is not there.

    Raises
    ------
    BadInput
        The folder holds no finished run.
    NotEnough
        Nothing can be written there.
    """
    run = Run(folder)
    _ = run.request  # says so where the folder holds no run at all
    if run.state is not State.DONE:
        raise BadInput(
            f"The run in {folder} is {run.state.value}; only a finished run has pictures."
        )
    ensure_writable(out)
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from .app import application
    from .drawing import widget_for
    from .figures import save_figure
    from .theme import theme

    running = application()
    theme().choose("light")
    written: list[Path] = []
    for number, view in enumerate(run.views()):
        widget = widget_for(view, run.source)
        widget.resize(*_SIZE)
        widget.show()
        _settle(running, widget)
        title = re.sub(r"\W+", "-", view.title.lower()).strip("-") or type(view).__name__.lower()
        for suffix in (".png", ".svg"):
            path = out / f"{number:02d}-{title}{suffix}"
            try:
                save_figure(widget, path)
            except OSError as error:
                raise NotEnough(f"{path} cannot be written: {error}.") from error
            written.append(path)
        widget.close()
        widget.deleteLater()
    return written


def _settle(running: QApplication, widget: QWidget) -> None:
    """Let the event loop run until what is read in threads has been drawn."""
    from PySide6.QtCore import QDeadlineTimer

    from .background import Background

    deadline = QDeadlineTimer(_PATIENCE)
    quiet = 0
    while quiet < _QUIET_ROUNDS and not deadline.hasExpired():
        running.thread().msleep(10)
        running.processEvents()
        threads = widget.findChildren(Background)
        quiet = 0 if any(each.busy for each in threads) else quiet + 1
