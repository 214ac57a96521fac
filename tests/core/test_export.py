"""Data leave the program and come back by the libraries that own the formats."""

from __future__ import annotations

import datetime

import mne
import nibabel
import numpy as np
import pandas as pd
import pynapple as nap
import pytest
import xarray

import neurostudio as ns
from neurostudio.data import (
    Connectome,
    ImageStack,
    Points,
    Recording,
    SpikeTrains,
    Surface,
    Table,
    Text,
    Traces,
    Trials,
    Volume,
)
from neurostudio.errors import BadInput, NotEnough
from neurostudio.testing import assert_same
from neurostudio.writers import export, writers_of

DATE = datetime.datetime(2021, 5, 6, 7, 8, 9, tzinfo=datetime.UTC)


def recording(n_times=1000, rate=250.0, date=DATE, crop=0.0):
    """Two EEG channels, one eye channel, a trigger line; a bad channel; three annotations."""
    noise = np.random.default_rng(1).normal(0, 2e-5, (4, n_times))
    noise[3] = np.arange(n_times) % 7
    info = mne.create_info(["Fz", "Cz", "eye", "STI"], rate, ["eeg", "eeg", "eog", "stim"])
    raw = mne.io.RawArray(noise, info, verbose="ERROR")
    raw.set_montage("standard_1020", on_missing="ignore", verbose="ERROR")
    raw.set_meas_date(date)
    marks = mne.Annotations([1.0, 2.0, 2.5], [0.0, 0.5, 0.1], ["tone", "BAD_jump", "tone"], date)
    raw.set_annotations(marks, verbose="ERROR")
    raw.info["bads"] = ["Cz"]
    return Recording(raw.crop(crop) if crop else raw)


def trials():
    rng = np.random.default_rng(2)
    info = mne.create_info(["Fz", "Cz"], 100.0, "eeg")
    events = np.column_stack([np.arange(4) * 100, np.zeros(4, int), [1, 2, 1, 2]])
    epochs = mne.EpochsArray(
        rng.normal(0, 1e-5, (4, 2, 50)),
        info,
        events,
        -0.1,
        {"left": 1, "right": 2},
        verbose="ERROR",
    )
    epochs.metadata = pd.DataFrame({"score": [0.1, 0.2, 0.3, 0.4]})
    return Trials(epochs)


def assert_marks(raw, onsets=(1.0, 2.0, 2.5), atol=1e-6):
    marks = raw.annotations
    np.testing.assert_allclose(np.array(marks.onset) - raw.first_time, onsets, atol=atol)
    words = [str(each).removeprefix("Comment/") for each in marks.description]
    assert words == ["tone", "BAD_jump", "tone"][-len(onsets) :]


@pytest.mark.parametrize(("suffix", "bits"), [("edf", 16), ("bdf", 24)])
def test_edf_keeps_samples_to_its_bits_and_says_what_it_loses(tmp_path, suffix, bits):
    made = recording()
    done = export(made, tmp_path / f"out.{suffix}")
    raw = getattr(mne.io, f"read_raw_{suffix}")(done.files[0], verbose="ERROR")
    step = 2 * 1.2e-4 / 2**bits  # no value is above 120 µV
    assert raw.info["sfreq"] == 250.0
    assert raw.ch_names == ["Fz", "Cz", "eye", "STI"]
    assert raw.info["meas_date"] == DATE
    np.testing.assert_allclose(raw.get_data()[:3], made.raw.get_data()[:3], rtol=0, atol=step)
    np.testing.assert_array_equal(raw.get_data()[3], made.raw.get_data()[3])
    assert_marks(raw)
    said = " ".join(done.notes)
    assert f"{bits} bits a sample" in said
    assert "no bad channels: Cz" in said
    assert "eog, stim may come back as EEG" in said


@pytest.mark.parametrize(("n_times", "rate"), [(1009, 250.0), (1000, 678.17), (7, 100.0)])
def test_edf_holds_any_length_and_rate_and_says_so_where_it_rounds(tmp_path, n_times, rate):
    raw = recording(n_times, rate).raw
    raw.set_annotations(None)
    done = export(Recording(raw), tmp_path / "out.edf")
    read = mne.io.read_raw_edf(done.files[0], verbose="ERROR")
    assert read.info["sfreq"] == pytest.approx(rate, rel=1e-5)
    assert read.n_times >= n_times
    np.testing.assert_allclose(read.get_data()[0][:n_times], raw.get_data()[0], atol=5e-9)
    added = read.n_times - n_times
    assert any(f"{added} samples were added" in each for each in done.notes) == (added > 0)
    assert (read.info["sfreq"] == rate) != any("rounds the rate" in each for each in done.notes)


def test_edf_refuses_gaps_and_magnetic_fields_with_advice(tmp_path):
    raw = recording().raw
    raw._data[1, 5] = np.nan
    with pytest.raises(BadInput, match="Cz has values that are missing"):
        export(Recording(raw), tmp_path / "out.edf")
    fields = mne.io.RawArray(np.ones((1, 9)), mne.create_info(["M"], 9.0, "mag"), verbose="ERROR")
    with pytest.raises(BadInput, match=r"type mag\. Export as FIF"):
        export(Recording(fields), tmp_path / "out.edf")
    assert list(tmp_path.iterdir()) == []


def test_edf_shortens_long_names_without_making_two_alike(tmp_path):
    info = mne.create_info([f"a very long channel {k}" for k in range(3)], 100.0, "eeg")
    made = Recording(mne.io.RawArray(np.ones((3, 100)) * 1e-6, info, verbose="ERROR"))
    done = export(made, tmp_path / "out.edf")
    names = mne.io.read_raw_edf(done.files[0], verbose="ERROR").ch_names
    assert names == ["a very long chan", "a very long ch_2", "a very long ch_3"]
    assert any("changed: a very long channel 0 to a very long chan" in n for n in done.notes)


@pytest.mark.parametrize("crop", [0.0, 1.5])
def test_fif_keeps_every_bit_bad_channels_and_annotations(tmp_path, crop):
    made = recording(crop=crop)
    done = export(made, tmp_path / "out_raw.fif")
    raw = mne.io.read_raw_fif(done.files[0], verbose="ERROR")
    np.testing.assert_array_equal(raw.get_data(), made.raw.get_data())
    assert raw.info["bads"] == ["Cz"]
    assert raw.get_channel_types() == ["eeg", "eeg", "eog", "stim"]
    assert_marks(raw, [each - crop for each in (1.0, 2.0, 2.5) if each >= crop])


@pytest.mark.parametrize("crop", [0.0, 1.5])
def test_eeglab_keeps_samples_annotations_and_names(tmp_path, crop):
    from scipy.io import loadmat

    made = recording(crop=crop)
    done = export(made, tmp_path / "out.set")
    raw = mne.io.read_raw_eeglab(done.files[0], verbose="ERROR")
    held = loadmat(done.files[0])["data"]
    np.testing.assert_allclose(held, made.raw.get_data() * 1e6, rtol=1e-15)
    np.testing.assert_allclose(raw.get_data(), made.raw.get_data(), rtol=1e-7)  # read in 32 bits
    assert raw.ch_names == made.raw.ch_names
    assert raw.info["sfreq"] == 250.0
    assert_marks(raw, [each - crop for each in (1.0, 2.0, 2.5) if each >= crop])
    assert "EEGLAB holds no bad channels: Cz." in done.notes


@pytest.mark.parametrize("crop", [0.0, 1.5])
def test_brainvision_writes_three_files_that_belong_together(tmp_path, crop):
    made = recording(crop=crop)
    done = export(made, tmp_path / "out.vhdr")
    assert sorted(each.name for each in done.files) == ["out.eeg", "out.vhdr", "out.vmrk"]
    raw = mne.io.read_raw_brainvision(done.files[0], verbose="ERROR")
    np.testing.assert_allclose(raw.get_data(), made.raw.get_data(), rtol=1e-6, atol=1e-14)
    assert raw.ch_names == made.raw.ch_names
    raw.annotations.delete([k for k, d in enumerate(raw.annotations.description) if "New" in d])
    assert_marks(raw, [each - crop for each in (1.0, 2.0, 2.5) if each >= crop], atol=1 / 250)
    assert any("seven digits" in each for each in done.notes)


def test_csv_has_units_in_its_headings_and_numbers_in_full(tmp_path):
    made = recording()
    done = export(made, tmp_path / "out.csv")
    frame = pd.read_csv(done.files[0])
    assert list(frame) == ["time (s)", "Fz (V)", "Cz (V)", "eye (V)", "STI"]
    np.testing.assert_array_equal(frame.to_numpy()[:, 1:].T, made.raw.get_data())
    marks = pd.read_csv(tmp_path / "out_annotations.csv")
    assert list(marks["onset (s)"]) == [1.0, 2.0, 2.5]
    channels = pd.read_csv(tmp_path / "out_channels.csv")
    assert list(channels["status"]) == ["good", "bad", "good", "good"]


def test_nwb_of_a_recording_keeps_all_and_opens_here_too(tmp_path):
    import pynwb

    made = recording()
    done = export(made, tmp_path / "out.nwb")
    with pynwb.NWBHDF5IO(str(done.files[0]), "r") as stream:
        file = stream.read()
        series = file.acquisition["signals"]
        np.testing.assert_array_equal(series.data[:].T, made.raw.get_data()[:3])
        assert series.rate == 250.0
        assert list(file.electrodes["channel_name"][:]) == ["Fz", "Cz", "eye", "STI"]
        assert list(file.electrodes["bad"][:]) == [False, True, False, False]
        assert list(file.intervals["annotations"]["label"][:]) == ["tone", "BAD_jump", "tone"]
        assert list(file.intervals["annotations"]["start_time"][:]) == [1.0, 2.0, 2.5]
    traces = ns.open(done.files[0], "signals")
    assert list(traces.frame.columns) == ["Fz", "Cz", "eye"]
    assert traces.unit == "V"


def test_trials_come_back_from_fif_with_events_and_columns(tmp_path):
    made = trials()
    done = export(made, tmp_path / "out_epo.fif")
    read = ns.open(done.files[0])
    assert_same(made, read)
    assert read.epochs.event_id == {"left": 1, "right": 2}


def test_trials_come_back_from_eeglab_with_their_events(tmp_path):
    made = trials()
    done = export(made, tmp_path / "out.set")
    read = mne.read_epochs_eeglab(done.files[0], verbose="ERROR")
    np.testing.assert_allclose(read.get_data(), made.epochs.get_data(copy=True), rtol=1e-12)
    assert read.tmin == pytest.approx(-0.1)
    words = {code: name for name, code in read.event_id.items()}
    assert [words[code] for code in read.events[:, 2]] == ["left", "right", "left", "right"]
    assert "The columns of the trials are left out: score." in done.notes


def test_trials_as_csv_have_a_row_a_sample(tmp_path):
    done = export(trials(), tmp_path / "out.csv")
    frame = pd.read_csv(done.files[0])
    assert list(frame) == ["trial", "event", "time (s)", "Fz (V)", "Cz (V)"]
    assert len(frame) == 4 * 50
    first = trials().epochs.get_data(copy=True)[1, 0]
    np.testing.assert_array_equal(frame[frame["trial"] == 1]["Fz (V)"], first)
    assert list(pd.read_csv(tmp_path / "out_trials.csv")["score"]) == [0.1, 0.2, 0.3, 0.4]


def test_spikes_and_traces_come_back(tmp_path):
    second = nap.IntervalSet(0.0, 1.0)
    units = nap.TsGroup(
        {
            1: nap.Ts(np.array([0.1, 0.25]), time_support=second),
            7: nap.Ts([0.5], time_support=second),
        },
        time_support=second,
        metadata={"area": ["CA1", "CA3"]},
    )
    export(SpikeTrains(units), tmp_path / "spikes.csv")
    frame = pd.read_csv(tmp_path / "spikes.csv")
    assert frame.to_numpy().tolist() == [[1, 0.1], [1, 0.25], [7, 0.5]]
    assert list(pd.read_csv(tmp_path / "spikes_units.csv")["area"]) == ["CA1", "CA3"]
    export(SpikeTrains(units), tmp_path / "spikes.nwb")
    assert ns.open(tmp_path / "spikes.nwb", "units").summary().startswith("2 units, 3 spikes")
    series = nap.TsdFrame(t=np.arange(3) / 2, d=np.eye(3), columns=["a", "b", "c"])
    export(Traces(series, "mV"), tmp_path / "traces.csv")
    frame = pd.read_csv(tmp_path / "traces.csv")
    assert list(frame) == ["time (s)", "a (mV)", "b (mV)", "c (mV)"]
    np.testing.assert_array_equal(frame.to_numpy()[:, 1:], np.eye(3))
    export(Traces(series, "mV"), tmp_path / "traces.nwb")
    read = ns.open(tmp_path / "traces.nwb", "traces")
    np.testing.assert_array_equal(read.frame.values, np.eye(3))
    assert list(read.frame.columns) == ["a", "b", "c"]
    assert read.unit == "mV"


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_a_volume_comes_back_with_its_place(tmp_path, suffix):
    values = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    made = Volume(nibabel.Nifti1Image(values, np.diag([2.0, 2.0, 3.0, 1.0])))
    export(made, tmp_path / f"out{suffix}")
    read = nibabel.load(tmp_path / f"out{suffix}")
    np.testing.assert_array_equal(np.asarray(read.dataobj), values)
    np.testing.assert_array_equal(read.affine, made.image.affine)


def test_a_surface_comes_back_in_32_bits_and_says_so(tmp_path):
    vertices = np.array([[0.1, 0, 0], [1, 0, 0], [0, 1, 0]])
    made = Surface(vertices, np.array([[0, 1, 2]]), {"depth": np.array([1.0, 2.0, 3.0])})
    done = export(made, tmp_path / "out.surf.gii")
    read = nibabel.load(done.files[0])
    np.testing.assert_array_equal(read.darrays[0].data, np.float32(vertices))
    assert done.notes == ("GIFTI holds vertices and values in 32 bits.",)


def test_a_connectome_comes_back_from_all_three_formats(tmp_path):
    import networkx

    values = np.array([[0.0, 0.5, 0], [0, 0, 2.0], [1.0, 0, 0]])
    coords = {"source": list("abc"), "target": list("abc"), "kind": ("source", ["x", "y", "x"])}
    made = Connectome(xarray.DataArray(values, dims=("source", "target"), coords=coords))
    export(made, tmp_path / "out.graphml")
    graph = networkx.read_graphml(tmp_path / "out.graphml")
    assert {(a, b): w for a, b, w in graph.edges(data="weight")} == {
        ("a", "b"): 0.5,
        ("b", "c"): 2.0,
        ("c", "a"): 1.0,
    }
    assert graph.nodes["b"]["kind"] == "y"
    export(made, tmp_path / "out.csv")
    np.testing.assert_array_equal(pd.read_csv(tmp_path / "out.csv", index_col=0), values)
    export(made, tmp_path / "out.npz")
    with np.load(tmp_path / "out.npz", allow_pickle=False) as read:
        np.testing.assert_array_equal(read["matrix"], values)
        assert list(read["node"]) == ["a", "b", "c"]


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet"])
def test_a_table_comes_back(tmp_path, suffix):
    frame = pd.DataFrame({"name": ["a", "b"], "value": [0.1, 1 / 3]})
    export(Table(frame), tmp_path / f"out.{suffix}")
    pd.testing.assert_frame_equal(ns.open(tmp_path / f"out.{suffix}").frame, frame)


def test_pictures_become_a_folder_of_png_with_labels(tmp_path):
    from PIL import Image

    values = np.arange(2 * 4 * 5, dtype=np.uint8).reshape(2, 4, 5)
    coords = {"label": ("item", ["cat", "dog"])}
    made = ImageStack(xarray.DataArray(values, dims=("item", "y", "x"), coords=coords))
    export(made, tmp_path / "pictures")
    np.testing.assert_array_equal(
        np.asarray(Image.open(tmp_path / "pictures/000001.png")), values[1]
    )
    assert list(pd.read_csv(tmp_path / "pictures/labels.csv")["label"]) == ["cat", "dog"]
    export(made, tmp_path / "pictures.npz")
    with np.load(tmp_path / "pictures.npz", allow_pickle=False) as read:
        np.testing.assert_array_equal(read["images"], values)
    assert ns.open(tmp_path / "pictures").summary() == "2 pictures of 4 x 5"
    with pytest.raises(BadInput, match="is a folder that is there already"):
        export(made, tmp_path / "pictures", overwrite=True)


def test_points_and_words_are_written(tmp_path):
    table = xarray.Dataset({"x": ("point", [1.0, 2.0]), "label": ("point", ["a", "b"])})
    export(Points(table), tmp_path / "points.csv")
    assert pd.read_csv(tmp_path / "points.csv").to_numpy().tolist() == [[1.0, "a"], [2.0, "b"]]
    export(Text("grün\n"), tmp_path / "words.txt")
    assert (tmp_path / "words.txt").read_bytes() == "grün\n".encode()


def test_nothing_is_written_over_without_being_told_to(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("old")
    with pytest.raises(BadInput, match=r"words\.txt in .* is there already"):
        export(Text("new"), path)
    assert path.read_text() == "old"
    export(Text("new"), path, overwrite=True)
    assert path.read_text() == "new"


def test_a_companion_file_is_not_written_over_either(tmp_path):
    (tmp_path / "out.eeg").write_text("precious")
    with pytest.raises(BadInput, match=r"out\.eeg"):
        export(recording(), tmp_path / "out.vhdr")
    assert [each.name for each in tmp_path.iterdir()] == ["out.eeg"]


def test_a_suffix_that_does_not_fit_is_answered_with_those_that_do(tmp_path):
    with pytest.raises(BadInput, match=r"Recording cannot be written as 'out\.png'.*\.edf \(EDF\)"):
        export(recording(), tmp_path / "out.png")


def test_what_cannot_fit_into_memory_is_refused_before_anything_is_written(tmp_path, monkeypatch):
    import psutil

    class Little:
        available = 1000

    monkeypatch.setattr(psutil, "virtual_memory", Little)
    with pytest.raises(NotEnough, match=r"EEGLAB is written from memory.*FIF, NWB or CSV"):
        export(recording(), tmp_path / "out.set")
    assert list(tmp_path.iterdir()) == []


def test_an_export_cut_off_leaves_nothing_behind(tmp_path, monkeypatch):
    def fail(self, path, **options):
        path.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mne.io.RawArray, "save", fail)
    with pytest.raises(NotEnough, match="No space left on device"):
        export(recording(), tmp_path / "out_raw.fif")
    assert list(tmp_path.iterdir()) == []


def test_every_kind_but_models_has_a_format():
    from neurostudio.data import KINDS

    assert {kind for kind in KINDS if not writers_of(kind)} == {"TrainedModel"}


def test_the_command_line_exports_and_says_what_is_lost(tmp_path):
    from typer.testing import CliRunner

    from neurostudio.cli import app

    recording().raw.save(tmp_path / "in_raw.fif", verbose="ERROR")
    arguments = ["export", str(tmp_path / "in_raw.fif"), str(tmp_path / "out.edf")]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "out.edf (EDF)" in done.output
    assert "EDF holds no bad channels: Cz." in done.output
    again = CliRunner().invoke(app, arguments)
    assert again.exit_code == 1
    assert "is there already" in again.output
