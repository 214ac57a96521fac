"""Gaussians in space, projected, sorted by depth and blended, in torch alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from .radiance import Rendered

if TYPE_CHECKING:
    from collections.abc import Sequence

NEAR = 0.05  # in half edges: what is nearer to the camera, or behind it, is not drawn
_BLUR = 0.3  # pixels squared, added to every projected covariance
_MOST_OPAQUE = 0.99
# centre, log scale, turn, opacity, colour; a step of Adam has this size, see Recipe
RATES = {"centres": 0.004, "scales": 0.02, "turns": 0.01, "opacities": 0.05, "colours": 0.03}


class Splats(torch.nn.Module):
    """Gaussians in the coordinates of a box, which is -1 to 1.

    ``centres`` (n, 3) and ``scales`` (n, 3), their logarithms, in half edges of the box; ``turns`` (n, 4),
    quaternions (w, x, y, z); ``opacities`` (n,) and ``colours`` (n, 3) before the sigmoid. With
    ``by_kernels`` gsplat draws them, which needs CUDA.
    """

    centre: torch.Tensor
    reach: torch.Tensor

    def __init__(self, n: int, centre: Sequence[float], half: float) -> None:
        super().__init__()
        self.by_kernels = False
        self.centres = torch.nn.Parameter(torch.zeros(n, 3))
        self.scales = torch.nn.Parameter(torch.zeros(n, 3))
        turns = torch.zeros(n, 4)
        turns[:, 0] = 1
        self.turns = torch.nn.Parameter(turns)
        self.opacities = torch.nn.Parameter(torch.zeros(n))
        self.colours = torch.nn.Parameter(torch.zeros(n, 3))
        self.register_buffer("centre", torch.tensor(list(centre), dtype=torch.float32))
        self.register_buffer("reach", torch.tensor(float(half)))

    @torch.no_grad()
    def scatter(self, generator: torch.Generator) -> None:
        """Spread the Gaussians at random through the ball in the box: small, grey and half transparent."""
        n = len(self.centres)
        way = torch.nn.functional.normalize(torch.randn(n, 3, generator=generator), dim=1)
        far = torch.rand(n, 1, generator=generator) ** (1 / 3)
        self.centres.copy_(0.8 * far * way)
        self.scales.fill_(float(torch.log(torch.tensor(0.6 / n ** (1 / 3)))))
        self.opacities.fill_(-2.0)
        self.colours.zero_()

    def covariances(self) -> torch.Tensor:
        """Return Sigma = R S S^T R^T, (n, 3, 3), in half edges squared."""
        w, x, y, z = torch.nn.functional.normalize(self.turns, dim=1).unbind(dim=1)
        rows = (
            (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
            (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
            (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
        )
        turn = torch.stack([torch.stack(row, dim=1) for row in rows], dim=1)
        root = turn * torch.exp(self.scales)[:, None]
        return root @ root.transpose(1, 2)

    def render(
        self,
        pose: torch.Tensor,
        intrinsics: torch.Tensor,
        shape: tuple[int, int],
        background: float,
    ) -> Rendered:
        """Return a picture's pixels, row after row: colour (n_pixels, 3), alpha, depth (n_pixels,).

        Parameters
        ----------
        pose : tensor of shape (4, 4)
            From the camera (OpenCV axes) to the box's coordinates.
        intrinsics : tensor of shape (3, 3)
            In pixels.

        Notes
        -----
        Sigma' = J W Sigma W^T J^T + 0.3 I, a_i = alpha_i exp(-(p - mu')^T Sigma'^-1 (p - mu') / 2),
        C = sum_i c_i a_i prod_{j<i} (1 - a_j), i sorted by depth. The depth is the mean distance of the
        centres from the camera, weighted as their colours.
        """
        if self.by_kernels:
            from .cuda_splats import draw

            return draw(self, pose, intrinsics, shape, background)
        turn = pose[:3, :3].T
        placed = (self.centres - pose[:3, 3]) @ turn.T
        order = torch.argsort(placed[:, 2], stable=True)
        placed = placed[order]
        middle, spread = _projected(placed, self.covariances()[order], turn, intrinsics)
        power = _power(middle, spread, shape)
        drawn = torch.sigmoid(self.opacities[order]) * (placed[:, 2] > NEAR)
        a = (drawn[:, None] * torch.exp(power)).clamp_max(_MOST_OPAQUE)
        clear = torch.log1p(-a)
        weights = a * torch.exp(torch.cumsum(clear, dim=0) - clear)
        total = weights.sum(dim=0)
        seen = weights.T @ torch.sigmoid(self.colours[order])
        depth = weights.T @ placed.norm(dim=1) / total.clamp_min(1e-6)
        return Rendered(seen + (1 - total)[:, None] * background, total, depth)


def _projected(
    placed: torch.Tensor, spread: torch.Tensor, turn: torch.Tensor, intrinsics: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return centres (n, 2) and covariances (n, 2, 2) in pixels of Gaussians in the camera's axes."""
    x, y, z = placed[:, 0], placed[:, 1], placed[:, 2].clamp_min(NEAR)
    fx, fy = intrinsics[0, 0], intrinsics[1, 1]
    none = torch.zeros_like(x)
    slope = torch.stack(
        [
            torch.stack([fx / z, none, -fx * x / z**2], dim=1),
            torch.stack([none, fy / z, -fy * y / z**2], dim=1),
        ],
        dim=1,
    )
    seen = slope @ turn
    flat = seen @ spread @ seen.transpose(1, 2) + _BLUR * torch.eye(2, device=placed.device)
    middle = torch.stack([fx * x / z + intrinsics[0, 2], fy * y / z + intrinsics[1, 2]], dim=1)
    return middle, flat


def _power(middle: torch.Tensor, spread: torch.Tensor, shape: tuple[int, int]) -> torch.Tensor:
    """Return -(p - mu')^T Sigma'^-1 (p - mu') / 2 for all Gaussians and pixels, (n, n_pixels)."""
    a, b, c = spread[:, 0, 0], spread[:, 0, 1], spread[:, 1, 1]
    area = (a * c - b * b).clamp_min(1e-9)
    dx = torch.arange(shape[1], device=middle.device) + 0.5 - middle[:, :1]
    dy = torch.arange(shape[0], device=middle.device) + 0.5 - middle[:, 1:]
    across = (c / area)[:, None] * dx**2
    up = (a / area)[:, None] * dy**2
    both = (-2 * b / area)[:, None, None] * dy[:, :, None] * dx[:, None]
    return (-0.5 * (across[:, None] + up[:, :, None] + both)).flatten(1)
