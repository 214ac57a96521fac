"""A liquid as it is before anything was shown to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurostudio.api import Context, Number, Points, Result, method

from .declaring import WARNINGS, BuildParams, memory_of_liquid

if TYPE_CHECKING:
    from .liquids import Liquid


@method(
    group="Simulate",
    example="built",
    warnings={"simulated network": WARNINGS["simulated network"]},
    memory=memory_of_liquid,
)
def build_liquid(context: Context, params: BuildParams) -> Result:
    """Build a liquid: neurons on a grid, joined the more rarely the farther apart they are.

    Nothing has been shown to it. Hand its connectome to *Self-organise* to let exactly this liquid learn.
    """
    from . import picturing
    from .liquids import DENSE, as_connectome, build

    liquid = build(
        params.shape, params.excitatory_share, params.reach, params.n_inputs, params.start_weight,
        context.seed,
    )  # fmt: skip
    views = [picturing.in_space(liquid), picturing.matrix(liquid), picturing.populations(liquid)]
    if len(liquid) <= DENSE:
        views.append(picturing.distances(liquid))
    return Result(
        data={"connectome": as_connectome(liquid), "places": _places(liquid)},
        views=tuple(views),
        numbers=_numbers(liquid),
        warnings=("simulated network",),
    )


def _numbers(liquid: Liquid) -> dict[str, Number]:
    degree = np.diff(liquid.inner.starts)
    return {
        "neurons": Number(len(liquid)),
        "connections": Number(liquid.inner.n_synapses, note="from neuron to neuron"),
        "input wires": Number(liquid.outer.n_synapses, note="exactly 15 % of the pairs"),
        "targets of an excitatory neuron": Number(float(degree[liquid.excitatory].mean())),
        "targets of an inhibitory neuron": Number(float(degree[~liquid.excitatory].mean())),
    }


def _places(liquid: Liquid) -> Points:
    import xarray

    kinds = np.where(liquid.excitatory, "excitatory", "inhibitory")
    columns = {axis: ("point", liquid.places[:, k]) for k, axis in enumerate("xyz")}
    return Points(
        xarray.Dataset(
            {**columns, "type": ("point", kinds)}, attrs={"unit": "grid steps", "simulated": True}
        )
    )
