"""Spikes in windows after events: what recorded trains give to a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput

if TYPE_CHECKING:
    from neurostudio.api import SpikeTrains, Table

Array = np.ndarray[Any, np.dtype[Any]]
TIMES = ("time", "onset", "stimulus_onset_time", "start", "start_time")


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Counts (n_events, n_bins, n_units), the condition of each event, and the conditions' names."""

    counts: Array
    labels: Array
    names: tuple[str, ...]

    @property
    def largest_share(self) -> float:
        """Share of the most frequent condition."""
        return float(np.bincount(self.labels).max() / len(self.labels))


def windows_of(
    spikes: SpikeTrains, events: Table, label: str, length: float, bin: float, column: str = ""
) -> Windows:
    """Return the spikes after each event.

    Raises
    ------
    BadInput
        The table has no such column, no column of times, or fewer than two conditions.
    """
    frame = events.frame
    if label not in frame.columns:
        raise BadInput(
            f"The table has no column '{label}'; it has {', '.join(map(str, frame.columns))}."
        )
    known = [name for name in ((column,) if column else TIMES) if name in frame.columns]
    when = known[0] if known else None
    if when is None and column:
        raise BadInput(
            f"The table has no column '{column}'; it has {', '.join(map(str, frame.columns))}."
        )
    if when is None:
        raise BadInput(
            f"The table has no column of times: call one of its columns {', '.join(TIMES)}."
        )
    kept = frame[[when, label]].dropna()
    names, labels = np.unique(kept[label].astype(str).to_numpy(), return_inverse=True)
    if len(names) < 2:
        raise BadInput(f"All events are '{names[0]}': at least two conditions are needed.")
    onsets = kept[when].to_numpy(float)
    n_bins = round(length / bin)
    counts = np.zeros((len(onsets), n_bins, len(spikes.units)), np.float32)
    for k, key in enumerate(spikes.units.index):
        times = np.asarray(spikes.units[key].index)
        for e, onset in enumerate(onsets):
            a, b = np.searchsorted(times, [onset, onset + length])
            places = ((times[a:b] - onset) / bin).astype(int)
            np.add.at(counts[e, :, k], np.minimum(places, n_bins - 1), 1.0)
    return Windows(counts, labels, tuple(map(str, names)))
