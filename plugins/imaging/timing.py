"""How long the signal lags behind the events, whatever their trial types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from neurostudio.api import Number

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

LAGS = np.arange(-5.0, 12.1, 0.5)
USUAL = 5.5  # s, of blocks and single events alike
NEAR = 3.0  # s that a lag may differ from what is expected
BEST = 0.05  # share of the voxels that follow the events best
CLEAR = 0.3  # correlation from which on the lag is worth telling
WARNING = {
    "lag": (
        "The signal follows the events with a lag that differs by more than 3 s from what is expected "
        "(about 5 s, or the given lag). The onsets may hold the blood's lag already, or be on another "
        "clock: see the number 'lag of the signal'."
    )
}


@dataclass(frozen=True, slots=True)
class Lag:
    """The seconds by which the signal lags, and how well it then follows the events (correlation)."""

    seconds: float
    correlation: float

    def unlike(self, expected: float = USUAL) -> bool:
        """Return whether the lag is clear and another than is expected, in seconds."""
        return self.correlation >= CLEAR and abs(self.seconds - expected) > NEAR

    @property
    def number(self) -> Number:
        """The lag as a number of a result."""
        return Number(
            self.seconds,
            "s",
            note=f"at which the {BEST:.0%} of voxels that follow the events best do so most "
            f"(r = {self.correlation:.2f}), whatever the trial types; the blood needs about 5 s",
        )


def lag_of(series: Sequence[Array], events: Sequence[pd.DataFrame], steps: Sequence[float]) -> Lag:
    """Return the lag at which signals follow events best.

    Parameters
    ----------
    series
        For each run the signals (n_images, n_voxels).
    events
        For each run ``onset`` and ``duration`` in seconds; trial types are not looked at.
    steps
        For each run the seconds from one image to the next.
    """
    signals = [_scaled(each) for each in series]
    best = Lag(float("nan"), -1.0)
    for lag in map(float, LAGS):
        found = np.mean(
            [
                _scaled(_share(frame, len(own), step, lag)[:, None])[:, 0] @ own
                for own, frame, step in zip(signals, events, steps, strict=True)
            ],
            axis=0,
        )
        count = max(1, round(BEST * len(found)))
        value = float(np.partition(found, -count)[-count:].mean())
        if value > best.correlation:
            best = Lag(lag, value)
    return best


def _share(frame: pd.DataFrame, n_images: int, step: float, lag: float) -> Array:
    """Return which share of each image's time (n_images,) an event that is moved by a lag takes."""
    begin = np.arange(n_images) * step
    covered = np.zeros(n_images)
    for onset, duration in zip(frame["onset"], frame["duration"], strict=True):
        first = onset + lag
        last = first + max(duration, step)
        covered += np.clip(np.minimum(begin + step, last) - np.maximum(begin, first), 0, None)
    return np.asarray(np.minimum(covered / step, 1.0))


def _scaled(signals: Array) -> Array:
    from scipy.signal import detrend

    straight = detrend(signals, axis=0)
    size = np.linalg.norm(straight, axis=0)
    return np.asarray(straight / np.where(size > 1e-12, size, np.inf))
