"""Windows of signals: what is drawn is what was recorded, at any zoom, with a pyramid and without."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import mne
import numpy as np
import pynapple as nap
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurostudio.bench import write_large_edf
from neurostudio.data import Recording, Traces, Trials
from neurostudio.errors import MissingFile
from neurostudio.pages import read_page
from neurostudio.pyramid import BASE, Pyramid, build, key_of, levels_of
from neurostudio.sources import source_of


def recording(values, rate=100.0):
    names = [f"c{k}" for k in range(len(values))]
    return Recording(mne.io.RawArray(values, mne.create_info(names, rate, "eeg"), verbose="error"))


@pytest.fixture
def step():
    """Two channels at 100 Hz for 100 s: one jumps from 0 V to 100 µV after 50 s, one is a 10 Hz sine."""
    times = np.arange(10_000) / 100.0
    made = recording(np.array([1e-4 * (times >= 50.0), 1e-5 * np.sin(2 * np.pi * 10 * times)]))
    made.raw.set_annotations(mne.Annotations([50.0], [0.0], ["jump"]))
    return made


def built(source, folder):
    build(source, folder)
    pyramid = Pyramid(folder, len(source.names), source.n_times, key_of(source))
    pyramid.look()
    return pyramid


def expected(values, page):
    """The least and greatest of each column, the plain way."""
    spans = list(zip(page.edges[:-1], page.edges[1:], strict=True))
    low = [[np.float32(np.min(row[a:b])) for a, b in spans] for row in values[list(page.picks)]]
    high = [[np.float32(np.max(row[a:b])) for a, b in spans] for row in values[list(page.picks)]]
    return np.array(low), np.array(high)


def test_a_page_of_a_recording_shows_its_samples(step):
    source = source_of(step)
    page = read_page(source, 49.0, 51.0, (0,), 1000)
    assert set(page.low[0, page.times < 50.0]) == {0.0}
    assert set(page.low[0, page.times >= 50.0]) == {np.float32(1e-4)}
    assert page.edges is None
    assert source.happenings[0].text == "jump"
    assert source.happenings[0].onset == 50.0


def test_a_single_spike_is_seen_however_long_the_page():
    values = np.zeros((1, 10_000))
    values[0, 7777] = 5.0
    page = read_page(source_of(recording(values)), 0.0, 100.0, (0,), 100)
    assert page.high.max() == 5.0
    (column,) = np.flatnonzero(page.high[0])
    assert page.edges[column] <= 7777 < page.edges[column + 1]


def test_trials_stand_one_behind_the_other():
    values = np.arange(3 * 2 * 10, dtype=float).reshape(3, 2, 10)
    info = mne.create_info(["a", "b"], 10.0, "eeg")
    events = np.array([[0, 0, 1], [20, 0, 2], [40, 0, 1]])
    epochs = mne.EpochsArray(values, info, events, event_id={"x": 1, "y": 2}, verbose="error")
    source = source_of(Trials(epochs))
    page = read_page(source, 0.0, 3.0, (1,), 1000)
    np.testing.assert_array_equal(page.low[0], values[:, 1].ravel())
    assert [each.text for each in source.happenings] == ["x", "y", "x"]
    middle = read_page(source, 0.5, 1.4, (0,), 1000)
    np.testing.assert_array_equal(middle.low[0][:10], [5, 6, 7, 8, 9, 20, 21, 22, 23, 24])


def test_traces_with_uneven_times_are_drawn_at_their_times():
    times = np.array([0.0, 1.0, 1.5, 10.0])
    frame = nap.TsdFrame(t=times, d=np.arange(4.0)[:, None], columns=["a"])
    source = source_of(Traces(frame, "1"))
    page = read_page(source, 0.0, 10.0, (0,), 1000)
    np.testing.assert_array_equal(page.times, times)
    assert not source.even


@settings(max_examples=60, deadline=None)
@given(
    n_times=st.integers(1, 5000),
    seed=st.integers(0, 2**31),
    begin=st.floats(0.0, 1.0),
    length=st.floats(0.001, 1.0),
    n_pixels=st.integers(1, 400),
    picks=st.sampled_from([(0,), (2, 0), (0, 1, 2)]),
)
def test_what_is_drawn_is_the_least_and_greatest_of_the_samples(
    tmp_path_factory, n_times, seed, begin, length, n_pixels, picks
):
    values = np.random.default_rng(seed).standard_normal((3, n_times))
    source = source_of(recording(values))
    pyramid = built(source, tmp_path_factory.mktemp("pyramid"))
    start = begin * source.duration
    stop = min(source.duration, start + max(length * source.duration, 0.005))
    for used in (pyramid, None):
        page = read_page(source, start, stop, picks, n_pixels, used)
        assert page.whole
        if page.edges is None:
            first, last = source.sample_range(start, stop)
            np.testing.assert_array_equal(page.low, values[list(picks), first:last].astype("f4"))
            continue
        low, high = expected(values, page)
        np.testing.assert_array_equal(page.low, low)
        np.testing.assert_array_equal(page.high, high)
        first, last = source.sample_range(start, stop)
        assert page.edges[0] <= first
        assert page.edges[-1] >= last


def test_columns_are_no_wider_than_a_pixel_and_at_most_twice_as_many():
    source = source_of(recording(np.zeros((1, 100_000))))
    for n_pixels in (50, 333, 1000):
        page = read_page(source, 0.0, 1000.0, (0,), n_pixels)
        assert n_pixels <= len(page.times) <= 2 * n_pixels + 1


def test_missing_and_infinite_samples_are_kept_apart(tmp_path):
    values = np.zeros((2, 4096))
    values[0, 1000:1500] = np.nan
    values[1, 2000] = np.inf
    source = source_of(recording(values))
    pyramid = built(source, tmp_path / "p")
    page = read_page(source, 0.0, 40.96, (0, 1), 4096 // BASE, pyramid)
    inside = (page.edges[:-1] >= 1000) & (page.edges[1:] <= 1500)
    assert np.isnan(page.low[0, inside]).all()
    assert not np.isnan(page.low[0, ~inside]).any()
    assert np.isinf(page.high[1]).sum() == 1
    np.testing.assert_array_equal(page.middle, [0.0, 0.0])


def test_a_recording_of_one_sample_has_a_page():
    page = read_page(source_of(recording(np.ones((1, 1)))), 0.0, 0.01, (0,), 500)
    assert page.low.tolist() == [[1.0]]


# ---- the folder of a pyramid -----------------------------------------------------------------------


def test_a_pyramid_that_was_cut_off_is_not_trusted(tmp_path):
    source = source_of(recording(np.random.default_rng(0).standard_normal((2, 5000))))
    pyramid = built(source, tmp_path / "p")
    assert pyramid.complete
    cut = pyramid.levels[0].path
    cut.write_bytes(cut.read_bytes()[:-8])
    assert pyramid.look() == 0
    built(source, tmp_path / "p")
    (tmp_path / "p" / "complete.json").unlink()
    assert pyramid.look() == 0
    built(source, tmp_path / "p")
    assert pyramid.look() == 5000


def test_a_pyramid_of_other_samples_is_not_trusted(tmp_path):
    path = tmp_path / "a.edf"
    write_large_edf(path, n_channels=2, rate=100, duration=20)
    from neurostudio.readers import read

    source = source_of(read(path))
    pyramid = built(source, tmp_path / "p")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    again = source_of(read(path))
    other = Pyramid(tmp_path / "p", 2, again.n_times, key_of(again))
    assert pyramid.complete
    assert other.look() == 0


def test_a_pyramid_serves_while_it_grows(tmp_path):
    source = source_of(recording(np.ones((1, 200_000)), rate=1000.0))
    told = []

    def look():
        pyramid = Pyramid(tmp_path / "p", 1, source.n_times, key_of(source))
        told.append(pyramid.look())
        if told[-1]:
            page = read_page(source, 0.0, 200.0, (0,), 100, pyramid)
            assert page.edges[-1] <= told[-1] or page.whole
            assert set(page.high.ravel()) == {1.0}
        return False

    from neurostudio import pages, pyramid

    before, pyramid._TELL = pyramid._TELL, 0.0
    most, pages._MOST = pages._MOST, 1000
    try:
        build(source, tmp_path / "p", look)
    finally:
        pyramid._TELL, pages._MOST = before, most
    assert told[0] == 0
    assert told[-1] == 196_608  # three chunks of 65 536


def test_a_build_is_a_process_of_its_own_and_one_that_is_killed_leaves_nothing_trusted(tmp_path):
    from neurostudio import items
    from neurostudio.readers import read

    path = tmp_path / "long.edf"
    write_large_edf(path, n_channels=8, rate=200, duration=600)
    data = read(path)
    items.point(data, path, "", tmp_path / "item")
    command = [sys.executable, "-P", "-m", "neurostudio.pyramid", str(tmp_path / "item")]
    done = subprocess.run([*command, str(tmp_path / "p")], check=True)
    assert done.returncode == 0
    source = source_of(data)
    pyramid = Pyramid(tmp_path / "p", 8, source.n_times, key_of(source))
    assert pyramid.look() == source.n_times
    about = json.loads((tmp_path / "p" / "complete.json").read_text())
    assert about["sha256"].keys() == {"long.edf"}
    (tmp_path / "p" / "complete.json").rename(tmp_path / "p" / "growing.json")
    assert pyramid.look() == 0, "the process that grew it is gone"


def test_a_file_that_shrinks_while_it_is_open_is_one_message(tmp_path):
    from neurostudio.readers import read

    path = tmp_path / "shrinks.edf"
    write_large_edf(path, n_channels=2, rate=100, duration=20)
    source = source_of(read(path))
    read_page(source, 0.0, 5.0, (0,), 100)
    os.truncate(path, 2000)
    with pytest.raises(MissingFile, match=r"has changed while it was open: it had \d+ bytes"):
        read_page(source, 0.0, 5.0, (0,), 100)
    path.unlink()
    with pytest.raises(MissingFile, match="is not there any more"):
        read_page(source, 0.0, 5.0, (0,), 100)


def test_levels_end_where_a_block_would_hold_everything(tmp_path):
    assert [each.block for each in levels_of(tmp_path, 10)] == [16]
    assert [each.block for each in levels_of(tmp_path, 1000)] == [16, 64, 256]
