"""What the fit of a volume reports: quality, bytes, slices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Images, Lines, Number, Sheet, Slices
from neurostudio.spaces import space_of

from .compressing import Packed, bytes_of_model, bytes_of_volume, in_eight_bits, in_pictures
from .images import affine_of
from .volume_scores import from_neighbours, psnr, psnr_number, ssim

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from neurostudio.api import Context, TrainedModel, View, Volume
    from neurostudio.training import History

    from .fields import Placed

    Array = Any

_EXACT = 150.0  # dB: what is left is rounding


def numbers_of(
    context: Context,
    volume: Volume, values: Array, found: Array, inside: Array | None, held: Array, model: TrainedModel,
    null: float | None, seed: int,
) -> tuple[dict[str, Number], list[Packed]]:  # fmt: skip
    """Return the scores of a fit, and the ways to store the volume beside each other."""
    peak = float(np.ptp(values)) or 1.0
    by_mean = psnr(values, np.full_like(values, values.mean()), peak)
    note = (
        "peak: the image's range; baseline: the mean everywhere; interval over blocks of 8 voxels"
    )
    numbers = {"PSNR": psnr_number(values, found, peak, baseline=by_mean, seed=seed, note=note)}
    if inside is not None:
        flat = np.where(inside, values[inside].mean(), values)
        numbers["PSNR in the mask"] = psnr_number(
            values,
            found,
            peak,
            inside,
            baseline=psnr(values, flat, peak, inside),
            seed=seed,
            note=note,
        )
    numbers["SSIM"] = Number(ssim(context, values, found, peak), "1", note="windows of 7 voxels")
    if len(held):
        numbers |= _between(values, found, held, peak)
    if null is not None:
        numbers["PSNR of the null run"] = Number(
            null, "dB", baseline=by_mean, note="the same voxels at shuffled places; it must fail"
        )
    mine = bytes_of_model(model)
    ways: tuple[Callable[[], Packed | None], ...] = (
        lambda: Packed("this field", mine, numbers["PSNR"].value),
        lambda: Packed("compressed NIfTI, as stored", bytes_of_volume(volume), np.inf),
        lambda: in_eight_bits(values),
        lambda: in_pictures(values, mine),
    )
    made = [way() for way in context.track(ways, "Bytes")]
    packed = [each for each in made if each is not None]
    theirs = packed[1].nbytes
    n_parameters = sum(each.size for each in model.weights.values())
    return numbers | {
        "bytes": Number(mine, "B", note="weights and description, the files of the model"),
        "bytes / compressed image": Number(mine / theirs, "1", note="both from the files"),
        "voxels a parameter": Number(values.size / n_parameters, "1"),
    }, packed


def _between(values: Array, found: Array, held: Array, peak: float) -> dict[str, Number]:
    """Return the scores at voxels that were never shown."""
    truth = values.ravel()[held]
    linear, cubic = (psnr(truth, each, peak) for each in from_neighbours(values, held))
    note = (
        f"{len(held):,} voxels; baseline: cubic interpolation of their neighbours ({cubic:.1f} dB; linear "
        f"{linear:.1f} dB), which knows them all"
    )
    return {
        "PSNR of voxels never shown": Number(
            psnr(truth, found.ravel()[held], peak), "dB", baseline=cubic, note=note
        )
    }


def views_of(
    volume: Volume, values: Array, found: Array, history: History, numbers: dict[str, Number],
    packed: list[Packed],
) -> tuple[View, ...]:  # fmt: skip
    """Return the way of the fit, slices, the error in space, and the table of bytes."""
    affine, space = affine_of(volume), space_of(volume)
    error = found - values
    return (
        curves(history, numbers),
        beside(values, found, "Sagittal, coronal, axial: image, field, and 5 times the error around grey."),
        Slices(found, affine, "intensity", space=space, title="Reconstruction"),
        Slices(
            error, affine, "field - image", diverging=True, space=space, under=values, under_affine=affine,
            threshold=float(np.percentile(abs(error), 90)), title="Error",
            caption="Where the field differs most: the largest tenth of the errors over the image.",
        ),
        Sheet(
            {
                "stored as": [each.name for each in packed],
                "bytes": [each.nbytes for each in packed],
                "PSNR (dB)": [round(each.psnr, 2) if each.psnr < _EXACT else "exact" for each in packed],
            },
            title="Bytes",
            caption="JPEG 2000 has as many bytes as the field, or fewer. Without a gain over it a field "
            "is no compression.",
        ),
    )  # fmt: skip


def curves(history: History, numbers: dict[str, Number], per_epoch: int = 50) -> Lines:
    """Return the PSNR over the steps beside the levels it is judged by."""
    columns = {
        "some of all voxels": history.column("psnr"),
        "voxels never shown": history.column("psnr_held_out"),
    }
    kept = {name: each for name, each in columns.items() if np.isfinite(each).any()}
    steps = np.arange(1, len(history.epochs) + 1) * (history.steps / max(1, len(history.epochs)))
    levels = {}
    between = numbers.get("PSNR of voxels never shown")
    if between is not None and between.baseline is not None:
        levels["cubic interpolation"] = between.baseline
    return Lines(
        steps, np.array(list(kept.values())), tuple(kept), x_label="step", y_label="PSNR", y_unit="dB",
        levels=levels, title="The way of the fit",
    )  # fmt: skip


def beside(truth: Array, found: Array, caption: str) -> Images:
    """Return the three middle slices of an image, of its field, and of the error."""
    low, peak = float(truth.min()), float(np.ptp(truth)) or 1.0
    rows = []
    for name, each in (
        ("image", (truth - low) / peak),
        ("field", (found - low) / peak),
        ("error x 5", 0.5 + 5 * (found - truth) / peak),
    ):
        rows += [(name, picture) for picture in middles(each)]
    pixels = one_size([np.clip(picture, 0, 1) for _, picture in rows])
    return Images(
        pixels, tuple(name for name, _ in rows), columns=3, caption=caption, title="Slices"
    )


def middles(values: Array) -> list[Array]:
    """Return the sagittal, coronal and axial middle slice, each with its top up."""
    n_x, n_y, n_z = (size // 2 for size in values.shape)
    planes = (values[n_x], values[:, n_y], values[:, :, n_z])
    return [plane.T[::-1] for plane in planes]


def one_size(pictures: Sequence[Array]) -> Array:
    """Return pictures of several sizes as squares of one, each in the middle."""
    side = max(max(each.shape) for each in pictures)
    gaps = [
        [((side - n) // 2, side - n - (side - n) // 2) for n in each.shape] for each in pictures
    ]
    return np.stack([np.pad(each, gap) for each, gap in zip(pictures, gaps, strict=True)])


def middle_slice(placed: Placed, values: Array, affine: Array) -> Images:
    """Return the middle slice of an image beside what the field shows there now."""
    n_x, n_y, n_z = values.shape
    grid = np.stack(np.meshgrid(np.arange(n_x), np.arange(n_y), [n_z // 2], indexing="ij"), axis=-1)
    places = grid.reshape(-1, 3) @ affine[:3, :3].T + affine[:3, 3]
    found = placed.piece(places).reshape(n_x, n_y)
    truth = values[:, :, n_z // 2]
    pixels = [
        np.clip((each - placed.offset) / placed.scale, 0, 1).T[::-1] for each in (truth, found)
    ]
    return Images(np.stack(pixels), ("image", "field"), columns=2)
