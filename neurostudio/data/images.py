"""Pictures: dims ``(item | time, y, x[, channel])``; labels as coordinates along ``item``."""

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

FILE = "images.zarr"


@dataclass(frozen=True, slots=True, eq=False)
class ImageStack(Data):
    """Pictures: dims ``(item | time, y, x[, channel])``; labels and ``id`` along ``item``."""

    array: xarray.DataArray

    def summary(self) -> str:
        """Return number and size of the pictures in one line."""
        sizes = self.array.sizes
        first = str(self.array.dims[0])
        colour = f" x {sizes['channel']}" if "channel" in sizes else ""
        what = "frames" if first == "time" else "pictures"
        return f"{sizes[first]:,} {what} of {sizes['y']} x {sizes['x']}{colour}"

    def facts(self) -> Mapping[str, Fact]:
        """Return the metadata."""
        return labelled.array_facts(self.array)

    def names(self, what: str) -> tuple[str, ...]:
        """Return ``columns``: the labels of the pictures."""
        if what != "columns":
            return ()
        return labelled.coordinates_along(self.array, str(self.array.dims[0]))

    def nbytes(self) -> int:
        """Return the bytes of all pictures."""
        return int(self.array.nbytes)

    def save(self, folder: Path) -> None:
        """Write Zarr."""
        labelled.save_array(self.array, folder / FILE)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open Zarr without reading the pictures."""
        return cls(labelled.load_array(folder / FILE))
