"""Where the voxels of an image are, and what of it lies on a plane of the world.

Places are millimetres to the right, to the front and up (RAS); voxels are counted from 0 and their
centres are whole numbers. The affine, (4, 4), leads from voxels to places.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

SHOWN = {0: (1, 2), 1: (0, 2), 2: (0, 1)}  # the axes across and up, by the axis that is cut
_MOST_PIXELS = 2048  # along each side of a plane; coarser beyond


@dataclass(frozen=True, slots=True)
class Plane:
    """Pixels on a plane across one axis of the world.

    ``axis`` is cut at ``position`` mm. ``start`` is the centre of the first pixel (across, up), ``steps`` are
    the edges of a pixel, all in mm; ``shape`` is (n_up, n_across).
    """

    axis: int
    position: float
    start: tuple[float, float]
    steps: tuple[float, float]
    shape: tuple[int, int]

    @property
    def rectangle(self) -> tuple[float, float, float, float]:
        """Left, bottom, width and height of all pixels in mm."""
        left, bottom = (
            first - step / 2 for first, step in zip(self.start, self.steps, strict=True)
        )
        return left, bottom, self.shape[1] * self.steps[0], self.shape[0] * self.steps[1]


@dataclass(frozen=True, slots=True)
class Cut:
    """What lies on a plane: ``values`` (n_up, n_across) and whether a pixel is ``inside`` the image."""

    values: NDArray[Any]
    inside: NDArray[np.bool_]


def place_of(affine: ArrayLike, voxels: ArrayLike) -> NDArray[np.float64]:
    """Return the places in mm, (..., 3), of voxels, (..., 3)."""
    turn = np.asarray(affine, float)
    placed: NDArray[np.float64] = np.asarray(voxels, float) @ turn[:3, :3].T + turn[:3, 3]
    return placed


def voxel_of(affine: ArrayLike, places: ArrayLike) -> NDArray[np.float64]:
    """Return the voxels, (..., 3), not rounded, at places in mm, (..., 3)."""
    return place_of(np.linalg.inv(np.asarray(affine, float)), places)


def nearest_voxel(
    shape: tuple[int, ...], affine: ArrayLike, place: ArrayLike
) -> tuple[int, int, int] | None:
    """Return the voxel that holds a place in mm, None outside the image."""
    voxel = np.floor(voxel_of(affine, place) + 0.5).astype(int)
    if (voxel < 0).any() or (voxel >= shape[:3]).any():
        return None
    return int(voxel[0]), int(voxel[1]), int(voxel[2])


def bounds(shape: tuple[int, ...], affine: ArrayLike) -> NDArray[np.float64]:
    """Return the lowest and the highest mm of an image, (3, 2), to the outer faces of its voxels."""
    ends = [(-0.5, size - 0.5) for size in shape[:3]]
    corners = np.array(np.meshgrid(*ends, indexing="ij")).reshape(3, -1).T
    placed = place_of(affine, corners)
    return np.stack([placed.min(axis=0), placed.max(axis=0)], axis=1)


def axes_of(affine: ArrayLike) -> tuple[int, int, int] | None:
    """Return the voxel axis along each axis of the world, None where the image lies obliquely.

    An image that is turned so little that no voxel of 1000 is displaced by half an edge counts as straight.
    """
    turn = np.asarray(affine, float)[:3, :3]
    largest = np.abs(turn).argmax(axis=1)
    if len(set(largest.tolist())) < 3:
        return None
    rest = turn.copy()
    rest[np.arange(3), largest] = 0
    edges = np.linalg.norm(turn, axis=0)
    if np.abs(rest).max() > 5e-4 * edges.min():
        return None
    return int(largest[0]), int(largest[1]), int(largest[2])


def spacing(affine: ArrayLike) -> NDArray[np.float64]:
    """Return the mm from one plane of pixels to the next along each axis of the world, (3,).

    The voxels' edges where they run along the axes, else the shortest edge.
    """
    edges = np.linalg.norm(np.asarray(affine, float)[:3, :3], axis=0)
    straight = axes_of(affine)
    return edges[list(straight)] if straight is not None else np.full(3, edges.min())


def plane_through(shape: tuple[int, ...], affine: ArrayLike, axis: int, position: float) -> Plane:
    """Return the plane across an axis at some mm that shows all of an image, voxel by voxel."""
    across, up = SHOWN[axis]
    ends = bounds(shape, affine)
    lengths = ends[:, 1] - ends[:, 0]
    steps = np.maximum(spacing(affine), lengths / _MOST_PIXELS)
    counts = np.maximum(1, np.ceil(lengths / steps - 1e-6)).astype(int)
    start = ends[:, 0] + (lengths - (counts - 1) * steps) / 2
    return Plane(
        axis,
        float(position),
        (float(start[across]), float(start[up])),
        (float(steps[across]), float(steps[up])),
        (int(counts[up]), int(counts[across])),
    )


def cut(values: NDArray[Any], affine: ArrayLike, plane: Plane, *, linear: bool = False) -> Cut:
    """Return what of an image lies on a plane, whatever its affine.

    Parameters
    ----------
    values : array of shape (n_x, n_y, n_z)
        The image; only what is needed of it is read.
    affine : array of shape (4, 4)
        From its voxels to mm.
    plane
        Where to look.
    linear
        Interpolate between voxels; else each pixel has the value of the voxel that holds it.

    Returns
    -------
    Cut
        Values of the image's own type, of 32-bit floats if ``linear``.
    """
    inverse = np.linalg.inv(np.asarray(affine, float))
    straight = axes_of(affine)
    if linear and values.dtype.kind in "biuf":
        return _interpolated(values, inverse, plane)
    if straight is not None:
        return _along_axes(values, inverse, straight, plane)
    return _obliquely(values, inverse, plane)


def along_axes(
    values: NDArray[Any], affine: ArrayLike, *, linear: bool = False
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return an image whose voxels run along the axes of the world, and its affine; 0 where it was empty.

    For libraries that cannot cut obliquely. An image that lies along the axes already stays as it is.
    """
    turn = np.asarray(affine, float)
    if axes_of(turn) is not None:
        return values, turn
    ends = bounds(values.shape, turn)
    step = float(spacing(turn)[2])
    n_planes = max(1, int(np.ceil((ends[2, 1] - ends[2, 0]) / step - 1e-6)))
    first = ends[2].mean() - (n_planes - 1) * step / 2
    planes = [plane_through(values.shape, turn, 2, first + k * step) for k in range(n_planes)]
    slices = [cut(values, turn, plane, linear=linear) for plane in planes]
    stacked = np.stack([np.where(each.inside, each.values, 0).T for each in slices], axis=2)
    placed = np.diag([*planes[0].steps, step, 1.0])
    placed[:3, 3] = [*planes[0].start, first]
    return stacked.astype(slices[0].values.dtype), placed


def _coordinates(plane: Plane) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    across = plane.start[0] + plane.steps[0] * np.arange(plane.shape[1], dtype=np.float64)
    up = plane.start[1] + plane.steps[1] * np.arange(plane.shape[0], dtype=np.float64)
    return across, up


def _along_axes(
    values: NDArray[Any], inverse: NDArray[np.float64], straight: tuple[int, ...], plane: Plane
) -> Cut:
    """Cut along the axes of the array: rows and columns are picked, nothing is computed a pixel."""
    picked: list[Any] = [0, 0, 0]
    there: dict[int, NDArray[np.bool_]] = {}
    pairs = zip((*SHOWN[plane.axis], plane.axis), (*_coordinates(plane), None), strict=True)
    for world, line in pairs:
        own = straight[world]
        mm = np.array([plane.position]) if line is None else line
        index = np.floor(inverse[own, world] * mm + inverse[own, 3] + 0.5).astype(int)
        there[world] = (index >= 0) & (index < values.shape[own])
        picked[own] = np.clip(index, 0, values.shape[own] - 1)
    across, up = SHOWN[plane.axis]
    inside = np.logical_and.outer(there[up], there[across]) & bool(there[plane.axis][0])
    flat = values[tuple(_slice_of(index) for index in picked)]
    order = [straight[up], straight[across], straight[plane.axis]]
    return Cut(np.ascontiguousarray(np.transpose(flat, order)[:, :, 0]), inside)


def _slice_of(index: NDArray[Any]) -> Any:
    """Return indices as a slice where they are consecutive (which copies nothing)."""
    step = int(index[1] - index[0]) if len(index) > 1 else 1
    if step in {1, -1} and (np.diff(index) == step).all():
        stop = int(index[-1]) + step
        return slice(int(index[0]), stop if stop >= 0 else None, step)
    return index


def _voxels_of_pixels(inverse: NDArray[np.float64], plane: Plane) -> list[NDArray[np.float32]]:
    """Return the three voxel coordinates of every pixel, each (n_up, n_across)."""
    across, up = _coordinates(plane)
    one, other = SHOWN[plane.axis]
    found = []
    for own in range(3):
        ground = inverse[own, plane.axis] * plane.position + inverse[own, 3]
        columns = (inverse[own, one] * across).astype(np.float32)
        rows = (inverse[own, other] * up + ground).astype(np.float32)
        found.append(rows[:, None] + columns[None])
    return found


def _obliquely(values: NDArray[Any], inverse: NDArray[np.float64], plane: Plane) -> Cut:
    inside = np.ones(plane.shape, bool)
    picked = []
    for size, line in zip(values.shape, _voxels_of_pixels(inverse, plane), strict=True):
        index = np.floor(line + np.float32(0.5)).astype(np.int32)
        inside &= (index >= 0) & (index < size)
        picked.append(index)
    found = np.zeros(plane.shape, values.dtype)
    found[inside] = values[tuple(index[inside] for index in picked)]
    return Cut(found, inside)


def _interpolated(values: NDArray[Any], inverse: NDArray[np.float64], plane: Plane) -> Cut:
    from scipy.ndimage import map_coordinates

    places = np.stack(_voxels_of_pixels(inverse, plane))
    sizes = np.array(values.shape)[:, None, None]
    inside: NDArray[np.bool_] = np.all((places >= -0.5) & (places < sizes - 0.5), axis=0)
    source = values.view(np.uint8) if values.dtype == bool else values
    found = map_coordinates(source, places, np.float32, order=1, mode="nearest")
    return Cut(found, inside)
