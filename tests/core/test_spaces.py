"""Millimetres of different spaces are never taken for each other, and points say where they are."""

from __future__ import annotations

import mne
import nibabel
import numpy as np
import pytest
import xarray

from neurostudio.data import Connectome, Points, Recording, Surface, Table, Trials, Volume
from neurostudio.errors import BadInput
from neurostudio.placed import HEAD, placed
from neurostudio.spaces import MNI152, MNI305, SCANNER, TALAIRACH, UNKNOWN, relation, space_of


def volume(code: int, qcode: int = 0) -> Volume:
    image = nibabel.Nifti1Image(np.zeros((2, 2, 2)), np.eye(4))
    image.set_sform(np.eye(4), code)
    image.set_qform(np.eye(4), qcode)
    return Volume(image)


@pytest.mark.parametrize(
    ("code", "qcode", "space"),
    [
        (4, 0, MNI152),
        (3, 1, TALAIRACH),
        (0, 1, SCANNER),
        (0, 0, UNKNOWN),
        (5, 0, "template (code 5)"),
    ],
)
def test_the_space_of_an_image_is_its_code_the_sform_first(code, qcode, space):
    assert space_of(volume(code, qcode)) == space


def test_other_kinds_carry_the_name_of_their_space():
    mesh = Surface(np.zeros((3, 3)), np.array([[0, 1, 2]]), {}, space=MNI305)
    matrix = xarray.DataArray(np.eye(2), dims=("source", "target"), attrs={"space": MNI152})
    points = xarray.Dataset({"x": ("point", [1.0])}, attrs={"space": TALAIRACH})
    assert space_of(mesh) == MNI305
    assert space_of(Connectome(matrix)) == MNI152
    assert space_of(Points(points)) == TALAIRACH


def test_named_spaces_are_linked_with_themselves_only():
    assert relation(MNI152, MNI152).linked
    assert relation(MNI152, MNI152).note == ""
    near = relation(MNI152, MNI305)
    assert near.linked
    assert "4 mm" in near.note
    for one, other in ((MNI152, TALAIRACH), (MNI152, SCANNER), (MNI305, UNKNOWN), (HEAD, MNI152)):
        assert not relation(one, other).linked
        assert not relation(other, one).linked
    assert "MNI152" in relation(MNI152, SCANNER).note


def test_images_of_a_scanner_are_taken_together_and_that_is_said():
    together = relation(SCANNER, UNKNOWN)
    assert together.linked
    assert "one person" in together.note
    assert "one person" in relation(UNKNOWN, UNKNOWN).note


def test_points_and_nodes_come_with_names_millimetres_and_space():
    table = xarray.Dataset(
        {
            "x": ("point", [1.0, np.nan, 3.0]),
            "y": ("point", [4.0, 5.0, 6.0]),
            "z": ("point", [7.0, 8.0, 9.0]),
            "name": ("point", ["a", "b", "c"]),
        },
        attrs={"space": MNI152},
    )
    found = placed(Points(table))
    assert found.names == ("a", "c")  # what has no place is left out
    np.testing.assert_array_equal(found.positions, [[1, 4, 7], [3, 6, 9]])
    assert found.space == MNI152
    matrix = xarray.DataArray(
        np.eye(2),
        dims=("source", "target"),
        coords={"source": ["l", "r"], **{axis: ("source", [-1.0, 1.0]) for axis in "xyz"}},
    )
    assert placed(Connectome(matrix)).names == ("l", "r")


def test_sensors_come_in_millimetres_of_the_head():
    info = mne.create_info(["Cz", "Oz"], 100.0, "eeg")
    where = {"Cz": np.array([0.0, 0.0, 0.09]), "Oz": np.array([0.0, -0.09, 0.0])}
    montage = mne.channels.make_dig_montage(where, coord_frame="head")
    raw = mne.io.RawArray(np.zeros((2, 100)), info, verbose="ERROR").set_montage(montage)
    found = placed(Recording(raw))
    assert found.names == ("Cz", "Oz")
    np.testing.assert_allclose(found.positions, [[0, 0, 90], [0, -90, 0]], atol=1e-6)
    assert found.space == HEAD
    epochs = mne.EpochsArray(np.zeros((1, 2, 10)), raw.info, verbose="ERROR")
    assert placed(Trials(epochs)).names == ("Cz", "Oz")


def test_what_has_no_place_is_refused_with_a_sentence():
    import pandas as pd

    raw = mne.io.RawArray(np.zeros((1, 10)), mne.create_info(["a"], 1.0, "eeg"), verbose="ERROR")
    for data in (Recording(raw), Table(pd.DataFrame({"x": [1]}))):
        with pytest.raises(BadInput, match="places"):
            placed(data)


def test_a_surface_keeps_shapes_series_labels_and_space(tmp_path):
    vertices = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0.1]])
    one = Surface(
        vertices,
        np.array([[0, 1, 2]]),
        {"atlas": np.array([1.0, 1.0, 2.0])},
        shapes={"inflated": vertices * 2},
        series={"map": np.arange(6.0).reshape(3, 2)},
        times=np.array([0.0, 0.5]),
        labels={"atlas": {1: "front", 2: "back"}},
        space=MNI305,
    )
    one.save(tmp_path)
    again = Surface.load(tmp_path)
    np.testing.assert_array_equal(again.shapes["inflated"], vertices * 2)
    np.testing.assert_array_equal(again.series["map"], one.series["map"])
    np.testing.assert_array_equal(again.times, [0.0, 0.5])
    assert again.labels == {"atlas": {1: "front", 2: "back"}}
    assert again.space == MNI305
    assert again.names("columns") == ("atlas", "map")


def test_an_atlas_keeps_the_names_of_its_regions(tmp_path):
    one = Volume(volume(4).image, {1: "cuneus", 2: "fornix"})
    one.save(tmp_path)
    again = Volume.load(tmp_path)
    assert again.labels == {1: "cuneus", 2: "fornix"}
    assert again.names("regions") == ("cuneus", "fornix")
    assert "2 regions" in again.summary()
