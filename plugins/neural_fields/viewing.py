"""Pictures of a body whose shape is known, from cameras that are known: what the fits are tested on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Images,
    Number,
    Params,
    Result,
    Surface,
    method,
    param,
)

from .camera_params import WARNINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from .cameras import Array, Cameras
    from .scenes import Seen

_MARGIN = 1.08  # of the box beyond the mesh


class ViewParams(Params):
    """Parameters of :func:`simulate_views`."""

    views: int = param(30, "Number of pictures", ge=1, le=2000)
    size: int = param(48, "Pixels along each edge of a picture", ge=8, le=2048)
    angle: float = param(40.0, "Field of view", unit="deg", ge=5, le=120)
    distance: float = param(
        2.8, "From the middle of the body, in halves of its longest edge", unit="1", ge=1.2, le=20
    )
    scalar: str = param("sulc", "What colours a surface; empty for its place", suggest="columns")
    convention: Literal["OpenCV", "OpenGL"] = param(
        "OpenCV",
        "Axes of the cameras that are written. OpenCV: x right, y down, z into the picture",
    )
    background: float = param(
        1.0, "Brightness behind the body", unit="1", ge=0, le=1, advanced=True
    )
    noise: float = param(0.0, "Standard deviation of noise on the pixels", unit="1", ge=0, le=1,
                         advanced=True)  # fmt: skip
    start_error: float = param(
        0.0, "Turns each written camera by this angle around the body, and moves it by a twentieth of its "
        "distance: starting guesses for 'estimate_pose'. The truth stands beside them",
        unit="deg", ge=0, le=180, advanced=True,
    )  # fmt: skip

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"views": 20, "size": 32},
        "Standard": {},
        "Paper": {"views": 100, "size": 64},
        "GPU": {"views": 200, "size": 400},
    }


@method(group="Simulate", warnings=WARNINGS, example="views")
def simulate_views(context: Context, params: ViewParams, surface: Surface | None = None) -> Result:
    """Take pictures of a body from cameras all around it, with its true depth.

    Without a surface the body is an egg with a bump, a ball and a ring, given by its distances, painted by a
    formula and found by sphere tracing. A surface is drawn triangle by triangle, its vertices coloured by one
    of their values.
    """
    from .cameras import around
    from .posed import stack_of

    look, bounds = _body(params, surface)
    cameras = around(bounds, params.views, params.size, params.angle, params.distance)
    random = np.random.default_rng(context.seed)
    colours, depths = [], []
    for number in context.track(range(params.views), "Taking pictures"):
        seen = look(cameras, number)
        colours.append(seen.colour)
        depths.append(seen.depth)
    pixels = np.array(colours) + params.noise * random.standard_normal(np.shape(colours))
    pixels = np.clip(pixels, 0, 1).astype(np.float32)
    depth = np.array(depths, np.float32)
    names = tuple(f"view_{k + 1:03d}" for k in range(params.views))
    truth = cameras.poses if params.start_error else None
    written = cameras if truth is None else _disturbed(cameras, params.start_error, random)
    made = {
        "views": stack_of(pixels, written, names, params.convention, simulated=True, truth=truth),
        "depth": stack_of(depth, cameras, names, params.convention, unit="mm", simulated=True),
    }
    return Result(
        data=made,
        views=_pictures(pixels, depth, names, "" if surface is None else params.scalar),
        numbers=_numbers(cameras, depth),
        warnings=("simulated",) + (("start poses",) if truth is not None else ()),
    )


def _body(
    params: ViewParams, surface: Surface | None
) -> tuple[Callable[[Cameras, int], Seen], Array]:
    """Return what looks at the body, and its bounds (2, 3) in mm."""
    from . import meshes_seen, scenes

    ground = params.background
    if surface is None:
        return lambda cameras, number: scenes.look(cameras, number, ground), scenes.BOUNDS
    paint = _paint(surface, params.scalar)
    low, high = surface.vertices.min(axis=0), surface.vertices.max(axis=0)
    middle, half = (low + high) / 2, _MARGIN * float((high - low).max()) / 2
    bounds = np.stack([middle - half, middle + half])

    def look(cameras: Cameras, number: int) -> Seen:
        return meshes_seen.look(surface.vertices, surface.faces, paint, cameras, number, ground)

    return look, bounds


def _paint(surface: Surface, scalar: str) -> Array:
    """Return the colours (n_vertices, 3) of a surface: from blue over grey to red, or its place."""
    if not scalar:
        low, high = surface.vertices.min(axis=0), surface.vertices.max(axis=0)
        return np.asarray(0.1 + 0.8 * (surface.vertices - low) / np.maximum(high - low, 1e-9))
    if scalar not in surface.scalars:
        known = ", ".join(surface.scalars) or "none"
        raise BadInput(f"The surface has no values '{scalar}'. There are: {known}.")
    values = np.nan_to_num(np.asarray(surface.scalars[scalar], float))
    low, high = np.percentile(values, [2, 98])
    share = np.clip((values - low) / max(high - low, 1e-12), 0, 1)[:, None]
    ends = np.array([[0.15, 0.3, 0.75], [0.75, 0.72, 0.68], [0.8, 0.2, 0.15]])
    below, above = np.clip(2 * share, 0, 1), np.clip(2 * share - 1, 0, 1)
    return np.asarray(ends[0] + below * (ends[1] - ends[0]) + above * (ends[2] - ends[1]))


def _disturbed(cameras: Cameras, degrees: float, random: np.random.Generator) -> Cameras:
    """Return cameras turned around the middle by an angle and moved by a twentieth of their distance."""
    from dataclasses import replace

    from scipy.spatial.transform import Rotation

    poses = cameras.poses.copy()
    for pose in poses:
        axis, shift = random.standard_normal((2, 3))
        turn = Rotation.from_rotvec(np.radians(degrees) * axis / np.linalg.norm(axis)).as_matrix()
        away = pose[:3, 3] - cameras.centre
        length = 0.05 * float(np.linalg.norm(away))
        pose[:3, 3] = cameras.centre + turn @ away + length * shift / np.linalg.norm(shift)
        pose[:3, :3] = turn @ pose[:3, :3]
    return replace(cameras, poses=poses)


def _pictures(pixels: Any, depth: Any, names: tuple[str, ...], scalar: str) -> tuple[Images, ...]:
    some = slice(0, 24)
    words = f" Blue to red: {scalar}, its 2nd to 98th percentile." if scalar else ""
    return (
        Images(pixels=pixels[some], names=names[some], title="Views",
               caption=f"The first {len(pixels[some])} of {len(pixels)} simulated views.{words}"),
        Images(pixels=depth[some], names=names[some], value_unit="mm", title="Depth",
               caption="Distance from the camera along the ray; empty where it meets nothing."),
    )  # fmt: skip


def _numbers(cameras: Cameras, depth: Any) -> dict[str, Number]:
    away = np.linalg.norm(cameras.poses[:, :3, 3] - cameras.centre, axis=1)
    return {
        "views": Number(len(cameras)),
        "distance of the cameras": Number(
            float(away.mean()), "mm", note="from the middle of the body"
        ),
        "share of the pixels on the body": Number(float(np.isfinite(depth).mean()), "1"),
    }
