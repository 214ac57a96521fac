"""Files of every format open as the right kind, with the right numbers in SI units."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from neurostudio.errors import UnreadableFile
from neurostudio.readers import formats, look, read

from . import files


@pytest.mark.parametrize("make", files.MAKERS, ids=lambda make: make.__name__)
def test_every_format_opens_as_its_kind_and_survives_a_session(make, tmp_path):
    kind, part = files.MAKERS[make]
    path = make(tmp_path)
    assert (part, kind) in {(one.name, one.kind) for one in look(path)}
    data = read(path, part)
    assert type(data).__name__ == kind
    (tmp_path / "saved").mkdir()
    data.save(tmp_path / "saved")
    loaded = type(data).load(tmp_path / "saved")
    assert json.dumps(loaded.facts()) == json.dumps(data.facts())


def test_importing_the_readers_imports_no_heavy_library():
    code = (
        "import sys, neurostudio.readers; "
        "print([m for m in ('mne','pandas','scipy','nibabel','xarray','pynapple') if m in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"


def test_formats_name_a_kind_and_how_files_end():
    assert ".edf" in {suffix for one in formats() for suffix in one.suffixes}
    assert all(one.kind for one in formats())


@pytest.mark.parametrize("make", [files.edf, files.fif, files.eeglab, files.brainvision])
def test_microvolts_become_volts(make, tmp_path):
    raw = read(make(tmp_path)).raw
    assert not raw.preload or raw.filenames[0].suffix == ".set"
    np.testing.assert_allclose(raw.get_data()[0, :60], np.r_[0:50, 0:10] * 1e-6, atol=1e-12)
    assert raw.info["sfreq"] == 100.0


def test_an_eeglab_recording_survives_saving_bit_for_bit(tmp_path):
    data = read(files.eeglab(tmp_path))
    data.save(tmp_path)
    np.testing.assert_array_equal(type(data).load(tmp_path).raw.get_data(), data.raw.get_data())


def test_marks_become_annotations(tmp_path):
    raw = read(files.brainvision(tmp_path)).raw
    assert raw.annotations.onset[-1] == 1.0


def test_averages_are_trials_named_by_their_comments(tmp_path):
    epochs = read(files.averages_fif(tmp_path)).epochs
    assert list(epochs.metadata["event"]) == ["left", "right"]
    assert epochs.get_data().shape == (2, 2, 100)


def test_a_covariance_says_that_it_holds_no_signals(tmp_path):
    with pytest.raises(UnreadableFile, match=r"noise covariance, which holds no signals"):
        read(files.covariance_fif(tmp_path))


def test_what_stands_in_a_fif_file_decides_and_not_its_name(tmp_path):
    path = files.epochs_fif(tmp_path).rename(tmp_path / "misnamed_raw.fif.gz")
    assert type(read(path)).__name__ == "Trials"


def test_an_unnamed_part_of_several_is_an_error_that_lists_them(tmp_path):
    with pytest.raises(UnreadableFile, match=r"2 parts: weights, scores"):
        read(files.npz(tmp_path))


def test_a_part_that_is_not_there_is_an_error_that_lists_those_that_are(tmp_path):
    with pytest.raises(UnreadableFile, match=r"no part named 'weight'. There are: weights, scores"):
        read(files.npz(tmp_path), "weight")


def test_units_keep_their_facts_and_series_their_unit(tmp_path):
    units = read(files.units_nwb(tmp_path), "units").units
    assert list(units["area"]) == ["CA1", "CA3"]
    assert read(files.traces_nwb(tmp_path), "traces").unit == "V"


def test_a_volume_knows_its_voxels_and_its_times(tmp_path):
    facts = read(files.nifti_gz(tmp_path)).facts()
    assert facts["voxel size (mm)"] == [2.0, 2.0, 2.0]
    assert facts["repetition time (s)"] == 2.5
    assert facts["orientation"] == "RAS"


def test_thickness_lies_on_the_mesh_beside_it(tmp_path):
    files.freesurfer(tmp_path)
    surface = read(files.thickness(tmp_path))
    np.testing.assert_array_equal(surface.scalars["thickness"], [0, 1, 2, 3])


def test_decimal_commas_and_gaps_are_understood(tmp_path):
    frame = read(files.table(tmp_path)).frame
    assert list(frame["name"]) == ["Änne", "Bo"]
    assert frame["age"][0] == 20.5
    assert np.isnan(frame["age"][1])


def test_a_square_table_is_offered_as_a_connectome_and_as_a_table(tmp_path):
    path = files.matrix(tmp_path)
    assert [part.name for part in look(path)] == ["connectome", "table"]
    matrix = read(path, "connectome").matrix
    np.testing.assert_array_equal(matrix, files.SQUARE)
    assert list(matrix["source"].values) == ["a", "b", "c"]


def test_a_matrix_without_names_is_not_robbed_of_its_first_row(tmp_path):
    path = tmp_path / "bare.csv"
    np.savetxt(path, files.SQUARE, delimiter=",")
    np.testing.assert_array_equal(read(path, "connectome").matrix, files.SQUARE)


def test_edges_become_weights_from_source_to_target(tmp_path):
    matrix = read(files.graphml(tmp_path)).matrix
    assert float(matrix.sel(source="a", target="b")) == 0.5
    assert float(matrix.sel(source="b", target="a")) == 0.0
    assert list(matrix["kind"].values) == ["excitatory", ""]


def test_a_column_of_numbers_is_a_table_whose_rate_is_not_stated(tmp_path):
    data = read(files.numbers(tmp_path))
    assert list(data.frame["value"]) == [1.5, -2.5, 3.0]
    assert data.facts()["rate (Hz)"] == "not stated"


def test_a_sound_has_its_rate(tmp_path):
    data = read(files.sound(tmp_path))
    assert data.facts()["rate (Hz)"] == 8000.0
    np.testing.assert_allclose(data.frame.to_numpy()[:, 0], 0.5)


def test_frames_of_a_tiff_are_items(tmp_path):
    array = read(files.tiff(tmp_path)).array
    assert list(array.to_numpy()[:, 0, 0]) == [1, 2]


def test_an_unknown_suffix_is_recognised_by_the_content(tmp_path):
    path = files.picture(tmp_path).rename(tmp_path / "picture.unknown")
    assert type(read(path)).__name__ == "ImageStack"


def test_what_cannot_be_recognised_says_what_can_be_opened(tmp_path):
    path = tmp_path / "thing.xyz"
    path.write_bytes(b"\x01\x02\x03\x04")
    with pytest.raises(UnreadableFile, match=r"Can be opened: .*EDF"):
        look(path)


def test_a_file_that_belongs_to_another_points_to_it(tmp_path):
    path = tmp_path / "samples.fdt"
    path.write_bytes(b"1234")
    with pytest.raises(UnreadableFile, match=r"Open the .set file"):
        look(path)


def picture_folder(folder, **names):
    folder.mkdir()
    for name, size in names.items():
        files.picture(folder, f"{name}.png", size)
    return folder


def test_a_folder_of_pictures_opens_with_its_labels_by_file_name(tmp_path):
    folder = picture_folder(tmp_path / "animals", a=(6, 4), b=(6, 4))
    (folder / "labels.csv").write_text("file,animal\nb.png,dog\na.png,cat\n")
    array = read(folder).array
    assert list(array["id"].values) == ["a.png", "b.png"]
    assert list(array["animal"].values) == ["cat", "dog"]
    np.testing.assert_array_equal(array.to_numpy()[1], np.arange(24).reshape(4, 6))
    np.testing.assert_array_equal(array[1, 2:, 3].values, [15, 21])


def test_folders_in_a_folder_are_classes(tmp_path):
    top = tmp_path / "animals"
    top.mkdir()
    picture_folder(top / "cat", a=(6, 4))
    picture_folder(top / "dog", a=(6, 4))
    assert list(read(top).array["label"].values) == ["cat", "dog"]


def test_pictures_of_two_sizes_are_refused_with_both_sizes(tmp_path):
    folder = picture_folder(tmp_path / "animals", a=(6, 4), b=(5, 5))
    with pytest.raises(UnreadableFile, match=r"6 x 4 pixels, b.png 5 x 5"):
        look(folder)


def test_a_picture_that_the_labels_do_not_name_is_an_error(tmp_path):
    folder = picture_folder(tmp_path / "animals", a=(6, 4), b=(6, 4))
    (folder / "labels.csv").write_text("file,animal\na.png,cat\n")
    with pytest.raises(UnreadableFile, match=r"does not name: b.png"):
        look(folder)


def test_labels_of_mnist_join_the_pictures(tmp_path):
    path = files.idx(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(
        gzip.compress(b"\0\0\x08\x01\0\0\0\x02\x07\x02")
    )
    array = read(path).array
    assert list(array["label"].values) == [7, 2]
    assert array.to_numpy()[1, 2, 2] == 17


def test_a_folder_of_files_lists_them_with_their_parts(tmp_path):
    files.npz(tmp_path)
    files.sound(tmp_path)
    assert {part.name for part in look(tmp_path)} == {
        "tone.wav",
        "two.npz/weights",
        "two.npz/scores",
    }
    assert read(tmp_path, "two.npz/scores").facts()["shape"] == [4, 1]


def test_a_trained_model_opens_by_its_folder(tmp_path):
    from neurostudio.data import TrainedModel

    TrainedModel({"w": np.ones(2)}, {"rate": 100}, "train").save(tmp_path)
    assert read(tmp_path).method == "train"
    assert read(tmp_path / "weights.safetensors").config == {"rate": 100}


def data_set(folder, participants="participant_id\tgroup\nsub-01\tpatient\nsub-02\tcontrol\n"):
    """Two subjects with four trials each; the second counts its events the other way round."""
    (folder / "participants.tsv").write_text(participants)
    for subject, codes in (("01", {"left": 1, "right": 2}), ("02", {"right": 1, "left": 2})):
        place = folder / f"sub-{subject}" / "eeg"
        place.mkdir(parents=True)
        epochs = files.epochs_of(files.two_channels(), codes, order=[0, 1, 2, 3])
        epochs.save(place / f"sub-{subject}_task-tap_epo.fif", verbose="ERROR")
    return folder


def test_all_subjects_trials_open_as_one_with_what_is_known_of_each(tmp_path):
    epochs = read(data_set(tmp_path), "trials").epochs
    assert epochs.get_data().shape == (8, 2, 100)
    assert list(epochs.metadata["subject"]) == ["sub-01"] * 4 + ["sub-02"] * 4
    assert list(epochs.metadata["group"]) == ["patient"] * 4 + ["control"] * 4
    assert list(epochs.metadata["event"]) == ["left", "right"] * 2 + ["right", "left"] * 2
    assert list(epochs.metadata["order"]) == [0, 1, 2, 3] * 2
    names = {code: name for name, code in epochs.event_id.items()}
    assert [names[code] for code in epochs.events[:, 2]] == list(epochs.metadata["event"])


def test_a_data_set_lists_participants_trials_and_files(tmp_path):
    names = [part.name for part in look(data_set(tmp_path))]
    assert names == ["participants", "trials", "sub-01_task-tap_epo", "sub-02_task-tap_epo"]


def test_participants_are_joined_by_key_and_not_by_row(tmp_path):
    turned = "participant_id\tgroup\nsub-02\tcontrol\nsub-03\tcontrol\nsub-01\tpatient\n"
    frame = read(data_set(tmp_path, turned), "trials").epochs.metadata
    assert set(frame["group"][frame["subject"] == "sub-01"]) == {"patient"}


def test_a_subject_without_a_row_is_an_error_that_names_it(tmp_path):
    folder = data_set(tmp_path, "participant_id\tgroup\nsub-01\tpatient\n")
    with pytest.raises(UnreadableFile, match=r"no row for sub-02"):
        read(folder, "trials")


def test_a_participant_named_twice_is_an_error_that_names_it(tmp_path):
    folder = data_set(tmp_path, "participant_id\tgroup\nsub-01\ta\nsub-01\tb\nsub-02\tc\n")
    with pytest.raises(UnreadableFile, match=r"names sub-01 more than once"):
        read(folder, "trials")


def test_subjects_with_other_channels_are_an_error_that_names_the_file(tmp_path):
    folder = data_set(tmp_path)
    path = folder / "sub-02" / "eeg" / "sub-02_task-tap_epo.fif"
    epochs = files.epochs_of(files.two_channels().pick(["C3"]), {"left": 1})
    epochs.save(path, overwrite=True, verbose="ERROR")
    with pytest.raises(UnreadableFile, match=r"sub-02_task-tap_epo.fif .* differ in channels: C4"):
        read(folder, "trials")


def test_a_recording_of_a_data_set_takes_events_and_channels_from_beside_it(tmp_path):
    (tmp_path / "participants.tsv").write_text("participant_id\nsub-01\n")
    place = tmp_path / "sub-01" / "eeg"
    place.mkdir(parents=True)
    files.edf(place).rename(place / "sub-01_task-tap_eeg.edf")
    channels = {"name": ["C3", "C4"], "type": ["EEG", "EOG"], "status": ["good", "bad"]}
    pd.DataFrame(channels).to_csv(place / "sub-01_task-tap_channels.tsv", sep="\t", index=False)
    events = {"onset": [0.5, 2.0], "duration": [0.0, 1.0], "trial_type": ["left", "right"]}
    pd.DataFrame(events).to_csv(place / "sub-01_task-tap_events.tsv", sep="\t", index=False)
    raw = read(tmp_path, "sub-01_task-tap_eeg").raw
    assert raw.get_channel_types() == ["eeg", "eog"]
    assert raw.info["bads"] == ["C4"]
    assert list(raw.annotations.onset) == [0.5, 2.0]
    assert list(raw.annotations.description) == ["left", "right"]


_THREE_AT_ONCE = """
import sys, threading
from neurostudio.readers import read
said = []
def go(path):
    try:
        said.append(read(path).summary())
    except Exception as error:
        said.append(str(error))
threads = [threading.Thread(target=go, args=(path,)) for path in sys.argv[1:]]
for each in threads:
    each.start()
for each in threads:
    each.join()
print(*sorted(said), sep="\\n")
"""


def test_files_that_are_opened_at_once_in_a_fresh_program_are_all_read(tmp_path):
    import nibabel
    from nibabel.gifti import GiftiDataArray, GiftiImage

    one, two, mesh = (tmp_path / name for name in ("a.nii", "b.nii", "m.gii"))
    for path in (one, two):
        nibabel.save(nibabel.Nifti1Image(np.zeros((2, 2, 2), np.float32), np.eye(4)), path)
    points = GiftiDataArray(np.eye(3, dtype=np.float32), intent="NIFTI_INTENT_POINTSET")
    faces = GiftiDataArray(np.array([[0, 1, 2]], np.int32), intent="NIFTI_INTENT_TRIANGLE")
    nibabel.save(GiftiImage(darrays=[points, faces]), mesh)
    command = [sys.executable, "-c", _THREE_AT_ONCE, str(one), str(mesh), str(two)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "2 x 2 x 2, 1 x 1 x 1 mm",
        "2 x 2 x 2, 1 x 1 x 1 mm",
        "3 vertices, 1 faces, no values",
    ]
