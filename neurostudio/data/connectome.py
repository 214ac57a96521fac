"""Who connects to whom: dims ``([time,] source, target)``, facts of the nodes as coordinates."""

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

FILE = "connectome.zarr"
BLOCK = 32 * 2**20  # bytes of the matrix that are counted at a time


@dataclass(frozen=True, slots=True, eq=False)
class Connectome(Data):
    """Who connects to whom: dims ``([time,] source, target)``, facts of nodes as coordinates.

    Rows are sources. Facts lie along ``source``: ``x``, ``y``, ``z`` in mm (right, front, up), ``region``,
    ``hemisphere``, ``type`` and any other. ``matrix.attrs`` may hold ``space`` (a name of
    :mod:`neurostudio.spaces`), ``unit`` and ``directed``; without it a matrix that is not symmetric is.
    """

    matrix: xarray.DataArray

    def summary(self) -> str:
        """Return nodes and connections in one line."""
        words = f"{self.matrix.sizes['source']} x {self.matrix.sizes['target']} nodes"
        if "time" in self.matrix.dims:
            return f"{words}, {self.matrix.sizes['time']} times"
        return f"{words}, {self._n_connections():,} connections"

    def facts(self) -> Mapping[str, Fact]:
        """Return the metadata."""
        facts = labelled.array_facts(self.matrix)
        if "time" not in self.matrix.dims:
            facts["connections"] = self._n_connections()
        facts["directed"] = self._directed()
        return facts

    def names(self, what: str) -> tuple[str, ...]:
        """Return ``nodes`` or ``columns`` (facts of the nodes)."""
        if what == "nodes":
            return self._nodes()
        if what == "columns":
            return labelled.coordinates_along(self.matrix, "source")
        return ()

    def nbytes(self) -> int:
        """Return the bytes of the matrix."""
        return int(self.matrix.nbytes)

    def save(self, folder: Path) -> None:
        """Write Zarr."""
        labelled.save_array(self.matrix, folder / FILE)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open Zarr without reading the matrix."""
        return cls(labelled.load_array(folder / FILE))

    def _nodes(self) -> tuple[str, ...]:
        for name in ("source", "name"):
            if name in self.matrix.coords:
                return tuple(map(str, self.matrix[name].to_numpy()))
        return tuple(map(str, range(self.matrix.sizes["source"])))

    def _n_connections(self) -> int:
        import numpy as np

        values = self.matrix.to_numpy()
        if values.dtype.kind != "f":
            return int(np.count_nonzero(values))
        blocks = np.array_split(
            values, max(1, values.nbytes // BLOCK)
        )  # without a second whole matrix
        return sum(int(np.count_nonzero(each) - np.isnan(each).sum()) for each in blocks)

    def _directed(self) -> bool:
        import numpy as np

        if "directed" in self.matrix.attrs:
            return bool(self.matrix.attrs["directed"])
        values = self.matrix.to_numpy()
        turned = np.swapaxes(values, -1, -2)
        same = values.shape == turned.shape
        return not (same and np.array_equal(values, turned, equal_nan=values.dtype.kind == "f"))
