"""Makes memories of pictures: one cue for each, one bit for each bright part; or of a map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Images,
    ImageStack,
    Number,
    Params,
    Result,
    Table,
    method,
    param,
)

from .tables import learn_and_ask, table_of

if TYPE_CHECKING:
    from neurostudio.api import View

Array = np.ndarray[Any, np.dtype[Any]]
MOST = 512
DARK, LIGHT = 40, 215  # neither is lost on a white or a black page


class ImageParams(Params):
    """Parameters of :func:`memories_from_images`."""

    coding: Literal["pictures", "map"] = param(
        "pictures",
        "Pictures: a cue for each picture, a bit for each pixel that is bright; map: a cue for each cell of "
        "one picture, a bit for each of its values (such as free, obstacle, goal)",
    )
    label: str = param(
        "", "One picture for each value of this label, the first of each; empty for every picture",
        suggest="columns",
    )  # fmt: skip
    threshold: float = param(
        0.4375, "What is bright, as a share of the brightest pixel of all (7 of 16 for digits)",
        unit="1", ge=0, lt=1,
    )  # fmt: skip
    size: int = param(
        8, "Pixels along each edge after averaging; 0 keeps the pictures", ge=0, le=22
    )


@method(
    group="Transform",
    title="Memories from images",
    warnings={"empty": "Some pictures have no bright pixel and were left out."},
    example="pictures",
)
def memories_from_images(context: Context, params: ImageParams, images: ImageStack) -> Result:
    """Turn pictures, or a map, into a program that a memory can learn and is then asked about."""
    pixels, names = _pixels(images)
    if params.coding == "map":
        return _map(context, pixels[0], names[0])
    chosen = _chosen(images, params.label, len(pixels))
    small = np.array(
        [_pooled(pixels[k], params.size) for k in context.track(chosen.tolist(), "Pictures")]
    )
    bits = (small > params.threshold * pixels[chosen].max()).reshape(len(small), -1)
    _refuse_large(*bits.shape)
    full = bits.any(axis=1)
    if not full.any():
        raise BadInput(
            f"No pixel is brighter than {params.threshold:g} of the brightest: lower it."
        )
    chosen, small, bits = chosen[full], small[full], bits[full]
    operations = learn_and_ask([row.nonzero()[0].tolist() for row in bits], bits.shape[1])
    shown = tuple(f"cue {k}: {names[index]}" for k, index in enumerate(chosen))
    patterns = np.where(bits.reshape(small.shape), DARK, LIGHT).astype(np.uint8)
    views: tuple[View, ...] = (
        Images(
            _bright(small), shown, title="Pictures", caption="As they were given, after averaging."
        ),
        Images(
            patterns,
            shown,
            title="Patterns to store",
            caption="Dark pixels are the bits of a pattern.",
        ),
    )
    counts = bits.sum(axis=1)
    numbers = {
        "pictures": Number(len(bits), note="cues"),
        "bits per image": Number(
            float(counts.mean()), low=float(counts.min()), high=float(counts.max()),
            note=f"mean, least, most, of {bits.shape[1]}",
        ),
    }  # fmt: skip
    codes = () if full.all() else ("empty",)
    return Result({"operations": Table(table_of(operations, timed=False))}, views, numbers, codes)


def _pixels(images: ImageStack) -> tuple[Array, list[str]]:
    array = images.array
    values = np.asarray(array.to_numpy(), float)
    if values.ndim == 4:
        values = values[..., :3].mean(axis=-1)
    if not len(values) or not np.isfinite(values).all():
        raise BadInput("The pictures are empty or hold values that are no numbers.")
    first = str(array.dims[0])
    key = next((name for name in ("label", "id", first) if name in array.coords), None)
    names = array.coords[key].to_numpy() if key else np.arange(len(values))
    return values, [str(name) for name in names]


def _chosen(images: ImageStack, label: str, n: int) -> Array:
    if not label:
        return np.arange(n)
    if label not in images.array.coords:
        known = ", ".join(images.names("columns")) or "none"
        raise BadInput(f"The pictures have no label {label}; they have {known}.")
    labels = images.array.coords[label].to_numpy()
    return np.array([np.flatnonzero(labels == each)[0] for each in np.unique(labels)])


def _pooled(picture: Array, size: int) -> Array:
    """Return means of blocks, ``size`` along each edge; the picture where it is small enough."""
    height, width = picture.shape
    if not size or (height <= size and width <= size):
        return picture
    rows = np.array_split(picture, min(size, height), axis=0)
    return np.array(
        [[block.mean() for block in np.array_split(row, min(size, width), axis=1)] for row in rows]
    )


def _refuse_large(n_cues: int, n_content: int) -> None:
    if n_cues > MOST or n_content > MOST:
        raise BadInput(
            f"{n_cues} cues and {n_content} bits; a memory has at most {MOST} of each. Choose one picture "
            "for each value of a label, or a smaller size."
        )


def _bright(small: Array) -> Array:
    span = max(float(np.ptp(small)), 1e-12)
    found: Array = np.round(DARK + (LIGHT - DARK) * (small - small.min()) / span).astype(np.uint8)
    return found


def _map(context: Context, picture: Array, name: str) -> Result:
    """Return a program that stores for each cell of a map which value it has."""
    values, codes = np.unique(picture, return_inverse=True)
    _refuse_large(picture.size, len(values))
    patterns = [[int(code)] for code in context.track(codes.ravel().tolist(), "Cells")]
    operations = learn_and_ask(patterns, len(values))
    view = Images(
        _bright(picture[None]), (name,), title="Map",
        caption="Each cell is a cue, counted along the rows from the upper left; each value is a bit.",
    )  # fmt: skip
    numbers = {
        "cells": Number(picture.size, note="cues"),
        "bits per image": Number(
            1.0, low=1.0, high=1.0, note=f"one of {len(values)} values for each cell"
        ),
    }
    return Result({"operations": Table(table_of(operations, timed=False))}, (view,), numbers)
