"""A small head with a planted truth: ellipsoids of known size and brightness, on an oblique grid."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from neurostudio.api import Example, ImageStack, TrainedModel, Volume

from .images import volume_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

SHAPE = (28, 32, 24)
STEP = 5.0  # mm
_PARTS = (  # centre and half axes in mm, brightness
    ((0, 0, 0), (60, 70, 52), 0.4),
    ((0, 5, 0), (50, 58, 42), 0.4),
    ((-18, 8, 6), (10, 22, 9), -0.5),
    ((18, 8, 6), (10, 22, 9), -0.5),
    ((6, -34, -14), (15, 10, 12), 0.3),
)


def affine_for(
    step: float | tuple[float, ...] = STEP, shape: tuple[int, ...] = SHAPE, turn: float = 0.0
) -> Array:
    """Return an affine whose grid has its middle at 0 mm, turned by an angle in degrees about z."""
    edges = np.broadcast_to(np.asarray(step, float), 3)
    angle = np.radians(turn)
    rotation = np.array(
        [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
    )
    affine = np.eye(4)
    affine[:3, :3] = rotation * edges
    affine[:3, 3] = -affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    return affine


def head(places: Array, softness: float = 4.0) -> Array:
    """Return the brightness (...,) of the planted head at places (..., 3) in mm."""
    found = np.zeros(places.shape[:-1])
    for centre, axes, bright in _PARTS:
        radius = np.linalg.norm((places - np.array(centre)) / np.array(axes), axis=-1)
        found += bright / (1 + np.exp(np.clip((radius - 1) * min(axes) / softness, -50, 50)))
    return found


def grid_places(shape: tuple[int, ...], affine: Array) -> Array:
    """Return the places (x, y, z, 3) in mm of the voxels of a grid."""
    voxels = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), axis=-1)
    return voxels @ affine[:3, :3].T + affine[:3, 3]


@cache
def head_volume() -> Volume:
    """Return the planted head."""
    affine = affine_for(turn=10.0)
    return volume_of(head(grid_places(SHAPE, affine)), affine, "scanner", simulated=True)


@cache
def head_mask() -> Volume:
    """Return where the planted head's brain is."""
    affine = affine_for(turn=10.0)
    inside = np.linalg.norm(grid_places(SHAPE, affine) / np.array([60, 70, 52]), axis=-1) < 1
    return volume_of(inside, affine, "scanner", simulated=True)


def volume() -> Example:
    """Return the planted head and its mask for a short fit."""
    small = {"entries": 12, "steps": 60, "batch": 2048}
    return Example(small, {"volume": head_volume(), "mask": head_mask()})


def surface() -> Example:
    """Return the planted head's mask, an ellipsoid of half axes 60, 70 and 52 mm, for a short fit."""
    small = {"entries": 12, "steps": 100, "batch": 1024, "places": 20_000}
    return Example(small, {"body": head_mask()})


def field_to_ask() -> Example:
    """Return a field that is as bright as its place is far to the right, asked on a coarse grid."""
    return Example({"step": 10.0}, {"model": slope_model()})


@cache
def slope_model() -> TrainedModel:
    """Return a field on a grid of 2 cells a side whose value is x / 60 mm."""
    import torch

    from .encoders import Architecture, Field
    from .fields import Box, Placed, as_model

    network = Field(Architecture("voxel", finest=2))
    with torch.no_grad():
        line = torch.linspace(-1, 1, 3)
        network.body.grid.copy_(line[None, None, :, None, None].expand(1, 1, 3, 3, 3))  # type: ignore[operator]
    bounds = np.array([[-60.0, 60.0], [-60.0, 60.0], [-40.0, 40.0]])
    placed = Placed(
        network, Box(np.zeros(3), 60.0), "intensity", space="scanner", simulated=True, bounds=bounds
    )
    return as_model(placed, "fit_volume")


@cache
def sharp_head() -> Volume:
    """Return the planted head with borders that are sharper than its voxels."""
    affine = affine_for(turn=10.0)
    values = head(grid_places(SHAPE, affine), softness=1.0)
    return volume_of(values, affine, "scanner", simulated=True)


def thick_stacks() -> Example:
    """Return the planted head as three stacks of slices four voxels thick, and itself as the truth."""
    from .stacks import thick

    small = {"entries": 14, "steps": 200, "batch": 2048, "rate": 0.02}
    truth = sharp_head()
    stacks = tuple(thick(truth, axis, 4, 0.01, 0) for axis in range(3))
    return Example(small, {"stacks": stacks, "truth": truth, "mask": head_mask()})


TILT = {"pitch": 18.0, "roll": -9.0, "up": 8.0, "right": 5.0}


@cache
def tilted_slice() -> ImageStack:
    """Return an oblique picture of the planted head; its plane stands beside it."""
    import xarray

    from .sampling import plane_axes

    across, up = plane_axes(TILT["pitch"], TILT["roll"])
    along = (np.arange(48) - 23.5) * 3.0
    middle = np.array([TILT["right"], 0.0, TILT["up"]])
    places = middle + along[None, :, None] * across + along[::-1, None, None] * up
    random = np.random.default_rng(7)
    pixels = head(places) + 0.02 * random.standard_normal(places.shape[:2])
    vectors = {"corner": places[0, 0], "across": 3.0 * across, "down": -3.0 * up}
    coords = {"id": ("item", ["oblique"])} | {
        f"{kind}_{axis}": ("item", [float(value[k])])
        for kind, value in vectors.items()
        for k, axis in enumerate("xyz")
    }
    attrs = {"unit": "1", "simulated": True, "space": "scanner"}
    return ImageStack(
        xarray.DataArray(pixels[None], dims=("item", "y", "x"), coords=coords, attrs=attrs)
    )


def lost_slice() -> Example:
    """Return the head and an oblique picture of it; the guess is the middle axial plane."""
    return Example(
        {"starts": 4, "steps": 100}, {"where": head_volume(), "pictures": tilted_slice()}
    )
