"""Spike times of units in seconds, with facts of each unit as columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from neurostudio.data.base import Data

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pynapple as nap

    from neurostudio.data.base import Fact

FILE = "units.nwb"


@dataclass(frozen=True, slots=True, eq=False)
class SpikeTrains(Data):
    """Spike times of units in seconds, with facts of each unit as columns."""

    units: nap.TsGroup

    def summary(self) -> str:
        """Return units, spikes and length in one line."""
        return f"{len(self.units)} units, {self._n_spikes():,} spikes, {self._span():.4g} s"

    def facts(self) -> Mapping[str, Fact]:
        """Return the metadata."""
        support = self.units.time_support
        observed = float(support.tot_length())
        return {
            "shape": [len(self.units)],
            "dimensions": ["unit"],
            "rate (Hz)": self._n_spikes() / observed / max(len(self.units), 1),
            "duration (s)": self._span(),
            "observed (s)": observed,
            "starts at (s)": float(support.start[0]),
            "unit": "s",
            "spikes": self._n_spikes(),
            "columns": list(self.names("columns")),
        }

    def names(self, what: str) -> tuple[str, ...]:
        """Return ``units`` or ``columns`` (facts of the units)."""
        if what == "units":
            return tuple(str(key) for key in self.units.keys())  # noqa: SIM118  a group is no dict
        if what == "columns":
            return tuple(str(name) for name in self.units.metadata_columns if name != "rate")
        return ()

    def nbytes(self) -> int:
        """Return the bytes of all spike times."""
        return self._n_spikes() * 8

    def save(self, folder: Path) -> None:
        """Write NWB."""
        from neurostudio.data.nwb import write_units

        write_units(folder / FILE, self.units)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read NWB."""
        import h5py

        from neurostudio.data.nwb import read_support, read_units

        with h5py.File(folder / FILE, "r") as file:
            return cls(read_units(file["units"], read_support(file)))

    def _n_spikes(self) -> int:
        return sum(len(self.units[key]) for key in self.units.keys())  # noqa: SIM118

    def _span(self) -> float:
        support = self.units.time_support
        return float(support.end[-1] - support.start[0])
