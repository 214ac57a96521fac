"""The structure of MATLAB 5 files, walked before a library reads them.

The usual reader trusts what the file claims and takes the whole program down with a damaged one.
"""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from neurostudio.errors import BadInput
from neurostudio.readers.base import check_room

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BYTES = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8, 16: 1, 17: 2, 18: 4}
MATRIX, COMPRESSED, INT8, INT32, UINT32, UTF8 = 14, 15, 1, 5, 6, 16
CELL, STRUCT, OBJECT, CHAR, SPARSE, LAST_NUMBER = 1, 2, 3, 4, 5, 15
COMPLEX = 0x0800
DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its type and where its content stands."""

    type: int
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Stream:
    """Bytes and the order in which their numbers are written."""

    content: bytes
    order: str

    def numbers(self, element: Element, code: str, size: int) -> tuple[int, ...]:
        """Return the whole numbers of an element."""
        count = element.size // size
        return struct.unpack_from(f"{self.order}{count}{code}", self.content, element.start)

    def elements(self, start: int, end: int) -> Iterator[Element]:
        """Yield the elements between two places; each must end before the second."""
        while start < end:
            if end - start < 8:
                raise _damaged()
            first, size = struct.unpack_from(f"{self.order}II", self.content, start)
            if first >> 16:  # up to four bytes stand within the tag itself
                element = Element(first & 0xFFFF, start + 4, first >> 16)
                following = start + 8
                fits = element.size <= 4
            else:
                element = Element(first, start + 8, size)
                padded = size if first == COMPRESSED else size + -size % 8
                following = start + 8 + padded
                fits = start + 8 + size <= end
            if not fits or element.type not in {*BYTES, MATRIX, COMPRESSED}:
                raise _damaged()
            yield element
            start = following


def check_matlab(path: Path) -> None:
    """Check that every element of a MATLAB 5 file lies within the one that holds it."""
    with path.open("rb") as file:
        head = file.read(128)
        if head[:8] in {b"\x89HDF\r\n\x1a\n", b"MATLAB 7"}:
            return
        order = {b"IM": "<", b"MI": ">"}.get(head[126:128])
        if order is None:
            raise BadInput("it does not begin as a MATLAB file does")
        check_room(4 * path.stat().st_size)
        stream = Stream(file.read(), order)
    for element in stream.elements(0, len(stream.content)):
        if element.type == COMPRESSED:
            unpacked = _unpacked(stream.content[element.start : element.start + element.size])
            inner = Stream(unpacked, order)
            for one in inner.elements(0, len(unpacked)):
                _check_matrix(inner, one, 0)
        else:
            _check_matrix(stream, element, 0)


def _check_matrix(stream: Stream, matrix: Element, depth: int) -> None:
    if matrix.type != MATRIX or depth > DEEPEST:
        raise _damaged()
    if not matrix.size:
        return
    parts = stream.elements(matrix.start, matrix.start + matrix.size)
    flags, dims, _ = _next(parts, UINT32), _next(parts, INT32, UINT32), _next(parts, INT8, UTF8)
    sizes = stream.numbers(dims, "i", 4)
    if flags.size != 8 or len(sizes) < 2 or len(sizes) > 32 or min(sizes) < 0:
        raise _damaged()
    flag = stream.numbers(flags, "I", 4)[0]
    kind, count = flag & 0xFF, math.prod(sizes)
    if kind in {CELL, STRUCT, OBJECT}:
        _check_children(stream, parts, count * _n_fields(stream, parts, kind), depth)
    elif kind == SPARSE:
        _check_sparse(stream, parts, sizes, bool(flag & COMPLEX))
    elif CHAR <= kind <= LAST_NUMBER:
        _check_numbers(parts, count, kind, bool(flag & COMPLEX))
    else:
        raise BadInput("it holds MATLAB objects or functions, which cannot be opened")


def _n_fields(stream: Stream, parts: Iterator[Element], kind: int) -> int:
    if kind == CELL:
        return 1
    if kind == OBJECT:
        _next(parts, INT8)
    length = _next(parts, INT32)
    width = stream.numbers(length, "i", 4)
    names = _next(parts, INT8)
    if len(width) != 1 or not 0 < width[0] <= 4096 or names.size % width[0]:
        raise _damaged()
    return names.size // width[0]


def _check_children(stream: Stream, parts: Iterator[Element], count: int, depth: int) -> None:
    found = 0
    for child in parts:
        _check_matrix(stream, child, depth + 1)
        found += 1
    if found != count:
        raise _damaged()


def _check_numbers(parts: Iterator[Element], count: int, kind: int, two: bool) -> None:
    arrays = list(parts)
    if kind == CHAR and len(arrays) == 1 and arrays[0].type in {1, 2, UTF8}:
        if arrays[0].size > 4 * count:
            raise _damaged()
        return
    if len(arrays) != 1 + two or any(_length(array) != count for array in arrays):
        raise _damaged()


def _check_sparse(
    stream: Stream, parts: Iterator[Element], sizes: tuple[int, ...], two: bool
) -> None:
    rows, columns = _next(parts, INT32), _next(parts, INT32)
    values = list(parts)
    starts, places = stream.numbers(columns, "i", 4), stream.numbers(rows, "i", 4)
    ordered = all(a <= b for a, b in pairwise(starts))
    held = starts[-1] if starts else 0
    inside = all(0 <= place < max(sizes[0], 1) for place in places)
    fits = len(starts) == sizes[1] + 1 and held <= len(places) and starts[0] == 0
    enough = len(values) == 1 + two and all(_length(array) >= held for array in values)
    if not (ordered and inside and fits and enough):
        raise _damaged()


def _length(array: Element) -> int:
    return array.size // BYTES[array.type] if array.type in BYTES else -1


def _next(parts: Iterator[Element], *types: int) -> Element:
    element = next(parts, None)
    if element is None or element.type not in types:
        raise _damaged()
    return element


def _unpacked(content: bytes) -> bytes:
    """Return the content of a compressed element, unless it is too large."""
    check_room(32 * len(content))
    worker = zlib.decompressobj()
    pieces, total, rest = [], 0, content
    while rest and not worker.eof:
        piece = worker.decompress(rest, 2**24)
        total += len(piece)
        check_room(3 * total)
        pieces.append(piece)
        rest = worker.unconsumed_tail
        if not piece and not rest:
            break
    if not worker.eof:
        raise _damaged()
    return b"".join(pieces)


def _damaged() -> BadInput:
    return BadInput("its parts do not fit together. It is damaged or was cut off; copy it again")
