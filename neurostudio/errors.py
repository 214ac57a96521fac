"""What can go wrong, in words for the person at the screen.

NeurostudioError
├── UnreadableFile      a file that cannot be opened, and why
├── MissingFile         a file of a session that moved or changed
├── UnknownName         no method, item, part or plugin of that name
├── BadInput            data or parameters that a method cannot work on
├── NotEnough           memory or disk that would not suffice
└── BrokenSession       a session or run folder that cannot be read
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class NeurostudioError(Exception):
    """One readable message: what is wrong, with the value; then what to do."""


class UnreadableFile(NeurostudioError):
    """A file that cannot be opened."""

    def __init__(self, path: Path | str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path} cannot be opened: {reason}")


class MissingFile(NeurostudioError):
    """A file that a session points to and that moved or changed."""


class UnknownName(NeurostudioError):
    """A name that nothing has, with the nearest one that something has."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        near = difflib.get_close_matches(name, known, n=1)
        if near:
            advice = f"Did you mean '{near[0]}'?"
        elif known:
            advice = "There are: " + ", ".join(known[:12]) + (", …" if len(known) > 12 else ".")
        else:
            advice = f"There is no {what} at all yet."
        super().__init__(f"There is no {what} named '{name}'. {advice}")


class BadInput(NeurostudioError):
    """Data or parameters that a method cannot work on."""


class NotEnough(NeurostudioError):
    """Memory or disk that would not suffice."""


class BrokenSession(NeurostudioError):
    """A session or run folder that cannot be read."""
