"""Times between the spikes of a unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    Context,
    Heatmap,
    Lines,
    Number,
    Params,
    Result,
    Sheet,
    SpikeTrains,
    Table,
    method,
    param,
)

from .choosing import check_units, check_window, chosen, spikes_of
from .windows import edges_of

if TYPE_CHECKING:
    from neurostudio.api import Items, View

_LINES_MOST = 8
_SECONDS = frozenset({"mean", "median"})


class IntervalsParams(Params):
    """Parameters of :func:`intervals`."""

    units: tuple[str, ...] = param((), "Units; none for all", suggest="units")
    longest: float = param(0.1, "Longest interval of the histogram", unit="s", gt=0)
    bin: float = param(0.001, "Length of a bin", unit="s", gt=0)
    refractory: float = param(
        0.002, "Intervals shorter than this cannot come from one neuron", unit="s", ge=0
    )
    tolerated: float = param(
        0.01, "Share of such intervals above which a unit is marked", unit="1", ge=0, le=1
    )


def _check(params: IntervalsParams, items: Items) -> None:
    check_units(params.units, spikes_of(items))
    check_window(0.0, params.longest, params.bin)


@method(group="Analyse", title="Intervals between spikes", check=_check, example="intervals")
def intervals(context: Context, params: IntervalsParams, spikes: SpikeTrains) -> Result:
    """Describe the intervals between spikes: histogram, regularity, and those too short for one neuron."""
    import pandas as pd
    import pynapple as nap

    group = chosen(spikes, params.units)
    for _ in context.track(range(1), "Measuring intervals"):
        edges = edges_of(0.0, params.longest, params.bin)
        histogram = nap.compute_isi_distribution(group, bins=edges)
        rows = [_facts(str(key), each, params) for key, each in _intervals_of(group)]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    frame = pd.DataFrame(columns)
    frame.attrs["unit"] = "mean, median: s"
    marked = int(np.nansum(frame["too short"].to_numpy(dtype=float) > params.tolerated))
    return Result(
        data={"intervals": Table(frame)},
        views=_views(histogram, columns, params),
        numbers={
            "units": Number(len(rows)),
            "median variation": Number(
                float(frame["variation"].median()),
                "1",
                note="s.d. / mean of the intervals (CV); 1 for a Poisson process",
            ),
            "marked units": Number(
                marked,
                note=(
                    f"more than {params.tolerated:.3g} of the intervals are shorter than "
                    f"{1e3 * params.refractory:g} ms"
                ),
            ),
        },
    )


def _views(
    histogram: Any, columns: dict[str, list[Any]], params: IntervalsParams
) -> tuple[View, ...]:
    names, n = columns["unit"], columns["intervals"]
    share = histogram.to_numpy(dtype=float).T / np.maximum(n, 1)[:, None]
    most = np.argsort([-each for each in n], kind="stable")[:_LINES_MOST]
    centres = histogram.index.to_numpy(dtype=float)
    axis: dict[str, Any] = {"x": centres, "x_label": "interval", "x_unit": "s"}
    return (
        Lines(
            y=share[most],
            names=tuple(f"unit {names[k]}" for k in most),
            y_label="share of intervals",
            marks={"": params.refractory},
            title="Intervals of the units with most spikes",
            caption=(
                f"Bins of {1e3 * params.bin:g} ms; intervals across gaps do not count. "
                f"Upright line: the refractory period of {1e3 * params.refractory:g} ms."
            ),
            **axis,
        ),
        Heatmap(
            values=share / np.maximum(share.max(axis=1, keepdims=True), 1e-12),
            y_names=tuple(names),
            y_label="unit",
            value_label="share of intervals",
            value_unit="of the unit's highest",
            title="Intervals of all units",
            **axis,
        ),
        Sheet(
            {f"{name} (s)" if name in _SECONDS else name: each for name, each in columns.items()},
            title="Regularity of each unit",
        ),
    )


def _intervals_of(group: Any) -> list[tuple[Any, np.ndarray[Any, np.dtype[np.float64]]]]:
    found = group.time_diff(epochs=group.time_support)
    return [(key, np.asarray(found[key].values, float)) for key in group.index]


def _facts(
    name: str, each: np.ndarray[Any, np.dtype[np.float64]], params: IntervalsParams
) -> dict[str, Any]:
    n = len(each)
    mean = float(each.mean()) if n else float("nan")
    return {
        "unit": name,
        "intervals": n,
        "mean": mean,
        "median": float(np.median(each)) if n else float("nan"),
        "variation": float(each.std() / mean) if n > 1 else float("nan"),
        "too short": float(np.mean(each < params.refractory)) if n else float("nan"),
    }
