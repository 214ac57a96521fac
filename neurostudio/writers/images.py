"""Pictures: a folder of PNG with their labels, or one archive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neurostudio.data.labelled import coordinates_along
from neurostudio.errors import BadInput
from neurostudio.writers.base import writer

if TYPE_CHECKING:
    from pathlib import Path

    from neurostudio.data import ImageStack

LABELS = "labels.csv"


@writer(name="PNG folder", suffixes=("",), kinds=("ImageStack",), copies=0.1)
def write_folder(images: ImageStack, path: Path) -> list[str]:
    """Write a PNG a picture, numbered in order, and their labels as ``labels.csv``."""
    import numpy as np
    import pandas as pd
    from PIL import Image

    array = images.array
    colours = int(array.sizes.get("channel", 1))
    if colours not in {1, 3, 4}:
        raise BadInput(
            f"PNG holds 1, 3 or 4 colours and these pictures have {colours}. Export as NPZ."
        )
    low, high = _extent(array)
    path.mkdir()
    files = []
    for number in range(array.shape[0]):
        values = np.asarray(array[number].to_numpy()).squeeze()
        files.append(f"{number:06d}.png")
        Image.fromarray(_as_bytes(values, low, high)).save(path / files[-1])
    first = str(array.dims[0])
    labels = {name: array[name].to_numpy() for name in coordinates_along(array, first)}
    pd.DataFrame({"file": files, **labels}).to_csv(path / LABELS, index=False)
    if array.dtype == np.uint8:
        return []
    return [f"PNG holds 8 bits a value; {low:g} to {high:g} became 0 to 255."]


@writer(name="NPZ", suffixes=(".npz",), kinds=("ImageStack",), copies=1.0)
def write_npz(images: ImageStack, path: Path) -> list[str]:
    """Write the pictures as ``images``, each label under its own name."""
    import numpy as np

    array = images.array
    arrays: dict[str, Any] = {"images": array.to_numpy()}
    for name in coordinates_along(array, str(array.dims[0])):
        values = array[name].to_numpy()
        arrays[name] = values.astype(str) if values.dtype == object else values
    np.savez_compressed(path, **arrays)
    return []


def _extent(array: Any) -> tuple[float, float]:
    """Return lowest and highest value, picture by picture, as they may not fit into memory."""
    import numpy as np

    if array.dtype == np.uint8:
        return 0.0, 255.0
    edges = [
        (float(np.nanmin(values)), float(np.nanmax(values)))
        for values in (array[number].to_numpy() for number in range(array.shape[0]))
    ]
    return min(low for low, _ in edges), max(high for _, high in edges)


def _as_bytes(values: Any, low: float, high: float) -> Any:
    import numpy as np

    if values.dtype == np.uint8:
        return values
    scaled = (np.nan_to_num(values, nan=low) - low) / ((high - low) or 1.0)
    return np.rint(255 * scaled).astype(np.uint8)
