"""Numbers of images: scaled, in any byte order, a volume or a voxel at a time, unpacked once."""

from __future__ import annotations

import nibabel
import numpy as np
import pytest

from neurostudio import voxels
from neurostudio.errors import NotEnough
from neurostudio.voxels import must_unpack, seconds_of, unpack, voxels_of


def saved(path, values):
    """An image on disk, opened lazily."""
    nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), path)
    return nibabel.load(path, mmap=False)


SERIES = np.random.default_rng(0).integers(-900, 900, (3, 4, 5, 7), dtype=np.int16)


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_a_volume_and_a_voxel_of_a_series_are_those_of_the_array(name, tmp_path):
    found = voxels_of(saved(tmp_path / name, SERIES))
    assert found.n_frames == 7
    np.testing.assert_array_equal(found.frame(4), SERIES[..., 4])
    np.testing.assert_array_equal(found.course((2, 1, 3)), SERIES[2, 1, 3])


def test_stored_numbers_are_scaled_when_they_are_looked_at(tmp_path):
    header = nibabel.Nifti1Image(SERIES[..., 0], np.eye(4)).header
    header["magic"] = header.single_magic
    header["vox_offset"], header["scl_slope"], header["scl_inter"] = 352, 0.5, 10.0
    path = tmp_path / "scaled.nii"
    path.write_bytes(header.binaryblock + bytes(4) + SERIES[..., 0].tobytes(order="F"))
    found = voxels_of(nibabel.load(path, mmap=False))
    assert found.frame().dtype == np.int16
    np.testing.assert_allclose(found.values(found.frame()), SERIES[..., 0] * 0.5 + 10)


def test_the_fourth_dimension_runs_before_the_fifth(tmp_path):
    values = np.arange(2 * 2 * 2 * 3 * 2, dtype=np.int16).reshape(2, 2, 2, 3, 2)
    found = voxels_of(saved(tmp_path / "a.nii", values))
    assert found.n_frames == 6
    np.testing.assert_array_equal(found.frame(4), values[..., 1, 1])
    np.testing.assert_array_equal(found.course((1, 0, 1)), values[1, 0, 1].ravel(order="F"))


def test_a_packed_series_is_unpacked_once_and_then_used_again(tmp_path, monkeypatch):
    monkeypatch.setattr(voxels, "_HELD", 100)
    image = saved(tmp_path / "a.nii.gz", SERIES)
    assert must_unpack(image)
    shares = []
    found = unpack(image, tmp_path / "pyramids", shares.append)
    (held,) = (tmp_path / "pyramids").iterdir()
    assert shares[-1] == 1.0
    written = held.stat().st_mtime_ns
    again = unpack(image, tmp_path / "pyramids", shares.append)
    assert held.stat().st_mtime_ns == written
    for each in (found, again):
        np.testing.assert_array_equal(each.frame(6), SERIES[..., 6])
        np.testing.assert_array_equal(each.course((0, 3, 2)), SERIES[0, 3, 2])


def test_a_series_that_is_not_packed_or_small_needs_no_unpacking(tmp_path, monkeypatch):
    assert not must_unpack(saved(tmp_path / "small.nii.gz", SERIES))
    monkeypatch.setattr(voxels, "_HELD", 100)
    assert not must_unpack(saved(tmp_path / "plain.nii", SERIES))


def test_big_endian_mgh_is_read_in_the_order_of_the_machine(tmp_path):
    values = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    nibabel.save(nibabel.MGHImage(values, np.eye(4)), tmp_path / "a.mgz")
    frame = voxels_of(nibabel.load(tmp_path / "a.mgz")).frame()
    assert frame.dtype.isnative
    np.testing.assert_array_equal(frame, values)


def test_of_complex_numbers_the_magnitude_is_seen(tmp_path):
    values = np.full((2, 2, 2), 3 + 4j, np.complex64)
    found = voxels_of(saved(tmp_path / "a.nii", values))
    np.testing.assert_allclose(found.values(found.frame()), 5.0)
    assert found.sample(found.frame()).max() == pytest.approx(5.0)


def test_a_volume_too_large_for_memory_is_mapped(tmp_path, monkeypatch):
    import psutil

    image = saved(tmp_path / "a.nii", SERIES[..., 0])
    monkeypatch.setattr(psutil, "virtual_memory", type("Free", (), {"available": 10}))
    found = voxels_of(image)
    assert isinstance(found.stored, np.memmap)
    np.testing.assert_array_equal(found.frame(), SERIES[..., 0])
    with pytest.raises(NotEnough, match="of memory"):
        voxels_of(saved(tmp_path / "a.nii.gz", SERIES[..., 0]))


@pytest.mark.parametrize(("unit", "second"), [("sec", 2.0), ("msec", 0.002), ("hz", None)])
def test_times_come_from_the_header(unit, second, tmp_path):
    image = nibabel.Nifti1Image(SERIES, np.eye(4))
    image.header.set_zooms((1, 1, 1, 2.0))
    image.header.set_xyzt_units("mm", unit)
    times = seconds_of(image)
    assert times is None if second is None else times[1] == pytest.approx(second)


def test_values_that_are_no_numbers_do_not_tell_the_range(tmp_path):
    values = np.zeros((4, 4, 4), np.float32)
    values[0, 0, 0], values[1, 1, 1], values[2, 2, 2] = np.nan, np.inf, 7.0
    found = voxels_of(saved(tmp_path / "a.nii", values))
    sample = found.sample(found.frame())
    assert np.isfinite(sample).all()
    assert sample.max() == 7.0


def test_unpacking_that_is_given_up_leaves_nothing_behind(tmp_path):
    image = saved(tmp_path / "a.nii.gz", SERIES)

    def give_up(share):
        raise InterruptedError(f"at {share}")

    with pytest.raises(InterruptedError):
        unpack(image, tmp_path / "pyramids", give_up)
    assert list((tmp_path / "pyramids").iterdir()) == []
