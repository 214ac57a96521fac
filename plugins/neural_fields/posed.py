"""Pictures with cameras as a method works on them: pixels from 0 to 1, cameras, and which are held out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import BadInput, ImageStack

from .cameras import CONVENTION, TRUE_POSE, columns_of, in_convention, read_cameras, true_poses

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Params

    from .cameras import Array, Cameras, Convention

_FEWEST = 4


@dataclass(frozen=True, slots=True, eq=False)
class Posed:
    """Pictures ``pixels`` (n, height, width, 3) from 0 to 1 with their cameras and names.

    ``truth`` (n, 4, 4) are the true poses of simulated pictures whose cameras are starting guesses.
    """

    pixels: NDArray[np.float32]
    cameras: Cameras
    names: tuple[str, ...]
    simulated: bool
    truth: Array | None = None

    def __len__(self) -> int:
        return len(self.pixels)

    def only(self, rows: Any) -> Posed:
        """Return some of the pictures."""
        return replace(
            self,
            pixels=self.pixels[rows],
            cameras=self.cameras.only(rows),
            names=tuple(self.names[row] for row in rows),
            truth=None if self.truth is None else self.truth[rows],
        )


def read_posed(stack: ImageStack, convention: Convention, box: float = 0.0) -> Posed:
    """Return pictures and their cameras.

    Raises
    ------
    BadInput
        The cameras are missing or unclear, or the pixels are no brightness from 0 to 1 or 255.
    """
    array = stack.array
    cameras = read_cameras(stack, convention, box)
    values = np.asarray(array.to_numpy())
    scale = 255.0 if values.dtype == np.uint8 else 1.0
    values = values.astype(np.float32) / np.float32(scale)
    if not np.isfinite(values).all() or values.min() < 0 or values.max() > 1:
        raise BadInput(
            f"The pixels run from {values.min():.3g} to {values.max():.3g}. Give bytes, or numbers from 0 "
            "to 1."
        )
    pixels = values[..., :3] if values.ndim == 4 else np.repeat(values[..., None], 3, axis=-1)
    if pixels.shape[-1] == 1:
        pixels = np.repeat(pixels, 3, axis=-1)
    key = "id" if "id" in array.coords else str(array.dims[0])
    known = array.coords[key].to_numpy() if key in array.coords else np.arange(len(pixels))
    return Posed(
        pixels, cameras, tuple(map(str, known)), bool(array.attrs.get("simulated", False)),
        true_poses(stack, convention),
    )  # fmt: skip


def hold_out(n: int, share: float, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows to learn from and those held out, drawn at random.

    Raises
    ------
    BadInput
        There are too few pictures.
    """
    if n < _FEWEST:
        raise BadInput(f"There are {n} pictures; at least {_FEWEST} are needed, better 20.")
    order = np.random.default_rng([seed, 11]).permutation(n)
    held = min(max(1, round(share * n)), n - 2)
    return np.sort(order[held:]), np.sort(order[:held])


def stack_of(
    values: NDArray[Any],
    cameras: Cameras,
    names: tuple[str, ...],
    convention: Convention,
    *,
    unit: str = "1",
    simulated: bool,
    truth: Array | None = None,
) -> ImageStack:
    """Return pictures (n, height, width[, 3]) with their cameras as coordinates."""
    import xarray

    way: Literal["OpenCV", "OpenGL"] = "OpenGL" if convention == "OpenGL" else "OpenCV"
    coords: dict[str, Any] = {"id": ("item", np.array(names)), **cameras.coordinates(way)}
    if truth is not None:
        coords |= columns_of(TRUE_POSE, in_convention(truth, way))
    dims = ("item", "y", "x", "channel")[: values.ndim]
    attrs = {CONVENTION: way, "simulated": simulated, "unit": unit}
    return ImageStack(xarray.DataArray(values, dims=dims, coords=coords, attrs=attrs))


def fingerprint(posed: Posed, params: Params) -> str:
    """Return a hash of pictures, poses and parameters: a checkpoint goes on only with the same."""
    from neurostudio.training import hash_of_weights

    arrays = {"pixels": posed.pixels, "poses": posed.cameras.poses}
    return hash_of_weights(arrays) + params.model_dump_json()
