"""A run is a folder: its request, its inputs, its events and its result."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import time
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurostudio import items
from neurostudio.errors import BrokenSession, UnknownName
from neurostudio.files import write_atomically
from neurostudio.registry import discover
from neurostudio.views import load_view, save_view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neurostudio.data import Data
    from neurostudio.method import Event, Result
    from neurostudio.scores import Number
    from neurostudio.views import View

_LOG_TAIL = 20_000
_SILENCE = 60.0


class State(StrEnum):
    """What a run is doing; ``STOPPED`` means stopped early, with its checkpoint kept."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Given:
    """One item given to an input: its name, and its folder relative to the run's."""

    name: str
    folder: str


@dataclass(frozen=True, slots=True)
class Request:
    """What a run was asked to do."""

    method: str
    params: dict[str, Any]
    inputs: dict[str, tuple[Given, ...]]
    seed: int = 0
    device: str = "auto"
    gpu: bool = False
    version: str = ""
    created: float = field(default_factory=time.time)

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """The names of the items given to each input."""
        return {name: tuple(each.name for each in given) for name, given in self.inputs.items()}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; ``left`` in seconds, where it can be told."""

    fraction: float
    label: str
    done: int
    total: int
    left: float | None


class Run:
    """One execution of a method, read from and written to its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._request: Request | None = None

    def __repr__(self) -> str:
        return f"Run({self.folder.name!r}, {self.state.value})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and other.folder == self.folder

    def __hash__(self) -> int:
        return hash(self.folder)

    @classmethod
    def create(cls, folder: Path, request: Request) -> Run:
        """Make the folder and write the request."""
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(
            folder / "request.json", json.dumps({"format": 1, **asdict(request)}, indent=1)
        )
        return cls(folder)

    @property
    def name(self) -> str:
        """The folder's name: ``0007-filter_signals``."""
        return self.folder.name

    @property
    def request(self) -> Request:
        """What was asked.

        Raises
        ------
        BrokenSession
            The folder holds no request that can be read.
        """
        if self._request is None:
            try:
                stored = json.loads((self.folder / "request.json").read_text())
                stored.pop("format")
                stored["inputs"] = {
                    name: tuple(Given(**each) for each in given)
                    for name, given in stored["inputs"].items()
                }
                self._request = Request(**stored)
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise BrokenSession(f"{self.folder} holds no run that can be read.") from error
        return self._request

    # ---- state -----------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """What the run is doing, as its folder tells."""
        for file, state in (
            ("result.json", State.DONE),
            ("cancelled", State.CANCELLED),
            ("error.txt", State.FAILED),
            ("stopped", State.STOPPED),
        ):
            if (self.folder / file).exists():
                return state
        if (self.folder / "process.json").exists():
            return State.RUNNING if self.process_lives() else State.FAILED
        return State.QUEUED

    @property
    def resumable(self) -> bool:
        """Whether the run ended without a result and may go on, from its checkpoint if it has one."""
        return self.state in {State.STOPPED, State.FAILED, State.CANCELLED}

    def process(self) -> dict[str, Any]:
        """Return number, start time and machine of the process that works on the run."""
        try:
            return dict(json.loads((self.folder / "process.json").read_text()))
        except (OSError, ValueError):
            return {}

    def process_lives(self) -> bool:
        """Return whether that process is alive (and no other one that took its number)."""
        import psutil

        about = self.process()
        if about.get("host", platform.node()) != platform.node():
            return self._beats()
        try:
            process = psutil.Process(about["pid"])
            same = abs(process.create_time() - about["created"]) < 1.0
            return bool(same and process.status() != psutil.STATUS_ZOMBIE)
        except (psutil.Error, KeyError):
            return False

    def beat(self) -> None:
        """Tell other machines that the process is alive."""
        (self.folder / "alive").touch()

    def _beats(self) -> bool:
        """Return whether a process on another machine was alive a short while ago."""
        newest = 0.0
        for name in ("process.json", "alive"):
            with contextlib.suppress(OSError):
                newest = max(newest, (self.folder / name).stat().st_mtime)
        return time.time() - newest < _SILENCE

    def mark(self, name: str) -> None:
        """Write an empty file that stands for a state or a wish (``stop``, ``stopped``, ``cancelled``)."""
        write_atomically(self.folder / name, "")

    def clear(self) -> None:
        """Forget how the run ended, so that it can go on; checkpoints, events and log stay."""
        for name in ("stop", "process.json", "alive", "stopped", "cancelled", "error.txt"):
            (self.folder / name).unlink(missing_ok=True)

    # ---- events ----------------------------------------------------------------------------------

    def events(self, after: int = 0) -> list[Event]:
        """Return the events from number ``after`` on; a line cut off by a crash is left out."""
        return self.events_from(0)[0][after:]

    def events_from(self, offset: int) -> tuple[list[Event], int]:
        """Return the events behind a byte of the file, and the byte behind the last whole one."""
        try:
            with (self.folder / "events.jsonl").open("rb") as file:
                file.seek(offset)
                text = file.read()
        except OSError:
            return [], offset
        whole = text[: text.rfind(b"\n") + 1]
        found: list[Event] = []
        for line in whole.splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:  # cut off by a crash, and written on by the next process
                found.append({"kind": "lost", "time": 0.0})
        return found, offset + len(whole)

    def write_event(self, event: Event) -> None:
        """Append one event; a picture is stored beside the events and replaced by its file's name."""
        event = {"time": time.time(), **event}
        if event["kind"] == "view":
            folder = self.folder / "views" / "live"
            folder.mkdir(parents=True, exist_ok=True)
            name = _file_name(event["name"])
            save_view(event.pop("view"), folder / f".{name}.part")
            (folder / f".{name}.part").replace(folder / f"{name}.npz")
            event["file"] = f"views/live/{name}.npz"
        with (self.folder / "events.jsonl").open("ab") as file:
            file.write(json.dumps(event).encode() + b"\n")

    def progress(self) -> Progress | None:
        """Return the latest progress, or None before the first."""
        started, first, latest = None, None, None
        for event in self.events():
            if event["kind"] == "state" and event["state"] == State.RUNNING:
                started, first, latest = event["time"], None, None
            elif event["kind"] == "progress":
                latest = event
                first = first or event
        if latest is None or started is None:
            return None
        return measure(latest, first or latest)

    @property
    def started(self) -> float | None:
        """When the process began, in seconds since 1970."""
        return self.process().get("started")

    @property
    def ended(self) -> float | None:
        """When the run ended, in seconds since 1970."""
        for name in ("result.json", "error.txt", "stopped", "cancelled"):
            path = self.folder / name
            if path.exists():
                return path.stat().st_mtime
        return None

    def error(self) -> str:
        """Return why the run failed: the message first, then the details."""
        try:
            return (self.folder / "error.txt").read_text()
        except OSError:
            pass
        if self.state is not State.FAILED:
            return ""
        return (
            "The run's process ended without a word: it was killed, ran out of memory or crashed. "
            f"Resume it, or run it again with less data. Its last lines:\n{self.log()[-2000:]}"
        )

    def log(self) -> str:
        """Return the end of what the run printed."""
        try:
            return (self.folder / "log.txt").read_bytes()[-_LOG_TAIL:].decode(errors="replace")
        except OSError:
            return ""

    # ---- what came out ---------------------------------------------------------------------------

    def keep(
        self, result: Result, sentences: Mapping[str, str], files: Mapping[str, Path] | None = None
    ) -> None:
        """Write a result: data and views first, ``result.json`` last.

        Data that stand in ``files`` already are pointed to.
        """
        files = files or {}
        for name, data in result.data.items():
            folder = self.folder / "data" / name
            items.drop(folder)
            if name in files:
                items.point(data, files[name], "", folder)
            else:
                items.keep(data, folder)
        folder = self.folder / "views"
        folder.mkdir(exist_ok=True)
        for k, view in enumerate(result.views):
            save_view(view, folder / f"{k:02d}.npz")
        about = {
            "format": 1,
            "data": {name: type(data).__name__ for name, data in result.data.items()},
            "views": len(result.views),
            "numbers": {name: asdict(number) for name, number in result.numbers.items()},
            "warnings": {code: sentences[code] for code in result.warnings},
        }
        write_atomically(self.folder / "result.json", json.dumps(about, indent=1))

    def _result(self) -> dict[str, Any]:
        try:
            return dict(json.loads((self.folder / "result.json").read_text()))
        except OSError:
            return {"data": {}, "views": 0, "numbers": {}, "warnings": {}}
        except ValueError as error:
            raise BrokenSession(f"{self.folder} holds no result that can be read.") from error

    def outputs(self) -> dict[str, str]:
        """Return the kind of each output by name."""
        return dict(self._result()["data"])

    def output(self, name: str) -> Data:
        """Return the data of one output."""
        if name not in self.outputs():
            raise UnknownName("output", name, self.outputs())
        return items.load(self.folder / "data" / name)

    def source(self, name: str) -> Data:
        """Return the data of an output or of a single input by name, for views that refer to it."""
        return items.load(self.source_folder(name))

    def source_folder(self, name: str) -> Path:
        """Return the item folder of an output or of a single input by name."""
        if name in self.outputs():
            return self.folder / "data" / name
        given = self.request.inputs.get(name, ())
        if len(given) != 1:
            raise UnknownName("input or output", name, [*self.outputs(), *self.request.inputs])
        return self.item_folder(given[0])

    def item_folder(self, given: Given) -> Path:
        """Return the folder of an item that was given to the run."""
        return Path(os.path.normpath(self.folder.resolve() / given.folder))

    def views(self) -> list[View]:
        """Return the pictures of the result."""
        discover()  # view types that plugins bring are known from then on
        return [
            load_view(self.folder / "views" / f"{k:02d}.npz")
            for k in range(self._result()["views"])
        ]

    def live_views(self) -> dict[str, Path]:
        """Return the files of the latest pictures on the way, by name."""
        return {
            event["name"]: self.folder / event["file"]
            for event in self.events()
            if event["kind"] == "view"
        }

    def numbers(self) -> dict[str, Number]:
        """Return the numbers of the result by name."""
        from neurostudio.scores import Number  # it brings numpy, which the first paint does without

        return {name: Number(**about) for name, about in self._result()["numbers"].items()}

    def warnings(self) -> dict[str, str]:
        """Return one sentence for each warning of the result, by code."""
        return dict(self._result()["warnings"])


def measure(latest: Event, first: Event) -> Progress:
    """Return progress from its latest event and the first of the same stretch of work."""
    gained = latest["fraction"] - first["fraction"]
    spent = latest["time"] - first["time"]
    left = spent / gained * (1 - latest["fraction"]) if gained > 0 and spent > 1.0 else None
    return Progress(latest["fraction"], latest["label"], latest["done"], latest["total"], left)


def _file_name(text: str) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in text)[:80] or "view"
