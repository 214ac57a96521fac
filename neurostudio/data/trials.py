"""Trials of multichannel signals, with labels as columns of ``epochs.metadata``; SI units."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from neurostudio.data import signals
from neurostudio.data.base import Data

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import mne

    from neurostudio.data.base import Fact

FILE = "trials_epo.fif"
SPLIT = "1.9GB"  # FIF files end at 2 GB
METADATA = "metadata.parquet"
IN_MEMORY = 2**30  # below this, trials are read at once and no file stays open


@dataclass(frozen=True, slots=True, eq=False)
class Trials(Data):
    """Trials of multichannel signals, with labels as columns of ``epochs.metadata``; SI units."""

    epochs: mne.BaseEpochs

    def summary(self) -> str:
        """Return trials, channels, rate and window in one line."""
        epochs = self.epochs
        return (
            f"{len(epochs.events)} trials, {len(epochs.ch_names)} channels, "
            f"{epochs.info['sfreq']:g} Hz, {epochs.tmin:.4g} to {epochs.tmax:.4g} s"
        )

    def facts(self) -> Mapping[str, Fact]:
        """Return the metadata."""
        epochs, info = self.epochs, self.epochs.info
        types = epochs.get_channel_types()
        return {
            "shape": [len(epochs.events), len(epochs.ch_names), len(epochs.times)],
            "dimensions": ["trial", "channel", "time"],
            "rate (Hz)": float(info["sfreq"]),
            "duration (s)": float(len(epochs.times) / info["sfreq"]),
            "from (s)": float(epochs.tmin),
            "to (s)": float(epochs.tmax),
            "unit": signals.unit_of(types),
            "baseline (s)": [float(edge) for edge in epochs.baseline] if epochs.baseline else None,
            "channel types": signals.count_words(types),
            "channels": list(epochs.ch_names),
            "bad channels": list(info["bads"]),
            "events": signals.count_words(self._event_of_each_trial()),
            "columns": list(self.names("columns")),
            "channel positions": info.get_montage() is not None,
        }

    def names(self, what: str) -> tuple[str, ...]:
        """Return ``channels``, ``channel types``, ``events`` or ``columns`` (of the metadata)."""
        if what == "channels":
            return tuple(self.epochs.ch_names)
        if what == "channel types":
            return tuple(dict.fromkeys(self.epochs.get_channel_types()))
        if what == "events":
            return tuple(self.epochs.event_id)
        if what == "columns" and self.epochs.metadata is not None:
            return tuple(map(str, self.epochs.metadata.columns))
        return ()

    def nbytes(self) -> int:
        """Return the bytes of all samples in double precision."""
        epochs = self.epochs
        return len(epochs.events) * len(epochs.ch_names) * len(epochs.times) * 8

    def save(self, folder: Path) -> None:
        """Write FIF in double precision; the metadata as Parquet beside it."""
        self.epochs.drop_bad(verbose="ERROR")
        epochs = copy.copy(self.epochs)
        epochs.info = signals.with_unit_scale(self.epochs.info)
        if epochs.metadata is not None:
            epochs.metadata.to_parquet(folder / METADATA)
            epochs._metadata = None
        # names with ':' or ';' do not survive in FIF; they stand in exact.json
        epochs.event_id = {str(code): int(code) for code in set(self.epochs.event_id.values())}
        epochs.save(folder / FILE, fmt="double", split_size=SPLIT, verbose="ERROR")
        signals.write_exact(folder, self._exact())

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open FIF; the samples are read at once unless they are many."""
        import mne
        import numpy as np
        import pandas as pd

        small = sum(path.stat().st_size for path in folder.glob("*.fif")) < IN_MEMORY
        epochs = mne.read_epochs(folder / FILE, proj=False, preload=small, verbose="ERROR")
        exact = signals.read_exact(folder)
        signals.restore_info(epochs.info, exact)
        epochs._raw_sfreq = exact["raw rate"]
        epochs._set_times(np.array(exact["times"]))
        epochs.baseline = tuple(exact["baseline"]) if exact["baseline"] else None
        epochs.event_id = exact["events"]
        if exact["annotations"] is not None:
            orig_time = epochs.annotations.orig_time if epochs.annotations else None
            annotations = signals.annotations_from(exact["annotations"], orig_time)
            epochs._annotations = annotations
        if (folder / METADATA).is_file():
            epochs._metadata = pd.read_parquet(folder / METADATA)
        return cls(epochs)

    def _exact(self) -> dict[str, Any]:
        epochs = self.epochs
        return signals.describe_info(epochs.info) | {
            "raw rate": getattr(epochs, "_raw_sfreq", None),
            "times": epochs.times.tolist(),
            "baseline": list(epochs.baseline) if epochs.baseline else None,
            "events": {str(name): int(code) for name, code in epochs.event_id.items()},
            "annotations": signals.describe_annotations(getattr(epochs, "annotations", None)),
        }

    def _event_of_each_trial(self) -> list[str]:
        words = {code: name for name, code in self.epochs.event_id.items()}
        return [words.get(code, str(code)) for code in self.epochs.events[:, 2]]
