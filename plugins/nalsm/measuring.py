"""How a liquid behaves: branching, kernel quality, generalisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .counting import branching_of_neurons
from .presenting import Spikes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Context
    from neurostudio.spiking.connections import Connections

    Array = NDArray[Any]

EDGE, WINDOW = 25, 4  # ms cut off at both ends, ms before and after a spike


def branching(inner: Connections, trains: Sequence[Spikes], n_steps: int) -> Array:
    """Return the branching factor of each sample, (n_samples,); NaN where nothing can be counted.

    The mean over spikes of each neuron, then over neurons (released code of the paper); the authors then
    average 20 samples. Recordings of 58 ms and less lose a quarter at both ends instead of 25 ms.
    """
    back = inner.incoming()
    edge = EDGE if n_steps > 2 * (EDGE + WINDOW) else n_steps // 4
    found = np.full(len(trains), np.nan)
    for k, spikes in enumerate(trains):
        each = branching_of_neurons(
            spikes.when.astype(np.int64), spikes.who.astype(np.int64), inner.starts, inner.targets,
            back.starts, back.sources, n_steps, edge, WINDOW,
        )  # fmt: skip
        if np.isfinite(each).any():
            found[k] = np.nanmean(each)
    return found


def shifted(spikes: Spikes, n: int, n_steps: int, random: np.random.Generator) -> Spikes:
    """Return the same trains, each moved round the sample by a time of its own: rates stay, causes go."""
    shift = random.integers(0, n_steps, n)
    return Spikes((spikes.when + shift[spikes.who]) % n_steps, spikes.who)


def ranks(
    context: Context, counts: Array, codes: Array, n_samples: int, shuffles: int, label: str
) -> Array:
    """Return the rank of the counts of chosen samples, spread evenly over classes, for each choice.

    Parameters
    ----------
    counts : array of shape (n, n_neurons)
    codes : array of shape (n,)
        The class of each row; one value for all where there are no labels.

    Returns
    -------
    array of shape (shuffles,)
    """
    random = np.random.default_rng([context.seed, 301])
    classes = np.unique(codes)
    each = max(1, n_samples // len(classes))
    found = []
    for _ in context.track(range(shuffles), label):
        chosen = [random.permutation(np.flatnonzero(codes == code))[:each] for code in classes]
        found.append(np.linalg.matrix_rank(counts[np.concatenate(chosen)].astype(float)))
    return np.array(found, float)
