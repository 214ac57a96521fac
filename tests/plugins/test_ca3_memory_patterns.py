"""CA3 memory: patterns from pictures, maps and place cells; votes; capacity."""

import numpy as np
import pandas as pd
import pytest
import xarray
from neurostudio.plugins.ca3_memory import example

from neurostudio.api import ImageStack, Table
from neurostudio.errors import BadInput

from .calling import call


def answers_of(result):
    return result["answers"].frame


def operations(*rows):
    return Table(pd.DataFrame(rows, columns=["operation", "cue", "content"]))


def test_pictures_become_the_bits_of_their_bright_pixels():
    pixels = np.zeros((2, 2, 2))
    pixels[0, 0, 1], pixels[1, 1] = 16, 8
    coords = {"label": ("item", ["a", "b"])}
    stack = ImageStack(xarray.DataArray(pixels, dims=("item", "y", "x"), coords=coords))
    made = call("memories_from_images", images=stack)
    lessons = made["operations"].frame.query("operation == 'learn'")
    assert lessons["content"].tolist() == ["1", "2 3"]
    assert made.numbers["bits per image"].value == 1.5


def test_large_pictures_are_averaged_and_one_of_each_label_is_taken():
    pixels = np.zeros((3, 16, 16))
    pixels[:, :2, :2] = 1.0
    pixels[1, 2:4, :2] = 1.0
    coords = {"digit": ("item", [7, 3, 7])}
    stack = ImageStack(xarray.DataArray(pixels, dims=("item", "y", "x"), coords=coords))
    made = call("memories_from_images", images=stack, label="digit")
    lessons = made["operations"].frame.query("operation == 'learn'")
    assert lessons["content"].tolist() == ["0 8", "0"]  # digit 3 first
    with pytest.raises(BadInput, match="no label letter"):
        call("memories_from_images", images=stack, label="letter")
    with pytest.raises(BadInput, match="at most 512"):
        call(
            "memories_from_images",
            images=ImageStack(xarray.DataArray(np.ones((1, 30, 30)), dims=("item", "y", "x"))),
            size=0,
        )


def test_a_map_is_asked_where_its_values_are():
    cells = np.array([[0.0, 1.0], [1.0, 2.0]])
    stack = ImageStack(xarray.DataArray(cells[None], dims=("item", "y", "x")))
    made = call("memories_from_images", images=stack, coding="map")
    result = call("run_memory_program", program="from table", operations=made["operations"])
    frame = answers_of(result)
    assert frame[frame["asked"] == "content 1 ?"]["answered"].tolist() == ["1 2"]
    assert frame["right"].all()


def test_assemblies_of_planted_place_cells_lie_where_they_were_planted():
    made = call("memories_from_assemblies", **example.place_cells().items)
    table = made["assemblies"].frame
    planted = [{place} for place in range(12)]
    found = [set(map(int, bits.split())) for bits in table["bits"]]
    if 0 not in found[0]:  # a principal axis has no direction
        found = found[::-1]
    assert all(mine <= theirs for mine, theirs in zip(planted, found, strict=True))
    assert made.numbers["units used"].value == 12


def test_votes_find_the_place_of_planted_cells_and_shuffled_ones_do_not():
    result = call("recall_by_votes", **example.voting().items)
    error = result.numbers["median error"]
    assert error.value < 0.12
    assert error.value < 0.5 * error.chance
    assert error.baseline < error.value
    assert {"votes", "poor decoder", "simulated data"} <= set(result.warnings)


def test_votes_count_the_cues_that_answer_each_bit():
    table = operations(["learn", 0, "0 1"], ["learn", 1, "1 2"], ["learn", 2, "3"])
    fragments = Table(pd.DataFrame({"content": ["0 1", "1 2", "3"], "cue": [0, 1, 2]}))
    result = call("recall_by_votes", program=table, fragments=fragments)
    frame = result["votes"].frame
    assert frame["votes"].tolist() == ["0: 2, 1: 1", "0: 1, 1: 2", "2: 1"]
    assert frame["best cue"].tolist() == [0, 1, 2]
    assert result.numbers["right cue"].value == 1.0


def test_fragments_without_content_or_lessons_say_so():
    lesson = operations(["learn", 0, "0"])
    with pytest.raises(BadInput, match="no column content"):
        call("recall_by_votes", program=lesson, fragments=Table(pd.DataFrame({"cue": [0]})))
    nothing = operations(["recall by cue", 0, ""])
    with pytest.raises(BadInput, match="learns nothing"):
        call("recall_by_votes", program=nothing, fragments=Table(pd.DataFrame({"content": ["0"]})))


def test_a_capacity_says_which_sizes_are_exact():
    result = call("memory_capacity", sizes=["3x6", "5x10"], n_rounds=2)
    assert result.numbers["largest size with all exact, robust parameters (ours)"].value == 50
    frame = result["capacity"].frame
    assert set(frame["size"]) == {"3x6", "5x10"}
    assert sorted(frame["round"].unique()) == [1, 2]
    with pytest.raises(BadInput, match="is no size"):
        call("memory_capacity", sizes=["5 by 10"])
