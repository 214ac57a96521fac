"""Where pictures of slices lie in a volume or a field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    ImageStack,
    Params,
    Result,
    Table,
    TrainedModel,
    Volume,
    method,
    param,
)

from .field_params import SIMULATED
from .images import affine_of, codes_of, values_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .slice_search import Found, Ground

    Array = NDArray[np.float64]

_AXES = "xyz"
_GRID = 96  # voxels along the longest side of what is asked of a field
_REFINED = 2  # of the starts, the best, that are followed to the end


class LocateParams(Params):
    """Parameters of :func:`locate_slice`."""

    pixel: float = param(
        0.0, "Edge of a pixel; 0 for what stands beside the pictures", unit="mm", ge=0, le=50
    )
    right: float = param(0.0, "Guess of the middle: mm to the right of the volume's", unit="mm")
    front: float = param(0.0, "Guess of the middle: mm to the front of the volume's", unit="mm")
    up: float = param(0.0, "Guess of the middle: mm above the volume's", unit="mm")
    pitch: float = param(
        0.0, "Guess: the axial plane turned about the axis to the right, its front upward", unit="deg",
        ge=-180, le=180,
    )  # fmt: skip
    roll: float = param(
        0.0, "Guess: then about the axis to the front, its right side downward", unit="deg", ge=-180, le=180
    )  # fmt: skip
    starts: int = param(8, "Poses around the guess to start from", ge=1, le=200)
    angle: float = param(25.0, "How far the starts are turned at most", unit="deg", ge=0, le=180)
    away: float = param(15.0, "How far the starts are moved at most", unit="mm", ge=0, le=200)
    steps: int = param(200, "Steps of each search", ge=10, le=10_000)
    rate: float = param(0.02, "Learning rate", unit="1", gt=0, le=1, advanced=True)
    blur: float = param(
        5.0, "Blur of volume and picture in the first search, which widens its reach", unit="mm", ge=0, le=30,
        advanced=True,
    )  # fmt: skip

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"starts": 4, "steps": 100},
        "Standard": {},
        "Paper": {"starts": 20},
    }


@method(
    group="Analyse",
    gpu=True,
    example="lost_slice",
    warnings=SIMULATED
    | {
        "several poses": "Two starts ended in different planes that agree nearly as well: it is not unique.",
        "poor agreement": "The slice found correlates with the picture by less than 0.5: it is not found.",
    },
)
def locate_slice(
    context: Context, params: LocateParams, where: Volume | TrainedModel, pictures: ImageStack
) -> Result:
    """Find the plane of a volume or a field that looks like a picture of a slice.

    Six numbers move the plane until its values correlate with the picture's (1 - NCC), from several starts,
    first blurred and then sharp. Where the true plane stands beside a picture it is compared with.
    """
    from . import locating_reporting

    ground, space = ground_of(context, where)
    stack = pictures.array
    if stack.ndim != 3:
        raise BadInput(
            f"The pictures have the axes {stack.dims}; (item, y, x) without colour are needed."
        )
    ids = stack.coords["id"].values if "id" in stack.coords else np.arange(len(stack))
    rows = []
    for number in context.track(range(len(stack)), "Pictures"):
        picture = np.nan_to_num(np.asarray(stack[number].to_numpy(), float))
        if not np.ptp(picture) > 0:
            raise BadInput(f"The picture '{ids[number]}' is the same everywhere: it lies nowhere.")
        known = true_plane(stack, number)
        pixel = params.pixel or (0.0 if known is None else known[1])
        if not pixel:
            raise BadInput("Nothing says how large a pixel is. Give its edge in mm as 'pixel'.")
        found = locate(context, params, ground, picture, pixel, str(ids[number]))
        rows.append(
            locating_reporting.Row(
                str(ids[number]), picture, pixel, found, None if known is None else known[0]
            )
        )
    told = locating_reporting.report(context, ground, rows, space)
    return Result(
        data={"poses": Table(told.frame)},
        views=told.views,
        numbers=told.numbers,
        warnings=codes_of([where, pictures], *told.codes),
    )


def ground_of(context: Context, where: Volume | TrainedModel) -> tuple[Ground, str]:
    """Return the volume to look in and its space; a field is asked on a grid."""
    from neurostudio.grids import bounds
    from neurostudio.spaces import space_of

    from .fields import from_model
    from .sampling import bounds_of, grid_of
    from .slice_search import Ground

    if isinstance(where, Volume):
        values, affine = values_of(where), affine_of(where)
        space = space_of(where)
    else:
        placed = from_model(where, context.device)
        step = float(np.ptp(bounds_of(placed), axis=1).max()) / _GRID
        shape, affine = grid_of(placed, step)
        values, space = placed.on_grid(context, shape, affine, "Asking the field"), placed.space
    ends = bounds(values.shape, affine)
    return Ground(values, affine, ends.mean(axis=1), float(np.ptp(ends, axis=1).max()) / 2), space


def true_plane(stack: Any, number: int) -> tuple[Array, float] | None:
    """Return the pose (4, 4) and the pixel's edge in mm that stand beside a picture, None where none do."""
    names = [f"{kind}_{axis}" for kind in ("corner", "across", "down") for axis in _AXES]
    if not all(name in stack.coords for name in names):
        return None
    corner, across, down = np.array(
        [float(np.ravel(stack.coords[name].values)[number]) for name in names]
    ).reshape(3, 3)
    height, width = stack.shape[1:3]
    pixel = float(np.linalg.norm(across))
    pose = np.eye(4)
    pose[:3, 0], pose[:3, 1] = across / pixel, down / np.linalg.norm(down)
    pose[:3, 2] = np.cross(pose[:3, 0], pose[:3, 1])
    pose[:3, 3] = corner + across * (width - 1) / 2 + down * (height - 1) / 2
    return pose, pixel


def guess_of(params: LocateParams, ground: Ground) -> Array:
    """Return the guessed pose (4, 4)."""
    from .sampling import plane_axes

    across, up = plane_axes(params.pitch, params.roll)
    pose = np.eye(4)
    pose[:3, 0], pose[:3, 1], pose[:3, 2] = across, -up, np.cross(across, -up)
    pose[:3, 3] = ground.middle + np.array([params.right, params.front, params.up])
    return pose


def locate(
    context: Context, params: LocateParams, ground: Ground, picture: Array, pixel: float, name: str
) -> list[Found]:
    """Return the poses found for a picture, the best first."""
    from scipy import ndimage

    from .slice_search import Sight, search, starts_around

    soft = Sight(
        ground.blurred(params.blur), ndimage.gaussian_filter(picture, params.blur / pixel), pixel,
        context.device,
    )  # fmt: skip
    guess = guess_of(params, ground)
    about = f"{params.model_dump_json()} {pixel}"
    coarse = [
        search(context, soft, start, params.steps, params.rate, f"{name}, start {k + 1}", about)
        for k, start in enumerate(
            starts_around(guess, params.starts, params.angle, params.away, context.seed)
        )
    ]
    sharp = Sight(ground, picture, pixel, context.device)
    best = sorted(coarse, key=lambda each: each.loss)[:_REFINED]
    fine = [
        search(
            context,
            sharp,
            each.pose,
            params.steps,
            params.rate / 4,
            f"{name}, sharp {k + 1}",
            about,
        )
        for k, each in enumerate(best)
    ]
    return sorted(fine, key=lambda each: each.loss)
