"""Points in 2 or 3 dimensions with labels: embeddings, electrodes, cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from neurostudio.data import labelled
from neurostudio.data.base import Data

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import xarray

    from neurostudio.data.base import Fact

FILE = "points.zarr"


@dataclass(frozen=True, slots=True, eq=False)
class Points(Data):
    """Points in 2 or 3 dimensions with labels: embeddings, electrodes, cells."""

    table: xarray.Dataset

    def summary(self) -> str:
        """Return number of points and names of their labels in one line."""
        sizes = ", ".join(f"{size} {dim}" for dim, size in self.table.sizes.items())
        return f"{sizes}: {', '.join(self.names('columns'))}"

    def facts(self) -> Mapping[str, Fact]:
        """Return the metadata."""
        units = [
            f"{name}: {values.attrs['unit']}"
            for name, values in self.table.variables.items()
            if "unit" in values.attrs
        ]
        return {
            "shape": [int(size) for size in self.table.sizes.values()],
            "dimensions": [str(dim) for dim in self.table.sizes],
            "unit": str(self.table.attrs.get("unit", ", ".join(units) or "arbitrary")),
            "columns": list(self.names("columns")),
        }

    def names(self, what: str) -> tuple[str, ...]:
        """Return ``columns``: the coordinates and labels of the points."""
        return tuple(map(str, self.table.variables)) if what == "columns" else ()

    def nbytes(self) -> int:
        """Return the bytes of all coordinates and labels."""
        return int(self.table.nbytes)

    def save(self, folder: Path) -> None:
        """Write Zarr."""
        labelled.save_dataset(self.table, folder / FILE)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open Zarr without reading the points."""
        return cls(labelled.load_dataset(folder / FILE))
