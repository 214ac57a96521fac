"""A radiance field on a grid of voxels: density and colour, and what a ray sees of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

DENSE = 40.0  # density a unit of raw, per half edge of the box
TRANSPARENT = -5.0  # a dense start destroys the generalisation


class Rendered(NamedTuple):
    """What rays see: ``colour`` (n, 3), ``alpha`` (n,), ``depth`` (n,) in half edges along the ray."""

    colour: torch.Tensor
    alpha: torch.Tensor
    depth: torch.Tensor


class Radiance(torch.nn.Module):
    """Density and colour on a cube of voxels; in its coordinates the cube is -1 to 1.

    ``grid`` (1, 4, z, y, x): raw density, then raw red, green, blue. sigma = 40 softplus(raw),
    c = sigmoid(raw), trilinear between voxels. ``n_samples`` places are asked for along a ray.
    """

    centre: torch.Tensor
    reach: torch.Tensor

    def __init__(
        self, edge: int, centre: Sequence[float], half: float, n_samples: int = 64
    ) -> None:
        super().__init__()
        self.n_samples = n_samples
        grid = torch.zeros(1, 4, edge, edge, edge)
        grid[:, 0] = TRANSPARENT
        self.grid = torch.nn.Parameter(grid)
        self.register_buffer("centre", torch.tensor(list(centre), dtype=torch.float32))
        self.register_buffer("reach", torch.tensor(float(half)))

    def finer(self, edge: int) -> Radiance:
        """Return a field of ``edge`` voxels a side that begins where this one ended."""
        other = Radiance(edge, self.centre.tolist(), float(self.reach), self.n_samples)
        with torch.no_grad():
            other.grid.copy_(
                torch.nn.functional.interpolate(
                    self.grid, (edge, edge, edge), mode="trilinear", align_corners=True
                )
            )
        return other

    def at(self, places: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return density (n,) and colour (n, 3) at places (n, 3) within the cube."""
        raw = torch.nn.functional.grid_sample(
            self.grid, places.view(1, -1, 1, 1, 3), padding_mode="border", align_corners=True
        ).view(4, -1)
        return DENSE * torch.nn.functional.softplus(raw[0]), torch.sigmoid(raw[1:]).T

    def inwards(self, places: torch.Tensor) -> torch.Tensor:
        """Return places of the world in mm, (…, 3), in the cube's coordinates."""
        return (places - self.centre) / self.reach

    def render(
        self,
        origins: torch.Tensor,
        directions: torch.Tensor,
        background: float,
        jitter: torch.Tensor | None = None,
    ) -> Rendered:
        """Return what rays see.

        Parameters
        ----------
        origins, directions : tensors of shape (n, 3)
            In the cube's coordinates; directions of unit length.
        background
            Brightness behind the body.
        jitter : tensor of shape (n, n_samples)
            Where in its stretch each sample lies, 0 to 1; the middle without it.

        Notes
        -----
        alpha_i = 1 - exp(-sigma_i delta_i), T_i = prod_{j<i} (1 - alpha_j), C = sum_i T_i alpha_i c_i.
        """
        near, far = _in_cube(origins, directions)
        step = (far - near) / self.n_samples
        rank = torch.arange(self.n_samples, dtype=origins.dtype, device=origins.device)
        where = rank + (0.5 if jitter is None else jitter)
        t = near[:, None] + where * step[:, None]
        places = origins[:, None] + t[..., None] * directions[:, None]
        sigma, colour = self.at(places.reshape(-1, 3))
        optical = sigma.view(t.shape) * step[:, None]
        alpha = 1 - torch.exp(-optical)
        before = torch.exp(-torch.cumsum(optical, dim=1) + optical)
        weights = before * alpha
        total = weights.sum(dim=1)
        seen = (weights[..., None] * colour.view(*t.shape, 3)).sum(dim=1)
        depth = (weights * t).sum(dim=1) / total.clamp_min(1e-6)
        return Rendered(seen + (1 - total)[:, None] * background, total, depth)

    def roughness(self) -> torch.Tensor:
        """Return the total variation: the mean absolute difference of neighbouring voxels."""
        grid = self.grid
        steps = (grid.diff(dim=2), grid.diff(dim=3), grid.diff(dim=4))
        return torch.stack([each.abs().mean() for each in steps]).sum()


def entropy(alpha: torch.Tensor) -> torch.Tensor:
    """Return the mean of -(a ln a + (1 - a) ln(1 - a)): a ray should end in the body or behind it."""
    a = alpha.clamp(1e-5, 1 - 1e-5)
    return -(a * a.log() + (1 - a) * (1 - a).log()).mean()


def _in_cube(origins: torch.Tensor, directions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return where rays (n, 3) enter and leave the cube, twice the same where they miss it."""
    safe = torch.where(directions.abs() < 1e-9, torch.full_like(directions, 1e-9), directions)
    one, other = (-1 - origins) / safe, (1 - origins) / safe
    near = torch.minimum(one, other).amax(dim=1).clamp_min(0.0)
    far = torch.maximum(one, other).amin(dim=1)
    return near, torch.maximum(near, far)
