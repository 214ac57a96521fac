"""How fast a liquid of 1,000 neurons learns, beside plain NumPy in the order of work of the released code."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from .liquids import build
from .plain import PlainLiquid
from .presenting import ready
from .stepping import NALSM, Learning, fire, present

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

N_STEPS, N_INPUTS, CHANCE = 20, 784, 0.025  # ms of a sample, pixels, injections of each in a ms
TURNS, SAMPLES, BEFORE = 5, 10, 100


def beside_plain_numpy() -> dict[str, float | list[float]]:
    """Measure both in one run, by turns, on the same samples of 20 ms.

    Weights are what a hundred samples left of them; the spikes of both are equal.

    Returns
    -------
    dict
        ``compiled`` and ``plain`` (µs a ms, medians), ``factor`` (median over turns) with its ``range``,
        ``rate`` (Hz a neuron).

    Raises
    ------
    ValueError
        The spikes differ.
    """
    liquid = build((10, 10, 10), 0.8, 3.0, N_INPUTS, 3.0, 0)
    learning = Learning(NALSM, 0.15, 3.0, 0.015, 100.0, 0.15, 1.0, 20.0, 10.0)
    own, n = ready(liquid), len(liquid)

    def compiled(seeds: range) -> tuple[float, Array]:
        shown = [np.nonzero(_injections(seed)) for seed in seeds]
        counts, nothing, begin = np.zeros(n, np.int32), np.zeros(0, np.int32), time.perf_counter()
        for steps, inputs in shown:
            starts, fired = fire(steps, inputs, N_INPUTS, N_STEPS)
            present(
                starts, fired, own.inner, own.outer, own.kinds, learning, np.zeros(n), counts,
                np.zeros((0, 3)), nothing, nothing,
            )  # fmt: skip
        return time.perf_counter() - begin, counts

    compiled(range(BEFORE))
    spent, rates = np.zeros((TURNS, 2)), np.zeros(TURNS)
    for turn in range(TURNS):
        seeds = range(BEFORE + SAMPLES * turn, BEFORE + SAMPLES * (turn + 1))
        weights = own.inner.weights.copy(), own.outer.weights.copy()
        plain = PlainLiquid(liquid.weighted(*weights), learning)
        spent[turn, 0], counts = compiled(seeds)
        shown = [_injections(seed).astype(float) for seed in seeds]
        begin = time.perf_counter()
        spikes = sum(plain.present(each, "NALSM")[0][:, :n].sum(axis=0) for each in shown)
        spent[turn, 1] = time.perf_counter() - begin
        if not np.array_equal(counts, spikes):
            raise ValueError("the compiled liquid and plain NumPy spike differently")
        rates[turn] = counts.mean() * 1000 / (N_STEPS * SAMPLES)
    spent *= 1e6 / (N_STEPS * SAMPLES)
    factors = spent[:, 1] / spent[:, 0]
    return {
        "compiled": float(np.median(spent[:, 0])),
        "plain": float(np.median(spent[:, 1])),
        "factor": float(np.median(factors)),
        "range": [float(factors.min()), float(factors.max())],
        "rate": float(rates.mean()),
    }


def _injections(seed: int) -> Array:
    return np.asarray(np.random.default_rng(seed).random((N_STEPS, N_INPUTS)) < CHANCE)
