"""Work in a thread of its own, whose end is told in the window's thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

if TYPE_CHECKING:
    from collections.abc import Callable


class Work(QObject):
    """One piece of work: ``finished(result)`` or ``failed(error)`` is emitted in the window's thread.

    Parameters
    ----------
    pool
        Where it runs.
    function, arguments
        What it does; it must touch no widget.
    """

    finished = Signal(object)
    failed = Signal(object)
    _ended = Signal(object, object)

    def __init__(
        self, pool: Background, function: Callable[..., Any], arguments: tuple[Any, ...]
    ) -> None:
        super().__init__(pool)
        self._pool = pool
        self._function = function
        self._arguments = arguments
        self._ended.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def work(self) -> None:
        """Do it, in the thread that calls."""
        result, error = None, None
        try:
            result = self._function(*self._arguments)
        except Exception as caught:  # noqa: BLE001  told to the person by whoever listens to failed
            error = caught
        del self._function, self._arguments  # Qt may keep this object for a while, not the data
        try:
            self._ended.emit(result, error)
        except RuntimeError:  # the window is gone: nobody is left to be told
            return

    def _tell(self, result: object, error: object) -> None:
        self._pool.forget(self)
        if error is None:
            self.finished.emit(result)
        else:
            self.failed.emit(error)
        self.deleteLater()


class _Runnable(QRunnable):
    def __init__(self, work: Work) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        self._work.work()


class Background(QObject):
    """Threads for opening, estimating and saving.

    ``busy_changed`` says whether anything is under way. Work given to :meth:`in_order` is done one
    after the other, so that what a person did first is done first.
    """

    busy_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._free = QThreadPool(self)
        self._free.setMaxThreadCount(3)
        self._line = QThreadPool(self)
        self._line.setMaxThreadCount(1)
        self._works: set[Work] = set()

    def run(
        self,
        function: Callable[..., Any],
        *arguments: Any,
        done: Callable[[Any], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> Work:
        """Start work; ``done`` and ``failed`` are bound methods, called in the window's thread."""
        return self._start(self._free, function, arguments, done, failed)

    def in_order(
        self,
        function: Callable[..., Any],
        *arguments: Any,
        done: Callable[[Any], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> Work:
        """Start work after all that was given here before."""
        return self._start(self._line, function, arguments, done, failed)

    def _start(
        self,
        pool: QThreadPool,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        done: Callable[[Any], None] | None,
        failed: Callable[[Exception], None] | None,
    ) -> Work:
        work = Work(self, function, arguments)
        if done is not None:
            work.finished.connect(done)
        if failed is not None:
            work.failed.connect(failed)
        self._works.add(work)
        if len(self._works) == 1:
            self.busy_changed.emit(True)
        pool.start(_Runnable(work))
        return work

    def forget(self, work: Work) -> None:
        """Drop work that has ended."""
        self._works.discard(work)
        if not self._works:
            self.busy_changed.emit(False)

    @property
    def busy(self) -> bool:
        """Whether anything is under way."""
        return bool(self._works)

    def wait(self) -> None:
        """Block until all threads have ended; for closing and tests."""
        self._line.waitForDone()
        self._free.waitForDone()
