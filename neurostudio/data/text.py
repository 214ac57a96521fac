"""Words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from neurostudio.data.base import Data

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from neurostudio.data.base import Fact

FILE = "text.txt"


@dataclass(frozen=True, slots=True, eq=False)
class Text(Data):
    """Words."""

    text: str

    def summary(self) -> str:
        """Return the length in one line."""
        return f"{len(self.text):,} characters, {len(self.text.splitlines()):,} lines"

    def facts(self) -> Mapping[str, Fact]:
        """Return the metadata."""
        return {
            "shape": [len(self.text)],
            "dimensions": ["character"],
            "unit": "character",
            "lines": len(self.text.splitlines()),
            "words": len(self.text.split()),
            "distinct characters": len(set(self.text)),
        }

    def nbytes(self) -> int:
        """Return the bytes as UTF-8."""
        return len(self.text.encode("utf-8", "surrogatepass"))

    def save(self, folder: Path) -> None:
        """Write UTF-8, line ends as they are."""
        (folder / FILE).write_bytes(self.text.encode("utf-8", "surrogatepass"))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read UTF-8, line ends as they are."""
        return cls((folder / FILE).read_bytes().decode("utf-8", "surrogatepass"))
