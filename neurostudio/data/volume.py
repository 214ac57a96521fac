"""A 3D or 4D image of a brain, behind its array proxy."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from neurostudio.data.base import Data
from neurostudio.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nibabel.spatialimages import SpatialImage
    from numpy.typing import NDArray

    from neurostudio.data.base import Fact

FILE = "image.nii"
AFFINE = "affine.json"
LABELS = "labels.json"
# NIfTI's codes of sform and qform: https://nifti.nimh.nih.gov/nifti-1/documentation/nifti1fields
CODES = {0: "", 1: "scanner", 2: "aligned to another image", 3: "Talairach", 4: "MNI152"}
_CODE_OF_MGH = 1  # it holds scanner coordinates
SECONDS = {"sec": 1.0, "msec": 1e-3, "usec": 1e-6}


@dataclass(frozen=True, slots=True, eq=False)
class Volume(Data):
    """A 3D or 4D image of a brain, behind its array proxy.

    ``labels`` makes it an atlas: the name of the region that each whole number stands for.
    """

    image: SpatialImage
    labels: Mapping[int, str] = field(default_factory=dict)

    def summary(self) -> str:
        """Return shape and voxel size in one line."""
        shape = " x ".join(map(str, self.image.shape))
        voxel = " x ".join(f"{size:.3g}" for size in self._voxel())
        step = self._repetition_time()
        n = len(self.labels)
        regions = f", {n} region{'s' if n > 1 else ''}" if n else ""
        return f"{shape}, {voxel} mm" + (f", every {step:g} s" if step else "") + regions

    def facts(self) -> Mapping[str, Fact]:
        """Return the metadata, from the header alone."""
        import nibabel

        shape, step = list(map(int, self.image.shape)), self._repetition_time()
        dtype = self.image.get_data_dtype()
        return {
            "shape": shape,
            "dimensions": ["x", "y", "z", "time", "channel"][: len(shape)],
            "voxel size (mm)": self._voxel(),
            "repetition time (s)": step,
            "rate (Hz)": 1 / step if step else None,
            "duration (s)": shape[3] * step if step else None,
            "unit": _unit(dtype),
            "type": "RGBA"[: len(dtype.names)] if dtype.names else str(dtype),
            "orientation": "".join(axis or "?" for axis in nibabel.aff2axcodes(self.image.affine)),
            "origin (mm)": [float(value) for value in self.image.affine[:3, 3]],
            "space": image_space(self.image),
            "placed by": placed_by(self.image),
            "regions": len(self.labels) or None,
        }

    def names(self, what: str) -> tuple[str, ...]:
        """Return ``regions``: the names of an atlas."""
        return tuple(self.labels.values()) if what == "regions" else ()

    def nbytes(self) -> int:
        """Return the bytes of the voxels as the file stores them."""
        return math.prod(map(int, self.image.shape)) * int(self.image.get_data_dtype().itemsize)

    def save(self, folder: Path) -> None:
        """Write NIfTI with the numbers and the scaling as they are."""
        stored, slope, inter = _stored(self.image)
        header = _header(self.image, stored)
        with (folder / FILE).open("wb") as stream:
            header["vox_offset"] = 352 if header["sizeof_hdr"] == 348 else 544
            header["scl_slope"], header["scl_inter"] = slope, inter
            stream.write(header.binaryblock)
            stream.write(bytes(4))
            stream.write(stored.tobytes(order="F"))
        # NIfTI holds the affine in single precision
        write_atomically(folder / AFFINE, json.dumps(self.image.affine.tolist()))
        if self.labels:
            words = {str(key): word for key, word in self.labels.items()}
            write_atomically(folder / LABELS, json.dumps(words))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open NIfTI without reading the voxels."""
        import nibabel
        import numpy as np

        image: Any = nibabel.load(folder / FILE)
        affine = np.array(json.loads((folder / AFFINE).read_text(encoding="utf-8")))
        labels: dict[int, str] = {}
        if (folder / LABELS).is_file():
            words = json.loads((folder / LABELS).read_text(encoding="utf-8"))
            labels = {int(key): str(word) for key, word in words.items()}
        return cls(type(image)(image.dataobj, affine, image.header), labels)

    def _voxel(self) -> list[float]:
        return [round(float(size), 6) for size in self.image.header.get_zooms()[:3]]

    def _repetition_time(self) -> float | None:
        zooms = self.image.header.get_zooms()
        if len(self.image.shape) < 4 or len(zooms) < 4 or not zooms[3]:
            return None
        units = getattr(self.image.header, "get_xyzt_units", lambda: ("mm", "msec"))()
        return round(float(zooms[3]) * SECONDS.get(units[1], 1.0), 9)


def _unit(dtype: Any) -> str:
    if dtype.names:
        return "coded colour"
    return "arbitrary, complex (shown as magnitude)" if dtype.kind == "c" else "arbitrary"


def image_space(image: Any) -> str:
    """Return the name of the space that the header of an image tells, empty where it is silent."""
    header = image.header
    if not hasattr(header, "get_sform"):
        return CODES[_CODE_OF_MGH]
    code = int(header["sform_code"]) or int(header["qform_code"])
    return CODES.get(code, f"template (code {code})" if code else "")


def placed_by(image: Any) -> str:
    """Return which part of the header says where the voxels are, and what speaks against it."""
    import numpy as np

    header = image.header
    if not hasattr(header, "get_sform"):
        return "sform"  # MGH holds the directions of its axes, as an sform does
    sform, s_code = header.get_sform(coded=True)
    try:
        qform, q_code = header.get_qform(coded=True)
    except (ValueError, ArithmeticError):  # a quaternion longer than 1
        qform, q_code = None, 0
    if not s_code and not q_code:
        return "voxel sizes alone: neither sform nor qform is set, so left and right are not known"
    if not s_code:
        return "qform"
    corner = np.append(np.array(image.shape[:3]) - 1, 1)
    if q_code and not np.allclose(
        sform @ corner, qform @ corner, atol=0.1 + 1e-3 * abs(corner).max()
    ):
        return "sform; qform says otherwise"
    return "sform"


def _stored(image: Any) -> tuple[NDArray[Any], float, float]:
    """Return the stored numbers, and the slope and offset that make them values."""
    import nibabel
    import numpy as np

    if nibabel.is_proxy(image.dataobj) and hasattr(image.dataobj, "get_unscaled"):
        proxy = image.dataobj
        return np.asarray(proxy.get_unscaled()), float(proxy.slope), float(proxy.inter)
    values = np.asarray(image.dataobj)
    if values.dtype == bool:
        values = values.astype(np.uint8)
    return values, 1.0, 0.0


def _header(image: Any, stored: NDArray[Any]) -> Any:
    """Return a header of a single NIfTI file for the stored numbers."""
    import nibabel

    large = max(stored.shape, default=0) > 32767 or isinstance(image, nibabel.Nifti2Image)
    kind = nibabel.Nifti2Image if large else nibabel.Nifti1Image
    new = kind(stored, image.affine, image.header, dtype=stored.dtype)
    new.update_header()
    header = new.header.as_byteswapped("<" if stored.dtype.byteorder != ">" else ">")
    header.set_data_dtype(stored.dtype)
    if not isinstance(image, nibabel.Nifti1Image):
        header.set_xyzt_units("mm", "sec")
        header.set_sform(image.affine, code=_CODE_OF_MGH)
    header["magic"] = header.single_magic
    header.extensions.clear()
    return header
