"""The liquid step by step: the same as plain NumPy, its equations by hand, its wires as drawn."""

from __future__ import annotations

import numpy as np
import pytest

from .liquids import Shown, injections, learning, liquid, part, two_neurons

# the kernels


@pytest.mark.parametrize("rule", ["fixed", "STDP", "AP-STDP", "NALSM"])
@pytest.mark.parametrize("fading", [1.0, 0.99])
def test_the_compiled_liquid_is_the_released_order_of_work_spike_for_spike(rule, fading):
    given, rates = liquid(), learning(rule, fading=fading, theta=8.0, reach=6.0)
    injected = injections(300, 60, 0.25)
    shown, plain = Shown(given, injected, rates), part("plain").PlainLiquid(given, rates)
    spikes, course = plain.present(injected, rule)
    assert shown.spikes.sum() > 300
    np.testing.assert_array_equal(shown.spikes, spikes[:, :64])
    np.testing.assert_array_equal(shown.series[:, 2], spikes[:, 64:].sum(axis=1))
    np.testing.assert_allclose(shown.series[:, 0], course, atol=1e-12)
    np.testing.assert_allclose(shown.weights, plain.weights, atol=1e-9)
    changed = not np.allclose(plain.weights, part("plain").PlainLiquid(given, rates).weights)
    assert changed == (rule != "fixed")


def test_an_injected_input_fires_a_step_later_and_then_rests_for_two():
    injected = np.zeros((12, 1))
    injected[[0, 1, 2, 7]] = 1
    steps, inputs = np.nonzero(injected)
    starts, fired = part("stepping").fire(steps, inputs, 1, 12)
    assert np.repeat(np.arange(12), np.diff(starts)).tolist() == [1, 4, 8]
    assert fired.tolist() == [0, 0, 0]


def test_no_neuron_fires_more_often_than_every_third_step():
    shown = Shown(liquid(weight=3.0), injections(300, 60, 0.9), learning("fixed"))
    times = [np.flatnonzero(train) for train in shown.spikes.T]
    gaps = np.concatenate([np.diff(each) for each in times])
    assert gaps.min() == 3


# plasticity by hand (7, 9)


def driven(weight, excites):
    """Neuron 0 fires at 2 ms and neuron 1 at 5 ms, each by an input strong enough."""
    given = two_neurons(excites, weight)
    strong = given.weighted(given.inner.all_weights(), np.full(2, 30.0))
    injected = np.zeros((6, 2))
    injected[0, 0] = injected[3, 1] = 1
    return strong, injected


def test_a_pair_at_a_lag_of_three_ms_changes_an_excitatory_weight_by_the_trace():
    given, injected = driven(1.0, excites=True)
    shown = Shown(given, injected, learning("STDP")._replace(largest=100.0))
    assert [np.flatnonzero(train).tolist() for train in shown.spikes.T] == [[2], [5]]
    assert shown.own.inner.weights[0] - 1.0 == pytest.approx(0.15 * 0.1 * 0.905**3, rel=1e-12)


def test_an_inhibitory_weight_follows_the_swapped_rule():
    given, injected = driven(1.0, excites=False)
    rates = learning("NALSM", weight=0.0)._replace(largest=100.0, rate=0.5)
    shown = Shown(given, injected, rates)
    assert shown.own.inner.weights[0] + 1.0 == pytest.approx(-0.15 * 0.1 * 0.905**3, rel=1e-12)


@pytest.mark.parametrize("rule", ["STDP", "AP-STDP", "NALSM"])
def test_weights_never_leave_their_bounds(rule):
    given = liquid()
    shown = Shown(given, injections(500, 60, 0.6), learning(rule, theta=10.0, reach=50.0))
    senders = given.excitatory[given.inner.sources()]
    inner, outer = shown.own.inner.weights, shown.own.outer.weights
    assert inner[senders].min() >= 0
    assert inner.max() <= 3
    assert inner[~senders].max() <= 0
    assert np.abs(outer).max() <= 3
    assert not np.allclose(outer, given.outer.all_weights())


@pytest.mark.parametrize(
    ("calcium", "rises", "falls"),
    [(25.0, True, False), (15.0, False, True), (5.0, False, False), (45.0, False, False)],
)
def test_activity_dependent_plasticity_rises_above_its_threshold_and_falls_below(
    calcium, rises, falls
):
    given = liquid(weight=1.0)
    rates = learning("AP-STDP", theta=20.0, reach=10.0)
    shown = Shown(given, injections(40, 60, 0.3), rates, calcium=np.full(64, calcium))
    assert 0 < shown.counts.max() < 5  # so that calcium stays on its side of the threshold
    before = np.concatenate([given.inner.all_weights(), given.outer.all_weights()])
    change = shown.weights - before
    assert (change > 1e-12).any() == rises
    assert (change < -1e-12).any() == falls


# the astrocyte (5)


def test_the_astrocyte_tends_to_its_drive_with_its_time_constant():
    given = two_neurons()
    silent = given.weighted(given.inner.all_weights(), np.zeros(2))
    injected = np.zeros((2000, 2))
    injected[:, 0] = 1  # input spikes at 1, 4, 7 ...: one every third step
    shown = Shown(silent, injected, learning("NALSM", weight=0.015))
    amount, value, mean = shown.series[:, 0], 0.15, 0.15 - 0.015 / 3
    for step in range(2000):
        fires = step % 3 == 1
        value += (0.015 * (0 - fires) + 0.15 - value) / 100
        assert amount[step] == pytest.approx(value, abs=1e-12)
    assert amount[-300:].mean() == pytest.approx(mean, abs=1e-6)
    assert amount[100 - 1] - mean == pytest.approx((0.15 - mean) * np.exp(-1), rel=0.05)


def test_the_astrocyte_ends_above_its_bias_where_the_liquid_outspikes_the_inputs():
    shown = Shown(liquid(), injections(400, 60, 0.05), learning("NALSM"))
    quiet = Shown(liquid(weight=0.1), injections(400, 60, 0.3), learning("NALSM"))
    late = shown.series[100:, 1].mean() > shown.series[100:, 2].mean()
    assert (shown.series[-1, 0] > 0.15) == late
    assert quiet.series[:, 1].sum() == 0
    assert quiet.series[-1, 0] < 0.15


# wires (8)


def test_wires_are_joined_as_often_as_the_rule_says_for_each_type_and_distance():
    given = liquid((10, 10, 10), n_inputs=20)
    gap = np.sqrt(((given.places[:, None] - given.places[None]) ** 2).sum(axis=2))
    joined = given.inner.dense() != 0
    kind = np.where(given.excitatory, 0, 1)
    for sender in (0, 1):
        for receiver in (0, 1):
            for low, high in ((0.5, 1.5), (1.5, 2.5), (2.5, 4.0)):
                pairs = (kind[:, None] == sender) & (kind == receiver) & (gap >= low) & (gap < high)
                peak = part("liquids").PROBABILITY[sender, receiver]
                chance = peak * np.exp(-((gap[pairs] / 3.0) ** 2))
                error = np.sqrt((chance * (1 - chance)).sum())
                assert abs(joined[pairs].sum() - chance.sum()) < 3 * error


def test_exactly_fifteen_hundredths_of_the_input_pairs_are_joined_and_no_neuron_to_itself():
    given = liquid((5, 6, 7), n_inputs=100)
    assert given.outer.n_synapses == round(0.15 * 100 * 210)
    pairs = given.outer.sources().astype(np.int64) * 210 + given.outer.targets
    assert len(np.unique(pairs)) == len(pairs)
    assert (given.inner.sources() != given.inner.targets).all()
    assert given.excitatory.sum() == 168
    signs = np.sign(given.outer.all_weights())
    assert abs(signs.mean()) < 3 / np.sqrt(len(signs))


# branching (6)


@pytest.mark.parametrize(
    ("factor", "n_layers", "width"), [(0.5, 13, 4096), (1.0, 60, 12), (2.0, 13, 1)]
)
def test_the_branching_factor_of_a_planted_chain_is_found(factor, n_layers, width):
    wires, spikes, n_steps = part("example").chain(factor, n_layers, width)
    found = part("measuring").branching(wires, [spikes], n_steps)[0]
    assert found == pytest.approx(factor, rel=0.05)


def test_trains_shifted_by_times_of_their_own_keep_their_rates_and_lose_their_causes():
    measuring, given = part("measuring"), liquid(weight=1.0)
    shown = Shown(given, injections(300, 60, 0.25), learning("fixed"))
    when, who = np.nonzero(shown.spikes)
    spikes = part("presenting").Spikes(when, who)
    moved = measuring.shifted(spikes, 64, 300, np.random.default_rng(0))
    np.testing.assert_array_equal(
        np.bincount(who, minlength=64), np.bincount(moved.who, minlength=64)
    )
    assert not np.array_equal(when, moved.when)


def test_a_silent_liquid_has_no_branching_factor():
    nothing = part("presenting").Spikes(np.zeros(0, np.int32), np.zeros(0, np.int32))
    assert np.isnan(part("measuring").branching(liquid().inner, [nothing], 200)).all()
