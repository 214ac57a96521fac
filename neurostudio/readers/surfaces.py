"""Meshes of the brain and values at their vertices: GIFTI and FreeSurfer."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, Any

from neurostudio.data import Surface, Table
from neurostudio.errors import BadInput
from neurostudio.readers.base import check_claim, reader
from neurostudio.readers.tables import read_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from neurostudio.data import Data

MESHES = (".white", ".pial", ".inflated", ".sphere", ".sphere.reg", ".orig", ".smoothwm")
VALUES = (".curv", ".thickness", ".sulc", ".area", ".volume")


@reader(name="GIFTI", suffixes=(".gii", ".gii.gz"), kind="Surface or Table")
def read_gifti(path: Path, part: str) -> Data:
    """Read a mesh with its values; values alone become a table, one row a vertex."""
    import numpy as np
    from nibabel.gifti import GiftiImage

    del part
    content = read_bytes(path)
    if b"<!ENTITY" in content or b"ExternalFileBinary" in content:
        raise BadInput("it refers to other files or defines entities, which is refused")
    _check_dimensions(content)
    image = GiftiImage.from_bytes(content)
    meshes = {one.intent: np.asarray(one.data) for one in image.darrays}
    points, triangles = meshes.get(1008), meshes.get(1009)
    values = {
        one.meta.get("Name") or f"value {number + 1}": np.asarray(one.data, dtype=np.float64)
        for number, one in enumerate(
            array for array in image.darrays if array.intent not in {1008, 1009}
        )
    }
    if points is not None and triangles is not None:
        return mesh(points, triangles, values)
    return _table(values)


@reader(name="FreeSurfer surface", suffixes=MESHES, kind="Surface")
def read_freesurfer(path: Path, part: str) -> Surface:
    """Read a FreeSurfer mesh."""
    import nibabel

    del part
    _check_mesh(path)
    points, triangles = nibabel.freesurfer.read_geometry(path)
    return mesh(points, triangles, {})


@reader(name="FreeSurfer values", suffixes=VALUES, kind="Surface or Table")
def read_freesurfer_values(path: Path, part: str) -> Data:
    """Read values at vertices; on the mesh if one stands beside them, else as a table."""
    import nibabel
    import numpy as np

    del part
    _check_values(path)
    name = path.suffix.removeprefix(".")
    values = {name: np.asarray(nibabel.freesurfer.read_morph_data(path), dtype=np.float64)}
    for suffix in MESHES:
        beside = path.with_suffix(suffix)
        if beside.is_file():
            bare = read_freesurfer(beside, "")
            return mesh(bare.vertices, bare.faces, values)
    return _table(values)


def mesh(points: Any, triangles: Any, values: Mapping[str, NDArray[Any]]) -> Surface:
    """Return a surface after checking that its parts fit together."""
    import numpy as np

    points, triangles = np.asarray(points), np.asarray(triangles)
    if points.ndim != 2 or points.shape[1] != 3 or triangles.ndim != 2 or triangles.shape[1] != 3:
        raise BadInput(f"its mesh has vertices {points.shape} and faces {triangles.shape}")
    if len(triangles) and not 0 <= triangles.min() <= triangles.max() < len(points):
        raise BadInput(f"its faces name vertices that are not among its {len(points):,}")
    for name, column in values.items():
        if column.shape != (len(points),):
            raise BadInput(
                f"'{name}' has the shape {column.shape} and the mesh {len(points):,} vertices"
            )
    return Surface(points.astype(np.float64), triangles.astype(np.int64), dict(values))


def _table(values: Mapping[str, NDArray[Any]]) -> Table:
    import pandas as pd

    if not values:
        raise BadInput("it holds neither a mesh nor values")
    columns: dict[str, Any] = {}
    for name, array in values.items():
        if array.ndim == 1:
            columns[name] = array
        else:
            columns |= {f"{name} {n + 1}": array[:, n] for n in range(array.shape[1])}
    return Table(pd.DataFrame(columns))


def _check_dimensions(content: bytes) -> None:
    """Refuse claims that the text of the file cannot hold."""
    for found in re.finditer(rb'Dim0="(\d+)"', content):
        check_claim((int(found.group(1)),), 1, len(content) * 1032)


def _check_mesh(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as stream:
        if stream.read(3) != b"\xff\xff\xfe":
            raise BadInput("it does not begin as a triangle mesh of FreeSurfer does")
        head = stream.read(4096)
    place = head.find(b"\n\n")
    counts = head[place + 2 : place + 10]
    if place < 0 or len(counts) < 8:
        raise BadInput("its header does not end")
    n_points, n_faces = struct.unpack(">ii", counts)
    check_claim((n_points + n_faces, 3), 4, size)


def _check_values(path: Path) -> None:
    with path.open("rb") as stream:
        head = stream.read(7)
    if head[:3] != b"\xff\xff\xff" or len(head) < 7:
        raise BadInput("it does not begin as values of FreeSurfer do")
    check_claim((struct.unpack(">i", head[3:])[0],), 4, path.stat().st_size)
