"""A picture from the response, by a linear map from the embedding to pixels."""

from __future__ import annotations

from neurostudio.api import (
    Context,
    ImageStack,
    Items,
    Params,
    Result,
    Table,
    TrainedModel,
    Trials,
    method,
    param,
)

from .preparing import WARNINGS

FEW = "Few pictures to learn the map from: what is seen is mostly their mean."


class ReconstructParams(Params):
    """Parameters of :func:`reconstruct_from_trials`."""

    side: int = param(
        32, "Height and width of the pictures that are made", unit="pixels", ge=8, le=256
    )
    shown: int = param(12, "Pictures drawn beside the seen ones", ge=1, le=24, advanced=True)


def _check(params: ReconstructParams, items: Items) -> None:
    from .models import check_model

    del params
    models = items["models"]
    for model in models if isinstance(models, tuple) else (models,):
        if isinstance(model, TrainedModel):
            check_model(model)


@method(group="Apply", title="Reconstruct pictures", warnings=WARNINGS | {"few": FEW}, gpu=True,
        check=_check, example="rebuild")  # fmt: skip
def reconstruct_from_trials(
    context: Context,
    params: ReconstructParams,
    models: tuple[TrainedModel, ...],
    trials: Trials,
    features: Table,
    pictures: ImageStack,
) -> Result:
    """Make a picture from each response: decoders predict the embedding, a linear map the pixels.

    The map is learned from pictures on which the decoders were trained; the seen ones are new to both.
    """
    from .rebuilding import rebuild

    return rebuild(context, params, models, trials, features, pictures)
