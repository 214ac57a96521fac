"""The same chain over many files: one run a file, a table of all, stop and resume."""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import psutil
from psygnal import Signal

from neurostudio._version import __version__
from neurostudio.chained import METHOD
from neurostudio.chains import Chain, chain_of, read_chain
from neurostudio.derivatives import describe
from neurostudio.devices import may_have_gpu
from neurostudio.errors import BadInput, NeurostudioError
from neurostudio.files import ensure_writable, write_atomically
from neurostudio.finding import Found, find_files, signature, stamp
from neurostudio.jobs import Adopted, Jobs, LocalRunner
from neurostudio.runs import Request, Run, State
from neurostudio.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from neurostudio.method import Event

PLAN, TABLE, FAILURES, LOCK = "batch.json", "batch.tsv", "failures.tsv", "batch.lock"
ENDED = {State.DONE, State.STOPPED, State.FAILED, State.CANCELLED}
_MANY = 1_000_000  # a cluster has a queue of its own
HEADINGS = ("file", "state", "seconds", "reason")


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of one file."""

    file: str
    run: Run
    state: State
    fraction: float
    label: str
    seconds: float | None
    reason: str

    def cells(self) -> tuple[str, str, str, str]:
        """Return the row in words, by :data:`HEADINGS`."""
        seconds = "n/a" if self.seconds is None else f"{self.seconds:.1f}"
        return self.file, str(self.state.value), seconds, self.reason or "n/a"


class Batch:
    """A chain over the files of a folder; ``changed(row)`` is emitted from the jobs' thread.

    Parameters
    ----------
    chain
        What is to be done with each file.
    folder
        A BIDS data set, or any folder.
    out
        Where results go; an earlier batch there is gone on with.
    jobs
        The queue that works on it; it belongs to the batch from now on.
    pattern
        Which files, as ``**/*.edf``; by default all that the chain can take.
    """

    changed = Signal(Row)
    ended = Signal()

    def __init__(
        self, chain: Chain, folder: Path, out: Path, jobs: Jobs, pattern: str = ""
    ) -> None:
        self.chain = chain
        self.folder, self.out = folder.expanduser().resolve(), out.expanduser().resolve()
        self.jobs = jobs
        self._refuse()
        self.found = find_files(self.folder, chain.kinds(), pattern, self.out)
        self._pattern = pattern
        self._runs = {Run(self.out / "jobs" / each.name): each for each in self.found}
        self._progress: dict[Run, tuple[float, str]] = {}
        self._began: float | None = None
        self._first = 0.0
        self._finished = False
        jobs.changed.connect(self._run_changed)
        jobs.event.connect(self._run_event)

    # ---- begin -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Queue what is not done; what an earlier process left running is followed.

        Raises
        ------
        BadInput
            Another batch works there, or the folder holds something else.
        NotEnough
            Nothing can be written there.
        """
        ensure_writable(self.out)
        self._lock()
        self._write_plan()
        describe(self.out, self.chain, self.folder)
        self._began = time.monotonic()
        self._finished = True  # until all are queued, none can be the last
        self._first = 0.0
        for run, found in self._runs.items():
            state = self._prepare(run, found)
            if state is State.RUNNING:
                self.jobs.adopt([run])
            elif state is State.DONE:
                self._first += 1 / len(self._runs)
            else:
                self.jobs.submit(run)
        self._finished = False
        self._finish_if_over()

    def _refuse(self) -> None:
        known = self.out / PLAN
        if self.out == self.folder or (
            not known.exists() and (self.out / "dataset_description.json").exists()
        ):
            raise BadInput(f"{self.out} holds a data set of its own. Choose another folder.")

    def _lock(self) -> None:
        """Keep a second process out; a lock whose process is gone does not count."""
        path = self.out / LOCK
        me = psutil.Process()
        with contextlib.suppress(OSError, ValueError, KeyError, psutil.Error):
            stored = json.loads(path.read_text())
            other = psutil.Process(stored["pid"])
            if other != me and abs(other.create_time() - stored["created"]) < 1.0:
                raise BadInput(
                    f"Another program (process {other.pid}) works on the batch in {self.out}. "
                    "Wait until it has ended, or choose another folder."
                )
        write_atomically(path, json.dumps({"pid": me.pid, "created": me.create_time()}))

    def _write_plan(self) -> None:
        about = {
            "format": 1,
            "chain": self.chain.plain(),
            "folder": str(self.folder),
            "pattern": self._pattern,
            "files": [each.file for each in self.found],
            "versions": _versions(),
        }
        write_atomically(self.out / PLAN, json.dumps(about, indent=1) + "\n")

    def _prepare(self, run: Run, found: Found) -> State:
        """Write a run's folder, or keep what is there if it is of the same chain and file."""
        mark = {"digest": self.chain.digest(), "stamp": stamp(found.path)}
        with contextlib.suppress(NeurostudioError):
            old = Run(run.folder).request.params
            same = {key: old.get(key) for key in mark} == mark
            if same or (
                old.get("digest") == mark["digest"] and old.get("sha256") == signature(found.path)
            ):
                if run.state not in {State.DONE, State.RUNNING}:
                    run.clear()
                return run.state
        _clear_away(run)
        for old_result in found.target.results(self.out, self.chain.label):
            old_result.unlink()
        mark["sha256"] = signature(found.path)
        asked = {
            "chain": self.chain.plain(),
            "file": str(found.path),
            "part": "" if found.bids else self.chain.part,
            "bids": found.bids,
            "target": asdict(found.target),
            **mark,
        }
        Run.create(run.folder, self._request(asked))
        return State.QUEUED

    def _request(self, asked: dict[str, Any]) -> Request:
        here = self.jobs.cpu_runs < _MANY  # on a cluster, who has a GPU is the cluster's affair
        pairs = zip(self.chain.links, self.chain.methods(), strict=True)
        gpu = here and any(method.gpu and link.device != "cpu" for link, method in pairs)
        return Request(METHOD, asked, {}, gpu=gpu and may_have_gpu(), version=__version__)

    # ---- what is known ---------------------------------------------------------------------------

    def rows(self) -> list[Row]:
        """Return what is known of every file."""
        return [self.row(run) for run in self._runs]

    def row(self, run: Run) -> Row:
        """Return what is known of one file."""
        state = run.state if (run.folder / "request.json").exists() else State.QUEUED
        fraction, label = self._progress.get(run, (0.0, ""))
        started, ended = run.started, run.ended
        seconds = None
        if started is not None:
            seconds = max(0.0, (ended or time.time()) - started)
        reason = _reason(run, self._runs[run]) if state in ENDED - {State.DONE} else ""
        if state in ENDED:
            fraction = float(state in {State.DONE, State.FAILED})
        return Row(self._runs[run].file, run, state, fraction, label, seconds, reason)

    def progress(self) -> tuple[float, float | None]:
        """Return the share that is done, and the seconds left where they can be told."""
        rows = self.rows()
        fraction = sum(row.fraction for row in rows) / len(rows)
        if self._began is None or fraction - self._first < 1e-3:
            return fraction, None
        spent = time.monotonic() - self._began
        return fraction, spent / (fraction - self._first) * (1.0 - fraction)

    @property
    def over(self) -> bool:
        """Whether nothing waits or works."""
        return not [run for run in self.jobs.active if run in self._runs]

    def _run_event(self, run: Run, event: Event) -> None:
        if event["kind"] == "progress" and run in self._runs:
            self._progress[run] = (float(event["fraction"]), str(event["label"]))

    def _run_changed(self, run: Run) -> None:
        if run not in self._runs:
            return
        if run.state is State.RUNNING and run not in self.jobs.active:
            self.jobs.adopt([run])  # another process works on it, started before a crash
        self.changed.emit(self.row(run))
        self._finish_if_over()

    # ---- end -------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Let the files under way stop early, and take the others off the queue."""
        for run in reversed([each for each in self.jobs.active if each in self._runs]):
            self.jobs.stop(run)

    def cancel(self) -> None:
        """End all at once."""
        for run in reversed([each for each in self.jobs.active if each in self._runs]):
            self.jobs.cancel(run)

    def wait(self, tell: Callable[[], None] | None = None) -> bool:
        """Block until all have ended; return whether all succeeded."""
        while not self.over:
            self.jobs.wait(next(iter(self.jobs.active), Run(self.out)), timeout=0.5)
            if tell is not None:
                tell()
        self._finish_if_over()
        return all(row.state is State.DONE for row in self.rows())

    def close(self) -> None:
        """Stop following; what is under way goes on and is found when the batch is started again."""
        self.jobs.changed.disconnect(self._run_changed)
        self.jobs.event.disconnect(self._run_event)
        self.jobs.close()
        with contextlib.suppress(OSError):
            (self.out / LOCK).unlink(missing_ok=True)

    def _finish_if_over(self) -> None:
        if self._finished or self._began is None or not self.over:
            return
        self._finished = True
        with contextlib.suppress(NeurostudioError):  # told again by whoever writes there next
            write_tables(self.out, self.rows())
        self.ended.emit()


def _clear_away(run: Run) -> None:
    """Delete what an earlier chain, or another file of that name, left in a run's folder."""
    if run.process_lives():
        Adopted(run).kill()
    if run.folder.exists():
        shutil.rmtree(run.folder)


def jobs_for(where: str = "", workers: int = 0) -> Jobs:
    """Return a queue of its own for a batch.

    Parameters
    ----------
    where
        Nothing or ``"here"`` for processes of this machine; ``"local"``, ``"slurm"`` or an address for Dask.
    workers
        How many files are worked on at once; 0 for what the settings say.

    Raises
    ------
    MissingFile
        A package is missing, or no cluster answers.
    """
    settings = load_settings()
    if where in {"", "here"}:
        return Jobs(LocalRunner(warm=False), cpu_runs=workers or settings.cpu_runs)
    from neurostudio.cluster import DaskRunner

    settings.cluster_workers = workers or settings.cluster_workers
    return Jobs(DaskRunner(where, settings), cpu_runs=_MANY)


def write_tables(out: Path, rows: list[Row]) -> None:
    """Write the table of all files, and that of the failures."""
    everything = ["\t".join(HEADINGS), *("\t".join(row.cells()) for row in rows)]
    write_atomically(out / TABLE, "\n".join(everything) + "\n")
    failed = [f"{row.file}\t{row.reason}" for row in rows if row.state is not State.DONE]
    write_atomically(out / FAILURES, "\n".join(["file\treason", *failed]) + "\n")


def chain_at(path: Path, item: str = "") -> Chain:
    """Return the chain of a JSON file, of an earlier batch, or of a session."""
    from neurostudio.session import FILE, read_session

    if (path / FILE).exists():
        return chain_of(read_session(path).snapshot.steps, item)
    if path.is_dir() or path.name == PLAN:
        return _planned(path / PLAN if path.is_dir() else path)
    return read_chain(path)


def _planned(path: Path) -> Chain:
    from neurostudio.chains import chain_from

    try:
        return chain_from(json.loads(path.read_text(encoding="utf-8"))["chain"])
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(
            f"{path.parent} holds neither a session nor a batch. Give a session folder or a chain."
        ) from error


def _reason(run: Run, found: Found) -> str:
    if run.state is State.FAILED:
        words = " ".join(run.error().partition("\n\n")[0].split())
        return words.removeprefix(f"{found.path} ")  # it stands beside
    return {State.STOPPED: "stopped", State.CANCELLED: "cancelled"}.get(run.state, "")


def _versions() -> dict[str, str]:
    import platform
    from importlib.metadata import PackageNotFoundError, version

    found = {"neurostudio": __version__, "python": platform.python_version()}
    for name in ("mne", "numpy", "scipy", "pandas", "scikit-learn", "torch"):
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
