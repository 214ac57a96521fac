"""Gaussians drawn by gsplat's CUDA kernels, where CUDA and the package are there; never imported else."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import torch

from neurostudio.api import BadInput

from .radiance import Rendered

if TYPE_CHECKING:
    from .splats import Splats


def check_gsplat(device: str) -> None:
    """Refuse where gsplat cannot work.

    Raises
    ------
    BadInput
        The run is on no CUDA device, or the package is not installed.
    """
    if not device.startswith("cuda"):
        raise BadInput(
            f"gsplat draws with CUDA and this run is on '{device}'. Set 'rasteriser' to torch."
        )
    if find_spec("gsplat") is None:
        raise BadInput("gsplat is not installed. Install 'gsplat', or set 'rasteriser' to torch.")


def draw(
    field: Splats, pose: torch.Tensor, intrinsics: torch.Tensor, shape: tuple[int, int],
    background: float,
) -> Rendered:  # fmt: skip
    """Return what :meth:`Splats.render` returns, by gsplat's ``rasterization`` (1.5)."""
    kernels: Any = import_module("gsplat")
    height, width = shape
    ground = torch.full((1, 3), background, device=pose.device)
    seen, alpha, _ = kernels.rasterization(
        field.centres, field.turns, torch.exp(field.scales), torch.sigmoid(field.opacities),
        torch.sigmoid(field.colours), torch.linalg.inv(pose)[None], intrinsics[None], width, height,
        backgrounds=torch.cat([ground, torch.zeros_like(ground[:, :1])], dim=1), render_mode="RGB+ED",
    )  # fmt: skip
    pixels = seen[0].reshape(-1, 4)
    return Rendered(pixels[:, :3], alpha[0].reshape(-1), pixels[:, 3] * _slant(intrinsics, shape))


def _slant(intrinsics: torch.Tensor, shape: tuple[int, int]) -> torch.Tensor:
    """Return how much longer the way along each pixel's ray is than its depth, (n_pixels,)."""
    rows = torch.arange(shape[0], device=intrinsics.device) + 0.5
    columns = torch.arange(shape[1], device=intrinsics.device) + 0.5
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    pixels = torch.stack([x, y, torch.ones_like(x)], dim=-1).reshape(-1, 3)
    length: torch.Tensor = (pixels @ torch.linalg.inv(intrinsics).T).norm(dim=1)
    return length
