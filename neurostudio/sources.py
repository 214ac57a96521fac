"""Channels over time, read a window at a time: what signal views and pyramids read from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.data.signals import UNITS
from neurostudio.edf_samples import quick_samples
from neurostudio.errors import MissingFile
from neurostudio.marks import Mark, marks_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.data import Data, Recording, Traces, Trials

    Array = NDArray[np.float64]


class Source(ABC):
    """Channels over time; one reader at a time.

    ``start`` is the time of the first sample, ``files`` are those that the samples lie in, empty where
    they are in memory.
    """

    names: tuple[str, ...]
    types: tuple[str, ...]
    units: tuple[str, ...]
    bad: frozenset[str] = frozenset()
    rate: float
    n_times: int
    start: float = 0.0
    happenings: tuple[Mark, ...] = ()
    time_note: str = ""
    clock: float | None = None  # seconds since 1970 (UTC) at time 0
    even: bool = True
    editable: bool = False
    treatment: str = ""  # what was done to the samples after they were read

    def __init__(self) -> None:
        self._lock = RLock()
        self.files: dict[Path, int] = {}

    @property
    def duration(self) -> float:
        """The length in seconds."""
        return self.n_times / self.rate

    def read(self, first: int, last: int, picks: list[int]) -> Array:
        """Return the samples ``first`` to ``last`` of some channels, (n_picks, last - first).

        Raises
        ------
        MissingFile
            The file was moved, or has another length than when it was opened.
        """
        self._check_files()
        with self._lock:
            return np.ascontiguousarray(self._samples(first, last, picks), dtype=np.float64)

    def reduce(self, edges: NDArray[np.int64], picks: list[int]) -> NDArray[np.float32]:
        """Return the least and greatest of stretches of samples, (n_picks, n_stretches, 2).

        Stretch ``k`` holds the samples ``edges[k]`` to ``edges[k + 1]``.
        """
        self._check_files()
        with self._lock:
            return self._reduced(edges, picks)

    def _check_files(self) -> None:
        for path, size in self.files.items():
            now = path.stat().st_size if path.exists() else -1
            if now != size:
                change = f"had {size} bytes and has {now}" if now >= 0 else "is not there any more"
                raise MissingFile(f"{path} has changed while it was open: it {change}.")

    def _reduced(self, edges: NDArray[np.int64], picks: list[int]) -> NDArray[np.float32]:
        from neurostudio import envelope

        values = np.ascontiguousarray(
            self._samples(int(edges[0]), int(edges[-1]), picks), dtype=np.float64
        )
        found = np.empty((len(picks), len(edges) - 1, 2), np.float32)
        envelope.of_samples(values, edges - edges[0], found)
        return found

    @abstractmethod
    def _samples(self, first: int, last: int, picks: list[int]) -> Array:
        """Return the samples (n_picks, last - first)."""

    def times(self, first: int, last: int) -> Array:
        """Return the times of samples in seconds."""
        return self.start + np.arange(first, last) / self.rate

    def sample_range(self, start: float, stop: float) -> tuple[int, int]:
        """Return the first sample and the one behind the last that a window in seconds shows.

        One sample more on either side, so that curves reach the edges.
        """
        first = int(np.floor((start - self.start) * self.rate))
        last = int(np.ceil((stop - self.start) * self.rate)) + 1
        return max(0, min(first, self.n_times)), max(0, min(last, self.n_times))


def source_of(data: Data) -> Source:
    """Return what a signal view reads from for an item of data."""
    from neurostudio.data import Recording, Traces, Trials

    if isinstance(data, Recording):
        return RecordingSource(data)
    if isinstance(data, Trials):
        return TrialsSource(data)
    if isinstance(data, Traces):
        return TracesSource(data)
    raise TypeError(f"{type(data).__name__} holds no signals")


class RecordingSource(Source):
    """A recording, read from its file."""

    editable = True

    def __init__(self, data: Recording) -> None:
        super().__init__()
        raw = data.raw
        self._raw = raw
        self.names = tuple(raw.ch_names)
        self.types = tuple(raw.get_channel_types())
        self.units = tuple(UNITS.get(kind, "") for kind in self.types)
        self.rate = float(raw.info["sfreq"])
        self.n_times = int(raw.n_times)
        measured = raw.info["meas_date"]
        self.clock = measured.timestamp() + raw.first_time if measured else None
        if not raw.preload:
            paths = [Path(each) for each in raw.filenames if each is not None]
            self.files = {path: path.stat().st_size for path in paths if path.exists()}
        self._quick = quick_samples(raw)
        self.remark(data)

    def remark(self, data: Recording) -> None:
        """Take the bad channels and annotations of another recording of the same samples."""
        raw = data.raw
        self.bad = frozenset(raw.info["bads"])
        self.happenings = marks_of(raw)

    def _samples(self, first: int, last: int, picks: list[int]) -> Array:
        if self._quick is not None and last > first:
            return self._quick.read(first, last, picks)
        values = self._raw.get_data(picks=picks, start=first, stop=last, verbose="error")
        return np.asarray(values, float)

    def _reduced(self, edges: NDArray[np.int64], picks: list[int]) -> NDArray[np.float32]:
        if self._quick is not None and edges[-1] > edges[0]:
            return self._quick.reduce(edges, picks)
        return super()._reduced(edges, picks)


class TrialsSource(Source):
    """Trials one behind the other; the time axis counts from the first one's beginning."""

    def __init__(self, data: Trials) -> None:
        super().__init__()
        epochs = data.epochs
        self._epochs = epochs
        self.names = tuple(epochs.ch_names)
        self.types = tuple(epochs.get_channel_types())
        self.units = tuple(UNITS.get(kind, "") for kind in self.types)
        self.bad = frozenset(epochs.info["bads"])
        self.rate = float(epochs.info["sfreq"])
        self._length = len(epochs.times)
        self.n_times = len(epochs) * self._length
        self.time_note = "trials one behind the other"
        labels = {code: name for name, code in epochs.event_id.items()}
        self.happenings = tuple(
            Mark(k * self._length / self.rate, 0.0, labels.get(int(code), str(code)))
            for k, code in enumerate(epochs.events[:, 2])
        )

    def _samples(self, first: int, last: int, picks: list[int]) -> Array:
        begin, end = first // self._length, -(-last // self._length)
        found = self._epochs.get_data(
            picks=picks, item=slice(begin, end), copy=False, verbose="error"
        )
        values = np.concatenate(list(found), axis=1)
        offset = first - begin * self._length
        return np.asarray(values[:, offset : offset + last - first])


class TracesSource(Source):
    """Named series with times of their own."""

    def __init__(self, data: Traces) -> None:
        super().__init__()
        frame: Any = data.frame
        self._times = np.asarray(frame.t)
        self._frame = frame
        self.names = data.names("channels")
        self.types = ("trace",) * len(self.names)
        self.units = (data.unit,) * len(self.names)
        self.n_times = len(self._times)
        self.start = float(self._times[0]) if self.n_times else 0.0
        span = float(self._times[-1] - self._times[0]) if self.n_times > 1 else 0.0
        self.rate = (self.n_times - 1) / span if span > 0 else 1.0
        steps = np.diff(self._times)
        self.even = bool(len(steps) and np.ptp(steps) <= 1e-3 / self.rate)

    def times(self, first: int, last: int) -> Array:
        """Return the times of samples in seconds."""
        return self._times[first:last]

    def sample_range(self, start: float, stop: float) -> tuple[int, int]:
        """Return the first sample and the one behind the last that a window in seconds shows."""
        first, last = np.searchsorted(self._times, [start, stop])
        return max(0, int(first) - 1), min(self.n_times, int(last) + 1)

    def _samples(self, first: int, last: int, picks: list[int]) -> Array:
        values = np.asarray(self._frame.values[first:last], float)
        values = values[:, None] if values.ndim == 1 else values
        return np.asarray(values[:, picks].T)
