"""Named series over time in seconds: calcium, behaviour, any other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from neurostudio.data.base import Data

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pynapple as nap

    from neurostudio.data.base import Fact

FILE = "traces.nwb"


@dataclass(frozen=True, slots=True, eq=False)
class Traces(Data):
    """Named series over time in seconds: calcium, behaviour, any other."""

    frame: nap.TsdFrame
    unit: str

    def summary(self) -> str:
        """Return series, rate and length in one line."""
        n_times, n_series = self.frame.shape
        rate = self._rate()
        return f"{n_series} series, {n_times:,} samples, {rate:.4g} Hz, {self._duration():.4g} s"

    def facts(self) -> Mapping[str, Fact]:
        """Return the metadata."""
        times = self.frame.index.values
        return {
            "shape": list(self.frame.shape),
            "dimensions": ["time", "series"],
            "rate (Hz)": self._rate(),
            "duration (s)": self._duration(),
            "starts at (s)": float(times[0]) if len(times) else None,
            "evenly sampled": self._even(),
            "unit": self.unit,
            "type": str(self.frame.dtype),
            "channels": list(self.names("channels")),
            "columns": list(self.names("columns")),
        }

    def names(self, what: str) -> tuple[str, ...]:
        """Return ``channels`` or ``columns`` (facts of the channels)."""
        if what == "channels":
            return tuple(map(str, self.frame.columns))
        if what == "columns":
            return tuple(map(str, self.frame.metadata_columns))
        return ()

    def nbytes(self) -> int:
        """Return the bytes of values and times."""
        n_times, n_series = self.frame.shape
        return int(n_times * (n_series * self.frame.dtype.itemsize + 8))

    def save(self, folder: Path) -> None:
        """Write NWB."""
        from neurostudio.data.nwb import write_series

        write_series(folder / FILE, self.frame, self.unit)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read NWB."""
        import h5py

        from neurostudio.data.nwb import flat_columns, frame_from, read_support

        with h5py.File(folder / FILE, "r") as file:
            series = file["acquisition/traces"]
            unit = str(series["data"].attrs["unit"])
            facts = flat_columns(file["analysis/channels"])
            values, times = series["data"][:], series["timestamps"][:]
            return cls(frame_from(values, times, facts, read_support(file)), unit)

    def _rate(self) -> float:
        """Return the usual rate; nine digits, as times are kept to the nanosecond."""
        import numpy as np

        times = self.frame.index.values
        steps = np.diff(times)
        if not len(steps) or np.median(steps) <= 0:
            return 0.0
        step = steps.mean() if self._even() else np.median(steps)
        return float(f"{1 / step:.9g}")

    def _duration(self) -> float:
        times, rate = self.frame.index.values, self._rate()
        return float(f"{times[-1] - times[0] + 1 / rate:.12g}") if rate else 0.0

    def _even(self) -> bool:
        import numpy as np

        steps = np.diff(self.frame.index.values)
        return bool(len(steps) and np.allclose(steps, np.median(steps), rtol=1e-3, atol=1e-8))
