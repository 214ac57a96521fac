"""Triangles, spheres and lines as pixels, compiled: a body is drawn where there is no OpenGL, and in files.

All take places as pixels right, pixels down and millimetres towards the eye, and share a picture
(height, width, 3) of float32 from 0 to 1 with its depths (height, width), -inf where nothing is.
"""

from __future__ import annotations

import numpy as np
from numba import njit

_TINY = np.float32(1e-6)
LONGEST = 20_000  # steps of one line


@njit(
    "void(float32[:,::1], int32[:,::1], float32[:,::1], float32[:,:,::1], float32[:,::1])",
    cache=True,
    nogil=True,
)
def fill_triangles(places, faces, colours, picture, depths):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Fill triangles, the nearest in front; ``colours`` (n_vertices, 3) are blended inside."""
    height, width = depths.shape
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        x0, y0 = places[a, 0], places[a, 1]
        x1, y1 = places[b, 0], places[b, 1]
        x2, y2 = places[c, 0], places[c, 1]
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if not abs(area) > _TINY:
            continue
        left = max(0, int(np.ceil(min(x0, x1, x2) - np.float32(0.5))))
        right = min(width - 1, int(np.floor(max(x0, x1, x2) - np.float32(0.5))))
        top = max(0, int(np.ceil(min(y0, y1, y2) - np.float32(0.5))))
        bottom = min(height - 1, int(np.floor(max(y0, y1, y2) - np.float32(0.5))))
        for row in range(top, bottom + 1):
            y = np.float32(row) + np.float32(0.5)
            for column in range(left, right + 1):
                x = np.float32(column) + np.float32(0.5)
                v = ((x - x0) * (y2 - y0) - (x2 - x0) * (y - y0)) / area
                w = ((x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)) / area
                u = np.float32(1.0) - v - w
                if u < -_TINY or v < -_TINY or w < -_TINY:
                    continue
                depth = u * places[a, 2] + v * places[b, 2] + w * places[c, 2]
                if depth > depths[row, column]:
                    depths[row, column] = depth
                    for k in range(3):
                        picture[row, column, k] = (
                            u * colours[a, k] + v * colours[b, k] + w * colours[c, k]
                        )


@njit(
    "void(float32[:,::1], float32[::1], float32, float32[:,::1], float32[:,:,::1], float32[:,::1])",
    cache=True,
    nogil=True,
)
def fill_spheres(places, radii, pixels_a_mm, colours, picture, depths):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Draw spheres of ``radii`` in pixels, brighter in the middle."""
    height, width = depths.shape
    for p in range(places.shape[0]):
        x0, y0, radius = places[p, 0], places[p, 1], radii[p]
        for row in range(max(0, int(y0 - radius)), min(height, int(y0 + radius) + 2)):
            for column in range(max(0, int(x0 - radius)), min(width, int(x0 + radius) + 2)):
                across = (np.float32(column) + np.float32(0.5) - x0) / radius
                down = (np.float32(row) + np.float32(0.5) - y0) / radius
                square = across * across + down * down
                if square > np.float32(1.0):
                    continue
                out = np.sqrt(np.float32(1.0) - square)
                depth = places[p, 2] + out * radius / pixels_a_mm
                if depth > depths[row, column]:
                    depths[row, column] = depth
                    light = np.float32(0.55) + np.float32(0.45) * out
                    for k in range(3):
                        picture[row, column, k] = light * colours[p, k]


@njit(
    "void(float32, float32, float32, float32, float32[::1], float32[:,:,::1], float32[:,::1])",
    cache=True,
    nogil=True,
)
def _dot(x, y, z, half, colour, picture, depths):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Draw a square of the pen where nothing lies before it."""
    height, width = depths.shape
    top, left = int(np.floor(y - half + 0.5)), int(np.floor(x - half + 0.5))
    bottom, right = int(np.floor(y + half + 0.5)), int(np.floor(x + half + 0.5))
    for row in range(max(top, 0), min(bottom, height)):
        for column in range(max(left, 0), min(right, width)):
            if z >= depths[row, column]:
                depths[row, column] = z
                for k in range(3):
                    picture[row, column, k] = colour[k]


@njit(
    "void(float32[:,::1], float32[:,::1], float32[:,::1], float32, float32[:,:,::1], float32[:,::1])",
    cache=True,
    nogil=True,
)
def draw_lines(starts, ends, colours, thick, picture, depths):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Draw straight lines ``thick`` pixels wide; what lies before them hides them."""
    half = thick / np.float32(2.0)
    for s in range(starts.shape[0]):
        x, y, z = starts[s, 0], starts[s, 1], starts[s, 2]
        across, down, deep = ends[s, 0] - x, ends[s, 1] - y, ends[s, 2] - z
        n_steps = min(int(max(abs(across), abs(down))) + 1, LONGEST)
        for step in range(n_steps + 1):
            part = np.float32(step) / np.float32(n_steps)
            _dot(
                x + part * across,
                y + part * down,
                z + part * deep,
                half,
                colours[s],
                picture,
                depths,
            )
