"""Small cohorts with planted anatomy; the larger ones are for the acceptance."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

from neurostudio.api import Context, Example, Table, TrainedModel, Volume

from . import simulate as simulating
from . import simulator

if TYPE_CHECKING:
    from neurostudio.api import Items

N = 96
FEW = {"epochs": 2, "folds": 2, "age_width": 5.0}


@cache
def items() -> tuple[tuple[Volume, ...], Table, Table]:
    """Return images, people and regions of 96 people."""
    planted = simulator.cohort(N, 0)
    people, regions = simulating.tables(planted)
    return tuple(simulating.volume_of(each) for each in planted.images), people, regions


def names() -> dict[str, tuple[str, ...]]:
    """Return the names of the images."""
    return {"volumes": simulating.names_of(N)}


def volumes() -> Example:
    """Return the cohort, to be trained on for two epochs."""
    images, people, regions = items()
    given: Items = {"volumes": images, "people": people, "regions": regions}
    return Example({**FEW, "size": 20}, given, names())


def tables() -> Example:
    """Return the regional measures of the cohort."""
    _, people, regions = items()
    return Example(FEW, {"measures": regions, "people": people})


@cache
def model() -> TrainedModel:
    """Return an encoder of images, trained for two epochs."""
    from .declaring import VolumeParams
    from .training_volumes import train_on_volumes

    images, people, regions = items()
    params = VolumeParams.model_validate({**FEW, "size": 20, "null_run": False})
    context = Context(names=names())
    result = train_on_volumes(context, params, volumes=images, people=people, regions=regions)
    return cast("TrainedModel", result["model"])


@cache
def embedding() -> Table:
    """Return the embedding of 96 other people of the same world."""
    from .embedding import EmbedParams, embed_anatomy

    planted = simulator.cohort(N, 0, 1)
    people, _ = simulating.tables(planted, "other")
    images = tuple(simulating.volume_of(each) for each in planted.images)
    context = Context(names={"subjects": simulating.names_of(N, "other")})
    result = embed_anatomy(context, EmbedParams(), subjects=images, model=model(), people=people)
    return cast("Table", result["embedding"])


@cache
def others() -> tuple[Table, Table]:
    """Return people and regions of the embedded people."""
    return simulating.tables(simulator.cohort(N, 0, 1), "other")


def embedded() -> Example:
    """Return a model and the cohort, to be embedded."""
    images, people, _ = items()
    given: Items = {"subjects": images, "model": model(), "people": people}
    return Example({}, given, {"subjects": simulating.names_of(N)})


def probed() -> Example:
    """Return an embedding, to be read for age and site."""
    people, regions = others()
    params = {"targets": ("age",), "folds": 3, "seeds": 1, "nulls": 5}
    return Example(params, {"embedding": embedding(), "people": people, "regions": regions})


def aged() -> Example:
    """Return an embedding, to be read for age."""
    people, regions = others()
    return Example({}, {"embedding": embedding(), "people": people, "regions": regions})


def near() -> Example:
    """Return an embedding, and whose neighbours are wanted."""
    _, regions = others()
    return Example({"person": "other_0001"}, {"embedding": embedding(), "regions": regions})


def explained() -> Example:
    """Return a model and an image."""
    images, _, _ = items()
    return Example({"cube": 45.0}, {"model": model(), "volume": images[0]})


def simulate() -> Example:
    """Return a small size for the simulator."""
    return Example({"people": 12})
