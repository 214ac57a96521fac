"""One volume of fine voxels from stacks of thick slices, through a field that is averaged as they are."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from neurostudio.api import Context, Result, Volume, method, param
from neurostudio.spaces import space_of

from .field_params import SIMULATED, FieldParams, check_space, memory_of_fit
from .images import affine_of, codes_of, is_simulated, mask_of, values_of, volume_of

if TYPE_CHECKING:
    import torch

    from neurostudio.training import History

    from .fields import Box, Placed
    from .stacks import Stack

ONE = "smooth interpolation"


class ResolveParams(FieldParams):
    """Parameters of :func:`super_resolve`."""

    steps: int = param(1200, "Steps of the training", ge=10, le=30_000)
    resolution: float = param(
        0.0, "Edge of the voxels that are made; 0 for the smallest edge of the stacks", unit="mm", ge=0, le=20
    )  # fmt: skip
    profile: Literal["box", "Gaussian"] = param(
        "box",
        "How a slice weighs what lies across it; Gaussian: half as much at half its thickness",
    )
    subsamples: int = param(
        0, "Places that stand for a slice's thickness; 0 for its thickness in fine edges", ge=0, le=16,
        advanced=True,
    )  # fmt: skip
    smoothness: float = param(
        2e-3,
        "Weight of the total variation, for one stack alone",
        unit="1",
        ge=0,
        le=1,
        advanced=True,
    )
    control: bool = param(
        True,
        "Null run beside it: the same fit without the slices' thickness; it must lose the gain",
    )

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"entries": 14, "steps": 400},
        "Standard": {},
        "Paper": {"entries": 17, "steps": 3000},
        "GPU": {"entries": 19, "levels": 16, "steps": 10_000, "batch": 65_536},
    }


@method(
    group="Train",
    gpu=True,
    example="thick_stacks",
    memory=memory_of_fit,
    check=lambda params, items: check_space(items),
    warnings=SIMULATED
    | {
        ONE: (
            "One stack holds nothing beyond its slices: this is a smooth interpolation, and inside the brain "
            "no better than a cubic one."
        ),
        "not measured": (
            "Detail finer than the slices is inferred by the field, not measured anatomy. The stacks must "
            "lie over each other: they are not registered here."
        ),
    },
)
def super_resolve(
    context: Context, params: ResolveParams, stacks: tuple[Volume, ...], truth: Volume | None = None,
    mask: Volume | None = None,
) -> Result:  # fmt: skip
    """Fit one field to stacks of thick slices, each voxel the mean over its slice's thickness.

    Give two or more stacks cut in different directions. ``truth``, where it is known, gives the grid and the
    scores, beside the mean of the stacks by cubic splines; ``mask`` lies on its grid.
    """
    from . import stacks as slices
    from .fields import as_model, from_model
    from .resolve_reporting import numbers_of, views_of

    names = context.names.get("stacks") or [f"stack {k + 1}" for k in range(len(stacks))]
    given = [
        slices.stack_of(each, names[k], params.subsamples, params.profile)
        for k, each in enumerate(stacks)
    ]
    step = params.resolution or min(each.fine for each in given)
    shape, affine = slices.target_grid(given[0], step)
    values = inside = None
    if truth is not None:
        values, affine = values_of(truth, "truth"), affine_of(truth)
        shape = (values.shape[0], values.shape[1], values.shape[2])
        inside = None if mask is None else mask_of(mask, truth)
    simulated = any(map(is_simulated, stacks))
    space = space_of(stacks[0])
    placed, history = fit(context, params, given, step, space, simulated=simulated)
    model = as_model(
        placed, "super_resolve", half=True, affine=affine.tolist(), seed=context.seed, version=1,
        data_hash=_hash(given), n_stacks=len(given),
    )  # fmt: skip
    found = from_model(model, context.device).on_grid(context, shape, affine, "Filling the grid")
    plain = slices.cubic_mean(context, given, shape, affine)
    null = None
    if params.control:
        other, _ = fit(
            context, params, [each.thin() for each in given], step, space, simulated=simulated, stage="null"
        )  # fmt: skip
        null = other.on_grid(context, shape, affine, "Null run")
    numbers = numbers_of(context, placed, given, values, found, plain, null, inside, context.seed)
    return Result(
        data={"volume": volume_of(found, affine, space, simulated=simulated), "model": model},
        views=views_of(values, found, plain, affine, space, history, len(given)),
        numbers=numbers,
        warnings=codes_of(stacks, *([ONE] if len(given) == 1 else []), "not measured"),
    )


def _hash(given: list[Stack]) -> str:
    from neurostudio.training import hash_of_weights

    return hash_of_weights({f"{k} {name}": getattr(each, name) for k, each in enumerate(given)
                            for name in ("values", "affine", "steps", "weights")})  # fmt: skip


def fit(
    context: Context, params: ResolveParams, given: list[Stack], step: float, space: str, *,
    simulated: bool, stage: str = "field",
) -> tuple[Placed, History]:  # fmt: skip
    """Return a field whose means over slices agree with the stacks, and what happened."""
    from neurostudio.grids import bounds

    from . import fitting
    from .fields import Placed, box_of

    ends = np.stack([bounds(each.values.shape, each.affine) for each in given])
    ends = np.stack([ends[:, :, 0].min(axis=0), ends[:, :, 1].max(axis=0)], axis=1)
    reach = max(float(abs(each.steps).max()) for each in given)
    box = box_of(ends, reach)
    architecture = params.architecture(int(np.ceil(2 * box.half / step)))
    low = min(float(each.values.min()) for each in given)
    peak = max(float(each.values.max()) for each in given) - low
    network = fitting.new_field(context, architecture, stage)
    placed = Placed(network, box, "intensity", peak, low, space, simulated, ends)
    tv = params.smoothness if len(given) == 1 else 0.0
    history = fitting.fit(
        context, network, _drawing(context, params.batch, given, box, low, peak),
        lambda field, batch: _loss(field, batch, tv, step / box.half),
        steps=params.steps, rate=params.learning_rate(), stage=stage,
        fingerprint=_hash(given) + params.model_dump_json(), show=_showing(context, placed, given[0], stage),
    )  # fmt: skip
    return placed, history


def _drawing(
    context: Context, size: int, given: list[Stack], box: Box, low: float, peak: float
) -> Any:
    """Return what draws voxels of every stack with the places that they are the mean of."""
    import torch

    device = torch.device(context.device)

    def tensor(values: Any) -> torch.Tensor:
        return torch.as_tensor(np.asarray(values), dtype=torch.float32, device=device)

    known = [
        (
            tensor((each.values.ravel() - low) / peak), tensor(each.affine[:3, :3].T / box.half),
            tensor(box.inside(each.affine[:3, 3])), tensor(each.steps / box.half), tensor(each.weights),
            each.values.shape, max(1, size // (len(given) * len(each.weights))),
        )
        for each in given
    ]  # fmt: skip

    def draw(generator: torch.Generator) -> list[tuple[torch.Tensor, ...]]:
        found: list[tuple[torch.Tensor, ...]] = []
        for values, turn, shift, steps, weights, (_, n_y, n_z), count in known:
            flat = torch.randint(len(values), (count,), generator=generator).to(device)
            voxels = torch.stack([flat // (n_y * n_z), flat // n_z % n_y, flat % n_z], dim=1)
            places = (voxels.float() @ turn + shift)[:, None] + steps
            found.append((places, weights, values[flat]))
        return found

    return draw


def _loss(field: torch.nn.Module, batch: Any, tv: float, step: float) -> torch.Tensor:
    """Return the mean squared error of the slices' means, and the total variation from voxel to voxel."""
    import torch

    places = torch.cat([each.reshape(-1, 3) for each, _, _ in batch])
    outputs = field(places)
    start = 0
    total: torch.Tensor = outputs.new_zeros(())
    for each, weights, truth in batch:
        own = outputs[start : start + each[..., 0].numel()].reshape(each.shape[:2])
        start += each[..., 0].numel()
        total = total + (own @ weights - truth).square().mean() / len(batch)
    if tv:
        some = places[::8]
        moved = some + step * torch.eye(3, device=some.device)[torch.randint(3, (len(some),))]
        total = total + tv * (field(moved) - outputs[::8]).abs().mean()
    return total


def _showing(context: Context, placed: Placed, first: Stack, stage: str) -> Any:
    from .volume_reporting import middle_slice

    def show() -> None:
        context.show(f"{stage}, middle slice", middle_slice(placed, first.values, first.affine))

    return show
