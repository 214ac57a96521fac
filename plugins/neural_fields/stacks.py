"""Stacks of thick slices: where their slices lie, what a slice averages over, and their plain mean."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import BadInput, Volume

from .images import affine_of, values_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Context

    Array = NDArray[np.float64]

Profile = Literal["box", "Gaussian"]
MOST = 16
_FOLD = np.sqrt(8 * np.log(2))  # full width at half maximum of a bell curve in standard deviations
_WIDER = 2.0  # thicknesses that a Gaussian profile reaches over


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """A stack's voxels, and what each is the mean of.

    ``steps`` (k, 3) in mm lead from a voxel's centre to its sub-samples along the slices' normal, whose
    ``weights`` (k,) sum to 1. ``thickness`` and ``fine`` are the edges of a voxel across and within a slice.
    """

    values: NDArray[np.float32]
    affine: Array
    steps: Array
    weights: Array
    thickness: float
    fine: float

    def thin(self) -> Stack:
        """Return the stack as if each voxel were a point: the control."""
        return replace(self, steps=np.zeros((1, 3)), weights=np.ones(1))


def stack_of(volume: Volume, name: str, count: int = 0, profile: Profile = "box") -> Stack:
    """Return a stack; its slices lie across its longest voxel edge.

    ``count`` sub-samples stand for a slice; 0 for as many as its thickness has fine edges.

    Raises
    ------
    BadInput
        The image is constant.
    """
    values, affine = values_of(volume, name), affine_of(volume)
    if not np.ptp(values) > 0:
        raise BadInput(f"{name} is the same everywhere; there is nothing to fit.")
    edges = np.linalg.norm(affine[:3, :3], axis=0)
    axis = int(edges.argmax())
    thickness, fine = float(edges[axis]), float(edges.min())
    k = min(MOST, count or max(1, round(thickness / fine)))
    reach = thickness * (_WIDER if profile == "Gaussian" else 1.0)
    along = (np.arange(1, k + 1) - (k + 1) / 2) * reach / k
    weights = np.ones(k)
    if profile == "Gaussian":
        weights = np.exp(-0.5 * (along / (thickness / _FOLD)) ** 2)
    normal = affine[:3, axis] / thickness
    return Stack(values, affine, along[:, None] * normal, weights / weights.sum(), thickness, fine)


def target_grid(stack: Stack, step: float) -> tuple[tuple[int, int, int], Array]:
    """Return shape and affine of a grid of cubes that fills a stack's box, along its axes."""
    from neurostudio.grids import place_of

    edges = np.linalg.norm(stack.affine[:3, :3], axis=0)
    sizes = np.array(stack.values.shape) * edges
    n_x, n_y, n_z = (max(1, round(size / step)) for size in sizes)
    affine = np.eye(4)
    affine[:3, :3] = stack.affine[:3, :3] / edges * step
    middle = place_of(stack.affine, (np.array(stack.values.shape) - 1) / 2)
    affine[:3, 3] = middle - affine[:3, :3] @ ((np.array([n_x, n_y, n_z]) - 1) / 2)
    return (n_x, n_y, n_z), affine


def cubic_mean(
    context: Context, stacks: Sequence[Stack], shape: tuple[int, ...], affine: Array
) -> NDArray[np.float32]:
    """Return the mean of the stacks, each brought to a grid by cubic splines: the plain way."""
    from scipy import ndimage

    total = np.zeros(shape)
    for each in context.track(stacks, "Cubic splines"):
        splines = ndimage.spline_filter(each.values.astype(float), order=3, mode="nearest")
        turn = np.linalg.inv(each.affine) @ affine
        for x in context.track(range(shape[0]), "Cubic splines"):
            voxels = np.indices((1, *shape[1:])).reshape(3, -1)
            voxels[0] = x
            own = turn[:3, :3] @ voxels + turn[:3, 3:]
            found = ndimage.map_coordinates(splines, own, order=3, mode="nearest", prefilter=False)
            total[x] += found.reshape(shape[1:])
    return np.asarray(total / len(stacks), np.float32)


def thick(volume: Volume, axis: int, factor: int, noise: float, seed: int) -> Volume:
    """Return a volume as thick slices see it: the mean of ``factor`` voxels along an axis, and noise.

    ``noise`` is in shares of the range. Planes at the end that fill no slice are left out.
    """
    from neurostudio.spaces import space_of

    from .images import volume_of

    values, affine = values_of(volume), affine_of(volume).copy()
    count = values.shape[axis] // factor
    kept = np.moveaxis(values, axis, 0)[: count * factor]
    means = kept.reshape(count, factor, *kept.shape[1:]).mean(axis=1)
    random = np.random.default_rng([seed, 51, axis])
    means = means + noise * np.ptp(values) * random.standard_normal(means.shape)
    affine[:3, 3] += affine[:3, axis] * (factor - 1) / 2
    affine[:3, axis] *= factor
    found: Any = np.moveaxis(means, 0, axis).astype(np.float32)
    return volume_of(found, affine, space_of(volume), simulated=True)
