"""The registry of file formats: what each is called, how its names end, how it is read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from neurostudio.errors import BadInput, NotEnough

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from neurostudio.data import Data

    Read = Callable[[Path, str], Data]
    Look = Callable[[Path], "tuple[Part, ...]"]

Reads = TypeVar("Reads", bound="Read")


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a file or folder holds; named ``""`` where there is only one."""

    name: str
    kind: str
    summary: str


@dataclass(frozen=True, slots=True)
class Format:
    """A format that can be opened."""

    name: str
    suffixes: tuple[str, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Reader:
    """A format and the functions that look into it and read it."""

    format: Format
    read: Read
    look: Look | None


READERS: list[Reader] = []


def reader(
    *, name: str, suffixes: tuple[str, ...], kind: str, look: Look | None = None
) -> Callable[[Reads], Reads]:
    """Declare the function below as the reader of a format.

    Parameters
    ----------
    name : str
        What people call the format.
    suffixes : tuple of str
        How the names of its files end, in lower case.
    kind : str
        The kind of data it holds; several are joined by " or ".
    look : callable, optional
        Lists the parts from the header; without it the file is opened (which is lazy) and
        described.
    """

    def declare(read: Reads) -> Reads:
        READERS.append(Reader(Format(name, suffixes, kind), read, look))
        return read

    return declare


def find_reader(path: Path) -> Reader | None:
    """Return the reader whose suffix is the longest that the name ends in."""
    name = path.name.lower()
    fitting = [
        (len(suffix), -number, one)
        for number, one in enumerate(READERS)
        for suffix in one.format.suffixes
        if name.endswith(suffix)
    ]
    return max(fitting, key=lambda found: found[:2])[2] if fitting else None


def reader_named(name: str) -> Reader:
    """Return the reader of a format by the name of the format."""
    return next(one for one in READERS if one.format.name == name)


def stem(path: Path) -> str:
    """Return the name of a file without the suffix of its format."""
    found = find_reader(path)
    endings = found.format.suffixes if found else (path.suffix,)
    for ending in sorted(endings, key=len, reverse=True):
        if path.name.lower().endswith(ending):
            return path.name[: len(path.name) - len(ending)] or path.name
    return path.name


def choose(part: str, names: tuple[str, ...]) -> str:
    """Return the part that is meant; only where there is a single one may it stay unnamed."""
    if part in names:
        return part
    listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    if part:
        raise BadInput(f"it has no part named '{part}'. There are: {listed}.")
    if len(names) == 1:
        return names[0]
    raise BadInput(f"it holds {len(names)} parts: {listed}. Name one of them.")


def check_room(nbytes: float, what: str = "it") -> None:
    """Refuse what would not fit into the memory that is free."""
    import psutil

    free = psutil.virtual_memory().available
    if nbytes > 0.8 * free:
        raise NotEnough(
            f"{what} needs {nbytes / 1e9:,.1f} GB of memory and {free / 1e9:,.1f} GB are free"
        )


def check_claim(shape: tuple[int, ...], itemsize: int, held: float) -> None:
    """Refuse a header that claims more numbers than the file can hold."""
    claimed = math.prod(shape) * itemsize
    if min(shape, default=0) < 0 or claimed > held:
        words = " x ".join(map(str, shape))
        raise BadInput(
            f"its header claims {words} numbers, {claimed / 1e6:,.1f} MB, and the file holds "
            f"{held / 1e6:,.1f} MB at most. It is damaged or was cut off; copy it again"
        )
