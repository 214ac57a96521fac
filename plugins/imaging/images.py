"""What the methods share: voxels, masks, spaces, and volumes that keep what their header said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, Estimate, Slices, Volume
from neurostudio.spaces import relation, space_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Data, Items

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]

SIMULATED = "simulated"
SCANNER_CODE = 1
FEWEST = 10
FOLD = np.sqrt(8 * np.log(2))  # full width at half maximum of a bell curve in standard deviations
INSIDE = 0.2  # of the 98th percentile of the mean image
WARNINGS = {
    SIMULATED: "The data are simulated.",
    "near": "MNI152 and MNI305 (fsaverage) differ by up to about 4 mm.",
    "same-person": (
        "The headers name no common template: right only if the images are of one person and session."
    ),
}


def values_of(volume: Volume) -> Array:
    """Return the voxels; what is not a number becomes 0.

    Raises
    ------
    BadInput
        The voxels are colours.
    """
    if volume.image.get_data_dtype().names:
        raise BadInput("The voxels are colours (RGB); this method needs an image of numbers.")
    found: Array = np.nan_to_num(np.asarray(volume.image.dataobj, float), posinf=0.0, neginf=0.0)
    return found


def volume_of(
    values: NDArray[Any], like: Volume, affine: Array | None = None, labels: Any = None
) -> Volume:
    """Return voxels as a volume in the space of another, in single precision or as small whole numbers."""
    import nibabel

    affine = np.asarray(like.image.affine if affine is None else affine, float)
    kind: Any = np.float32 if values.dtype.kind == "f" else values.dtype
    if values.dtype.kind in "iub":
        kind = (
            np.uint8 if values.size == 0 or (values.min() >= 0 and values.max() < 256) else np.int32
        )
    image = nibabel.Nifti1Image(np.asarray(values, kind), affine)
    header, code = image.header, code_of(like)
    image.set_sform(affine, code)
    image.set_qform(affine, code)
    header.set_xyzt_units("mm", "sec")
    step = step_of(like)
    if values.ndim == 4 and step:
        header.set_zooms((*header.get_zooms()[:3], step))
    if is_simulated(like):
        header["descrip"] = SIMULATED
    return Volume(image, dict(labels or {}))


def code_of(volume: Volume) -> int:
    """Return NIfTI's code of the space that the millimetres belong to."""
    header = volume.image.header
    if not hasattr(header, "get_sform"):
        return SCANNER_CODE  # MGH: scanner coordinates
    return int(header["sform_code"]) or int(header["qform_code"])


def is_simulated(volume: Volume) -> bool:
    """Return whether the header says so."""
    header = volume.image.header
    return "descrip" in header and SIMULATED in bytes(header["descrip"]).decode("latin-1")


def step_of(volume: Volume) -> float | None:
    """Return the seconds from one image of a series to the next, where the header says them."""
    found = volume.facts()["repetition time (s)"]
    return float(found) if isinstance(found, int | float) else None


def repetition_time(volume: Volume, given: float | None, name: str = "volume") -> float:
    """Return the seconds from one image to the next: as given, else as the header says.

    Raises
    ------
    BadInput
        Neither says it, or the header's is no time that a scanner could have.
    """
    step = given or step_of(volume)
    if not step:
        raise BadInput(
            f"The header of {name} says no repetition time. Give it as 'repetition_time'."
        )
    if not 0.01 <= step <= 60:
        raise BadInput(
            f"The header of {name} says a repetition time of {step:g} s, which cannot be. "
            "Give it as 'repetition_time'."
        )
    return step


def require_series(volume: Volume, name: str, *, advice: str = "") -> None:
    """Raise where a volume is no series of at least ten images."""
    shape = volume.image.shape
    if len(shape) != 4 or shape[3] < FEWEST:
        words = " x ".join(map(str, shape))
        raise BadInput(
            f"{name} has the shape {words}; this needs a series of at least {FEWEST} images over time."
            f"{advice}"
        )


def check_grids(runs: tuple[Volume, ...], names: Sequence[str]) -> None:
    """Raise where runs are on different grids."""
    first = runs[0].image
    for each, name in zip(runs, names, strict=True):
        same = each.image.shape[:3] == first.shape[:3]
        if not same or not np.allclose(each.image.affine, first.affine, atol=1e-3):
            raise BadInput(
                f"{name} and {names[0]} are on different grids. Bring all runs onto one grid with "
                "'resample_volume'."
            )


def brain_of(mean: Array) -> Mask:
    """Return the voxels brighter than a fifth of the image's bright end (98th percentile)."""
    return np.asarray(mean > INSIDE * np.percentile(mean, 98))


def mask_for(volume: Volume, mean: Array, mask: Volume | None) -> Mask:
    """Return the voxels to look at: of a mask, brought onto the volume's grid, else of the brain.

    Raises
    ------
    BadInput
        The mask is of another space, or nothing is inside.
    """
    if mask is None:
        inside = brain_of(mean)
    else:
        check_space(volume, mask, "the volume", "the mask")
        inside = on_grid(mask, volume) > 0
    if not inside.any():
        raise BadInput("No voxel is inside the mask. Look at both images in one view.")
    return inside


def on_grid(labels: Volume, target: Volume) -> NDArray[Any]:
    """Return an atlas or mask (3D) on another volume's grid; the nearest voxel decides.

    Raises
    ------
    BadInput
        It is several images.
    """
    from scipy.ndimage import affine_transform

    values = _one_image(labels)
    shape = target.image.shape[:3]
    if values.shape == shape and np.allclose(labels.image.affine, target.image.affine, atol=1e-4):
        return values
    back = np.linalg.inv(labels.image.affine) @ target.image.affine
    return np.asarray(
        affine_transform(  # grid-constant: a voxel reaches half an edge beyond its centre
            values, back[:3, :3], back[:3, 3], shape, order=0, prefilter=False, mode="grid-constant"
        )
    )


def _one_image(labels: Volume) -> NDArray[Any]:
    shape = labels.image.shape
    if len(shape) > 3 and int(np.prod(shape[3:])) > 1:
        words = " x ".join(map(str, shape))
        raise BadInput(
            f"The atlas or mask has the shape {words}; it must be one image. Maps of probabilities must be "
            "made into one image of labels first."
        )
    return np.asarray(labels.image.dataobj).reshape(shape[:3])


def check_space(one: Data, other: Data, name: str, other_name: str) -> tuple[str, ...]:
    """Return what must be said where two items are laid over each other, as codes of warnings.

    Raises
    ------
    BadInput
        They are of different spaces.
    """
    found = relation(space_of(one), space_of(other))
    if not found.linked:
        raise BadInput(
            f"{name[:1].upper()}{name[1:]} and {other_name} cannot be laid over each other. {found.note} "
            "Where the header is wrong or silent, say the space with 'set_space'."
        )
    if not found.note:
        return ()
    return ("near",) if "MNI305" in found.note else ("same-person",)


def smoothed_image(image: Array, width: float, edges: Array) -> Array:
    """Return an image (x, y, z) smoothed by a bell curve of ``width`` mm full width at half maximum."""
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(image, width / FOLD / edges, mode="nearest"))


def places_of(index: NDArray[Any], affine: Array) -> Array:
    """Return the millimetres (n, 3) of voxels (n, 3)."""
    return np.asarray(index @ affine[:3, :3].T + affine[:3, 3], float)


def edges_of(volume: Volume) -> Array:
    """Return the three edges of a voxel, mm."""
    return np.asarray(np.linalg.norm(volume.image.affine[:3, :3], axis=0), float)


def filled(inside: Mask, values: NDArray[Any], outside: float = 0.0) -> NDArray[Any]:
    """Return values (..., n_voxels inside) as an image, or images along the last axis."""
    image = np.full((*inside.shape, *values.shape[:-1]), outside, np.float32)
    image[inside] = np.moveaxis(values, -1, 0)
    return image


def slices(
    volume: Volume, values: NDArray[Any], under: Array | None = None, **words: Any
) -> Slices:
    """Return a view of values on a volume's grid, with a picture of the same grid below."""
    affine = np.asarray(volume.image.affine, float)
    return Slices(
        values=np.asarray(values, np.float32),
        affine=affine,
        space=space_of(volume),
        under=None if under is None else np.asarray(under, np.float32),
        under_affine=None if under is None else affine,
        **words,
    )


def codes(volumes: Iterable[Volume], *more: str) -> tuple[str, ...]:
    """Return codes of warnings, each once; first that the data are simulated where they are."""
    simulated = (SIMULATED,) if any(is_simulated(each) for each in volumes) else ()
    return tuple(dict.fromkeys((*simulated, *more)))


def memory(params: object, items: Items) -> Estimate:
    """Return the memory of a run: the voxels inside of all images, and one item in full a few times."""
    del params
    counts = [
        int(np.prod(each.image.shape))
        for given in items.values()
        for each in (given if isinstance(given, tuple) else (given,))
        if isinstance(each, Volume)
    ]
    nbytes = 4 * sum(counts) + 40 * max(counts, default=0) + 2**27
    return Estimate(nbytes, "Use a mask, fewer runs or larger voxels.")


def regions_of(atlas: Volume) -> Mapping[int, str]:
    """Return the regions of an atlas by number, without the background 0.

    Raises
    ------
    BadInput
        The voxels are no whole numbers.
    """
    if atlas.labels:
        return {key: name for key, name in atlas.labels.items() if key != 0}
    values = np.asarray(atlas.image.dataobj)
    if values.dtype.names or not np.array_equal(values, np.round(values)):
        raise BadInput("The atlas holds fractions; its voxels must be whole numbers, one a region.")
    return {int(each): f"region {int(each)}" for each in np.unique(values) if each != 0}
