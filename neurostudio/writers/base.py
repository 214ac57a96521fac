"""The registry of formats that data leave the program in, and the one way of writing any of them."""

from __future__ import annotations

import os
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from neurostudio.errors import BadInput, NeurostudioError, NotEnough
from neurostudio.files import ensure_writable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from neurostudio.data import Data

    Write = Callable[[Any, Path], "Iterable[str]"]

Writes = TypeVar("Writes", bound="Write")


@dataclass(frozen=True, slots=True)
class Writer:
    """A format, the kinds of data it takes, and the function that writes it.

    ``copies`` is the memory that writing takes, in multiples of the data; 0 where it goes in chunks.
    """

    name: str
    suffixes: tuple[str, ...]
    kinds: tuple[str, ...]
    write: Write
    copies: float


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the main file first, the format, and what the format could not hold."""

    files: tuple[Path, ...]
    format: str
    notes: tuple[str, ...]

    def __str__(self) -> str:
        """Return the file, and one line for each thing that was lost."""
        more = f" and {len(self.files) - 1} more" if len(self.files) > 1 else ""
        return "\n".join([f"{self.files[0]}{more} ({self.format})", *self.notes])


WRITERS: list[Writer] = []


def writer(
    *, name: str, suffixes: tuple[str, ...], kinds: tuple[str, ...], copies: float = 0.0
) -> Callable[[Writes], Writes]:
    """Declare the function below as the writer of a format.

    Parameters
    ----------
    name : str
        What people call the format.
    suffixes : tuple of str
        How the names of its files end, in lower case, the usual one first; ``""`` for a folder.
    kinds : tuple of str
        The kinds of data that it takes.
    copies : float
        Memory that writing takes, in multiples of the data; 0 where it goes in chunks.
    """

    def declare(write: Writes) -> Writes:
        WRITERS.append(Writer(name, suffixes, kinds, write, copies))
        return write

    return declare


def writers_of(kind: str) -> tuple[Writer, ...]:
    """Return the formats that a kind of data can be written in, the first declared first."""
    return tuple(one for one in WRITERS if kind in one.kinds)


def find_writer(kind: str, path: Path) -> Writer:
    """Return the writer whose suffix is the longest that the name ends in.

    Raises
    ------
    BadInput
        No format of that name takes this kind of data; the message lists those that do.
    """
    name = path.name.lower()
    fitting = [
        (len(suffix), -number, one)
        for number, one in enumerate(writers_of(kind))
        for suffix in one.suffixes
        if (name.endswith(suffix) if suffix else not path.suffix)
    ]
    if fitting:
        return max(fitting, key=lambda found: found[:2])[2]
    known = ", ".join(_words(one) for one in writers_of(kind))
    advice = f"Choose a name that ends in one of: {known}." if known else "It stays in its session."
    raise BadInput(f"{kind} cannot be written as '{path.name}'. {advice}")


def _words(one: Writer) -> str:
    return f"{one.suffixes[0] or 'no suffix'} ({one.name})"


def export(data: Data, path: Path | str, *, overwrite: bool = False) -> Exported:
    """Write data to a file of a common format, whole or not at all.

    Parameters
    ----------
    data : Data
        Any kind; its class decides which formats there are.
    path : Path or str
        The file; its suffix decides the format.
    overwrite : bool
        Whether files that are there already may be replaced.

    Returns
    -------
    Exported
        The files written, and in words what the format cannot hold.

    Raises
    ------
    BadInput
        The format does not take the data, or a file is there already.
    NotEnough
        Memory or disk cannot suffice.
    """
    path = Path(path).expanduser().absolute()
    found = find_writer(type(data).__name__, path)
    _refuse_existing([path], overwrite=overwrite)
    _check_memory(found, data)
    ensure_writable(path.parent)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        notes = _write(found, data, Path(folder) / path.name)
        made = [path.parent / each.name for each in _main_first(Path(folder), path.name)]
        _refuse_existing(made, overwrite=overwrite)
        for each in reversed(made):  # the main file last: where it is, the others are
            _move(Path(folder) / each.name, each)
    return Exported(tuple(made), found.name, notes)


def _main_first(folder: Path, name: str) -> Iterator[Path]:
    others = sorted(each for each in folder.iterdir() if each.name != name)
    return iter([folder / name, *others])


def _move(here: Path, there: Path) -> None:
    if here.is_file():
        with here.open("rb") as stream:
            os.fsync(stream.fileno())
    here.replace(there)


def _refuse_existing(paths: list[Path], *, overwrite: bool) -> None:
    folders = [each for each in paths if each.is_dir()]
    if folders:
        raise BadInput(f"{folders[0]} is a folder that is there already. Choose another name.")
    found = [each.name for each in paths if each.exists()]
    if found and not overwrite:
        raise BadInput(
            f"{', '.join(found[:3])} in {paths[0].parent} is there already. "
            "Choose another name, or say that it may be overwritten."
        )


def _check_memory(found: Writer, data: Data) -> None:
    import psutil

    needed, free = found.copies * data.nbytes(), psutil.virtual_memory().available
    if needed > free:
        raise NotEnough(
            f"{found.name} is written from memory, and this would take about {needed / 1e9:.1f} GB; "
            f"{free / 1e9:.1f} GB are free. Export a shorter part, or to a format that is written in "
            "pieces: FIF, NWB or CSV."
        )


def _write(found: Writer, data: Data, path: Path) -> tuple[str, ...]:
    """Write, and turn whatever a library raises or warns of into words."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            notes = list(found.write(data, path))
        except NeurostudioError:
            raise
        except OSError as error:
            raise NotEnough(
                f"{path.name} cannot be written: {error.strerror or error}. "
                "Free some space or choose another folder."
            ) from error
        except Exception as error:
            raise BadInput(
                f"These data cannot be written as {found.name} "
                f"({' '.join(str(error).split())[:300] or type(error).__name__}). "
                "Choose another format."
            ) from error
    said = [" ".join(str(one.message).split()) for one in caught if _tells(one.category)]
    return tuple(dict.fromkeys([*notes, *said]))


def _tells(category: type[Warning]) -> bool:
    """Say whether a warning is meant for the person, not for the library's own authors."""
    inner = (DeprecationWarning, PendingDeprecationWarning, FutureWarning, ResourceWarning)
    return not issubclass(category, inner)
