"""Training on images of brains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, Context, Estimate, Items, Result, Table, Volume, method

from .declaring import VolumeParams, refuse_useless
from .people import WARNINGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .fitting import How
    from .grids import Grid
    from .people import Cohort


def _memory(params: VolumeParams, items: Items) -> Estimate:
    from . import grids

    volumes = items["volumes"]
    assert isinstance(volumes, tuple)  # noqa: S101  the method's own check came first
    first = volumes[0]
    assert isinstance(first, Volume)  # noqa: S101
    large = params.encoder != "small"
    n_voxels = params.size**3 or int(np.prod(first.image.shape[:3]))
    return grids.estimate(len(volumes), n_voxels, params.batch_size, large=large)


def _check(params: VolumeParams, items: Items) -> None:
    refuse_useless(params)
    regions = items.get("regions")
    if params.anatomy_settings().uses_anatomy and not isinstance(regions, Table):
        raise BadInput(
            f"The loss '{params.loss}' needs regional measures as 'regions'. Give that table, or choose "
            "the loss 'age'."
        )


@method(group="Train", warnings=WARNINGS, memory=_memory, gpu=True, check=_check,
        example="volumes")  # fmt: skip
def train_on_volumes(
    context: Context,
    params: VolumeParams,
    volumes: tuple[Volume, ...],
    people: Table,
    regions: Table | None = None,
) -> Result:
    """Train an encoder of brain images in which people of like age and anatomy lie close.

    ``people`` and ``regions`` name the person of a row by the name of the image. Each person is judged by an
    encoder that never saw the person; the one that is kept was trained on everybody.
    """
    from . import joining, judging, reporting

    names = context.names.get("volumes") or tuple(f"volume_{k}" for k in range(len(volumes)))
    kept = joining.with_age(context, names, people, params)
    chosen = [volumes[k] for k in kept]
    grid, inputs = _inputs(context, params, chosen, [names[k] for k in kept])
    cohort = joining.cohort([names[k] for k in kept], inputs, people, regions, params)
    groups = joining.groups_of(cohort.keys, people, params.group, params)
    left = joining.column_of(cohort.keys, people, params.leave_out, params)
    how = how_of(params, cohort)
    found = judging.judge(context, params, cohort, groups, left, how)
    config = {
        **joining.config_of(params, cohort), "grid": grid.as_plain(), "scaling": params.scaling,
        "start": "released weights" if params.encoder == "folder" else "",
    }  # fmt: skip
    return reporting.result_of(context, found, how, config, "train_on_volumes")


def _inputs(
    context: Context, params: VolumeParams, volumes: Sequence[Volume], names: Sequence[str]
) -> tuple[Grid, Any]:
    from . import grids

    paper = params.encoder == "folder"
    grid = grids.grid_for(volumes, names, 0 if paper else params.size, paper=paper)
    words = " x ".join(map(str, grid.shape))
    context.say(f"{len(volumes)} images on a grid of {words} voxels.")
    return grid, grids.stacked(context, volumes, names, grid, params.scaling)


def how_of(params: VolumeParams, cohort: Cohort) -> How:
    """Return how to fit the encoder of images."""
    from neurostudio.training import Recipe

    from .fitting import How

    del cohort
    start = {}
    if params.encoder == "folder":
        from .released import released

        start = released(params.anatomy)
    recipe = Recipe(
        epochs=params.epochs, learning_rate=params.learning_rate, weight_decay=0.0,
        clip=0.0, cosine=False, watch="",
    )  # fmt: skip
    return How(
        recipe, params.anatomy_settings(), encoder="small" if params.encoder == "small" else "resnet18",
        batch_size=params.batch_size, decay=params.weight_decay, cutout=params.cutout, start=start,
    )  # fmt: skip
