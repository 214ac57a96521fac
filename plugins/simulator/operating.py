"""Times the products of a sparse matrix with spikes: dense, sparse, event-driven, regenerated."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Context, Estimate, Lines, Number, Params, Result, Table, method, param
from neurostudio.spiking.regenerated import Regenerated

from .cell_params import WARNINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from neurostudio.api import Items

Array = np.ndarray[Any, np.dtype[Any]]


class OperatorParams(Params):
    """Parameters of :func:`time_operators`."""

    sizes: tuple[int, ...] = param((2000, 4000, 8000), "Sides of the matrix")
    probability: float = param(0.1, "Share of pairs that are connected", unit="1", gt=0, le=1)
    active: float = param(0.01, "Share of neurons that spike", unit="1", gt=0, le=1)
    products: int = param(20, "Products that are timed", ge=1, le=1000)


def _memory(params: OperatorParams, items: Items) -> Estimate:
    del items
    n = max(params.sizes, default=1)
    return Estimate(int(n**2 * (4 + 32 * params.probability)), "Take smaller matrices.")


@method(group="Simulate", repeatable=False, warnings=WARNINGS, memory=_memory, example="operators")
def time_operators(context: Context, params: OperatorParams) -> Result:
    """Time four ways to deliver spikes, and check that they deliver the same."""
    import pandas as pd

    rows, errors = [], []
    for n in context.track(params.sizes, "Timing"):
        random = np.random.default_rng(context.seed)
        rule = Regenerated(n, n, params.probability, context.seed, "uniform", 0.0, 0.1)
        stored = rule.stored()
        spikes = (random.random(n) < params.active).astype(float)
        calls = _calls(rule, stored, spikes, n)
        expected = calls["dense"][0]()
        for name, (call, nbytes) in calls.items():
            errors.append(float(np.abs(call() - expected).max()))
            began = time.perf_counter()
            for _ in range(params.products):
                call()
            seconds = (time.perf_counter() - began) / params.products
            rows.append(
                {
                    "operator": name,
                    "neurons": n,
                    "probability": params.probability,
                    "active": params.active,
                    "seconds": seconds,
                    "bytes": nbytes,
                }
            )
    frame = pd.DataFrame(rows)
    table = frame.pivot_table(index="neurons", columns="operator", values="seconds")
    largest = frame[frame.neurons == frame.neurons.max()]
    fastest = largest.loc[largest.seconds.idxmin()]
    view = Lines(
        table.index.to_numpy(float),
        table.to_numpy().T,
        names=tuple(table.columns),
        x_label="neurons",
        x_unit="1",
        y_label="time of a product",
        y_unit="s",
        log_x=True,
        log_y=True,
        title="Time of a product",
        caption=f"{params.active:.3g} of the neurons spike; fastest at the largest size: {fastest.operator}.",
    )
    return Result(
        data={"times": Table(frame)},
        views=(view,),
        numbers={
            "fastest at the largest": Number(
                float(fastest.seconds), "s", note=str(fastest.operator)
            ),
            "largest difference": Number(max(errors), "1", note="between operators"),
        },
        warnings=("simulated data",),
    )


def _calls(
    rule: Regenerated, stored: Any, spikes: Array, n: int
) -> dict[str, tuple[Callable[[], Array], int]]:
    from scipy import sparse

    from neurostudio.spiking.compiled import deliver

    matrix = stored.dense()
    compressed = sparse.csr_array((stored.weights, stored.targets, stored.starts), shape=(n, n))
    where = np.flatnonzero(spikes)
    none = np.empty(0)

    def events() -> Array:
        out = np.zeros(n)
        deliver(where, stored.starts, stored.targets, stored.weights, none, out)
        return out

    def regenerated() -> Array:
        out = np.zeros(n)
        rule.add(where, out)
        return out

    return {
        "dense": (lambda: spikes @ matrix, matrix.nbytes),
        "sparse (SciPy)": (lambda: compressed.T @ spikes, stored.nbytes),
        "event-driven": (events, stored.nbytes),
        "regenerated": (regenerated, 0),
    }
