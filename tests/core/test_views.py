"""Views: described, saved as npz, read back without running anything."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest

from neurostudio.errors import BrokenSession
from neurostudio.views import Heatmap, Lines, Sheet, load_view, save_view


def test_a_view_comes_back_as_it_was_saved(tmp_path):
    view = Lines(
        x=np.arange(3.0),
        y=np.eye(3),
        names=("a", "b", "c"),
        x_unit="s",
        levels={"chance": 0.5},
        title="Three",
        axis="time",
    )
    save_view(view, tmp_path / "view.npz")
    again = load_view(tmp_path / "view.npz")
    assert isinstance(again, Lines)
    np.testing.assert_array_equal(again.y, np.eye(3))
    assert (again.names, again.levels, again.low) == (("a", "b", "c"), {"chance": 0.5}, None)
    assert (again.title, again.axis) == ("Three", "time")


def test_outlines_and_columns_survive(tmp_path):
    outlines = (np.zeros((4, 2)), np.ones((5, 2)))
    save_view(Heatmap(values=np.eye(2), outlines=outlines), tmp_path / "map.npz")
    again = load_view(tmp_path / "map.npz")
    assert [each.shape for each in again.outlines] == [(4, 2), (5, 2)]
    save_view(Sheet(columns={"n": [1, 2], "who": ["a", "b"]}), tmp_path / "sheet.npz")
    assert load_view(tmp_path / "sheet.npz").columns == {"n": [1, 2], "who": ["a", "b"]}


def test_a_view_with_a_pickled_object_is_refused(tmp_path):
    np.savez(tmp_path / "evil.npz", **{"view.json": np.array([{"run": print}], dtype=object)})
    with pytest.raises(BrokenSession, match="is not a saved view"):
        load_view(tmp_path / "evil.npz")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"\x93NUMPY"])
def test_a_damaged_view_is_one_message(tmp_path, content):
    (tmp_path / "view.npz").write_bytes(content)
    with pytest.raises(BrokenSession):
        load_view(tmp_path / "view.npz")


def test_an_unknown_kind_of_view_is_one_message(tmp_path):
    buffer = io.BytesIO()
    np.save(buffer, np.array('{"view": "NeverHeardOf"}'))
    with zipfile.ZipFile(tmp_path / "view.npz", "w") as file:
        file.writestr("view.json.npy", buffer.getvalue())
    with pytest.raises(BrokenSession, match="does not know"):
        load_view(tmp_path / "view.npz")
