"""A volume as a continuous field, and what that costs and gains."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from neurostudio.api import Context, Result, Volume, method, param

from .field_params import SIMULATED, FieldParams, longest_side, memory_of_fit
from .images import affine_of, codes_of, is_simulated, mask_of, values_of, volume_of

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from neurostudio.training import History

    from .fields import Placed

    Array = NDArray[np.float32]

_WATCHED = 20_000  # voxels whose PSNR is among the live curves


class VolumeParams(FieldParams):
    """Parameters of :func:`fit_volume`."""

    held_share: float = param(
        0.02, "Share of the voxels that is never shown and tells how good the field is between voxels",
        unit="1", ge=0.0, le=0.5, advanced=True,
    )  # fmt: skip
    precision: Literal["float16", "float32"] = param(
        "float16",
        "How the weights are kept; the reconstruction is that of the kept weights",
        advanced=True,
    )
    control: bool = param(
        True,
        "Null run beside it: the same voxels at shuffled places, which no smooth field can hold",
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
    example="volume",
    memory=memory_of_fit,
    warnings=SIMULATED
    | {
        "no compression": (
            "The field is no compression: it takes more bytes than the compressed image, or JPEG 2000 is "
            "nearer to the image in as many bytes."
        )
    },
)
def fit_volume(
    context: Context, params: VolumeParams, volume: Volume, mask: Volume | None = None
) -> Result:
    """Fit a continuous field of intensity to a volume.

    It can then be asked anywhere, on any plane and at any zoom (*Sample field*). The result tells how near
    it comes to the voxels, to voxels it never saw (beside linear and cubic interpolation of their
    neighbours), and how many bytes it takes beside the compressed image. ``mask`` tells where the brain is.
    """
    from .fields import as_model, from_model
    from .volume_reporting import numbers_of, views_of

    values, affine = values_of(volume), affine_of(volume)
    inside = None if mask is None else mask_of(mask, volume)
    held = held_out(values.size, params.held_share, context.seed)
    placed, history = fit(context, params, volume, values, held)
    facts = {
        "affine": affine.tolist(), "shape": list(values.shape), "data_hash": _hash(values),
        "seed": context.seed, "version": 1, "held_share": params.held_share,
    }  # fmt: skip
    model = as_model(placed, "fit_volume", half=params.precision == "float16", **facts)
    kept = from_model(model, context.device)
    found = kept.on_grid(context, values.shape, affine, "Reconstruction")
    null = _null(context, params, volume, values, affine, held) if params.control else None
    numbers, packed = numbers_of(
        context, volume, values, found, inside, held, model, null, context.seed
    )
    simulated = is_simulated(volume)
    space = placed.space
    useless = numbers["bytes / compressed image"].value > 1 or any(
        each.psnr > packed[0].psnr and each.nbytes <= packed[0].nbytes for each in packed[1:]
    )
    return Result(
        data={
            "model": model,
            "reconstruction": volume_of(found, affine, space, simulated=simulated),
            "error": volume_of(found - values, affine, space, simulated=simulated),
        },
        views=views_of(volume, values, found, history, numbers, packed),
        numbers=numbers,
        warnings=codes_of([volume], *(["no compression"] if useless else [])),
    )


def held_out(n: int, share: float, seed: int) -> NDArray[np.intp]:
    """Return the voxels that are never shown, sorted."""
    count = round(share * n)
    chosen = np.random.default_rng([seed, 22]).choice(n, count, replace=False)
    return np.sort(chosen)


def _hash(values: Array) -> str:
    from neurostudio.training import hash_of_weights

    return hash_of_weights({"values": values})


def fit(
    context: Context, params: VolumeParams, volume: Volume, values: Array, held: NDArray[np.intp],
    stage: str = "field",
) -> tuple[Placed, History]:  # fmt: skip
    """Return a field fitted to the voxels that are not held out, and what happened."""
    from neurostudio.grids import bounds
    from neurostudio.spaces import space_of

    from . import fitting
    from .fields import Placed, box_of

    affine = affine_of(volume)
    ends = bounds(values.shape, affine)
    architecture = params.architecture(longest_side(values.shape, affine))
    network = fitting.new_field(context, architecture, stage)
    low, peak = float(values.min()), float(np.ptp(values)) or 1.0
    placed = Placed(
        network, box_of(ends), "intensity", peak, low, space_of(volume), is_simulated(volume), ends
    )
    draw = _drawing(context, params.batch, placed, values, affine, held)
    history = fitting.fit(
        context, network, draw, _loss, steps=params.steps, rate=params.learning_rate(), stage=stage,
        fingerprint=_hash(values) + params.model_dump_json(),
        validate=_watching(placed, values, affine, held, context.seed),
        show=_showing(context, placed, values, affine, stage),
    )  # fmt: skip
    return placed, history


def _loss(network: torch.nn.Module, batch: Any) -> torch.Tensor:
    import torch

    places, truth = batch
    return torch.nn.functional.mse_loss(network(places), truth)


def _drawing(
    context: Context, size: int, placed: Placed, values: Array, affine: Any, held: NDArray[np.intp]
) -> Any:
    """Return what draws voxels with their places: nothing of the size of the image is held twice."""
    import torch

    device = torch.device(context.device)
    scaled = torch.as_tensor((values.ravel() - placed.offset) / placed.scale, device=device)
    shown = np.ones(values.size, bool)
    shown[held] = False
    rows = torch.as_tensor(
        np.flatnonzero(shown).astype(np.int32 if values.size < 2**31 else np.int64)
    )
    turn = torch.as_tensor(affine[:3, :3].T / placed.box.half, dtype=torch.float32)
    shift = torch.as_tensor(placed.box.inside(affine[:3, 3]), dtype=torch.float32)
    _, n_y, n_z = values.shape

    def draw(generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        flat = rows[torch.randint(len(rows), (size,), generator=generator)].long()
        voxels = torch.stack([flat // (n_y * n_z), flat // n_z % n_y, flat % n_z], dim=1)
        return (voxels.float() @ turn + shift).to(device), scaled[flat.to(device)]

    return draw


def _watching(placed: Placed, values: Array, affine: Any, held: NDArray[np.intp], seed: int) -> Any:
    """Return what measures the field on some voxels while it is fitted."""
    from .volume_scores import from_neighbours, psnr

    some = np.random.default_rng([seed, 23]).permutation(values.size)[:_WATCHED]
    some_held = held[:: max(1, len(held) // _WATCHED)]

    def places(rows: NDArray[np.intp]) -> Any:
        voxels = np.stack(np.unravel_index(rows, values.shape), axis=1)
        return voxels @ affine[:3, :3].T + affine[:3, 3]

    def near(rows: NDArray[np.intp]) -> float:
        return psnr(values.ravel()[rows], placed.piece(places(rows)), placed.scale)

    beside = {}
    if len(some_held):
        linear, _ = from_neighbours(values, some_held)
        beside["psnr_linear"] = psnr(values.ravel()[some_held], linear, placed.scale)

    def validate() -> dict[str, float]:
        found = {"psnr": near(some)}
        return found | ({"psnr_held_out": near(some_held)} | beside if len(some_held) else {})

    return validate


def _showing(context: Context, placed: Placed, values: Array, affine: Any, stage: str) -> Any:
    from .volume_reporting import middle_slice

    def show() -> None:
        context.show(f"{stage}, middle slice", middle_slice(placed, values, affine))

    return show


def _null(
    context: Context, params: VolumeParams, volume: Volume, values: Array, affine: Any,
    held: NDArray[np.intp],
) -> float:  # fmt: skip
    """Return the PSNR of a fit to the same voxels at shuffled places."""
    from .volume_scores import psnr

    mixed = (
        np.random.default_rng([context.seed, 24]).permutation(values.ravel()).reshape(values.shape)
    )
    placed, _ = fit(context, params, volume, mixed, held, "null")
    found = placed.on_grid(context, values.shape, affine, "Null run")
    return psnr(mixed, found, placed.scale)
