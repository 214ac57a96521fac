"""Odd images: places that are missing or contradict each other, odd scaling, atlases, CIFTI."""

from __future__ import annotations

import json

import nibabel
import numpy as np
import pytest
from nibabel import cifti2

from neurostudio.errors import UnreadableFile
from neurostudio.readers import read
from neurostudio.spaces import space_of
from neurostudio.voxels import voxels_of

CUBE = np.arange(60, dtype=np.int16).reshape(3, 4, 5)


def written(path, values=CUBE, **fields):
    """A NIfTI file whose header holds what a test says, however wrong."""
    image = nibabel.Nifti1Image(values, np.diag([2.0, 2.0, 3.0, 1.0]))
    header = image.header
    header["magic"], header["vox_offset"] = header.single_magic, 352
    for name, value in fields.items():
        header[name] = value
    path.write_bytes(header.binaryblock + bytes(4) + np.asarray(values).tobytes(order="F"))
    return path


def test_an_image_without_sform_and_qform_says_that_sides_are_not_known(tmp_path):
    facts = read(written(tmp_path / "a.nii", sform_code=0, qform_code=0)).facts()
    assert "left and right are not known" in facts["placed by"]
    assert facts["space"] == ""


def test_of_two_places_that_contradict_each_other_the_one_used_is_said(tmp_path):
    path = written(tmp_path / "a.nii", sform_code=4, qform_code=1, qoffset_x=50.0)
    data = read(path)
    assert data.facts()["placed by"] == "sform; qform says otherwise"
    assert data.facts()["space"] == space_of(data) == "MNI152"
    np.testing.assert_allclose(data.image.affine, np.diag([2.0, 2.0, 3.0, 1.0]))


def test_two_places_that_agree_are_one(tmp_path):
    assert read(written(tmp_path / "a.nii", sform_code=1)).facts()["placed by"] == "sform"


def test_only_a_qform_is_used_and_said(tmp_path):
    data = read(written(tmp_path / "a.nii", sform_code=0, qform_code=1))
    assert data.facts()["placed by"] == "qform"
    assert data.facts()["space"] == "scanner"


def test_voxels_without_size_are_refused(tmp_path):
    path = written(tmp_path / "a.nii", sform_code=1, srow_z=[0, 0, 0, 0])
    with pytest.raises(UnreadableFile, match="Set voxel sizes and sform"):
        read(path)


@pytest.mark.parametrize("slope", [0.0, np.nan])
def test_a_slope_that_is_none_leaves_the_numbers_as_they_are(slope, tmp_path):
    found = voxels_of(read(written(tmp_path / "a.nii", scl_slope=slope, scl_inter=7.0)).image)
    np.testing.assert_array_equal(found.values(found.frame()), CUBE)


def test_more_than_five_dimensions_are_refused(tmp_path):
    nibabel.save(nibabel.Nifti1Image(np.zeros((2,) * 6, np.int16), np.eye(4)), tmp_path / "a.nii")
    with pytest.raises(UnreadableFile, match="a volume has 3 or 4 dimensions"):
        read(tmp_path / "a.nii")


def test_complex_numbers_open_and_say_what_is_shown(tmp_path):
    nibabel.save(
        nibabel.Nifti1Image(np.ones((2, 2, 2), np.complex64), np.eye(4)), tmp_path / "a.nii"
    )
    assert "magnitude" in read(tmp_path / "a.nii").facts()["unit"]


# ---- atlases ---------------------------------------------------------------------------------------

LISTS = {
    "atlas.tsv": "index\tname\tcolor\n1\tLeft putamen\t#ff0000\n2\tRight putamen\t#00ff00\n",
    "atlas.csv": "1,Left putamen\n2,Right putamen\n",
    "atlas.txt": '# ITK-SNAP\n1 255 0 0 1 1 1 "Left putamen"\n2 0 255 0 1 1 1 "Right putamen"\n',
    "atlas.label": "1 Left putamen\n2 Right putamen\n",
    "atlas.json": '{"labels": {"Left putamen": 1, "Right putamen": 2}}',
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_beside_an_atlas_names_its_regions(name, tmp_path):
    (tmp_path / name).write_text(LISTS[name])
    data = read(written(tmp_path / "atlas.nii"))
    assert data.labels == {1: "Left putamen", 2: "Right putamen"}
    assert data.facts()["regions"] == 2
    (tmp_path / "saved").mkdir()
    data.save(tmp_path / "saved")
    assert type(data).load(tmp_path / "saved").labels == data.labels


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("atlas.json", '{"RepetitionTime": 2, "EchoTime": 1}'),
        ("atlas.tsv", "onset\tduration\ttrial_type\n0\t1\tface\n"),
        ("atlas.csv", "1,2\n3,4\n"),
        ("atlas.txt", "A few words about this image.\n"),
    ],
)
def test_a_file_beside_an_image_that_is_no_list_of_regions_names_nothing(name, text, tmp_path):
    (tmp_path / name).write_text(text)
    assert read(written(tmp_path / "atlas.nii")).labels == {}


# ---- CIFTI -----------------------------------------------------------------------------------------

PARCELS = cifti2.ParcelsAxis.from_brain_models(
    [
        ("V1", cifti2.BrainModelAxis.from_surface([0, 1], 4, "CortexLeft")),
        ("M1", cifti2.BrainModelAxis.from_surface([2, 3], 4, "CortexLeft")),
    ]
)
DENSE = cifti2.BrainModelAxis.from_surface(
    [0, 2], 4, "CortexLeft"
) + cifti2.BrainModelAxis.from_mask(
    np.eye(2)[..., None] > 0, "thalamus_right", np.diag([2.0, 2.0, 2.0, 1.0])
)


def cifti(path, values, *axes):
    nibabel.save(cifti2.Cifti2Image(np.asarray(values, np.float32), header=axes), path)
    return read(path)


def test_series_of_parcels_are_traces_in_seconds(tmp_path):
    times = cifti2.SeriesAxis(start=1.0, step=0.72, size=3)
    traces = cifti(tmp_path / "a.ptseries.nii", [[1, 2], [3, 4], [5, 6]], times, PARCELS)
    assert traces.names("channels") == ("V1", "M1")
    np.testing.assert_allclose(traces.frame.t, [1.0, 1.72, 2.44])
    np.testing.assert_array_equal(traces.frame.values[:, 1], [2, 4, 6])


def test_maps_of_grayordinates_are_a_table_with_their_places(tmp_path):
    maps = cifti2.ScalarAxis(["thickness"])
    frame = cifti(tmp_path / "a.dscalar.nii", [[1, 2, 3, 4]], maps, DENSE).frame
    assert list(frame["region"]) == ["cortex_left"] * 2 + ["thalamus_right"] * 2
    assert list(frame["hemisphere"]) == ["left", "left", "right", "right"]
    assert list(frame["thickness"]) == [1, 2, 3, 4]
    assert frame["x"].isna().tolist() == [True, True, False, False]
    assert frame["x"].iloc[3] == 2.0


def test_labels_of_grayordinates_are_the_names_of_their_regions(tmp_path):
    labels = cifti2.LabelAxis(["parcels"], {0: ("???", (0, 0, 0, 0)), 1: ("V1", (1, 0, 0, 1))})
    frame = cifti(tmp_path / "a.dlabel.nii", [[1, 0, 1, 0]], labels, DENSE).frame
    assert list(frame["parcels"]) == ["V1", "???", "V1", "???"]


def test_connectivity_of_parcels_is_a_connectome(tmp_path):
    connectome = cifti(tmp_path / "a.pconn.nii", [[0, 2], [3, 0]], PARCELS, PARCELS)
    assert connectome.names("nodes") == ("V1", "M1")
    np.testing.assert_array_equal(connectome.matrix.to_numpy(), [[0, 2], [3, 0]])
    assert connectome.facts()["directed"] is True


def test_connectivity_of_grayordinates_knows_their_structures(tmp_path):
    connectome = cifti(tmp_path / "a.dconn.nii", np.eye(4), DENSE, DENSE)
    assert list(connectome.matrix["hemisphere"].to_numpy()) == ["left", "left", "right", "right"]


@pytest.mark.parametrize(
    ("name", "axes"),
    [
        ("a.ptseries.nii", (cifti2.SeriesAxis(start=0.0, step=1.0, size=2), PARCELS)),
        ("a.pscalar.nii", (cifti2.ScalarAxis(["one", "two"]), PARCELS)),
        ("a.pconn.nii", (PARCELS, PARCELS)),
    ],
)
def test_what_comes_from_cifti_survives_a_session(name, axes, tmp_path):
    data = cifti(tmp_path / name, [[1, 2], [3, 4]], *axes)
    (tmp_path / "saved").mkdir()
    data.save(tmp_path / "saved")
    assert dict(type(data).load(tmp_path / "saved").facts()) == dict(data.facts())


def test_series_of_very_many_grayordinates_are_refused_with_the_way_out(tmp_path, monkeypatch):
    from neurostudio.readers import cifti as reader

    monkeypatch.setattr(reader, "_MOST_SERIES", 3)
    times = cifti2.SeriesAxis(start=0.0, step=1.0, size=2)
    with pytest.raises(UnreadableFile, match="cifti-parcellate"):
        cifti(tmp_path / "a.dtseries.nii", np.ones((2, 4)), times, DENSE)


def test_an_image_that_only_calls_itself_cifti_is_refused(tmp_path):
    nibabel.save(nibabel.Nifti1Image(CUBE, np.eye(4)), tmp_path / "plain.nii")
    (tmp_path / "plain.nii").rename(tmp_path / "a.dscalar.nii")
    with pytest.raises(UnreadableFile, match="its name says CIFTI and its content NIfTI"):
        read(tmp_path / "a.dscalar.nii")


def test_facts_of_odd_images_are_plain_values(tmp_path):
    data = read(written(tmp_path / "a.nii", sform_code=0, qform_code=0))
    assert json.loads(json.dumps(data.facts())) == dict(data.facts())


def test_the_images_of_the_bench_are_what_they_claim_to_be(tmp_path):
    from neurostudio.bench import write_large_image, write_long_series

    write_large_image(tmp_path / "large.nii", edge=8)
    write_long_series(tmp_path / "series.nii.gz", shape=(3, 3, 2), n_times=100)
    assert read(tmp_path / "large.nii").facts()["shape"] == [8, 8, 8]
    facts = read(tmp_path / "series.nii.gz").facts()
    assert facts["shape"] == [3, 3, 2, 100]
    assert facts["repetition time (s)"] == 2.0
