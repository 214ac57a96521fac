"""Another grid, and smoothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Number,
    Params,
    Result,
    Volume,
    method,
    param,
)

from .images import (
    WARNINGS,
    check_space,
    codes,
    edges_of,
    memory,
    slices,
    smoothed_image,
    values_of,
    volume_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Items

    Array = NDArray[np.float64]


class ResampleParams(Params):
    """Parameters of :func:`resample_volume`."""

    size: float = param(
        2.0, "Edge of the new voxels where no target is given", unit="mm", ge=0.2, le=50
    )
    interpolation: Literal["by kind", "continuous", "linear", "nearest"] = param(
        "by kind", "by kind: nearest for atlases and masks, else continuous (splines)"
    )


@method(
    group="Preprocess",
    memory=memory,
    example="resampling",
    warnings=WARNINGS
    | {
        "as-atlas": (
            "Neighbouring voxels mostly hold the same whole number, so the image was taken to be an "
            "atlas and no values were mixed. Choose another interpolation if it is none."
        )
    },
)
def resample_volume(
    context: Context, params: ResampleParams, volume: Volume, target: Volume | None = None
) -> Result:
    """Bring a volume onto another grid: that of a target, or cubes of a given size.

    The labels of an atlas are kept: each new voxel takes the number of the nearest old one.
    """
    from nilearn import image

    said = check_space(volume, target, "the volume", "the target") if target is not None else ()
    values = values_of(volume)
    like_atlas = not volume.labels and _patched(values)
    way = _way(params, bool(volume.labels) or like_atlas)
    for _ in context.track(range(1), "Resampling"):
        source = volume_of(values, volume).image
        if target is None:
            grid: dict[str, Any] = {"target_affine": np.diag([params.size] * 3)}
        else:
            shape = target.image.shape[:3]
            grid = {"target_affine": np.asarray(target.image.affine), "target_shape": shape}
        found = image.resample_img(
            source, interpolation=way, force_resample=True, copy_header=True, **grid
        )
        new = np.asarray(found.dataobj, float)
    if volume.labels or like_atlas:
        new = np.round(new).astype(np.int32)
    made = volume_of(new, volume, found.affine, volume.labels)
    lost = _lost(volume, new)
    return Result(
        data={"resampled": made},
        views=(
            slices(
                made,
                new,
                title="Resampled",
                caption=f"Interpolation: {way}; voxels of {_edges(made)} mm.",
            ),
        ),
        numbers={
            "voxels": Number(float(np.prod(new.shape[:3])), "1", note=f"edges {_edges(made)} mm"),
            "regions lost": Number(
                lost, "1", note="regions of the atlas too small for the new grid"
            ),
        }
        if volume.labels
        else {"voxels": Number(float(np.prod(new.shape[:3])), note=f"edges {_edges(made)} mm")},
        warnings=codes([volume], *said, *(["as-atlas"] if like_atlas else [])),
    )


def _way(params: ResampleParams, atlas: bool) -> str:
    if params.interpolation != "by kind":
        return params.interpolation
    return "nearest" if atlas else "continuous"


def _patched(values: Array) -> bool:
    """Return whether an image is made of patches of one whole number each, as an atlas is."""
    if values.ndim != 3 or not np.array_equal(values, np.round(values)):
        return False
    here, beside = values[:-1], values[1:]
    inside = here != 0
    return bool(inside.any() and np.mean(here[inside] == beside[inside]) > 0.5)


def _lost(volume: Volume, new: NDArray[Any]) -> int:
    there = set(np.unique(new).astype(int).tolist())
    before = set(np.unique(np.asarray(volume.image.dataobj)).astype(int).tolist())
    return len({key for key in volume.labels if key in before and key not in there})


def _edges(volume: Volume) -> str:
    return " x ".join(f"{edge:.3g}" for edge in edges_of(volume))


class SmoothVolumeParams(Params):
    """Parameters of :func:`smooth_volume`."""

    width: float = param(
        6.0, "Full width at half maximum of the bell curve", unit="mm", gt=0, le=50
    )


def _check_smooth(params: SmoothVolumeParams, items: Items) -> None:
    del params
    volume = items["volume"]
    if isinstance(volume, Volume) and volume.labels:
        raise BadInput(
            f"The volume is an atlas of {len(volume.labels)} regions; smoothing would mix the numbers "
            "of regions."
        )


@method(
    group="Preprocess",
    memory=memory,
    check=_check_smooth,
    example="smoothing",
    warnings=WARNINGS,
)
def smooth_volume(context: Context, params: SmoothVolumeParams, volume: Volume) -> Result:
    """Smooth every image with a bell curve of a width in millimetres."""
    values = values_of(volume)
    images = values if values.ndim == 4 else values[..., None]
    smoothed = np.stack(
        [
            smoothed_image(images[..., k], params.width, edges_of(volume))
            for k in context.track(range(images.shape[3]), "Smoothing")
        ],
        axis=-1,
    )
    new = smoothed if values.ndim == 4 else smoothed[..., 0]
    made = volume_of(new, volume)
    return Result(
        data={"smoothed": made},
        views=(
            slices(made, new if new.ndim == 3 else new.mean(axis=-1), title="Smoothed",
                   caption=f"Bell curve of {params.width:g} mm full width at half maximum."),
        ),
        numbers={
            "smoothness before": Number(smoothness(images, edges_of(volume)), "mm",
                                        note="full width at half maximum, from neighbours' differences"),
            "smoothness after": Number(smoothness(smoothed, edges_of(volume)), "mm",
                                       note="the same of the result"),
        },
        warnings=codes([volume]),
    )  # fmt: skip


def smoothness(images: Array, edges: Array) -> float:
    """Return the smoothness of noise as the full width at half maximum of a bell curve, mm.

    Parameters
    ----------
    images : array of shape (x, y, z, n_images)
        A series is first freed of its mean image, so that what is left is noise.
    edges : array of shape (3,)
        Edges of a voxel, mm.

    Notes
    -----
    Forman et al., Magn. Reson. Med. 1995: ``sqrt(-2 ln 2 / ln(1 - v_d / (2 v)))`` voxels along each axis,
    ``v`` the variance and ``v_d`` that of the differences of neighbours; geometric mean of the axes.
    """
    noise = images - images.mean(axis=-1, keepdims=True) if images.shape[-1] > 2 else images
    variance = noise.var()
    widths = []
    for axis in range(3):
        if noise.shape[axis] < 2 or variance == 0:
            continue
        ratio = np.clip(1 - np.diff(noise, axis=axis).var() / (2 * variance), 1e-12, 1 - 1e-12)
        widths.append(edges[axis] * np.sqrt(-2 * np.log(2) / np.log(ratio)))
    return float(np.exp(np.mean(np.log(widths)))) if widths else 0.0
