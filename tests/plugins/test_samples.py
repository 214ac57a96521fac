"""Samples: where they are, which side is left, and whose they are."""

import numpy as np
import pytest

from neurostudio import samples
from neurostudio.method import Context
from neurostudio.params import read_params
from neurostudio.registry import find
from neurostudio.spaces import space_of

pytest.importorskip("nilearn")


def call(name, **params):
    found = find(name)
    return found(Context(), read_params(found.params, params))


@pytest.fixture(scope="module")
def brain():
    return call("sample_mni152", size=4)


def at(volume, place):
    index = np.linalg.inv(volume.image.affine) @ [*place, 1]
    return float(np.asarray(volume.image.dataobj)[tuple(np.round(index[:3]).astype(int))])


def test_the_template_says_that_it_is_in_mni152(brain):
    assert list(brain.data) == ["mni152_t1", "mni152_grey", "mni152_white", "mni152_mask"]
    for volume in brain.data.values():
        assert int(volume.image.header["sform_code"]) == 4
        assert space_of(volume) == "MNI152"
        np.testing.assert_allclose(np.diag(volume.image.affine)[:3], 4.0)


def test_tissues_are_where_they_are_in_the_head(brain):
    white, mask = brain["mni152_white"], brain["mni152_mask"]
    centrum_semiovale, air = (28.0, -20.0, 32.0), (0.0, 90.0, 80.0)
    assert at(white, centrum_semiovale) > 0.8
    assert at(mask, centrum_semiovale) == 1
    assert at(mask, air) == 0
    assert at(brain["mni152_grey"], (0.0, -70.0, 8.0)) > at(white, (0.0, -70.0, 8.0))  # calcarine
    assert 1.2 < brain.numbers["volume of the brain"].value < 2.2  # litres


@pytest.fixture(scope="module")
def mesh():
    return call("sample_fsaverage")["fsaverage5"]


def test_the_left_hemisphere_is_on_the_left(mesh):
    sides = mesh.scalars["hemisphere"]
    assert mesh.labels["hemisphere"] == {1: "left", 2: "right"}
    for shape in ("pial", "white", "inflated", "sphere"):
        x = mesh.shapes[shape][:, 0]
        assert x[sides == 1].mean() < -20
        assert x[sides == 2].mean() > 20
    assert space_of(mesh) == "MNI305"


def test_hemispheres_of_inflated_shapes_lie_side_by_side(mesh):
    sides = mesh.scalars["hemisphere"]
    for shape in ("inflated", "sphere"):
        x = mesh.shapes[shape][:, 0]
        assert x[sides == 1].max() == pytest.approx(-1.0)
        assert x[sides == 2].min() == pytest.approx(1.0)


def test_faces_join_vertices_of_one_hemisphere_only(mesh):
    assert len(mesh.vertices) == 2 * 10_242
    assert mesh.faces.shape == (2 * 20_480, 3)
    sides = mesh.scalars["hemisphere"][mesh.faces]
    assert (sides == sides[:, :1]).all()
    assert set(np.unique(mesh.faces)) == set(range(len(mesh.vertices)))


def test_the_pial_surface_is_outside_the_white_by_the_thickness(mesh):
    gap = np.linalg.norm(mesh.shapes["pial"] - mesh.shapes["white"], axis=1)
    thick = mesh.scalars["thickness"]
    cortex = thick > 0.5
    assert np.corrcoef(gap[cortex], thick[cortex])[0, 1] > 0.5
    assert np.median(thick[cortex]) == pytest.approx(2.4, abs=0.4)


def test_the_insula_lies_in_the_depth(mesh):
    near = np.linalg.norm(mesh.vertices - [-36.0, 5.0, 0.0], axis=1) < 6
    assert mesh.scalars["sulc"][near].mean() > 0.2


def test_electrodes_on_the_templates_head_surround_its_brain(mesh):
    table = call("sample_montage")["electrodes"].table
    assert table.attrs["space"] == "MNI305"
    assert table["x"].attrs["unit"] == "mm"
    names = list(map(str, table["name"].to_numpy()))
    where = np.stack([table[axis].to_numpy() for axis in "xyz"], axis=1)
    assert len(names) > 300
    c3, c4, oz, fpz = (where[names.index(name)] for name in ("C3", "C4", "Oz", "Fpz"))
    assert c3[0] < -40 < 40 < c4[0]
    assert oz[1] < -80 < 80 < fpz[1] + 5
    for place in (c3, c4, oz, fpz):
        assert 3 < np.linalg.norm(mesh.vertices - place, axis=1).min() < 40  # skull and scalp


def test_electrodes_on_a_sphere_belong_to_no_space():
    result = call("sample_montage", montage="BioSemi 64")
    table = result["electrodes"].table
    assert table.attrs["space"] == ""
    assert "sphere" in result.warnings
    where = np.stack([table[axis].to_numpy() for axis in "xyz"], axis=1)
    np.testing.assert_allclose(np.linalg.norm(where, axis=1), 95.0, atol=1e-3)


def test_the_worms_wiring_has_its_cells_and_who_contacts_whom():
    pytest.importorskip("cect")
    result = call("sample_worm_connectome")
    matrix = result["worm"].matrix
    assert matrix.shape == (473, 473)
    assert matrix.attrs["directed"]
    # the command neuron of backward movement drives the motor neurons that do it
    to_backward = sum(float(matrix.sel(source="AVAL", target=f"DA{k}")) for k in range(1, 10))
    to_forward = sum(float(matrix.sel(source="AVAL", target=f"DB{k}")) for k in range(1, 8))
    assert to_backward > 2 * to_forward
    assert len(result.views[0].edges) == 400


@pytest.mark.parametrize("sample", samples.SAMPLES, ids=lambda each: each.method)
def test_each_sample_says_whose_it_is(sample):
    pytest.importorskip(sample.package)
    found = find(sample.method)
    assert found.inputs == ()
    assert found.group == "Samples"
    assert sample.licence in found.warnings["source"]
    assert sample.source in found.warnings["source"]
    assert samples.lacking(sample) == ""


def test_what_is_not_installed_is_named_with_what_to_do(monkeypatch):
    monkeypatch.setattr(samples, "find_spec", lambda name: None)
    assert samples.lacking(samples.OFFERS[1]) == "Needs tvb-data: pip install tvb-data"
    assert samples.folder_of("tvb_data") == ""
    monkeypatch.undo()
    assert samples.folder_of("nilearn").endswith("nilearn")
