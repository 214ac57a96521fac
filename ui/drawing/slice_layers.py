"""What lies one over the other in the slices: images, and points in the same millimetres."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio import spaces
from neurostudio.data import Volume
from neurostudio.errors import BadInput
from neurostudio.grids import Cut, bounds, cut, nearest_voxel, plane_through, spacing
from neurostudio.placed import KINDS as WITH_POINTS
from neurostudio.placed import placed
from neurostudio.voxels import Voxels, measure_of, seconds_of, voxels_of

from .slice_colours import REGIONS, Look, coloured, first_look

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from neurostudio.data import Data
    from neurostudio.grids import Plane

KINDS = ("Volume", *WITH_POINTS)
OTHER_SPACE = "other space"
_LABELS_INTENT = "label"


@dataclass(slots=True, eq=False)
class ImageLayer:
    """One volume of an image, how it is seen, and what its numbers stand for."""

    name: str
    voxels: Voxels
    space: str
    look: Look
    labels: Mapping[int, str] = field(default_factory=dict)
    measure: str = ""
    note: str = ""
    frame: NDArray[Any] = field(default_factory=lambda: np.zeros((1, 1, 1)))
    number: int = 0
    times: NDArray[np.float64] | None = None

    @property
    def bounds(self) -> NDArray[np.float64]:
        """The lowest and the highest mm, (3, 2)."""
        return bounds(self.voxels.shape, self.voxels.affine)

    @property
    def steps(self) -> NDArray[np.float64]:
        """The mm from one slice to the next along each axis, (3,)."""
        return spacing(self.voxels.affine)

    def pixels(self, axis: int, position: float, chosen: frozenset[str]) -> tuple[Plane, Any]:
        """Return a plane and its pixels, (n_up, n_across, 4)."""
        plane = plane_through(self.voxels.shape, self.voxels.affine, axis, position)
        smooth = self.look.smooth and not self.labels
        found = cut(self.frame, self.voxels.affine, plane, linear=smooth)
        values = Cut(self.values(found.values), found.inside)
        numbers = tuple(key for key, name in self.labels.items() if name in chosen)
        return plane, coloured(values, self.look, numbers)

    def values(self, stored: NDArray[Any]) -> NDArray[Any]:
        """Return what the colours stand for: of an atlas that is coded as colours the first number."""
        values = self.voxels.values(stored)
        names = values.dtype.names
        return values[names[0]] if names and self.look.colours == REGIONS else values

    def voxel_at(self, place: NDArray[np.float64]) -> tuple[int, int, int] | None:
        """Return the voxel that holds a place."""
        return nearest_voxel(self.voxels.shape, self.voxels.affine, place)

    def words_at(self, place: NDArray[np.float64]) -> str:
        """Return the value at a place in words, with the region's name."""
        voxel = self.voxel_at(place)
        if voxel is None:
            return "outside"
        value = self.voxels.values(self.frame[voxel])
        if value.dtype.fields:
            return " ".join(f"{name} {value[name]}" for name in value.dtype.names or ())
        name = self.labels.get(int(value), "") if np.isfinite(value) else ""
        number = f"{float(value):.6g}{' ' + self.measure if self.measure else ''}"
        return f"{number} ({name})" if name else number

    def region_at(self, place: NDArray[np.float64]) -> str:
        """Return the name of the region at a place, empty where there is none."""
        voxel = self.voxel_at(place)
        if voxel is None or not self.labels:
            return ""
        return self.labels.get(int(self.voxels.values(self.frame[voxel])), "")


@dataclass(slots=True, eq=False)
class PointLayer:
    """Points in mm, (n_points, 3), with their names; those near a slice are seen in it."""

    name: str
    positions: NDArray[np.float64]
    names: tuple[str, ...]
    space: str
    look: Look = field(default_factory=Look)
    note: str = ""
    within: float = 4.0

    @property
    def bounds(self) -> NDArray[np.float64]:
        """The lowest and the highest mm, (3, 2)."""
        return np.stack([self.positions.min(axis=0), self.positions.max(axis=0)], axis=1)

    def near(self, axis: int, position: float) -> NDArray[np.intp]:
        """Return the numbers of the points near a slice."""
        return np.flatnonzero(np.abs(self.positions[:, axis] - position) <= self.within)


Layer = ImageLayer | PointLayer


def image_layer(
    name: str, data: Volume, *, over: bool = False, voxels: Voxels | None = None
) -> ImageLayer:
    """Return an image as a layer; reads one volume, so it is called in a thread."""
    found = voxels or voxels_of(data.image)
    frame = found.frame(0)
    intent = getattr(data.image.header, "get_intent", lambda: ("none",))()[0]
    whole = frame.dtype.kind in "iuV" and found.slope == 1
    look = first_look(
        found.sample(frame),
        over=over,
        regions=bool(data.labels) or (intent == _LABELS_INTENT and whole),
        whole=whole,
    )
    return ImageLayer(
        name,
        found,
        spaces.space_of(data),
        look,
        dict(data.labels),
        measure_of(data.image),
        frame=frame,
        times=seconds_of(data.image),
    )


def layer_of(name: str, data: Data) -> Layer:
    """Return any item with places as a layer over an image.

    Raises
    ------
    BadInput
        It has no places in millimetres.
    """
    if isinstance(data, Volume):
        return image_layer(name, data, over=True)
    found = placed(data)
    if not len(found.names):
        raise BadInput(f"{name} has no places in millimetres.")
    return PointLayer(name, found.positions, found.names, found.space)
