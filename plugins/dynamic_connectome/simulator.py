"""Worms with a planted truth: groups of neurons that change together, other groups in every epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Labels = NDArray[np.int64]

GROUPS = 3
GAIN = 3.0
KERNEL = np.full(5, 0.2)


@dataclass(frozen=True, slots=True)
class Worms:
    """``values`` (n_animals, n_times, n_neurons), ``labels`` (n_epochs, n_neurons): the group, -1 for none.

    ``epoch`` (n_times,) is the epoch of each sample, -1 for none.
    """

    values: Array
    labels: Labels
    epoch: Labels


def worms(
    seed: int,
    *,
    noise: float,
    n_neurons: int = 40,
    n_animals: int = 6,
    n_times: int = 240,
    n_epochs: int = 4,
    without: tuple[int, int] | None = None,
    gain: float = GAIN,
) -> Worms:
    """Return random walks; in each of equal epochs, groups of a fifth of the neurons change together.

    Parameters
    ----------
    noise
        Standard deviation of the change of a neuron that is its own.
    without
        An animal and an epoch in which nothing is planted in this animal.
    """
    random = np.random.default_rng(seed)
    size = n_neurons // 5
    labels = np.full((n_epochs, n_neurons), -1, np.int64)
    for row in labels:
        row[random.permutation(n_neurons)[: GROUPS * size]] = np.repeat(np.arange(GROUPS), size)
    epoch = np.arange(n_times) * n_epochs // n_times
    values = np.empty((n_animals, n_times, n_neurons))
    for animal in range(n_animals):
        slope = noise * random.standard_normal((n_times, n_neurons))
        for e in range(n_epochs):
            inside = epoch == e
            for group in range(GROUPS):
                series = np.convolve(random.standard_normal(n_times), KERNEL, mode="same")
                if without != (animal, e):
                    slope[np.ix_(inside, labels[e] == group)] += gain * series[inside, None]
        values[animal] = np.cumsum(slope, axis=0)
    return Worms(values, labels, epoch)


def walks(seed: int, n_neurons: int = 40, n_animals: int = 6, n_times: int = 240) -> Array:
    """Return independent random walks (n_animals, n_times, n_neurons): nothing is planted."""
    random = np.random.default_rng(seed)
    return np.cumsum(random.standard_normal((n_animals, n_times, n_neurons)), axis=1)


def surrogate(slope: Array, random: np.random.Generator, *, joint: bool) -> Array:
    """Return changes (n_times, n_neurons) of the same power spectra with other phases.

    ``joint``: all neurons' phases move by one amount, so that their correlations stay.
    """
    spectrum = np.fft.rfft(slope, axis=0)
    shape = (len(spectrum), 1) if joint else spectrum.shape
    turn = np.exp(2j * np.pi * random.random(shape))
    turn[0] = 1
    if len(slope) % 2 == 0:
        turn[-1] = 1
    return np.asarray(np.fft.irfft(spectrum * turn, n=len(slope), axis=0))


def imitated(
    values: Array,
    seed: int,
    *,
    rate: float,
    n_animals: int,
    gain: float,
    on: float = 10.0,
    off: float = 30.0,
    n_stimuli: int = 3,
    joint: bool = False,
    noise: float = 0.1,
) -> Worms:
    """Return animals made of one real animal's spectra, with groups planted while a stimulus is on.

    Parameters
    ----------
    values : array of shape (n_times, n_neurons)
        The real traces.
    rate
        Samples a second.
    gain
        Size of what is planted, in standard deviations of a neuron's own change.
    on, off
        Seconds; a round of ``n_stimuli`` begins with an ``off`` and is repeated to the end.
    noise
        Standard deviation of the noise of measurement, as a share of the trace's.
    """
    random = np.random.default_rng(seed)
    slope = np.diff(values, axis=0)
    n_times, n_neurons = slope.shape
    times = np.arange(n_times) / rate
    turn, phase = np.divmod(times, on + off)
    epoch = np.where(phase >= off, turn.astype(int) % n_stimuli, -1)
    size = max(2, n_neurons // 5)
    labels = np.full((n_stimuli, n_neurons), -1, np.int64)
    for row in labels:
        row[random.permutation(n_neurons)[: GROUPS * size]] = np.repeat(np.arange(GROUPS), size)[
            :n_neurons
        ]
    spread = slope.std(axis=0)
    made = np.empty((n_animals, n_times, n_neurons))
    for animal in range(n_animals):
        own = surrogate(slope, random, joint=joint)
        for e in range(n_stimuli):
            for group in range(GROUPS):
                series = np.convolve(random.standard_normal(n_times), KERNEL, mode="same")
                series /= KERNEL[0] * np.sqrt(len(KERNEL))
                where = np.ix_(epoch == e, labels[e] == group)
                own[where] += gain * series[epoch == e, None] * spread[labels[e] == group]
        trace = np.cumsum(own, axis=0)
        made[animal] = trace + noise * trace.std(axis=0) * random.standard_normal(trace.shape)
    return Worms(made, labels, epoch)
