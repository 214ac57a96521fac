"""An item on disk: data in their own format, a pointer to their file, or marks on another item."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neurostudio.data import KINDS, Data
from neurostudio.errors import BrokenSession, MissingFile
from neurostudio.files import checksum, size, write_atomically
from neurostudio.marks import Marks, apply

_FILE = "item.json"


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where a file lies, and what it looked like when it was opened."""

    path: Path
    part: str
    size: int
    modified: float
    sha256: str


def keep(data: Data, folder: Path) -> None:
    """Write data into a new item folder; ``item.json`` comes last: its presence means complete."""
    inside = folder / "data"
    inside.mkdir(parents=True)
    data.save(inside)
    _describe(folder, data, {"saved": "data"})


def point(data: Data, path: Path, part: str, folder: Path) -> None:
    """Write a pointer to the file that data were read from; :func:`seal` adds its checksum later."""
    folder.mkdir(parents=True)
    path = path.resolve()
    about = {
        "path": Path(os.path.relpath(path, folder.resolve())).as_posix(),
        "absolute": str(path),
        "part": part,
        "size": size(path),
        "modified": path.stat().st_mtime,
        "sha256": "",
    }
    _describe(folder, data, {"file": about})


def mark(data: Data, of: Path, marks: Marks, folder: Path) -> None:
    """Write an item that has the samples of another one and marks of its own.

    Parameters
    ----------
    data
        With the marks applied.
    of
        The folder of the item that is marked; it may be a marked one itself.
    marks
        What is marked anew.
    folder
        The new item's.
    """
    folder.mkdir(parents=True)
    where = describe(of).get("marked")
    if where:
        marks = Marks.from_json(where["marks"]).then(marks)
    inside = Path(os.path.relpath(base(of), folder.resolve())).as_posix()
    _describe(folder, data, {"marked": {"of": inside, "marks": marks.to_json()}})


def base(folder: Path) -> Path:
    """Return the folder that holds an item's samples: its own, or that of the item it marks."""
    where = describe(folder).get("marked")
    return Path(os.path.normpath(folder.resolve() / where["of"])) if where else folder.resolve()


def _describe(folder: Path, data: Data, where: dict[str, Any]) -> None:
    about = {"format": 1, "kind": type(data).__name__, "summary": data.summary(), **where}
    write_atomically(folder / _FILE, json.dumps(about, indent=1))


def seal(folder: Path) -> None:
    """Add the checksum of the file that an item points to, where it is missing."""
    about = describe(folder)
    where = about.get("file")
    if where and not where["sha256"]:
        where["sha256"] = checksum(pointer(folder).path)
        if folder.exists():
            write_atomically(folder / _FILE, json.dumps(about, indent=1))


def describe(folder: Path) -> dict[str, Any]:
    """Return what is known of an item without its data: ``kind``, ``summary`` and where it is.

    Raises
    ------
    BrokenSession
        The folder holds no item.
    """
    try:
        about = json.loads((folder / _FILE).read_text())
        if about["kind"] in KINDS:
            return dict(about)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BrokenSession(f"{folder} holds no item that can be read.") from error
    raise BrokenSession(f"{folder} holds data of the unknown kind '{about['kind']}'.")


def pointer(folder: Path) -> Pointer:
    """Return where the file of an item lies now: beside the session as before, or at its old place."""
    where = describe(folder)["file"]
    near = Path(os.path.normpath(folder.resolve() / where["path"]))
    path = near if near.exists() else Path(where["absolute"])
    return Pointer(path, where["part"], where["size"], where["modified"], where["sha256"])


def load(folder: Path) -> Data:
    """Return the data of an item.

    Raises
    ------
    MissingFile
        The file that it points to moved or changed.
    """
    about = describe(folder)
    if "saved" in about:
        return KINDS[about["kind"]].load(folder / about["saved"])
    if "marked" in about:
        return apply(load(base(folder)), Marks.from_json(about["marked"]["marks"]))
    from neurostudio.readers import read

    found = pointer(folder)
    check(found)
    return read(found.path, found.part)


def check(found: Pointer) -> None:
    """Raise where a file is no longer the one that was opened."""
    path = found.path
    if not path.exists():
        raise MissingFile(
            f"{path} is not there any more. Put it back, or remove the item and open the file again."
        )
    if size(path) != found.size:
        raise MissingFile(
            f"{path} has changed since it was opened: it had {found.size} bytes and has {size(path)}. "
            "Put the old file back, or remove the item and open the file again."
        )
    same_time = path.stat().st_mtime == found.modified
    if not same_time and found.sha256 and checksum(path) != found.sha256:
        raise MissingFile(
            f"{path} has changed since it was opened: its checksum differs. "
            "Put the old file back, or remove the item and open the file again."
        )


def rebase(folder: Path, old: Path) -> None:
    """Mend the relative path of a pointer after its item was copied here from ``old``."""
    about = describe(folder)
    if "file" in about:
        path = pointer(old).path
        about["file"]["path"] = Path(os.path.relpath(path, folder.resolve())).as_posix()
        write_atomically(folder / _FILE, json.dumps(about, indent=1))


def drop(folder: Path) -> None:
    """Delete an item folder."""
    shutil.rmtree(folder, ignore_errors=True)
