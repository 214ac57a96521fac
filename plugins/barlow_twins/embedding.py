"""Embedding samples by a trained model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurostudio.api import (
    BadInput,
    Context,
    ImageStack,
    Number,
    Result,
    Table,
    TrainedModel,
    Trials,
    Volume,
    method,
)

from .declaring import WARNINGS, SampleParams

if TYPE_CHECKING:
    from .networks import Twins
    from .samples import Samples

BLOCK = 256


def restored(model: TrainedModel) -> Twins:
    """Return the network that a stored model describes, with its weights.

    Raises
    ------
    BadInput
        The model is not one of this plugin.
    """
    from . import networks

    if "projector_width" not in dict(model.config.get("arguments", {})):
        raise BadInput(
            f"The model was trained by '{model.method}' and is no pair of Barlow Twins. Choose one that "
            "a pre-training of this plugin made."
        )
    network = networks.build(model.config["arguments"])
    networks.load(network, model.weights)
    network.eval()
    return network


def given_samples(
    context: Context,
    params: SampleParams,
    model: TrainedModel,
    samples: tuple[ImageStack | Trials | Volume, ...],
    people: Table | None,
) -> tuple[Twins, Samples]:
    """Return the network of a model, and samples as it takes them."""
    from .samples import read_samples

    network = restored(model)
    names = context.names.get("samples") or tuple(f"volume_{k}" for k in range(len(samples)))
    return network, read_samples(samples, names, people, params, context.seed, model.config)


@method(group="Apply", warnings=WARNINGS, gpu=True, example="apply")
def embed(
    context: Context,
    params: SampleParams,
    model: TrainedModel,
    samples: tuple[ImageStack | Trials | Volume, ...],
    people: Table | None = None,
) -> Result:
    """Embed samples of the kind that a model was trained on: the encoder's output, not the projector's."""
    import numpy as np

    from neurostudio.learning.similarity import effective_rank
    from neurostudio.training import steady

    from . import networks, picturing
    from .mapping import embedding_table, map_of

    network, found = given_samples(context, params, model, samples, people)
    rows = np.arange(len(found))
    with steady():
        network.to(context.device)
        parts = [
            networks.embedded(network, found, rows[start : start + BLOCK], context.device)
            for start in context.track(range(0, len(rows), BLOCK), "Embedding")
        ]
    embedding = np.concatenate(parts)
    made = map_of(embedding, found)
    simulated = found.simulated or bool(model.config.get("simulated"))
    return Result(
        data={"embedding": embedding_table(embedding, found), "map": made.points},
        views=(made.view, *picturing.neighbours(found, embedding, context.seed)),
        numbers={
            "samples": Number(len(found)),
            "features": Number(embedding.shape[1]),
            "effective rank": Number(
                effective_rank(embedding[:5000].astype(float)),
                "1",
                note="says nothing without a probe",
            ),
        },
        warnings=("simulated",) if simulated else (),
    )
