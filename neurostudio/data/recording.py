"""Continuous multichannel signals with annotations; SI units."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from neurostudio.data import signals
from neurostudio.data.base import Data

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import mne

    from neurostudio.data.base import Fact

FILE = "signals_raw.fif"
SPLIT = "1.9GB"  # FIF files end at 2 GB


@dataclass(frozen=True, slots=True, eq=False)
class Recording(Data):
    """Continuous multichannel signals with annotations; SI units."""

    raw: mne.io.BaseRaw

    def summary(self) -> str:
        """Return channels, rate and length in one line."""
        raw = self.raw
        rate = raw.info["sfreq"]
        return f"{len(raw.ch_names)} channels, {rate:g} Hz, {raw.n_times / rate:.4g} s"

    def facts(self) -> Mapping[str, Fact]:
        """Return the metadata."""
        raw, info = self.raw, self.raw.info
        types = raw.get_channel_types()
        return {
            "shape": [len(raw.ch_names), int(raw.n_times)],
            "dimensions": ["channel", "time"],
            "rate (Hz)": float(info["sfreq"]),
            "duration (s)": float(raw.n_times / info["sfreq"]),
            "starts at (s)": float(raw.first_time),
            "unit": signals.unit_of(types),
            "channel types": signals.count_words(types),
            "channels": list(raw.ch_names),
            "bad channels": list(info["bads"]),
            "events": signals.count_words(map(str, raw.annotations.description)),
            "high-pass (Hz)": float(info["highpass"]),
            "low-pass (Hz)": float(info["lowpass"]),
            "measured": str(info["meas_date"]) if info["meas_date"] else None,
            "channel positions": info.get_montage() is not None,
        }

    def names(self, what: str) -> tuple[str, ...]:
        """Return ``channels``, ``channel types`` or ``events`` (words of the annotations)."""
        if what == "channels":
            return tuple(self.raw.ch_names)
        if what == "channel types":
            return tuple(dict.fromkeys(self.raw.get_channel_types()))
        if what == "events":
            return tuple(sorted(set(map(str, self.raw.annotations.description))))
        return ()

    def nbytes(self) -> int:
        """Return the bytes of all samples in double precision."""
        return len(self.raw.ch_names) * int(self.raw.n_times) * 8

    def save(self, folder: Path) -> None:
        """Write FIF in double precision."""
        raw = copy.copy(self.raw)
        raw.info = signals.with_unit_scale(self.raw.info)
        raw.save(folder / FILE, fmt="double", split_size=SPLIT, verbose="ERROR")
        exact = signals.describe_info(self.raw.info)
        exact["annotations"] = signals.describe_annotations(self.raw.annotations)
        signals.write_exact(folder, exact)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open FIF without reading the samples."""
        import mne

        raw = mne.io.read_raw_fif(folder / FILE, preload=False, verbose="ERROR")
        exact = signals.read_exact(folder)
        signals.restore_info(raw.info, exact)
        # set_annotations would add the time of the first sample, and round
        orig_time = raw.annotations.orig_time
        raw._annotations = signals.annotations_from(exact["annotations"], orig_time)
        return cls(raw)
