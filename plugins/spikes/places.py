"""Where in space a unit fires."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    Context,
    Heatmap,
    Images,
    Lines,
    Number,
    Result,
    SpikeTrains,
    Table,
    Traces,
    View,
    method,
    param,
)

from .choosing import check_units, chosen, spikes_of, traces_of
from .controls import p_value, shifted
from .moving import Path, PlaceParams, check_place, path_of
from .tuning import clearest, information_numbers, information_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Items

    Array = NDArray[np.float64]

_MAPS_MOST = 12
_LINES_MOST = 6


class PlaceMapsParams(PlaceParams):
    """Parameters of :func:`place_maps`."""

    shuffles: int = param(100, "Controls whose spikes are shifted in time", ge=20, le=2000)


def _check(params: PlaceMapsParams, items: Items) -> None:
    check_units(params.units, spikes_of(items))
    check_place(params, traces_of(items, "position"))


@method(group="Analyse", check=_check, example="places")
def place_maps(
    context: Context, params: PlaceMapsParams, spikes: SpikeTrains, position: Traces
) -> Result:
    """Map the rate of each unit over space, with its spatial information beside shifted spikes."""
    path = path_of(params, position)
    group = chosen(spikes, params.units)
    maps = maps_of(group, path, path.epochs, params)
    random = np.random.default_rng(context.seed)
    null = np.array(
        [
            information_of(maps_of(shifted(group, path.epochs, random), path, path.epochs, params))
            for _ in context.track(range(params.shuffles), "Shifting spikes")
        ]
    )
    information = information_of(maps)
    p = p_value(information, null)
    names = [str(key) for key in group.index]
    numbers = information_numbers(information, null, p, "place units")
    used = float(path.epochs.tot_length())
    numbers["time used"] = Number(used, "s", note=f"of {path.span[1] - path.span[0]:.4g} s")
    draw = _views_along if maps.ndim == 2 else _views_across
    return Result(
        data={"places": Table(_table(maps, names, information, p))},
        views=draw(maps, names, clearest(information, null), position.unit),
        numbers=numbers,
    )


def maps_of(group: Any, path: Path, epochs: Any, params: PlaceParams) -> Any:
    """Return the rate of each unit in each bin, smoothed counts over smoothed time.

    Notes
    -----
    Without smoothing this is ``pynapple.compute_tuning_curves``. Bins that were hardly visited are NaN
    and have no occupancy.
    """
    import pynapple as nap
    from scipy.ndimage import gaussian_filter

    edges = path.edges(params.bins)
    maps = nap.compute_tuning_curves(
        group,
        path.frame if len(edges) > 1 else path.frame[:, 0],
        bins=edges,
        epochs=epochs,
        feature_names=list(path.names),
        return_counts=True,
    )
    counts, visits = maps.to_numpy(), maps.attrs["occupancy"]
    there = (visits > 0) & (visits >= params.least * maps.attrs["fs"])
    if params.smoothing:
        spread = (0.0, *[params.smoothing] * len(edges))
        counts = gaussian_filter(counts, spread, mode="constant")
        smooth = gaussian_filter(visits, spread[1:], mode="constant")
    else:
        smooth = visits
    rates = counts / np.where(there, smooth, 1.0) * maps.attrs["fs"]
    maps = maps.copy(data=np.where(there, rates, np.nan))
    maps.attrs["occupancy"] = np.where(there, visits, 0.0)
    return maps


def _views_along(
    maps: Any, names: list[str], order: NDArray[np.intp], unit: str
) -> tuple[View, ...]:
    axis, values = maps[maps.dims[1]].to_numpy(), maps.to_numpy()
    best = order[:_LINES_MOST]
    top = np.nanmax(values, axis=1, keepdims=True)
    by_place = np.argsort(np.nanargmax(np.nan_to_num(values), axis=1), kind="stable")
    place: dict[str, Any] = {"x_label": str(maps.dims[1]), "x_unit": unit}
    time = maps.attrs["occupancy"] / maps.attrs["fs"]
    return (
        Lines(
            x=axis,
            y=values[best],
            names=tuple(f"unit {names[k]}" for k in best),
            y_label="rate",
            y_unit="Hz",
            title="Places of the clearest units",
            caption="The units whose information stands out most from that of shifted spikes.",
            **place,
        ),
        Heatmap(
            values=(values / np.where(top > 0, top, 1.0))[by_place],
            x=axis,
            y_names=tuple(names[k] for k in by_place),
            y_label="unit",
            value_label="rate",
            value_unit="of the unit's highest",
            title="Places of all units",
            caption="Sorted by the place of the highest rate.",
            **place,
        ),
        Lines(
            x=axis,
            y=time[None],
            y_label="time spent",
            y_unit="s",
            title="Occupancy",
            **place,
        ),
    )


def _views_across(
    maps: Any, names: list[str], order: NDArray[np.intp], unit: str
) -> tuple[View, ...]:
    values = maps.to_numpy()
    best = order[:_MAPS_MOST]
    top = np.nanmax(values[best], axis=(1, 2), keepdims=True)
    time = np.where(maps.attrs["occupancy"] > 0, maps.attrs["occupancy"] / maps.attrs["fs"], np.nan)
    x, y = (maps[dim].to_numpy() for dim in maps.dims[1:])
    return (
        Images(
            pixels=np.swapaxes(values[best] / np.where(top > 0, top, 1.0), 1, 2),
            names=tuple(
                f"{names[k]}: {most:.2g} Hz" for k, most in zip(best, top.ravel(), strict=True)
            ),
            value_unit="of the unit's highest rate",
            title="Places of the clearest units",
            caption=(
                f"{maps.dims[1]} to the right, {maps.dims[2]} downwards; with the highest rate; "
                "not visited: empty. Those whose information stands out most from shifted spikes."
            ),
        ),
        Heatmap(
            values=time.T,
            x=x,
            y=y,
            x_label=str(maps.dims[1]),
            x_unit=unit,
            y_label=str(maps.dims[2]),
            y_unit=unit,
            value_label="time spent",
            value_unit="s",
            title="Occupancy",
        ),
    )


def _table(maps: Any, names: list[str], information: Array, p: Array) -> Any:
    import pandas as pd

    values = maps.to_numpy().reshape(len(names), -1)
    grid = np.meshgrid(*(maps[dim].to_numpy() for dim in maps.dims[1:]), indexing="ij")
    at = np.nanargmax(np.nan_to_num(values), axis=1)
    columns: dict[str, Any] = {"unit": names, "information": information, "p": p}
    columns["highest rate"] = np.nanmax(values, axis=1)
    for dim, each in zip(maps.dims[1:], grid, strict=True):
        columns[f"place in {dim}"] = each.ravel()[at]
    frame = pd.DataFrame(columns)
    frame.attrs["unit"] = "information: bits/spike; highest rate: Hz"
    return frame
