"""A mesh: ``vertices`` (n, 3) in mm, ``faces`` (m, 3), and values at the vertices by name."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from neurostudio.data.base import Data
from neurostudio.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from neurostudio.data.base import Fact

FILE = "surface.surf.gii"
EXACT = "exact.npz"
SHAPES = "shapes.npz"
SERIES = "series.npz"
ABOUT = "about.json"
INTENTS = {"vertices": "NIFTI_INTENT_POINTSET", "faces": "NIFTI_INTENT_TRIANGLE"}


@dataclass(frozen=True, slots=True, eq=False)
class Surface(Data):
    """A mesh: ``vertices`` (n, 3) in mm, ``faces`` (m, 3), and values at the vertices by name.

    ``shapes`` are other places of the same vertices by name (pial, white, inflated). ``series`` are values
    over time, (n, n_times), at ``times`` in seconds. ``labels`` gives words to the whole numbers of a
    scalar: ``labels["hemisphere"]`` is ``{1: "left", 2: "right"}`` where both are in one mesh, and an atlas
    is a scalar with labels. ``space`` is a name of :mod:`neurostudio.spaces`.
    """

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]
    scalars: Mapping[str, NDArray[np.float64]]
    shapes: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    series: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    times: NDArray[np.float64] | None = None
    labels: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    space: str = ""

    def summary(self) -> str:
        """Return vertices, faces and names of values in one line."""
        values = ", ".join((*self.scalars, *self.series)) or "no values"
        return f"{len(self.vertices):,} vertices, {len(self.faces):,} faces, {values}"

    def facts(self) -> Mapping[str, Fact]:
        """Return the metadata."""
        some = len(self.vertices) > 0
        return {
            "shape": [len(self.vertices), len(self.faces)],
            "dimensions": ["vertex", "face"],
            "unit": "mm",
            "from (mm)": self.vertices.min(axis=0).tolist() if some else None,
            "to (mm)": self.vertices.max(axis=0).tolist() if some else None,
            "values": list(self.scalars),
            "values over time": list(self.series),
            "times": None if self.times is None else len(self.times),
            "shapes": list(self.shapes),
            "space": self.space or "unknown",
        }

    def names(self, what: str) -> tuple[str, ...]:
        """Return ``columns``: the names of the values at the vertices."""
        return (*self.scalars, *self.series) if what == "columns" else ()

    def nbytes(self) -> int:
        """Return the bytes of mesh and values."""
        arrays = (*self.scalars.values(), *self.shapes.values(), *self.series.values())
        values = sum(int(array.nbytes) for array in arrays)
        return int(self.vertices.nbytes + self.faces.nbytes) + values

    def save(self, folder: Path) -> None:
        """Write GIFTI; what its single precision would round stands beside it in full."""
        import nibabel
        import numpy as np
        from nibabel.gifti import GiftiDataArray, GiftiImage, GiftiMetaData

        arrays = [
            GiftiDataArray(
                np.asarray(values, dtype=np.int32 if name == "faces" else np.float32),
                intent=INTENTS.get(name, "NIFTI_INTENT_SHAPE"),
                datatype="NIFTI_TYPE_INT32" if name == "faces" else "NIFTI_TYPE_FLOAT32",
                meta=GiftiMetaData({"Name": name}),
            )
            for name, values in self._arrays().items()
        ]
        nibabel.save(GiftiImage(darrays=arrays), folder / FILE)
        np.savez_compressed(folder / EXACT, **_rounded(self._arrays()))
        shapes: dict[str, Any] = {f"of {name}": each for name, each in self.shapes.items()}
        np.savez_compressed(folder / SHAPES, **shapes)
        series: dict[str, Any] = {f"of {name}": each for name, each in self.series.items()}
        if self.times is not None:
            series["times"] = self.times
        np.savez_compressed(folder / SERIES, **series)
        labels = {
            name: {str(key): word for key, word in words.items()}
            for name, words in self.labels.items()
        }
        write_atomically(folder / ABOUT, json.dumps({"space": self.space, "labels": labels}))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read GIFTI."""
        import nibabel
        import numpy as np

        arrays = {str(one.meta["Name"]): one.data for one in nibabel.load(folder / FILE).darrays}
        with np.load(folder / EXACT, allow_pickle=False) as exact:
            arrays |= {name.removeprefix("of "): exact[name] for name in exact.files}
        return cls(
            np.asarray(arrays.pop("vertices"), dtype=np.float64),
            np.asarray(arrays.pop("faces"), dtype=np.int64),
            {name: np.asarray(values, dtype=np.float64) for name, values in arrays.items()},
            **_more(folder),
        )

    def _arrays(self) -> dict[str, NDArray[Any]]:
        return {"vertices": self.vertices, "faces": self.faces, **self.scalars}


def _more(folder: Path) -> dict[str, Any]:
    """Read what stands beside the mesh; nothing where an earlier version saved it."""
    import numpy as np

    found: dict[str, Any] = {}
    for name, file in (("shapes", SHAPES), ("series", SERIES)):
        if (folder / file).is_file():
            with np.load(folder / file, allow_pickle=False) as stored:
                found[name] = {key.removeprefix("of "): stored[key] for key in stored.files}
    if "times" in found.get("series", {}):
        found["times"] = found["series"].pop("times")
    if (folder / ABOUT).is_file():
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        found["space"] = str(about["space"])
        found["labels"] = {
            name: {int(key): word for key, word in words.items()}
            for name, words in about["labels"].items()
        }
    return found


def _rounded(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """Return the arrays that single precision cannot hold."""
    import numpy as np

    return {
        f"of {name}": np.asarray(values, dtype=np.float64)
        for name, values in arrays.items()
        if name != "faces"
        and not np.array_equal(np.asarray(values, dtype=np.float32), values, equal_nan=True)
    }
