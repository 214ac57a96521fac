"""Views of a body whose shape is known, and a field that is filled from it, for the methods on pictures."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Context, Example, ImageStack, TrainedModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

EDGE, DENSE_RAW, EMPTY_RAW = 40, 3.0, -8.0


@cache
def simulated(n: int = 14, size: int = 24, start_error: float = 0.0, seed: int = 0) -> ImageStack:
    """Return views of the analytic body, from where they say or, with an error, from somewhere near."""
    from .viewing import ViewParams, simulate_views

    params = ViewParams(views=n, size=size, start_error=start_error)
    found = simulate_views(Context(seed=seed), params).data["views"]
    assert isinstance(found, ImageStack)  # noqa: S101
    return found


@cache
def planted_field() -> TrainedModel:
    """Return a radiance field that is dense in the analytic body and has its paint: nothing is fitted."""
    import torch

    from . import scenes
    from .cameras import pinhole
    from .radiance import Radiance
    from .seeing import as_model

    line = np.linspace(-1, 1, EDGE) * scenes.HALF
    z, y, x = np.meshgrid(line, line, line, indexing="ij")
    places = np.stack([x, y, z], axis=-1) + scenes.MIDDLE
    inside = np.clip(0.5 - scenes.distance(places) / (line[1] - line[0]), 0, 1)
    paint = np.clip(scenes.colour(places), 0.01, 0.99)
    field = Radiance(EDGE, scenes.MIDDLE.tolist(), scenes.HALF)
    with torch.no_grad():
        field.grid[0, 0] = _tensor(EMPTY_RAW + (DENSE_RAW - EMPTY_RAW) * inside)
        field.grid[0, 1:] = _tensor(np.moveaxis(np.log(paint / (1 - paint)), -1, 0))
    config: dict[str, Any] = {
        "background": 1.0,
        "samples": 64,
        "intrinsics": pinhole(24, 40.0).ravel().tolist(),
        "picture": [24, 24],
        "bounds": scenes.BOUNDS.ravel().tolist(),
        "distance": 2.8 * scenes.HALF,
        "simulated": True,
    }
    return as_model(field, "fit_radiance", config)


def _tensor(values: NDArray[Any]) -> Any:
    import torch

    return torch.as_tensor(values, dtype=torch.float32)


def views() -> Example:
    """Return a few small pictures of the analytic body."""
    return Example({"views": 6, "size": 24})


def radiance_views() -> Example:
    """Return views of the analytic body for a short fit on a coarse grid."""
    small = {"coarse": 16, "fine": 0, "coarse_steps": 60, "rays": 256, "samples": 32}
    return Example({"convention": "OpenCV", "control": False, **small}, {"pictures": simulated()})


def splat_views() -> Example:
    """Return views of the analytic body for a short fit of few Gaussians."""
    small = {"gaussians": 60, "steps": 60, "rounds": 2}
    return Example({"convention": "OpenCV", "control": False, **small}, {"pictures": simulated()})


def fitted() -> Example:
    """Return a field to look at."""
    return Example({"turns": 4}, {"model": planted_field()})


def lost_cameras() -> Example:
    """Return the field, and two views whose cameras are 15 degrees off: the truth stands beside them."""
    return Example(
        {"convention": "OpenCV", "steps": 60, "rays": 256},
        {"model": planted_field(), "pictures": simulated(2, 24, 15.0)},
    )
