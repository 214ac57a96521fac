"""Starts the desktop: the window first, everything else after its first paint."""

from __future__ import annotations

import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from neurostudio.errors import BrokenSession, NeurostudioError, NotEnough
from neurostudio.settings import load_settings
from neurostudio.workspace import Workspace

from .main_window import MainWindow
from .studio import Studio
from .theme import icon, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

_TICK = 300  # ms
_IDLE = 200  # ms
_QUIET, _LONGEST = 5, 100  # ticks without work before a screenshot, and at most


def application() -> QApplication:
    """Return the application, made if there is none, with its name and looks."""
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    # without it a floating dock loses its OpenGL canvas
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    made = QApplication(sys.argv[:1])
    made.setApplicationName("neurostudio")
    made.setApplicationDisplayName("neurostudio")
    made.setOrganizationName("neurostudio")
    made.setDesktopFileName("neurostudio")
    theme().choice = load_settings().theme
    theme().follow(made)
    made.setWindowIcon(icon("neurostudio"))
    return made


def _load_drawing() -> None:
    for name in ("lines", "signals", "signal_raster", "brain_raster", "slices"):
        import_module(f".drawing.{name}", __package__)
    import_module("neurostudio.envelope")


class Start(QObject):
    """What happens after the first paint, in its order."""

    def __init__(self, window: MainWindow, files: Sequence[str], demo: bool) -> None:
        super().__init__(window)
        self._window = window
        self._files = files
        self._demo = demo
        self.screenshot: Path | None = None
        self._ticks = self._quiet = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)

    def begin(self) -> None:
        """Find the methods, then open what the command line named."""
        studio = self._window.studio
        if self._demo:
            studio.methods_found.connect(self._window.open_sample)
        studio.find_methods()
        self._window.opener.open(Path(each).expanduser() for each in self._files)
        self._window.show_latest()
        QTimer.singleShot(_IDLE, self._warm_up)

    def _warm_up(self) -> None:
        """Load the drawing libraries while nobody waits for them."""
        background = self._window.studio.background
        if self._window.closed:
            return
        if background.busy:
            QTimer.singleShot(_IDLE, self._warm_up)
        else:
            background.run(_load_drawing)

    def quit_when_settled(self) -> None:
        """Take the screenshot and close as soon as nothing is under way."""
        self._timer.start(_TICK)

    def _tick(self) -> None:
        self._ticks += 1
        self._quiet = 0 if self._window.studio.background.busy else self._quiet + 1
        if self._quiet >= _QUIET or self._ticks >= _LONGEST:
            self._timer.stop()
            self.quit()

    def quit(self) -> None:
        """Take the screenshot that was asked for, and close."""
        if self.screenshot is not None:
            self._window.grab().save(str(self.screenshot))
        self._window.close()
        QCoreApplication.quit()


def _begin(session: Path | None) -> tuple[Workspace, NeurostudioError | None]:
    """Return the session to begin with; what is wrong with the one wished for comes beside it."""
    try:
        return Workspace.load(session) if session is not None else Workspace.new(), None
    except BrokenSession as error:
        return _begin(None)[0], error
    except NotEnough as error:  # the person can still look around, and choose another folder
        elsewhere = Path(tempfile.mkdtemp(prefix="neurostudio-"))
        sentence = f"{error} Until then this session is kept in {elsewhere}."
        return Workspace.new(inside=elsewhere), NotEnough(sentence)


def main(
    files: Sequence[str] = (),
    session: Path | None = None,
    demo: bool = False,
    quit_after: float | None = None,
    screenshot: Path | None = None,
) -> int:
    """Show the window until it is closed.

    Parameters
    ----------
    files
        Files and folders to open.
    session
        A session folder to go on with.
    demo
        Open the sample session.
    quit_after
        Seconds after which to close, for tests of the packaged program.
    screenshot
        A picture of the window to write before closing; the window closes once it is drawn.
    """
    running = application()
    workspace, problem = _begin(session)
    window = MainWindow(Studio(workspace))
    window.studio.setParent(window)
    start = Start(window, files, demo)
    start.screenshot = screenshot
    window.show()
    if problem is not None:
        window.problems.tell(problem)
    QTimer.singleShot(0, start.begin)
    if screenshot is not None and quit_after is None:
        start.quit_when_settled()
    if quit_after is not None:
        QTimer.singleShot(round(1000 * quit_after), start.quit)
    code = running.exec()
    return int(code)
