"""The rule that waits for the sender: single pairs by hand, clipping, pairing, state."""

import numpy as np
import pytest

from neurostudio.spiking.connections import from_matrix
from neurostudio.spiking.deferred import Deferred, DeferredLearner, deferred_window
from neurostudio.spiking.engine import Simulation
from neurostudio.spiking.networks import Network, Population, Projection, Source
from neurostudio.spiking.neurons import LIF

NONE = np.empty(0, np.int64)
WIDE = {"lowest": -100.0, "highest": 100.0}


def run(rule, sent, fired, start=3.0, steps=None):
    """One synapse; returns the weight after each step."""
    weights = np.array([start])
    learner = DeferredLearner(rule, from_matrix(np.ones((1, 1))).weighted(weights), 1.0)
    found = []
    for step in range(steps or 1 + max([*sent, *fired])):
        learner.learn(weights, np.arange(step in sent), np.arange(step in fired))
        found.append(float(weights[0]))
    return found


@pytest.mark.parametrize("lag", range(1, 11))
def test_a_receiver_after_the_sender_strengthens_by_the_published_amount(lag):
    # the sender's second spike comes 300 ms later, when the receiver's trace is gone
    change = run(Deferred(**WIDE), sent={5, 305}, fired={5 + lag - 1})[-1] - 3.0
    assert change == pytest.approx(6 * np.exp(-lag / 3))


@pytest.mark.parametrize("lag", range(-10, 1))
def test_a_receiver_before_or_with_the_sender_weakens_and_most_at_lag_0(lag):
    change = run(Deferred(**WIDE), sent={20}, fired={20 + lag - 1})[-1] - 3.0
    assert change == pytest.approx(-6 * np.exp(lag / 3))
    assert deferred_window(Deferred(), [lag])[0] == pytest.approx(change)


def test_the_weight_waits_for_the_next_spike_of_the_sender():
    weights = run(Deferred(**WIDE), sent={5, 15}, fired={6}, steps=16)
    assert weights[5] == weights[14] == 3.0
    assert weights[15] != 3.0


def test_a_spike_of_the_receiver_in_the_same_step_does_not_count_yet():
    assert run(Deferred(**WIDE), sent={5}, fired={5})[-1] == 3.0
    assert run(Deferred(**WIDE), sent={5}, fired={4})[-1] == pytest.approx(-3.0)


def test_each_term_is_clipped_before_the_next():
    # up by 4.3 from 3 to 6 (not 7.3), then down by 6 exp(-1/3) = 4.3
    weights = run(Deferred(), sent={5, 7}, fired={5})
    assert weights[-1] == pytest.approx(6.0 - 6 * np.exp(-1 / 3))


def test_all_spikes_of_the_sender_count_or_only_the_latest():
    both = run(Deferred(**WIDE), sent={3, 6, 300}, fired={6})[-1]
    latest = run(Deferred(pairing="latest", **WIDE), sent={3, 6, 300}, fired={6})[-1]
    assert latest - 3.0 == pytest.approx(6 * np.exp(-1 / 3))
    assert both - 3.0 == pytest.approx(6 * np.exp(-1 / 3) * (1 + np.exp(-1)))


def test_what_is_due_is_what_the_next_spike_delivers():
    rule = Deferred()
    wiring = from_matrix(np.ones((2, 3))).weighted(np.full(6, 1.0))
    random = np.random.default_rng(0)
    learner, weights = DeferredLearner(rule, wiring, 1.0), np.full(6, 1.0)
    for _ in range(40):
        due = learner.due()
        again = learner.due()
        sent = np.flatnonzero(random.random(2) < 0.3)
        learner.learn(weights, sent, np.flatnonzero(random.random(3) < 0.3))
        rows = np.repeat(np.isin([0, 1], sent), 3)
        np.testing.assert_array_equal(due, again)
        np.testing.assert_array_equal(weights[rows], due[rows])
    assert np.ptp(weights) > 0


def test_a_state_goes_on_as_if_it_had_never_been_left():
    wiring = from_matrix(np.ones((2, 2))).weighted(np.full(4, 1.0))
    random = np.random.default_rng(1)
    trains = [[np.flatnonzero(random.random(2) < 0.4) for _ in range(2)] for _ in range(60)]
    whole, weights = DeferredLearner(Deferred(), wiring, 1.0), np.full(4, 1.0)
    for sent, fired in trains[:30]:
        whole.learn(weights, sent, fired)
    second, other = DeferredLearner(Deferred(), wiring, 1.0), weights.copy()
    second.restore(whole.arrays())
    for sent, fired in trains[30:]:
        whole.learn(weights, sent, fired)
        second.learn(other, sent, fired)
    np.testing.assert_array_equal(weights, other)


def test_rows_of_different_length_change_only_their_own_synapses():
    matrix = np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]])
    wiring = from_matrix(matrix).weighted(np.full(3, 5.0))
    learner, weights = DeferredLearner(Deferred(**WIDE), wiring, 1.0), np.full(3, 5.0)
    learner.learn(weights, NONE, np.array([1]))
    learner.learn(weights, np.array([0, 1]), NONE)
    np.testing.assert_allclose(weights, [-1.0, 5.0, 5.0])


def test_the_engine_delivers_the_weight_after_the_update():
    # the receiver fires at 4, the sender at 5: full depression, so that nothing arrives at 6
    def potential(times):
        fires = Source("other", 1, (np.array(times, float),))
        sends = Source("sender", 1, (np.array([5.0]),))
        cell = Population("cell", 1, LIF, {"threshold": 10.0, "reset": 0.0, "tau": 1.0})
        plastic = Projection(
            "sender", "cell", from_matrix(np.ones((1, 1))).weighted(np.array([6.0])), delay=1.0,
            learner=lambda wiring, dt: DeferredLearner(Deferred(), wiring, dt),
        )  # fmt: skip
        drive = Projection("other", "cell", from_matrix(np.full((1, 1), 100.0)), delay=1.0)
        simulation = Simulation(Network((cell,), (plastic, drive), (fires, sends)), dt=1.0)
        simulation.run(6)
        return simulation.synapses[0].weights[0], simulation.record.events("cell")[0]

    depressed, fired = potential([3])
    assert 4.0 in fired
    assert depressed == pytest.approx(0.0)
    assert potential([])[0] == pytest.approx(6.0)
