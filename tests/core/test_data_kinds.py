"""Every kind of data comes back from disk exactly as it was saved."""

from __future__ import annotations

import json

import mne
import nibabel
import numpy as np
import pandas as pd
import pynapple as nap
import pytest
import xarray

from neurostudio.data import (
    KINDS,
    Connectome,
    ImageStack,
    Points,
    Recording,
    SpikeTrains,
    Surface,
    Table,
    Text,
    Traces,
    TrainedModel,
    Trials,
    Volume,
)

RANDOM = np.random.default_rng(7)


def odd_recording() -> Recording:
    """Three channels at a rate, scale and place that single precision cannot hold."""
    info = mne.create_info(["C3", "C4", "STI"], 1000 / 3, ["eeg", "eeg", "stim"])
    raw = mne.io.RawArray(RANDOM.normal(size=(3, 4000)) * 1e-5, info, first_samp=17, verbose=False)
    for channel in raw.info["chs"]:
        channel["cal"] = 1e-6
    raw.set_montage(
        mne.channels.make_dig_montage(
            {"C3": [0.1 / 3, 0, 0.09], "C4": [0.07, 0, 0.05]},
            nasion=[0, 0.1, 0],
            lpa=[-0.08, 0, 0],
            rpa=[0.08, 0, 0],
        )
    )
    raw.set_annotations(
        mne.Annotations(
            [0.1, 7.7777777777], [0.3, 0], ["left: hand; now", "rest"], ch_names=[["C3"], []]
        )
    )
    raw.info["bads"] = ["C4"]
    return Recording(raw)


def odd_trials() -> Trials:
    """Five trials with names, labels and times that FIF alone would change."""
    info = mne.create_info(["C3", "C4"], 1000 / 3, "eeg")
    metadata = pd.DataFrame(
        {
            "subject": [f"sub-{number:02d}" for number in range(5)],
            "age": [20.1, 1 / 3, np.nan, 4.0, 5.0],
            "young": [True, False, True, False, True],
            "order": np.arange(5),
        }
    )
    epochs = mne.EpochsArray(
        RANDOM.normal(size=(5, 2, 90)) * 1e-5,
        info,
        events=np.column_stack([np.arange(5) * 100, np.zeros(5), [1, 2, 1, 2, 1]]).astype(int),
        event_id={"left: hand; now": 1, "rest": 2},
        tmin=-0.1,
        baseline=(-0.1, 0.0),
        metadata=metadata,
        verbose=False,
    )
    for channel in epochs.info["chs"]:
        channel["cal"] = 1e-6
    return Trials(epochs)


def two_neurons() -> SpikeTrains:
    """One unit that fires, one that never does, watched in two stretches."""
    watched = nap.IntervalSet(start=[0, 5], end=[2, 9.5])
    units = {3: nap.Ts(np.array([0.1, 1 / 3, 8.0])), 7: nap.Ts(np.array([]))}
    facts = {"area": np.array(["CA1", "CA3"]), "depth": np.array([1 / 3, 2.0])}
    return SpikeTrains(nap.TsGroup(units, time_support=watched, metadata=facts))


def two_series() -> Traces:
    """Two named series of 1.6 Hz, with a fact of each."""
    frame = nap.TsdFrame(
        t=np.arange(50) / 1.6,
        d=RANDOM.normal(size=(50, 2)),
        columns=["AVA", "RIM"],
        metadata={"layer": np.array(["inter", "motor"])},
    )
    return Traces(frame, "z-score")


def scaled_volume() -> Volume:
    """A run of four images stored as whole numbers, with an affine of double precision."""
    affine = np.diag([1 / 3, 2, 2, 1])
    image = nibabel.Nifti1Image(RANDOM.normal(size=(4, 5, 6, 4)), affine)
    image.header.set_zooms((1 / 3, 2, 2, 2.5))
    image.header.set_xyzt_units("mm", "sec")
    return Volume(image)


def tetrahedron() -> Surface:
    """Four corners, four faces, one value a corner."""
    return Surface(
        np.vstack([np.zeros(3), np.eye(3) / 3]),
        np.array([[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]]),
        {"thickness": np.array([1 / 3, 2, 3, np.nan])},
    )


def labelled_pictures() -> ImageStack:
    """Three pictures that hold zeros and 255, with words and truth values beside them."""
    return ImageStack(
        xarray.DataArray(
            np.array([0, 1, 255] * 16, dtype=np.uint8).reshape(3, 4, 4),
            dims=("item", "y", "x"),
            coords={
                "id": ("item", np.array(["a", "b", "ü"], dtype=object)),
                "train": ("item", [True, False, True]),
                "label": ("item", np.array([0, 1, 2], dtype=np.int8)),
            },
            attrs={"unit": "grey value"},
        )
    )


def three_nodes() -> Connectome:
    """A ring of three nodes with places in mm."""
    return Connectome(
        xarray.DataArray(
            np.roll(np.eye(3), 1, axis=1) / 3,
            dims=("source", "target"),
            coords={
                "source": ["a", "b", "c"],
                "target": ["a", "b", "c"],
                "x": ("source", [1, 2, 3.3]),
            },
            name="weight",
        )
    )


def two_points() -> Points:
    """Two cells in a plane."""
    return Points(
        xarray.Dataset(
            {"x": ("point", [0.1, 1 / 3]), "y": ("point", [1.0, np.nan])},
            coords={"label": ("point", ["pyramidal", "basket"])},
            attrs={"unit": "mm"},
        )
    )


def mixed_table() -> Table:
    """Numbers, gaps, truth values, words."""
    return Table(
        pd.DataFrame({"age": [1 / 3, np.nan], "n": [1, 2], "old": [True, False], "who": ["é", "b"]})
    )


def small_model() -> TrainedModel:
    """Weights of several types and shapes."""
    weights = {
        "layer.weight": RANDOM.normal(size=(3, 2)).astype(np.float32).T,
        "bias": np.array(1 / 3),
        "count": np.array([2**40]),
    }
    return TrainedModel(weights, {"n_channels": 3, "rate": 1 / 3, "names": ["a"]}, "train_net")


EXAMPLES = (
    odd_recording, odd_trials, two_neurons, two_series, scaled_volume, tetrahedron,
    labelled_pictures, three_nodes, two_points, mixed_table, small_model, lambda: Text("α\r\nb\n"),
)  # fmt: skip


@pytest.fixture(params=EXAMPLES)
def data(request):
    return request.param()


def back(data, folder):
    data.save(folder)
    return type(data).load(folder)


def test_there_is_an_example_of_every_kind():
    assert {type(make()).__name__ for make in EXAMPLES} == set(KINDS)


def test_what_is_saved_has_the_same_facts_when_loaded(data, tmp_path):
    loaded = back(data, tmp_path)
    assert loaded.summary() == data.summary()
    assert json.dumps(loaded.facts()) == json.dumps(data.facts())
    assert loaded.nbytes() == data.nbytes() > 0
    for what in ("channels", "channel types", "events", "columns", "units", "nodes", "weights"):
        assert loaded.names(what) == data.names(what)


def test_what_is_loaded_can_be_saved_again(data, tmp_path):
    (tmp_path / "once").mkdir()
    (tmp_path / "twice").mkdir()
    again = back(back(data, tmp_path / "once"), tmp_path / "twice")
    assert json.dumps(again.facts()) == json.dumps(data.facts())


def test_facts_name_shape_dimensions_and_unit(data):
    facts = data.facts()
    assert len(facts["shape"]) == len(facts["dimensions"])
    assert facts["unit"]


def test_a_recording_comes_back_bit_for_bit(tmp_path):
    old = odd_recording().raw
    new = back(Recording(old), tmp_path).raw
    assert not new.preload
    np.testing.assert_array_equal(new.get_data(), old.get_data())
    np.testing.assert_array_equal(new.times, old.times)
    np.testing.assert_array_equal(new.annotations.onset, old.annotations.onset)
    assert list(new.annotations.description) == list(old.annotations.description)
    assert list(new.annotations.ch_names) == list(old.annotations.ch_names)
    assert new.first_samp == 17
    assert new.info["bads"] == ["C4"]
    for ours, theirs in zip(new.info["chs"], old.info["chs"], strict=True):
        np.testing.assert_array_equal(ours["loc"], theirs["loc"])


def test_saving_leaves_the_recording_alone(tmp_path):
    old = odd_recording()
    before = old.raw.get_data().copy()
    old.save(tmp_path)
    np.testing.assert_array_equal(old.raw.get_data(), before)
    assert {channel["cal"] for channel in old.raw.info["chs"]} == {1e-6}


def test_a_recording_with_a_date_and_a_crop_keeps_the_times_of_its_events(tmp_path):
    raw = odd_recording().raw.set_meas_date(1_000_000_000.25)
    raw.set_annotations(
        mne.Annotations([3.3333333], [0.1], ["tone"], orig_time=raw.info["meas_date"])
    )
    old = raw.copy().crop(2.0, 9.0)
    new = back(Recording(old), tmp_path).raw
    assert new.annotations.orig_time == old.annotations.orig_time
    np.testing.assert_array_equal(new.annotations.onset, old.annotations.onset)
    events = mne.events_from_annotations(new, verbose=False)[0]
    np.testing.assert_array_equal(events, mne.events_from_annotations(old, verbose=False)[0])


def test_trials_come_back_bit_for_bit(tmp_path):
    old = odd_trials().epochs
    new = back(Trials(old), tmp_path).epochs
    np.testing.assert_array_equal(new.get_data(), old.get_data())
    np.testing.assert_array_equal(new.times, old.times)
    np.testing.assert_array_equal(new.events, old.events)
    assert new.event_id == old.event_id
    assert new.baseline == old.baseline
    pd.testing.assert_frame_equal(new.metadata, old.metadata)


def test_some_of_the_loaded_trials_are_the_same_trials(tmp_path):
    old = odd_trials().epochs
    new = back(Trials(old), tmp_path).epochs
    np.testing.assert_array_equal(new["rest"].get_data(), old["rest"].get_data())
    np.testing.assert_array_equal(new["young"].get_data(), old["young"].get_data())


def test_a_projection_that_is_off_stays_off(tmp_path):
    raw = odd_recording().raw.set_eeg_reference(projection=True, verbose=False)
    epochs = mne.make_fixed_length_epochs(raw, 1.0, proj=False, verbose=False)
    new = back(Trials(epochs), tmp_path).epochs
    np.testing.assert_array_equal(new.get_data(), epochs.get_data())


def test_long_signals_are_split_and_come_back_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("neurostudio.data.recording.SPLIT", "2MB")
    monkeypatch.setattr("neurostudio.data.trials.SPLIT", "2MB")
    info = mne.create_info(4, 100.0, "eeg")
    raw = mne.io.RawArray(RANDOM.normal(size=(4, 100_000)), info, verbose=False)
    epochs = mne.make_fixed_length_epochs(raw, 10.0, verbose=False)
    for data in (Recording(raw), Trials(epochs)):
        folder = tmp_path / type(data).__name__
        folder.mkdir()
        payload = "raw" if isinstance(data, Recording) else "epochs"
        new = getattr(back(data, folder), payload)
        assert len(list(folder.glob("*.fif"))) > 1
        np.testing.assert_array_equal(new.get_data(), getattr(data, payload).get_data())


def test_spikes_come_back_with_silent_units_and_gaps(tmp_path):
    old = two_neurons().units
    new = back(SpikeTrains(old), tmp_path).units
    assert list(new.keys()) == [3, 7]
    np.testing.assert_array_equal(new[3].index.values, old[3].index.values)
    assert len(new[7]) == 0
    np.testing.assert_array_equal(new.time_support.values, old.time_support.values)
    assert list(new["area"]) == ["CA1", "CA3"]
    np.testing.assert_array_equal(new["rate"], old["rate"])


def test_traces_come_back_with_names_and_facts(tmp_path):
    old = two_series().frame
    new = back(Traces(old, "z-score"), tmp_path).frame
    np.testing.assert_array_equal(new.values, old.values)
    np.testing.assert_array_equal(new.index.values, old.index.values)
    assert list(new.columns) == ["AVA", "RIM"]
    assert list(new["layer"]) == ["inter", "motor"]


@pytest.mark.parametrize("dtype", [np.int16, np.uint8, np.float32, np.float64, np.int64])
def test_a_volume_keeps_its_numbers_and_its_affine(tmp_path, dtype):
    affine = np.diag([1 / 3, 2, 2, 1])
    values = (RANDOM.normal(size=(3, 4, 5)) * 50).astype(dtype)
    image = nibabel.Nifti1Image(values, affine, dtype=dtype)
    new = back(Volume(image), tmp_path).image
    np.testing.assert_array_equal(np.asarray(new.dataobj), values)
    assert new.get_data_dtype() == dtype
    np.testing.assert_array_equal(new.affine, affine)


def test_a_volume_that_is_stored_scaled_keeps_its_values(tmp_path):
    image = nibabel.Nifti1Image(RANDOM.normal(size=(3, 4, 5)), np.eye(4))
    image.set_data_dtype(np.int16)
    nibabel.save(image, tmp_path / "scaled.nii.gz")
    scaled = nibabel.load(tmp_path / "scaled.nii.gz")
    (tmp_path / "out").mkdir()
    new = back(Volume(scaled), tmp_path / "out").image
    np.testing.assert_array_equal(np.asarray(new.dataobj), np.asarray(scaled.dataobj))
    assert new.get_data_dtype() == np.int16


def test_a_volume_says_its_repetition_time_and_orientation():
    facts = scaled_volume().facts()
    assert facts["repetition time (s)"] == 2.5
    assert facts["orientation"] == "RAS"
    assert facts["duration (s)"] == 10.0


def test_pictures_keep_zeros_words_and_truth_values(tmp_path):
    old = labelled_pictures().array
    new = back(ImageStack(old), tmp_path).array
    np.testing.assert_array_equal(new.values, old.values)
    assert new.dtype == np.uint8
    assert list(new["id"].values) == ["a", "b", "ü"]
    assert new["train"].dtype == bool
    assert new["label"].dtype == np.int8


def test_no_pickled_object_is_written_for_words(tmp_path):
    labelled_pictures().save(tmp_path)
    assert not any(b"pickle" in path.read_bytes() for path in tmp_path.rglob(".z*"))


def test_a_connectome_keeps_names_places_and_its_own_name(tmp_path):
    old = three_nodes().matrix
    new = back(Connectome(old), tmp_path).matrix
    xarray.testing.assert_identical(new.load(), old)
    assert Connectome(new).names("nodes") == ("a", "b", "c")
    assert Connectome(new).facts()["directed"] is True


def test_points_keep_gaps(tmp_path):
    old = two_points().table
    xarray.testing.assert_equal(back(Points(old), tmp_path).table.load(), old)


def test_a_table_comes_back_with_its_types(tmp_path):
    old = mixed_table().frame
    pd.testing.assert_frame_equal(back(Table(old), tmp_path).frame, old)


def test_a_mesh_comes_back_bit_for_bit(tmp_path):
    old = tetrahedron()
    new = back(old, tmp_path)
    np.testing.assert_array_equal(new.vertices, old.vertices)
    np.testing.assert_array_equal(new.faces, old.faces)
    np.testing.assert_array_equal(new.scalars["thickness"], old.scalars["thickness"])


def test_a_model_comes_back_with_types_and_shapes(tmp_path):
    old = small_model()
    new = back(old, tmp_path)
    assert new.config == old.config
    for name, array in old.weights.items():
        np.testing.assert_array_equal(new.weights[name], array)
        assert new.weights[name].dtype == array.dtype


def test_words_keep_their_line_ends(tmp_path):
    assert back(Text("α\r\nb\n"), tmp_path).text == "α\r\nb\n"
