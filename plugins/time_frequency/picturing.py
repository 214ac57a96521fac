"""Pictures of power and phase-locking around events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Heatmap, Lines, Number, Trials, View
from neurostudio.learning.sensors import event_mark, scale_of, topomap

if TYPE_CHECKING:
    from collections.abc import Sequence

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Found:
    """Power and coherence (n_channels, n_frequencies, n_times) of some trials."""

    power: Array
    coherence: Array
    frequencies: Array
    times: Array
    names: tuple[str, ...]
    n_trials: int
    unit: str

    @property
    def chance(self) -> float:
        """The coherence expected of so many random phases: √(π / 4n)."""
        return float(np.sqrt(np.pi / (4 * self.n_trials)))

    def inside(self, params: Any) -> tuple[Any, Any]:
        """Return which frequencies and times lie in the band and window of the maps."""
        end = self.times[-1] if params.window_end is None else params.window_end
        low, high = params.band_low, params.band_high
        band = (self.frequencies >= low) & (self.frequencies <= high)
        return band, (self.times >= params.window_start) & (self.times <= end)


def factor_of(trials: Trials, names: Sequence[str], mode: str) -> float:
    """Return what potentials are multiplied with: nothing where power is relative."""
    return scale_of(trials, names)[0] if mode in {"none", "difference"} else 1.0


def unit_of(trials: Trials, names: Sequence[str], mode: str) -> str:
    """Return the unit of power after the baseline."""
    from .around import MODES

    if mode in {"none", "difference"}:
        return f"{scale_of(trials, names)[1]}²"
    return MODES[mode][2]


def numbers(found: Found, params: Any) -> dict[str, Number]:
    """Return the means over band, window and channels."""
    band, window = found.inside(params)
    where = f"{params.band_low:g} to {params.band_high:g} Hz, mean over channels and window"
    power = found.power[:, band][:, :, window].mean()
    coherence = found.coherence[:, band][:, :, window].mean()
    return {
        "trials": Number(found.n_trials),
        "power": Number(float(power), found.unit, note=where),
        "coherence": Number(float(coherence), "1", chance=found.chance, note=where),
    }


def views(trials: Trials, found: Found, params: Any) -> tuple[View, ...]:
    """Return images of the mean over channels and of the strongest one, maps, and the band's course."""
    band, window = found.inside(params)
    power = found.power[:, band][:, :, window].mean(axis=(1, 2))
    coherence = found.coherence[:, band][:, :, window].mean(axis=(1, 2))
    strongest = int(np.abs(power - (0 if params.baseline != "none" else power.min())).argmax())
    images = [_image(trials, found, found.power.mean(axis=0), "mean over channels", params)]
    if len(found.names) > 1:
        name = found.names[strongest]
        images.append(_image(trials, found, found.power[strongest], name, params))
    return (
        *images,
        _coherence(trials, found),
        *_maps(trials, found, power, coherence, params),
        _course(trials, found, params),
    )


def _image(trials: Trials, found: Found, values: Array, where: str, params: Any) -> Heatmap:
    compared = "not compared with a baseline"
    if params.baseline != "none":
        start = trials.epochs.tmin if params.baseline_start is None else params.baseline_start
        compared = f"{params.baseline} of the baseline from {start:g} to {params.baseline_end:g} s"
    return _heatmap(
        trials,
        found,
        values,
        value_label="power",
        value_unit=found.unit,
        diverging=params.baseline not in {"none", "ratio"},
        title=f"Power, {where}",
        caption=(
            f"{found.n_trials} trials, {params.estimate}, {compared}. Within half a wavelet of the "
            "edges values are cut off."
        ),
    )


def _coherence(trials: Trials, found: Found) -> Heatmap:
    return _heatmap(
        trials,
        found,
        found.coherence.mean(axis=0),
        value_label="inter-trial coherence",
        value_unit="1",
        title="Inter-trial coherence, mean over channels",
        caption=f"{found.n_trials} trials; random phases give {found.chance:.2f} on average.",
    )


def _heatmap(trials: Trials, found: Found, values: Array, **words: Any) -> Heatmap:
    edges = np.array([found.frequencies[0], found.frequencies[-1]])
    event = (np.stack([np.zeros(2), edges], axis=1),) if event_mark(trials) else ()
    return Heatmap(
        values=values[::-1],
        x=found.times,
        y=found.frequencies[::-1],
        x_label="time from the event",
        x_unit="s",
        y_label="frequency",
        y_unit="Hz",
        outlines=event,
        **words,
    )


def _maps(
    trials: Trials, found: Found, power: Array, coherence: Array, params: Any
) -> tuple[View, ...]:
    end = found.times[-1] if params.window_end is None else params.window_end
    where = (
        f"{params.band_low:g} to {params.band_high:g} Hz, {params.window_start:g} to {end:.3g} s"
    )
    first = topomap(
        trials,
        found.names,
        power[None],
        titles=(where,),
        title="Map of power",
        value_label="power",
        value_unit=found.unit,
        diverging=params.baseline not in {"none", "ratio"},
    )
    second = topomap(
        trials,
        found.names,
        coherence[None],
        titles=(where,),
        title="Map of inter-trial coherence",
        value_label="coherence",
        value_unit="1",
        diverging=False,
    )
    return (*first, *second)


def _course(trials: Trials, found: Found, params: Any) -> Lines:
    band, _ = found.inside(params)
    courses = found.power[:, band].mean(axis=1)
    return Lines(
        x=found.times,
        y=np.vstack([courses.mean(axis=0), courses]) if len(courses) > 1 else courses,
        names=("mean", *found.names) if len(courses) > 1 else found.names,
        x_label="time from the event",
        x_unit="s",
        y_label=f"power, {params.band_low:g} to {params.band_high:g} Hz",
        y_unit=found.unit,
        marks=dict(event_mark(trials)),
        title="Course of the band",
    )
