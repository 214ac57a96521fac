"""What super-resolution reports: the field beside the plain mean of the stacks, and beside the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Images, Lines, Number, Slices

from .volume_reporting import middles, one_size
from .volume_scores import psnr, psnr_number, ssim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neurostudio.api import Context, View
    from neurostudio.training import History

    from .fields import Placed
    from .stacks import Stack

    Array = Any

_WATCHED = 4000  # voxels of each stack


def numbers_of(
    context: Context,
    placed: Placed, given: Sequence[Stack], truth: Array | None, found: Array, plain: Array,
    null: Array | None, inside: Array | None, seed: int,
) -> dict[str, Number]:  # fmt: skip
    """Return how near the field is to the truth, where it is known, and to the stacks."""
    numbers = {"PSNR of the stacks": agreement(placed, given, seed)}
    if truth is None:
        return numbers
    peak = float(np.ptp(truth)) or 1.0
    words = "against the truth; baseline: the mean of the stacks by cubic splines"
    places = [("PSNR", None)] + ([("PSNR in the mask", inside)] if inside is not None else [])
    for name, where in places:
        numbers[name] = psnr_number(
            truth,
            found,
            peak,
            where,
            baseline=psnr(truth, plain, peak, where),
            seed=seed,
            note=words,
        )
        if null is not None:
            numbers[f"{name}, null run"] = Number(
                psnr(truth, null, peak, where), "dB", baseline=numbers[name].baseline,
                note="the same fit as if slices had no thickness",
            )  # fmt: skip
    numbers["SSIM"] = Number(
        ssim(context, truth, found, peak),
        "1",
        baseline=ssim(context, truth, plain, peak),
        note=words,
    )
    return numbers


def agreement(placed: Placed, given: Sequence[Stack], seed: int) -> Number:
    """Return how well the field, averaged over slices, gives the stacks back."""
    random = np.random.default_rng([seed, 52])
    truth, guess = [], []
    for each in given:
        rows = random.permutation(each.values.size)[:_WATCHED]
        voxels = np.stack(np.unravel_index(rows, each.values.shape), axis=1)
        places = voxels @ each.affine[:3, :3].T + each.affine[:3, 3]
        asked = placed.piece((places[:, None] + each.steps).reshape(-1, 3))
        guess.append(asked.reshape(len(rows), -1) @ each.weights)
        truth.append(each.values.ravel()[rows])
    value = psnr(np.concatenate(truth), np.concatenate(guess), placed.scale)
    return Number(value, "dB", note="of some of their voxels; it says nothing of finer detail")


def views_of(
    truth: Array | None, found: Array, plain: Array, affine: Array, space: str, history: History,
    n_stacks: int,
) -> tuple[View, ...]:  # fmt: skip
    """Return field, plain mean and truth side by side, the volume in space, and the way of the fit."""
    rows = {"plain mean": plain, "field": found} | ({} if truth is None else {"truth": truth})
    like = plain if truth is None else truth
    low, peak = float(like.min()), float(np.ptp(like)) or 1.0
    pixels, names = [], []
    for name, values in rows.items():
        for picture in middles((values - low) / peak):
            pixels.append(np.clip(picture, 0, 1))
            names.append(name)
    one = " One stack: smooth interpolation, no finer detail." if n_stacks == 1 else ""
    steps = np.arange(1, len(history.epochs) + 1) * (history.steps / max(1, len(history.epochs)))
    return (
        Images(
            one_size(pixels), tuple(names), columns=3, title="Middle slices",
            caption=f"Sagittal, coronal, axial. Finer detail is inferred, not measured anatomy.{one}",
        ),
        Slices(found, affine, "intensity", space=space, title="Super-resolved",
               caption=f"Inferred from {n_stacks} stack{'s' if n_stacks > 1 else ''}.{one}"),
        Lines(
            steps, np.array([history.column("train_loss")]), x_label="step", y_label="loss", log_y=True,
            title="The way of the fit",
        ),
    )  # fmt: skip
