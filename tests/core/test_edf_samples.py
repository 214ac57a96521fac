"""The quick way to plain EDF gives what MNE reads, and steps aside where it cannot."""

from __future__ import annotations

import itertools

import mne
import numpy as np
import pytest

from neurostudio.bench import write_large_edf
from neurostudio.edf_samples import quick_samples


@pytest.fixture
def plain(tmp_path):
    path = tmp_path / "plain.edf"
    write_large_edf(path, n_channels=5, rate=100, duration=12)
    return mne.io.read_raw_edf(path, verbose="error")


@pytest.mark.parametrize(
    ("first", "last"), [(0, 1), (0, 1200), (99, 101), (150, 850), (1199, 1200)]
)
def test_samples_are_those_that_mne_reads(plain, first, last):
    quick = quick_samples(plain)
    picks = [3, 0]
    known = plain.get_data(picks=picks, start=first, stop=last)
    np.testing.assert_allclose(quick.read(first, last, picks), known, rtol=1e-12)


def test_stretches_are_those_of_the_samples(plain):
    quick = quick_samples(plain)
    edges = np.array([7, 8, 150, 333, 1200])
    values = plain.get_data(picks=[4, 1])
    found = quick.reduce(edges, [4, 1])
    for k, (a, b) in enumerate(itertools.pairwise(edges)):
        np.testing.assert_allclose(found[:, k, 0], values[:, a:b].min(axis=1), rtol=1e-6)
        np.testing.assert_allclose(found[:, k, 1], values[:, a:b].max(axis=1), rtol=1e-6)


def test_annotations_beside_the_signals_do_not_disturb(tmp_path):
    values = 1e-5 * np.random.default_rng(0).standard_normal((2, 1000))
    raw = mne.io.RawArray(values, mne.create_info(2, 100.0, "eeg"), verbose="error")
    raw.set_annotations(mne.Annotations([1.0], [0.5], ["here"]))
    mne.export.export_raw(tmp_path / "noted.edf", raw, verbose="error")
    again = mne.io.read_raw_edf(tmp_path / "noted.edf", verbose="error")
    quick = quick_samples(again)
    np.testing.assert_allclose(quick.read(5, 990, [0, 1]), again.get_data(start=5, stop=990))


def test_what_cannot_be_trusted_is_left_to_mne(plain, tmp_path):
    assert (
        quick_samples(mne.io.RawArray(np.zeros((1, 9)), mne.create_info(1, 9.0), verbose="error"))
        is None
    )
    picked = plain.copy().pick([2, 1])
    assert quick_samples(picked) is None, "the channels of the file are others"
    content = bytearray((tmp_path / "plain.edf").read_bytes())
    content[192:197] = b"EDF+D"
    (tmp_path / "gaps.edf").write_bytes(content)
    plain._filenames = (tmp_path / "gaps.edf",)
    assert quick_samples(plain) is None
