"""Pictures of two planted classes, left or right half bright, and a chain of known branching."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

import numpy as np

from neurostudio.api import Context, Example, ImageStack, TrainedModel

if TYPE_CHECKING:
    from neurostudio.spiking.connections import Connections

    from .presenting import Spikes

SIDE = 8
FEW = {"shape": (4, 4, 4), "n_initial": 12, "initial_time": 0.03}


def pictures(n: int = 20, seed: int = 0) -> ImageStack:
    """Return pictures of 8 x 8, half of them bright on the left, half on the right, with noise."""
    import xarray

    random = np.random.default_rng(seed)
    right = np.arange(n) % 2 == 1
    values = random.integers(0, 40, (n, SIDE, SIDE))
    values[~right, :, : SIDE // 2] += 180
    values[right, :, SIDE // 2 :] += 180
    labels = np.where(right, "right", "left")
    coords = {"id": ("item", [f"picture {k}" for k in range(n)]), "label": ("item", labels)}
    return ImageStack(
        xarray.DataArray(
            values.astype(np.uint8), dims=("item", "y", "x"), coords=coords,
            attrs={"unit": "grey value", "simulated": True},
        )
    )  # fmt: skip


def chain(factor: float, n_layers: int, width: int) -> tuple[Connections, Spikes, int]:
    """Return wires, spikes and steps of a feed-forward chain whose branching factor is planted.

    ``width`` neurons spike first, then layer after layer, a step each. Each spike has ``factor`` successors
    where that is a whole number; a half means that two spikes share one. The first and the last layers fall
    into the steps that the measure cuts off.
    """
    from neurostudio.spiking.connections import from_pairs

    from .measuring import EDGE
    from .presenting import Spikes

    layers = [np.arange(width)]
    sources, targets = [], []
    for _ in range(n_layers - 1):
        before = layers[-1]
        new = np.arange(round(len(before) * factor)) + before[-1] + 1
        n_pairs = max(len(before), len(new))
        sources.append(np.repeat(before, n_pairs // len(before)))
        targets.append(np.repeat(new, n_pairs // len(new)))
        layers.append(new)
    when = np.concatenate([np.full(len(each), EDGE + k, np.int32) for k, each in enumerate(layers)])
    who = np.concatenate(layers).astype(np.int32)
    wires = from_pairs(np.concatenate(sources), np.concatenate(targets), len(who), len(who))
    return wires, Spikes(when, who), 2 * EDGE + n_layers


@cache
def liquid() -> TrainedModel:
    """Return a liquid of 64 neurons that organised itself on twelve pictures."""
    from .declaring import OrganiseParams
    from .organising import self_organise

    params = OrganiseParams.model_validate({**FEW, "control": False})
    return cast("TrainedModel", self_organise(Context(), params, data=pictures())["model"])


@cache
def with_readout() -> TrainedModel:
    """Return the same liquid with a readout of the two classes."""
    from .declaring import ReadoutParams
    from .training import train_liquid_readout

    params = ReadoutParams.model_validate({"presentation_time": 0.03, "n_train": 60, "n_test": 20})
    result = train_liquid_readout(Context(), params, model=liquid(), data=pictures(80, 1))
    return cast("TrainedModel", result["model"])


def built() -> Example:
    """Return a small size for building."""
    return Example({"shape": (5, 5, 5), "n_inputs": 64})


def moved() -> Example:
    """Return a few pictures for a simulated event camera."""
    return Example({"at_most": 4}, {"pictures": pictures()})


def organised() -> Example:
    """Return twenty pictures, to organise itself on."""
    return Example(FEW, {"data": pictures()})


def read() -> Example:
    """Return a liquid and eighty other pictures, to be read."""
    params = {"presentation_time": 0.03, "n_train": 60, "n_test": 20}
    return Example(params, {"model": liquid(), "data": pictures(80, 1)})


def compared() -> Example:
    """Return eighty pictures for all liquids."""
    params = {
        **FEW, "presentation_time": 0.03, "n_train": 60, "n_test": 20, "fixed_weights": (1.0, 3.0),
        "astrocyte_weights": (0.015,),
    }  # fmt: skip
    return Example(params, {"data": pictures(80, 1)})


def swept() -> Example:
    """Return eighty pictures for liquids of two sizes and two numbers of samples."""
    params = {
        **FEW, "presentation_time": 0.03, "n_train": 60, "n_test": 20, "sides": (3, 4), "numbers": (4, 12),
    }  # fmt: skip
    return Example(params, {"data": pictures(80, 1)})


def measured() -> Example:
    """Return a liquid and eighty pictures, to be measured."""
    params = {"presentation_time": 0.1, "n_branching": 5, "n_rank": 40, "shuffles": 5}
    return Example(params, {"model": liquid(), "data": pictures(80, 1)})


def classified() -> Example:
    """Return a liquid with a readout and twenty new pictures."""
    return Example({}, {"model": with_readout(), "data": pictures(20, 2)})
