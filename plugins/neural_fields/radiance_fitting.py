"""Fitting a radiance field to pictures with cameras, and judging it on views that it never saw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Context, ImageStack, Result, method

from .camera_params import (
    WARNINGS,
    RadianceParams,
    check_convention,
    memory_of_radiance,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch

    from .posed import Posed
    from .radiance import Radiance

    Stage = tuple[int, Mapping[str, list[float]]]

_PER_EPOCH = 50  # steps between two live pictures
_FLOOR = 0.1  # of the learning rate, at the end


@method(
    group="Train",
    warnings=WARNINGS,
    gpu=True,
    example="radiance_views",
    check=check_convention,
    memory=memory_of_radiance,
)
def fit_radiance(context: Context, params: RadianceParams, pictures: ImageStack) -> Result:
    """Fit density and colour in space to pictures with known cameras, and look from where none stood.

    Some views are held out and judge the fit, beside the mean of these views, a white picture, and a null run
    in which each picture has the camera of another one. A good picture can still have a wrong depth.
    """
    from .fit_reporting import codes_of, data_of, frames_of, shuffled, views_of
    from .picture_scores import judge, numbers
    from .posed import hold_out, read_posed

    posed = read_posed(pictures, params.convention, params.box)
    train, held = hold_out(len(posed), params.held_share, context.seed)
    seen, kept = posed.only(train), posed.only(held)
    field, stages = fit(context, params, seen, kept)
    frames = frames_of(context, params.background, field, kept)
    judged = judge(kept.pixels, np.stack([each.colour for each in frames]))
    null = None
    if params.control:
        lost = shuffled(seen, context.seed)
        other, _ = fit(context, params, lost, kept, name="null", coarse_only=True)
        null = judge(
            kept.pixels,
            np.stack([e.colour for e in frames_of(context, params.background, other, kept)]),
        )
    return Result(
        data=data_of(params, "fit_radiance", field, posed, kept, frames),
        views=views_of(posed, held, kept, frames, field, stages, judged, null),
        numbers=numbers(judged, null, context.seed),
        warnings=codes_of(posed),
    )


def fit(
    context: Context,
    params: RadianceParams,
    posed: Posed,
    held: Posed,
    *,
    name: str = "",
    coarse_only: bool = False,
) -> tuple[Radiance, list[Stage]]:
    """Return a field that shows the pictures, and the way there, a stage each.

    ``held`` is only looked at: its first view is drawn while the fit runs, and chooses nothing.
    """
    from .radiance import Radiance

    prefix = f"{name}, " if name else ""
    centre = posed.cameras.centre.tolist()
    field = Radiance(params.coarse, centre, posed.cameras.half, params.samples)
    ways = [
        _stage(context, params, field, posed, held, f"{prefix}{params.coarse} voxels", coarse=True)
    ]
    if params.fine and params.fine_steps and not coarse_only:
        field = field.finer(params.fine)
        ways.append(
            _stage(
                context, params, field, posed, held, f"{prefix}{params.fine} voxels", coarse=False
            )
        )
    return field, ways


def _stage(
    context: Context,
    params: RadianceParams,
    field: Radiance,
    posed: Posed,
    held: Posed,
    name: str,
    *,
    coarse: bool,
) -> Stage:
    from neurostudio.training import Recipe, batches, train

    from .fit_reporting import columns_of_history, show_held, validation
    from .posed import fingerprint
    from .seeing import rays_in_box

    steps = params.coarse_steps if coarse else params.fine_steps
    recipe = Recipe(
        steps=steps, learning_rate=params.coarse_rate if coarse else params.fine_rate,
        weight_decay=0.0, clip=0.0, floor=_FLOOR, stage=name, watch="",
    )  # fmt: skip
    field.to(context.device)
    rays = tuple(each.reshape(-1, 3) for each in rays_in_box(field, posed.cameras))
    colours = _tensor(posed.pixels.reshape(-1, 3), field)
    per_epoch = min(_PER_EPOCH, steps)
    history = train(
        context, field, batches(*rays, colours, size=params.rays, per_epoch=per_epoch),
        lambda network, batch: _loss(field, batch, params), recipe,
        steps_per_epoch=per_epoch, series={"stage": name}, fingerprint=fingerprint(posed, params),
        validate=validation(params.background, field, held),
        after_epoch=lambda network, epoch: show_held(context, params.background, field, held),
    )  # fmt: skip
    return steps, columns_of_history(history)


def _tensor(values: Any, like: Radiance) -> torch.Tensor:
    import torch

    return torch.as_tensor(values, dtype=torch.float32, device=like.centre.device)


def _loss(field: Radiance, batch: Any, params: RadianceParams) -> torch.Tensor:
    import torch

    from .radiance import entropy

    origins, directions, colours = batch
    jitter = torch.rand(len(origins), params.samples).to(origins.device)
    seen = field.render(origins, directions, params.background, jitter)
    error = torch.nn.functional.mse_loss(seen.colour, colours)
    penalty = params.smoothness * field.roughness() + params.opacity * entropy(seen.alpha)
    return error + penalty
