"""Where an animal is, and when it moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, Params, Traces, param

from .tuning import stretch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_SMOOTHING = 0.25  # seconds, for the speed only
_GAP = 1.0  # a longer gap in the position ends an epoch, seconds


class PlaceParams(Params):
    """What every method that asks for a position shares."""

    channels: tuple[str, ...] = param(
        (), "One or two coordinates; none for the first two", suggest="channels"
    )
    track: bool = param(
        False, "Project two coordinates on the longest direction, for a linear track"
    )
    bins: int = param(20, "Bins of each coordinate", ge=2, le=200)
    smoothing: float = param(
        1.0, "Standard deviation of a Gaussian over the bins; 0 for none", unit="bins", ge=0
    )
    least: float = param(
        0.1, "Bins visited for less than this are left out", unit="s", ge=0, advanced=True
    )
    speed: float = param(
        0.0,
        "Use only time at which the animal is faster than this, a second",
        unit="position",
        ge=0,
    )
    start: float | None = param(None, "Begin of the time used; none for all", unit="s")
    end: float | None = param(None, "End of the time used; none for all", unit="s")
    units: tuple[str, ...] = param((), "Units; none for all", suggest="units")


@dataclass(frozen=True, slots=True)
class Path:
    """A position over time as a frame of pynapple's, the epochs used, and begin and end of all."""

    frame: Any
    epochs: Any
    span: tuple[float, float]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the coordinates."""
        return tuple(map(str, self.frame.columns))

    def edges(self, bins: int) -> list[Array]:
        """Return the edges of bins over all of the path."""
        values = np.asarray(self.frame.restrict(self.epochs).values, float)
        ends = zip(values.min(axis=0), values.max(axis=0), strict=True)
        return [np.linspace(low, high, bins + 1) for low, high in ends]


def check_place(params: PlaceParams, position: Traces) -> None:
    """Raise where the position cannot be used as asked."""
    names = position.names("channels")
    absent = [name for name in params.channels if name not in names]
    if absent:
        raise BadInput(f"There is no channel '{absent[0]}'. There are: {', '.join(names[:20])}.")
    n = len(params.channels) or min(2, len(names))
    if n > 2:
        raise BadInput(f"{n} coordinates are chosen; a place map has one or two.")
    if params.track and n != 2:
        raise BadInput("A track is found in two coordinates. Choose two, or switch it off.")
    stretch(position, params.start, params.end)


def path_of(params: PlaceParams, position: Traces) -> Path:
    """Return the position as asked for, each time once, and the epochs of movement."""
    import pynapple as nap

    names = list(position.names("channels"))
    wanted = list(params.channels) or names[:2]
    span = stretch(position, params.start, params.end)
    times = np.asarray(position.frame.t)
    values = np.asarray(position.frame.values, float)[:, [names.index(name) for name in wanted]]
    kept = np.isfinite(values).all(axis=1) & (times >= span[0]) & (times <= span[1])
    kept &= np.r_[True, np.diff(times) > 0]  # a time that stands twice has no speed
    times, values = times[kept], values[kept]
    if len(times) < 2:
        raise BadInput("There is no position in the time that was chosen. Choose other times.")
    if params.track:
        wanted, values = ["along the track"], _longest_direction(values)
    frame = nap.TsdFrame(t=times, d=values, columns=wanted)
    epochs = _moving(times, values, params.speed)
    return Path(frame, epochs, span)


def _longest_direction(values: Array) -> Array:
    """Return the first principal component, rising with the coordinate that changes most."""
    centred = values - values.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    direction = vectors[:, -1]
    direction = direction * np.sign(direction[np.argmax(np.abs(direction))])
    along = centred @ direction
    return np.asarray(along - along.min())[:, None]


def speed_of(times: Array, values: Array) -> Array:
    """Return the speed in units of the position a second, smoothed over a quarter of a second."""
    from scipy.ndimage import gaussian_filter1d

    step = float(np.median(np.diff(times)))
    smooth = gaussian_filter1d(values, _SMOOTHING / step, axis=0, mode="nearest")
    return np.asarray(np.hypot.reduce(np.gradient(smooth, times, axis=0), axis=1))


def _moving(times: Array, values: Array, least: float) -> Any:
    """Return the epochs without a gap in which the animal is faster than ``least``."""
    import pynapple as nap

    fast = np.ones(len(times), bool)
    if least > 0:
        speed = speed_of(times, values)
        fast = speed > least
    apart = np.flatnonzero((np.diff(times) > _GAP) | (np.diff(fast.astype(int)) != 0)) + 1
    runs = [each for each in np.split(np.arange(len(times)), apart) if fast[each[0]]]
    runs = [each for each in runs if len(each) > 1]
    if not runs:
        raise BadInput(
            f"The animal is never faster than {least:g} a second for two samples. "
            "Choose a lower speed."
        )
    return nap.IntervalSet([times[each[0]] for each in runs], [times[each[-1]] for each in runs])
