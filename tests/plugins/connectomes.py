"""Connectomes made for tests of the plugin, and its methods called by name."""

import networkx
import numpy as np
import xarray

from neurostudio.api import Connectome
from neurostudio.params import read_params
from neurostudio.registry import find
from neurostudio.testing import ListContext


def call(name, params=None, seed=0, **items):
    found = find(name)
    return found(ListContext(seed=seed), read_params(found.params, params or {}), **items)


def made(weights, names=None, **facts):
    names = names or [f"n{k}" for k in range(len(weights))]
    coords = {"source": names, "target": names}
    coords |= {key: ("source", value) for key, value in facts.items()}
    return Connectome(
        xarray.DataArray(np.asarray(weights, float), dims=("source", "target"), coords=coords)
    )


def random_graph(seed, *, directed, n=24, share=0.25):
    random = np.random.default_rng(seed)
    weights = np.where(random.random((n, n)) < share, random.uniform(0.2, 3.0, (n, n)), 0.0)
    np.fill_diagonal(weights, 0)
    if not directed:
        weights = np.triu(weights) + np.triu(weights).T
    return weights


def as_networkx(weights, *, directed):
    graph = networkx.from_numpy_array(
        weights, create_using=networkx.DiGraph if directed else networkx.Graph
    )
    for _, _, facts in graph.edges(data=True):
        facts["length"] = 1 / facts["weight"]
    return graph
