"""Which files of a folder a batch works on, and by what they are known again."""

from __future__ import annotations

import glob
import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from neurostudio.derivatives import Target, target_of
from neurostudio.errors import BadInput
from neurostudio.files import checksum

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


@dataclass(frozen=True, slots=True)
class Found:
    """One file: its path inside the folder, its place, what its results are called.

    ``bids`` says that facts of it stand in files beside it, as BIDS has them.
    """

    file: str
    path: Path
    target: Target
    bids: bool

    @property
    def name(self) -> str:
        """The name of its job."""
        return self.target.base


def find_files(folder: Path, kinds: Collection[str], pattern: str, out: Path) -> list[Found]:
    """Return the files of a BIDS data set or of any folder that are of these kinds.

    Raises
    ------
    BadInput
        There are none.
    """
    from neurostudio.readers.bids import files_of, is_bids

    if not folder.is_dir():
        raise BadInput(f"{folder} is no folder. Choose the folder of a data set, or one of files.")
    bids = is_bids(folder)
    known = files_of(folder).values() if bids else _below(folder, pattern or "**/*")
    found = [
        Found(inside, path, target_of(inside), bids)
        for path in known
        if out not in path.parents
        and _fits(path, kinds)
        and _matches(inside := _inside(path, folder), pattern if bids else "")
    ]
    if not found:
        words = f" that match '{pattern}'" if pattern else ""
        raise BadInput(
            f"{folder} holds no files{words} with {' or '.join(sorted(kinds)) or 'data'}. "
            "Choose another folder or pattern."
        )
    return _named_apart(found)


def _below(folder: Path, pattern: str) -> Iterable[Path]:
    files = [each for each in sorted(folder.glob(pattern)) if each.is_file()]
    return [each for each in files if not each.name.startswith(".")]


def _matches(file: str, pattern: str) -> bool:
    return not pattern or PurePosixPath(file).match(pattern.removeprefix("**/"))


def _inside(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _fits(path: Path, kinds: Collection[str]) -> bool:
    from neurostudio.readers.base import find_reader
    from neurostudio.readers.bids import holds_trials

    if holds_trials(path):
        return "Trials" in kinds
    reader = find_reader(path)
    return reader is not None and bool(set(reader.format.kind.split(" or ")) & set(kinds))


def _named_apart(found: list[Found]) -> list[Found]:
    """Refuse two files whose results would have the same name."""
    seen: dict[str, Found] = {}
    for each in found:
        other = seen.setdefault(each.name, each)
        if other is not each:
            raise BadInput(
                f"The results of {other.file} and {each.file} would have the same name. "
                "Leave one out by a pattern, as '**/*.edf', or rename it."
            )
    return found


def signature(path: Path) -> str:
    """Return a checksum of a file and of those that belong to it: same name, other suffix."""
    digest = hashlib.sha256()
    for each in _family(path):
        digest.update(f"{each.name} {checksum(each)}\n".encode())
    return digest.hexdigest()


def stamp(path: Path) -> str:
    """Return sizes and times of the same files: while these stay, nothing is read to compare."""
    about = [(each.name, each.stat()) for each in _family(path)]
    return " ".join(f"{name} {facts.st_size} {facts.st_mtime_ns}" for name, facts in about)


def _family(path: Path) -> list[Path]:
    stem = glob.escape(path.name.split(".", 1)[0])
    return [each for each in sorted(path.parent.glob(f"{stem}.*")) if each.is_file()] or [path]
