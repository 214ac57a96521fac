"""What is drawn of a body: triangles, spheres, lines, with their colours; and the picture of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from .brain_camera import Camera, apply

if TYPE_CHECKING:
    from numpy.typing import NDArray

Floats = np.ndarray[Any, np.dtype[np.float32]]
AMBIENT = 0.38
GLASS = (0.05, 0.45)  # how dense glass is that faces the eye, and how much more at its rim
PLACE_COLOUR = (1.0, 0.25, 0.2)


def _none() -> Floats:
    return np.zeros((0, 3), np.float32)


@dataclass(slots=True)
class Scene:
    """Places in mm; colours from 0 to 1.

    ``vertices``, ``normals``, ``colours`` (n_vertices, 3); ``faces`` (n_faces, 3) int32. ``glass``: the mesh
    is seen through. ``spheres`` (n, 3) with ``sphere_radii`` (n,) in mm and ``sphere_colours``. ``starts``
    and ``ends`` (m, 3) of lines with ``line_colours``; ``rims`` (2, k, 3) are lines on the mesh.
    ``light`` is how much the slope of the mesh counts, 0 to 1.
    """

    vertices: Floats = field(default_factory=_none)
    normals: Floats = field(default_factory=_none)
    colours: Floats = field(default_factory=_none)
    faces: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 3), np.int32))
    glass: bool = False
    spheres: Floats = field(default_factory=_none)
    sphere_radii: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    sphere_colours: Floats = field(default_factory=_none)
    starts: Floats = field(default_factory=_none)
    ends: Floats = field(default_factory=_none)
    line_colours: Floats = field(default_factory=_none)
    rims: Floats = field(default_factory=lambda: np.zeros((2, 0, 3), np.float32))
    rim_colour: tuple[float, float, float] = (0.1, 0.1, 0.1)
    ground: tuple[float, float, float] = (1.0, 1.0, 1.0)
    light: float = 0.75
    place: NDArray[np.float64] | None = None

    def frame(self, camera: Camera) -> None:
        """Let a camera hold the whole of it."""
        parts = [each for each in (self.vertices, self.spheres) if len(each)]
        if parts:
            every = np.concatenate(parts)
            low, high = every.min(axis=0), every.max(axis=0)
            camera.centre = np.asarray((low + high) / 2, float)
            camera.radius = float(np.linalg.norm(every - camera.centre, axis=1).max()) or 1.0

    def lit(self, camera: Camera) -> Floats:
        """Return the colours of the vertices under a lamp beside the eye."""
        lamp = camera.eye()
        slope = np.abs(self.normals @ lamp.astype(np.float32))
        bright = (1 - self.light) + self.light * (AMBIENT + (1 - AMBIENT) * slope)
        return np.ascontiguousarray(self.colours * bright[:, None], np.float32)


def normals_of(vertices: Floats, faces: NDArray[np.int32]) -> Floats:
    """Return the unit normals of the vertices, (n, 3): the mean of those of their faces by area."""
    corners = [vertices[faces[:, k]] for k in range(3)]
    normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
    found = np.zeros((len(vertices), 3))
    for k in range(3):
        for axis in range(3):
            found[:, axis] += np.bincount(faces[:, k], normal[:, axis], minlength=len(vertices))
    length = np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(found / np.maximum(length, 1e-12), np.float32)


def picture(
    scene: Scene, camera: Camera, width: int, height: int, *, fine: int = 1
) -> NDArray[np.uint8]:
    """Return the picture (height, width, 3); ``fine`` 2 draws it twice as large and averages the pixels."""
    from .brain_raster import draw_lines, fill_spheres, fill_triangles

    wide, high = width * fine, height * fine
    matrix = camera.matrix(width, height)
    matrix[:2] *= fine
    made = np.empty((high, wide, 3), np.float32)
    made[:] = scene.ground
    depths = np.full((high, wide), -np.inf, np.float32)
    places = apply(matrix, scene.vertices)
    if len(scene.faces) and not scene.glass:
        fill_triangles(places, scene.faces, scene.lit(camera), made, depths)
    scale = camera.scale(width, height) * fine
    if len(scene.spheres):
        radii = np.maximum(scene.sphere_radii * scale, 2.5 * fine).astype(np.float32)
        fill_spheres(apply(matrix, scene.spheres), radii, scale, scene.sphere_colours, made, depths)
    if len(scene.starts):
        ends = apply(matrix, scene.starts), apply(matrix, scene.ends)
        draw_lines(*ends, scene.line_colours, 1.6 * fine, made, depths)
    if scene.rims.shape[1]:
        _draw_rims(scene, matrix, fine, made, depths)
    if scene.place is not None:
        _draw_place(scene.place, matrix, scale, fine, made, depths)
    if len(scene.faces) and scene.glass:
        _lay_glass(scene, camera, places, made, depths)
    pixels = np.clip(255 * made + 0.5, 0, 255).astype(np.uint8)
    if fine > 1:
        shape = (height, fine, width, fine, 3)
        pixels = pixels.reshape(shape).mean(axis=(1, 3)).astype(np.uint8)
    return pixels


def _draw_rims(scene: Scene, matrix: Any, fine: int, made: Floats, depths: Floats) -> None:
    from .brain_raster import draw_lines

    starts, ends = apply(matrix, scene.rims[0]), apply(matrix, scene.rims[1])
    for each in (starts, ends):
        each[:, 2] += 0.8  # mm: above the mesh on which they lie
    colours = np.tile(np.array(scene.rim_colour, np.float32), (len(starts), 1))
    draw_lines(starts, ends, colours, 1.6 * fine, made, depths)


def _lay_glass(scene: Scene, camera: Camera, places: Floats, made: Floats, depths: Floats) -> None:
    """Lay the mesh over what is there: clear where it faces the eye, dense at its rim."""
    from .brain_raster import fill_triangles

    rim = 1 - np.abs(scene.normals @ camera.eye().astype(np.float32))
    share = np.repeat((GLASS[0] + GLASS[1] * rim**3)[:, None], 3, axis=1).astype(np.float32)
    layer, before = np.zeros_like(made), np.full_like(depths, -np.inf)
    fill_triangles(places, scene.faces, share, layer, before)
    layer[before <= depths] = 0.0
    made += layer * (scene.colours.mean(axis=0) - made)


def _draw_place(
    place: Any, matrix: Any, scale: float, fine: int, made: Floats, depths: Floats
) -> None:
    from .brain_raster import fill_spheres

    radius = 5.0 * fine
    at = apply(matrix, np.asarray(place, float)[None])
    at[:, 2] += radius / scale  # its half that faces the eye lies above the mesh
    colour = np.array([PLACE_COLOUR], np.float32)
    fill_spheres(at, np.array([radius], np.float32), scale, colour, made, depths)
