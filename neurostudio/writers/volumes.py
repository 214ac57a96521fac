"""Volumes as NIfTI, surfaces as GIFTI: written as the session keeps them, under the name chosen."""

from __future__ import annotations

import gzip
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from neurostudio.data import surface, volume
from neurostudio.writers.base import writer

if TYPE_CHECKING:
    from neurostudio.data import Surface, Volume


@writer(name="NIfTI", suffixes=(".nii.gz", ".nii"), kinds=("Volume",), copies=2.0)
def write_nifti(image: Volume, path: Path) -> list[str]:
    """Write the stored numbers, their scaling and the place in space."""
    import numpy as np

    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        image.save(Path(folder))
        made = Path(folder) / volume.FILE
        if path.name.lower().endswith(".gz"):
            with made.open("rb") as source, gzip.open(path, "wb", 6) as target:
                shutil.copyfileobj(source, target)
        else:
            made.replace(path)
    affine = np.asarray(image.image.affine)
    if np.array_equal(affine.astype(np.float32), affine):
        return []
    return ["NIfTI holds the place in space in 32 bits."]


@writer(name="GIFTI", suffixes=(".surf.gii", ".gii"), kinds=("Surface",), copies=3.0)
def write_gifti(mesh: Surface, path: Path) -> list[str]:
    """Write vertices, faces and the values at the vertices."""
    import numpy as np

    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        mesh.save(Path(folder))
        (Path(folder) / surface.FILE).replace(path)
    arrays = [mesh.vertices, *mesh.scalars.values()]
    exact = all(np.array_equal(np.float32(each), each, equal_nan=True) for each in arrays)
    return [] if exact else ["GIFTI holds vertices and values in 32 bits."]
