"""A line of words and comparisons that chooses rows of a table: ``CA1 rate > 2``."""

from __future__ import annotations

import re
from operator import eq, ge, gt, le, lt, ne
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    ">=": ge,
    "<=": le,
    "!=": ne,
    "==": eq,
    "=": eq,
    ">": gt,
    "<": lt,
}
_COMPARISON = re.compile(r"^(?P<sign>>=|<=|!=|==|=|>|<)\s*(?P<value>\"[^\"]*\"|\S+)")
_WORD = re.compile(r"\"[^\"]*\"|[^\s<>=!]+")


def rows_that_fit(text: str, columns: Mapping[str, Sequence[Any]]) -> NDArray[np.bool_]:
    """Return True for each row that fits all that a line of text asks for.

    Parameters
    ----------
    text
        Words, each to be found in any cell, and comparisons of a column with a value: ``rate > 2``. A column
        is called by its name, with or without the unit in brackets.
    columns
        The table.

    Raises
    ------
    BadInput
        The text cannot be understood; the message says which part.
    """
    n_rows = len(next(iter(columns.values()), ()))
    fits = np.ones(n_rows, bool)
    rest = text.strip()
    while rest:
        name = _column_at(rest, columns)
        after = rest[len(name) :].lstrip() if name else ""
        comparison = _COMPARISON.match(after) if name else None
        if comparison:
            fits &= _compare(columns[_full(name, columns)], name, comparison)
            rest = after[comparison.end() :].lstrip()
            continue
        rest, found = _word(rest, columns)
        fits &= found
    return fits


def _short(name: str) -> str:
    return name.split(" (", 1)[0].lower()


def _column_at(text: str, columns: Mapping[str, Sequence[Any]]) -> str:
    """Return the longest name of a column with which the text begins."""
    lower = text.lower()
    names = {each.lower() for each in columns} | {_short(each) for each in columns}
    fitting = [
        each
        for each in names
        if lower.startswith(each) and not lower[len(each) : len(each) + 1].isalnum()
    ]
    return max(fitting, key=len, default="")


def _full(name: str, columns: Mapping[str, Sequence[Any]]) -> str:
    return next(each for each in columns if name.lower() in {each.lower(), _short(each)})


def _compare(values: Sequence[Any], name: str, comparison: re.Match[str]) -> NDArray[np.bool_]:
    sign, wanted = comparison["sign"], comparison["value"].strip('"')
    array = np.asarray(values)
    if array.dtype.kind in "iufb":
        try:
            return np.asarray(_SIGNS[sign](array, float(wanted)))
        except ValueError:
            raise BadInput(f"'{wanted}' is no number to compare '{name}' with.") from None
    if sign not in {"=", "==", "!="}:
        raise BadInput(f"'{name}' holds words; compare it with = or !=.")
    same = np.array([str(value).lower() == wanted.lower() for value in values], bool)
    return ~same if sign == "!=" else same


def _word(text: str, columns: Mapping[str, Sequence[Any]]) -> tuple[str, NDArray[np.bool_]]:
    found = _WORD.match(text)
    if found is None:
        raise BadInput(f"'{text}' begins with a sign; write a column before it: rate > 2.")
    rest = text[found.end() :].lstrip()
    if _COMPARISON.match(rest):
        raise BadInput(
            f"There is no column '{found[0]}'. There are: {', '.join(map(_short, columns))}."
        )
    wanted = found[0].strip('"').lower()
    rows = zip(*columns.values(), strict=True)
    fits = [any(wanted in str(value).lower() for value in row) for row in rows]
    return rest, np.array(fits, bool)
