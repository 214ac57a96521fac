"""Fitting Gaussians to pictures with cameras: L1 and D-SSIM, removing and splitting between stretches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Context, ImageStack, Points, Result, method

from .camera_params import LARGE, MANY, WARNINGS, SplatParams, check_convention, memory_of_splats

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import torch

    from .posed import Posed
    from .splats import Splats

    Stage = tuple[int, Mapping[str, list[float]]]

_PER_EPOCH = 25
_FLOOR, _LAST = 0.1, 0.3  # of the rate within a stretch, and of the last stretch's first rate
_TRANSPARENT = 0.02  # opacity below which a Gaussian is taken away
_SPLIT, _NARROWER = (
    0.05,
    1.6,
)  # the share that is split at least; by how much the halves are narrower


@method(
    group="Train",
    warnings=WARNINGS,
    gpu=True,
    example="splat_views",
    check=check_convention,
    memory=memory_of_splats,
)
def fit_splats(context: Context, params: SplatParams, pictures: ImageStack) -> Result:
    """Fit Gaussians in space to pictures with known cameras, and look from where none stood.

    They start at random. Between stretches of the training transparent ones are taken away and those with the
    largest gradients are split, so that their number stays. Some views are held out and judge the fit, beside
    the mean of these views, a white picture, and a null run with shuffled cameras.
    """
    from .fit_reporting import codes_of, data_of, frames_of, shuffled, views_of
    from .picture_scores import judge, numbers
    from .posed import hold_out, read_posed

    if params.rasteriser == "gsplat":
        from .cuda_splats import check_gsplat

        check_gsplat(context.device)
    posed = read_posed(pictures, params.convention, params.box)
    train, held = hold_out(len(posed), params.held_share, context.seed)
    seen, kept = posed.only(train), posed.only(held)
    field, stages = fit(context, params, seen, kept)
    frames = frames_of(context, params.background, field, kept)
    judged = judge(kept.pixels, np.stack([each.colour for each in frames]))
    null = None
    if params.control:
        other, _ = fit(context, params, shuffled(seen, context.seed), kept, name="null", rounds=1)
        lost = frames_of(context, params.background, other, kept)
        null = judge(kept.pixels, np.stack([each.colour for each in lost]))
    slow = context.device == "cpu" and (max(posed.cameras.shape) > LARGE or params.gaussians > MANY)
    return Result(
        data={
            **data_of(params, "fit_splats", field, posed, kept, frames),
            "gaussians": points_of(field, simulated=posed.simulated),
        },
        views=(*views_of(posed, held, kept, frames, field, stages, judged, null), in_space(field)),
        numbers=numbers(judged, null, context.seed),
        warnings=(*codes_of(posed), *(("small on cpu",) if slow else ())),
    )  # fmt: skip


def fit(
    context: Context,
    params: SplatParams,
    posed: Posed,
    held: Posed,
    *,
    name: str = "",
    rounds: int = 0,
) -> tuple[Splats, list[Stage]]:
    """Return Gaussians that show the pictures, and the way there, a stretch each.

    ``held`` is only looked at. With ``rounds`` only so many stretches are trained.
    """
    import torch

    from neurostudio.training import seed_of

    from .splats import Splats

    field = Splats(params.gaussians, posed.cameras.centre.tolist(), posed.cameras.half)
    field.scatter(torch.Generator().manual_seed(seed_of(context.seed, "splats")))
    field.to(context.device)
    field.by_kernels = params.rasteriser == "gsplat"
    views = Views(posed, field, params)
    stages = []
    for number in range(rounds or params.rounds):
        if number:
            renew(
                field, views, torch.Generator().manual_seed(seed_of(context.seed, "split", number))
            )
        label = f"{name}, stretch {number + 1}" if name else f"stretch {number + 1}"
        stages.append(_stretch(context, params, field, views, held, label, number))
    return field, stages


class Views:
    """Pictures as tensors beside their cameras in the field's coordinates, dealt one at a time."""

    def __init__(self, posed: Posed, field: Splats, params: SplatParams) -> None:
        import torch

        from .posed import fingerprint
        from .seeing import inside_box

        device = field.centre.device
        self.poses = inside_box(field, posed.cameras.poses)
        self.intrinsics = torch.as_tensor(posed.cameras.intrinsics, dtype=torch.float32).to(device)
        self.pixels = torch.as_tensor(posed.pixels).to(device)
        self.shape, self.params = posed.cameras.shape, params
        self.hash = fingerprint(posed, params)

    def deal(self, generator: torch.Generator) -> Iterator[int]:
        """Yield pictures in random order, each as often as the others."""
        import torch

        n = len(self.pixels)
        rounds = -(-_PER_EPOCH // n)
        order = torch.cat([torch.randperm(n, generator=generator) for _ in range(rounds)])
        yield from order[:_PER_EPOCH].tolist()

    def loss(self, field: Splats, number: int) -> torch.Tensor:
        """Return 0.8 L1 + 0.2 D-SSIM of one picture, with the parameter's weights."""
        import torch

        from .picture_scores import ssim

        seen = field.render(
            self.poses[number], self.intrinsics[number], self.shape, self.params.background
        ).colour
        truth = self.pixels[number]
        one, other = (each.view(*self.shape, 3).permute(2, 0, 1)[None] for each in (truth, seen))
        share = self.params.similarity
        away = torch.nn.functional.l1_loss(other, one)
        return (1 - share) * away + share * (1 - ssim(one, other))


def _stretch(
    context: Context, params: SplatParams, field: Splats, views: Views, held: Posed, name: str,
    number: int,
) -> Stage:  # fmt: skip
    from neurostudio.training import Recipe, train

    from .fit_reporting import columns_of_history, show_held, validation
    from .splats import RATES

    total = params.rounds
    steps = params.steps * (number + 1) // total - params.steps * number // total
    factor = params.rate * _LAST ** (number / max(1, total - 1))
    recipe = Recipe(
        steps=max(1, steps), learning_rate=factor, weight_decay=0.0, clip=0.0, floor=_FLOOR,
        stage=name, watch="",
    )  # fmt: skip
    rates = [{"params": [getattr(field, part)], "lr": factor * r} for part, r in RATES.items()]
    history = train(
        context, field, views.deal, lambda network, batch: views.loss(field, batch), recipe,
        steps_per_epoch=min(_PER_EPOCH, max(1, steps)), rates=rates, series={"stage": name},
        fingerprint=views.hash, validate=validation(params.background, field, held),
        after_epoch=lambda network, epoch: show_held(context, params.background, field, held),
    )  # fmt: skip
    return steps, columns_of_history(history)


def renew(field: Splats, views: Views, generator: torch.Generator) -> int:
    """Take transparent Gaussians away and split others in their place; return how many.

    Split are those whose centres have the largest gradients over all views, since there the pictures are
    wrong. It depends on weights and pictures alone, so that a resumed run goes the same way.
    """
    import torch

    pull = torch.zeros(len(field.centres), device=field.centres.device)
    for number in range(len(views.pixels)):
        (slope,) = torch.autograd.grad(views.loss(field, number), [field.centres])
        pull += slope.norm(dim=1)
    with torch.no_grad():
        opacity = torch.sigmoid(field.opacities)
        n = min(max(int((opacity < _TRANSPARENT).sum()), round(_SPLIT * len(pull))), len(pull) // 2)
        gone = torch.argsort(opacity, stable=True)[:n]
        pull[gone] = -1
        chosen = torch.argsort(pull, descending=True, stable=True)[:n]
        noise = torch.randn(n, 3, generator=generator).to(pull.device)
        wide = torch.linalg.cholesky(
            field.covariances()[chosen] + 1e-9 * torch.eye(3, device=pull.device)
        )
        step = 0.7 * (wide @ noise[..., None])[..., 0]
        for name, values in field.named_parameters():
            values[gone] = values[chosen]
            if name == "scales":
                values[gone] -= float(np.log(_NARROWER))
                values[chosen] -= float(np.log(_NARROWER))
        field.centres[gone] += step
        field.centres[chosen] -= step
    return n


def points_of(field: Splats, *, simulated: bool) -> Points:
    """Return centres in mm, covariances in mm2, opacities and colours of Gaussians."""
    import torch
    import xarray

    with torch.no_grad():
        reach = float(field.reach)
        centres = (field.centres * reach + field.centre).cpu().numpy()
        spread = (field.covariances() * reach**2).cpu().numpy()
        opacity = torch.sigmoid(field.opacities).cpu().numpy()
        colours = torch.sigmoid(field.colours).cpu().numpy()
    columns: dict[str, Any] = {
        axis: ("point", centres[:, k], {"unit": "mm"}) for k, axis in enumerate("xyz")
    }
    for one, first in enumerate("xyz"):
        for other, second in enumerate("xyz"):
            if one <= other:
                values = spread[:, one, other]
                columns[f"covariance_{first}{second}"] = ("point", values, {"unit": "mm2"})
    columns["opacity"] = ("point", opacity, {"unit": "1"})
    for k, name in enumerate(("red", "green", "blue")):
        columns[name] = ("point", colours[:, k], {"unit": "1"})
    return Points(xarray.Dataset(columns, attrs={"simulated": simulated}))


def in_space(field: Splats) -> Any:
    """Return the centres at their millimetres, coloured by opacity, those that can be seen."""
    from neurostudio.api import Brain

    table = points_of(field, simulated=False).table
    shown = np.asarray(table["opacity"]) > 0.1
    places = np.stack([np.asarray(table[axis]) for axis in "xyz"], axis=1)[shown]
    squares = np.stack([np.asarray(table[f"covariance_{a}{a}"]) for a in "xyz"], axis=1)[shown]
    width = float(np.median(np.sqrt(squares.mean(axis=1)))) if shown.any() else float("nan")
    return Brain(
        points=places, point_values=np.asarray(table["opacity"])[shown], value_label="opacity",
        title="Gaussians",
        caption=f"{int(shown.sum())} of {len(shown)} centres with an opacity above 0.1; their width "
        f"(one standard deviation, median) is {width:.2g} mm.",
    )  # fmt: skip
