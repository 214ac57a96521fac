"""NWB: recordings piece by piece; spike trains and traces as the session keeps them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from neurostudio.data import nwb as stored
from neurostudio.marks import marks_of
from neurostudio.writers.base import writer
from neurostudio.writers.written import CHUNK, begin, lost, refuse_empty, units_of

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from neurostudio.data import Recording, SpikeTrains, Traces

ALL_UNITS = {"V": "volts", "": "n.a."}


@writer(name="NWB", suffixes=(".nwb",), kinds=("Recording",))
def write_nwb(recording: Recording, path: Path) -> list[str]:
    """Write the channels of each unit as one series, with annotations, types and bad channels."""
    import pynwb

    raw = recording.raw
    refuse_empty(raw)
    date = begin(raw)
    file = pynwb.NWBFile(
        session_description="recording",
        identifier=str(uuid.uuid4()),
        session_start_time=date or datetime(1970, 1, 1, tzinfo=UTC),
    )
    rows = _electrodes(file, raw)
    units = units_of(raw)
    for unit in dict.fromkeys(units):
        picks = [row for row, each in enumerate(units) if each == unit]
        name = "signals" if unit == units[0] else f"signals in {unit or 'other units'}"
        file.add_acquisition(_series(file, raw, name.replace("/", " per "), picks, rows, unit))
    _annotations(file, raw)
    with pynwb.NWBHDF5IO(str(path), "w") as stream:
        stream.write(file)
    notes = [] if date else ["NWB needs a date and none is known; it says 1970."]
    return [*notes, *lost(raw, bads=False, types=False, places=False, format="NWB")]


def _electrodes(file: Any, raw: Any) -> list[int]:
    """Describe each channel in the table of electrodes; return its rows."""
    device = file.create_device(name="amplifier")
    group = file.create_electrode_group(
        name="channels", description="all channels", location="unknown", device=device
    )
    for name, words in (
        ("channel_name", "name of the channel"),
        ("channel_type", "type as MNE calls it"),
        ("bad", "marked as bad"),
    ):
        file.add_electrode_column(name=name, description=words)
    for name, kind, channel in zip(
        raw.ch_names, raw.get_channel_types(), raw.info["chs"], strict=True
    ):
        x, y, z = map(float, channel["loc"][:3])
        file.add_electrode(
            x=x, y=y, z=z, location="unknown", group=group,
            channel_name=name, channel_type=kind, bad=name in raw.info["bads"],
        )  # fmt: skip
    return list(range(len(raw.ch_names)))


def _series(file: Any, raw: Any, name: str, picks: list[int], rows: list[int], unit: str) -> Any:
    import pynwb
    from pynwb.ecephys import ElectricalSeries

    data = _blocks(raw, picks)
    timing = {"starting_time": 0.0, "rate": float(raw.info["sfreq"])}
    region = file.create_electrode_table_region([rows[pick] for pick in picks], "channels")
    if unit == "V":
        return ElectricalSeries(name=name, data=data, electrodes=region, **timing)
    names = ", ".join(raw.ch_names[pick] for pick in picks)
    return pynwb.TimeSeries(
        name=name,
        data=data,
        unit=ALL_UNITS.get(unit, unit),
        description=f"channels: {names}",
        **timing,
    )


def _blocks(raw: Any, picks: list[int]) -> Any:
    """Return the samples (time, channel) as NWB takes them piece by piece."""
    import numpy as np
    from hdmf.data_utils import GenericDataChunkIterator

    class Blocks(GenericDataChunkIterator):  # type: ignore[misc]
        def _get_data(self, selection: tuple[slice, slice]) -> NDArray[np.float64]:
            times, channels = selection
            found: NDArray[np.float64] = raw.get_data(
                picks=picks[channels], start=times.start, stop=times.stop
            ).T
            return found

        def _get_maxshape(self) -> tuple[int, int]:
            return int(raw.n_times), len(picks)

        def _get_dtype(self) -> np.dtype[np.float64]:
            return np.dtype(np.float64)

    length = max(1, min(int(raw.n_times), CHUNK // max(len(picks), 1)))
    rows = max(1, min(length, 2**17 // max(len(picks), 1)))
    return Blocks(
        chunk_shape=(rows, len(picks)), buffer_shape=(max(rows, length // rows * rows), len(picks))
    )


def _annotations(file: Any, raw: Any) -> None:
    from pynwb.epoch import TimeIntervals

    marks = marks_of(raw)
    if not marks:
        return
    table = TimeIntervals(name="annotations", description="annotations of the recording")
    table.add_column(name="label", description="what was written")
    table.add_column(name="channels", description="channels that it holds for; none for all")
    for mark in marks:
        table.add_interval(
            start_time=mark.onset, stop_time=mark.onset + mark.duration,
            label=mark.text, channels=",".join(mark.channels),
        )  # fmt: skip
    file.add_time_intervals(table)


@writer(name="NWB", suffixes=(".nwb",), kinds=("SpikeTrains",), copies=2.0)
def write_units(spikes: SpikeTrains, path: Path) -> list[str]:
    """Write the table of units and the observed time."""
    stored.write_units(path, spikes.units)
    return []


@writer(name="NWB", suffixes=(".nwb",), kinds=("Traces",), copies=2.0)
def write_traces(traces: Traces, path: Path) -> list[str]:
    """Write one series with its times, names and facts of its channels."""
    stored.write_series(path, traces.frame, traces.unit)
    return []
