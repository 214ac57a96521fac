"""Trace plasticity with a third factor, and synapses that know only the last spike."""

from __future__ import annotations

import numpy as np
import pytest

from neurostudio.spiking import ages, traces
from neurostudio.spiking.connections import from_pairs

DECAY, JUMP = 0.905, 0.1


def spikes(n, *neurons):
    """Return what the kernels take: the neurons that spike, how many, and a flag for each."""
    listed, now = np.zeros(n, np.int32), np.zeros(n, bool)
    listed[: len(neurons)] = neurons
    now[list(neurons)] = True
    return listed, len(neurons), now


class Projection:
    """Two senders, two receivers; sender 0 to both, sender 1 to receiver 0."""

    def __init__(self, weight=1.0, gains=((0.15, -0.2),), bounds=((0.0, 3.0),), kinds=(0, 0)):
        self.wires = from_pairs(np.array([0, 0, 1]), np.array([0, 1, 0]), 2, 2)
        self.back = self.wires.incoming()
        self.weights = np.full(3, float(weight))
        self.pre, self.post = np.zeros(2), np.zeros(2)
        self.gains, self.bounds = np.array(gains, float), np.array(bounds, float)
        self.kinds = np.array(kinds, np.int8)
        self.rise, self.fall = np.ones(2), np.ones(2)
        self.level, self.current = np.zeros(2), np.zeros(2)

    def step(self, pre=(), post=()):
        before, n_before, before_now = spikes(2, *pre)
        after, n_after, after_now = spikes(2, *post)
        traces.change(
            self.wires.starts, self.wires.targets, self.weights,
            self.back.starts, self.back.sources, self.back.synapses,
            before, n_before, before_now, self.pre, after, n_after, after_now, self.post,
            self.kinds, self.gains, self.bounds, self.rise, self.fall, self.level, self.current,
        )  # fmt: skip
        traces.mark(self.pre, DECAY, JUMP, before, n_before)
        traces.mark(self.post, DECAY, JUMP, after, n_after)


@pytest.mark.parametrize("lag", [1, 3, 10])
def test_a_receiver_that_follows_its_sender_strengthens_the_synapse_by_the_trace(lag):
    synapses = Projection()
    synapses.step(pre=[0])
    for _ in range(lag - 1):
        synapses.step()
    synapses.step(post=[0])
    np.testing.assert_allclose(synapses.weights, [1 + 0.15 * JUMP * DECAY**lag, 1, 1], rtol=1e-12)


def test_a_sender_that_follows_its_receiver_weakens_it_by_the_other_gain():
    synapses = Projection()
    synapses.step(post=[0])
    synapses.step()
    synapses.step(pre=[0])
    np.testing.assert_allclose(synapses.weights, [1 - 0.2 * JUMP * DECAY**2, 1, 1], rtol=1e-12)


def test_the_third_factor_may_change_between_two_steps():
    synapses = Projection()
    synapses.step(pre=[0])
    synapses.gains[0, 0] = 10.0
    synapses.step(post=[0])
    assert synapses.weights[0] == pytest.approx(1 + 10 * JUMP * DECAY)


def test_each_kind_of_sender_has_its_own_gains_and_bounds():
    synapses = Projection(
        gains=((1.0, 0.0), (-1.0, 0.0)), bounds=((0.0, 1.05), (-3.0, 3.0)), kinds=(0, 1)
    )
    synapses.step(pre=[0, 1])
    synapses.step(post=[0])
    np.testing.assert_allclose(synapses.weights, [1.05, 1.0, 1 - JUMP * DECAY])


def test_only_synapses_of_neurons_that_spike_change():
    synapses = Projection()
    synapses.pre[:], synapses.post[:] = 1.0, 1.0
    synapses.step()
    np.testing.assert_array_equal(synapses.weights, 1.0)
    synapses.step(post=[1])
    assert (synapses.weights != 1.0).tolist() == [False, True, False]


def test_two_changes_of_one_step_are_added_before_the_bound_holds_them():
    synapses = Projection(weight=3.0, gains=((0.15, -0.2),))
    synapses.pre[:], synapses.post[:] = 1.0, 0.5
    synapses.step(pre=[0], post=[0])
    assert synapses.weights[0] == 3.0  # 3 + 0.15 - 0.1 is above the bound; 3 - 0.1 would not be
    assert synapses.weights[1] == pytest.approx(3 - 0.2 * 0.5)  # its receiver did not spike


def test_gates_of_a_receiver_let_rises_or_falls_through_alone():
    synapses = Projection()
    synapses.rise[:] = 0
    synapses.pre[:], synapses.post[:] = 1.0, 1.0
    synapses.step(post=[0])
    np.testing.assert_array_equal(synapses.weights, 1.0)
    synapses.step(pre=[1])
    assert synapses.weights[2] < 1.0
    synapses.fall[:] = 0
    kept = synapses.weights.copy()
    synapses.step(pre=[0, 1])
    np.testing.assert_array_equal(synapses.weights, kept)


def test_a_current_knows_the_last_spike_of_each_sender_alone_while_weights_change():
    random = np.random.default_rng(0)
    n, m, tau = 20, 8, 3.0
    joined = random.random((n, m)) < 0.4
    wires = from_pairs(*np.nonzero(joined), n, m)
    weights = random.normal(size=wires.n_synapses)
    level, current, last = np.zeros(n), np.zeros(m), np.full(n, np.inf)
    for _ in range(200):
        now = np.flatnonzero(random.random(n) < 0.2).astype(np.int32)
        listed = np.zeros(n, np.int32)
        listed[: len(now)] = now
        ages.renew(wires.starts, wires.targets, weights, listed, len(now), 1 / tau, level, current)
        last[now] = 0.0
        heard = weights * np.exp(-last[wires.sources()] / tau) / tau
        np.testing.assert_allclose(current, np.bincount(wires.targets, heard, m), atol=1e-12)
        ages.grow_older(np.exp(-1 / tau), level)
        ages.grow_older(np.exp(-1 / tau), current)
        last += 1
        change = random.normal(size=wires.n_synapses) * (random.random(wires.n_synapses) < 0.1)
        weights += change
        np.add.at(current, wires.targets, change * level[wires.sources()])


def test_a_second_spike_renews_a_current_and_does_not_add_to_it():
    wires = from_pairs(np.array([0]), np.array([0]), 1, 1)
    weights, level, current = np.array([2.0]), np.zeros(1), np.zeros(1)
    one = np.zeros(1, np.int32)
    for _ in range(3):
        ages.renew(wires.starts, wires.targets, weights, one, 1, 1.0, level, current)
    assert current[0] == 2.0
    assert level[0] == 1.0


def test_a_standing_current_follows_a_weight_that_plasticity_changes():
    synapses = Projection()
    synapses.level[:] = 0.5
    synapses.pre[:] = 1.0
    synapses.step(post=[0])
    np.testing.assert_allclose(synapses.current, [0.5 * 0.15 * 2, 0.0])


def test_levels_that_rounding_has_lost_are_zero():
    values = np.array([1e-17, -1e-17, 1.0])
    ages.grow_older(1e-2, values)
    np.testing.assert_array_equal(values, [0.0, 0.0, 0.01])
