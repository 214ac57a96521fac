"""Our layers as arrays and looks of napari, and the place under its mouse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.grids import along_axes, place_of

from .slice_colours import GREY, HOT, REGIONS, table
from .slice_layers import ImageLayer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .slice_layers import Layer

_LARGEST = 320  # voxels along an axis that go to the graphics card; finer images are thinned
_STEPS = 400  # along the line of sight


@dataclass(frozen=True, slots=True, eq=False)
class ImageShape:
    """Values (n_x, n_y, n_z) as napari takes them, where they are, and what they are."""

    values: NDArray[Any]
    affine: NDArray[np.float64]
    regions: bool


def shape_of(layer: Layer) -> ImageShape | None:
    """Return an image for napari, thinned where it is too fine; None for points. Called in a thread."""
    if not isinstance(layer, ImageLayer):
        return None
    steps = [max(1, -(-size // _LARGEST)) for size in layer.frame.shape]
    regions = layer.look.colours == REGIONS
    values = layer.values(layer.frame[tuple(slice(None, None, step) for step in steps)])
    if values.dtype.fields:
        names = values.dtype.names or ()
        values = np.asarray(np.mean([values[name] for name in names[:3]], axis=0), np.float32)
    if values.dtype.kind == "f":
        values = np.nan_to_num(np.asarray(values, np.float32), posinf=0, neginf=0)
    if regions:
        values = np.rint(values).astype(np.int32)
    affine = layer.voxels.affine @ np.diag([*steps, 1.0])
    # napari cuts oblique images as if they were not
    values, affine = along_axes(values, affine, linear=layer.look.smooth and not regions)
    return ImageShape(np.ascontiguousarray(values), affine, regions)


def looks(layer: Layer, shown: Any) -> None:
    """Give a layer of napari's the look of ours."""
    look = layer.look
    shown.visible = look.visible
    shown.opacity = look.opacity
    if hasattr(shown, "contrast_limits"):
        from napari.utils import Colormap

        low, high = sorted((look.low, look.high))
        shown.contrast_limits = (low, high if high > low else low + 1.0)
        shown.colormap = Colormap(_colours(look), name=f"neurostudio {look.colours}")
        shown.blending = "translucent_no_depth"
        shown.rendering = "translucent" if look.threshold > 0 else "attenuated_mip"
        shown.interpolation3d = "nearest" if not look.smooth else "linear"
        shown.interpolation2d = "nearest" if not look.smooth else "linear"


def _colours(look: Any) -> NDArray[np.float64]:
    """Return 256 colours, (256, 4); weak values are not seen."""
    colours = np.ones((256, 4))
    colours[:, :3] = table(look.colours) / 255
    values = np.linspace(look.low, look.high, 256)
    strong = values if look.colours in {HOT, GREY} else np.abs(values)
    if look.threshold > 0:
        colours[strong < look.threshold, 3] = 0
    return colours


def place_under(viewer: Any, event: Any, images: Sequence[Any]) -> NDArray[np.float64] | None:
    """Return the place in mm, (3,), where the mouse points.

    In a slice of napari's that is the point itself; in 3D the brightest voxel of the lowest image along
    the line of sight, None beside it.
    """
    if viewer.dims.ndisplay == 2:
        return np.asarray(event.position, float)[-3:]
    for shown in images:
        start, stop = shown.get_ray_intersections(
            event.position, event.view_direction, event.dims_displayed
        )
        if start is None or stop is None:
            continue
        line = np.linspace(start, stop, _STEPS)
        index = np.clip(np.rint(line).astype(int), 0, np.array(shown.data.shape) - 1)
        brightest = int(np.argmax(shown.data[tuple(index.T)]))
        affine = np.asarray(shown.affine.affine_matrix)
        found: NDArray[np.float64] = place_of(affine, index[brightest])
        return found
    return None
