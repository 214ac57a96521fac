"""How much power there is at which frequency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import (
    Context,
    Lines,
    Number,
    Params,
    Recording,
    Result,
    Table,
    Trials,
    method,
    param,
)
from neurostudio.learning.sensors import check_channels, inside

from .signals import check_frequency, picked, scale_of

if TYPE_CHECKING:
    from neurostudio.api import Items


class SpectrumParams(Params):
    """Parameters of :func:`power_spectrum`."""

    low: float = param(1.0, "Lowest frequency shown", unit="Hz", ge=0)
    high: float = param(
        45.0, "Highest frequency shown, at most half the sampling rate", unit="Hz", gt=0
    )
    estimate: Literal["welch", "multitaper"] = param(
        "welch", "welch: averaged windows; multitaper: smooth, for short trials"
    )
    window: float = param(
        2.0, "Length of Welch's windows; 1 / length is the resolution", unit="s", gt=0
    )
    channels: tuple[str, ...] = param(
        (), "Channels; none for all that are not bad", suggest="channels"
    )


def _check(params: SpectrumParams, items: Items) -> None:
    signals = items["signals"]
    assert isinstance(signals, Recording | Trials)  # noqa: S101  the method's own check came first
    check_channels(params.channels, signals)
    check_frequency(params.low, signals, "The lowest frequency")


@method(group="Analyse", check=_check)
def power_spectrum(context: Context, params: SpectrumParams, signals: Recording | Trials) -> Result:
    """Estimate the power spectrum of each channel."""
    import pandas as pd

    instance = inside(signals)
    names = list(params.channels) or picked(instance)
    for _ in context.track(range(1), "Estimating the spectrum"):
        frequencies, power = _estimate(signals, names, params)
    factor, unit = scale_of(instance, names)
    shown = power * factor**2
    frame = pd.DataFrame({"frequency": frequencies})
    frame = pd.concat([frame, pd.DataFrame(shown.T, columns=names)], axis=1)
    frame.attrs["unit"] = f"{unit}²/Hz"
    mean = shown.mean(axis=0)
    view = Lines(
        x=frequencies,
        y=np.vstack([shown, mean]),
        names=(*names, "mean"),
        x_label="frequency",
        x_unit="Hz",
        y_label="power",
        y_unit=f"{unit}²/Hz",
        log_y=True,
        title="Power spectrum",
        caption=f"{params.estimate}, {len(names)} channels.",
    )
    peak = float(frequencies[int(np.argmax(mean * np.maximum(frequencies, 1e-9)))])
    return Result(
        data={"spectrum": Table(frame)},
        views=(view,),
        numbers={"peak": Number(peak, "Hz", note="highest power × frequency, mean over channels")},
    )


def _estimate(
    signals: Recording | Trials, names: list[str], params: SpectrumParams
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    instance = inside(signals)
    rate = float(instance.info["sfreq"])
    options: dict[str, Any] = {
        "method": params.estimate,
        "fmin": params.low,
        "fmax": min(params.high, rate / 2),
        "picks": names,
        "verbose": "ERROR",
    }
    if params.estimate == "welch":
        length = min(round(params.window * rate), len(instance.times))
        options |= {"n_fft": length, "n_per_seg": length, "n_overlap": length // 2}
    spectrum = instance.compute_psd(**options)
    power, frequencies = spectrum.get_data(picks=names, return_freqs=True)
    if isinstance(signals, Trials):
        power = power.mean(axis=0)
    return np.asarray(frequencies, dtype=float), np.asarray(power, dtype=float)
