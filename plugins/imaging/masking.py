"""Which voxels are brain."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import BadInput, Context, Number, Params, Result, Volume, method, param
from neurostudio.spaces import MNI152, space_of

from .images import (
    WARNINGS,
    check_space,
    codes,
    edges_of,
    memory,
    on_grid,
    slices,
    values_of,
    volume_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Items

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]

BINS = 256
DEEPBET = (
    "Stripping the skull needs the package deepbet, which is not installed. Install it with "
    "'pip install deepbet', or choose another way."
)


class MaskParams(Params):
    """Parameters of :func:`mask_volume`."""

    way: Literal["epi", "background", "template", "threshold", "deepbet"] = param(
        "epi",
        "epi: by the histogram of functional images; background: what differs from the border's commonest "
        "value; template: the brain of MNI152; threshold: what is brighter; deepbet: a network that strips "
        "the skull of T1 images",
    )
    threshold: float | None = param(
        None,
        "Least brightness inside (threshold); none for the value that parts the histogram best (Otsu)",
        unit="1",
    )


def _check(params: MaskParams, items: Items) -> None:
    volume = items["volume"]
    assert isinstance(volume, Volume)  # noqa: S101  the method's own check came first
    if params.way == "deepbet" and find_spec("deepbet") is None:
        raise BadInput(DEEPBET)
    if params.way == "template" and space_of(volume) != MNI152:
        raise BadInput(
            f"The volume's space is {space_of(volume) or 'unknown'}; the template's brain is that of "
            "MNI152. Choose another way, or say the space with 'set_space' where the header is wrong."
        )


@method(group="Preprocess", memory=memory, check=_check, example="masking", warnings=WARNINGS)
def mask_volume(context: Context, params: MaskParams, volume: Volume) -> Result:
    """Find the voxels that are brain, and set all others to 0."""
    values = values_of(volume)
    mean = values.mean(axis=-1) if values.ndim == 4 else values
    for _ in context.track(range(1), "Finding the brain"):
        inside = _inside(params, volume, mean)
    if not inside.any():
        raise BadInput("No voxel would be inside. Choose another way or a lower threshold.")
    return _result(volume, values, mean, inside, f"Found by: {params.way}.", ())


@method(group="Preprocess", memory=memory, example="applying", warnings=WARNINGS)
def apply_mask(context: Context, params: Params, volume: Volume, mask: Volume) -> Result:
    """Set all voxels outside a mask to 0; a mask on another grid is brought onto the volume's."""
    del params
    said = check_space(volume, mask, "the volume", "the mask")
    values = values_of(volume)
    for _ in context.track(range(1), "Masking"):
        inside = np.asarray(on_grid(mask, volume) > 0)
    if not inside.any():
        raise BadInput("No voxel of the volume is inside the mask. Look at both in one view.")
    mean = values.mean(axis=-1) if values.ndim == 4 else values
    return _result(volume, values, mean, inside, "By the given mask.", said)


def _result(
    volume: Volume, values: Array, mean: Array, inside: Mask, words: str, said: tuple[str, ...]
) -> Result:
    kept = np.where(inside[..., None] if values.ndim == 4 else inside, values, 0.0)
    if volume.labels:
        kept = np.round(kept).astype(np.int32)
    mask = volume_of(inside.astype(np.uint8), volume, labels={1: "inside"})
    size = float(np.prod(edges_of(volume)))
    return Result(
        data={"mask": mask, "masked": volume_of(kept, volume, labels=volume.labels)},
        views=(
            slices(
                volume,
                inside.astype(float),
                mean,
                title="Mask",
                value_label="inside",
                threshold=0.5,
                caption=words,
            ),
            slices(volume, np.where(inside, mean, 0.0), title="Inside the mask"),
        ),
        numbers={
            "voxels inside": Number(int(inside.sum()), note=f"of {inside.size:,}"),
            "volume inside": Number(float(inside.sum() * size / 1e3), "cm3"),
        },
        warnings=codes([volume], *said),
    )


def _inside(params: MaskParams, volume: Volume, mean: Array) -> Mask:
    from nilearn import masking

    if params.way == "threshold":
        limit = otsu(mean) if params.threshold is None else params.threshold
        return np.asarray(mean > limit)
    image = volume_of(mean, volume).image
    if params.way == "deepbet":
        return _strip(image)
    opening: Any = 2 if min(mean.shape) > 4 else False  # it would eat a single slice
    if params.way == "epi":
        found = masking.compute_epi_mask(image, opening=opening)
    elif params.way == "background":
        found = masking.compute_background_mask(image, opening=opening)
    else:
        found = masking.compute_brain_mask(image, opening=opening)
    return np.asarray(found.dataobj, bool)


def otsu(values: Array) -> float:
    """Return the value that parts a histogram into two classes as different as can be (Otsu 1979)."""
    counts, edges = np.histogram(values, BINS)
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * centres)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return float(edges[1 + int(np.nanargmax(between[:-1]))])


def _strip(image: Any) -> Mask:
    """Return the brain that deepbet finds; it works on files."""
    import nibabel
    from deepbet import run_bet

    with TemporaryDirectory() as name:
        folder = Path(name)
        nibabel.save(image, folder / "head.nii.gz")
        run_bet(
            [str(folder / "head.nii.gz")],
            [str(folder / "brain.nii.gz")],
            [str(folder / "mask.nii.gz")],
            [str(folder / "volume.csv")],
            no_gpu=True,
        )
        return np.asarray(nibabel.load(folder / "mask.nii.gz").dataobj) > 0
