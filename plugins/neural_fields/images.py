"""What the methods on volumes share: voxels, warnings, and volumes that keep what their header said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, Volume

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from neurostudio.api import Data

    Array = NDArray[np.float64]

SIMULATED = "simulated"
_CODES = {"scanner": 1, "aligned to another image": 2, "Talairach": 3, "MNI152": 4}


def values_of(volume: Volume, name: str = "volume") -> NDArray[np.float32]:
    """Return the voxels (x, y, z); what is not a number becomes 0.

    Raises
    ------
    BadInput
        It holds colours, or several images.
    """
    image = volume.image
    if image.get_data_dtype().names:
        raise BadInput(f"The voxels of {name} are colours (RGB); an image of numbers is needed.")
    shape = tuple(map(int, image.shape))
    if len(shape) != 3 and not (len(shape) == 4 and shape[3] == 1):
        words = " x ".join(map(str, shape))
        raise BadInput(f"{name} has the shape {words}; one image (x, y, z) is needed.")
    found = np.nan_to_num(np.asarray(image.dataobj, np.float32), posinf=0.0, neginf=0.0)
    return found.reshape(shape[:3])


def affine_of(volume: Volume) -> Array:
    """Return the affine (4, 4) from voxels to mm."""
    return np.asarray(volume.image.affine, float)


def mask_of(volume: Volume, like: Volume, name: str = "mask") -> NDArray[np.bool_]:
    """Return where a mask is above 0.

    Raises
    ------
    BadInput
        It lies on another grid, or holds nothing.
    """
    found = values_of(volume, name) > 0
    if found.shape != tuple(like.image.shape[:3]) or not np.allclose(
        affine_of(volume), affine_of(like), atol=1e-3
    ):
        raise BadInput(f"{name} lies on another grid than the volume. Resample it there first.")
    if not found.any():
        raise BadInput(f"{name} is empty: no voxel is above 0.")
    return found


def volume_of(
    values: NDArray[Any], affine: Array, space: str, *, simulated: bool = False
) -> Volume:
    """Return voxels as a volume, in single precision or as small whole numbers."""
    import nibabel

    kind: Any = np.float32 if values.dtype.kind == "f" else np.uint8
    image = nibabel.Nifti1Image(np.asarray(values, kind), affine)
    code = _CODES.get(space, 0)
    image.set_sform(affine, code)
    image.set_qform(affine, code)
    image.header.set_xyzt_units("mm", "sec")
    if simulated:
        image.header["descrip"] = SIMULATED
    return Volume(image)


def is_simulated(data: Data) -> bool:
    """Return whether a volume's header, or what stands beside other data, says so."""
    if isinstance(data, Volume):
        header = data.image.header
        return "descrip" in header and SIMULATED in bytes(header["descrip"]).decode("latin-1")
    table = getattr(data, "table", getattr(data, "array", None))
    if table is not None:
        return bool(table.attrs.get(SIMULATED, False))
    config: Mapping[str, Any] = getattr(data, "config", {})
    return bool(config.get(SIMULATED, False))


def codes_of(data: Iterable[Data], *others: str) -> tuple[str, ...]:
    """Return the warnings: that data are simulated, where any is, and the others."""
    return (*((SIMULATED,) if any(map(is_simulated, data)) else ()), *others)
