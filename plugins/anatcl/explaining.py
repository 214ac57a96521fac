"""Where in the brain an encoder looks: cubes are blanked, or gradients are weighed."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Items,
    Number,
    Params,
    Report,
    Result,
    Slices,
    TrainedModel,
    Volume,
    method,
    param,
)
from neurostudio.spaces import space_of

from .embedding import check_model
from .people import SIMULATED, WARNINGS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .encoders import Encoder
    from .grids import Grid

    Array = NDArray[np.float64]

_AT_ONCE = 16
_BRIGHT = (
    0.9  # a cube is blanked if a tenth of it is brighter than the mean: the rest is background
)
_THIRD = 8  # the layer that ends the third stage of the small encoder


class ExplainParams(Params):
    """Parameters of :func:`explain_embedding`."""

    way: Literal["occlusion", "gradients"] = param(
        "occlusion",
        "occlusion: blank one cube after another; gradients: Grad-CAM on the third stage of the encoder",
    )
    cube: float = param(20.0, "Edge of a blanked cube", unit="mm", ge=2, le=100)
    step: float = param(
        0.5, "From one cube to the next, in edges", unit="1", ge=0.1, le=1, advanced=True
    )


def _check(params: ExplainParams, items: Items) -> None:
    del params
    model = items.get("model")
    check_model(model)
    if isinstance(model, TrainedModel) and "grid" not in model.config:
        raise BadInput("The model was trained on tables. Choose one that was trained on images.")


@method(group="Analyse", warnings=WARNINGS, gpu=True, check=_check, example="explained")
def explain_embedding(
    context: Context, params: ExplainParams, model: TrainedModel, volume: Volume
) -> Result:
    """Show where in one brain the encoder looks when age is read from it.

    Of a model without a line to age, how far the embedding moves. An encoder with random weights
    stands beside: what both show is no finding.
    """
    from . import encoders, fitting, grids
    from .embedding import volume_inputs

    grid = grids.Grid.from_plain(model.config["grid"])
    names = context.names.get("volume") or ("volume",)
    inputs = volume_inputs(context, model, (volume,), names)
    trained = encoders.restored(str(model.config["encoder"]), 1, model.weights)
    how = fitting.How(_recipe(), _anatomy(), encoder=str(model.config["encoder"]))
    bare = fitting.untrained(context, how, _nobody(inputs))
    maps = [
        _saliency(context, params, network, model, inputs, grid, label)
        for network, label in (
            (trained, "the trained encoder"),
            (bare, "an encoder with random weights"),
        )
    ]
    found, null = maps
    like = (
        float(np.corrcoef(found.ravel(), null.ravel())[0, 1]) if found.any() and null.any() else 0.0
    )
    aged = "readout.weights" in model.weights
    unit = "years" if aged and params.way == "occlusion" else "1"
    label = "change of the age read" if aged else "change of the embedding"
    label = label if params.way == "occlusion" else "Grad-CAM, largest = 1"
    simulated = bool(model.config.get("simulated"))
    place = np.unravel_index(int(np.abs(found).argmax()), found.shape)
    where = grid.affine[:3, :3] @ np.array(place) + grid.affine[:3, 3]
    return Result(
        data={"saliency": _as_volume(found, grid, volume, simulated=simulated)},
        views=(
            _slices(found, grid, volume, label, unit, "Where the encoder looks", params),
            _slices(null, grid, volume, label, unit, "The same with random weights", params),
            _words(found, like, where, label, unit),
        ),
        numbers={
            "largest change": Number(
                float(np.abs(found).max()), unit, chance=float(np.abs(null).max()),
                note="at x {:.0f}, y {:.0f}, z {:.0f} mm; chance: random weights".format(*where),
            ),
            "likeness with random weights": Number(
                like, "1", note="correlation of both maps; near 1 the map shows the image alone"
            ),
        },
        warnings=(SIMULATED,) if simulated else (),
    )  # fmt: skip


def _recipe() -> Any:
    from neurostudio.training import Recipe

    return Recipe()


def _anatomy() -> Any:
    from .people import Anatomy

    return Anatomy()


def _nobody(inputs: Any) -> Any:
    from .people import Cohort

    return Cohort(("",), np.zeros(1), ("",), inputs)


def _saliency(context: Context, params: ExplainParams, network: Encoder, model: TrainedModel, inputs: Any,
              grid: Grid, label: str) -> Array:  # fmt: skip
    network = network.to(context.device).eval()
    if params.way == "gradients":
        return _gradients(context, network, model, inputs)
    return _occlusion(context, params, network, model, inputs, grid, label)


def _occlusion(context: Context, params: ExplainParams, network: Encoder, model: TrainedModel, inputs: Any,
               grid: Grid, label: str) -> Array:  # fmt: skip
    """Return the mean change, over the cubes that hold a voxel, of what is read, (x, y, z)."""
    from . import fitting

    voxel = np.linalg.norm(grid.affine[:3, :3], axis=0)
    edges = np.maximum(1, np.round(params.cube / voxel).astype(int))
    edges = np.minimum(edges, grid.shape)
    starts = [_starts(n, int(e), params.step) for n, e in zip(grid.shape, edges, strict=True)]
    fill = float(inputs[0, 0].mean())
    cubes = [
        tuple(slice(a, a + int(e)) for a, e in zip(corner, edges, strict=True))
        for corner in product(*starts)
    ]
    cubes = [cube for cube in cubes if np.quantile(inputs[0, 0][cube], _BRIGHT) > fill]
    base = fitting.embedded(network, inputs)
    total, count = np.zeros(grid.shape), np.zeros(grid.shape)
    for start in context.track(range(0, len(cubes), _AT_ONCE), f"Blanking cubes, {label}"):
        some = cubes[start : start + _AT_ONCE]
        blanked = np.repeat(inputs, len(some), axis=0)
        for row, cube in enumerate(some):
            blanked[row, 0][cube] = fill
        changes = _changes(model, base, fitting.embedded(network, blanked))
        for cube, change in zip(some, changes, strict=True):
            total[cube] += change
            count[cube] += 1
    return np.asarray(total / np.maximum(count, 1))


def _starts(size: int, edge: int, step: float) -> list[int]:
    """Return where cubes begin along one axis, the last one at the end."""
    last = size - edge
    return sorted({*range(0, last + 1, max(1, round(step * edge))), last})


def _changes(model: TrainedModel, base: Array, rows: Array) -> Array:
    from .keeping import read_out

    if "readout.weights" in model.weights:
        return read_out(model.weights, rows) - read_out(model.weights, base)
    spread = max(float(np.linalg.norm(base)), 1e-12)
    return np.asarray(np.linalg.norm(rows - base, axis=1) / spread)


def _gradients(context: Context, network: Encoder, model: TrainedModel, inputs: Any) -> Array:
    """Return Grad-CAM on the third stage, brought to the grid of the image, largest 1."""
    import torch

    kept: dict[str, Any] = {}

    def keep(module: Any, given: Any, out: Any) -> None:
        del module, given
        out.retain_grad()
        kept["map"] = out

    encoder: Any = network.encoder
    stage = encoder.layer3 if hasattr(encoder, "layer3") else encoder[_THIRD]
    hook = stage.register_forward_hook(keep)
    try:
        for _ in context.track(range(1), "Weighing gradients"):
            rows = network.encoder(torch.as_tensor(inputs, device=context.device))
            _aim(model, rows).backward()
    finally:
        hook.remove()
    found = kept["map"]
    weight = found.grad.mean(dim=(2, 3, 4), keepdim=True)
    coarse = torch.relu((weight * found).sum(dim=1, keepdim=True))
    fine = torch.nn.functional.interpolate(
        coarse.detach().cpu(), size=inputs.shape[2:], mode="trilinear", align_corners=False
    )[0, 0].double().numpy()  # fmt: skip
    return np.asarray(fine / max(float(fine.max()), 1e-12))


def _aim(model: TrainedModel, rows: Any) -> Any:
    import torch

    if "readout.weights" not in model.weights:
        return rows.square().sum()
    line = model.weights["readout.weights"][:, 0] / model.weights["readout.scale"]
    return (rows * torch.as_tensor(np.array(line), dtype=rows.dtype, device=rows.device)).sum()


def _slices(values: Array, grid: Grid, volume: Volume, label: str, unit: str, title: str,
            params: ExplainParams) -> Slices:  # fmt: skip
    from .grids import canonical_values

    under, affine = canonical_values(volume)
    largest = float(np.abs(values).max())
    return Slices(
        values.astype(np.float32), grid.affine, value_label=label, value_unit=unit,
        diverging=params.way == "occlusion" and bool((values < 0).any()), threshold=0.25 * largest,
        space=space_of(volume), under=under, under_affine=affine, title=title,
        caption=("Mean over blanked cubes of "
                 f"{params.cube:g} mm. " if params.way == "occlusion" else "Grad-CAM. ")
        + "A quarter of the largest value and less is not shown.",
    )  # fmt: skip


def _words(found: Array, like: float, where: Array, label: str, unit: str) -> Report:
    text = [
        "## Where the encoder looks", "",
        f"- largest {label}: **{np.abs(found).max():.3g}{'' if unit == '1' else ' ' + unit}** at "
        "x {:.0f}, y {:.0f}, z {:.0f} mm".format(*where),
        f"- correlation with the map of random weights: {like:.2f}; near 1 the map shows the image itself",
        "- One brain, one map: no statement about a group.",
    ]  # fmt: skip
    return Report("\n".join(text), title="In words")


def _as_volume(values: Array, grid: Grid, volume: Volume, *, simulated: bool) -> Volume:
    import nibabel

    code = int(volume.image.header["sform_code"]) if "sform_code" in volume.image.header else 1
    image = nibabel.Nifti1Image(values.astype(np.float32), grid.affine)
    image.set_sform(grid.affine, code)
    image.set_qform(grid.affine, code)
    image.header.set_xyzt_units("mm", "sec")
    if simulated:
        image.header["descrip"] = SIMULATED
    return Volume(image)
