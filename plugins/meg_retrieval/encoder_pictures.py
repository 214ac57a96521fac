"""What is seen of the encoder: where it listens, when, and how it learned."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Lines, Topomap

if TYPE_CHECKING:
    from neurostudio.api import View
    from neurostudio.training import History

    from .experiment import Experiment
    from .network import Encoder
    from .preparing import Responses

MOST_MAPS = 5


def of_encoder(
    network: Encoder, experiment: Experiment, history: History, null: History | None
) -> tuple[View, ...]:
    """Return attention over the sensors, weights over time, and the learning curves."""
    return (
        *attention_of(network, experiment.responses, "of the epoch that was kept"),
        saliency(network, experiment.responses),
        *curves(history, null),
    )


def attention_of(network: Encoder, responses: Responses, when: str) -> tuple[Topomap, ...]:
    """Return how much the encoder takes from each sensor on average, and by its most used channels."""
    import torch

    if len(responses.channels) < 4:
        return ()
    with torch.no_grad():
        training, network.attention.training = network.attention.training, False
        weights = network.attention.weights().cpu().double().numpy()
        network.attention.training = training
        used = network.mix.weight.detach().cpu().double().numpy()[..., 0]
    strength = np.linalg.norm(used, axis=0)
    order = np.argsort(-strength)[:MOST_MAPS]
    mean = (strength[:, None] * weights).sum(axis=0) / strength.sum()
    maps = np.vstack([mean, weights[order]]) * len(responses.channels)
    seen = partial(
        Topomap, positions=responses.places, names=responses.channels, diverging=False,
        value_label="attention, 1 = even", value_unit="1",
    )  # fmt: skip
    return (
        seen(
            maps[:1], title="Where the encoder listens",
            caption=f"Weights of the sensors, {when}: mean over all virtual channels.",
        ),
        seen(
            maps[1:], titles=tuple(f"virtual channel {k + 1}" for k in order),
            title="The virtual channels most used",
            caption=f"Weights of the sensors, {when}.",
        ),
    )  # fmt: skip


def saliency(network: Encoder, responses: Responses) -> Lines:
    """Return the weights with which the encoder sums over time."""
    weights = network.time.weight.detach().cpu().double().numpy()[0]
    return Lines(
        responses.times, weights[None], x_label="time after the picture's onset", x_unit="s",
        y_label="weight", y_unit="1", levels={"start": 1 / len(weights)},
        marks={"onset": 0.0} if responses.times[0] < 0 else {},
        title="When the encoder listens",
        caption="The convolutions before it blur time by up to 17 samples to each side.",
    )  # fmt: skip


def curves(history: History, null: History | None) -> tuple[Lines, ...]:
    """Return the losses and the validation score over the epochs, the null run's beside."""
    runs: dict[str, Any] = {"": history} | ({"shuffled: " if null else "": null} if null else {})
    length = max(len(each.epochs) for each in runs.values())
    x = np.arange(1, length + 1, dtype=float)

    def row(run: History, name: str) -> Any:
        values = np.array(run.column(name), float)
        return np.r_[values, np.full(length - len(values), np.nan)]

    loss = {
        f"{prefix}{words}": row(run, name)
        for prefix, run in runs.items()
        for words, name in (("training", "train_loss"), ("validation", "validation_loss"))
    }
    best = [name for name in history.epochs[0] if name.startswith("top_")]
    score = (
        {f"{prefix}validation": row(run, best[0]) for prefix, run in runs.items()} if best else {}
    )
    found = [
        Lines(
            x, np.stack(list(loss.values())), names=tuple(loss), x_label="epoch", y_label="loss",
            y_unit="nat", marks={"kept": history.best_epoch + 1.0}, title="Loss",
            caption="Training: against the batch; validation: against all validation pictures.",
        )
    ]  # fmt: skip
    if score:
        chance = history.epochs[0]["chance"]
        found.append(
            Lines(
                x, np.stack(list(score.values())), names=tuple(score), x_label="epoch",
                y_label=best[0].replace("_", "-"), y_unit="1", levels={"chance": chance},
                marks={"kept": history.best_epoch + 1.0},
                title="Single trials of the validation part",
            )
        )  # fmt: skip
    return tuple(found)
