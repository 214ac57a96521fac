"""Pictures and a table of components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Lines, Recording, Sheet, TrainedModel, Trials, View
from neurostudio.learning.sensors import inside, topomap

from .decomposition import labels_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

MOST = 120_000  # samples that the table and the spectra are computed from
ARTEFACTS = ("muscle", "eye", "heart", "line noise", "channel noise")
SURE, ALIKE = 0.8, 0.5


@dataclass(frozen=True, slots=True)
class Described:
    """What the table says of each component, and which would be taken out."""

    names: tuple[str, ...]
    variance: Array
    kurtosis: Array
    correlations: dict[str, Array]
    labels: list[str]
    probability: Array
    suggested: tuple[str, ...]


def describe(
    signals: Recording | Trials, ica: Any, model: TrainedModel, compare_with: Sequence[str]
) -> Described:
    """Measure each component on (the first part of) the signals that it was fitted on."""
    from scipy.stats import kurtosis

    instance = inside(signals)
    sources, values = _stretch(signals, ica.get_sources(instance)), _stretch(signals, instance)
    rows = [instance.ch_names.index(name) for name in ica.ch_names]
    others = list(compare_with) or [
        name
        for name, kind in zip(instance.ch_names, instance.get_channel_types(), strict=True)
        if kind in {"eog", "ecg"}
    ]
    correlations = {
        name: _correlations(sources, values[instance.ch_names.index(name)]) for name in others
    }
    labels = labels_of(model)
    probabilities = model.weights.get("class_probabilities")
    probability = (
        np.full(len(labels), np.nan) if probabilities is None else probabilities.max(axis=1)
    )
    suggested = tuple(
        name
        for k, name in enumerate(ica._ica_names)
        if (labels[k] in ARTEFACTS and probability[k] >= SURE)
        or any(abs(each[k]) >= ALIKE for each in correlations.values())
    )
    return Described(
        names=tuple(ica._ica_names),
        variance=explained(ica, sources, values[rows]),
        kurtosis=np.asarray(kurtosis(sources, axis=1), float),
        correlations=correlations,
        labels=labels,
        probability=probability,
        suggested=suggested,
    )


def explained(ica: Any, sources: Array, values: Array) -> Array:
    """Return the share of the variance over channels that falls away without each component.

    Parameters
    ----------
    sources : array of shape (n_components, n_times)
    values : array of shape (n_channels, n_times)
        The signals of the channels that were decomposed.

    Notes
    -----
    As MNE's ``get_explained_variance_ratio``: the variance over channels, averaged over time.
    """
    maps = ica.get_components()
    maps = maps - maps.mean(axis=0)
    scaled = values / ica.pre_whitener_
    total = scaled.var(axis=0).mean()
    scaled = scaled - np.reshape(ica.pca_mean_, (-1, 1))
    scaled -= scaled.mean(axis=0)
    shared = np.einsum("ck,ck->k", maps, scaled @ sources.T) / scaled.size
    own = (maps**2).mean(axis=0) * (sources**2).mean(axis=1)
    left = (scaled**2).mean() - 2 * shared + own
    return np.asarray(1 - left / total, np.float64)


def kept(ica: Any) -> float:
    """Return the share of the variance that the components span."""
    variances = np.asarray(ica.pca_explained_variance_, float)
    return float(variances[: ica.n_components_].sum() / variances.sum())


def views(signals: Recording | Trials, ica: Any, described: Described) -> tuple[View, ...]:
    """Return maps, spectra and the table."""
    titles = tuple(
        f"{name} {label}".strip()
        for name, label in zip(described.names, described.labels, strict=True)
    )
    maps = topomap(
        signals,
        ica.ch_names,
        _even(ica.get_components().T),
        titles=titles,
        title="Maps of the components",
        value_label="weight, scaled to its largest",
        caption="How strongly each component reaches each sensor; the sign is arbitrary.",
    )
    return (*maps, _table(described), _spectra(signals, ica, described.names))


def _even(maps: Array) -> Array:
    largest = np.abs(maps).max(axis=1, keepdims=True)
    scaled: Array = maps / np.where(largest > 0, largest, 1)
    return scaled


def _table(described: Described) -> Sheet:
    columns: dict[str, list[Any]] = {
        "component": list(described.names),
        "variance (%)": [round(100 * float(each), 2) for each in described.variance],
        "kurtosis": [round(float(each), 2) for each in described.kurtosis],
    }
    for name, each in described.correlations.items():
        columns[f"r with {name}"] = [round(float(value), 2) for value in each]
    if any(described.labels):
        columns["class"] = list(described.labels)
        columns["probability"] = [round(float(each), 2) for each in described.probability]
    columns["suggestion"] = [
        "remove" if name in described.suggested else "" for name in described.names
    ]
    caption = (
        f"Suggested: an artefact by ICLabel with a probability of at least {SURE:g}, "
        f"or a correlation of at least {ALIKE:g} with an eye or heart channel."
    )
    return Sheet(columns, title="What each is like", caption=caption)


def _spectra(signals: Recording | Trials, ica: Any, names: tuple[str, ...]) -> Lines:
    from scipy.signal import welch

    instance = inside(signals)
    rate = float(instance.info["sfreq"])
    sources = _stretch(signals, ica.get_sources(instance))
    length = min(round(2 * rate), len(instance.times))
    frequencies, power = welch(sources, rate, nperseg=length)
    return Lines(
        x=frequencies[1:],
        y=power[:, 1:],
        names=names,
        x_label="frequency",
        x_unit="Hz",
        y_label="power of the component",
        y_unit="1/Hz",
        log_y=True,
        title="Spectra of the components",
        caption="Welch, windows of at most 2 s. Muscle rises with frequency; the brain falls.",
    )


def _stretch(signals: Recording | Trials, instance: Any) -> Array:
    """Return (n_channels, n_times) of the first samples, trials one behind the other."""
    if isinstance(signals, Recording):
        return np.asarray(instance.get_data(stop=min(MOST, instance.n_times)), float)
    count = max(1, MOST // len(instance.times))
    data = instance[:count].get_data(copy=True, verbose="ERROR")
    return np.concatenate(list(np.asarray(data, float)), axis=1)


def _correlations(sources: Array, channel: Array) -> Array:
    if not channel.std():
        return np.zeros(len(sources))
    return np.asarray(np.corrcoef(np.vstack([channel, sources]))[0, 1:], np.float64)
