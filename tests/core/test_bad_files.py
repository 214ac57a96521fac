"""Damaged and hostile files are one clear error: nothing runs, nothing hangs, memory stays small."""

from __future__ import annotations

import contextlib
import gzip
import io
import pickle
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path

import h5py
import nibabel
import numpy as np
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neurostudio.data import Data
from neurostudio.errors import UnreadableFile
from neurostudio.readers import look, read

from . import files

BINARY = [
    *(files.edf, files.fif, files.epochs_fif, files.averages_fif, files.eeglab, files.units_nwb),
    *(files.traces_nwb, files.nifti, files.nifti_gz, files.mgz, files.gifti, files.freesurfer),
    *(files.thickness, files.parquet, files.npy, files.npz, files.graphml, files.picture),
    *(files.jpeg, files.tiff, files.idx),
]
GIGABYTE = 2**30


def open_all(path):
    """Open every part of a file."""
    return [read(path, part.name) for part in look(path)]


@pytest.mark.parametrize("make", files.MAKERS, ids=lambda make: make.__name__)
def test_an_empty_file_says_that_it_is_empty(make, tmp_path):
    path = make(tmp_path)
    path.write_bytes(b"")
    with pytest.raises(UnreadableFile, match=r"it is empty"):
        look(path)


@pytest.mark.parametrize("make", [*BINARY, files.sound], ids=lambda make: make.__name__)
def test_a_file_that_was_cut_in_half_is_one_error(make, tmp_path):
    path = make(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(UnreadableFile):
        open_all(path)


@pytest.mark.parametrize("make", [*BINARY, files.sound], ids=lambda make: make.__name__)
def test_a_text_with_the_wrong_suffix_is_one_error(make, tmp_path):
    path = make(tmp_path)
    path.write_bytes(b"this is only a letter to my aunt\n" * 100)
    with pytest.raises(UnreadableFile):
        open_all(path)


def test_a_picture_named_edf_is_told_to_be_a_picture(tmp_path):
    path = files.picture(tmp_path).rename(tmp_path / "recording.edf")
    with pytest.raises(UnreadableFile, match=r"its name says EDF and its content Picture"):
        look(path)


def test_bytes_in_a_table_are_one_error(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(bytes(range(256)) * 10)
    with pytest.raises(UnreadableFile, match=r"no text"):
        look(path)


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(UnreadableFile, match=r"no such file"):
        look(tmp_path / "nothing.edf")


def test_a_missing_companion_is_named(tmp_path):
    path = files.brainvision(tmp_path)
    (tmp_path / "counts.eeg").unlink()
    with pytest.raises(UnreadableFile, match=r"missing: counts.eeg"):
        look(path)


def test_an_edf_that_was_cut_off_says_how_much_is_left(tmp_path):
    path = files.edf(tmp_path)
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(UnreadableFile, match=r"after 2 of 4 blocks"):
        look(path)


def test_an_edf_without_channels_is_one_error(tmp_path):
    path = files.edf(tmp_path)
    content = bytearray(path.read_bytes())
    content[252:256] = b"0   "
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"names no channel"):
        look(path)


def test_an_edf_that_claims_a_million_million_samples_is_refused(tmp_path):
    path = files.edf(tmp_path)
    content = bytearray(path.read_bytes())
    place = 256 + 216 * 2
    content[place : place + 8] = b"99999999"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"no samples"):
        look(path)


def test_a_recording_of_gaps_opens(tmp_path):
    raw = files.two_channels()
    raw.apply_function(lambda values: values * np.nan, verbose="ERROR")
    raw.save(tmp_path / "gaps_raw.fif", verbose="ERROR")
    assert np.isnan(read(tmp_path / "gaps_raw.fif").raw.get_data()).all()


def huge_nifti(path):
    """A header that claims 10 000 x 10 000 x 10 000 voxels of 8 bytes, and nothing behind it."""
    image = nibabel.Nifti1Image(np.zeros((2, 2, 2)), np.eye(4))
    image.header["dim"][1:4] = 10_000
    content = image.header.binaryblock + bytes(100)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize("name", ["huge.nii", "huge.nii.gz"])
def test_a_volume_that_claims_a_million_million_voxels_is_refused_at_once(name, tmp_path):
    before = psutil.Process().memory_info().rss
    with pytest.raises(UnreadableFile, match=r"claims 10000 x 10000 x 10000"):
        look(huge_nifti(tmp_path / name))
    assert psutil.Process().memory_info().rss - before < 0.2 * GIGABYTE


def test_a_series_that_nothing_on_disk_backs_is_refused(tmp_path):
    path = tmp_path / "huge.nwb"
    with h5py.File(path, "w") as file:
        group = file.create_group("acquisition/empty")
        group.create_dataset("data", shape=(10**9, 100), dtype="f8", chunks=(1000, 100))
        start = group.create_dataset("starting_time", data=0.0)
        start.attrs["rate"] = 100.0
    with pytest.raises(UnreadableFile, match=r"claims 800,000"):
        read(path)


def test_a_link_out_of_an_nwb_file_is_not_followed(tmp_path):
    secret = files.traces_nwb(tmp_path)
    path = tmp_path / "link.nwb"
    with h5py.File(path, "w") as file:
        file.create_group("acquisition")["traces"] = h5py.ExternalLink(
            secret.name, "/acquisition/traces"
        )
    with pytest.raises(UnreadableFile, match=r"no units, intervals or series"):
        look(path)


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".what"])
def test_a_pickle_is_refused_and_never_run(suffix, tmp_path):
    path = tmp_path / f"model{suffix}"
    path.write_bytes(pickle.dumps(Trap(tmp_path / "ran")))
    with pytest.raises(UnreadableFile, match=r"could run code.*safetensors"):
        read(path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["objects.npy", "objects.npz"])
def test_an_array_of_objects_is_refused_and_never_run(name, tmp_path):
    array = np.array([Trap(tmp_path / "ran")], dtype=object)
    np.save(tmp_path / "objects.npy", array, allow_pickle=True)
    np.savez(tmp_path / "objects.npz", one=array, allow_pickle=True)
    with pytest.raises(UnreadableFile, match=r"pickled Python objects, which could run code"):
        open_all(tmp_path / name)
    assert not (tmp_path / "ran").exists()


def test_an_array_that_claims_more_than_the_file_holds_is_refused(tmp_path):
    head = io.BytesIO()
    facts = {"descr": "<f8", "fortran_order": False, "shape": (10**12,)}
    np.lib.format.write_array_header_1_0(head, facts)
    (tmp_path / "huge.npy").write_bytes(head.getvalue() + bytes(64))
    with zipfile.ZipFile(tmp_path / "huge.npz", "w") as archive:
        archive.writestr("one.npy", head.getvalue() + bytes(64))
    for name in ("huge.npy", "huge.npz"):
        with pytest.raises(UnreadableFile, match=r"claims 1000000000000"):
            look(tmp_path / name)


def test_a_picture_bomb_is_refused(tmp_path):
    path = files.picture(tmp_path)
    content = bytearray(path.read_bytes())
    content[16:24] = struct.pack(">II", 100_000, 100_000)
    checksum = zlib.crc32(bytes(content[12:29]))
    content[29:33] = struct.pack(">I", checksum)
    path.write_bytes(content)
    with pytest.raises(UnreadableFile):
        look(path)


@pytest.mark.parametrize(
    ("make", "bomb"),
    [
        (files.graphml, b'<!DOCTYPE g [<!ENTITY a "boom">]><graphml>&a;</graphml>'),
        (files.gifti, b'<!DOCTYPE g [<!ENTITY a "boom">]><GIFTI>&a;</GIFTI>'),
    ],
)
def test_entities_in_xml_are_refused(make, bomb, tmp_path):
    path = make(tmp_path)
    path.write_bytes(b'<?xml version="1.0"?>' + bomb)
    with pytest.raises(UnreadableFile, match=r"which is refused"):
        look(path)


def test_a_mesh_whose_faces_name_vertices_that_are_not_there_is_refused(tmp_path):
    path = tmp_path / "lh.pial"
    nibabel.freesurfer.write_geometry(path, np.eye(3), np.array([[0, 1, 9]]), create_stamp="x")
    with pytest.raises(UnreadableFile, match=r"not among its 3"):
        look(path)


def test_an_eeglab_file_that_would_crash_its_library_is_one_error(tmp_path):
    path = files.eeglab(tmp_path)
    content = path.read_bytes()
    for place in range(128, len(content), 61):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        with contextlib.suppress(UnreadableFile):
            look(path)


def test_a_fif_file_whose_contents_lead_in_circles_is_one_error(tmp_path):
    path = files.fif(tmp_path)
    content = bytearray(path.read_bytes())
    content[12:16] = struct.pack(">i", 36)
    content[36 + 12 : 36 + 16] = struct.pack(">i", 20)
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"circles"):
        look(path)


def test_a_folder_without_anything_to_open_says_what_to_do(tmp_path):
    with pytest.raises(UnreadableFile, match=r"Open a file, or the folder that holds participants"):
        look(tmp_path)


def test_warnings_of_the_libraries_do_not_leak(tmp_path):
    path = tmp_path / "badly_named.fif"
    files.two_channels().save(tmp_path / "x_raw.fif", verbose="ERROR")
    (tmp_path / "x_raw.fif").rename(path)
    assert isinstance(read(path), Data)


mutations = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8
)


@pytest.mark.parametrize("make", files.MAKERS, ids=lambda make: make.__name__)
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(changes=mutations, early=st.booleans())
def test_changed_bytes_open_or_are_one_error(make, changes, early):
    before = psutil.Process().memory_info().rss
    with tempfile.TemporaryDirectory() as name:
        path = make(Path(name))
        content = bytearray(path.read_bytes())
        reach = min(len(content), 600) if early else len(content)
        for place, value in changes:
            content[int(place * reach)] = value
        path.write_bytes(content)
        opened = []
        with contextlib.suppress(UnreadableFile):
            opened = open_all(path)
        assert all(isinstance(data, Data) for data in opened)
    assert psutil.Process().memory_info().rss - before < GIGABYTE
