"""Small animals and graphs with a planted truth, shared by tests, docs and the Try it button."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Connectome, Example, Table, Traces

from .pictures import connectome_of
from .simulating import stimuli_of, traces_of
from .simulator import Worms, worms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Labels = NDArray[np.int64]

RATE = 2.0
NAMES = ("worm_1", "worm_2", "worm_3")


@cache
def small() -> Worms:
    """Return 3 animals of 20 neurons with 2 epochs, 120 samples."""
    return worms(0, noise=0.5, n_neurons=20, n_animals=3, n_times=120, n_epochs=2)


def as_traces(made: Worms, rate: float = RATE) -> tuple[Traces, ...]:
    """Return simulated animals as traces; neurons are called N001 and so on."""
    times = np.arange(made.values.shape[1]) / rate
    names = [f"N{k + 1:03d}" for k in range(made.values.shape[2])]
    return tuple(traces_of(values, times, names) for values in made.values)


def as_stimuli(made: Worms, rate: float = RATE) -> Table:
    """Return the planted epochs as a table of stimuli."""
    return stimuli_of(made, np.arange(made.values.shape[1]) / rate, 1 / rate)


@cache
def planted_graph(seed: int = 0, inside: float = 3.0, between: float = 1.0,
                  n: int = 125, n_blocks: int = 5) -> tuple[Connectome, Labels]:  # fmt: skip
    """Return a weighted graph of blocks, and the block of each node.

    Links have the probability 0.4 inside and 0.2 between blocks, weights are exponential with these means.
    """
    random = np.random.default_rng(seed)
    labels = np.arange(n) % n_blocks
    same = labels[:, None] == labels[None]
    linked = random.random((n, n)) < np.where(same, 0.4, 0.2)
    weights = np.triu(linked * random.exponential(1.0, (n, n)) * np.where(same, inside, between), 1)
    names = [f"N{k + 1:03d}" for k in range(n)]
    return connectome_of(weights + weights.T, names, {}, simulated=True), labels


def _given(params: dict[str, Any], *, stimuli: bool = True) -> Example:
    made = small()
    items: dict[str, Any] = {"traces": as_traces(made)}
    names: dict[str, tuple[str, ...]] = {"traces": NAMES}
    if stimuli:
        items["stimuli"], names["stimuli"] = as_stimuli(made), ("stimuli",)
    return Example({"smoothing": 0.0, **params}, items, names)


def affinity() -> Example:
    """Return three animals of which a window of 10 s is looked at."""
    return _given({"length": 10.0}, stimuli=False)


def planted() -> Example:
    """Return three animals with other groups in each of two epochs."""
    return _given({"rank": 2, "n_starts": 3, "n_iterations": 40})


def ranks() -> Example:
    """Return three animals in which two components are planted."""
    params = {"rank_from": 2, "rank_to": 4, "n_starts": 2, "n_iterations": 30}
    return _given(params, stimuli=False)


def atlas() -> Example:
    """Return three animals with two planted motifs."""
    return _given(
        {
            "rank": 2,
            "n_starts": 3,
            "n_iterations": 40,
            "n_seeds": 5,
            "n_shuffles": 100,
            "shifted": 1,
        }
    )


def graph() -> Example:
    """Return a graph of five blocks."""
    return Example({"n_seeds": 5, "n_shuffles": 20}, {"connectomes": (planted_graph(n=60)[0],)})


def anatomy() -> Example:
    """Return a component whose strong pairs have contacts, and contacts."""
    component, labels = planted_graph(n=40)
    random = np.random.default_rng(1)
    matrix = component.matrix.to_numpy()
    contacts = random.poisson(0.3 + matrix).astype(float)
    named = component.matrix.assign_coords(community=("source", [str(k) for k in labels]))
    other = connectome_of(contacts + contacts.T, component.names("nodes"), {}, directed=False)
    return Example({"n_shuffles": 199}, {"component": Connectome(named), "anatomy": other})


def simulated() -> Example:
    """Return nothing: animals are simulated from parameters."""
    return Example({"n_animals": 3, "n_neurons": 20, "length": 60.0, "n_epochs": 2})


def example() -> Example:
    """Return the atlas' example."""
    return atlas()
