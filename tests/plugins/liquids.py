"""Small liquids and samples that tests share, and one sample shown to a liquid."""

from importlib import import_module

import numpy as np
import pandas as pd

from neurostudio.api import Table

from .calling import call

FEW = {"shape": (4, 4, 4), "n_initial": 12, "initial_time": 0.03}
SHORT = {"presentation_time": 0.03, "n_train": 60, "n_test": 20, "nulls": 2}
RULES = {"fixed": 0, "STDP": 1, "AP-STDP": 2, "NALSM": 3}


def part(name):
    return import_module(f"neurostudio.plugins.nalsm.{name}")


def learning(rule, *, fading=1.0, theta=20.0, reach=10.0, weight=0.015, bias=0.15):
    return part("stepping").Learning(
        RULES[rule], 0.15, 3.0, weight, 100.0, bias, fading, theta, reach
    )


def liquid(shape=(4, 4, 4), n_inputs=60, weight=3.0, seed=0):
    return part("liquids").build(shape, 0.8, 3.0, n_inputs, weight, seed)


def two_neurons(excites=True, weight=1.0):
    """Return a liquid in which neuron 0 projects to neuron 1, each with an input of its own."""
    from neurostudio.spiking.connections import from_pairs

    inner = from_pairs(
        np.array([0]), np.array([1]), 2, 2, np.array([weight if excites else -weight])
    )
    outer = from_pairs(np.array([0, 1]), np.array([0, 1]), 2, 2, np.full(2, 3.0))
    return part("liquids").Liquid(np.zeros((2, 3)), np.array([excites, True]), inner, outer)


class Shown:
    """A liquid after one sample of injections (n_steps, n_inputs)."""

    def __init__(self, given, injected, learning, calcium=None):
        stepping, self.own = part("stepping"), part("presenting").ready(given)
        n, n_steps = len(given), len(injected)
        steps, inputs = np.nonzero(injected)
        starts, fired = stepping.fire(steps, inputs, injected.shape[1], n_steps)
        self.counts, self.series = np.zeros(n, np.int32), np.zeros((n_steps, 3))
        when, who = np.zeros((2, n * n_steps), np.int32)
        self.calcium = np.zeros(n) if calcium is None else calcium
        n_written = stepping.present(
            starts, fired, self.own.inner, self.own.outer, self.own.kinds, learning, self.calcium,
            self.counts, self.series, when, who,
        )  # fmt: skip
        self.spikes = np.zeros((n_steps, n), bool)
        self.spikes[when[:n_written], who[:n_written]] = True
        self.weights = np.concatenate([self.own.inner.weights, self.own.outer.weights])


def injections(n_steps, n_inputs, share, seed=0):
    return (np.random.default_rng(seed).random((n_steps, n_inputs)) < share).astype(float)


def pictures(n=20, seed=0):
    return part("example").pictures(n, seed)


def samples(n=20, seed=0):
    return part("coding").read_samples(pictures(n, seed), None, "")


def organised(context=None, **params):
    return call("self_organise", context, data=pictures(), **{**FEW, "control": False, **params})


def events(n=12, seed=0):
    """Recordings whose class is the half of a 4 x 4 field in which events fall."""
    random = np.random.default_rng(seed)
    row = np.repeat(np.arange(n), 60)
    right = row % 2 == 1
    frame = pd.DataFrame(
        {
            "recording": row, "time": random.uniform(0, 0.1, len(row)),
            "x": random.integers(0, 2, len(row)) + 2 * right, "y": random.integers(0, 4, len(row)),
            "polarity": random.integers(0, 2, len(row)), "label": np.where(right, "right", "left"),
            "train": row < n - 4,
        }
    )  # fmt: skip
    return Table(frame)
