"""The engine: times of spikes, delays, synapses and plasticity that a person can compute."""

import numpy as np
import pytest

from neurostudio.errors import BadInput
from neurostudio.spiking import wiring
from neurostudio.spiking.conductance import Balanced, BalancedRun
from neurostudio.spiking.connections import from_pairs
from neurostudio.spiking.engine import Simulation
from neurostudio.spiking.networks import Network, Population, Projection, Source
from neurostudio.spiking.neurons import LIF, NEURONS
from neurostudio.spiking.plasticity import PairLearner, Pairs, ThirdFactorLearner, pair_window
from neurostudio.spiking.populations import POPULATIONS
from neurostudio.spiking.synapses import (
    LinearState,
    Output,
    SaturatingState,
    ShortTerm,
    ShortTermState,
    Synapse,
)

LEAKY = {"rest": 0.0, "reset": 0.0, "threshold": 10.0, "tau": 20.0, "refractory": 5.0}
ALL = {**NEURONS, **POPULATIONS}
DRIVES = {
    "exponential": 15,
    "adaptive_exponential": 30,
    "quadratic": 20,
    "adaptive_quadratic": 20,
    "generalised": 1.5,
    "izhikevich": 10,
    "adapting_threshold": 15,
    "hindmarsh_rose": 2,
    "theta": 0.1,
    "hodgkin_huxley": 10,
    "traub": 500,
    "morris_lecar": 100,
    "wang_buzsaki": 1,
    "lif": 30,
}


def alone(drive, **more):
    return Network((Population("a", 1, LIF, LEAKY, drive=drive),), **more)


def test_a_leaky_neuron_fires_when_its_equation_says():
    record = Simulation(alone(15.0), 0.01).run(10_000)
    times, _ = record.events("a")
    first = 20 * np.log(15 / 5)
    assert times[0] == pytest.approx(first, abs=0.02)
    assert np.diff(times) == pytest.approx(5 + first, abs=0.03)


def test_below_the_threshold_nothing_fires():
    assert len(Simulation(alone(9.99), 0.1).run(5000).events("a")[0]) == 0


@pytest.mark.parametrize("name", ALL)
def test_compiled_and_plain_steps_of_a_law_are_the_same(name):
    law = ALL[name]
    found = {}
    for backend in ("numba", "numpy"):
        network = Network((Population("a", 2, law, drive=float(DRIVES.get(name, 0.5))),))
        simulation = Simulation(network, 0.02, backend=backend)
        record = simulation.run(1500)
        found[backend] = record.events("a")[0], simulation.neurons["a"].state.copy()
    np.testing.assert_array_equal(found["numba"][0], found["numpy"][0])
    np.testing.assert_allclose(found["numba"][1], found["numpy"][1], rtol=1e-8, atol=1e-8)


def chain(delay):
    """A spike at 1 ms travels through three neurons, each made to fire at once."""
    push = Synapse("delta")
    cells = tuple(Population(name, 1, LIF, LEAKY) for name in "abc")
    one = wiring.one_to_one(1).weighted(20.0)
    wires = (
        Projection("in", "a", one, push, delay=delay),
        Projection("a", "b", one, push, delay=delay),
        Projection("b", "c", one, push, delay=delay),
    )
    return Network(cells, wires, (Source("in", 1, (np.array([1.0]),)),))


def test_a_spike_arrives_after_its_delay_and_no_earlier():
    record = Simulation(chain(2.0), 0.1).run(200)
    assert [float(record.events(name)[0][0]) for name in "abc"] == pytest.approx([3.0, 5.0, 7.0])


def test_without_a_delay_a_spike_takes_one_step():
    record = Simulation(chain(0.0), 0.1).run(50)
    assert [float(record.events(name)[0][0]) for name in "abc"] == pytest.approx([1.1, 1.2, 1.3])


def small(seed=0):
    random = np.random.default_rng(seed)
    start = random.normal(-55, 2, (1, 400))
    leaky = {"rest": -60.0, "reset": -60.0, "threshold": -50.0, "tau": 20.0, "refractory": 5.0}
    wires = wiring.fixed_probability(400, 400, 0.1, random)
    return leaky, start, wires


def test_the_same_seed_gives_the_same_spikes():
    leaky, start, _ = small()
    noisy = Network((Population("a", 400, LIF, leaky, start=start, drive=8.0, noise=5.0),))
    runs = [Simulation(noisy, 0.1, seed).run(1000).events("a") for seed in (1, 1, 2)]
    np.testing.assert_array_equal(runs[0][1], runs[1][1])
    np.testing.assert_array_equal(runs[0][0], runs[1][0])
    assert len(runs[0][0]) > 20
    assert runs[0][0].tolist() != runs[2][0].tolist()


def test_the_fast_path_fires_at_the_rate_of_the_general_engine():
    leaky, start, wires = small()
    dense = wires.dense()
    fast = BalancedRun(
        Balanced(wires, 320, start, w_excitatory=1.2, w_inhibitory=13.4), precision="double"
    )
    found = fast.run(5000)
    whole = Population("all", 400, LIF, leaky, start=start, drive=20.0)
    projections = []
    for rows, weight, tau, end in (
        (slice(0, 320), 1.2, 5.0, 0.0),
        (slice(320, 400), 13.4, 10.0, -80.0),
    ):
        part = np.zeros_like(dense)
        part[rows] = dense[rows]
        pairs = from_pairs(*np.nonzero(part), 400, 400).weighted(weight)
        projections.append(
            Projection(
                "all",
                "all",
                pairs,
                Synapse("exponential", {"tau": tau}),
                Output("conductance", end),
            )
        )
    record = Simulation(Network((whole,), tuple(projections)), 0.1, backend="numpy").run(5000)
    times, neurons = record.events("all")
    early = found.times < 5.0
    assert len(found.times) / len(times) == pytest.approx(1.0, abs=0.1)
    np.testing.assert_array_equal(found.neurons[early], neurons[times < 5.0])
    np.testing.assert_allclose(found.times[early], times[times < 5.0], atol=1e-9)


def test_torch_and_compiled_code_fire_the_same_spikes_at_first_and_at_the_same_rate():
    from neurostudio.spiking.on_torch import TorchRun

    _, start, wires = small()
    network = Balanced(wires, 320, start, w_excitatory=1.2, w_inhibitory=13.4)
    fast = BalancedRun(network, precision="double").run(3000)
    torch = TorchRun(network, precision="double").run(3000)
    early = fast.times < 5.0
    np.testing.assert_array_equal(fast.neurons[early], torch.neurons[torch.times < 5.0])
    assert len(torch.times) / len(fast.times) == pytest.approx(1.0, abs=0.1)


def test_stretches_add_up_to_one_run():
    _, start, wires = small()
    network = Balanced(wires, 320, start)
    whole = BalancedRun(network).run(3000)
    parts = list(BalancedRun(network).stretches(3000, 7))
    np.testing.assert_array_equal(np.concatenate([p.neurons for p in parts]), whole.neurons)
    np.testing.assert_allclose(np.concatenate([p.potentials for p in parts]), whole.potentials)


@pytest.mark.parametrize(
    ("synapse", "peak", "value"),
    [
        (Synapse("exponential", {"tau": 8.0}), 0.0, 1.0),
        (Synapse("dual", {"decay": 10.0, "rise": 1.0}), 10 / 9 * np.log(10), 1.0),
        (Synapse("alpha", {"tau": 10.0}), 10.0, np.exp(-1)),
    ],
)
def test_a_synapse_peaks_where_and_as_high_as_its_formula(synapse, peak, value):
    dt, state = 0.01, LinearState(synapse, 1, 0.01)
    course = []
    for k in range(4000):
        state.advance(np.array([1.0 if k == 0 else 0.0]))
        course.append(state.gating[0])
    assert np.argmax(course) * dt == pytest.approx(peak, abs=0.05)
    assert np.max(course) == pytest.approx(value, rel=0.01)


@pytest.mark.parametrize("kind", ["nmda", "ampa", "gaba_a", "kinetic_nmda"])
def test_a_saturating_synapse_stays_below_one_and_closes_again(kind):
    state = SaturatingState(Synapse(kind), 1, 0.1)
    for k in range(2000):
        state.advance(np.array([0]) if k % 5 == 0 and k < 1000 else np.empty(0, int))
        if k == 999:
            high = state.gating[0]
    assert 0.05 < high < 1.0
    assert state.gating[0] < 0.9 * high


def test_facilitation_and_depression_by_hand():
    state = ShortTermState(ShortTerm(use=0.2, facilitation=1e9, recovery=1e9), 1, 1.0)
    first = state.advance(np.array([0]))[0]
    second = state.advance(np.array([0]))[0]
    assert first == pytest.approx(0.2, abs=1e-6)
    assert second == pytest.approx((0.2 + 0.2 * 0.8) * 0.8, abs=1e-6)
    alone_ = ShortTermState(ShortTerm(use=0.5, facilitation=0.0, recovery=1e9), 1, 1.0)
    given = [alone_.advance(np.array([0]))[0] for _ in range(3)]
    assert given == pytest.approx([0.5, 0.25, 0.125], abs=1e-6)


def test_magnesium_blocks_at_rest_and_opens_when_depolarised():
    output = Output("magnesium", 0.0)
    share = output.open_share(np.array([-70.0, 0.0]))
    assert share == pytest.approx([1 / (1 + 1.2 / 3.57 * np.exp(4.34)), 1 / (1 + 1.2 / 3.57)])


@pytest.mark.parametrize("lag", range(-50, 51, 10))
def test_one_pair_of_spikes_changes_a_weight_by_the_window(lag):
    rule = Pairs(lowest=-10.0)
    learner = PairLearner(rule, wiring.one_to_one(1), 1.0)
    weights, none, one = np.ones(1), np.empty(0, int), np.zeros(1, int)
    sent, fired = 60, 60 + lag
    for step in range(130):
        learner.learn(weights, one if step == sent else none, one if step == fired else none)
    assert weights[0] - 1 == pytest.approx(float(pair_window(rule, np.array([lag]))[0]), abs=1e-6)


def test_a_third_factor_of_zero_changes_nothing_and_one_does():
    changes = []
    for factor in (0.0, 1.0):
        learner = ThirdFactorLearner(Pairs(), wiring.one_to_one(1), 1.0, lambda _step, f=factor: f)
        weights = np.ones(1)
        for step in range(50):
            spikes = [np.zeros(1, int) if step == when else np.empty(0, int) for when in (10, 15)]
            learner.learn(weights, *spikes)
        changes.append(weights[0] - 1)
    assert changes[0] == 0
    assert changes[1] > 1e-3


def test_weights_learn_while_a_network_runs():
    cells = Population("b", 1, LIF, LEAKY)
    wire = wiring.one_to_one(1).weighted(20.0)
    projection = Projection(
        "in",
        "b",
        wire,
        Synapse("delta"),
        delay=1.0,
        learner=lambda w, dt: PairLearner(Pairs(), w, dt),
    )
    network = Network((cells,), (projection,), (Source("in", 1, (np.array([1.0, 30.0]),)),))
    simulation = Simulation(network, 0.1)
    simulation.run(400)
    assert simulation.synapses[0].weights[0] > 20.3


def test_parts_that_do_not_fit_are_refused_by_name():
    cells = (Population("a", 2, LIF),)
    with pytest.raises(BadInput, match="no population b"):
        Network(cells, (Projection("a", "b", wiring.one_to_one(2)),))
    with pytest.raises(BadInput, match="3 x 3 between 2 and 2"):
        Network(cells, (Projection("a", "a", wiring.one_to_one(3)),))
    with pytest.raises(BadInput, match="has no parameter speed"):
        LIF.parameters(speed=1.0)
