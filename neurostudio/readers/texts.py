"""Words, and columns of numbers in text files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurostudio.data import Table, Text
from neurostudio.errors import BadInput
from neurostudio.readers.base import reader
from neurostudio.readers.tables import NUMBER, decoded, read_bytes, read_table_file

if TYPE_CHECKING:
    from pathlib import Path

    from neurostudio.data import Data


@reader(name="Text", suffixes=(".txt", ".md"), kind="Text or Table")
def read_text(path: Path, part: str) -> Data:
    """Read words; or, where every line is one number, a table of one column."""
    del part
    content = read_bytes(path)
    if b"\0" in content[:4096] and content[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        raise BadInput("it holds bytes that are no text")
    text = decoded(content)
    lines = text.split("\n", 21)[:20]
    filled = [line for line in lines if line.strip()]
    if len(filled) > 1 and all(NUMBER.match(line) for line in filled):
        frame = read_table_file(path)
        frame.columns = ["value"] if frame.shape[1] == 1 else frame.columns
        frame.attrs["rate"] = "not stated"
        return Table(frame)
    return Text(text)
