"""The parts of an NWB file that hold units and series, written by pynwb and read by h5py.

Reading goes through h5py alone: it is quick, reads headers without data, follows no link out of
the file and runs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neurostudio.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import h5py
    import numpy as np
    import pynapple as nap
    from numpy.typing import NDArray

SUPPORT = "time_support"
NAMES = "channel"
FACT = "fact "  # columns whose name NWB reserves or refuses; the description holds it
RESERVED = (
    *("id", "name", "description", "spike_times", "obs_intervals", "resolution"),
    *("electrodes", "electrode_group", "waveform_mean", "waveform_sd", "waveforms", "."),
)


def write_units(path: Path, units: nap.TsGroup) -> None:
    """Write spike times, facts of each unit and the observed time as NWB."""
    nwb = _new_file("spike trains")
    words = [str(name) for name in units.metadata_columns if name != "rate"]
    facts = {}
    for number, name in enumerate(words):
        taken = "/" in name or name in RESERVED
        own = f"{FACT}{number}" if taken else name
        facts[own] = column(units[name])
        nwb.add_unit_column(name=own, description=name)
    for row, key in enumerate(units.keys()):
        row_facts = {name: values[row] for name, values in facts.items()}
        nwb.add_unit(spike_times=units[key].index.values, id=int(key), **row_facts)
    _write(path, nwb, units.time_support)


def write_series(path: Path, frame: nap.TsdFrame, unit: str) -> None:
    """Write series, the names and facts of their channels and the observed time as NWB."""
    import numpy as np
    import pynwb
    from hdmf.common import DynamicTable, VectorData

    nwb = _new_file("traces")
    times = frame.index.values
    series = pynwb.TimeSeries(
        name="traces", data=np.asarray(frame.values), timestamps=times, unit=unit
    )
    nwb.add_acquisition(series)
    columns = [VectorData(name=NAMES, description="names", data=column(frame.columns))]
    columns += [
        VectorData(name=f"{FACT}{number}", description=str(name), data=column(frame[name]))
        for number, name in enumerate(frame.metadata_columns)
    ]
    nwb.add_analysis(DynamicTable(name="channels", description="channels", columns=columns))
    _write(path, nwb, frame.time_support)


def column(values: Any) -> NDArray[Any]:
    """Return a column that a file can hold: numbers and truth values as they are, else words."""
    import numpy as np

    array = np.asarray(values)
    if array.dtype.kind in "biuf":
        return array
    if array.dtype.kind == "O" and all(isinstance(value, bool | np.bool_) for value in array):
        return array.astype(bool)
    return np.array(["" if value is None else str(value) for value in array], dtype=str)


def read_column(group: h5py.Group, name: str) -> NDArray[Any]:
    """Return a flat column of an NWB table: words as text, truth values as such."""
    import numpy as np

    dataset = group[name]
    if dataset.dtype.kind in "OS":
        return np.array(dataset.asstr(errors="replace")[:], dtype=str)
    values: NDArray[Any] = dataset[:]
    if values.dtype.kind == "V" or values.ndim != 1:
        raise BadInput(f"column '{name}' is not a flat list")
    return values


def flat_columns(group: h5py.Group) -> dict[str, NDArray[Any]]:
    """Return the columns of an NWB table that hold one value a row."""
    n_rows = group["id"].shape[0]
    found = {}
    for name in group:
        if name in {"id", "spike_times"} or f"{name}_index" in group or name.endswith("_index"):
            continue
        dataset = group[name]
        if getattr(dataset, "shape", None) != (n_rows,) or not _holds_values(dataset):
            continue
        words = str(dataset.attrs["description"]) if name.startswith(FACT) else name
        found[words] = read_column(group, name)
    return found


def read_units(group: h5py.Group, support: nap.IntervalSet | None) -> nap.TsGroup:
    """Return the spike trains of an NWB ``units`` table."""
    import numpy as np
    import pynapple as nap

    stops = group["spike_times_index"][:].astype(np.int64)
    times = group["spike_times"][:]
    starts = np.concatenate([[0], stops[:-1]]).astype(np.int64)
    if len(stops) and (np.any(stops < starts) or stops[-1] > len(times)):
        raise BadInput("the index of the spike times points outside of the spike times")
    keys = [int(key) for key in group["id"][:]]
    found = [
        np.sort(times[start:stop].astype(np.float64))
        for start, stop in zip(starts, stops, strict=True)
    ]
    support = _span(found) if support is None else support
    # with its time given, a train of one spike is not taken for one of no duration
    trains = {
        key: nap.Ts(t=train, time_support=support) for key, train in zip(keys, found, strict=True)
    }
    facts = {name: values for name, values in flat_columns(group).items() if name != "rate"}
    return nap.TsGroup(trains, time_support=support, metadata=facts or None)


def read_support(file: h5py.File) -> nap.IntervalSet | None:
    """Return the observed time that this program wrote into its own files."""
    import pynapple as nap

    group = file.get(f"intervals/{SUPPORT}")
    if group is None:
        return None
    return nap.IntervalSet(start=group["start_time"][:], end=group["stop_time"][:])


def series_times(group: h5py.Group) -> NDArray[np.float64]:
    """Return the times of a series in seconds."""
    import numpy as np

    if "timestamps" in group:
        times: NDArray[np.float64] = group["timestamps"][:].astype(np.float64)
        return times
    start = group["starting_time"]
    return float(start[()]) + np.arange(group["data"].shape[0]) / float(start.attrs["rate"])


def frame_from(
    values: NDArray[Any],
    times: NDArray[np.float64],
    facts: Mapping[str, NDArray[Any]],
    support: nap.IntervalSet | None,
) -> nap.TsdFrame:
    """Return series as a frame; the column ``channel`` of the facts names its channels."""
    import numpy as np
    import pynapple as nap

    facts = dict(facts)
    names = facts.pop(NAMES, np.arange(values.shape[1]))
    return nap.TsdFrame(
        t=times, d=values, columns=names, time_support=support, metadata=facts or None
    )


def _holds_values(dataset: h5py.Dataset) -> bool:
    import h5py

    return h5py.check_ref_dtype(dataset.dtype) is None and dataset.dtype.kind in "biufOS"


def _span(trains: list[NDArray[np.float64]]) -> nap.IntervalSet:
    import pynapple as nap

    filled = [train for train in trains if len(train)]
    start = min((float(train[0]) for train in filled), default=0.0)
    end = max((float(train[-1]) for train in filled), default=1.0)
    return nap.IntervalSet(start=start, end=max(end, start + 1e-6))


def _new_file(what: str) -> Any:
    from datetime import UTC, datetime

    import pynwb

    return pynwb.NWBFile(
        session_description=what,
        identifier="neurostudio",
        session_start_time=datetime(1970, 1, 1, tzinfo=UTC),
    )


def _write(path: Path, nwb: Any, support: nap.IntervalSet) -> None:
    import pynwb
    from pynwb.epoch import TimeIntervals

    intervals = TimeIntervals(name=SUPPORT, description="the time that was observed")
    for start, end in zip(support.start, support.end, strict=True):
        intervals.add_interval(start_time=float(start), stop_time=float(end))
    nwb.add_time_intervals(intervals)
    with pynwb.NWBHDF5IO(str(path), "w") as stream:
        stream.write(nwb)
