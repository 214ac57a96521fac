"""Where a camera was: its pose is moved until the field's picture agrees with what the camera saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from neurostudio.training import Recipe, train

from .cameras import angle_between
from .radiance import Radiance
from .rigid import exponential
from .seeing import inside_box

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from neurostudio.api import Context
    from neurostudio.training import History

    from .cameras import Array
    from .posed import Posed
    from .seeing import Field

_PER_EPOCH = 10
_HUBER = 0.1  # of the brightness: beyond, a difference counts linearly
_DIFFERS, _WIDER = 0.04, 4  # from the background; pixels by which what differs is widened
_FLOOR = 0.1


@dataclass(frozen=True, slots=True)
class Search:
    """How to look for a pose: steps, rays of a step, learning rate, brightness behind the body."""

    steps: int
    rays: int
    rate: float
    background: float


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A pose (4, 4) in mm, its loss over all pixels of interest, and the way there.

    ``empty`` is the loss of an empty picture over the same pixels.
    """

    pose: Array
    loss: float
    empty: float
    history: History


class Pose(torch.nn.Module):
    """A pose T = exp(xi) T_0 in the coordinates of the field's box; ``xi`` (6,) begins at 0."""

    start: torch.Tensor

    def __init__(self, start: torch.Tensor) -> None:
        super().__init__()
        self.xi = torch.nn.Parameter(torch.zeros(6, device=start.device))
        self.register_buffer("start", start)

    def matrix(self) -> torch.Tensor:
        """Return the pose (4, 4)."""
        return exponential(self.xi) @ self.start


class Sight:
    """One picture, and what a field shows in its place from any pose."""

    def __init__(self, field: Field, posed: Posed, number: int, background: float) -> None:
        device = field.centre.device
        self.field, self.background = field, background
        self.shape = posed.cameras.shape
        self.truth = torch.as_tensor(posed.pixels[number].reshape(-1, 3)).to(device)
        intrinsics = posed.cameras.intrinsics[number]
        self.intrinsics = torch.as_tensor(intrinsics, dtype=torch.float32).to(device)
        height, width = self.shape
        x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
        rays = np.stack([x, y, np.ones_like(x)], axis=-1).reshape(-1, 3)
        rays = rays @ np.linalg.inv(intrinsics).T
        rays /= np.linalg.norm(rays, axis=1, keepdims=True)
        self.rays = torch.as_tensor(rays, dtype=torch.float32).to(device)
        self.pixels = self._interesting()

    def _interesting(self) -> torch.Tensor:
        """Return the pixels around what differs from the background, all where nothing does."""
        other = (self.truth - self.background).abs().amax(dim=1) > _DIFFERS
        mask = other.float().view(1, 1, *self.shape)
        wide = torch.nn.functional.max_pool2d(mask, 2 * _WIDER + 1, 1, _WIDER)
        found = torch.nonzero(wide.flatten() > 0)[:, 0]
        return found if len(found) else torch.arange(len(other), device=other.device)

    def seen(self, pose: torch.Tensor, pixels: torch.Tensor) -> torch.Tensor:
        """Return the colours (n, 3) of pixels (n,) from a pose in the box's coordinates."""
        if isinstance(self.field, Radiance):
            directions = self.rays[pixels] @ pose[:3, :3].T
            origins = pose[:3, 3].expand(len(pixels), 3)
            return self.field.render(origins, directions, self.background).colour
        whole = self.field.render(pose, self.intrinsics, self.shape, self.background)
        return whole.colour[pixels]

    def loss(self, pose: torch.Tensor, pixels: torch.Tensor) -> torch.Tensor:
        """Return the mean Huber residual over pixels."""
        return torch.nn.functional.huber_loss(
            self.seen(pose, pixels), self.truth[pixels], delta=_HUBER
        )

    def empty(self) -> float:
        """Return the loss of a picture that shows the background alone."""
        truth = self.truth[self.pixels]
        ground = torch.full_like(truth, self.background)
        return float(torch.nn.functional.huber_loss(ground, truth, delta=_HUBER))

    def deal(self, size: int) -> Callable[[torch.Generator], Iterator[torch.Tensor]]:
        """Return what draws pixels of interest, ``size`` a step."""

        def draw(generator: torch.Generator) -> Iterator[torch.Tensor]:
            for _ in range(_PER_EPOCH):
                rows = torch.randint(len(self.pixels), (size,), generator=generator)
                yield self.pixels[rows.to(self.pixels.device)]

        return draw


def search(
    context: Context,
    how: Search,
    sight: Sight,
    start: Array,
    name: str,
    *,
    truth: Array | None = None,
    show: Callable[[Array], None] | None = None,
) -> Found:
    """Return the pose that a start (4, 4), mm, leads to.

    With the ``truth`` (4, 4) the error is among the live curves; it steers nothing.
    """
    pose = Pose(inside_box(sight.field, start[None])[0])

    def outside() -> Array:
        matrix = pose.matrix().detach().cpu().numpy().astype(float)
        middle = sight.field.centre.cpu().numpy().astype(float)
        matrix[:3, 3] = matrix[:3, 3] * float(sight.field.reach) + middle
        return np.asarray(matrix)

    def validate(network: Any) -> dict[str, float]:
        del network
        if truth is None:
            return {}
        return {"angle_error": angle_between(outside()[:3, :3], truth[:3, :3])}

    for parameter in sight.field.parameters():
        parameter.requires_grad_(False)
    history = train(
        context, pose, sight.deal(how.rays), lambda network, pixels: sight.loss(pose.matrix(), pixels),
        Recipe(steps=how.steps, learning_rate=how.rate, weight_decay=0.0, clip=0.0, floor=_FLOOR,
               stage=name, watch=""),
        steps_per_epoch=_PER_EPOCH, series={"stage": name}, validate=validate,
        fingerprint=f"{how} {start.tolist()}",
        after_epoch=None if show is None else lambda network, epoch: show(outside()),
    )  # fmt: skip
    with torch.no_grad():
        loss = float(sight.loss(pose.matrix(), sight.pixels))
    return Found(outside(), loss, sight.empty(), history)


def other_starts(start: Array, middle: Array, n: int, spread: float, seed: int) -> list[Array]:
    """Return a start (4, 4) and ``n`` - 1 more, turned around the middle by up to ``spread`` degrees."""
    from scipy.spatial.transform import Rotation

    random = np.random.default_rng([seed, 13])
    found = [start]
    for _ in range(n - 1):
        axis = random.standard_normal(3)
        angle = np.radians(spread) * np.sqrt(random.uniform())
        turn = Rotation.from_rotvec(angle * axis / np.linalg.norm(axis)).as_matrix()
        other = start.copy()
        other[:3, :3] = turn @ start[:3, :3]
        other[:3, 3] = middle + turn @ (start[:3, 3] - middle)
        found.append(other)
    return found
