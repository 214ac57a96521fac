"""What a camera sees of a mesh with painted vertices, triangle by triangle into a depth buffer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .scenes import Seen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .cameras import Cameras

    Array = NDArray[np.float64]

_LIGHT = 0.35  # of the brightness does not depend on how a triangle lies


def look(
    vertices: Array,
    faces: NDArray[np.int64],
    paint: Array,
    cameras: Cameras,
    number: int,
    background: float = 1.0,
) -> Seen:
    """Return what one camera sees of a mesh.

    Parameters
    ----------
    vertices, paint : arrays of shape (n_vertices, 3)
        Places in mm; colours from 0 to 1.
    faces : array of shape (n_faces, 3)

    Notes
    -----
    A pixel takes the nearest triangle that covers its centre; colours run perspectively true within it.
    Light comes from above, fixed to the body, so that a place has one colour from everywhere.
    """
    height, width = cameras.shape
    camera = np.linalg.inv(cameras.poses[number])
    placed = vertices @ camera[:3, :3].T + camera[:3, 3]
    projected = placed @ cameras.intrinsics[number].T
    z = projected[:, 2]
    kept = faces[(z[faces] > 1e-6).all(axis=1)]
    xy = projected[:, :2] / np.where(np.abs(z) > 1e-6, z, 1.0)[:, None]
    which, x, y = _candidates(xy[kept], height, width)
    weights, inside = _inside(xy[kept[which]], x + 0.5, y + 0.5)
    which, x, y, weights = which[inside], x[inside], y[inside], weights[inside]
    share = weights / z[kept[which]]
    depth = 1 / share.sum(axis=1)
    share *= depth[:, None]
    order = np.lexsort((depth, y * width + x))
    pixel = (y * width + x)[order]
    first = order[np.r_[True, pixel[1:] != pixel[:-1]]] if len(order) else order
    shade = _shade(vertices, kept)
    colours = (share[first, :, None] * paint[kept[which[first]]]).sum(axis=1)
    colours = np.clip(colours * shade[which[first], None], 0, 1)
    found = np.full((height, width, 3), background)
    found[y[first], x[first]] = colours
    along = np.full((height, width), np.nan)
    rays = _lengths(cameras.intrinsics[number], height, width)
    along[y[first], x[first]] = depth[first] * rays[y[first], x[first]]
    return Seen(found, along)


def _candidates(corners: Array, height: int, width: int) -> tuple[Any, Any, Any]:
    """Return (face, x, y) of all pixels in the boxes around the projected triangles (n_faces, 3, 2)."""
    size = np.array([width, height])
    low = np.clip(np.ceil(corners.min(axis=1) - 0.5), 0, size).astype(int)
    high = np.clip(np.floor(corners.max(axis=1) - 0.5) + 1, 0, size).astype(int)
    spans = np.maximum(high - low, 0)
    counts = spans.prod(axis=1)
    which = np.repeat(np.arange(len(corners)), counts)
    rank = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    return which, low[which, 0] + rank % spans[which, 0], low[which, 1] + rank // spans[which, 0]


def _inside(corners: Array, x: Array, y: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Return barycentric weights (n, 3) of points in triangles (n, 3, 2), and whether they are inside."""
    (ax, ay), (bx, by), (cx, cy) = (corners[:, k].T for k in range(3))
    area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    area = np.where(np.abs(area) > 1e-12, area, np.nan)
    second = ((x - ax) * (cy - ay) - (cx - ax) * (y - ay)) / area
    third = ((bx - ax) * (y - ay) - (x - ax) * (by - ay)) / area
    weights = np.stack([1 - second - third, second, third], axis=1)
    return weights, np.asarray((weights >= -1e-9).all(axis=1))


def _shade(vertices: Array, faces: NDArray[np.int64]) -> Array:
    one, two, three = (vertices[faces[:, k]] for k in range(3))
    up = np.cross(two - one, three - one)
    up /= np.maximum(np.linalg.norm(up, axis=1, keepdims=True), 1e-12)
    return np.asarray(1 - _LIGHT + _LIGHT * up[:, 2])


def _lengths(intrinsics: Array, height: int, width: int) -> Array:
    """Return how much longer the way along each pixel's ray is than its depth, (height, width)."""
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    rays = np.stack([x, y, np.ones_like(x)], axis=-1) @ np.linalg.inv(intrinsics).T
    return np.asarray(np.linalg.norm(rays, axis=-1))
