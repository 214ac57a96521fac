"""A shell with one hole, or none: the planner must find the hole, or say that there is no way."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from neurostudio.api import Data, Example, Points, Surface, Volume

from .images import volume_of
from .meshes import level_set
from .volume_example import affine_for, grid_places

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

HOLE = np.array([0.36, 0.48, 0.8])  # the unit vector from the middle through the tunnel
RADIUS, INNER, OUTER, ENTRY = 6.0, 25.0, 40.0, 55.0  # mm
_EDGES, _SHAPE = (0.8, 1.0, 1.25), (150, 120, 96)


@cache
def shell(*, hole: bool = True) -> Volume:
    """Return a shell of 25 to 40 mm around 0, with a tunnel of radius 6 mm or without, on oblong voxels."""
    affine = affine_for(_EDGES, _SHAPE, turn=20.0)
    places = grid_places(_SHAPE, affine)
    radius = np.linalg.norm(places, axis=-1)
    solid = (radius >= INNER) & (radius <= OUTER)
    if hole:
        along = places @ HOLE
        across = np.sqrt(np.maximum(radius**2 - along**2, 0))
        solid &= ~((along > 0) & (across < RADIUS))
    return volume_of(solid, affine, "scanner", simulated=True)


@cache
def scalp() -> Surface:
    """Return a ball of 55 mm around 0, a mesh."""
    affine = affine_for(4.0, (32, 32, 32))
    distance = np.linalg.norm(grid_places((32, 32, 32), affine), axis=-1) - ENTRY
    mesh = level_set(distance, affine, 0.0, inside_low=True)
    return Surface(mesh.vertices, mesh.faces, {}, space="scanner")


def target(place: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Points:
    """Return one target."""
    import xarray

    columns = {axis: ("point", [value]) for axis, value in zip("xyz", place, strict=True)}
    attrs = {"space": "scanner", "simulated": True}
    return Points(xarray.Dataset({**columns, "name": ("point", ["target"])}, attrs=attrs))


def tunnel() -> Example:
    """Return the shell with a tunnel, the scalp around it and a target in its middle."""
    items: dict[str, Data | tuple[Data, ...]] = {
        "obstacles": (shell(),), "entries": scalp(), "targets": target(),
    }  # fmt: skip
    return Example({"candidates": 4000}, items, {"obstacles": ("shell",)})
