"""How fast the signal view is: page turns, zooms, the whole recording, beside mne-qt-browser."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

import psutil
from PySide6.QtCore import QEventLoop, QTimer

from neurostudio import items
from neurostudio.readers import read

from .app import application
from .home import Home

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .drawing.signals import SignalsFigure

SIZE = (1500, 900)
_PAGE = 10.0
_TURNS = 60
_PAUSE = 40  # ms between two presses of a key that is held down


def turn(milliseconds: int) -> None:
    """Run the event loop for a while."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def until(there: Callable[[], Any], patience: float = 180.0) -> float:
    """Run the event loop until something is there and return the seconds that it took."""
    start = time.perf_counter()
    while not there() and time.perf_counter() - start < patience:
        loop = QEventLoop()
        QTimer.singleShot(1, loop.quit)
        loop.exec()
    return time.perf_counter() - start


class Browser:
    """A signal view on a file, alone in a window, whose paints are counted."""

    def __init__(self, path: Path, folder: Path) -> None:
        from .drawing.signals import draw_data

        self.running = application()
        data = read(path)
        item = folder / "item"
        if not item.exists():
            items.point(data, path, "", item)
        self.figure: SignalsFigure = draw_data(data)
        self.figure.canvas.painted.connect(self._painted)
        self.paints = 0
        self.figure.resize(*SIZE)
        self.figure.bar.rows.setValue(self.figure.bar.rows.maximum())
        self.figure.settle(Home(item, folder / "pyramids"))
        self.figure.show()
        self.first_page = until(lambda: self.figure.ready and self.paints > 0)

    def _painted(self) -> None:
        self.paints += 1

    def time(self, act: Callable[[], None]) -> float:
        """Return the seconds from an act to its picture on the screen."""
        figure = self.figure
        start = time.perf_counter()
        act()
        wanted = figure.page_window

        def drawn() -> bool:
            page = figure.page_shown
            return (
                page is not None and abs(page.start - wanted[0]) < 1e-9 and figure.canvas.is_drawn
            )

        while not drawn():
            self.running.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        return time.perf_counter() - start


def _summary(seconds: list[float]) -> dict[str, float]:
    import numpy as np

    p50, p95 = np.percentile(np.array(seconds) * 1000, [50, 95])
    return {"p50_ms": float(p50), "p95_ms": float(p95), "max_ms": max(seconds) * 1000}


def _turns(browser: Browser, pause: int) -> dict[str, float]:
    browser.figure.go_to(100.0)
    turn(500)
    found = []
    for _ in range(_TURNS):
        found.append(browser.time(browser.figure.page_on))
        if pause:
            turn(pause)
    return _summary(found[3:])


def browsing(path: Path, folder: Path) -> dict[str, Any]:
    """Return the figures of one recording: without its pyramid, while it is built, and with it."""
    process = psutil.Process()
    empty = process.memory_info().rss
    begun = time.perf_counter()
    browser = Browser(path, folder)
    figure = browser.figure
    answer: dict[str, Any] = {"first_page_s": browser.first_page}
    figure.bar.seconds.setValue(_PAGE)
    until(lambda: figure.reader.pyramid is not None)
    if not figure.reader.pyramid.complete:  # type: ignore[union-attr]
        answer["turns_while_building"] = _turns(browser, _PAUSE)
        until(lambda: figure.reader.pyramid is None or figure.reader.pyramid.complete, 900.0)
        answer["pyramid_s"] = time.perf_counter() - begun
    answer["turns"] = _turns(browser, 0)
    answer["turns_at_key_repeat"] = _turns(browser, _PAUSE)
    whole = []
    for _ in range(15):
        figure.zoom(1e9)
        figure.zoom(0.02)
        turn(30)
        whole.append(browser.time(partial(figure.zoom, 1e9)))
    answer["whole"] = _summary(whole)
    zooms = []
    for length in (3000.0, 1000.0, 300.0, 100.0, 30.0, 20.0, 5.0, 1.0, 0.1, 0.005):
        start, stop = figure.page_window
        zooms.append(browser.time(partial(figure.zoom, length / (stop - start))))
    answer["zooms"] = _summary(zooms)
    answer["bytes_added"] = process.memory_info().rss - empty
    answer["idle_share_of_a_core"] = _idle(process)
    return answer


def _idle(process: psutil.Process) -> float:
    turn(1000)
    before = sum(process.cpu_times()[:2])
    begun = time.perf_counter()
    turn(5000)
    return float((sum(process.cpu_times()[:2]) - before) / (time.perf_counter() - begun))


def peer(path: Path) -> dict[str, Any]:
    """Return the page turns of mne-qt-browser in a window of the same size.

    Its view of the whole hour is left out: it reads all samples at once, for which 24 GB do not suffice.
    """
    import mne

    running = application()
    raw = mne.io.read_raw_edf(path, verbose="error")
    with mne.viz.use_browser_backend("qt"):
        shown: Any = raw.plot(
            n_channels=len(raw.ch_names), duration=_PAGE, block=False, show=False, verbose="error"
        )
    shown.resize(*SIZE)
    shown.show()
    turn(2000)
    found = []
    for _ in range(12):
        start = time.perf_counter()
        shown.hscroll("+full")
        running.processEvents()
        shown.repaint()
        shown.mne.plt.getViewWidget().viewport().repaint()
        found.append(time.perf_counter() - start)
    return {"turns": _summary(found[2:])}
