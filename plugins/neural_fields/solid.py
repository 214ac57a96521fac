"""The body in a radiance field: where it turns opaque."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .radiance import DENSE, Radiance

if TYPE_CHECKING:
    from numpy.typing import NDArray


def mesh_of(field: Any) -> tuple[NDArray[np.float64], NDArray[np.int64]] | None:
    """Return vertices in mm and faces where the way through one voxel stops half of the light.

    None for Gaussians, and for a field that is transparent everywhere.
    """
    import torch
    from skimage import measure

    if not isinstance(field, Radiance):
        return None
    raw = field.grid[0, 0].detach().cpu()
    density = (DENSE * torch.nn.functional.softplus(raw)).numpy()
    edge = 2 / (len(density) - 1)
    level = math.log(2) / edge
    if not density.min() < level < density.max():
        return None
    cubes: Any = measure.marching_cubes
    vertices, faces, _, _ = cubes(density, level)
    places = vertices[:, ::-1] * edge - 1  # the grid lies z, y, x
    middle = field.centre.cpu().numpy().astype(float)
    return places * float(field.reach) + middle, faces.astype(np.int64)
