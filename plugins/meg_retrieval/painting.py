"""Pictures painted from embeddings: what a linear generator can bring back."""

from __future__ import annotations

import numpy as np
import xarray

from neurostudio.api import ImageStack, Table

from .preparing import read_embeddings

SIDE = 24


def painted(features: Table, side: int = SIDE) -> ImageStack:
    """Return a grey picture (side, side) for each row: slow waves, one a feature, of its size.

    Parameters
    ----------
    features
        With the id of each picture in ``picture`` and its category in ``category``.
    """
    found = read_embeddings(features, "picture")
    grid = (np.arange(side) + 0.5) / side
    n = int(np.ceil(np.sqrt(found.values.shape[1])))
    waves = [
        np.cos(np.pi * k * grid)[:, None] * np.cos(np.pi * m * grid)
        for k in range(n)
        for m in range(n)
    ][: found.values.shape[1]]
    summed = np.tensordot(found.values, np.stack(waves), axes=1)
    pixels = np.clip(128 + 128 * summed / (4 * summed.std()), 0, 255).astype(np.uint8)
    coords = {
        "id": ("item", np.array(found.ids)),
        "category": ("item", features.frame["category"].to_numpy(dtype=str)),
    }
    return ImageStack(
        xarray.DataArray(
            pixels, dims=("item", "y", "x"), coords=coords, attrs={"unit": "grey value"}
        )
    )
