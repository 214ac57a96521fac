"""Reads pages in a thread, the next one before it is asked for, and has the pyramid built meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from neurostudio.display_filter import DisplayFilter, FilteredSource
from neurostudio.pages import Page, read_page
from neurostudio.pyramid import Pyramid, key_of, under_way

from ..background import Background

if TYPE_CHECKING:
    from pathlib import Path

    from neurostudio.sources import Source

    from ..home import Home

_KEPT = 8
_WORTH = 8_000_000  # samples from which on a pyramid is built
_LOOK = 400  # ms
_BUILDERS: dict[Path, subprocess.Popen[bytes]] = {}  # they go on when a figure goes


class Wanted(NamedTuple):
    """A page that is asked for, and the filter through which it is to be seen, in words."""

    start: float
    stop: float
    picks: tuple[int, ...]
    n_pixels: int
    treatment: str = ""


class Reader(QObject):
    """Gives pages: ``came(page)`` for the latest that was asked for, ``failed(error)``.

    ``came_early(page)`` for one that may be asked for next; ``grew`` says that the pyramid covers more
    than before.
    """

    came = Signal(object)
    came_early = Signal(object)
    failed = Signal(object)
    grew = Signal()

    def __init__(self, source: Source, parent: QObject) -> None:
        super().__init__(parent)
        self._plain = source
        self.source = source
        self.filter = DisplayFilter()
        self._home: Home | None = None
        self.pyramid: Pyramid | None = None
        self._kept: OrderedDict[Wanted, Page] = OrderedDict()
        self._wanted: Wanted | None = None
        self._before: Wanted | None = None
        self._ahead: Wanted | None = None
        self._background = Background(self)
        self._timer = QTimer(self, interval=_LOOK)
        self._timer.timeout.connect(self._look)

    # ---- the pyramid -----------------------------------------------------------------------------

    def settle(self, home: Home) -> None:
        """Take the place of the data; a long recording gets its pyramid there."""
        self._home = home
        self._begin()

    def use_filter(self, wanted: DisplayFilter) -> None:
        """See the signals through a filter from now on, or as they are."""
        self.pyramid = None  # before the source: a thread may read between the two
        self.source = FilteredSource(self._plain, wanted) if wanted else self._plain
        self.filter = wanted
        self._kept.clear()
        self._begin()

    def _begin(self) -> None:
        self._timer.stop()
        self.pyramid = None
        source = self.source
        large = source.n_times * len(source.names) > _WORTH
        if self._home is not None and large and source.even and source.files:
            self._background.run(_pyramid, source, self._home, done=self._there)

    def _there(self, answer: tuple[Source, Pyramid]) -> None:
        source, pyramid = answer
        if self._home is None or source is not self.source:
            return
        self.pyramid = pyramid
        if not pyramid.complete:
            _build(self._home, pyramid, self.filter)
            self._timer.start()
        self.grew.emit()

    def _look(self) -> None:
        pyramid = self.pyramid
        if pyramid is None:
            self._timer.stop()
            return
        before = pyramid.n_done
        if pyramid.look() != before:
            self._kept = OrderedDict((w, p) for w, p in self._kept.items() if p.whole)
            self.grew.emit()
        if pyramid.complete or not _is_built(pyramid.folder):
            self._timer.stop()

    @property
    def share(self) -> float:
        """How much of the recording the pyramid covers; 1 where there is none to wait for."""
        pyramid = self.pyramid
        return 1.0 if pyramid is None else pyramid.n_done / max(1, self.source.n_times)

    # ---- pages -----------------------------------------------------------------------------------

    def ask(self, wanted: Wanted) -> None:
        """Ask for a page; one that was read already comes at once."""
        wanted = wanted._replace(treatment=self.source.treatment)
        self._before, self._wanted = self._wanted, wanted
        kept = self._kept.get(wanted)
        if kept is not None:
            self.came.emit(kept)
        elif wanted != self._ahead:  # what is read ahead comes by itself
            self._background.in_order(self._read, wanted, done=self._came, failed=self._failed)

    def ask_again(self) -> None:
        """Ask for the latest page once more, since there may be more of it now."""
        if self._wanted is not None:
            self._kept.pop(self._wanted, None)
            wanted = self._wanted
            self._background.in_order(self._read, wanted, done=self._came, failed=self._failed)

    def _read(self, wanted: Wanted) -> tuple[Wanted, Page | None]:
        if wanted != self._wanted:  # a newer page is wanted by now
            return wanted, None
        return self._page_of(wanted)

    def _page_of(self, wanted: Wanted) -> tuple[Wanted, Page | None]:
        source, pyramid = self.source, self.pyramid
        if wanted.treatment != source.treatment:  # another filter is looked through by now
            return wanted, None
        return wanted, read_page(source, *wanted[:4], pyramid)

    def _came(self, answer: tuple[Wanted, Page | None]) -> None:
        wanted, page = answer
        if page is None or wanted.treatment != self.source.treatment:
            return
        self._keep(wanted, page)
        if wanted == self._wanted:
            self.came.emit(page)

    def _failed(self, error: Exception) -> None:
        self.failed.emit(error)

    def _keep(self, wanted: Wanted, page: Page) -> None:
        if page.whole:
            self._kept[wanted] = page
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)

    def read_ahead(self) -> None:
        """Read the page behind, in the direction of the last move, while a person looks at this one."""
        now, before = self._wanted, self._before
        self._before = now
        if now is None or before is None or before[2:] != now[2:] or before.start == now.start:
            return
        step = now.start - before.start
        if abs((now.stop - now.start) - (before.stop - before.start)) > 1e-9:
            return
        ahead = now._replace(start=now.start + step, stop=now.stop + step)
        end = self.source.start + self.source.duration
        if ahead in self._kept or ahead.stop < self.source.start or ahead.start > end:
            return
        self._ahead = ahead
        self._background.in_order(
            self._page_of, ahead, done=self._came_early, failed=self._failed_early
        )

    def _came_early(self, answer: tuple[Wanted, Page | None]) -> None:
        self._ahead = None
        self._came(answer)
        wanted, page = answer
        if page is not None and wanted in self._kept and wanted != self._wanted:
            self.came_early.emit(page)

    def _failed_early(self, error: Exception) -> None:
        self._ahead = None
        if self._wanted is not None and self._wanted not in self._kept:
            self.failed.emit(error)

    @property
    def busy(self) -> bool:
        """Whether anything is being read."""
        return self._background.busy


def _pyramid(source: Source, home: Home) -> tuple[Source, Pyramid]:
    key = key_of(source)
    pyramid = Pyramid(home.pyramids / key[:16], len(source.names), source.n_times, key)
    pyramid.look()
    return source, pyramid


def _is_built(folder: Path) -> bool:
    ours = _BUILDERS.get(folder)
    return (ours is not None and ours.poll() is None) or under_way(folder)


def _build(home: Home, pyramid: Pyramid, wanted: DisplayFilter) -> None:
    if _is_built(pyramid.folder):
        return
    command = [
        sys.executable,
        "-P",
        "-m",
        "neurostudio.pyramid",
        str(home.item),
        str(pyramid.folder),
    ]
    command += [json.dumps(wanted.to_json())] if wanted else []
    _BUILDERS[pyramid.folder] = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=dict(os.environ, OMP_NUM_THREADS="1", NUMBA_NUM_THREADS="1"),
    )
