"""Ways to draw connections: each returns :class:`Connections` with one weight, to be weighted after.

Sources: the list of BrainPy's connectors (ICLR 2024, arXiv 2311.05106); small world after Watts and
Strogatz 1998; scale-free after Barabasi and Albert 1999; the dual form after Moshiri 2018.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurostudio.errors import BadInput
from neurostudio.spiking.connections import Array, Connections, from_pairs

if TYPE_CHECKING:
    from numpy.random import Generator

BLOCK = 1 << 22  # gaps drawn at a time


def fixed_probability(
    n_sources: int,
    n_targets: int,
    probability: float,
    random: Generator,
    *,
    itself: bool = True,
) -> Connections:
    """Return every pair with one probability; the cost grows with the synapses, not with the pairs.

    ``itself`` allows a neuron to project to itself (same population).
    """
    _check_share(probability)
    n_pairs = n_sources * n_targets
    kept, last = [], -1
    while probability > 0 and last < n_pairs - 1:
        n = min(BLOCK, int((n_pairs - last) * probability * 1.05) + 64)
        places = last + np.cumsum(random.geometric(probability, n))
        last = int(places[-1])
        kept.append(places[: np.searchsorted(places, n_pairs)])
    places = np.concatenate(kept) if kept else np.empty(0, np.int64)
    sources, targets = np.divmod(places, n_targets)
    if not itself:
        other = sources != targets
        sources, targets = sources[other], targets[other]
    starts = np.searchsorted(sources, np.arange(n_sources + 1)).astype(np.int64)
    return Connections(n_targets, starts, targets.astype(np.int32), np.ones(1))


def fixed_targets(
    n_sources: int, n_targets: int, number: int, random: Generator, *, itself: bool = True
) -> Connections:
    """Return exactly ``number`` different targets for each source."""
    targets = _choices(n_sources, n_targets, number, random, itself=itself)
    return from_pairs(
        np.repeat(np.arange(n_sources), number), targets.ravel(), n_sources, n_targets
    )


def fixed_sources(
    n_sources: int, n_targets: int, number: int, random: Generator, *, itself: bool = True
) -> Connections:
    """Return exactly ``number`` different sources for each target."""
    sources = _choices(n_targets, n_sources, number, random, itself=itself)
    return from_pairs(
        sources.ravel(), np.repeat(np.arange(n_targets), number), n_sources, n_targets
    )


def fixed_total(n_sources: int, n_targets: int, number: int, random: Generator) -> Connections:
    """Return exactly ``number`` different pairs."""
    _check_number(number, n_sources * n_targets)
    places = random.choice(n_sources * n_targets, number, replace=False)
    sources, targets = np.divmod(places, n_targets)
    return from_pairs(sources, targets, n_sources, n_targets)


def one_to_one(n: int) -> Connections:
    """Return neuron ``i`` to neuron ``i``."""
    return from_pairs(np.arange(n), np.arange(n), n, n)


def all_to_all(n_sources: int, n_targets: int, *, itself: bool = True) -> Connections:
    """Return every pair."""
    sources, targets = np.divmod(np.arange(n_sources * n_targets), n_targets)
    other = np.ones(len(sources), bool) if itself else sources != targets
    return from_pairs(sources[other], targets[other], n_sources, n_targets)


def by_distance(
    places: Array, other: Array, peak: Array | float, reach: float, random: Generator
) -> Connections:
    """Return pairs with probability ``peak * exp(-(distance / reach)**2)``.

    Parameters
    ----------
    places, other : arrays of shape (n, 2 or 3)
        Where sources and targets are. Where they are one population, give the same array twice: no neuron
        then projects to itself.
    peak
        One number, or a matrix (n_sources, n_targets).
    reach
        In the unit of the places.
    """
    # in blocks of senders, so that a large population needs no array (n, n, 3)
    rows = max(1, BLOCK // max(1, len(other)))
    drawn = np.empty((len(places), len(other)), bool)
    for begin in range(0, len(places), rows):
        part = slice(begin, begin + rows)
        distance2 = ((places[part, None, :] - other[None, :, :]) ** 2).sum(axis=2)
        own = peak[part] if isinstance(peak, np.ndarray) and peak.ndim else peak
        chance = np.minimum(own * np.exp(-distance2 / reach**2), 1.0)
        drawn[part] = random.random(chance.shape) < chance
    if places is other:
        np.fill_diagonal(drawn, val=False)
    sources, targets = np.nonzero(drawn)
    return from_pairs(sources, targets, len(places), len(other))


def neighbours(shape: tuple[int, ...], reach: int = 1, *, diagonal: bool = True) -> Connections:
    """Return the neighbours on a grid: 4 (``diagonal=False``), 8 or more in two dimensions.

    ``reach`` is the number of steps along each axis, the sum of them where the diagonal is left out.
    """
    places = np.indices(shape).reshape(len(shape), -1).T
    steps = np.abs(places[:, None, :] - places[None, :, :])
    size = steps.max(axis=2) if diagonal else steps.sum(axis=2)
    sources, targets = np.nonzero((size >= 1) & (size <= reach))
    return from_pairs(sources, targets, len(places), len(places))


def small_world(n: int, n_neighbours: int, rewired: float, random: Generator) -> Connections:
    """Return a ring of ``n_neighbours`` (even), each edge rewired with a probability; both directions."""
    _check_share(rewired)
    if n_neighbours % 2 or not 0 < n_neighbours < n:
        raise BadInput(f"{n_neighbours} neighbours among {n}: an even number below {n} is needed.")
    linked = np.zeros((n, n), bool)
    rows = np.arange(n)
    for step in range(1, n_neighbours // 2 + 1):
        linked[rows, (rows + step) % n] = linked[(rows + step) % n, rows] = True
    for step in range(1, n_neighbours // 2 + 1):
        for row in rows[random.random(n) < rewired]:
            old = (row + step) % n
            free = np.flatnonzero(~linked[row])
            free = free[free != row]
            if linked[row, old] and free.size:
                new = int(random.choice(free))
                linked[row, old] = linked[old, row] = False
                linked[row, new] = linked[new, row] = True
    sources, targets = np.nonzero(linked)
    return from_pairs(sources, targets, n, n)


def scale_free(
    n: int, n_new: int, random: Generator, *, n_other: int | None = None, share: float = 1.0
) -> Connections:
    """Return a network that grew by preferential attachment; both directions.

    Each new neuron makes ``n_new`` edges, or ``n_other`` with probability ``1 - share`` (the dual form).
    """
    most = max(n_new, n_other or 0)
    if not 0 < most < n:
        raise BadInput(f"{most} new edges among {n} neurons: fewer edges, or more neurons.")
    ends = list(range(most))
    sources, targets = [], []
    for new in range(most, n):
        number = n_new if n_other is None or random.random() < share else n_other
        chosen: set[int] = set()
        while len(chosen) < number:
            chosen.add(int(ends[random.integers(len(ends))]))
        for old in chosen:
            sources += [new, old]
            targets += [old, new]
            ends += [new, old]
    return from_pairs(np.array(sources), np.array(targets), n, n)


def power_law(n: int, n_new: int, triangle: float, random: Generator) -> Connections:
    """Return preferential attachment whose edges close triangles (Holme and Kim 2002)."""
    import networkx

    graph = networkx.powerlaw_cluster_graph(n, n_new, triangle, seed=int(random.integers(2**31)))
    edges = np.array(graph.edges, np.int64).reshape(-1, 2)
    both = np.concatenate([edges, edges[:, ::-1]])
    return from_pairs(both[:, 0], both[:, 1], n, n)


def _choices(n_rows: int, n: int, number: int, random: Generator, *, itself: bool) -> Array:
    _check_number(number, n if itself else n - 1)
    chosen = np.empty((n_rows, number), np.int64)
    for row in range(n_rows):
        if itself or row >= n:
            chosen[row] = random.choice(n, number, replace=False)
        else:  # drawn among the others: those from the own place on move up by one
            drawn = random.choice(n - 1, number, replace=False)
            chosen[row] = drawn + (drawn >= row)
    return chosen


def _check_share(value: float) -> None:
    if not 0 <= value <= 1:
        raise BadInput(f"A probability of {value:g}: it lies between 0 and 1.")


def _check_number(number: int, most: int) -> None:
    if not 0 <= number <= most:
        raise BadInput(f"{number} connections where {most} are possible: give a smaller number.")
