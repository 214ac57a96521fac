"""Data become files of common formats here.

Examples
--------
>>> from pathlib import Path
>>> import tempfile
>>> from neurostudio.data import Text
>>> export(Text("two words"), Path(tempfile.mkdtemp()) / "words.txt").format
'Text'
"""

from __future__ import annotations

from neurostudio.writers import (  # noqa: F401  each module declares its formats
    edf,
    graphs,
    images,
    nwb,
    series,
    signals,
    tables,
    volumes,
)
from neurostudio.writers.base import Exported, Writer, export, find_writer, writers_of

__all__ = ["Exported", "Writer", "export", "find_writer", "writers_of"]
