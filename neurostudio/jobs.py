"""Starts runs as processes, follows them, stops them: a queue with one GPU run at a time."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Protocol

from psygnal import Signal

from neurostudio.devices import n_threads
from neurostudio.runs import Run, State

if TYPE_CHECKING:
    from collections.abc import Iterable

_INTERVAL = 0.04  # s: a run may show twenty pictures a second
_PATIENCE = 5.0


class Runner(Protocol):
    """What starts the work on a run, here or on another machine."""

    def start(self, run: Run) -> Work:
        """Begin and return at once."""
        ...

    def close(self) -> None:
        """Let go of what waits; runs that are under way go on."""
        ...


class Work(Protocol):
    """A run under way."""

    def lives(self) -> bool:
        """Return whether its process is still there."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...

    def settle(self) -> None:
        """Let a process that has said its last word end, and end it if it does not."""
        ...


class Jobs:
    """The queue of runs, followed by one thread that wakes ten times a second.

    ``changed(run)`` tells of a new state or progress, ``event(run, event)`` of every event. Both are
    emitted from the thread that follows.
    """

    changed = Signal(Run)
    event = Signal(Run, dict)

    def __init__(self, runner: Runner | None = None, cpu_runs: int = 0) -> None:
        self.cpu_runs = cpu_runs or max(1, n_threads())
        self._runner: Runner = runner or LocalRunner()
        self._queue: list[Run] = []
        self._works: dict[Run, Work] = {}
        self._read: dict[Run, int] = {}
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._ended = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None

    @property
    def active(self) -> list[Run]:
        """The runs that are queued or under way."""
        with self._lock:
            return [*self._works, *self._queue]

    @property
    def waiting(self) -> list[Run]:
        """The runs that are queued, in their order."""
        with self._lock:
            return list(self._queue)

    def allow(self, cpu_runs: int) -> None:
        """Let so many CPU runs work at once from now on; 0 stands for all cores but one."""
        self.cpu_runs = cpu_runs or max(1, n_threads())
        self._wake.set()

    def submit(self, run: Run) -> None:
        """Queue a run; it starts as soon as there is room."""
        with self._lock:
            self._queue.append(run)
            self._read[run] = run.events_from(0)[1]
            self._follow()
        self.changed.emit(run)

    def adopt(self, runs: Iterable[Run]) -> None:
        """Follow runs that an earlier desktop started and whose processes still live."""
        with self._lock:
            for run in runs:
                if run.state is State.RUNNING and run not in self._works:
                    self._works[run] = Adopted(run)
                    self._read[run] = run.events_from(0)[1]
            if self._works:
                self._follow()

    def stop(self, run: Run) -> None:
        """Ask a run to stop early; it keeps its checkpoint. A queued one leaves the queue."""
        with self._lock:
            if run in self._queue:
                self._queue.remove(run)
                run.mark("stopped")
            elif run in self._works:
                run.mark("stop")
        self.changed.emit(run)

    def cancel(self, run: Run) -> None:
        """End a run at once."""
        with self._lock:
            if run in self._queue:
                self._queue.remove(run)
            work = self._works.pop(run, None)
            if work is not None:
                work.kill()
            if run.state is not State.DONE:
                run.mark("cancelled")
        self.changed.emit(run)

    def resume(self, run: Run) -> None:
        """Queue a run again that ended without a result; it goes on from its checkpoint."""
        if not run.resumable:
            return
        with self._lock:
            work = self._works.pop(run, None)
        if work is not None:  # its process has told its end, and may still be on its way out
            work.settle()
        run.clear()
        self.submit(run)

    def wait(self, run: Run, timeout: float | None = 600.0) -> State:
        """Block until a run has ended; for tests and the command line, never for the window."""
        with self._ended:
            self._ended.wait_for(lambda: run not in self.active, timeout)
        return run.state

    def close(self) -> None:
        """Stop following; runs that are under way go on and are found when the session is reopened."""
        with self._lock:
            self._closed = True
            for run in self._queue:
                run.mark("stopped")
            self._queue.clear()
        self._wake.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_PATIENCE)
        self._runner.close()

    # ---- the thread ------------------------------------------------------------------------------

    def _follow(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(
                target=self._watch, name="neurostudio jobs", daemon=True
            )
            self._thread.start()
        self._wake.set()

    def _watch(self) -> None:
        while not self._closed:
            self._start_what_fits()
            with self._lock:
                works = dict(self._works)
                idle = not works and not self._queue
            for run, work in works.items():
                self._look_at(run, work)
            self._wake.wait(None if idle else _INTERVAL)
            self._wake.clear()

    def _start_what_fits(self) -> None:
        started: list[Run] = []
        with self._lock:
            for run in list(self._queue):
                if self._fits(run):
                    self._queue.remove(run)
                    self._works[run] = self._runner.start(run)
                    started.append(run)
        for run in started:
            self.changed.emit(run)

    def _fits(self, run: Run) -> bool:
        same = [each for each in self._works if each.request.gpu == run.request.gpu]
        return len(same) < (1 if run.request.gpu else self.cpu_runs)

    def _look_at(self, run: Run, work: Work) -> None:
        with self._lock:
            if self._works.get(run) is not work:
                return
        lives = work.lives()  # asked first: events written before the end are read below
        news, self._read[run] = run.events_from(self._read[run])
        for event in news:
            self.event.emit(run, event)
        if not lives:
            with self._lock:
                if self._works.get(run) is not work:
                    return
                del self._works[run]
            if run.state is State.QUEUED:  # it died before it could say anything
                run.mark("cancelled")
        if news or not lives:
            self.changed.emit(run)
        with self._ended:
            self._ended.notify_all()


class Adopted:
    """A run whose process an earlier desktop started."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def lives(self) -> bool:
        """Return whether its process is still there."""
        return self._run.process_lives()

    def kill(self) -> None:
        """End it and its children."""
        kill_tree(self._run.process().get("pid", 0))

    def settle(self) -> None:
        """Let it end, and end it if it does not."""
        self.kill()


class LocalRunner:
    """Works on runs in processes of this machine, one of them warm."""

    def __init__(self, *, warm: bool = True) -> None:
        self._keep_warm = warm
        self._warm: subprocess.Popen[bytes] | None = None

    def warm_up(self) -> None:
        """Have a process ready that has done its imports."""
        if self._keep_warm and (self._warm is None or self._warm.poll() is not None):
            self._warm = _worker("--wait", stdin=subprocess.PIPE)

    def start(self, run: Run) -> Work:
        """Hand a run to the warm process, or to a new one."""
        process = self._take_warm(run) or _worker(
            str(run.folder.resolve()), stdin=subprocess.DEVNULL
        )
        self.warm_up()
        return LocalWork(process)

    def _take_warm(self, run: Run) -> subprocess.Popen[bytes] | None:
        process, self._warm = self._warm, None
        if process is None or process.stdin is None:
            return None
        try:
            process.stdin.write(f"{run.folder.resolve()}\n".encode())
            process.stdin.close()
        except OSError:
            return None
        return process

    def close(self) -> None:
        """Let the warm process go: it ends when its input closes."""
        if self._warm is not None and self._warm.stdin is not None:
            with contextlib.suppress(OSError):
                self._warm.stdin.close()
            self._warm.terminate()
            self._warm.wait(_PATIENCE)
            self._warm = None


class LocalWork:
    """A run under way in a process of this machine."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def lives(self) -> bool:
        """Return whether its process is still there."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it and its children."""
        kill_tree(self._process.pid)
        self._process.wait(_PATIENCE)

    def settle(self) -> None:
        """Let it end, and end it if it does not."""
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()


def _worker(argument: str, *, stdin: int) -> subprocess.Popen[bytes]:
    environment = dict(os.environ)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        environment.setdefault(name, str(n_threads()))
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "neurostudio.worker", argument],
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,  # a run outlives the desktop and its terminal
    )


def kill_tree(pid: int) -> None:
    """End a process and its children at once."""
    import psutil

    try:
        process = psutil.Process(pid)
        family = [*process.children(recursive=True), process]
    except psutil.Error:
        return
    for each in family:
        with contextlib.suppress(psutil.Error):
            each.kill()
    psutil.wait_procs(family, timeout=_PATIENCE)
