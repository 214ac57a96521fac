"""The one way in which fields are fitted: the core's loop, fifty steps between two live pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from neurostudio.training import Recipe, seed_of, train

from .encoders import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from neurostudio.api import Context
    from neurostudio.training import History

    from .encoders import Architecture

    Draw = Callable[[torch.Generator], Any]

PER_EPOCH = 50  # steps between two live pictures
_FLOOR = 0.05  # of the learning rate, at the end


def new_field(context: Context, architecture: Architecture, stage: str) -> Field:
    """Return a field whose weights depend on the seed and the stage."""
    with torch.random.fork_rng():
        torch.manual_seed(seed_of(context.seed, stage, "weights"))
        return Field(architecture).to(context.device)


def fit(
    context: Context,
    network: Field,
    draw: Draw,
    loss: Callable[[Field, Any], torch.Tensor],
    *,
    steps: int,
    rate: float,
    stage: str,
    fingerprint: str,
    validate: Callable[[], Mapping[str, float]] | None = None,
    show: Callable[[], None] | None = None,
) -> History:
    """Fit a field in place.

    Parameters
    ----------
    draw
        Given a seeded generator, returns the batch of one step.
    loss
        Of the field and a batch.
    validate, show
        Called every fifty steps; the metrics choose nothing.
    """
    per_epoch = min(PER_EPOCH, steps)

    def deal(generator: torch.Generator) -> Iterable[Any]:
        for _ in range(per_epoch):
            yield draw(generator)

    recipe = Recipe(
        steps=steps,
        learning_rate=rate,
        weight_decay=0.0,
        clip=0.0,
        floor=_FLOOR,
        stage=stage,
        watch="",
    )
    return train(
        context, network, deal, lambda module, batch: loss(network, batch), recipe,
        steps_per_epoch=per_epoch, rates=network.rates(rate), series={"stage": stage},
        fingerprint=fingerprint, validate=None if validate is None else lambda module: validate(),
        after_epoch=None if show is None else lambda module, epoch: show(),
    )  # fmt: skip
