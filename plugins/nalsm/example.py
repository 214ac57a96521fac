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


def chain(factor: float, n_layers: int = 40, width: int = 12) -> tuple[Connections, Spikes, int]:
    """Return wires, spikes and steps of a feed-forward chain whose branching factor is planted.

    Layer after layer, a step each, one neuron spikes at first. Each spike has ``factor`` successors in the
    next layer where it is a whole number; a half means that two spikes share one.
    """
    from neurostudio.spiking.connections import from_pairs

    from .presenting import Spikes

    pairs, when, who, begin = [], [], [], 30
    n_roots = width
    first = np.arange(n_roots)
    n, layer, step = n_roots, first, begin
    when += [step] * n_roots
    who += first.tolist()
    for _ in range(n_layers):
        size = round(len(layer) * factor)
        if size == 0 or n + size > 6000:
            break
        new = np.arange(n, n + size)
        if factor >= 1:
            pairs += list(zip(np.repeat(layer, round(factor)).tolist(), new.tolist(), strict=True))
        else:
            shared = round(1 / factor)
            pairs += list(
                zip(layer[: size * shared].tolist(), np.repeat(new, shared).tolist(), strict=True)
            )
        n, layer, step = n + size, new, step + 1
        when += [step] * size
        who += new.tolist()
    sources, targets = np.array(pairs).T
    order = np.argsort(when, kind="stable")
    spikes = Spikes(np.array(when, np.int32)[order], np.array(who, np.int32)[order])
    return from_pairs(sources, targets, n, n), spikes, begin + n_layers + 80


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


def measured() -> Example:
    """Return a liquid and eighty pictures, to be measured."""
    params = {"presentation_time": 0.1, "n_branching": 5, "n_rank": 40, "shuffles": 5}
    return Example(params, {"model": liquid(), "data": pictures(80, 1)})


def classified() -> Example:
    """Return a liquid with a readout and twenty new pictures."""
    return Example({}, {"model": with_readout(), "data": pictures(20, 2)})
