"""Images brought onto one grid: orientation, space, voxels, then each to mean 0 and spread 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, Estimate, Volume
from neurostudio.spaces import relation, space_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Context

    Array = NDArray[np.float64]

PAPER = (121, 128, 121)  # the grid of the released weights
_SAME = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A grid: ``shape`` in voxels and the affine (4, 4) to mm (RAS); ``space`` as in neurostudio.spaces."""

    shape: tuple[int, int, int]
    affine: Array
    space: str = ""

    def as_plain(self) -> dict[str, Any]:
        """Return plain values, to be kept with a model."""
        return {
            "shape": list(self.shape), "affine": np.asarray(self.affine).tolist(), "space": self.space,
        }  # fmt: skip

    @classmethod
    def from_plain(cls, kept: dict[str, Any]) -> Grid:
        """Return the grid of plain values."""
        x, y, z = (int(each) for each in kept["shape"])
        return cls((x, y, z), np.array(kept["affine"], float), str(kept["space"]))


def grid_for(
    volumes: Sequence[Volume], names: Sequence[str], size: int, *, paper: bool = False
) -> Grid:
    """Return the grid on which images are compared: that of the first, with ``size`` voxels an edge.

    ``size`` 0 keeps the voxels of the first image; ``paper`` crops or pads it to 121 x 128 x 121.

    Raises
    ------
    BadInput
        An image is a series, or is in another space than the first.
    """
    for volume, name in zip(volumes, names, strict=True):
        refuse(volume, name, volumes[0], names[0])
    image = _canonical(volumes[0])
    affine = np.asarray(image.affine, float)
    old = np.array(image.shape[:3], float)
    if paper:
        return cropped(Grid(image.shape[:3], affine, space_of(volumes[0])), PAPER)
    new = old if not size else np.full(3, float(size))
    scaled = affine.copy()
    scaled[:3, :3] = affine[:3, :3] * (old / new)
    scaled[:3, 3] = affine[:3, 3] + affine[:3, :3] @ ((old / new - 1) / 2)
    x, y, z = (int(each) for each in new)
    return Grid((x, y, z), scaled, space_of(volumes[0]))


def cropped(grid: Grid, shape: tuple[int, int, int]) -> Grid:
    """Return a grid cut off or filled up to a shape, evenly at both ends, its voxels where they were."""
    first = (np.array(grid.shape) - np.array(shape)) // 2
    affine = grid.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ first
    return Grid(shape, affine, grid.space)


def refuse(volume: Volume, name: str, first: Volume, first_name: str) -> None:
    """Raise where an image is a series, or in another space than the first.

    Raises
    ------
    BadInput
        The message names both.
    """
    shape = tuple(int(each) for each in volume.image.shape)
    if len(shape) != 3 or min(shape) < 4 or volume.image.get_data_dtype().names:
        words = " x ".join(map(str, shape))
        raise BadInput(
            f"{name} has the shape {words}; this needs one brain image a person, three numbers each at "
            "least 4. Give preprocessed T1 or grey-matter maps, no series and no colours."
        )
    same = relation(space_of(first), space_of(volume))
    if not same.linked:
        raise BadInput(
            f"{name} and {first_name} cannot be compared: {same.note} Register all images to one template."
        )


def stacked(
    context: Context, volumes: Sequence[Volume], names: Sequence[str], grid: Grid, scaled: str
) -> NDArray[np.float32]:
    """Return images (n, 1, x, y, z) on one grid; with ``scaled`` "image" each to mean 0 and spread 1."""
    rows = np.zeros((len(volumes), 1, *grid.shape), np.float32)
    work = list(zip(volumes, names, strict=True))
    for row, (volume, name) in enumerate(context.track(work, "Bringing images onto one grid")):
        values = on_grid(volume, grid)
        spread = float(values.std())
        if spread == 0:
            raise BadInput(f"All voxels of {name} have one value. Leave this image out.")
        rows[row, 0] = (values - values.mean()) / spread if scaled == "image" else values
    return rows


def on_grid(volume: Volume, grid: Grid) -> Array:
    """Return the values of an image on a grid, linear between voxels, 0 outside of the image.

    Where the grid is coarser the image is blurred first, so that no detail is folded.
    """
    from scipy.ndimage import affine_transform, gaussian_filter

    image = _canonical(volume)
    values = np.nan_to_num(np.asarray(image.dataobj, float), posinf=0.0, neginf=0.0)
    turn = np.linalg.inv(np.asarray(image.affine, float)) @ grid.affine
    if values.shape == grid.shape and np.allclose(turn, np.eye(4), atol=_SAME):
        return np.asarray(values)
    ratio = np.linalg.norm(turn[:3, :3], axis=1)
    values = gaussian_filter(values, np.maximum(0, (ratio - 1) / 2))
    found: Array = affine_transform(
        values, turn[:3, :3], turn[:3, 3], output_shape=grid.shape, order=1, mode="grid-constant"
    )
    return found


def _canonical(volume: Volume) -> Any:
    import nibabel

    return nibabel.as_closest_canonical(volume.image)


def estimate(n_people: int, n_voxels: int, batch: int, *, large: bool) -> Estimate:
    """Return the memory of a training on images."""
    maps = 2 * batch * n_voxels * (64 if large else 12) * 4
    return Estimate(
        3 * 4 * n_people * n_voxels + maps,
        "Use a smaller size, a smaller batch or the small encoder.",
    )


def canonical_values(volume: Volume) -> tuple[NDArray[np.float32], Array]:
    """Return the values (x, y, z) of an image with its axes to the right, front and up, and its affine."""
    image = _canonical(volume)
    values = np.nan_to_num(np.asarray(image.dataobj, np.float32), posinf=0.0, neginf=0.0)
    return values, np.asarray(image.affine, float)
