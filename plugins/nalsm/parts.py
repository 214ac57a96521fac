"""Which samples a liquid organises itself on, which train its readout, which test it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from neurostudio.api import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .coding import Samples

    Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Rows that train, rows that choose (a fifth of the training part), rows that test."""

    train: Rows
    validation: Rows
    test: Rows


def to_organise_on(samples: Samples, n_initial: int, n_test: int, seed: int) -> Rows:
    """Return the rows a liquid organises itself on, in their order; never the test part.

    Where the data mark no test part, ``n_test`` samples (at most a third) are drawn and kept apart. Where
    more rows are asked for than there are, they come again in another order.
    """
    random = np.random.default_rng([seed, 501])
    pool = pool_of(samples, n_test, seed)
    rounds = -(-n_initial // len(pool)) if n_initial else 0
    drawn = [random.permutation(pool) for _ in range(rounds)]
    return np.concatenate(drawn)[:n_initial] if drawn else np.zeros(0, np.intp)


def pool_of(samples: Samples, n_test: int, seed: int) -> Rows:
    """Return the rows outside the test part, ascending."""
    if samples.tested is not None:
        pool = np.flatnonzero(~samples.tested)
    else:
        random = np.random.default_rng([seed, 500])
        pool = np.sort(random.permutation(len(samples))[min(n_test, len(samples) // 3) :])
    if not len(pool):
        raise BadInput("Every sample belongs to the test part; there is none to learn from.")
    return pool


def to_read(
    samples: Samples,
    organised: set[int],
    n_train: int,
    n_test: int,
    seed: int,
    *,
    apart: bool = False,
) -> Parts:
    """Return a split whose test part the liquid has not organised itself on.

    ``organised`` are the fingerprints of what it has seen. ``apart`` says that the test part comes as data of
    its own: then none is drawn.

    Raises
    ------
    BadInput
        Fewer than ten labelled samples, or none that the liquid has not seen.
    """
    labelled = np.flatnonzero(samples.labels != "")
    if len(labelled) < 4:
        raise BadInput(
            f"{len(labelled)} samples have a label; a readout needs more. Name the column 'label'."
        )
    random = np.random.default_rng([seed, 502])
    test = np.zeros(0, np.intp)
    if not apart:
        fresh = labelled
        if samples.tested is not None:
            fresh = labelled[samples.tested[labelled]]
        elif organised:
            seen = np.isin(samples.fingerprints(labelled), np.array(sorted(organised), np.int64))
            fresh = labelled[~seen]
        if not len(fresh):
            raise BadInput(
                "The liquid organised itself on every labelled sample, so none is left to test on. Give "
                "a test part of its own, or organise on fewer."
            )
        most = n_test if samples.tested is not None else min(n_test, max(1, len(labelled) // 3))
        test = random.permutation(fresh)[:most]
        left = labelled[~np.isin(labelled, test)]
        labelled = left if samples.tested is None else left[~samples.tested[left]]
    train = random.permutation(labelled)[:n_train]
    if len(train) < 2:
        raise BadInput(f"{len(train)} labelled samples are left to train on. Test on fewer.")
    held = max(1, len(train) // 5)
    return Parts(train[held:], train[:held], test)
