"""Compiled sums over the neighbours of every spike."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def branching_of_neurons(when, who, starts, targets, in_starts, in_sources, n_steps, edge, window):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, C901
    """Return the mean branching of each neuron, NaN where it has no spike that counts.

    For a spike of neuron ``n`` at ``t``: spikes of the neurons it projects to in ``[t + 1, t + 1 + window)``,
    over those of the neurons that project to it in ``[t - window, t)``, at least 1. Spikes within ``edge`` of
    the ends are cut off.
    """
    n = starts.shape[0] - 1
    sums = np.zeros((n_steps + 1, n), np.int32)
    for k in range(when.shape[0]):
        if edge <= when[k] < n_steps - edge:
            sums[when[k] + 1, who[k]] += 1
    for step in range(n_steps):
        for neuron in range(n):
            sums[step + 1, neuron] += sums[step, neuron]
    total, spikes = np.zeros(n), np.zeros(n)
    for k in range(when.shape[0]):
        step, neuron = when[k], who[k]
        if edge + window <= step < n_steps - edge - window:
            after, before = 0, 0
            for synapse in range(starts[neuron], starts[neuron + 1]):
                other = targets[synapse]
                after += sums[step + 1 + window, other] - sums[step + 1, other]
            for place in range(in_starts[neuron], in_starts[neuron + 1]):
                other = in_sources[place]
                before += sums[step, other] - sums[step - window, other]
            total[neuron] += after / max(1, before)
            spikes[neuron] += 1
    return np.where(spikes > 0, total / np.maximum(spikes, 1.0), np.nan)
