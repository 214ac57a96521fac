"""A filter for looking: applied to what is read for a window, never to the data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.errors import BadInput
from neurostudio.sources import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_ORDER = 4
_NOTCH_WIDTH = 2.0  # Hz
_LONGEST_LEAD = 30.0  # s
_FILTERED = frozenset({"V", "T", "T/m"})


@dataclass(frozen=True, slots=True)
class DisplayFilter:
    """Edges in hertz, 0 for none; Butterworth of order 4.

    ``causal``: forwards only, as an amplifier does: it delays what it passes, and nothing shows before it
    happens. Otherwise forwards and backwards: no delay, twice as steep, and a step shows before it
    happens.
    """

    high_pass: float = 0.0
    low_pass: float = 0.0
    notch: float = 0.0
    causal: bool = True

    def __bool__(self) -> bool:
        return bool(self.high_pass or self.low_pass or self.notch)

    @property
    def words(self) -> str:
        """What is done to the signals on the screen, in words."""
        parts = [f"{self.high_pass:g} Hz high-pass"] if self.high_pass else []
        parts += [f"{self.low_pass:g} Hz low-pass"] if self.low_pass else []
        parts += [f"{self.notch:g} Hz notch"] if self.notch else []
        way = "causal: delayed" if self.causal else "zero-phase: no delay"
        return f"{', '.join(parts)} ({way}); for display only" if parts else ""

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> DisplayFilter:
        """Return a filter from plain values."""
        return cls(**stored)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def check(self, rate: float) -> None:
        """Raise :class:`BadInput` where a frequency does not fit the sampling rate."""
        for name in ("high_pass", "low_pass", "notch"):
            edge = getattr(self, name)
            if edge and not 0 < edge < rate / 2:
                words = name.replace("_", "-")
                raise BadInput(
                    f"The {words} is {edge:g} Hz; at {rate:g} Hz it must lie below {rate / 2:g} Hz."
                )
        if self.high_pass and self.low_pass and self.high_pass >= self.low_pass:
            raise BadInput(
                f"The high-pass ({self.high_pass:g} Hz) must lie below the low-pass "
                f"({self.low_pass:g} Hz)."
            )

    def sections(self, rate: float) -> Array:
        """Return the second-order sections."""
        from scipy.signal import butter

        parts = []
        if self.high_pass:
            parts.append(butter(_ORDER, self.high_pass, "highpass", fs=rate, output="sos"))
        if self.low_pass:
            parts.append(butter(_ORDER, self.low_pass, "lowpass", fs=rate, output="sos"))
        if self.notch:
            half = _NOTCH_WIDTH / 2
            edges = (self.notch - half, min(self.notch + half, 0.499 * rate))
            parts.append(butter(2, edges, "bandstop", fs=rate, output="sos"))
        return np.vstack(parts)

    def lead(self, rate: float) -> int:
        """Return the samples before a window after which the filter has forgotten its beginning."""
        slowest = min([each for each in (self.high_pass, _NOTCH_WIDTH) if each], default=1.0)
        return round(rate * min(_LONGEST_LEAD, 3.0 / slowest))


class FilteredSource(Source):
    """The samples of another source, seen through a filter; only potentials and fields are filtered."""

    def __init__(self, source: Source, wanted: DisplayFilter) -> None:
        super().__init__()
        wanted.check(source.rate)
        self._source = source
        self._filter = wanted
        self._sections = wanted.sections(source.rate)
        for name in ("names", "types", "units", "rate", "n_times", "start", "even", "files"):
            setattr(self, name, getattr(source, name))
        self.treatment = wanted.words
        self._filtered = np.array([unit in _FILTERED for unit in self.units])

    def times(self, first: int, last: int) -> Array:
        """Return the times of samples in seconds."""
        return self._source.times(first, last)

    def sample_range(self, start: float, stop: float) -> tuple[int, int]:
        """Return the first sample and the one behind the last that a window in seconds shows."""
        return self._source.sample_range(start, stop)

    def _samples(self, first: int, last: int, picks: list[int]) -> Array:
        from scipy.signal import sosfilt, sosfilt_zi, sosfiltfilt

        lead = self._filter.lead(self.rate)
        begin = max(0, first - lead)
        end = last if self._filter.causal else min(self.n_times, last + lead)
        values = self._source.read(begin, end, picks)
        rows = self._filtered[picks]
        if rows.any() and values.shape[1]:
            known = np.nan_to_num(values[rows], nan=0.0, posinf=0.0, neginf=0.0)
            if self._filter.causal:
                state = sosfilt_zi(self._sections)[:, None, :] * known[None, :, :1]
                known, _ = sosfilt(self._sections, known, axis=1, zi=state)
            else:
                room = min(known.shape[1] - 1, 3 * (2 * len(self._sections) + 1))
                known = sosfiltfilt(self._sections, known, axis=1, padlen=max(0, room))
            values[rows] = np.where(np.isfinite(values[rows]), known, np.nan)
        return values[:, first - begin : last - begin]
