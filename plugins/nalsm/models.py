"""A liquid as a trained model: what it was made of, what it has seen, and what is to be said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, TrainedModel

from .liquids import as_weights
from .presenting import Showing, steps_of
from .readouts import Readout
from .stepping import FIXED, Learning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .coding import Samples
    from .liquids import Liquid

SILENT, RUNAWAY, SMALL = 1.0, 1.2, 512  # Hz; branching; neurons


def as_model(
    liquid: Liquid, samples: Samples, seen: Any, learning: Learning, **facts: Any
) -> TrainedModel:
    """Return a liquid as a model; ``seen`` are the fingerprints of what it organised itself on."""
    weights = as_weights(liquid) | {"seen": np.asarray(seen, np.int64)}
    config = {
        "network": "liquid", "version": 1, "n_neurons": len(liquid), "n_inputs": samples.n_inputs,
        "kind": samples.kind, "sample_shape": list(samples.shape), "learning": list(learning), **facts,
    }  # fmt: skip
    return TrainedModel(weights, config, "self_organise")


def check_liquid(model: TrainedModel) -> None:
    """Raise :class:`BadInput` where a model is no liquid of this plugin."""
    if model.config.get("network") != "liquid":
        raise BadInput(
            f"The model was trained by '{model.method}'; a liquid comes from 'Self-organise'."
        )


def showing_of(model: TrainedModel, seconds: float, *, plastic: bool, fading: float) -> Showing:
    """Return how a model's liquid is read: with the scale of its training part, plastic or not."""
    learning = Learning(*model.config["learning"])
    learning = learning._replace(fading=fading) if plastic else learning._replace(rule=FIXED)
    return Showing(
        steps_of(seconds), float(model.config["scale"]), learning, int(model.config["seed"])
    )


def with_readout(
    model: TrainedModel, readout: Readout, classes: Sequence[str], **facts: Any
) -> TrainedModel:
    """Return a model that also holds a readout."""
    weights = dict(model.weights) | {
        "readout.weights": readout.weights,
        "readout.bias": readout.bias,
    }
    config = dict(model.config) | {"classes": list(classes), "largest": readout.largest, **facts}
    return TrainedModel(weights, config, "train_liquid_readout")


def readout_of(model: TrainedModel) -> Readout:
    """Return the readout of a model; :class:`BadInput` where there is none."""
    if "readout.weights" not in model.weights:
        raise BadInput(
            "The liquid has no readout yet, so it cannot name classes. Use 'Train liquid readout' first."
        )
    return Readout(
        np.asarray(model.weights["readout.weights"]),
        np.asarray(model.weights["readout.bias"]),
        float(model.config["largest"]),
    )


def scaled_words(n: int, n_initial: int, steps: int) -> str:
    """Return how small this is beside the paper, or nothing where it is not smaller."""
    if n >= 1000 and n_initial >= 50_000 and steps >= 250:
        return ""
    return f"Scaled: {n:,} neurons, {n_initial:,} images, {steps} ms"


def codes_of(
    *, samples: Samples, n: int, n_initial: int, steps: int, rule: str, rate: float,
    branching: float = 0.0, plastic: bool = False,
) -> tuple[str, ...]:  # fmt: skip
    """Return the warnings that stand on a result."""
    found = {
        "simulated network": True,
        "simulated data": samples.simulated,
        "branching above 1.2": branching > RUNAWAY,
        "liquid silent": rate < SILENT,
        "test weights plastic": plastic,
        "scaled": bool(scaled_words(n, n_initial, steps)),
        "a fixed liquid may be as good": n <= SMALL and rule == "NALSM",
    }
    return tuple(code for code, holds in found.items() if holds)
