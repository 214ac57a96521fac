"""The simulator: rates of published networks, curves of theory, inputs that act, and what is refused."""

import json

import numpy as np
import pynapple as nap
import pytest

from neurostudio.api import BadInput, Cancelled, SpikeTrains, Text, Traces
from neurostudio.registry import discover
from neurostudio.testing import ListContext
from tests.plugins.calling import call
from tests.plugins.stopping import StopAt


def items_of(name):
    return discover().example(name).items


def trains(times, end=0.5):
    support = nap.IntervalSet(0.0, end)
    return SpikeTrains(
        nap.TsGroup(
            {k: nap.Ts(np.asarray(t), time_support=support) for k, t in enumerate(times)},
            time_support=support,
        )
    )


def described(**more):
    return {
        "dt": 0.1,
        "populations": [
            {
                "name": "cells",
                "size": 50,
                "law": "lif",
                "parameters": {
                    "rest": -60,
                    "reset": -60,
                    "threshold": -50,
                    "tau": 20,
                    "refractory": 5,
                },
                "start": {"V": -60},
                "drive": 0,
            }
        ],
        **more,
    }


def run_described(description, **more):
    return call(
        "simulate_network",
        network="described",
        description=Text(json.dumps(description)),
        duration=0.3,
        **more,
    )


def test_the_balanced_network_fires_irregularly_at_its_rate():
    result = call("simulate_network", duration=0.5)
    assert 15 <= result.numbers["rate E"].value <= 26
    assert result.numbers["interval CV"].value > 0.5
    assert "simulated data" in result.warnings
    assert "single precision" in result.warnings


def test_the_same_seed_gives_the_same_spikes_and_another_seed_others():
    first, second, other = (
        call("simulate_network", ListContext(seed=seed), n_neurons=400, duration=0.1)[
            "spikes"
        ].units
        for seed in (1, 1, 2)
    )
    flat = [np.concatenate([each[k].index for k in each.index]) for each in (first, second, other)]
    np.testing.assert_array_equal(flat[0], flat[1])
    assert len(flat[0]) != len(flat[2]) or (flat[0] != flat[2]).any()


def test_spike_trains_carry_population_type_and_number():
    units = call("simulate_network", n_neurons=100, duration=0.1, n_trains=50)["spikes"].units
    assert len(units) == 50
    assert set(units["population"]) == {"E", "I"}
    assert np.all(np.asarray(units["neuron"])[np.asarray(units["type"]) == "I"] >= 80)


def test_given_spikes_drive_a_silent_network():
    silent = run_described(described())
    assert silent.numbers["rate cells"].value == 0
    given = trains([np.arange(0.01, 0.3, 0.002)] * 20)
    driven = run_described(described(), spikes=given, input_probability=0.5, input_weight=2.0)
    assert driven.numbers["rate cells"].value > 5


def test_a_given_current_drives_each_neuron_with_its_series():
    t = np.arange(0, 0.3, 0.001)
    series = np.stack([np.zeros_like(t), np.full_like(t, 20.0)], axis=1)
    currents = Traces(nap.TsdFrame(t=t, d=series, columns=["none", "strong"]), "mV")
    units = run_described(described(), currents=currents)["spikes"].units
    counts = np.array([len(units[k]) for k in units.index])
    assert counts[0::2].sum() == 0
    assert counts[1::2].min() > 5


def test_a_description_comes_back_from_its_export():
    text = call("export_network", program="description", n_neurons=200)["script"]
    result = call("simulate_network", network="described", description=text, duration=0.1)
    named = call("simulate_network", n_neurons=200, duration=0.1)
    assert result.numbers["rate E"] == named.numbers["rate E"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not json", "Invalid JSON"),
        ('{"populations": []}', "populations"),
        (
            '{"populations": [{"name": "a", "size": 2, "law": "lif", "speed": 1}]}',
            "populations.0.speed",
        ),
        ('{"populations": [{"name": "a", "size": 2, "law": "ligth"}]}', "No law 'ligth'"),
        (
            '{"populations": [{"name": "a", "size": 2}], "projections": [{"source": "a", "target": "b"}]}',
            "names b; there are a",
        ),
    ],
)
def test_a_description_that_does_not_fit_says_where(text, words):
    with pytest.raises(BadInput, match=words):
        call("simulate_network", network="described", description=Text(text))


def test_every_connectivity_of_a_description_runs():
    kinds = [
        "fixed probability",
        "fixed number of targets",
        "fixed number of sources",
        "fixed total",
        "small world",
        "scale-free",
        "power law",
        "distance",
        "grid",
        "one to one",
        "all to all",
    ]
    for kind in kinds:
        wire = {
            "source": "cells",
            "target": "cells",
            "connectivity": kind,
            "number": 4,
            "share": 0.3,
            "reach": 1,
        }
        result = run_described(described(projections=[wire]), n_recorded=1)
        assert result.numbers["synapses"].value > 0, kind


def test_depression_and_plasticity_of_a_description_act():
    def rate(**more):
        wire = {
            "source": "in",
            "target": "cells",
            "connectivity": "all to all",
            "weight": 2.0,
            **more,
        }
        made = described(sources=[{"name": "in", "size": 30, "rate": 60}], projections=[wire])
        return run_described(made).numbers["rate cells"].value

    plain = rate()
    assert plain > 5
    assert rate(short_term={"use": 0.5, "facilitation": 0, "recovery": 500}) < 0.5 * plain
    assert rate(plasticity={"rule": "pairs", "gain": 0.5, "loss": 0.0}) > 1.2 * plain


def test_a_connectome_is_needed_where_the_network_says_so():
    for network in ("multi-area", "from connectome"):
        with pytest.raises(BadInput, match="needs a Connectome"):
            call("simulate_network", network=network)


def test_a_connectome_becomes_areas_or_neurons():
    connectome = items_of("simulate_regions")["connectome"]
    areas = call(
        "simulate_network",
        network="multi-area",
        connectome=connectome,
        n_neurons=400,
        duration=0.05,
    )
    assert len(areas["connectome"].names("nodes")) == 16
    cells = call(
        "simulate_network",
        network="from connectome",
        connectome=connectome,
        duration=0.2,
        signs="all excitatory",
    )
    assert cells.numbers["synapses"].value == 24


def test_stored_and_regenerated_networks_fire_alike():
    rates = [
        call("simulate_network", n_neurons=1000, duration=0.4, connectivity=kind)
        .numbers["rate E"]
        .value
        for kind in ("stored", "regenerated")
    ]
    assert rates[1] == pytest.approx(rates[0], rel=0.25)


def test_a_run_that_is_stopped_ends_at_the_next_stretch():
    context = ListContext(stopped=lambda: any(e["kind"] == "progress" for e in context.events))
    with pytest.raises(Cancelled):
        call("simulate_network", context, duration=60.0)


def test_a_stopped_run_keeps_what_it_did_and_goes_on_to_the_same_spikes(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    wish = StopAt(40)
    with pytest.raises(Cancelled):
        call("simulate_network", ListContext(folder=tmp_path, stopped=wish), n_neurons=400)
    with np.load(tmp_path / "checkpoints" / "simulation.npz") as kept:
        n_early = len(kept["times"])
    assert n_early > 0
    resumed = call("simulate_network", ListContext(folder=tmp_path), n_neurons=400)
    whole = call("simulate_network", n_neurons=400)
    for result in (resumed, whole):
        assert len(result["potentials"].frame) == 1000
    np.testing.assert_array_equal(
        resumed["potentials"].frame.values, whole["potentials"].frame.values
    )
    assert resumed.numbers["rate E"] == whole.numbers["rate E"]
    other = call("simulate_network", ListContext(folder=tmp_path, seed=1), n_neurons=400)
    assert (
        other.numbers["rate E"]
        == call("simulate_network", ListContext(seed=1), n_neurons=400).numbers["rate E"]
    )


@pytest.mark.parametrize(("drive", "rate"), [(12, 24.49), (15, 37.08), (20, 53.01), (30, 76.28)])
def test_the_curve_of_a_leaky_neuron_is_that_of_theory(drive, rate):
    changes = ["rest=0", "reset=0", "threshold=10", "tau=20", "refractory=5"]
    result = call(
        "frequency_current_curve",
        changes=changes,
        lowest=drive - 3,
        highest=drive,
        n_currents=2,
        duration=1.0,
        dt=1e-5,
    )
    table = result["curve"].frame
    assert table.rate_hz.iloc[-1] == pytest.approx(rate, rel=0.02)
    assert table.analytic_rate_hz.iloc[-1] == pytest.approx(rate, rel=1e-3)


def test_a_change_that_is_none_is_refused():
    with pytest.raises(BadInput, match="name=number"):
        call("simulate_neuron", changes=["tau"])
    with pytest.raises(BadInput, match="no parameter speed"):
        call("simulate_neuron", changes=["speed=3"])


def test_a_recorded_current_drives_a_neuron():
    t = np.arange(0, 0.1, 0.0005)
    current = Traces(
        nap.TsdFrame(t=t + 3.0, d=np.where(t > 0.05, 30.0, 0.0)[:, None], columns=["I"]), "nA"
    )
    result = call("simulate_neuron", law="lif", duration=0.1, currents=current)
    times = result["spikes"].units[0].index
    assert len(times) > 2
    assert times.min() > 0.05


def test_the_plane_of_fitzhugh_and_nagumo_has_one_unstable_focus_and_a_cycle():
    result = call("phase_plane", n_trajectories=1, duration=0.05)
    assert result.numbers["fixed points"].value == 1
    assert result["eigenvalues"].frame.kind.tolist() == ["unstable focus"]
    assert result.numbers["limit cycle, greatest"].value == pytest.approx(1.85, abs=0.02)


def test_bifurcations_are_found_within_a_percent():
    result = call("bifurcation", n_values=9, cycles=False)
    assert result.numbers["Hopf 1"].value == pytest.approx(0.33128, rel=0.01)
    assert result.numbers["Hopf 2"].value == pytest.approx(1.41872, rel=0.01)


def test_gradients_are_those_of_the_chain_rule_and_of_differences():
    numbers = call("check_gradients").numbers
    assert numbers["largest error, chain rule by hand"].value < 1e-6
    assert numbers["largest error, finite differences, no spikes"].value < 1e-4


def test_a_reservoir_beats_the_last_value_and_says_where_it_does_not():
    series = items_of("train_reservoir")["series"]
    good = call("train_reservoir", series=series, n_neurons=100)
    assert good.numbers["error"].value < good.numbers["error"].baseline
    noise = np.random.default_rng(0).standard_normal((600, 1)).cumsum(axis=0)
    walk = Traces(nap.TsdFrame(t=np.arange(600) * 0.01, d=noise, columns=["walk"]), "V")
    assert "below the baseline" in call("train_reservoir", series=walk, n_neurons=100).warnings


def test_a_network_trained_by_force_goes_on_alone():
    t = np.arange(3000) * 0.01
    wave = Traces(
        nap.TsdFrame(t=t, d=(np.sin(6 * t) + 0.5 * np.sin(12 * t))[:, None], columns=["wave"]), "V"
    )
    result = call(
        "train_reservoir",
        series=wave,
        feedback=True,
        n_neurons=200,
        input_scale=1.0,
        radius=1.5,
        leak=0.3,
        input_probability=1.0,
        test_share=0.1,
    )
    assert result.numbers["error"].value < 0.3
    assert "alone" in result.views[0].caption


def test_rates_of_planted_conditions_are_explained_and_shuffled_ones_are_not():
    items = items_of("fit_network")
    result = call("fit_network", **items, window=0.3, epochs=60, n_neurons=20, n_null=4)
    explained = result.numbers["explained variance"].value
    assert explained > 0.5
    assert (
        result.views[-1].null.max() < explained
    )  # sixty trials of two conditions leave wide nulls
    assert result.numbers["shuffled conditions"].value < 0.3


def test_conditions_of_recorded_spikes_are_told_apart():
    items = items_of("fit_network")
    result = call(
        "train_spiking_network",
        **items,
        network="rate",
        batches=60,
        n_excitatory=24,
        n_inhibitory=6,
        bin=0.03,
        window=0.3,
    )
    accuracy = result.numbers["accuracy"]
    assert accuracy.value >= 0.8
    assert accuracy.baseline >= 0.8
    assert result.numbers["accuracy, shuffled answers"].value <= 0.75


def test_a_linear_model_of_the_inputs_cannot_match_and_stands_beside():
    accuracy = call("train_spiking_network", network="rate", batches=3, null_run=False).numbers[
        "accuracy"
    ]
    assert accuracy.chance == 0.5
    assert accuracy.baseline == pytest.approx(0.5, abs=0.06)


def test_what_is_wired_together_moves_together():
    result = call(
        "simulate_regions",
        **items_of("simulate_regions"),
        coupling=0.5,
        frequency_spread=2.0,
        duration=5,
    )
    number = result.numbers["structure and function"]
    assert number.value > 0.6
    assert abs(number.chance) < 0.2
    assert "no lengths" not in result.warnings


def test_operators_deliver_the_same():
    assert (
        call("time_operators", sizes=[300], products=1).numbers["largest difference"].value < 1e-9
    )


@pytest.mark.parametrize("program", ["Brian2", "BrainPy", "PyNN"])
def test_a_script_for_another_program_is_python_with_the_numbers_of_the_network(program):
    text = call("export_network", program=program, n_neurons=1000)["script"].text
    compile(text, program, "exec")
    assert ("0.024" if program == "PyNN" else "2.4") in text  # 0.6 over a scale of a quarter


def test_a_network_without_a_script_says_what_to_do():
    with pytest.raises(BadInput, match="as a description"):
        call("export_network", program="Brian2", network="Izhikevich")


def test_without_the_other_programs_the_timing_says_so():
    result = call("time_simulators", sizes=[200], duration=0.02, repeats=1, numpy_too=False)
    assert "not installed" in result.warnings
    assert result["times"].frame.rate_hz.notna().all()
