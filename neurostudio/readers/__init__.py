"""Files become data here, and nowhere else.

Examples
--------
>>> from pathlib import Path
>>> import tempfile
>>> path = Path(tempfile.mkdtemp()) / "words.md"
>>> _ = path.write_text("two words")
>>> read(path).summary()
'9 characters, 1 lines'
"""

from __future__ import annotations

import gc
import logging
import threading
import traceback
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from neurostudio.errors import NeurostudioError, UnreadableFile
from neurostudio.readers import (  # noqa: F401  each module declares its formats
    arrays,
    cifti,
    connectomes,
    nwb,
    pictures,
    recordings,
    refused,
    sounds,
    surfaces,
    tables,
    texts,
    trials,
    volumes,
)
from neurostudio.readers.base import READERS, Format, Part, Reader, find_reader
from neurostudio.readers.folders import FOLDER
from neurostudio.readers.sniffing import look_inside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neurostudio.data import Data

__all__ = ["Format", "Part", "formats", "look", "read"]

LOG = logging.getLogger(__name__)
_ONE_AT_A_TIME = threading.RLock()


def formats() -> tuple[Format, ...]:
    """Return every format that can be opened, by name."""
    known = (one.format for one in READERS if one.format.kind)
    return tuple(sorted(known, key=lambda one: one.name.lower()))


def look(path: Path | str) -> tuple[Part, ...]:
    """List what a file or folder holds, from headers alone.

    Parameters
    ----------
    path : Path or str
        A file, or a folder of a kind that is known.

    Returns
    -------
    tuple of Part
        One part named ``""`` where there is only one.

    Raises
    ------
    UnreadableFile
        If it cannot be opened, with the reason.
    """
    path = Path(path)
    with _one_error(path):
        found = _reader_of(path)
        if found.look is not None:
            return found.look(path)
        data = found.read(path, "")
        return (Part("", type(data).__name__, data.summary()),)


def read(path: Path | str, part: str = "") -> Data:
    """Open a file, or one part of it.

    Parameters
    ----------
    path : Path or str
        A file, or a folder of a kind that is known.
    part : str
        The name of a part, as :func:`look` lists them; may be empty where there is only one.

    Returns
    -------
    Data
        In SI units, lazy wherever the format allows.

    Raises
    ------
    UnreadableFile
        If it cannot be opened, with the reason.
    """
    path = Path(path)
    with _one_error(path):
        return _reader_of(path).read(path, part)


def _reader_of(path: Path) -> Reader:
    if not path.exists():
        raise UnreadableFile(path, "there is no such file or folder")
    if path.is_dir():
        return FOLDER
    if not path.stat().st_size:
        raise UnreadableFile(path, "it is empty")
    found = find_reader(path) or look_inside(path)
    if found is None:
        known = ", ".join(dict.fromkeys(one.name for one in formats()))
        raise UnreadableFile(path, f"its format is not known. Can be opened: {known}")
    return found


@contextmanager
def _one_error(path: Path) -> Iterator[None]:
    """Turn whatever a library raises into one error, and its warnings into lines of the log.

    One file at a time: warnings are caught for all threads, and a library that two threads import at once
    by different parts of it is half there for both.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        except UnreadableFile:
            raise
        except (Exception, SystemError) as error:
            reason = "you may not read it. Change its permissions"
            if not isinstance(error, PermissionError):
                reason = _reason(path, error)
            # frames of the library hold open files
            traceback.clear_frames(error.__traceback__)
            gc.collect(1)
            raise UnreadableFile(path, reason) from error
    for warning in {str(one.message).splitlines()[0] for one in caught if str(one.message)}:
        LOG.info("%s: %s", path, warning)


def _reason(path: Path, error: BaseException) -> str:
    """Return the reason in words for a person."""
    named, inside = find_reader(path), look_inside(path) if path.is_file() else None
    if named and inside and inside.format.name != named.format.name:
        return (
            f"its name says {named.format.name} and its content {inside.format.name}. "
            "Give it the right suffix"
        )
    if isinstance(error, NeurostudioError):
        return str(error)
    if isinstance(error, MemoryError):
        return "it does not fit into memory"
    if isinstance(error, FileNotFoundError):
        missing = Path(str(error.filename)).name if error.filename else str(error)
        return f"a file that belongs to it is missing: {missing}"
    words = " ".join(str(error).split())[:300] or type(error).__name__
    what = f"a whole {named.format.name} file" if named else "whole"
    return f"it is damaged, or not {what} ({words})"
