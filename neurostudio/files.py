"""Files on disk: written whole or not at all, checked, and given room."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from neurostudio.errors import NotEnough


def write_atomically(path: Path, content: bytes | str) -> None:
    """Write a file so that a reader sees the old content or the new, never a part.

    Parameters
    ----------
    path : Path
        The file; its folder must exist.
    content : bytes or str
        What it will hold; text is written as UTF-8.

    Raises
    ------
    NotEnough
        The disk is full or the folder cannot be written.
    """
    raw = content.encode("utf-8") if isinstance(content, str) else content
    name = ""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(raw)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        raise NotEnough(f"{path} cannot be written: {error.strerror or error}.") from error


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file; of a folder, that of its files' names and sizes."""
    if path.is_dir():
        digest = hashlib.sha256()
        for each in _files(path):
            line = f"{each.relative_to(path).as_posix()} {each.stat().st_size}\n"
            digest.update(line.encode())
        return digest.hexdigest()
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def size(path: Path) -> int:
    """Return the bytes of a file, or of all files of a folder."""
    if path.is_dir():
        return sum(each.stat().st_size for each in _files(path))
    return path.stat().st_size


def _files(folder: Path) -> list[Path]:
    return [each for each in sorted(folder.rglob("*")) if each.is_file()]


def free_space(folder: Path) -> int:
    """Return the free bytes of the disk that a folder, or its nearest existing parent, is on."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def ensure_writable(folder: Path, needed: int = 0) -> None:
    """Make a folder, or say at once that it cannot be written or that the disk is too full.

    Raises
    ------
    NotEnough
        Nothing can be written there, or fewer than ``needed`` bytes are free.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise NotEnough(
            f"Nothing can be written to {folder}: {error.strerror or error}. Choose another folder."
        ) from error
    free = free_space(folder)
    if free < needed:
        raise NotEnough(
            f"{folder} has {free / 1e9:.2f} GB free; about {needed / 1e9:.2f} GB are needed. "
            "Free some space or choose another folder."
        )
