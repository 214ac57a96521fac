"""Images of brains: NIfTI and MGZ, behind their array proxies."""

from __future__ import annotations

import gzip
import math
import struct
from typing import TYPE_CHECKING, Any

from neurostudio.data import Volume
from neurostudio.errors import BadInput
from neurostudio.readers.base import check_claim, reader, stem
from neurostudio.readers.region_names import names_beside

if TYPE_CHECKING:
    from pathlib import Path

MOST_COMPRESSED = 1032  # deflate cannot do better


@reader(name="NIfTI", suffixes=(".nii", ".nii.gz", ".hdr"), kind="Volume")
def read_nifti(path: Path, part: str) -> Volume:
    """Open NIfTI, single file or pair."""
    del part
    return _open(path)


@reader(name="FreeSurfer volume", suffixes=(".mgz", ".mgh"), kind="Volume")
def read_mgh(path: Path, part: str) -> Volume:
    """Open MGH and MGZ."""
    del part
    return _open(path)


def _open(path: Path) -> Volume:
    import nibabel

    image: Any = nibabel.load(path, mmap=False)
    shape, dtype = tuple(map(int, image.shape)), image.get_data_dtype()
    if not 3 <= len(shape) <= 5 or 0 in shape:
        words = " x ".join(map(str, shape))
        raise BadInput(f"its shape is {words}; a volume has 3 or 4 dimensions, none of them empty")
    _check_place(image)
    held = image.file_map["image"].filename
    _check_size(type(path)(held), shape, dtype.itemsize, int(image.dataobj.offset))
    whole = dtype.kind in "iuf" and len(shape) == 3
    return Volume(image, names_beside(path, stem(path)) if whole else {})


def _check_place(image: Any) -> None:
    import numpy as np

    if not np.isfinite(image.affine).all():
        raise BadInput("the place of its voxels in space is not a number")
    edges = np.linalg.norm(image.affine[:3, :3], axis=0)
    if not edges.all() or abs(np.linalg.det(image.affine[:3, :3] / edges)) < 1e-6:
        words = " x ".join(f"{edge:g}" for edge in edges)
        raise BadInput(
            f"its voxels are {words} mm, or lie in one plane. Set voxel sizes and sform in its header"
        )


def _check_size(path: Path, shape: tuple[int, ...], itemsize: int, offset: int) -> None:
    """Check the claimed size against the file, without unpacking it where that is possible."""
    size = path.stat().st_size
    if not path.name.lower().endswith((".gz", ".mgz")):
        check_claim(shape, itemsize, size - offset)
        return
    check_claim(shape, itemsize, size * MOST_COMPRESSED)
    with path.open("rb") as stream:
        stream.seek(-4, 2)
        unpacked = struct.unpack("<I", stream.read(4))[0]
    needed = offset + math.prod(shape) * itemsize
    if unpacked < needed % 2**32:
        # several packed pieces in one file are rare and whole; a file that was cut off is not
        check_claim(shape, itemsize, _unpacked_size(path) - offset)


def _unpacked_size(path: Path) -> int:
    total = 0
    try:
        with gzip.open(path, "rb") as stream:
            while piece := stream.read(2**22):
                total += len(piece)
    except EOFError as error:
        raise BadInput("it was cut off; copy it again") from error
    return total
