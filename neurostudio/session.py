"""A session folder: what it holds, read and written."""

from __future__ import annotations

import json
import shutil
import threading
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from neurostudio import items
from neurostudio.errors import BrokenSession
from neurostudio.files import write_atomically
from neurostudio.steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from neurostudio.data import Data

FILE = "session.json"
PYRAMIDS = ".pyramids"  # built anew where they are missing


@dataclass(frozen=True, slots=True)
class Item:
    """One item of open data: its name, kind and folder, one line on it, and where it is from."""

    name: str
    kind: str
    folder: Path
    summary: str
    origin: str

    def load(self) -> Data:
        """Return the data; slow the first time, kept after that."""
        return CACHE.get(self.folder)


class Cache:
    """Loaded data by item folder; each is loaded once even if several threads ask."""

    def __init__(self) -> None:
        self._data: dict[Path, Data] = {}
        self._lock = threading.Lock()

    def get(self, folder: Path) -> Data:
        """Return the data of an item folder, loaded at the first asking."""
        with self._lock:
            if folder not in self._data:
                self._data[folder] = items.load(folder)
            return self._data[folder]

    def put(self, folder: Path, data: Data) -> None:
        """Keep data that are loaded already."""
        with self._lock:
            self._data[folder] = data

    def forget(self, inside: Path) -> None:
        """Let go of all data whose folders lie inside this one."""
        with self._lock:
            for folder in [each for each in self._data if inside in each.parents]:
                del self._data[folder]


CACHE = Cache()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that undo brings back; ``act`` says what was done to get here."""

    items: dict[str, Item]
    steps: tuple[Step, ...]
    act: str

    def moved(self, old: Path, new: Path) -> Snapshot:
        """Return the same with its folders inside another session folder."""
        found = {
            name: replace(item, folder=new / item.folder.relative_to(old))
            for name, item in self.items.items()
        }
        return replace(self, items=found)

    def renamed(self, old: str, new: str) -> Snapshot:
        """Return the same with another name for one item, in its steps too."""
        found = {
            (new if name == old else name): (replace(item, name=new) if name == old else item)
            for name, item in self.items.items()
        }
        steps = tuple(step.renamed(old, new) for step in self.steps)
        return Snapshot(found, steps, f"rename {old} to {new}")


@dataclass(frozen=True, slots=True)
class Stored:
    """What a session folder said; ``taken`` names the runs whose outputs were listed before."""

    snapshot: Snapshot
    untitled: bool
    taken: frozenset[str]


def read_session(folder: Path) -> Stored:
    """Read a session folder.

    Raises
    ------
    BrokenSession
        The folder holds no session that can be read.
    """
    try:
        about = json.loads((folder / FILE).read_text())
        found = {
            each["name"]: read_item(folder, each["name"], each["folder"], each["origin"])
            for each in about["items"]
        }
        steps = tuple(Step.from_json(each) for each in about["steps"])
        snapshot = Snapshot(found, steps, "")
        return Stored(snapshot, bool(about.get("untitled")), frozenset(about["taken"]))
    except FileNotFoundError as error:
        raise BrokenSession(f"{folder} is no session: it has no {FILE}.") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenSession(f"The session in {folder} cannot be read: {error}.") from error


def read_item(session: Path, name: str, inside: str, origin: str) -> Item:
    """Return an item of a session from its folder, without loading its data."""
    folder = session / inside
    about = items.describe(folder)
    return Item(name, about["kind"], folder, about["summary"], origin)


def write_session(
    folder: Path, snapshot: Snapshot, taken: Iterable[str], *, untitled: bool
) -> None:
    """Write ``session.json``; item folders are relative, so that a session can move."""
    about = {
        "format": 1,
        "untitled": untitled,
        "items": [
            {
                "name": item.name,
                "folder": item.folder.relative_to(folder).as_posix(),
                "origin": item.origin,
            }
            for item in snapshot.items.values()
        ],
        "steps": [asdict(step) for step in snapshot.steps],
        "taken": sorted(taken),
    }
    write_atomically(folder / FILE, json.dumps(about, indent=1))


def copy_session(old: Path, new: Path) -> None:
    """Copy a session folder and mend the pointers to files outside it."""
    shutil.copytree(old, new, dirs_exist_ok=True, ignore=shutil.ignore_patterns(PYRAMIDS))
    for about in new.glob("items/*/item.json"):
        items.rebase(about.parent, old / about.parent.relative_to(new))


def free_folder(inside: Path, name: str) -> Path:
    """Return a folder of this name, or of this name and a number, that is not there yet."""
    folder = inside / name
    number = 1
    while folder.exists():
        number += 1
        folder = inside / f"{name}-{number}"
    return folder
