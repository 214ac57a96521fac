"""A table of named columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from neurostudio.data.base import Data

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from neurostudio.data.base import Fact

FILE = "table.parquet"


@dataclass(frozen=True, slots=True, eq=False)
class Table(Data):
    """A table of named columns."""

    frame: pd.DataFrame

    def summary(self) -> str:
        """Return rows and columns in one line."""
        n_rows, n_columns = self.frame.shape
        return f"{n_rows:,} rows, {n_columns} columns"

    def facts(self) -> Mapping[str, Fact]:
        """Return the metadata."""
        n_rows, n_columns = self.frame.shape
        types = [f"{name} ({dtype})" for name, dtype in self.frame.dtypes.items()]
        return {
            "shape": [n_rows, n_columns],
            "dimensions": ["row", "column"],
            "unit": str(self.frame.attrs.get("unit", "not stated")),
            "rate (Hz)": self.frame.attrs.get("rate"),
            "columns": types[:50] + ([f"and {n_columns - 50} more"] if n_columns > 50 else []),
            "missing values": int(self.frame.isna().to_numpy().sum()),
        }

    def names(self, what: str) -> tuple[str, ...]:
        """Return ``columns``."""
        return tuple(map(str, self.frame.columns)) if what == "columns" else ()

    def nbytes(self) -> int:
        """Return the bytes of all columns."""
        return int(self.frame.memory_usage(deep=True).sum())

    def save(self, folder: Path) -> None:
        """Write Parquet."""
        frame = self.frame.rename(columns=str)
        frame.to_parquet(folder / FILE)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read Parquet."""
        import pandas as pd

        return cls(pd.read_parquet(folder / FILE))
