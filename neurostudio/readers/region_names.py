"""The names of the regions of an atlas, from the file that lies beside the image."""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".tsv", ".csv", ".txt", ".label", ".json")
_NUMBERS = ("index", "value", "id", "label", "key", "roi", "no", "number")
_NAMES = ("name", "region", "label", "structure", "label_name", "roi_name", "abbreviation")
_LARGEST = 20_000_000  # bytes; no list of names is longer
# ITK-SNAP: number, red, green, blue, opaque, visible, mesh, "name"
_SNAP = re.compile(r'^\s*(\d+)(?:\s+[\d.]+){3,6}\s+"(.*)"\s*$')


def names_beside(path: Path, stem: str) -> dict[int, str]:
    """Return the regions of an atlas by their number, empty where no list of them lies beside it.

    Parameters
    ----------
    path
        The image.
    stem
        Its name without the suffix; the list has the same (``x_dseg.nii.gz`` and ``x_dseg.tsv``).

    Notes
    -----
    A list is a table with a column of numbers and one of names (as of BIDS, ``index`` and ``name``), two
    columns without a head, the label file of ITK-SNAP, or JSON that maps numbers to names (under
    ``labels`` also names to numbers).
    """
    for suffix in SUFFIXES:
        beside = path.with_name(stem + suffix)
        if beside.is_file() and beside.stat().st_size < _LARGEST:
            found = read_names(beside)
            if found:
                return found
    return {}


def read_names(path: Path) -> dict[int, str]:
    """Return the regions that a file lists, empty where it is no such list."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return {}
    if path.suffix.lower() == ".json":
        return _from_json(text)
    lines = [
        line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]
    return _from_snap(lines) or _from_table(lines)


def _from_json(text: str) -> dict[int, str]:
    try:
        told = json.loads(text)
    except json.JSONDecodeError:
        return {}
    if not isinstance(told, dict):
        return {}
    named = isinstance(told.get("labels"), dict)
    pairs = (told["labels"] if named else told).items()
    if named and any(isinstance(name, str) and _number(name) is None for name, _ in pairs):
        pairs = [(number, name) for name, number in pairs]
    found = {_number(number): name for number, name in pairs}
    if not all(isinstance(name, str) for name in found.values()):
        return {}  # such as the facts of a scan, which are names with a number each
    return {number: name for number, name in found.items() if number is not None}


def _from_snap(lines: list[str]) -> dict[int, str]:
    matches = [_SNAP.match(line) for line in lines]
    if not all(matches):
        return {}
    return {int(each[1]): each[2] for each in matches if each is not None}


def _from_table(lines: list[str]) -> dict[int, str]:
    if not lines:
        return {}
    mark = next((each for each in ("\t", ",", ";") if each in lines[0]), None)
    rows = (
        list(csv.reader(lines, delimiter=mark)) if mark else [line.split(None, 1) for line in lines]
    )
    head = [word.strip().lower() for word in rows[0]]
    number = next((head.index(word) for word in _NUMBERS if word in head), None)
    if number is None:
        return _pairs(rows, 0, 1)
    name = next((head.index(w) for w in _NAMES if w in head and head.index(w) != number), None)
    return {} if name is None else _pairs(rows[1:], number, name)


def _pairs(rows: list[list[str]], number: int, name: int) -> dict[int, str]:
    """Return two columns, empty as soon as a row does not fit."""
    found: dict[int, str] = {}
    for row in rows:
        if len(row) <= max(number, name) or (value := _number(row[number])) is None:
            return {}
        found[value] = row[name].strip().strip('"')
    words = any(_number(each) is None for each in found.values())
    return found if words else {}


def _number(word: object) -> int | None:
    if isinstance(word, bool) or not isinstance(word, str | int | float):
        return None
    try:
        value = float(word)
    except ValueError:
        return None
    return int(value) if value == round(value) and abs(value) < 2**53 else None
