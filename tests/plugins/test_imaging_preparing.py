"""Grids, smoothing, masks and spaces of volumes: answers that can be computed."""

from importlib.util import find_spec

import numpy as np
import pytest

from neurostudio.api import Points, Surface, Volume
from neurostudio.errors import BadInput
from neurostudio.method import Context
from neurostudio.params import read_params
from neurostudio.registry import find
from neurostudio.spaces import space_of

nibabel = pytest.importorskip("nibabel")
pytest.importorskip("nilearn")


def call(name, params=None, **items):
    found = find(name)
    return found(Context(), read_params(found.params, params or {}), **items)


def volume_of(values, edge=2.0, code=4, labels=None, origin=(0.0, 0.0, 0.0)):
    affine = np.diag([edge, edge, edge, 1.0])
    affine[:3, 3] = origin
    image = nibabel.Nifti1Image(np.asarray(values), affine)
    image.set_sform(affine, code)
    image.set_qform(affine, code)
    return Volume(image, labels or {})


def voxels(data):
    return np.asarray(data.image.dataobj)


@pytest.fixture(scope="module")
def planted():
    from neurostudio.plugins.imaging import planted

    return planted


def test_a_straight_ramp_is_the_same_ramp_on_a_finer_grid():
    ramp = np.broadcast_to(np.arange(12.0)[:, None, None], (12, 8, 8)).astype(np.float32)
    fine = call("resample_volume", {"size": 1.0}, volume=volume_of(ramp))["resampled"]
    x = np.arange(fine.image.shape[0]) * 1.0 + fine.image.affine[0, 3]
    middle = voxels(fine)[6:14, 6, 6]
    np.testing.assert_allclose(middle, x[6:14] / 2, atol=0.02)
    assert space_of(fine) == "MNI152"


def test_an_atlas_keeps_its_numbers_and_names_on_another_grid():
    values = np.zeros((8, 8, 8), np.int16)
    values[:4], values[4:] = 3, 7
    atlas = volume_of(values, labels={3: "front", 7: "back"})
    result = call("resample_volume", {"size": 1.5}, volume=atlas)
    assert set(np.unique(voxels(result["resampled"]))) <= {0, 3, 7}
    assert dict(result["resampled"].labels) == {3: "front", 7: "back"}
    assert result.numbers["regions lost"].value == 0


def test_an_atlas_without_names_is_known_by_its_patches_and_grey_values_are_not():
    patches = np.kron(np.arange(1, 9).reshape(2, 2, 2), np.ones((4, 4, 4), int)).astype(np.int16)
    atlas = call("resample_volume", {"size": 1.5}, volume=volume_of(patches))
    assert "as-atlas" in atlas.warnings
    assert set(np.unique(voxels(atlas["resampled"]))) <= set(range(9))
    grey = np.random.default_rng(0).integers(0, 255, (8, 8, 8)).astype(np.int16)
    assert "as-atlas" not in call("resample_volume", volume=volume_of(grey)).warnings


def test_a_target_gives_its_grid_and_one_of_another_space_is_refused():
    small = volume_of(np.ones((6, 6, 6), np.float32), edge=3.0)
    result = call("resample_volume", volume=volume_of(np.ones((9, 9, 9), np.float32)), target=small)
    assert result["resampled"].image.shape == (6, 6, 6)
    np.testing.assert_allclose(result["resampled"].image.affine, small.image.affine)
    with pytest.raises(BadInput, match="MNI152 and scanner are different spaces"):
        call(
            "resample_volume",
            volume=small,
            target=volume_of(np.ones((9, 9, 9), np.float32), code=1),
        )


def test_a_point_smoothed_by_8_mm_is_half_as_high_4_mm_away():
    point = np.zeros((41, 41, 41), np.float32)
    point[20, 20, 20] = 1.0
    smooth = voxels(
        call("smooth_volume", {"width": 8.0}, volume=volume_of(point, edge=1.0))["smoothed"]
    )
    assert smooth.sum() == pytest.approx(1.0, abs=1e-3)
    assert smooth[24, 20, 20] / smooth[20, 20, 20] == pytest.approx(0.5, abs=0.01)


def test_noise_smoothed_by_8_mm_is_measured_to_be_so_and_white_noise_is_not():
    noise = np.random.default_rng(1).normal(size=(30, 30, 30)).astype(np.float32)
    numbers = call("smooth_volume", {"width": 8.0}, volume=volume_of(noise)).numbers
    assert numbers["smoothness after"].value == pytest.approx(8.0, rel=0.1)
    assert numbers["smoothness before"].value < 2.0


def test_an_atlas_is_not_smoothed(planted):
    with pytest.raises(BadInput, match="atlas of 4 regions"):
        call("smooth_volume", volume=planted.atlas())


def test_the_histogram_parts_brain_from_air(planted):
    result = call("mask_volume", {"way": "threshold"}, volume=planted.series(1))
    np.testing.assert_array_equal(voxels(result["mask"]) > 0, planted.brain())
    assert result.numbers["voxels inside"].value == 10 * 10 * 4
    assert result.numbers["volume inside"].value == pytest.approx(400 * 64 / 1000)
    assert not voxels(result["masked"])[0].any()


def test_nilearns_masks_find_a_bright_ball():
    index = np.moveaxis(np.indices((24, 24, 24)), 0, -1)
    ball = np.linalg.norm(index - 11.5, axis=-1) < 8
    random = np.random.default_rng(2)
    image = np.where(ball, 800.0 + random.normal(0, 10, ball.shape), 0.0)
    for way in ("epi", "background"):
        mask = voxels(call("mask_volume", {"way": way}, volume=volume_of(image))["mask"]) > 0
        overlap = 2 * (mask & ball).sum() / (mask.sum() + ball.sum())
        assert overlap > 0.95, way


def test_the_templates_brain_is_for_mni152_only(planted):
    head = planted.blob((0.0, 0.0, 0.0))
    inside = voxels(call("mask_volume", {"way": "template"}, volume=head)["mask"])
    at = np.linalg.inv(head.image.affine)
    centre = np.round(at @ [0, -20, 20, 1]).astype(int)[:3]
    corner = np.round(at @ [-80, 90, -60, 1]).astype(int)[:3]
    assert inside[tuple(centre)] == 1
    assert inside[tuple(corner)] == 0
    with pytest.raises(BadInput, match="space is scanner"):
        call("mask_volume", {"way": "template"}, volume=volume_of(np.ones((5, 5, 5)), code=1))


@pytest.mark.skipif(find_spec("deepbet") is not None, reason="deepbet is installed")
def test_stripping_the_skull_without_its_package_names_the_package(planted):
    with pytest.raises(BadInput, match="pip install deepbet"):
        call("mask_volume", {"way": "deepbet"}, volume=planted.series(1))


def test_a_mask_on_a_coarser_grid_is_brought_onto_the_volumes():
    volume = volume_of(np.ones((8, 8, 8), np.float32), edge=1.0, origin=(0.5, 0.5, 0.5))
    half = np.zeros((4, 4, 4), np.uint8)
    half[:2] = 1
    mask = volume_of(half, edge=2.0, origin=(1.0, 1.0, 1.0))
    result = call("apply_mask", volume=volume, mask=mask)
    assert voxels(result["masked"])[:4].all()
    assert not voxels(result["masked"])[4:].any()


def test_a_declared_space_stands_in_the_header_and_moves_nothing():
    volume = volume_of(np.arange(27.0).reshape(3, 3, 3), code=0, labels={1: "one"})
    assert space_of(volume) == ""
    made = call("set_space", {"space": "MNI152"}, data=volume)["declared"]
    assert space_of(made) == "MNI152"
    assert int(made.image.header["sform_code"]) == 4
    np.testing.assert_array_equal(made.image.affine, volume.image.affine)
    np.testing.assert_array_equal(voxels(made), voxels(volume))
    assert dict(made.labels) == {1: "one"}


def test_a_declared_space_outlives_saving(tmp_path):
    volume = volume_of(np.ones((3, 3, 3), np.int16), code=1)
    call("set_space", {"space": "Talairach"}, data=volume)["declared"].save(tmp_path)
    assert space_of(Volume.load(tmp_path)) == "Talairach"


def test_a_header_has_no_code_for_mni305_but_points_and_surfaces_have():
    import xarray

    with pytest.raises(BadInput, match="no code for MNI305"):
        call("set_space", {"space": "MNI305"}, data=volume_of(np.ones((3, 3, 3))))
    points = Points(xarray.Dataset({axis: ("point", [1.0]) for axis in "xyz"}))
    assert space_of(call("set_space", {"space": "MNI305"}, data=points)["declared"]) == "MNI305"
    mesh = Surface(np.eye(3), np.array([[0, 1, 2]]), {})
    assert space_of(call("set_space", {"space": "MNI305"}, data=mesh)["declared"]) == "MNI305"


def test_voxels_that_are_colours_are_refused():
    kind = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
    volume = Volume(nibabel.Nifti1Image(np.zeros((3, 3, 3), kind), np.eye(4)))
    with pytest.raises(BadInput, match="colours"):
        call("smooth_volume", volume=volume)


def test_a_masked_atlas_keeps_its_regions(planted):
    mask = planted.volume(np.ones(planted.SHAPE, np.int16))
    masked = call("apply_mask", volume=planted.atlas(), mask=mask)["masked"]
    assert dict(masked.labels) == planted.REGIONS
    np.testing.assert_array_equal(voxels(masked), voxels(planted.atlas()))


def test_several_maps_are_no_mask(planted):
    with pytest.raises(BadInput, match="12 x 12 x 6 x 80; it must be one image"):
        call("apply_mask", volume=planted.atlas(), mask=planted.series(1))
