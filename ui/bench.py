"""The window's part of the benchmarks: each is one fresh process that prints one line of JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer

from neurostudio.workspace import Workspace

from .app import Start, application
from .bench_brain import brain
from .bench_connectome import connectome
from .bench_raster import raster
from .bench_signals import browsing, peer
from .bench_volume import napari_volume, series, volume
from .main_window import MainWindow
from .studio import Studio

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from neurostudio.runs import Run

HEAVY = ("torch", "mne", "scipy", "napari", "vispy", "pandas", "pyqtgraph")
_TICK = 10
_STEADY = 20_000
_LEAD = 6_000
_STEPS = 1_000_000  # more than the measurement lasts


def main(arguments: list[str]) -> None:
    """Run one benchmark by name and print its figures."""
    name, *rest = arguments
    found = {
        "first_paint": first_paint,
        "beside_training": beside_training,
        "large_recording": large_recording,
        "browsing": browsing,
        "peer": peer,
        "raster": raster,
        "brain": brain,
        "volume": volume,
        "series": series,
        "napari_volume": napari_volume,
        "connectome": connectome,
    }[name]
    answer = found(*(Path(each) for each in rest))  # type: ignore[operator]  # each takes its own
    print(json.dumps(answer))  # noqa: T201  the answer to the process that asked
    sys.stdout.flush()
    os._exit(0)  # what is measured is over; nothing is worth an orderly end


class FirstPaint(QObject):
    """Remembers when the window was first painted, and what was imported by then."""

    def __init__(self, running: QApplication) -> None:
        super().__init__()
        self.answer: dict[str, Any] = {}
        self._running = running
        running.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note the first paint of the main window."""
        if (
            event.type() == QEvent.Type.Paint
            and isinstance(watched, MainWindow)
            and not self.answer
        ):
            self.answer = {
                "seconds": time.time() - psutil.Process().create_time(),
                "heavy_modules": [each for each in HEAVY if each in sys.modules],
            }
            QTimer.singleShot(0, self._running.quit)
        return False


def first_paint() -> dict[str, Any]:
    """Return seconds from the start of the process to the first paint, and what was imported."""
    running = application()
    watch = FirstPaint(running)
    window = MainWindow(Studio(Workspace.new()))
    window.show()
    running.exec()
    return watch.answer


class Session(QObject):
    """A window whose event loop is turned by hand until something is there."""

    def __init__(self) -> None:
        super().__init__()
        self.running = application()
        self.window = MainWindow(Studio(Workspace.new()))
        self.window.resize(1500, 900)
        self.window.show()
        self._start = Start(self.window, (), demo=False)
        self._start.begin()  # as the program itself begins, its loading of drawings included
        self.turn(_LEAD)

    def turn(self, milliseconds: int) -> None:
        """Run the event loop for a while."""
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def until(self, there: Any, patience: float = 60.0) -> float:
        """Run the event loop until ``there()`` is true and return the seconds that it took."""
        start = time.perf_counter()
        while not there() and time.perf_counter() - start < patience:
            self.turn(5)
        return time.perf_counter() - start


def large_recording(path: Path) -> dict[str, Any]:
    """Return seconds from asking for a large file to its first page, and the bytes that this adds."""
    from .drawing.signals import SignalsFigure

    session = Session()
    before = psutil.Process().memory_info().rss

    def page_is_there() -> bool:
        return any(figure.ready for figure in session.window.findChildren(SignalsFigure))

    start = time.perf_counter()
    session.window.opener.open([path])
    session.until(page_is_there)
    seconds = time.perf_counter() - start
    session.turn(1000)
    return {
        "seconds": seconds,
        "bytes_added": psutil.Process().memory_info().rss - before,
        "file_bytes": path.stat().st_size,
    }


class Ticks(QObject):
    """A precise timer of 10 ms that notes when it came."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(_TICK)

    def _tick(self) -> None:
        self.times.append(time.perf_counter())


def beside_training() -> dict[str, Any]:
    """Return the gaps between ticks while trainings keep all cores busy and the curves are drawn."""
    import numpy as np

    from .panels.form_panel import open_example

    session = Session()
    studio = session.window.studio
    workspace = studio.workspace
    workspace.jobs.cpu_runs = os.cpu_count() or 2
    registry = studio.registry
    if registry is None:
        raise RuntimeError("no methods were found")
    method, params, names = open_example(workspace, registry, "train_classifier")
    params = {**dict(params), "steps": _STEPS}
    runs = [
        workspace.start(method, params, dict(names), seed=k) for k in range(os.cpu_count() or 2)
    ]
    session.window.show_runs(runs[0])
    session.until(lambda: all(_is_training(run) for run in runs), patience=90.0)
    ticks = Ticks()
    session.turn(_STEADY)
    states = [run.state.value for run in runs]
    for run in runs:
        workspace.jobs.cancel(run)
    gaps = np.diff(ticks.times)
    return {
        "p50": float(np.percentile(gaps, 50)),
        "p99": float(np.percentile(gaps, 99)),
        "gap": float(gaps.max()),
        "ticks": len(gaps),
        "runs_under_way": states,
    }


def _is_training(run: Run) -> bool:
    return any(event["kind"] == "metrics" for event in run.events())
