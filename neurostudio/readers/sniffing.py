"""What a file is by its first bytes, where its name does not say."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

from neurostudio.readers.base import reader_named

if TYPE_CHECKING:
    from pathlib import Path

    from neurostudio.readers.base import Reader

BEGINNINGS = (
    (b"0       ", "EDF"),
    (b"\xffBIOSEMI", "BDF"),
    (b"GDF ", "GDF"),
    (b"Brain Vision", "BrainVision"),
    (b"\0\0\0\x64\0\0\0\x1f", "FIF"),
    (b"\x89HDF\r\n\x1a\n", "NWB"),
    (b"\x89PNG", "Picture"),
    (b"\xff\xd8\xff", "Picture"),
    (b"II*\0", "Picture"),
    (b"MM\0*", "Picture"),
    (b"\x93NUMPY", "NumPy array"),
    (b"PAR1", "Parquet table"),
    (b"fLaC", "Sound"),
    (b"OggS", "Sound"),
    (b"\xff\xff\xfe", "FreeSurfer surface"),
    (b"\xff\xff\xff", "FreeSurfer values"),
    (b"\x80\x02", "Pickle"),
    (b"\x80\x03", "Pickle"),
    (b"\x80\x04", "Pickle"),
    (b"\x80\x05", "Pickle"),
)


def look_inside(path: Path) -> Reader | None:
    """Return the reader for the content of a file, or None if nothing is recognised."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head[:2] == b"\x1f\x8b":
        head = _unpacked(path)
    name = _name(head)
    return reader_named(name) if name else None


def _name(head: bytes) -> str | None:
    for beginning, name in BEGINNINGS:
        if head.startswith(beginning):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "Sound"
    if head[344:347] in {b"n+1", b"ni1"}:
        return "NIfTI"
    if head[:4] == b"PK\x03\x04":
        return "Pickle" if b"data.pkl" in head else "NumPy archive"
    for tag, name in ((b"<GIFTI", "GIFTI"), (b"<graphml", "GraphML")):
        if head.lstrip()[:1] == b"<" and tag in head:
            return name
    return None


def _unpacked(path: Path) -> bytes:
    try:
        with gzip.open(path, "rb") as stream:
            return stream.read(4096)
    except (OSError, EOFError, zlib.error):
        return b""
