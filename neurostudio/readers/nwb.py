"""NWB: units, intervals, and every series of one or two dimensions, each a part."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from neurostudio.data import SpikeTrains, Table, Traces
from neurostudio.data import nwb as stored
from neurostudio.errors import BadInput
from neurostudio.readers.base import Part, check_room, choose, reader

if TYPE_CHECKING:
    from pathlib import Path

    import h5py
    from numpy.typing import NDArray

    from neurostudio.data import Data

LOG = logging.getLogger(__name__)
PLACES = ("acquisition", "processing", "stimulus/presentation", "analysis")
NAMES = ("neuron", "name", "roi_name", "cell_name", "label", "cell", "channel_name")
OWN_SERIES, OWN_NAMES = "/acquisition/traces", f"analysis/channels/{stored.NAMES}"
AXES = {1: ["x"], 2: ["x", "y"], 3: ["x", "y", "z"]}
UNITS = {"volts": "V", "volt": "V", "seconds": "s", "second": "s", "meters": "m", "amperes": "A"}


def look_nwb(path: Path) -> tuple[Part, ...]:
    """List units, tables of intervals and series, from headers alone."""
    import h5py

    with h5py.File(path, "r") as file:
        found = tuple(_describe(name, group) for name, group in groups_of(file).items())
    if not found:
        raise BadInput("it holds no units, intervals or series of a kind that can be opened yet")
    return found


@reader(
    name="NWB",
    suffixes=(".nwb",),
    kind="SpikeTrains or Traces",
    look=look_nwb,
)
def read_nwb(path: Path, part: str) -> Data:
    """Read one part."""
    import h5py

    with h5py.File(path, "r") as file:
        groups = groups_of(file)
        if not groups:
            look_nwb(path)
        group = groups[choose(part, tuple(groups))]
        for name in ("data", "timestamps", "spike_times"):
            if isinstance(group.get(name), h5py.Dataset):
                _check_dataset(group[name])
        if _is_units(group):
            return SpikeTrains(_units(file, group))
        if _is_table(group):
            return _table(group)
        return _series(group, group.name.rsplit("/", 1)[-1])


def groups_of(file: h5py.File) -> dict[str, h5py.Group]:
    """Return the groups that can be opened by their shortest name that is not ambiguous."""
    found: list[h5py.Group] = []
    if "units" in file and "spike_times_index" in file["units"]:
        found.append(file["units"])
    found += [
        file["intervals"][name]
        for name in file.get("intervals", ())
        if name != stored.SUPPORT and _inside(file["intervals"], name)
    ]
    for place in PLACES:
        if place in file:
            _collect(file[place], found, depth=0)
    short = [group.name.rsplit("/", 1)[-1] for group in found]
    return {
        name if short.count(name) == 1 else group.name.strip("/"): group
        for name, group in zip(short, found, strict=True)
    }


def _collect(group: h5py.Group, found: list[h5py.Group], depth: int) -> None:
    import h5py

    for name in group:
        child = group.get(name) if _inside(group, name) else None
        if not isinstance(child, h5py.Group) or depth > 6:
            continue
        if _is_series(child):
            found.append(child)
        elif "data" not in child:
            _collect(child, found, depth + 1)


def _inside(group: h5py.Group, name: str) -> bool:
    """Say whether a name leads to something in this very file."""
    import h5py

    link = group.get(name, getlink=True)
    if isinstance(link, h5py.ExternalLink):
        LOG.warning("%s/%s leads out of the file and is left out", group.name, name)
        return False
    return name in group


def _is_units(group: h5py.Group) -> bool:
    return "spike_times_index" in group


def _is_table(group: h5py.Group) -> bool:
    return "start_time" in group and "id" in group


def _is_series(group: h5py.Group) -> bool:
    import h5py

    data = group.get("data")
    timed = "timestamps" in group or "starting_time" in group
    return (
        isinstance(data, h5py.Dataset)
        and timed
        and data.ndim in {1, 2}
        and data.dtype.kind in "biuf"
        and "ImageSeries" not in str(group.attrs.get("neurodata_type", ""))
    )


def _describe(name: str, group: h5py.Group) -> Part:
    if _is_units(group):
        words = f"{group['id'].shape[0]} units, {group['spike_times'].shape[0]:,} spikes"
        return Part(name, "SpikeTrains", words)
    if _is_table(group):
        return Part(name, "Table", f"{group['id'].shape[0]:,} rows")
    data = group["data"]
    n_series = data.shape[1] if data.ndim == 2 else 1
    words = f"{n_series} series, {data.shape[0]:,} samples, unit {_unit(data)}"
    return Part(name, "Traces", words)


def _check_dataset(dataset: h5py.Dataset) -> None:
    """Refuse numbers that stand in other files, and claims that nothing on disk backs."""
    if dataset.external or dataset.is_virtual:
        raise BadInput(f"{dataset.name} stands in another file, which is refused")
    stored = dataset.id.get_storage_size()
    if dataset.nbytes > 1032 * stored + 4096:
        raise BadInput(
            f"{dataset.name} claims {dataset.nbytes / 1e6:,.1f} MB and holds {stored / 1e6:,.1f}"
        )
    check_room(3 * dataset.nbytes, dataset.name)


def _units(file: h5py.File, group: h5py.Group) -> Any:
    support = stored.read_support(file)
    if support is not None:
        return stored.read_units(group, support)
    free = stored.read_units(group, None)
    watched = _observed(group)
    if watched is None:
        return free
    inside = free.restrict(watched)
    whole = sum(len(train) for train in free.values())
    return inside if sum(len(train) for train in inside.values()) == whole else free


def _observed(group: h5py.Group) -> Any:
    """Return the time in which any unit was observed, if the file tells it."""
    import numpy as np
    import pynapple as nap

    if "obs_intervals" not in group:
        return None
    edges = group["obs_intervals"][:]
    if edges.ndim != 2 or edges.shape[1] != 2 or not len(edges) or not np.isfinite(edges).all():
        return None
    order = edges[np.argsort(edges[:, 0])]
    merged = [list(order[0])]
    for start, end in order[1:]:
        if start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return nap.IntervalSet(*np.array(merged).T)


def _table(group: h5py.Group) -> Table:
    import pandas as pd

    columns = stored.flat_columns(group)
    first = [name for name in ("start_time", "stop_time") if name in columns]
    frame = pd.DataFrame(
        {name: columns[name] for name in (*first, *sorted(set(columns) - set(first)))}
    )
    frame.attrs["unit"] = "times: s"
    return Table(frame)


def _series(group: h5py.Group, name: str) -> Traces:
    import numpy as np

    data = group["data"]
    values = data[:] if data.ndim == 2 else data[:][:, np.newaxis]
    factor, shift = (
        float(data.attrs.get(key, usual)) for key, usual in (("conversion", 1), ("offset", 0))
    )
    if factor != 1 or shift:
        values = values * factor + shift
    times = stored.series_times(group)
    if len(times) != len(values) or not np.isfinite(times).all():
        raise BadInput(f"'{name}' has {len(values):,} samples and {len(times):,} times")
    names = _names(group, name, values.shape[1])
    facts = {stored.NAMES: np.array(names)}
    return Traces(stored.frame_from(values, times, facts, None), _unit(data))


def _names(group: h5py.Group, name: str, count: int) -> Any:
    """Return the names of the columns: of cells, of axes, or numbers."""
    if count == 1:
        return [name]
    own = group.file.get(OWN_NAMES) if group.name == OWN_SERIES else None
    if own is not None and own.shape == (count,):
        return stored.read_column(own.parent, stored.NAMES)
    for rows in ("rois", "electrodes"):
        if rows in group:
            return _cells(group[rows])
    spatial = "SpatialSeries" in str(group.attrs.get("neurodata_type", ""))
    return AXES[count] if spatial and count in AXES else list(range(count))


def _cells(rois: h5py.Dataset) -> NDArray[Any]:
    """Return the names of cells from the table to which a series refers."""
    import h5py
    import numpy as np

    rows: NDArray[Any] = rois[:]
    reference = rois.attrs.get("table")
    if isinstance(reference, h5py.Reference) and reference:
        table = rois.file[reference]
        for key in NAMES:
            if key in table and table[key].ndim == 1 and rows.max() < table[key].shape[0]:
                names: NDArray[Any] = stored.read_column(table, key)[rows]
                if len(np.unique(names)) == len(names):
                    return names
    return rows


def _unit(data: h5py.Dataset) -> str:
    unit = str(data.attrs.get("unit", "")) or "not stated"
    return UNITS.get(unit.lower(), unit)
