"""What lies under the mouse, and the borders between regions: plain geometry of meshes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def vertex_under(
    places: NDArray[np.float32], faces: NDArray[np.int32], x: float, y: float
) -> int | None:
    """Return the vertex nearest to a point of the picture on the nearest triangle there.

    Parameters
    ----------
    places : array of shape (n_vertices, 3)
        Pixels right, pixels down, and millimetres towards the eye.
    faces : array of shape (n_faces, 3)
    x, y
        The point, in pixels.
    """
    corners = places[faces]
    low, high = corners[..., :2].min(axis=1), corners[..., :2].max(axis=1)
    near = np.flatnonzero(((low <= (x, y)) & (high >= (x, y))).all(axis=1))
    a, b, c = (corners[near, k].astype(float) for k in range(3))
    area = _twice_area(a, b, c)
    with np.errstate(divide="ignore", invalid="ignore"):
        point = np.array([x, y])
        u, v, w = (
            _twice_area(*three) / area for three in ((point, b, c), (a, point, c), (a, b, point))
        )
    inside = np.flatnonzero((u >= 0) & (v >= 0) & (w >= 0))
    if not len(inside):
        return None
    depth = u * a[:, 2] + v * b[:, 2] + w * c[:, 2]
    first = inside[depth[inside].argmax()]
    corner = int(np.argmax([u[first], v[first], w[first]]))
    return int(faces[near[first], corner])


def _twice_area(a: Any, b: Any, c: Any) -> Any:
    """Return twice the area of triangles in the plane, with a sign."""
    return (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (c[..., 0] - a[..., 0]) * (
        b[..., 1] - a[..., 1]
    )


def point_under(places: NDArray[np.float32], x: float, y: float, reach: float) -> int | None:
    """Return the point nearest to the eye within ``reach`` pixels of a point of the picture."""
    near = np.flatnonzero(np.hypot(places[:, 0] - x, places[:, 1] - y) <= reach)
    return int(near[places[near, 2].argmax()]) if len(near) else None


def borders(
    vertices: NDArray[Any], faces: NDArray[np.int32], labels: NDArray[Any]
) -> NDArray[np.float32]:
    """Return the lines (2, n_lines, 3) between regions: through the middles of edges that join two.

    Parameters
    ----------
    vertices : array of shape (n_vertices, 3)
    faces : array of shape (n_faces, 3)
    labels : array of shape (n_vertices,)
        The region of each vertex.
    """
    found = labels[faces]
    lines: list[NDArray[Any]] = []
    for k in range(3):  # edges that meet in corner k both cross a border where it differs from both
        one, other = (k + 1) % 3, (k + 2) % 3
        crossed = (found[:, k] != found[:, one]) & (found[:, k] != found[:, other])
        at = [vertices[faces[crossed, corner]] for corner in (k, one, other)]
        lines.append(np.stack([(at[0] + at[1]) / 2, (at[0] + at[2]) / 2]))
    return np.asarray(np.concatenate(lines, axis=1), np.float32)
