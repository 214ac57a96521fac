"""What an embedding is worth with few labels, beside raw values and a network that learned nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Number
from neurostudio.learning.controls import permuted_labels
from neurostudio.learning.probes import draw_labels, few_labels, linear_probe, nearest_neighbours
from neurostudio.scores import bootstrap, interval, score

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from neurostudio.learning.probes import FewLabels, Probe

    from .samples import Samples

    Array = NDArray[Any]
    Rows = NDArray[np.intp]

DRAWS = 10
RAW_MOST = 4096  # raw values a sample, averaged down to about so many
BANDS = ((1, 4), (4, 8), (8, 13), (13, 30), (30, 45))  # hertz


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One encoder's accuracies: ``few`` at some counts of labels, and the groups of the test part."""

    few: FewLabels
    groups: tuple[str, ...]

    def number(self, place: int, chance: float, baseline: float | None, note: str) -> Number:
        """Return the mean accuracy at one count, with its interval over groups of the test part."""
        right = self.few.right[place]
        low, high = interval(
            bootstrap(lambda rows: float(right[rows].mean()), self.groups, draws=1000)
        )
        spread = self.few.deviation[place]  # 0 where all labels are used
        words = f"{note}; s.d. over draws {spread:.3f}" if spread > 0 else note
        return score(
            float(self.few.mean[place]),
            low=low,
            high=high,
            chance=chance,
            baseline=baseline,
            note=words,
        )

    def gain(self, other: Judged, place: int) -> tuple[float, float, float]:
        """Return the difference to another encoder with its interval, both on the same samples."""
        more = self.few.right[place] - other.few.right[place]
        low, high = interval(
            bootstrap(lambda rows: float(more[rows].mean()), self.groups, draws=1000)
        )
        return float(more.mean()), low, high


def fewest(labels: Array) -> int:
    """Return how many samples the rarest class has."""
    return int(np.unique(labels, return_counts=True)[1].min()) if len(labels) else 0


def probe_accuracy(
    embed: Callable[[Rows], Array],
    labels: Array,
    train: Rows,
    test: Rows,
    count: int,
    *,
    draws: int,
    seed: int,
) -> float:
    """Return the mean accuracy on ``test`` of a linear probe with ``count`` labels a class of ``train``.

    Only the samples that are needed are embedded; where a class has fewer labels, so many are used.
    """
    count = min(count, fewest(labels[train]))
    chosen = [
        train[draw_labels(labels[train], count, seed * 10_000 + draw)] for draw in range(draws)
    ]
    rows = np.unique(np.concatenate(chosen))
    features, judged = embed(rows), embed(test)
    found = []
    for each in chosen:
        guess = linear_probe(features[np.searchsorted(rows, each)], labels[each], judged)
        found.append(float(np.mean(guess == labels[test])))
    return float(np.mean(found))


def judge(
    features: Array,
    samples: Samples,
    train: Rows,
    test: Rows,
    counts: Sequence[int],
    *,
    draws: int = DRAWS,
    seed: int = 0,
    probe: Probe = linear_probe,
) -> Judged:
    """Return how well a probe on features (n_samples, d) reads the labels of the test rows."""
    labels = samples.labels
    few = few_labels(
        features[train], labels[train], features[test], labels[test], counts, draws=draws, seed=seed,
        probe=probe,
    )  # fmt: skip
    return Judged(few, tuple(samples.groups[test].tolist()))


def null_of(
    features: Array, samples: Samples, train: Rows, test: Rows, count: int, *, draws: int, seed: int
) -> NDArray[np.float64]:
    """Return accuracies (n_draws,) of the linear probe where the training labels were shuffled.

    Where whole groups have one label, groups exchange their labels.
    """
    labels = samples.labels
    groups = samples.groups[train]
    constant = all(len(set(labels[train][groups == each])) == 1 for each in np.unique(groups))
    several = len(np.unique(groups)) < len(train)
    random = np.random.default_rng([seed, 9])
    found = []
    for draw in range(draws):
        mixed = permuted_labels(
            labels[train], random, groups.tolist() if constant and several else ()
        )
        if fewest(mixed) < count or len(set(mixed)) < 2:
            continue
        rows = draw_labels(mixed, count, seed * 10_000 + draw)
        guess = linear_probe(features[train][rows], mixed[rows], features[test])
        found.append(float(np.mean(guess == labels[test])))
    return np.array(found)


def raw_features(samples: Samples, rows: Rows | None = None) -> NDArray[np.float32]:
    """Return the samples themselves as features (n, d), large ones averaged down."""
    import torch

    every = np.arange(len(samples)) if rows is None else rows
    parts = []
    for start in range(0, len(every), 512):
        values = samples.tensor(every[start : start + 512])
        size = int(np.prod(values.shape[1:]))
        axes = values.ndim - 2
        if size > RAW_MOST:
            edge = max(1, int((RAW_MOST / values.shape[1]) ** (1 / axes)))
            pool: Any = {
                1: torch.nn.functional.adaptive_avg_pool1d,
                2: torch.nn.functional.adaptive_avg_pool2d,
                3: torch.nn.functional.adaptive_avg_pool3d,
            }
            values = pool[axes](values, edge)
        parts.append(values.flatten(1).numpy())
    return np.concatenate(parts)


def band_power(samples: Samples) -> NDArray[np.float32]:
    """Return the log power of windows in five bands of each channel, (n, 5 n_channels)."""
    values = samples.tensor(np.arange(len(samples))).numpy()
    spectrum = np.abs(np.fft.rfft(values - values.mean(-1, keepdims=True), axis=-1)) ** 2
    frequencies = np.fft.rfftfreq(values.shape[-1], 1 / samples.rate)
    found = []
    for low, high in BANDS:
        chosen = (frequencies >= low) & (frequencies < high)
        if chosen.any():
            found.append(np.log(spectrum[..., chosen].mean(axis=-1) + 1e-6))
    return np.asarray(np.concatenate(found, axis=1), np.float32)


PROBES: dict[str, Probe] = {"linear": linear_probe, "nearest neighbours": nearest_neighbours}


def gain_number(main: Judged, untrained: Judged) -> Number:
    """Return by how much an encoder is better than an untrained one with the fewest labels."""
    more, low, high = main.gain(untrained, 0)
    return Number(more, "1", low, high, 0.0, None, "same labels, same test samples")


def null_number(null: NDArray[np.float64], chance: float) -> Number:
    """Return the accuracy with shuffled labels, (n_draws,), with its middle 95 %."""
    low, high = (float(each) for each in np.percentile(null, [2.5, 97.5]))
    return Number(float(null.mean()), "1", low, high, chance, None, f"{len(null)} draws; null run")
