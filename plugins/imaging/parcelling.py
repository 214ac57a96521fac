"""From voxels to regions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Heatmap,
    Number,
    Result,
    Sheet,
    Table,
    Traces,
    View,
    Volume,
    method,
)
from neurostudio.spaces import space_of

from .cleaning import CleanParams, check_clean, cleaned
from .images import (
    SIMULATED,
    WARNINGS,
    check_space,
    codes,
    is_simulated,
    memory,
    on_grid,
    places_of,
    regions_of,
    repetition_time,
    slices,
    values_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Items

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Parcels:
    """The regions that an image holds: number, name, voxels and centre (mm) of each."""

    grid: NDArray[Any]
    keys: tuple[int, ...]
    names: tuple[str, ...]
    voxels: Array
    centres: Array
    empty: tuple[str, ...]


def _check(params: CleanParams, items: Items) -> None:
    volume, atlas = items["volume"], items["atlas"]
    assert isinstance(volume, Volume)  # noqa: S101  the method's own check came first
    assert isinstance(atlas, Volume)  # noqa: S101  the method's own check came first
    check_space(volume, atlas, "the volume", "the atlas")
    if len(volume.image.shape) == 4:
        check_clean(params, repetition_time(volume, params.repetition_time))


@method(
    group="Analyse",
    memory=memory,
    check=_check,
    example="parcels",
    warnings=WARNINGS
    | {"empty": "Some regions of the atlas have no voxel in the image; they are left out."},
)
def parcellate(
    context: Context,
    params: CleanParams,
    volume: Volume,
    atlas: Volume,
    confounds: Table | None = None,
) -> Result:
    """Average the voxels of each region of an atlas: a series gives traces, one image a table.

    The atlas is brought onto the volume's grid, each voxel taking the nearest label. Detrending, filter,
    confounds and standardising are for series only; one image is averaged as it is.
    """
    said = check_space(volume, atlas, "the volume", "the atlas")
    values = values_of(volume)
    parcels = parcels_of(atlas, volume)
    series = values if values.ndim == 4 else values[..., None]
    means = np.stack(
        [
            averages(series[..., k], parcels)
            for k in context.track(range(series.shape[3]), "Averaging regions")
        ]
    )
    numbers = {
        "regions": Number(len(parcels.names), note=f"of {len(parcels.names) + len(parcels.empty)}"),
        "smallest region": Number(float(parcels.voxels.min()), "voxels"),
    }
    if parcels.empty:
        more = f" and {len(parcels.empty) - 3} more" if len(parcels.empty) > 3 else ""
        numbers["empty regions"] = Number(
            len(parcels.empty), note=", ".join(parcels.empty[:3]) + more
        )
    mean = values.mean(axis=-1) if values.ndim == 4 else values
    made, views = (
        _traces(params, volume, parcels, means, confounds)
        if values.ndim == 4
        else _table(values, parcels)
    )
    return Result(
        data={"regions": made},
        views=(
            *views,
            slices(volume, parcels.grid, mean, title="Regions", value_label="region", threshold=0.5,
                   caption="Colours are the numbers of the regions; below: the mean image."),
        ),
        numbers=numbers,
        warnings=codes([volume, atlas], *said, *(["empty"] if parcels.empty else [])),
    )  # fmt: skip


def parcels_of(atlas: Volume, target: Volume) -> Parcels:
    """Return the regions of an atlas on a volume's grid.

    Raises
    ------
    BadInput
        No region has a voxel there.
    """
    regions = regions_of(atlas)
    grid = on_grid(atlas, target).astype(np.int64)
    index = np.argwhere(grid > 0)
    keys = grid[tuple(index.T)]
    places = places_of(index, np.asarray(target.image.affine))
    there = [key for key in regions if key > 0 and (keys == key).any()]
    if not there:
        raise BadInput(
            "No region of the atlas has a voxel in the volume. Look at both in one view."
        )
    return Parcels(
        grid=np.where(np.isin(grid, there), grid, 0),
        keys=tuple(there),
        names=_once([regions[key] for key in there]),
        voxels=np.array([(keys == key).sum() for key in there], float),
        centres=np.array([places[keys == key].mean(axis=0) for key in there]),
        empty=tuple(name for key, name in regions.items() if key not in there),
    )


def _once(names: list[str]) -> tuple[str, ...]:
    """Return names that are all different."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(found)


def averages(image: Array, parcels: Parcels) -> Array:
    """Return the mean of each region (n_regions,) in an image (x, y, z)."""
    top = max(parcels.keys) + 1
    sums = np.bincount(parcels.grid.ravel(), weights=image.ravel(), minlength=top)
    return np.asarray(sums[list(parcels.keys)] / parcels.voxels)


def _traces(
    params: CleanParams, volume: Volume, parcels: Parcels, means: Array, confounds: Table | None
) -> tuple[Traces, tuple[View, ...]]:
    import pynapple as nap

    step = repetition_time(volume, params.repetition_time)
    values = cleaned(params, means, step, confounds)
    facts = {axis: parcels.centres[:, k] for k, axis in enumerate("xyz")}
    facts |= {"voxels": parcels.voxels, "space": np.array([space_of(volume)] * len(parcels.names))}
    if is_simulated(volume):
        facts[SIMULATED] = np.ones(len(parcels.names))
    frame = nap.TsdFrame(
        t=np.arange(len(values)) * step, d=values, columns=list(parcels.names), metadata=facts
    )
    unit = "standard deviations" if params.standardise else "arbitrary"
    view = Heatmap(
        values=values.T,
        x=frame.t,
        y_names=parcels.names,
        x_label="time",
        x_unit="s",
        y_label="region",
        value_label="mean of the region",
        value_unit=unit,
        diverging=True,
        axis="time",
        title="Series of the regions",
        caption="The mean over the voxels of each region, freed of what the parameters name.",
    )
    return Traces(frame, unit), (view,)


def _table(values: Array, parcels: Parcels) -> tuple[Table, tuple[View, ...]]:
    import pandas as pd

    rows = []
    for k, (key, name) in enumerate(zip(parcels.keys, parcels.names, strict=True)):
        own = values[parcels.grid == key]
        x, y, z = parcels.centres[k]
        rows.append(
            {"region": name, "mean": own.mean(), "deviation": own.std(), "voxels": len(own),
             "x": x, "y": y, "z": z}
        )  # fmt: skip
    frame = pd.DataFrame(rows)
    frame.attrs["unit"] = "mean, deviation: as the image; x, y, z: mm"
    columns = {str(name): frame[name].tolist() for name in frame}
    view = Sheet(columns=columns, title="Regions in numbers", caption="x, y, z: the centre, mm.")
    return Table(frame), (view,)
