"""The connectome of a worm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from neurostudio.api import Context, Number, Params, Report, Result, method, param
from neurostudio.samples import sample
from neurostudio.templates import tube
from neurostudio.views import Brain
from neurostudio.worm import worm_connectome

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Connectome

    Array = NDArray[np.float64]

STRONGEST = 400  # connections that are drawn


class WormParams(Params):
    """Parameters of :func:`sample_worm_connectome`."""

    synapses: Literal["chemical", "electrical"] = param(
        "chemical", "Chemical synapses have a direction; electrical ones (gap junctions) have none"
    )


@method(
    group="Samples",
    title="Connectome of C. elegans",
    warnings={"source": sample("sample_worm_connectome").words},
)
def sample_worm_connectome(context: Context, params: WormParams) -> Result:
    """Open the wiring of the hermaphrodite worm: neurons, muscles and other cells, by cell name.

    Weights count the sections of electron microscopy in which a synapse is seen. Most places are schematic,
    which the item's facts say.
    """
    for _ in context.track(range(1), "Reading the wiring"):
        found = worm_connectome(params.synapses)
    weights = np.asarray(found.matrix.to_numpy(), float)
    words = f"{sample('sample_worm_connectome').words}\n\nPlaces: {found.matrix.attrs.get('positions', '')}"
    return Result(
        data={"worm": found},
        views=(_body(found, weights), Report(title="Source", text=words)),
        numbers={
            "cells": Number(len(weights)),
            "connections": Number(int(np.count_nonzero(weights))),
            "sections": Number(float(weights.sum())),
        },
        warnings=("source",),
    )


def _body(wiring: Connectome, weights: Array) -> Brain:
    """Return the cells in the outline of the body, joined by the strongest connections."""
    matrix = wiring.matrix
    places = np.stack([np.asarray(matrix[axis], float) for axis in "xyz"], axis=1)
    order = np.argsort(-weights, axis=None, kind="stable")
    order = order[: min(STRONGEST, np.count_nonzero(weights))]
    edges = np.stack(np.unravel_index(order, weights.shape), axis=1)
    body = tube(places)
    return Brain(
        vertices=body.vertices,
        faces=body.faces,
        points=places,
        point_names=wiring.names("nodes"),
        edges=edges,
        weights=weights[edges[:, 0], edges[:, 1]],
        directed=bool(matrix.attrs["directed"]),
        space=str(matrix.attrs["space"]),
        value_label="contact",
        value_unit=str(matrix.attrs["unit"]),
        title="In the worm",
        caption=f"The {len(edges)} strongest connections; most places are schematic.",
    )
