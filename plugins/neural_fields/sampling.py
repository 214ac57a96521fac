"""A fitted field asked on a grid of any step, or on a plane of any slant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Images,
    ImageStack,
    Number,
    Params,
    Result,
    Slices,
    TrainedModel,
    Volume,
    method,
    param,
)
from neurostudio.spaces import space_of

from .field_params import SIMULATED
from .images import affine_of, codes_of, volume_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .fields import Placed

    Array = NDArray[np.float64]

_MOST_VOXELS = 400_000_000  # 1.6 GB


class SampleParams(Params):
    """Parameters of :func:`sample_field`."""

    what: Literal["grid", "plane"] = param(
        "grid", "grid: a volume; plane: a picture of an oblique plane"
    )
    step: float = param(0.0, "Edge of a voxel or pixel; 0 for 2 mm", unit="mm", ge=0, le=50)
    right: float = param(
        0.0, "The plane's middle: mm to the right of the field's middle", unit="mm"
    )
    front: float = param(
        0.0, "The plane's middle: mm to the front of the field's middle", unit="mm"
    )
    up: float = param(0.0, "The plane's middle: mm above the field's middle", unit="mm")
    pitch: float = param(
        0.0, "The axial plane is first turned about the axis to the right, its front upward", unit="deg",
        ge=-180, le=180,
    )  # fmt: skip
    roll: float = param(
        0.0,
        "Then about the axis to the front, its right side downward",
        unit="deg",
        ge=-180,
        le=180,
    )
    side: float = param(0.0, "Edge of the plane; 0 for the whole field", unit="mm", ge=0, le=2000)


@method(group="Apply", example="field_to_ask", warnings=SIMULATED)
def sample_field(
    context: Context, params: SampleParams, model: TrainedModel, like: Volume | None = None
) -> Result:
    """Ask a fitted field for its values on a grid of any step, on another volume's grid, or on a plane.

    ``like`` gives the grid. Between the voxels it was fitted to, a field interpolates; finer voxels hold no
    more anatomy.
    """
    from .fields import UNITS, from_model

    placed = from_model(model, context.device)
    unit = UNITS[placed.kind]
    if params.what == "plane":
        return _plane(context, params, placed, model, unit)
    if like is None:
        shape, affine = grid_of(placed, params.step or 2.0)
        space = placed.space
    else:
        size = tuple(map(int, like.image.shape[:3]))
        shape, affine, space = (size[0], size[1], size[2]), affine_of(like), space_of(like)
    if np.prod(shape) > _MOST_VOXELS:
        raise BadInput(f"The grid has {np.prod(shape):,} voxels; choose a larger step.")
    found = placed.on_grid(context, shape, affine)
    if not np.isfinite(found).all():
        raise BadInput("The field gives values that are no numbers: its weights are broken.")
    return Result(
        data={"volume": volume_of(found, affine, space, simulated=placed.simulated)},
        views=(
            Slices(
                found, affine, placed.kind, "" if unit == "1" else unit, space=space,
                diverging=placed.kind == "distance", title="The field on the grid",
            ),
        ),
        numbers={
            "voxels": Number(float(found.size)),
            "lowest": Number(float(found.min()), unit),
            "highest": Number(float(found.max()), unit),
        },
        warnings=codes_of([model]),
    )  # fmt: skip


def grid_of(placed: Placed, step: float) -> tuple[tuple[int, int, int], Array]:
    """Return the shape and affine of a grid along the world's axes over the field's bounds."""
    ends = bounds_of(placed)
    n_x, n_y, n_z = (max(1, int(np.ceil(each / step - 1e-6))) for each in np.ptp(ends, axis=1))
    affine = np.diag([step, step, step, 1.0])
    affine[:3, 3] = ends[:, 0] + step / 2
    return (n_x, n_y, n_z), affine


def bounds_of(placed: Placed) -> Array:
    """Return the mm (3, 2) that the field was fitted in."""
    if placed.bounds is not None:
        return placed.bounds
    box = placed.box
    return np.stack([box.centre - box.half, box.centre + box.half], axis=1)


def plane_axes(pitch: float, roll: float) -> Array:
    """Return the plane's axes to the right and to the front (2, 3) in the world; angles in degrees.

    Examples
    --------
    >>> (plane_axes(90.0, 0.0).round(6) + 0.0).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    a, b = np.radians([pitch, roll])
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    return np.asarray((about_y @ about_x)[:, :2].T)


def _plane(
    context: Context, params: SampleParams, placed: Placed, model: TrainedModel, unit: str
) -> Result:
    import xarray

    ends = bounds_of(placed)
    side = params.side or float(np.ptp(ends, axis=1).max())
    step = params.step or 2.0
    n = max(2, round(side / step))
    if n * n > _MOST_VOXELS:
        raise BadInput(f"The picture has {n} x {n} pixels; choose a larger step.")
    middle = ends.mean(axis=1) + np.array([params.right, params.front, params.up])
    along = (np.arange(n) - (n - 1) / 2) * step
    across, up = plane_axes(params.pitch, params.roll)
    places = middle + along[None, :, None] * across + along[::-1, None, None] * up
    flat = places.reshape(-1, 3)
    found = placed.at(context, flat).reshape(n, n)
    inside = ((flat >= ends[:, 0]) & (flat <= ends[:, 1])).all(axis=1).reshape(n, n)
    found = np.where(inside, found, 0.0)
    names = [f"pitch {params.pitch:g}°, roll {params.roll:g}°"]
    attrs = {"unit": unit, "simulated": placed.simulated, "space": placed.space}
    corner = places[0, 0]
    coords = {"id": ("item", names)} | {
        f"{kind}_{axis}": ("item", [float(value[k])])
        for kind, value in (("corner", corner), ("across", step * across), ("down", -step * up))
        for k, axis in enumerate("xyz")
    }
    stack = ImageStack(
        xarray.DataArray(found[None], dims=("item", "y", "x"), coords=coords, attrs=attrs)
    )
    return Result(
        data={"plane": stack},
        views=(
            Images(
                found[None], tuple(names), value_unit="" if unit == "1" else unit,
                diverging=placed.kind == "distance", title="Plane",
                caption=f"{side:.0f} mm a side, {step:g} mm a pixel; its middle is at "
                f"{', '.join(f'{each:.1f}' for each in middle)} mm. Outside the field it is 0.",
            ),
        ),
        numbers={
            "pixels": Number(float(found.size)),
            "share inside the field": Number(float(inside.mean()), "1"),
        },
        warnings=codes_of([model]),
    )  # fmt: skip
