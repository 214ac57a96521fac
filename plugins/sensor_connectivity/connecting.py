"""Coherence and phase-locking between sensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Connectome,
    Context,
    Estimate,
    Heatmap,
    Number,
    Params,
    Recording,
    Result,
    Trials,
    View,
    method,
    param,
)
from neurostudio.learning.sensors import check_channels, data_channels, inside, samples, topomap

from .chance import Chance, chance_of, interval_of

if TYPE_CHECKING:
    from neurostudio.api import Items

Array = np.ndarray[Any, np.dtype[np.float64]]
Measure = Literal["coh", "imcoh", "plv", "ciplv", "pli", "wpli"]
LABELS = {
    "coh": "coherence",
    "imcoh": "imaginary coherence",
    "plv": "phase-locking value",
    "ciplv": "corrected imaginary phase-locking value",
    "pli": "phase lag index",
    "wpli": "weighted phase lag index",
}
LEAST = 5


class ConnectivityParams(Params):
    """Parameters of :func:`sensor_connectivity`."""

    measure: Measure = param(
        "wpli", "wpli, pli, imcoh and ciplv ignore what reaches two sensors at the same moment"
    )
    low: float = param(8.0, "Lower edge of the band", unit="Hz", gt=0)
    high: float = param(12.0, "Upper edge of the band", unit="Hz", gt=0)
    mode: Literal["multitaper", "fourier"] = param(
        "multitaper", "How the spectrum of a trial is estimated", advanced=True
    )
    window: float = param(
        2.0, "Length of the windows that a recording is cut into", unit="s", gt=0, le=600
    )
    start: float | None = param(None, "Begin within the trials; none for all of them", unit="s")
    end: float | None = param(None, "End within the trials; none for all of them", unit="s")
    channels: tuple[str, ...] = param(
        (), "Channels; none for all that are not bad", suggest="channels"
    )
    surrogates: int = param(
        39, "Shuffles of the trials for the chance level", ge=19, le=1000, advanced=True
    )


def _memory(params: ConnectivityParams, items: Items) -> Estimate:
    del params
    signals = items["signals"]
    assert isinstance(signals, Recording | Trials)  # noqa: S101  the method's own check came first
    return Estimate(4 * signals.nbytes() + 2**27)


def _check(params: ConnectivityParams, items: Items) -> None:
    signals = items["signals"]
    assert isinstance(signals, Recording | Trials)  # noqa: S101  the method's own check came first
    check_channels(params.channels, signals)
    if len(data_channels(signals, params.channels)) < 2:
        raise BadInput("There is one channel; a connection needs at least two.")
    rate = float(inside(signals).info["sfreq"])
    if not params.low < params.high < rate / 2:
        raise BadInput(
            f"The band is {params.low:g} to {params.high:g} Hz; it must rise, and end below "
            f"{rate / 2:g} Hz, half the sampling rate."
        )
    length = _length(params, signals)
    if length * params.low < 1:
        raise BadInput(
            f"A trial of {length:.3g} s holds less than one cycle of {params.low:g} Hz. "
            "Use longer trials or a higher band."
        )


def _length(params: ConnectivityParams, signals: Recording | Trials) -> float:
    if isinstance(signals, Recording):
        return params.window
    start, end = _limits(params, signals)
    if start >= end:
        raise BadInput(f"The trials would be used from {start:g} to {end:g} s. Turn them round.")
    return end - start


def _limits(params: ConnectivityParams, trials: Trials) -> tuple[float, float]:
    start = trials.epochs.tmin if params.start is None else params.start
    return start, trials.epochs.tmax if params.end is None else params.end


@method(
    group="Analyse",
    memory=_memory,
    check=_check,
    warnings={
        "few-cycles": (
            "A trial holds fewer than five cycles of the band's lower edge, so the estimate is rough."
        ),
        "spread": (
            "Coherence and phase-locking also rise where two sensors see one source or share a "
            "reference. Compare with wpli or imcoh."
        ),
    },
)
def sensor_connectivity(
    context: Context, params: ConnectivityParams, signals: Recording | Trials
) -> Result:
    """Measure how strongly each pair of sensors goes together in a band."""
    names = data_channels(signals, params.channels)
    values = cut(params, signals, names)
    if len(values) < LEAST:
        raise BadInput(
            f"There are {len(values)} trials or windows; at least {LEAST} are needed, and 30 or more "
            "are advisable. Use shorter windows or more data."
        )
    still = [name for k, name in enumerate(names) if not np.ptp(values[:, k])]
    if still:
        raise BadInput(
            f"{len(still)} channels are constant: {', '.join(still[:3])}. They go together with "
            "nothing; mark them bad first."
        )
    rate = float(inside(signals).info["sfreq"])

    def measured(some: Array) -> Array:
        return connect(some, rate, params)

    matrix = measured(values)
    chance = chance_of(context, measured, values, params.surrogates)
    codes = ["few-cycles"] if values.shape[-1] / rate * params.low < 5 else []
    codes += ["spread"] if params.measure in {"coh", "plv"} else []
    return Result(
        data={"connectome": Connectome(_labelled(signals, names, matrix, params))},
        views=_views(signals, names, matrix, chance, params),
        numbers=_numbers(context, measured, values, matrix, chance),
        warnings=tuple(codes),
    )


def cut(params: ConnectivityParams, signals: Recording | Trials, names: list[str]) -> Array:
    """Return trials or windows: (n_trials, n_channels, n_times)."""
    import mne

    if isinstance(signals, Trials):
        start, end = _limits(params, signals)
        chosen = signals.epochs.copy().load_data().crop(start, end, verbose="ERROR")
        return samples(Trials(chosen), names)
    windows = mne.make_fixed_length_epochs(
        signals.raw, params.window, reject_by_annotation=True, preload=True, verbose="ERROR"
    )
    return samples(Trials(windows), names)


def connect(values: Array, rate: float, params: ConnectivityParams) -> Array:
    """Return mne-connectivity's measure for all pairs: a full matrix with an empty diagonal.

    Parameters
    ----------
    values : array of shape (n_trials, n_channels, n_times)

    Returns
    -------
    array of shape (n_channels, n_channels)
        Symmetric; the sign of imaginary coherence, which says who leads, turns with the direction.
    """
    from mne_connectivity import spectral_connectivity_epochs

    found = spectral_connectivity_epochs(
        values,
        method=params.measure,
        mode=params.mode,
        sfreq=rate,
        fmin=params.low,
        fmax=params.high,
        faverage=True,
        verbose="ERROR",
    )
    lower = np.tril(np.asarray(found.get_data("dense"), float)[:, :, 0], -1)
    turned = -lower.T if params.measure == "imcoh" else lower.T
    return np.asarray(lower + turned, np.float64)


def _labelled(
    signals: Recording | Trials, names: list[str], matrix: Array, params: ConnectivityParams
) -> Any:
    import xarray

    instance = inside(signals)
    places = {each["ch_name"]: np.asarray(each["loc"][:3], float) for each in instance.info["chs"]}
    where = 1e3 * np.array([places[name] for name in names])
    facts = {axis: ("source", where[:, k]) for k, axis in enumerate("xyz")}
    kinds = ("source", list(instance.get_channel_types(picks=names)))
    array = xarray.DataArray(
        matrix,
        dims=("source", "target"),
        coords={"source": names, "target": names, "type": kinds, **facts},
    )
    array.attrs |= {
        "unit": "1",
        "measure": params.measure,
        "band (Hz)": [params.low, params.high],
        "unit of x, y, z": "mm",
    }
    return array


def _numbers(
    context: Context, measured: Any, values: Array, matrix: Array, chance: Chance
) -> dict[str, Number]:
    low, high = interval_of(context, measured, values)
    pairs = np.abs(matrix[np.tril_indices(len(matrix), -1)])
    above = int((pairs > chance.highest).sum())
    return {
        "trials": Number(len(values)),
        "mean connection": Number(
            float(pairs.mean()),
            "1",
            low,
            high,
            chance.mean,
            note="mean over pairs; interval by leaving out blocks of trials",
        ),
        "pairs above chance": Number(
            above,
            note=f"of {len(pairs)}; more than {chance.highest:.3g}, 5 % over all pairs together",
        ),
    }


def _views(
    signals: Recording | Trials,
    names: list[str],
    matrix: Array,
    chance: Chance,
    params: ConnectivityParams,
) -> tuple[View, ...]:
    label = LABELS[params.measure]
    band = f"{params.low:g} to {params.high:g} Hz"
    shown = matrix.copy()
    np.fill_diagonal(shown, np.nan)
    strength = np.nanmean(np.abs(shown), axis=1)
    heatmap = Heatmap(
        values=shown,
        x_names=tuple(names),
        y_names=tuple(names),
        value_label=label,
        value_unit="1",
        diverging=params.measure == "imcoh",
        title=f"{label.capitalize()}, {band}",
        caption=(
            f"By chance a pair has {chance.mean:.3f} on average; above {chance.highest:.3f} lies one "
            "of all pairs in 5 % of shuffles."
        ),
    )
    strongest = Heatmap(
        values=np.where(np.abs(shown) > chance.highest, shown, np.nan),
        x_names=tuple(names),
        y_names=tuple(names),
        value_label=label,
        value_unit="1",
        diverging=params.measure == "imcoh",
        title=f"Pairs above chance, {band}",
        caption="Empty where a pair does not exceed what shuffled trials reach.",
    )
    maps = topomap(
        signals,
        names,
        strength[None],
        titles=(band,),
        title="Mean connection of each sensor",
        value_label=label,
        value_unit="1",
        diverging=False,
    )
    return (heatmap, strongest, *maps)
