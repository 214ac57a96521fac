"""Power and phase-locking around events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Estimate,
    ImageStack,
    Params,
    Result,
    Trials,
    method,
    param,
)
from neurostudio.learning.sensors import check_channels, check_window, conditions, data_channels

from . import picturing

if TYPE_CHECKING:
    from neurostudio.api import Items

Mode = Literal["none", "decibel", "percent", "ratio", "zscore", "difference"]
# MNE's name of each mode, and what its values are multiplied with
MODES: dict[str, tuple[str, float, str]] = {
    "decibel": ("logratio", 10.0, "dB"),
    "percent": ("percent", 100.0, "%"),
    "ratio": ("ratio", 1.0, "1"),
    "zscore": ("zscore", 1.0, "s.d. of the baseline"),
    "difference": ("mean", 1.0, ""),
}


class TimeFrequencyParams(Params):
    """Parameters of :func:`time_frequency`."""

    estimate: Literal["morlet", "multitaper"] = param(
        "morlet", "morlet: wavelets; multitaper: smoother, for high frequencies"
    )
    low: float = param(4.0, "Lowest frequency", unit="Hz", gt=0)
    high: float = param(40.0, "Highest frequency", unit="Hz", gt=0)
    step: float = param(1.0, "From one frequency to the next", unit="Hz", gt=0, le=100)
    cycles: float = param(3.0, "Cycles of the wavelet at the lowest frequency", unit="1", gt=0)
    cycles_high: float = param(
        10.0, "Cycles at the highest frequency; rising in between", unit="1", gt=0
    )
    bandwidth: float = param(
        4.0, "Time-bandwidth product of the tapers (multitaper)", unit="1", ge=2, advanced=True
    )
    decimate: int = param(1, "Keep only every n-th time", ge=1, le=100)
    baseline: Mode = param("decibel", "How power is compared with the baseline")
    baseline_start: float | None = param(
        None, "Begin of the baseline; none for the begin of the trials", unit="s"
    )
    baseline_end: float = param(0.0, "End of the baseline", unit="s")
    events: tuple[str, ...] = param((), "Events to use; none for all", suggest="events")
    channels: tuple[str, ...] = param(
        (), "Channels; none for all that are not bad", suggest="channels"
    )
    band_low: float = param(8.0, "Lower edge of the band of the maps", unit="Hz", gt=0)
    band_high: float = param(12.0, "Upper edge of the band of the maps", unit="Hz", gt=0)
    window_start: float = param(0.0, "Begin of the window of the maps", unit="s")
    window_end: float | None = param(
        None, "End of the window of the maps; none for the end of the trials", unit="s"
    )

    @property
    def frequencies(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The frequencies, evenly spaced."""
        count = int(np.floor((self.high - self.low) / self.step + 1e-9)) + 1
        return np.asarray(self.low + self.step * np.arange(count), np.float64)

    @property
    def n_cycles(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The cycles of each frequency's wavelet."""
        share = (self.frequencies - self.low) / max(self.high - self.low, 1e-9)
        return np.asarray(self.cycles + share * (self.cycles_high - self.cycles), np.float64)


def _memory(params: TimeFrequencyParams, items: Items) -> Estimate:
    trials = items["trials"]
    assert isinstance(trials, Trials)  # noqa: S101  the method's own check came first
    n_trials, n_times = len(trials.epochs.events), len(trials.epochs.times)
    one_channel = 48 * n_trials * n_times * len(params.frequencies)
    stacks = 32 * len(data_channels(trials, params.channels)) * n_times * len(params.frequencies)
    return Estimate(
        3 * trials.nbytes() + one_channel + stacks,
        "Decimate, or use fewer frequencies, channels or trials.",
    )


def _check(params: TimeFrequencyParams, items: Items) -> None:
    trials = items["trials"]
    assert isinstance(trials, Trials)  # noqa: S101  the method's own check came first
    check_channels(params.channels, trials)
    _check_frequencies(params, float(trials.epochs.info["sfreq"]))
    _check_wavelets(params, float(trials.epochs.times[-1] - trials.epochs.times[0]))
    start = trials.epochs.tmin if params.baseline_start is None else params.baseline_start
    if params.baseline != "none":
        check_window(trials, start, params.baseline_end, "The baseline")
    end = trials.epochs.tmax if params.window_end is None else params.window_end
    check_window(trials, params.window_start, end, "The window of the maps")


def _check_frequencies(params: TimeFrequencyParams, rate: float) -> None:
    if params.low > params.high:
        raise BadInput(
            f"The lowest frequency is {params.low:g} Hz and the highest {params.high:g} Hz. "
            "The highest must not be below it."
        )
    if params.high >= rate / 2:
        raise BadInput(
            f"The highest frequency is {params.high:g} Hz; data sampled at {rate:g} Hz hold nothing "
            f"above {rate / 2:g} Hz. Choose a lower one."
        )
    inside = (params.frequencies >= params.band_low) & (params.frequencies <= params.band_high)
    if not inside.any():
        raise BadInput(
            f"No frequency lies in the band of the maps, {params.band_low:g} to "
            f"{params.band_high:g} Hz. Choose a band between {params.low:g} and {params.high:g} Hz."
        )


def _check_wavelets(params: TimeFrequencyParams, length: float) -> None:
    """MNE's Morlet wavelets reach five standard deviations to each side; tapers are as long as asked."""
    periods = params.n_cycles / params.frequencies
    lengths = periods * (10 / (2 * np.pi) if params.estimate == "morlet" else 1.0)
    longest = int(lengths.argmax())
    if lengths[longest] >= length:
        raise BadInput(
            f"At {params.frequencies[longest]:g} Hz, {params.n_cycles[longest]:.3g} cycles last "
            f"{lengths[longest]:.3g} s; the trials last {length:.3g} s. Use fewer cycles, a higher "
            "lowest frequency, or longer trials."
        )


@method(group="Analyse", title="Time–frequency", memory=_memory, check=_check)
def time_frequency(context: Context, params: TimeFrequencyParams, trials: Trials) -> Result:
    """Estimate power and inter-trial coherence around events, for every channel."""
    names = data_channels(trials, params.channels)
    rows = np.sort(np.concatenate(list(conditions(trials, "", params.events).values())))
    epochs = trials.epochs[rows].load_data()
    powers, coherences = [], []
    for name in context.track(names, "Channels"):
        power, coherence = _one(epochs, name, params)
        powers.append(power.data[0])
        coherences.append(coherence.data[0])
    times = np.asarray(power.times, float)
    found = picturing.Found(
        power=np.stack(powers) * picturing.factor_of(trials, names, params.baseline) ** 2,
        coherence=np.stack(coherences),
        frequencies=params.frequencies,
        times=times,
        names=tuple(names),
        n_trials=len(rows),
        unit=picturing.unit_of(trials, names, params.baseline),
    )
    data = {
        "power": _stack(found, found.power, found.unit),
        "coherence": _stack(found, found.coherence, "1"),
    }
    return Result(data, picturing.views(trials, found, params), picturing.numbers(found, params))


def _one(epochs: Any, name: str, params: TimeFrequencyParams) -> tuple[Any, Any]:
    """Return MNE's power and coherence of one channel, compared with the baseline."""
    options = {"time_bandwidth": params.bandwidth} if params.estimate == "multitaper" else {}
    power, coherence = epochs.compute_tfr(
        params.estimate,
        params.frequencies,
        n_cycles=params.n_cycles,
        picks=[name],
        average=True,
        return_itc=True,
        decim=params.decimate,
        verbose="ERROR",
        **options,
    )
    if params.baseline != "none":
        mode, factor, _ = MODES[params.baseline]
        power.apply_baseline((params.baseline_start, params.baseline_end), mode, verbose="ERROR")
        power.data = power.data * factor
    return power, coherence


def _stack(found: picturing.Found, values: Any, unit: str) -> ImageStack:
    import xarray

    array = xarray.DataArray(
        values,
        dims=("item", "y", "x"),
        coords={"item": list(found.names), "y": found.frequencies, "x": found.times},
    )
    array.attrs |= {"unit": unit, "y": "frequency (Hz)", "x": "time (s)"}
    return ImageStack(array)
