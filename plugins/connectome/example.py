"""Graphs with a planted truth: two blocks, a ring with shortcuts, a rich club, two copies."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from neurostudio.api import Connectome, Example

Array = np.ndarray[Any, np.dtype[np.float64]]


def connectome(weights: Array, **facts: Any) -> Connectome:
    """Return a matrix with nodes called n00, n01, … and their facts."""
    import xarray

    names = [f"n{k:02d}" for k in range(len(weights))]
    coords: dict[str, Any] = {"source": names, "target": names}
    coords |= {name: ("source", np.asarray(values)) for name, values in facts.items()}
    made = xarray.DataArray(weights, dims=("source", "target"), coords=coords)
    made.attrs |= {"unit": "1", "simulated": True}
    return Connectome(made)


@cache
def blocks(seed: int = 0, n: int = 48, inside: float = 0.5, between: float = 0.05) -> Connectome:
    """Return an undirected graph of two halves, joined within more often than between."""
    random = np.random.default_rng(seed)
    group = np.arange(n) * 2 // n
    chance = np.where(group[:, None] == group, inside, between)
    upper = np.triu(random.random((n, n)) < chance, 1) * random.uniform(0.5, 1.5, (n, n))
    return connectome(upper + upper.T, type=np.array(["left", "right"])[group])


@cache
def ring(seed: int = 0, n: int = 60, near: int = 3, shortcuts: float = 0.1) -> Connectome:
    """Return a ring whose nodes know ``near`` on either side; a share of the connections leads elsewhere."""
    random = np.random.default_rng(seed)
    joined = np.zeros((n, n), bool)
    for node in range(n):
        for step in range(1, near + 1):
            other = (node + step) % n
            if random.random() < shortcuts:
                free = np.flatnonzero(~joined[node] & (np.arange(n) != node))
                other = int(random.choice(free))
            joined[node, other] = joined[other, node] = True
    return connectome(joined.astype(float))


@cache
def club(seed: int = 0, n: int = 120, members: int = 10, planted: bool = True) -> Connectome:
    """Return a graph of a few nodes with many connections, who know each other if ``planted``."""
    random = np.random.default_rng(seed)
    upper = np.triu(random.random((n, n)) < 0.05, 1)
    upper[:members, members:] |= random.random((members, n - members)) < 0.1
    hub = np.zeros((n, n), bool)
    hub[:members, :members] = True
    upper[np.triu(hub, 1)] = planted
    return connectome((upper | upper.T).astype(float))


@cache
def pair(seed: int = 0, n: int = 30, noise: float = 0.3) -> tuple[Connectome, Connectome]:
    """Return two weighted directed graphs: the second is the first with noise, its nodes in another order."""
    random = np.random.default_rng(seed)
    first = np.where(random.random((n, n)) < 0.3, random.exponential(1.0, (n, n)), 0.0)
    np.fill_diagonal(first, 0.0)
    second = np.maximum(first + noise * random.standard_normal((n, n)) * (first > 0), 0.0)
    order = random.permutation(n)
    other = connectome(second).matrix.isel(source=order, target=order)
    return connectome(first), Connectome(other)


def example() -> Example:
    """Return the two blocks."""
    return Example({"nulls": 10}, {"connectome": blocks()})


def grouped() -> Example:
    """Return the two blocks, with few repetitions."""
    return Example({"repeats": 10, "nulls": 19}, {"connectome": blocks()})


def rich() -> Example:
    """Return the graph with a rich club."""
    return Example({"nulls": 39}, {"connectome": club()})


def small() -> Example:
    """Return the ring with shortcuts."""
    return Example({"nulls": 20}, {"connectome": ring()})


def two() -> Example:
    """Return two graphs that are alike."""
    first, second = pair()
    return Example({"permutations": 99}, {"first": first, "second": second})


def thin() -> Example:
    """Return the two blocks, to be thinned out."""
    return Example({"keep": 10.0}, {"connectome": blocks()})
