"""A fitted field seen from anywhere: picture, depth, normals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from neurostudio.api import (
    BadInput,
    Brain,
    Context,
    Estimate,
    Images,
    ImageStack,
    Number,
    Params,
    Result,
    Table,
    TrainedModel,
    method,
    param,
)

from .camera_params import WARNINGS
from .cameras import Convention
from .field_params import TORCH
from .images import is_simulated

if TYPE_CHECKING:
    from neurostudio.api import Items

    from .cameras import Cameras

_SHOWN = 12


class RenderParams(Params):
    """Parameters of :func:`render_view`."""

    azimuth: float = param(
        90.0, "Where the camera stands, seen from above: 0 right, 90 in front", unit="deg", ge=-360,
        le=360,
    )  # fmt: skip
    elevation: float = param(
        20.0, "How high it stands: 90 above, -90 below", unit="deg", ge=-90, le=90
    )
    distance: float = param(
        0.0, "From the middle of the field; 0 for the distance of the pictures it was fitted to",
        unit="mm", ge=0, le=1e5,
    )  # fmt: skip
    turns: int = param(
        1, "Pictures on a circle around the middle, beginning at the azimuth", ge=1, le=720
    )
    size: int = param(
        0, "Pixels along each edge; 0 for the size of the pictures it was fitted to", ge=0, le=2048
    )
    convention: Convention = param(
        "ask", "Axes of the cameras that are given, OpenCV or OpenGL; without cameras they are not needed "
        "and OpenCV's are written",
    )  # fmt: skip

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"size": 32},
        "Standard": {},
        "Paper": {"turns": 12, "size": 128},
        "GPU": {"turns": 120, "size": 512},
    }


def _check(params: RenderParams, items: Items) -> None:
    from .cameras import ask_convention

    given = items.get("cameras")
    if given is not None:
        ask_convention(given if isinstance(given, ImageStack) else None, params.convention)


def _memory(params: RenderParams, items: Items) -> Estimate:
    """Return what drawing Gaussians takes, pixels times Gaussians; a radiance field is asked in pieces."""
    model = items.get("model")
    if not isinstance(model, TrainedModel) or "centres" not in model.weights:
        return Estimate(TORCH)
    side = params.size or max(model.config.get("picture", [64]))
    pairs = side**2 * len(model.weights["centres"])
    return Estimate(TORCH + 8 * 4 * pairs, "Use a smaller size.")


@method(group="Apply", warnings=WARNINGS, gpu=True, example="fitted", check=_check, memory=_memory)
def render_view(
    context: Context,
    params: RenderParams,
    model: TrainedModel,
    cameras: ImageStack | Table | None = None,
) -> Result:
    """Look at a fitted field from a place of choice, or from given cameras.

    ``cameras`` are pictures with cameras, or the table of 'estimate_pose'. The normals come from differences
    of the depth and are coded as colours: right, front and up as red, green and blue.
    """
    from .posed import stack_of
    from .seeing import frame, normals, restored
    from .solid import mesh_of

    field = restored(model, context.device)
    chosen, names = chosen_cameras(params, model, cameras)
    background = float(model.config["background"])
    frames = [
        frame(field, chosen, k, background) for k in context.track(range(len(chosen)), "Looking")
    ]
    colours, depth = (np.stack([getattr(f, each) for f in frames]) for each in ("colour", "depth"))
    facing = np.stack([normals(each, chosen, k) for k, each in enumerate(depth)])
    simulated = is_simulated(model)
    way = "OpenCV" if cameras is None else params.convention
    made = {
        "image": stack_of(colours, chosen, names, way, simulated=simulated),
        "depth": stack_of(depth, chosen, names, way, unit="mm", simulated=simulated),
        "normals": stack_of(facing.astype(np.float32), chosen, names, way, simulated=simulated),
    }
    return Result(
        data=made,
        views=_views(colours, depth, facing, names, chosen, mesh_of(field)),
        numbers=_numbers(depth, chosen),
        warnings=("simulated",) if simulated else (),
    )


def chosen_cameras(
    params: RenderParams, model: TrainedModel, given: ImageStack | Table | None
) -> tuple[Cameras, tuple[str, ...]]:
    """Return the cameras to look from, and what they are called."""
    from .cameras import read_cameras

    bounds = np.array(model.config["bounds"], float).reshape(2, 3)
    if isinstance(given, Table):
        return _of_table(given, params, model)
    if given is not None:
        found = read_cameras(given, params.convention, float((bounds[1] - bounds[0]).max()))
        known = (
            given.array.coords["id"].to_numpy() if "id" in given.array.coords else range(len(found))
        )
        return found, tuple(map(str, known))
    return _on_circle(params, model)


def _on_circle(params: RenderParams, model: TrainedModel) -> tuple[Cameras, tuple[str, ...]]:
    from .cameras import Cameras, look_at

    bounds = np.array(model.config["bounds"], float).reshape(2, 3)
    turn = params.azimuth + 360 * np.arange(params.turns) / params.turns
    azimuth, up = np.radians(turn), np.radians(params.elevation)
    way = np.stack(
        [
            np.cos(up) * np.cos(azimuth),
            np.cos(up) * np.sin(azimuth),
            np.full(len(turn), np.sin(up)),
        ],
        axis=1,
    )
    distance = params.distance or float(model.config["distance"])
    middle = bounds.mean(axis=0)
    intrinsics, shape = _lens(params, model)
    found = Cameras(
        np.tile(intrinsics, (len(turn), 1, 1)),
        look_at(middle + distance * way, middle),
        bounds,
        shape,
    )
    return found, tuple(f"{each % 360:.0f} deg" for each in turn)


def _lens(params: RenderParams, model: TrainedModel) -> tuple[Any, tuple[int, int]]:
    """Return intrinsics (3, 3) and size of a picture: the fit's, scaled where another size is asked for."""
    intrinsics = np.array(model.config["intrinsics"], float).reshape(3, 3)
    height, width = map(int, model.config["picture"])
    if not params.size:
        return intrinsics, (height, width)
    factor = params.size / max(height, width)
    scaled = np.diag([factor, factor, 1.0]) @ intrinsics
    return scaled, (round(height * factor), round(width * factor))


def _of_table(
    given: Table, params: RenderParams, model: TrainedModel
) -> tuple[Cameras, tuple[str, ...]]:
    from .cameras import INTRINSICS, POSE, Cameras, in_convention, matrices

    frame = given.frame
    if "chosen" in frame.columns:
        frame = frame[frame["chosen"].astype(bool)]
    poses = matrices(frame, POSE, 4)
    if poses is None or not len(frame):
        raise BadInput(
            "The table has no poses: columns 'camera_to_world_00' … 'camera_to_world_33' are needed."
        )
    lens, shape = _lens(params, model)
    known = matrices(frame, INTRINSICS, 3)
    intrinsics = np.tile(lens, (len(frame), 1, 1)) if known is None or params.size else known
    bounds = np.array(model.config["bounds"], float).reshape(2, 3)
    names = frame["id"].astype(str) if "id" in frame.columns else map(str, range(len(frame)))
    return (
        Cameras(intrinsics, in_convention(poses, params.convention), bounds, shape),
        tuple(names),
    )


def _views(
    colours: Any, depth: Any, facing: Any, names: tuple[str, ...], cameras: Cameras, mesh: Any
) -> tuple[Images | Brain, ...]:
    from .camera_views import cameras_in_space, depth_pictures

    some = slice(0, _SHOWN)
    coded = np.where(np.isfinite(facing), (facing + 1) / 2, 1.0).astype(np.float32)
    return (
        Images(pixels=colours[some], names=names[some], title="Picture",
               caption="What the field shows from each camera; where they stand is under 'Cameras'."),
        depth_pictures(depth[some], names[some]),
        Images(pixels=coded[some], names=names[some], title="Normals",
               caption="Right, front and up as red, green and blue; from differences of the depth."),
        cameras_in_space(cameras, names, None, mesh,
                         caption="Where the pictures are taken from, mm."),
    )  # fmt: skip


def _numbers(depth: Any, cameras: Cameras) -> dict[str, Number]:
    away = np.linalg.norm(cameras.poses[:, :3, 3] - cameras.centre, axis=1)
    seen = np.isfinite(depth)
    nearest = float(depth[seen].min()) if seen.any() else float("nan")
    return {
        "pictures": Number(len(cameras)),
        "distance of the cameras": Number(float(away.mean()), "mm", note="from the middle of the field"),
        "nearest depth": Number(nearest, "mm", note="along a ray, where half of it is seen"),
        "share of the pixels on the body": Number(float(seen.mean()), "1"),
    }  # fmt: skip
