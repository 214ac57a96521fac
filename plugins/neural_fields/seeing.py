"""What a fitted field looks like from a camera, whichever of the two it is."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from neurostudio.api import BadInput, TrainedModel

from .radiance import Radiance, Rendered
from .splats import Splats

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from .cameras import Array, Cameras

    Field = Radiance | Splats

RADIANCE, SPLATS = "radiance", "splats"
_CHUNK = 65_536  # places that are asked for at once
_OPAQUE = 0.5  # where less is seen there is no depth


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A picture of a field: ``colour`` (height, width, 3), ``alpha``, ``depth`` in mm (height, width)."""

    colour: NDArray[np.float32]
    alpha: NDArray[np.float32]
    depth: NDArray[np.float32]


def inside_box(field: Field, poses: Array) -> torch.Tensor:
    """Return poses (n, 4, 4) in mm as poses in the coordinates of the field's box, single precision."""
    device = field.centre.device
    moved = np.array(poses, float)
    middle, reach = field.centre.cpu().numpy().astype(float), float(field.reach)
    moved[:, :3, 3] = (moved[:, :3, 3] - middle) / reach
    return torch.as_tensor(moved, dtype=torch.float32, device=device)


def rays_in_box(field: Radiance, cameras: Cameras) -> tuple[torch.Tensor, torch.Tensor]:
    """Return origins and directions, (n, height * width, 3), of all pixels in the box's coordinates."""
    pairs = [cameras.rays(number) for number in range(len(cameras))]
    middle, reach = field.centre.cpu().numpy().astype(float), float(field.reach)
    origins = np.stack([(o.reshape(-1, 3) - middle) / reach for o, _ in pairs])
    directions = np.stack([d.reshape(-1, 3) for _, d in pairs])
    device = field.centre.device
    made = (torch.as_tensor(e, dtype=torch.float32, device=device) for e in (origins, directions))
    return next(made), next(made)


@torch.no_grad()
def frame(field: Field, cameras: Cameras, number: int, background: float) -> Frame:
    """Return what one camera sees of a field; in pieces, so that memory stays small."""
    if isinstance(field, Radiance):
        origins, directions = rays_in_box(field, cameras.only([number]))
        size = max(1, _CHUNK // field.n_samples)
        pieces = [
            field.render(o, d, background)
            for o, d in zip(
                torch.split(origins[0], size), torch.split(directions[0], size), strict=True
            )
        ]
        seen = Rendered(*(torch.cat(each) for each in zip(*pieces, strict=True)))
    else:
        pose = inside_box(field, cameras.poses[[number]])[0]
        intrinsics = torch.as_tensor(cameras.intrinsics[number], dtype=torch.float32)
        seen = field.render(pose, intrinsics.to(pose.device), cameras.shape, background)
    alpha = seen.alpha.cpu().numpy().reshape(cameras.shape)
    depth = (seen.depth * field.reach).cpu().numpy().reshape(cameras.shape)
    colour = seen.colour.clamp(0, 1).cpu().numpy().reshape(*cameras.shape, 3)
    return Frame(colour, alpha, np.where(alpha >= _OPAQUE, depth, np.nan).astype(np.float32))


def normals(depth: NDArray[np.floating[Any]], cameras: Cameras, number: int) -> Array:
    """Return the surface's unit normals in the world, (height, width, 3), from a depth in mm.

    NaN where the depth of a pixel or of a neighbour is unknown. They look towards the camera.
    """
    origins, directions = cameras.rays(number)
    places = origins + np.asarray(depth, float)[..., None] * directions
    across, down = np.gradient(places, axis=1), np.gradient(places, axis=0)
    found = np.cross(across, down)
    length = np.linalg.norm(found, axis=-1, keepdims=True)
    found = found / np.where(length > 0, length, np.nan)
    facing = (found * directions).sum(axis=-1, keepdims=True)
    return np.asarray(np.where(facing > 0, -found, found))


def as_model(field: Field, method: str, config: Mapping[str, Any]) -> TrainedModel:
    """Return a field as a model: its arrays, and what it is built from again."""
    weights = {
        name: value.detach().cpu().numpy()
        for name, value in field.state_dict().items()
        if name not in {"centre", "reach"}
    }
    framework = RADIANCE if isinstance(field, Radiance) else SPLATS
    place = {"centre": field.centre.tolist(), "half": float(field.reach)}
    return TrainedModel(weights, {"framework": framework, **place, **config}, method)


def restored(model: TrainedModel, device: str = "cpu") -> Field:
    """Return the field of a model.

    Raises
    ------
    BadInput
        It is neither a radiance field nor Gaussians.
    """
    framework = model.config.get("framework")
    field: Field
    place = model.config.get("centre", ()), model.config.get("half", 1.0)
    if framework == RADIANCE:
        edge = int(model.weights["grid"].shape[-1])
        field = Radiance(edge, *place, n_samples=int(model.config["samples"]))
    elif framework == SPLATS:
        n = len(model.weights["centres"])
        field = Splats(n, *place)
        field.by_kernels = device.startswith("cuda") and find_spec("gsplat") is not None
    else:
        raise BadInput(
            f"The model was made by {model.method}; take one of 'fit_radiance' or 'fit_splats'."
        )
    known = {name: torch.as_tensor(np.array(each)) for name, each in model.weights.items()}
    field.load_state_dict(known, strict=False)
    return field.to(device).eval()
