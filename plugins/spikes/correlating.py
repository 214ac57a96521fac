"""How the spikes of one unit stand to those of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Heatmap,
    Lines,
    Number,
    Params,
    Result,
    SpikeTrains,
    Table,
    View,
    method,
    param,
)

from .choosing import check_units, check_window, chosen, spikes_of
from .controls import jittered, p_value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Items

    Array = NDArray[np.float64]

_LEVEL = 0.05
_UNITS_MOST = 40


class CorrelogramsParams(Params):
    """Parameters of :func:`correlograms`."""

    kind: Literal["cross", "auto"] = param(
        "cross", "cross: each pair of units; auto: each unit with itself"
    )
    units: tuple[str, ...] = param(
        (), "Units; none for those with most spikes, as many as below", suggest="units"
    )
    most: int = param(8, "Units where none are named", ge=2, le=_UNITS_MOST)
    window: float = param(0.05, "Longest lag to each side", unit="s", gt=0)
    bin: float = param(0.001, "Length of a bin", unit="s", gt=0)
    value: Literal["rate", "counts"] = param(
        "rate", "rate: of the second unit around spikes of the first; counts: pairs of spikes"
    )
    controls: int = param(100, "Jittered controls", ge=20, le=2000)
    jitter: float = param(
        0.02, "Each spike of a control moves by at most this to either side", unit="s", gt=0
    )


def _check(params: CorrelogramsParams, items: Items) -> None:
    spikes = spikes_of(items)
    check_units(params.units, spikes)
    check_window(-params.window, params.window, params.bin)
    if len(params.units) > _UNITS_MOST:
        raise BadInput(
            f"{len(params.units)} units are named; their pairs would not be readable. "
            f"Name at most {_UNITS_MOST}."
        )
    if params.kind == "cross" and (len(params.units) == 1 or len(spikes.names("units")) == 1):
        raise BadInput(
            "One unit has no pair. Name two units or more, or choose auto for its own correlogram."
        )


@method(group="Analyse", check=_check, example="pairs")
def correlograms(context: Context, params: CorrelogramsParams, spikes: SpikeTrains) -> Result:
    """Count spikes of one unit around those of another, beside the same with jittered spikes."""
    group = _most_spikes(chosen(spikes, params.units), params)
    found = _correlate(group, params)
    random = np.random.default_rng(context.seed)
    null = np.array(
        [
            _correlate(jittered(group, params.jitter, random), params).to_numpy().T
            for _ in context.track(range(params.controls), "Jittering")
        ]
    )
    lags = found.index.to_numpy(dtype=float)
    values = found.to_numpy(dtype=float).T
    names = [_pair_name(column) for column in found.columns]
    counted = values.copy() if params.kind == "cross" else np.where(lags == 0, -np.inf, values)
    peaks = counted.max(axis=1)
    null_peaks = np.where(lags == 0, -np.inf, null) if params.kind == "auto" else null
    p = p_value(peaks, null_peaks.max(axis=2))
    unit = "Hz" if params.value == "rate" else ""
    what = "pair" if params.kind == "cross" else "unit"
    frame = _table(what, names, lags, (counted, p), unit)
    best = _clearest(peaks, null_peaks.max(axis=2))
    return Result(
        data={"correlograms": Table(frame)},
        views=(
            _curve(lags, values[best], null[:, best], names[best], params, unit),
            _all(lags, values, names, params),
        ),
        numbers={
            "pairs" if params.kind == "cross" else "units": Number(len(names)),
            "with a peak": Number(
                int(np.sum(p < _LEVEL)),
                chance=_LEVEL * len(p),
                note=(
                    f"highest value above that of {100 * (1 - _LEVEL):g} % of {params.controls} controls, "
                    f"spikes jittered by up to {1e3 * params.jitter:g} ms"
                ),
            ),
        },
    )


def _most_spikes(group: Any, params: CorrelogramsParams) -> Any:
    if params.units or len(group) <= params.most:
        return group
    counts = [len(group[key]) for key in group.index]
    kept = sorted(np.argsort(counts, kind="stable")[::-1][: params.most].tolist())
    return group[[group.index[k] for k in kept]]


def _correlate(group: Any, params: CorrelogramsParams) -> Any:
    """Return the correlograms as the library has them, in spikes a second or in pairs."""
    import pynapple as nap

    compute = (
        nap.compute_crosscorrelogram if params.kind == "cross" else nap.compute_autocorrelogram
    )
    found = compute(group, params.bin, params.window, norm=False)
    if params.value == "rate":
        return found
    first = [column[0] if params.kind == "cross" else column for column in found.columns]
    return found * np.array([len(group[key]) * params.bin for key in first])


def _pair_name(column: Any) -> str:
    return " → ".join(map(str, column)) if isinstance(column, tuple) else str(column)


def _clearest(peaks: Array, null: Array) -> int:
    spread = np.maximum(null.std(axis=0), 1e-12)
    return int(np.argmax((peaks - null.mean(axis=0)) / spread))


def _table(what: str, names: list[str], lags: Array, found: tuple[Array, Array], unit: str) -> Any:
    import pandas as pd

    counted, p = found

    at = counted.argmax(axis=1)
    frame = pd.DataFrame(
        {
            what: names,
            "peak": counted[np.arange(len(names)), at],
            "lag": lags[at],
            "p": p,
        }
    )
    frame.attrs["unit"] = f"peak: {unit or 'pairs'}; lag: s"
    return frame


def _curve(
    lags: Array, values: Array, null: Array, name: str, params: CorrelogramsParams, unit: str
) -> View:
    low, high = np.percentile(null, [2.5, 97.5], axis=0)
    nothing = np.full_like(values, np.nan)
    shown = values.copy()
    if params.kind == "auto":
        shown[lags == 0] = np.nan  # a spike with itself
    return Lines(
        x=lags,
        y=np.array([shown, null.mean(axis=0)]),
        low=np.array([nothing, low]),
        high=np.array([nothing, high]),
        names=(name, "jittered"),
        x_label="lag",
        x_unit="s",
        y_label="rate" if params.value == "rate" else "pairs of spikes",
        y_unit=unit,
        marks={"": 0.0},
        title=f"Clearest peak: {name}",
        caption=(
            f"Bins of {1e3 * params.bin:g} ms; band: 95 % of {params.controls} controls whose spikes are "
            f"jittered by up to {1e3 * params.jitter:g} ms. A lag above 0: the second unit follows."
        ),
    )


def _all(lags: Array, values: Array, names: list[str], params: CorrelogramsParams) -> View:
    shown = values.copy()
    if params.kind == "auto":
        shown[:, lags == 0] = np.nan
    top = np.nanmax(shown, axis=1, keepdims=True)
    return Heatmap(
        values=shown / np.where(top > 0, top, 1.0),
        x=lags,
        y_names=tuple(names),
        x_label="lag",
        x_unit="s",
        y_label="pair" if params.kind == "cross" else "unit",
        value_label="rate" if params.value == "rate" else "pairs of spikes",
        value_unit="of the row's highest",
        title="All correlograms",
    )
