"""Signals, trials, spikes and traces as CSV: numbers in full, units in the headings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neurostudio.marks import marks_of
from neurostudio.writers.base import writer
from neurostudio.writers.written import chunks, lost, refuse_empty, units_of

if TYPE_CHECKING:
    from pathlib import Path

    from neurostudio.data import Recording, SpikeTrains, Traces, Trials

TIME = "time (s)"


@writer(name="CSV", suffixes=(".csv",), kinds=("Recording",))
def write_recording(recording: Recording, path: Path) -> list[str]:
    """Write a row a sample; channels and annotations stand in files of their own beside it."""
    import numpy as np
    import pandas as pd
    import pyarrow
    from pyarrow import csv

    raw = recording.raw
    refuse_empty(raw)
    headings, rate = _headings(raw), float(raw.info["sfreq"])
    schema = pyarrow.schema([(name, pyarrow.float64()) for name in (TIME, *headings)])
    with csv.CSVWriter(path, schema) as table:
        for start, piece in chunks(raw):
            times = (start + np.arange(piece.shape[1])) / rate
            columns = [pyarrow.array(each) for each in (times, *piece)]
            table.write(pyarrow.record_batch(columns, schema=schema))
    _write_channels(raw, path)
    marks = marks_of(raw)
    if marks:
        rows = [[each.onset, each.duration, each.text, ",".join(each.channels)] for each in marks]
        headings = ["onset (s)", "duration (s)", "description", "channels"]
        pd.DataFrame(rows, columns=headings).to_csv(_beside(path, "annotations"), index=False)
    return lost(raw, bads=False, types=False, places=True, format="CSV")


@writer(name="CSV", suffixes=(".csv",), kinds=("Trials",), copies=3.0)
def write_trials(trials: Trials, path: Path) -> list[str]:
    """Write a row a sample, with its trial and event; columns of the trials stand beside it."""
    import numpy as np
    import pandas as pd

    epochs = trials.epochs
    refuse_empty(epochs)
    words = {code: name for name, code in epochs.event_id.items()}
    codes = epochs.events[:, 2]
    headings = _headings(epochs)
    for number, (values, code) in enumerate(zip(epochs, codes, strict=True)):
        frame = pd.DataFrame(values.T, columns=headings)
        frame.insert(0, TIME, np.asarray(epochs.times))
        frame.insert(0, "event", words.get(code, str(code)))
        frame.insert(0, "trial", number)
        frame.to_csv(path, mode="a", header=number == 0, index=False)
    _write_channels(epochs, path)
    if epochs.metadata is not None:
        table = epochs.metadata.reset_index(drop=True)
        table.insert(0, "trial", range(len(table)), allow_duplicates=True)
        table.to_csv(_beside(path, "trials"), index=False)
    return lost(epochs, bads=False, types=False, places=True, format="CSV")


@writer(name="CSV", suffixes=(".csv",), kinds=("SpikeTrains",), copies=3.0)
def write_spikes(spikes: SpikeTrains, path: Path) -> list[str]:
    """Write a row a spike; facts of the units stand beside it."""
    import pandas as pd

    units = spikes.units
    keys = list(units.keys())
    pieces = [pd.DataFrame({"unit": key, TIME: units[key].index.values}) for key in keys]
    frame = pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame({"unit": [], TIME: []})
    frame.to_csv(path, index=False)
    facts = {str(name): list(units[name]) for name in units.metadata_columns}
    pd.DataFrame({"unit": keys, **facts}).to_csv(_beside(path, "units"), index=False)
    return [] if len(units.time_support) == 1 else ["CSV holds no gaps in the observed time."]


@writer(name="CSV", suffixes=(".csv",), kinds=("Traces",), copies=3.0)
def write_traces(traces: Traces, path: Path) -> list[str]:
    """Write a row a sample."""
    import numpy as np
    import pandas as pd

    frame = traces.frame
    unit = f" ({traces.unit})" if traces.unit else ""
    table = pd.DataFrame(
        np.asarray(frame.values), columns=[f"{name}{unit}" for name in frame.columns]
    )
    table.insert(0, TIME, frame.index.values, allow_duplicates=True)
    table.to_csv(path, index=False)
    notes = [] if len(frame.time_support) == 1 else ["CSV holds no gaps in the observed time."]
    facts = list(map(str, frame.metadata_columns))
    return [*notes, *([f"CSV holds no facts of the series: {', '.join(facts)}."] if facts else [])]


def _headings(instance: Any) -> list[str]:
    units = units_of(instance)
    return [
        f"{name} ({unit})" if unit else name
        for name, unit in zip(instance.ch_names, units, strict=True)
    ]


def _write_channels(instance: Any, path: Path) -> None:
    import pandas as pd

    bads = set(instance.info["bads"])
    columns = {
        "name": instance.ch_names,
        "type": instance.get_channel_types(),
        "unit": units_of(instance),
        "status": ["bad" if name in bads else "good" for name in instance.ch_names],
    }
    pd.DataFrame(columns).to_csv(_beside(path, "channels"), index=False)


def _beside(path: Path, what: str) -> Path:
    return path.with_name(f"{path.stem}_{what}.csv")
