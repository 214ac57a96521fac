"""Where the data of a drawing come from, for drawings that keep something beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """An item's folder, a folder for pyramids beside the session, the colours chosen for marks."""

    item: Path
    pyramids: Path
    colours: dict[str, str] = field(default_factory=dict)


@runtime_checkable
class HasHome(Protocol):
    """A drawing that reads on by itself from the folder of its data."""

    def settle(self, home: Home) -> None:
        """Take the place of the data."""
        ...
