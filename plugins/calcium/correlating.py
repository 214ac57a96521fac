"""Which traces go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    Connectome,
    Context,
    Heatmap,
    Number,
    Params,
    Result,
    Table,
    Traces,
    method,
    param,
)

from .sorting import Sorting, correlated, order_of
from .traces import check_channels, chosen, detrended, rate_of, traces_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Items

    Array = NDArray[np.float64]

_LEVEL = 0.05


class TraceCorrelationParams(Params):
    """Parameters of :func:`trace_correlations`."""

    channels: tuple[str, ...] = param((), "Traces; none for all", suggest="channels")
    detrend: float = param(
        0.0, "Take away the running median over this length; 0 for none", unit="s", ge=0
    )
    sorting: Sorting = param("correlation", "Order of the rows in the picture")
    controls: int = param(
        100, "Controls whose traces are each shifted in time by another amount", ge=20, le=5000
    )


def _check(params: TraceCorrelationParams, items: Items) -> None:
    check_channels(params.channels, traces_of(items), least=2)


@method(group="Analyse", title="Correlations of traces", check=_check, example="correlated")
def trace_correlations(context: Context, params: TraceCorrelationParams, traces: Traces) -> Result:
    """Correlate every pair of traces, beside traces that are shifted in time."""
    names, values = chosen(traces, params.channels)
    values = detrended(values, rate_of(traces), params.detrend)
    found = correlated(values)
    random = np.random.default_rng(context.seed)
    upper = np.triu_indices(len(names), 1)
    reached = np.zeros(len(upper[0]))
    highest = []
    for _ in context.track(range(params.controls), "Shifting traces"):
        null = np.abs(correlated(_shifted(values, random))[upper])
        reached += null >= np.abs(found[upper])
        highest.append(null.mean())
    p = (1 + reached) / (1 + params.controls)
    order = order_of(params.sorting, names, values)
    strength = np.abs(found[upper])
    best = int(strength.argmax())
    first, second = (names[each[best]] for each in upper)
    return Result(
        data={
            "correlations": Connectome(_matrix(found, names)),
            "pairs": Table(_table(names, upper, found[upper], p)),
        },
        views=(_picture(found[np.ix_(order, order)], [names[k] for k in order], params),),
        numbers={
            "traces": Number(len(names)),
            "mean strength": Number(
                float(strength.mean()),
                "1",
                chance=float(np.mean(highest)),
                note=f"mean |r| of {len(strength)} pairs; chance: of traces that are shifted in time",
            ),
            "pairs beyond control": Number(
                float(np.mean(p < _LEVEL)),
                "1",
                chance=_LEVEL,
                note=f"share with p < {_LEVEL:g} against {params.controls} controls, each pair by itself",
            ),
            "strongest": Number(float(found[upper][best]), "1", note=f"{first} with {second}"),
        },
    )


def _shifted(values: Array, random: np.random.Generator) -> Array:
    """Return traces of which each begins somewhere else, the end going on at the beginning."""
    starts = random.integers(0, values.shape[1], len(values))
    return np.stack([np.roll(row, start) for row, start in zip(values, starts, strict=True)])


def _matrix(found: Array, names: list[str]) -> Any:
    import xarray

    return xarray.DataArray(
        found,
        dims=("source", "target"),
        coords={"source": names, "target": names},
        attrs={"unit": "correlation"},
    )


def _table(names: list[str], upper: Any, values: Array, p: Array) -> Any:
    import pandas as pd

    order = np.argsort(-np.abs(values), kind="stable")
    return pd.DataFrame(
        {
            "first": [names[k] for k in upper[0][order]],
            "second": [names[k] for k in upper[1][order]],
            "correlation": values[order],
            "p": p[order],
        }
    )


def _picture(found: Array, names: list[str], params: TraceCorrelationParams) -> Heatmap:
    return Heatmap(
        values=found,
        x_names=tuple(names),
        y_names=tuple(names),
        x_label="trace",
        y_label="trace",
        value_label="correlation",
        value_unit="1",
        diverging=True,
        title="Correlations",
        caption=f"Pearson's r, sorted by {params.sorting}.",
    )
