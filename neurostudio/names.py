"""Names of items: valid in Python, so that a script can use them."""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

_SUFFIX = re.compile(r"\.(gz|[A-Za-z][A-Za-z0-9]{0,6})(?=$|[._])")


def valid_name(text: str) -> str:
    """Return the nearest name that Python takes.

    >>> valid_name("S001R04.edf")
    'S001R04'
    >>> valid_name("sub-01_bold.nii.gz")
    'sub_01_bold'
    >>> valid_name("2 minutes.wav")
    'item_2_minutes'
    """
    name = re.sub(r"\W+", "_", _SUFFIX.sub("", text), flags=re.ASCII).strip("_") or "item"
    if name[0].isdigit():
        name = f"item_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def is_valid(name: str) -> bool:
    """Return whether an item may be called so."""
    return name.isidentifier() and not keyword.iskeyword(name)


def free_name(wish: str, taken: Container[str]) -> str:
    """Return a valid name near a wish that nothing has yet.

    >>> free_name("S001R04.edf", {"S001R04"})
    'S001R04_2'
    """
    base = valid_name(wish)
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return name
