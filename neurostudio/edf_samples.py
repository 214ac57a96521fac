"""Windows of plain EDF files, quicker than a general reader: whole records, decoded by compiled code.

Only for files whose channels all have one rate and whose records follow each other without gaps; any
other file, and any whose samples come out otherwise than MNE reads them, is left to MNE.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    import mne
    from numpy.typing import NDArray

_FIXED = 256  # bytes of the part of the header that every file has
_NOTES = "EDF Annotations"
_UNITS = {"uv": 1e-6, "µv": 1e-6, "mv": 1e-3, "v": 1.0, "nv": 1e-9}
_PROBE = 200


@dataclass(frozen=True, slots=True, eq=False)
class EdfSamples:
    """The samples of a file: value = gain × digital + offset, in volts.

    A record holds ``width`` numbers; ``starts`` (n_channels,) are the places of the channels in it.
    """

    path: Path
    begin: int
    n_records: int
    width: int
    n_samples: int
    starts: NDArray[np.int64]
    gain: NDArray[np.float64]
    offset: NDArray[np.float64]

    def read(self, first: int, last: int, picks: list[int]) -> NDArray[np.float64]:
        """Return samples of some channels, (n_picks, last - first)."""
        from neurostudio import envelope

        digital = self._records(first, last)
        out = np.empty((len(picks), last - first))
        gain, offset = self.gain[picks], self.offset[picks]
        skip = first % self.n_samples
        envelope.of_records(digital, self.starts[picks], self.n_samples, skip, gain, offset, out)
        return out

    def reduce(self, edges: NDArray[np.int64], picks: list[int]) -> NDArray[np.float32]:
        """Return the least and greatest of stretches of some channels, (n_picks, n_stretches, 2)."""
        from neurostudio import envelope

        first, last = int(edges[0]), int(edges[-1])
        digital = self._records(first, last)
        out = np.empty((len(picks), len(edges) - 1, 2), np.float32)
        inside = edges - first + first % self.n_samples
        gain, offset = self.gain[picks], self.offset[picks]
        envelope.of_digital(digital, self.starts[picks], self.n_samples, inside, gain, offset, out)
        return out

    def _records(self, first: int, last: int) -> NDArray[np.int16]:
        record, end = first // self.n_samples, -(-last // self.n_samples)
        digital = np.empty((end - record, self.width), "<i2")
        with self.path.open("rb", buffering=0) as file:
            file.seek(self.begin + record * self.width * 2)
            _fill(file, digital)
        return digital


def _fill(file: object, array: NDArray[np.int16]) -> None:
    rest = array.reshape(-1).view(np.uint8).data
    while len(rest):
        got = file.readinto(rest)  # type: ignore[attr-defined]  # a raw file
        if not got:
            raise OSError("the file ends before its header says so")
        rest = rest[got:]


def quick_samples(raw: mne.io.BaseRaw) -> EdfSamples | None:
    """Return a quick way to a recording's samples, or None where there is none that can be trusted."""
    from pathlib import Path

    names = [each for each in raw.filenames if each is not None]
    if raw.preload or len(names) != 1 or Path(names[0]).suffix.lower() != ".edf":
        return None
    try:
        found = _from_header(Path(names[0]), list(raw.ch_names))
        return found if found is not None and _agrees(found, raw) else None
    except (OSError, ValueError, IndexError, ZeroDivisionError):
        return None


def _from_header(path: Path, wanted: list[str]) -> EdfSamples | None:
    with path.open("rb") as file:
        fixed = file.read(_FIXED).decode("latin-1")
        n_signals = int(fixed[252:256])
        text = file.read(n_signals * _FIXED).decode("latin-1")
    if fixed[192:197] == "EDF+D":
        return None

    def fields(start: int, width: int) -> list[str]:
        part = text[start * n_signals : (start + width) * n_signals]
        return [part[k * width : (k + 1) * width].strip() for k in range(n_signals)]

    labels, units = fields(0, 16), fields(96, 8)
    bottom, top = _numbers(fields(104, 8)), _numbers(fields(112, 8))
    least, most = _numbers(fields(120, 8)), _numbers(fields(128, 8))
    counts = np.array([int(each) for each in fields(216, 8)])
    rows = [k for k, label in enumerate(labels) if label != _NOTES]
    known = all(units[k].casefold() in _UNITS for k in rows)
    if len({*counts[rows]}) != 1 or len(rows) != len(wanted) or not known:
        return None
    factor = np.array([_UNITS[units[k].casefold()] for k in rows])
    gain = (top - bottom)[rows] / (most - least)[rows]
    return EdfSamples(
        path=path,
        begin=int(fixed[184:192]),
        n_records=int(fixed[236:244]),
        width=int(counts.sum()),
        n_samples=int(counts[rows[0]]),
        starts=(np.cumsum(counts) - counts)[rows].astype(np.int64),
        gain=gain * factor,
        offset=(bottom[rows] - least[rows] * gain) * factor,
    )


def _numbers(words: list[str]) -> NDArray[np.float64]:
    return np.array([float(each) for each in words])


def _agrees(found: EdfSamples, raw: mne.io.BaseRaw) -> bool:
    """Return whether the first and the last samples are those that MNE reads."""
    n_times = int(raw.n_times)
    if found.n_records * found.n_samples != n_times:
        return False
    picks = list(range(len(raw.ch_names)))
    for first in (0, max(0, n_times - _PROBE)):
        last = min(n_times, first + _PROBE)
        known = raw.get_data(start=first, stop=last, verbose="error")
        if not np.allclose(found.read(first, last, picks), known, rtol=1e-9, atol=1e-15):
            return False
    return True
