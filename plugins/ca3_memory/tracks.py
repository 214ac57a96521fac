"""A movement along a track, and how often each unit fires at each place of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput

if TYPE_CHECKING:
    from neurostudio.api import SpikeTrains, Traces

Array = np.ndarray[Any, np.dtype[Any]]
SMOOTHED = 31  # samples of the speed
_FEWEST = 200  # samples
_GAP = 5.0  # of the usual step: a longer one is a gap in the recording
_FLOOR = 0.1  # Hz: a silent unit does not exclude a place for the decoder


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Position over time, 0 to 1 along the longest direction of the movement.

    ``times`` (n,) in s, ``position`` (n,), ``running`` (n,) where the animal moves fast enough, ``step`` (n,)
    the seconds that each sample stands for.
    """

    times: Array
    position: Array
    running: Array
    step: Array

    def places(self, n_places: int) -> Array:
        """Return the place of each sample, shape (n,)."""
        found: Array = np.minimum((self.position * n_places).astype(int), n_places - 1)
        return found

    def at(self, times: Array) -> Array:
        """Return the index of the sample at or before each time."""
        return np.clip(np.searchsorted(self.times, times, side="right") - 1, 0, len(self.times) - 1)


def track_of(position: Traces, slowest: float, until: float) -> Track:
    """Return the movement, projected on its first principal axis and scaled from 1st to 99th percentile.

    Parameters
    ----------
    slowest
        Track lengths a second.
    until
        s, on the clock of the recording; 0 for all.

    Raises
    ------
    BadInput
        There is too little movement.
    """
    times = np.asarray(position.frame.index.values, float)
    values = np.asarray(position.frame.values, float)
    good = np.isfinite(values).all(axis=1)
    good &= np.concatenate([[True], np.diff(times) > 0])
    if until > 0:
        good &= times < until
    times, values = times[good], values[good]
    if len(times) < _FEWEST:
        raise BadInput(
            f"Only {len(times)} samples of the position can be used; {_FEWEST} are needed."
        )
    centred = values - values.mean(axis=0)
    _, _, axes = np.linalg.svd(np.cov(centred.T).reshape(centred.shape[1], -1))
    along = centred @ axes[0]
    low, high = np.percentile(along, [1, 99])
    if high <= low:
        raise BadInput("The position does not change: there is no track.")
    scaled = (along - low) / (high - low)
    usual = float(np.median(np.diff(times)))
    step = np.minimum(np.append(np.diff(times), usual), _GAP * usual)
    # the velocity is smoothed, not its size: the jitter of a camera is no movement
    speed = np.abs(
        np.convolve(np.gradient(scaled, times), np.ones(SMOOTHED) / SMOOTHED, mode="same")
    )
    return Track(times, np.clip(scaled, 0.0, 1.0 - 1e-9), speed > slowest, step)


def spikes_on(track: Track, units: SpikeTrains, until: float) -> list[Array]:
    """Return the spike times of each unit within the movement."""
    end = min(until, track.times[-1]) if until > 0 else track.times[-1]
    found = []
    for key in units.units.keys():  # noqa: SIM118  a group is no dict
        times = np.asarray(units.units[key].index.values, float)
        found.append(times[(times >= track.times[0]) & (times < end)])
    return found


def rates_of(track: Track, spikes: list[Array], used: Array, n_places: int) -> tuple[Array, Array]:
    """Return rates in Hz (n_places, n_units) and seconds at each place (n_places,), of the used samples."""
    places = track.places(n_places)
    seconds = np.bincount(places[used], track.step[used], n_places)
    counts = np.zeros((n_places, len(spikes)))
    for unit, times in enumerate(spikes):
        samples = track.at(times)
        counts[:, unit] = np.bincount(places[samples[used[samples]]], minlength=n_places)
    return counts / np.maximum(seconds, 1e-9)[:, None], seconds


def members_of(rates: Array, lowest: float) -> Array:
    """Return which unit belongs to which place, shape (n_places, n_units).

    A unit belongs to a place where its rate exceeds its mean over places plus one standard deviation, and
    ``lowest`` Hz.
    """
    bound = rates.mean(axis=0) + rates.std(axis=0)
    members: Array = (rates > bound) & (rates > lowest)
    return members


def bayes(rates: Array, seconds: Array, counts: Array, window: float) -> Array:
    """Return the most probable place of each window by Poisson rates and the time spent at each place.

    Parameters
    ----------
    counts : array of shape (n_windows, n_units)
    window
        s.
    """
    floored = np.maximum(rates, _FLOOR)
    prior = np.log(np.maximum(seconds, 1e-9) / seconds.sum())
    most: Array = np.argmax(
        counts @ np.log(floored).T - window * floored.sum(axis=1) + prior, axis=1
    )
    return most
