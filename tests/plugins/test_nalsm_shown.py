"""What a liquid is shown, and what is kept apart from it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pynapple as nap
import pytest
import xarray

from neurostudio.api import BadInput, ImageStack, SpikeTrains, Table

from .calling import call
from .liquids import FEW, SHORT, events, part, pictures, samples

# what a liquid is shown


def test_the_brightest_share_of_the_training_part_is_injected_in_every_ms():
    found = samples()
    scale = found.scale(np.arange(20))
    shares = [found.flat(row) / found.flat(row).sum() for row in range(20)]
    assert scale == max(each.max() for each in shares)
    row = int(np.argmax([each.max() for each in shares]))
    starts, fired = found.shown(row, 300, scale, [0])
    counts = np.bincount(fired, minlength=64)
    assert (
        counts[int(shares[row].argmax())] == 100
    )  # injected in each of 300 ms, fires in every third
    assert len(fired) == starts[-1]


def test_a_black_picture_shows_nothing():
    array = pictures().array.copy(data=np.zeros((20, 8, 8), np.uint8))
    found = part("coding").read_samples(ImageStack(array), None, "")
    starts, fired = found.shown(0, 50, found.scale(np.arange(20)), [0])
    assert not len(fired)
    assert not starts.any()


def test_events_fire_their_own_input_a_ms_later_and_recordings_stay_apart():
    frame = pd.DataFrame(
        {"recording": [7, 7, 9], "time": [0.0101, 0.050, 0.003], "x": [1, 0, 2], "y": [0, 2, 1],
         "polarity": [0, 1, 0], "label": ["a", "a", "b"]}
    )  # fmt: skip
    found = part("coding").read_samples(Table(frame), None, "")
    assert found.ids == ("7", "9")
    assert found.labels.tolist() == ["a", "b"]
    assert found.n_inputs == 2 * 3 * 3
    starts, fired = found.shown(0, 100, 1.0, [0])
    when = np.repeat(np.arange(100), np.diff(starts))
    assert list(zip(when.tolist(), fired.tolist(), strict=True)) == [(11, 1), (51, 9 + 2 * 3)]
    starts, fired = found.shown(1, 100, 1.0, [0])
    assert fired.tolist() == [1 * 3 + 2]


def test_spike_trains_are_cut_into_recordings_by_a_table_of_starts():
    support = nap.IntervalSet(0, 10)
    units = nap.TsGroup({3: nap.Ts([0.5, 1.02, 2.01], time_support=support),
                         5: nap.Ts([1.05], time_support=support)}, time_support=support)  # fmt: skip
    trials = Table(pd.DataFrame({"start": [1.0, 2.0], "label": ["a", "b"]}))
    found = part("coding").read_samples(SpikeTrains(units), trials, "")
    assert len(found) == 2
    assert found.flat(0).tolist() == [1, 1]  # the spike before the first start is left out
    assert found.flat(1).tolist() == [1, 0]
    with pytest.raises(BadInput, match="column 'start'"):
        part("coding").read_samples(SpikeTrains(units), None, "")


def test_a_liquid_learns_from_parts_of_a_recording_at_any_time_and_is_read_from_its_beginning():
    frame = pd.DataFrame(
        {"recording": 0, "time": np.arange(300) / 1000, "x": 0, "y": 0, "polarity": 0}
    )
    frame["x"] = np.arange(300) // 100  # the place tells the third of the recording
    found = part("coding").read_samples(Table(frame), None, "")
    read = [set(found.shown(0, 20, 1.0, [k])[1].tolist()) for k in range(30)]
    assert read == [{0}] * 30
    learnt = [set(found.shown(0, 20, 1.0, [k], anywhere=True)[1].tolist()) for k in range(30)]
    assert set.union(*learnt) == {0, 1, 2}


def test_noise_on_events_moves_a_recording_as_a_whole():
    found = part("coding").read_samples(events(), None, "")
    rows = np.array([2, 5])
    moved = found.noisy(rows, 10.0, 0)
    for k, row in enumerate(rows.tolist()):
        own, new = (
            each.steps[each.starts[r] : each.starts[r + 1]]
            for each, r in ((found, row), (moved, k))
        )
        inner = (new > 0) & (new < found.longest - 1)
        assert len(own) == len(new)
        assert inner.sum() > 30
        np.testing.assert_array_equal(moved.flat(k), found.flat(row))
        gaps = set(np.diff(np.sort(own)).tolist())
        assert len(set(np.diff(new).tolist()) - gaps) <= 3  # but for what is reflected at the ends


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (ImageStack(xarray.DataArray(np.zeros((3, 8, 8, 3)), dims=("item", "y", "x", "channel"))), "grey"),
        (ImageStack(xarray.DataArray(-np.ones((3, 8, 8)), dims=("item", "y", "x"))), "A pixel is -1"),
        (Table(pd.DataFrame({"a": [1]})), "no column recording, time"),
    ],
)  # fmt: skip
def test_data_that_cannot_be_shown_are_refused_with_what_to_do(data, message):
    with pytest.raises(BadInput, match=message):
        call("self_organise", data=data, **FEW)


def test_another_size_than_the_liquid_has_wires_for_is_refused():
    model = part("example").liquid()
    other = ImageStack(xarray.DataArray(np.ones((30, 9, 9)), dims=("item", "y", "x"),
                                        coords={"label": ("item", ["a", "b"] * 15)}))  # fmt: skip
    with pytest.raises(BadInput, match="has 81 inputs; the liquid has wires for 64"):
        call("train_liquid_readout", model=model, data=other, **SHORT)


# what is kept apart


def test_a_test_part_is_never_among_what_a_liquid_organises_itself_on():
    parts, given = part("parts"), samples(300)
    rows = parts.to_organise_on(given, 1000, 100, 3)
    assert len(rows) == 1000
    assert len(np.unique(rows)) == 200
    seen = set(given.fingerprints(np.unique(rows)).tolist())
    split = parts.to_read(given, seen, 150, 60, 9)
    assert not np.isin(split.test, rows).any()
    assert len(split.test) == 60
    every = np.concatenate([split.train, split.validation, split.test])
    assert len(np.unique(every)) == len(every) == 210


def test_a_marked_test_part_is_the_one_that_is_tested():
    given = part("coding").read_samples(events(), None, "")
    assert np.flatnonzero(given.tested).tolist() == [8, 9, 10, 11]
    rows = part("parts").to_organise_on(given, 50, 0, 0)
    assert rows.max() == 7
    split = part("parts").to_read(given, set(), 100, 100, 0)
    assert sorted(split.test.tolist()) == [8, 9, 10, 11]
    assert max(*split.train, *split.validation) == 7


def test_a_test_part_that_the_liquid_has_seen_is_refused():
    with pytest.raises(BadInput, match="organised itself on 12 samples of the test part"):
        call(
            "train_liquid_readout", model=part("example").liquid(), data=pictures(80, 1), test=pictures(),
            **SHORT,
        )  # fmt: skip


def test_a_liquid_that_saw_everything_leaves_nothing_to_test_on():
    given = samples()
    seen = set(given.fingerprints(np.arange(20)).tolist())
    with pytest.raises(BadInput, match="none is left to test on"):
        part("parts").to_read(given, seen, 10, 10, 0)


# simulated events


def test_a_bright_bar_that_moves_to_the_right_tells_on_before_it_and_off_behind_it():
    picture = np.zeros((8, 8))
    picture[:, 3:5] = 100
    eventful = part("eventful")
    params = eventful.EventParams(noise=0.0, side=4.0)
    steps, y, x, polarity = eventful.moved(picture, params, [0])
    first = steps < 50  # two pixels to the right and upwards
    inside = (y > 5) & (y < 8)
    right, left = (x[first & inside & (polarity == sign)] for sign in (1, 0))
    assert left.min() == 3 + 3
    assert right.min() > 4 + 3 - 1
    assert right.mean() > left.mean()
    back = steps >= 200  # the last side leads straight back to the left
    ahead, behind = (x[back & inside & (polarity == sign)].mean() for sign in (1, 0))
    assert ahead < behind


def test_a_grey_wall_tells_nothing_but_noise():
    eventful = part("eventful")
    wall = np.full((8, 8), 7.0)
    quiet = eventful.moved(np.zeros((8, 8)), eventful.EventParams(noise=0.0), [0])
    assert all(not len(each) for each in quiet)
    loud = eventful.moved(np.zeros((8, 8)), eventful.EventParams(noise=10.0), [0])
    expected = 10 * 0.3 * 14 * 14
    assert abs(len(loud[0]) - expected) < 4 * np.sqrt(expected)
    inside = eventful.moved(wall, eventful.EventParams(noise=0.0, side=1.0), [0])
    assert not ((inside[1] > 5) & (inside[1] < 8) & (inside[2] > 5) & (inside[2] < 8)).any()


def test_simulated_events_are_shown_to_a_liquid_and_stay_marked_as_simulated():
    made = call("simulate_events", pictures=pictures(), at_most=20)
    assert made.warnings == ("simulated events",)
    table = made["events"]
    assert set(table.frame["label"]) == {"left", "right"}
    result = call("self_organise", data=table, control=False, **FEW)
    assert "simulated data" in result.warnings
    assert result["model"].config["n_inputs"] == 2 * 14 * 14
