"""A volume on the screen: slices that always work, and napari where there is OpenGL."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.data.volume import placed_by
from neurostudio.voxels import Voxels, must_unpack, seconds_of, unpack

from .slice_colours import GREY, HOT, TWO_SIDED, Look, first_look
from .slice_layers import ImageLayer, image_layer
from .volume_figure import VolumeFigure

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from neurostudio.data import Volume
    from neurostudio.views import Slices


def draw_data(data: Volume) -> VolumeFigure:
    """Return the slices of an image; its numbers are read in a thread, one volume at a time."""
    image = data.image
    seconds = seconds_of(image)
    n_frames = int(np.prod(image.shape[3:])) if len(image.shape) > 3 else 1

    def read(folder: Path | None, tell: Callable[[float], None]) -> list[ImageLayer]:
        if not must_unpack(image):
            return [image_layer("This image", data)]
        made = folder or Path(tempfile.mkdtemp(prefix="neurostudio-"))
        voxels = unpack(image, made, tell)
        if folder is None:
            weakref.finalize(voxels.stored, shutil.rmtree, made, ignore_errors=True)
        return [image_layer("This image", data, voxels=voxels)]

    times = np.arange(n_frames, dtype=float) if seconds is None else seconds
    caption = " ".join(_remarks(image))
    unit = "" if seconds is None else "s"
    return VolumeFigure(read, times, unit, title=data.summary(), caption=caption)


def _remarks(image: Any) -> list[str]:
    """Return what must be known about an image: doubtful places, more than values."""
    found = []
    by = placed_by(image)
    if " " in by:
        found.append(f"Placed by {by}.")
    if image.get_data_dtype().kind == "c":
        found.append("Complex numbers, shown as their magnitude.")
    if len(image.shape) > 4:
        found.append(
            f"{len(image.shape)} dimensions: volumes are numbered, the fourth runs fastest."
        )
    return found


def figure_of_view(view: Slices) -> VolumeFigure:
    """Return the slices of a described picture, the anatomy below the values."""
    n_frames = int(np.prod(view.values.shape[3:]))

    def read(folder: Path | None, tell: Callable[[float], None]) -> list[ImageLayer]:
        del folder, tell
        layers = []
        if view.under is not None:
            affine = view.affine if view.under_affine is None else view.under_affine
            layers.append(_array_layer("Anatomy", view.under, affine, view.space))
        top = _array_layer(view.value_label or "Values", view.values, view.affine, view.space)
        top.measure = view.value_unit if view.value_unit != "1" else ""
        top.look = _look_of_view(view, top)
        return [*layers, top]

    return VolumeFigure(
        read, np.arange(n_frames, dtype=float), "", title=view.title, caption=view.caption
    )


def _array_layer(name: str, values: NDArray[Any], affine: NDArray[Any], space: str) -> ImageLayer:
    voxels = Voxels(values, tuple(values.shape), np.asarray(affine, float))
    frame = voxels.frame(0)
    look = first_look(voxels.sample(frame), over=False, regions=False, whole=False)
    return ImageLayer(name, voxels, space, look, frame=frame)


def _look_of_view(view: Slices, layer: ImageLayer) -> Look:
    """Return how the values of a picture are seen: over anatomy never in its grey."""
    over = view.under is not None
    values = layer.voxels.sample(layer.frame)
    whole = over and bool(np.array_equal(values, np.round(values)))
    regions = whole and len(np.unique(values)) > 2
    look = first_look(values, over=over, regions=regions and not view.diverging, whole=whole)
    if view.diverging and values.size:
        end = float(np.abs(values).max()) or 1.0
        look = Look(TWO_SIDED, -end, end, opacity=0.85 if over else 1.0)
    elif over and look.colours in {GREY, HOT}:
        low = view.threshold or look.low
        look = Look(HOT, low, max(look.high, low + 1e-9), opacity=0.85)
    look.threshold = view.threshold
    return look
