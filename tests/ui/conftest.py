"""What every test of the window gets: a real application, a real session, nothing left behind."""

from __future__ import annotations

import gc
import os
import random
import threading
import time

import pytest

pytest.importorskip("PySide6")

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication

import neurostudio  # noqa: F401  the finder of a checkout is installed on import

QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)


@pytest.fixture(autouse=True)
def no_window_left(qapp):
    """A test that leaves a window open, or a timer behind a dead one, fails here."""
    before = {id(widget) for widget in QApplication.topLevelWidgets()}
    gc.freeze()  # what is there already need not be looked through again after every test
    yield
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qapp.processEvents()
    left = [
        widget
        for widget in QApplication.topLevelWidgets()
        if id(widget) not in before and widget.isVisible()
    ]
    assert not left, f"windows left open: {left}"


@pytest.fixture(autouse=True)
def light_theme(qapp):
    """Every test begins in the light, at no time and with no units chosen."""
    from neurostudio.ui.linking import links
    from neurostudio.ui.theme import theme

    theme().choose("light")
    links().time, links().place, links().units = None, None, frozenset()


@pytest.fixture
def nothing_shared():
    """Every test begins at no place, with the left on the left and nothing open."""
    from neurostudio.ui.drawing.slices import SlicesPlot
    from neurostudio.ui.linking import links
    from neurostudio.ui.shelf import shelf

    links().place = None
    SlicesPlot.radiological = False
    yield
    links().place = None
    SlicesPlot.radiological = False
    shelf().put({})


LATE = float(os.environ.get("NEUROSTUDIO_LATE", "0"))


@pytest.fixture(autouse=LATE > 0)
def late(monkeypatch):
    """What other threads tell comes up to ``NEUROSTUDIO_LATE`` seconds late: `make late`.

    A test that is right only when one thread outruns another fails here, not on a busy machine.
    """
    from neurostudio.ui.background import Work
    from psygnal import SignalInstance

    lots, work, emit = random.Random(), Work.work, SignalInstance.emit

    def work_late(self):
        time.sleep(lots.uniform(0, LATE))
        function = self._function

        def then_wait(*arguments):
            try:
                return function(*arguments)
            finally:
                time.sleep(lots.uniform(0, LATE))

        self._function = then_wait
        work(self)

    def emit_late(self, *arguments, **options):
        hasty = self.name == "event"  # thousands a second: the delays would add up
        if not hasty and threading.current_thread() is not threading.main_thread():
            time.sleep(lots.uniform(0, LATE))
        return emit(self, *arguments, **options)

    monkeypatch.setattr(Work, "work", work_late)
    monkeypatch.setattr(SignalInstance, "emit", emit_late)


@pytest.fixture
def workspace():
    """An empty session in a folder of its own."""
    from neurostudio.jobs import Jobs, LocalRunner
    from neurostudio.workspace import Workspace

    return Workspace.new(Jobs(LocalRunner(warm=False)))


@pytest.fixture
def studio(workspace, qtbot):
    """A studio whose methods are found: those of the echo plugin where a test asks for it."""
    from neurostudio.ui.studio import Studio

    made = Studio(workspace)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def window(workspace, qtbot):
    """The main window on an empty session, with its methods found."""
    from neurostudio.ui.main_window import MainWindow
    from neurostudio.ui.studio import Studio

    made = MainWindow(Studio(workspace))
    made.studio.setParent(made)
    made.show()
    made.studio.find_methods()
    qtbot.waitUntil(lambda: made.studio.registry is not None, timeout=45_000)
    yield made
    for run in workspace.jobs.active:
        workspace.jobs.cancel(run)
    made.close()
    made.deleteLater()


@pytest.fixture
def settle(qtbot):
    """Wait until nothing is under way in the background."""

    def wait(studio):
        qtbot.waitUntil(lambda: not studio.background.busy, timeout=45_000)
        qtbot.wait(0)

    return wait
