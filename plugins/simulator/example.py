"""Small networks with a known answer."""

from __future__ import annotations

from functools import cache

import numpy as np

from neurostudio.api import Connectome, Context, Example, SpikeTrains, Table, Traces


def network() -> Example:
    """Return a balanced network of 400 neurons."""
    return Example({"n_neurons": 400, "duration": 0.2})


def neuron() -> Example:
    """Return a Hodgkin-Huxley neuron that fires."""
    return Example({"duration": 0.1, "onset": 0.01})


def curve() -> Example:
    """Return a leaky neuron whose rates theory gives."""
    return Example(
        {
            "n_currents": 9,
            "highest": 30.0,
            "duration": 0.5,
            "dt": 0.00005,
            "changes": ["rest=0", "reset=0", "threshold=10", "tau=20", "refractory=5"],
        }
    )


def plane() -> Example:
    """Return FitzHugh and Nagumo's plane, where the fixed point is an unstable focus."""
    return Example({"n_trajectories": 2, "duration": 0.1})


def changes() -> Example:
    """Return FitzHugh and Nagumo's law, which has Hopf bifurcations at 0.3313 and 1.4187."""
    return Example({"n_values": 9, "cycles": False})


def training() -> Example:
    """Return a small rate network and a short task."""
    return Example({"network": "rate", "batches": 20, "null_run": False})


@cache
def trained() -> Example:
    """Return a rate network after a few batches."""
    from .learning import TrainParams, train_spiking_network

    params = TrainParams.model_validate({"network": "rate", "batches": 5, "null_run": False})
    result = train_spiking_network(Context(), params)
    return Example({}, {"model": result["model"]})


def gradients() -> Example:
    """Return a network small enough to be checked at once."""
    return Example({"n_neurons": 8, "n_steps": 20})


@cache
def recorded() -> tuple[SpikeTrains, Table]:
    """Return six units and 60 events of two conditions; a unit fires 40 Hz in one, 5 Hz in the other."""
    import pandas as pd
    import pynapple as nap

    random = np.random.default_rng(0)
    onsets = np.arange(60) * 0.5 + 0.1
    labels = random.permutation(np.repeat(["left", "right"], 30))
    trains = {}
    support = nap.IntervalSet(0.0, 31.0)
    for unit in range(6):
        likes = ("left", "right")[unit % 2]
        parts = [
            onset + 0.3 * random.random(random.poisson(0.3 * (40.0 if label == likes else 5.0)))
            for onset, label in zip(onsets, labels, strict=True)
        ]
        trains[unit] = nap.Ts(np.sort(np.concatenate(parts)), time_support=support)
    events = pd.DataFrame({"time": onsets, "label": labels})
    return SpikeTrains(nap.TsGroup(trains, time_support=support)), Table(events)


def fitting() -> Example:
    """Return two conditions that the units tell apart."""
    spikes, events = recorded()
    return Example(
        {"window": 0.3, "epochs": 40, "n_null": 1, "n_neurons": 20},
        {"spikes": spikes, "events": events},
    )


def reservoir() -> Example:
    """Return a sine, which the reservoir predicts better than its last value does."""
    import pynapple as nap

    times = np.arange(800) * 0.01
    frame = nap.TsdFrame(t=times, d=np.sin(10 * times)[:, None], columns=["sine"])
    return Example({"n_neurons": 50}, {"series": Traces(frame, "V")})


def export() -> Example:
    """Return the balanced network for Brian2."""
    return Example({"n_neurons": 400})


def timing() -> Example:
    """Return a network of 400 neurons, timed once."""
    return Example({"sizes": [400], "duration": 0.05, "repeats": 1, "numpy_too": False})


def operators() -> Example:
    """Return small matrices."""
    return Example({"sizes": [200, 400], "products": 2})


@cache
def wired() -> Connectome:
    """Return two groups of four regions, each wired within itself, 30 mm apart."""
    import xarray

    values = np.kron(np.eye(2), np.ones((4, 4))) - np.eye(8)
    places = np.arange(8) * 5.0
    names = [f"region {k}" for k in range(8)]
    nodes = {"x": ("source", places), "y": ("source", 0 * places), "z": ("source", 0 * places)}
    matrix = xarray.DataArray(
        values, dims=("source", "target"), coords={"source": names, "target": names, **nodes}
    )
    return Connectome(matrix)


def regions() -> Example:
    """Return phases on two groups of regions: what is wired together moves together."""
    return Example(
        {"duration": 1.0, "coupling": 0.5, "frequency_spread": 0.5}, {"connectome": wired()}
    )
