"""Liquids are built, organise themselves, stop and go on."""

from __future__ import annotations

import numpy as np
import pytest
import xarray

from neurostudio.api import BadInput, Cancelled, Connectome
from neurostudio.testing import ListContext, arrays_of

from .calling import call
from .liquids import FEW, SHORT, organised, part, pictures, samples
from .stopping import StopAt

# building and organising


def test_a_liquid_organises_itself_from_a_connectome_with_the_same_wires():
    built = call("build_liquid", shape=(4, 4, 4), n_inputs=64, start_weight=2.0)
    matrix = built["connectome"].matrix
    result = call(
        "self_organise", data=pictures(), connectome=built["connectome"], **FEW, control=False
    )
    grown = part("liquids").liquid_of(result["model"])
    np.testing.assert_array_equal(grown.inner.dense() != 0, matrix.to_numpy() != 0)
    np.testing.assert_array_equal(grown.places[:, 2], matrix["z"].to_numpy())
    assert not np.allclose(grown.inner.dense(), matrix.to_numpy())


def test_a_connectome_without_types_is_refused():
    plain = Connectome(xarray.DataArray(np.eye(9), dims=("source", "target")))
    with pytest.raises(BadInput, match="which nodes are excitatory"):
        call("self_organise", data=pictures(), connectome=plain, **FEW)


def test_a_large_liquid_hands_on_the_means_of_its_populations():
    built = call("build_liquid", shape=(13, 13, 13), n_inputs=10)
    matrix = built["connectome"].matrix
    assert matrix.shape == (2, 2)
    assert matrix.sel(source="excitatory", target="excitatory") > 0
    assert matrix.sel(source="inhibitory", target="excitatory") < 0


def test_a_fixed_liquid_keeps_every_weight():
    result = organised(liquid="fixed", start_weight=0.7)
    weights = part("liquids").liquid_of(result["model"]).groups()
    for values in weights.values():
        np.testing.assert_allclose(values, 0.7)
    assert set(result.data) == {"model"}


def test_the_control_without_the_astrocyte_stands_beside_the_rate():
    result = organised(control=True)
    assert result.numbers["mean rate"].baseline is not None
    titles = [view.title for view in result.views if type(view).__name__ == "NullControl"]
    assert titles == [
        "Rate with and without the astrocyte",
        "Branching with and without the astrocyte",
    ]
    assert {"simulated network", "simulated data", "scaled"} <= set(result.warnings)


def test_the_course_has_a_row_a_sample_and_the_trains_a_unit_a_neuron():
    result = organised()
    course, trains = result["course"].frame, result["spikes"].units
    assert course.shape == (12, 7)
    assert course.t[-1] == pytest.approx(12 * 0.03)
    assert len(trains) == 64
    assert set(trains["type"]) == {"excitatory", "inhibitory"}
    last = course.values[-1]
    assert sum(len(trains[k]) for k in trains) == pytest.approx(last[1] * 30)


def test_pictures_of_a_learning_liquid_come_while_it_learns():
    context = ListContext()
    organised(context)
    names = {event["name"] for event in context.of_kind("view")}
    assert names == {"spikes", "astrocyte", "drive", "branching", "weights", "liquid"}
    values = [event["values"] for event in context.of_kind("metrics")]
    assert [each["step"] for each in values] == list(range(1, 13))


def test_the_same_seed_gives_the_same_spikes_and_another_other_ones():
    first, second, other = (organised(ListContext(seed=seed)) for seed in (4, 4, 5))
    for name in ("model", "course"):
        for key, value in arrays_of(first[name]).items():
            np.testing.assert_array_equal(value, arrays_of(second[name])[key])
    assert [first["spikes"].units[k].t.tolist() for k in range(64)] == [
        second["spikes"].units[k].t.tolist() for k in range(64)
    ]
    assert not np.array_equal(first["course"].frame.values, other["course"].frame.values)


# stopping and going on


def test_a_liquid_stops_within_one_image():
    context = ListContext()
    context.stopped = StopAt(6)
    with pytest.raises(Cancelled):
        organised(context)
    assert len(context.of_kind("metrics")) == 5


@pytest.mark.parametrize("after", [7, 13])
def test_a_stopped_liquid_goes_on_to_the_same_weights_and_pictures(tmp_path, monkeypatch, after):
    monkeypatch.setattr(part("presenting"), "_SAVE_INTERVAL", 0.0)
    whole = organised(control=True)
    (tmp_path / "checkpoints").mkdir()
    context = ListContext(folder=tmp_path, stopped=StopAt(after))
    with pytest.raises(Cancelled):
        organised(context, control=True)
    again = ListContext(folder=tmp_path)
    resumed = organised(again, control=True)
    steps = [each["values"]["step"] for each in again.of_kind("metrics")]
    assert steps == list(range(min(after, 13), 13))
    for name in ("model", "course"):
        for key, value in arrays_of(whole[name]).items():
            np.testing.assert_array_equal(value, arrays_of(resumed[name])[key])
    for one, other in zip(whole.views, resumed.views, strict=True):
        for key, value in vars(one).items():
            if isinstance(value, np.ndarray):
                np.testing.assert_array_equal(
                    value, getattr(other, key), err_msg=f"{one.title}: {key}"
                )


def test_a_stopped_reading_keeps_whole_blocks_and_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(part("presenting"), "_BLOCK", 16)
    given = {"model": part("example").liquid(), "data": pictures(80, 1), **SHORT}
    whole = call("train_liquid_readout", **given)
    (tmp_path / "checkpoints").mkdir()
    with pytest.raises(Cancelled):
        call("train_liquid_readout", ListContext(folder=tmp_path, stopped=StopAt(40)), **given)
    kept = {file.name: file.stat().st_mtime_ns for file in (tmp_path / "checkpoints").iterdir()}
    assert len(kept) >= 2
    again = call("train_liquid_readout", ListContext(folder=tmp_path), **given)
    assert all(
        (tmp_path / "checkpoints" / name).stat().st_mtime_ns == at for name, at in kept.items()
    )
    assert str(again) == str(whole)


def test_a_damaged_checkpoint_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(part("presenting"), "_SAVE_INTERVAL", 0.0)
    (tmp_path / "checkpoints").mkdir()
    organised(ListContext(folder=tmp_path))
    (file,) = (tmp_path / "checkpoints").iterdir()
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(BadInput, match=f"{file.name} is damaged"):
        organised(ListContext(folder=tmp_path))


@pytest.mark.parametrize("n", [2, 40])
def test_threads_change_no_count(monkeypatch, n):
    presenting, given = part("presenting"), samples(n)
    model = part("example").liquid()
    showing = part("models").showing_of(model, 0.05, plastic=True, fading=0.99)
    grown = part("liquids").liquid_of(model)
    found = []
    for n_threads in (1, 4):
        monkeypatch.setattr(presenting, "n_threads", lambda n_threads=n_threads: n_threads)
        found.append(presenting.respond(ListContext(), grown, given, np.arange(n), showing, "x"))
    np.testing.assert_array_equal(*found)
    assert found[0].sum() > 0
