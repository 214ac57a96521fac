"""The parameters and warnings that the methods on posed pictures share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from neurostudio.api import Estimate, ImageStack, Params, param

from .cameras import Convention, ask_convention
from .field_params import TORCH

if TYPE_CHECKING:
    from neurostudio.api import Items

WARNINGS = {
    "simulated": "Simulated views of a simulated or template body: no photographs of a brain.",
    "start poses": "The cameras of these pictures are starting guesses, not where they were.",
    "few views": "Fewer than 12 views: what none of them sees is invented.",
    "small on cpu": "More than 64 x 64 pixels or 2,000 Gaussians are slow without CUDA.",
    "several poses": "Two starts ended in different poses with nearly the same loss: the pose is not unique.",
}
FEW, LARGE, MANY = 12, 64, 2000


class CameraParams(Params):
    """How to read cameras."""

    convention: Convention = param(
        "ask", "Axes of the cameras. OpenCV: x right, y down, z into the picture. OpenGL: x right, y up, z "
        "out of it. It is never guessed",
    )  # fmt: skip
    box: float = param(
        0.0, "Edge of the cube that holds what is seen; 0 for the bounds that stand beside the pictures",
        unit="mm", ge=0, le=1e5, advanced=True,
    )  # fmt: skip
    background: float = param(
        1.0, "Brightness behind the body: 1 white, 0 black", unit="1", ge=0, le=1, advanced=True
    )


class FitParams(CameraParams):
    """What the two fits share."""

    held_share: float = param(
        0.2, "Share of the views that is held out and judges the fit", unit="1", ge=0.05, le=0.8,
        advanced=True,
    )  # fmt: skip
    control: bool = param(
        True, "Null run beside it: each picture with the camera of another one; it must fail"
    )


class RadianceParams(FitParams):
    """Parameters of :func:`fit_radiance`."""

    coarse: int = param(32, "Voxels a side of the first grid", ge=8, le=256)
    fine: int = param(64, "Voxels a side of the second grid; 0 for none", ge=0, le=512)
    coarse_steps: int = param(400, "Steps on the first grid", ge=1, le=30_000)
    fine_steps: int = param(900, "Steps on the second grid", ge=0, le=30_000)
    rays: int = param(1024, "Rays of a step", ge=16, le=65_536)
    samples: int = param(64, "Places along each ray", ge=8, le=512)
    coarse_rate: float = param(0.2, "Learning rate on the first grid", unit="1", ge=1e-5, le=1,
                               advanced=True)  # fmt: skip
    fine_rate: float = param(0.1, "Learning rate on the second grid", unit="1", ge=1e-5, le=1,
                             advanced=True)  # fmt: skip
    smoothness: float = param(
        1e-2, "Weight of the total variation; with almost none the depth is wrong by centimetres",
        unit="1", ge=0, le=1, advanced=True,
    )  # fmt: skip
    opacity: float = param(
        1e-3, "Weight of the opacity's entropy: rays end in the body or behind it", unit="1", ge=0, le=1,
        advanced=True,
    )  # fmt: skip

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"fine": 0, "fine_steps": 0},
        "Standard": {},
        "Paper": {"fine": 96, "fine_steps": 3000},
        "GPU": {
            "coarse": 64, "fine": 256, "coarse_steps": 2000, "fine_steps": 13_000, "rays": 8192,
            "samples": 256,
        },
    }  # fmt: skip


class SplatParams(FitParams):
    """Parameters of :func:`fit_splats`."""

    gaussians: int = param(800, "Number of Gaussians; above 2,000 take CUDA", ge=8, le=2_000_000)
    steps: int = param(600, "Steps in all, a view each", ge=1, le=100_000)
    rounds: int = param(
        3, "Stretches of the training; between them what is transparent is removed and what leaves the "
        "largest errors is split", ge=1, le=50,
    )  # fmt: skip
    rasteriser: Literal["torch", "gsplat"] = param(
        "torch", "What draws the Gaussians; gsplat: CUDA kernels, where that package is installed",
        advanced=True,
    )  # fmt: skip
    rate: float = param(1.0, "Factor on the learning rates of all parts", unit="1", gt=0, le=10,
                        advanced=True)  # fmt: skip
    similarity: float = param(0.2, "Weight of D-SSIM in the loss; the rest is L1", unit="1", ge=0, le=1,
                              advanced=True)  # fmt: skip

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"gaussians": 400, "steps": 300},
        "Standard": {},
        "Paper": {"gaussians": 2000, "steps": 1500},
        "GPU": {
            "gaussians": 200_000, "steps": 30_000, "rounds": 20, "rasteriser": "gsplat",
        },
    }  # fmt: skip


def check_convention(params: Any, items: Items) -> None:
    """Ask for the cameras' convention before the run starts."""
    for given in items.values():
        if isinstance(given, ImageStack):
            ask_convention(given, params.convention)


def memory_of_radiance(params: RadianceParams, items: Items) -> Estimate:
    """Return what grids, their gradients and one step's rays take."""
    del items
    edge = max(params.coarse, params.fine)
    grids = 6 * 16 * edge**3
    rays = 40 * 4 * params.rays * params.samples
    return Estimate(TORCH + grids + rays, "Use a smaller grid, fewer rays or fewer samples.")


def memory_of_splats(params: SplatParams, items: Items) -> Estimate:
    """Return what the blending of one picture takes: pixels times Gaussians."""
    pictures = items.get("pictures")
    sizes = pictures.array.sizes if isinstance(pictures, ImageStack) else {"y": 64, "x": 64}
    pairs = int(sizes["y"]) * int(sizes["x"]) * params.gaussians
    return Estimate(TORCH + 14 * 4 * pairs, "Use fewer Gaussians or smaller pictures.")
