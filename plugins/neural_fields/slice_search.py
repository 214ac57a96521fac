"""Where a plane lies in a volume: its pose is moved until the volume's slice agrees with the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from neurostudio.training import Recipe, train

from .pose_search import Pose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from neurostudio.api import Context

    Array = NDArray[np.float64]

_PER_EPOCH = 10
_FLOOR = 0.1
_MOST_PIXELS = 6000


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A volume to look in: ``values`` (x, y, z), its affine, and the middle and half extent in mm."""

    values: NDArray[np.float32]
    affine: Array
    middle: Array
    half: float

    def blurred(self, width: float) -> Ground:
        """Return the volume blurred by a Gaussian of a standard deviation in mm."""
        from scipy import ndimage

        edges = np.linalg.norm(self.affine[:3, :3], axis=0)
        soft = ndimage.gaussian_filter(self.values, width / edges)
        return Ground(soft, self.affine, self.middle, self.half)


def pixels_of(shape: tuple[int, int], pixel: float) -> Array:
    """Return the places (height, width, 3) of pixels in mm across and down from their plane's middle."""
    height, width = shape
    across = (np.arange(width) - (width - 1) / 2) * pixel
    down = (np.arange(height) - (height - 1) / 2) * pixel
    found = np.zeros((height, width, 3))
    found[..., 0], found[..., 1] = across[None], down[:, None]
    return found


class Sight:
    """One picture, and what a volume shows in its place from any pose."""

    def __init__(self, ground: Ground, picture: Array, pixel: float, device: str) -> None:
        self.ground = ground
        every = max(1, int(np.ceil(np.sqrt(picture.size / _MOST_PIXELS))))
        places = pixels_of((picture.shape[0], picture.shape[1]), pixel)[::every, ::every]
        self.places = self._tensor(places.reshape(-1, 3) / ground.half, device)
        self.truth = self._tensor(picture[::every, ::every].ravel(), device)
        self.values = self._tensor(ground.values, device)[None, None]
        inverse = np.linalg.inv(ground.affine)
        last = np.array(ground.values.shape) - 1.0
        # from the coordinates of the pose to grid_sample's, where -1 and 1 are the outer voxels' centres
        turn = 2 * inverse[:3, :3] * ground.half / last[:, None]
        shift = 2 * (inverse[:3, :3] @ ground.middle + inverse[:3, 3]) / last - 1
        self.turn, self.shift = self._tensor(turn, device), self._tensor(shift, device)

    @staticmethod
    def _tensor(values: Any, device: str) -> torch.Tensor:
        return torch.as_tensor(np.ascontiguousarray(values), dtype=torch.float32, device=device)

    def seen(self, pose: torch.Tensor) -> torch.Tensor:
        """Return the volume's values (n,) at the pixels from a pose (4, 4)."""
        placed = self.places @ pose[:3, :3].T + pose[:3, 3]
        grid = (placed @ self.turn.T + self.shift).flip(-1)[None, None, None]
        found = torch.nn.functional.grid_sample(
            self.values, grid, padding_mode="zeros", align_corners=True
        )
        line: torch.Tensor = found[0, 0, 0, 0]
        return line

    def loss(self, pose: torch.Tensor) -> torch.Tensor:
        """Return 1 - NCC: 0 where the slice is the picture up to brightness and contrast."""
        alike: torch.Tensor = correlation(self.seen(pose), self.truth)
        return torch.ones_like(alike) - alike


def correlation(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Return the normalised cross-correlation of two pictures (n,)."""
    a, b = one - one.mean(), other - other.mean()
    found: torch.Tensor = (a * b).sum() / (a.norm() * b.norm()).clamp_min(1e-6)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A pose (4, 4), its columns across, down, normal and the middle in mm; its loss and the way there."""

    pose: Array
    loss: float
    losses: list[float]


def search(
    context: Context,
    sight: Sight,
    start: Array,
    steps: int,
    rate: float,
    name: str,
    fingerprint: str,
) -> Found:
    """Return the pose that a start (4, 4) leads to."""
    ground = sight.ground
    inside = start.copy()
    inside[:3, 3] = (start[:3, 3] - ground.middle) / ground.half
    pose = Pose(torch.as_tensor(inside, dtype=torch.float32, device=sight.truth.device))

    def deal(generator: torch.Generator) -> Iterator[None]:
        del generator
        for _ in range(_PER_EPOCH):
            yield None

    history = train(
        context, pose, deal, lambda network, batch: sight.loss(pose.matrix()),
        Recipe(steps=steps, learning_rate=rate, weight_decay=0.0, clip=0.0, floor=_FLOOR, stage=name,
               watch=""),
        steps_per_epoch=_PER_EPOCH, series={"stage": name}, fingerprint=f"{fingerprint} {start.tolist()}",
    )  # fmt: skip
    with torch.no_grad():
        matrix = pose.matrix().cpu().numpy().astype(float)
        loss = float(sight.loss(pose.matrix()))
    matrix[:3, 3] = matrix[:3, 3] * ground.half + ground.middle
    return Found(matrix, loss, history.column("train_loss"))


def starts_around(start: Array, n: int, angle: float, away: float, seed: int) -> list[Array]:
    """Return a start (4, 4) and ``n`` - 1 more, turned by at most ``angle`` degrees, moved by ``away`` mm."""
    from scipy.spatial.transform import Rotation

    random = np.random.default_rng([seed, 61])
    found = [start]
    for _ in range(n - 1):
        axis, way = random.standard_normal((2, 3))
        turn = np.radians(angle) * random.uniform() * axis / np.linalg.norm(axis)
        other = start.copy()
        other[:3, :3] = Rotation.from_rotvec(turn).as_matrix() @ start[:3, :3]
        other[:3, 3] += away * random.uniform() * way / np.linalg.norm(way)
        found.append(other)
    return found
