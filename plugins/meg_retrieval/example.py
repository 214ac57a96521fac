"""Small simulated experiments with planted sources; tests, docs and *Try it* share them."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from neurostudio.api import Context, Example, ImageStack, Items, Table, TrainedModel, Trials

TINY: dict[str, Any] = {
    "virtual_channels": 16, "hidden": 32, "frequencies": 4, "projection": 64, "learning_rate": 2e-3,
    "epochs": 12, "test_column": "part", "nulls": 1, "alphas": (1e2, 1e4), "batch_size": 32,
    "rate": 50.0,
}  # fmt: skip
LINEAR = {name: TINY[name] for name in ("test_column", "nulls", "alphas", "rate")}


@cache
def small() -> tuple[Trials, Table]:
    """Return trials of one person: 12 categories × 10 pictures, and a gallery of 12 seen twice."""
    from .packing import experiment
    from .world import Settings

    settings = Settings(
        categories=12, pictures=10, subjects=1, gallery=12, repeats=2, linear=1.0, snr=0.5, jitter=0
    )
    trials, features, _ = experiment(settings)
    return trials, features


@cache
def pictures() -> ImageStack:
    """Return 132 pictures of 24 × 24 pixels, whose brightness is built from their embeddings."""
    from .painting import painted

    return painted(small()[1])


@cache
def model() -> TrainedModel:
    """Return a linear decoder of the small experiment."""
    from .method import LinearParams, fit_linear_decoder

    trials, features = small()
    params = LinearParams.model_validate(LINEAR)
    result = fit_linear_decoder(Context(), params, trials=trials, features=features)
    return cast("TrainedModel", result["model"])


def simulate() -> Example:
    """Return small sizes for the simulator."""
    return Example({"categories": 6, "pictures": 4, "subjects": 1, "gallery": 6, "repeats": 2})


def embed() -> Example:
    """Return the painted pictures."""
    return Example({}, {"pictures": pictures()})


def train() -> Example:
    """Return one person's trials for one epoch of a tiny encoder."""
    trials, features = small()
    return Example(TINY, {"trials": trials, "features": features})


def linear() -> Example:
    """Return one person's trials for ridge."""
    trials, features = small()
    return Example(LINEAR, {"trials": trials, "features": features})


def over_time() -> Example:
    """Return the same for three windows."""
    trials, features = small()
    params = LINEAR | {"window": 0.4, "stride": 0.4, "decoders": ("ridge",)}
    return Example(params, {"trials": trials, "features": features})


def find() -> Example:
    """Return a decoder, trials, the gallery and its pictures."""
    trials, features = small()
    items: Items = {"model": model(), "trials": trials, "gallery": features, "pictures": pictures()}
    return Example({}, items)


def rebuild() -> Example:
    """Return a decoder, trials, embeddings and the pictures they belong to."""
    trials, features = small()
    items: Items = {
        "models": (model(),),
        "trials": trials,
        "features": features,
        "pictures": pictures(),
    }
    return Example({}, items)
