"""Ways through anatomy: a planted tunnel is found, a closed shell has none, distances are in mm."""

from importlib import import_module

import numpy as np
import pytest

from neurostudio.api import BadInput, Cancelled, Points
from neurostudio.testing import ListContext
from tests.plugins.calling import call

pytest.importorskip("skimage")

BASE = "neurostudio.plugins.neural_fields"


def part(name):
    return import_module(f"{BASE}.{name}")


@pytest.fixture(scope="module")
def made():
    return part("planning_example")


def plan(made, **given):
    items = {"obstacles": (made.shell(),), "entries": made.scalp(), "targets": made.target()}
    return call("plan_trajectory", **(items | given))


@pytest.fixture(scope="module")
def planned(made):
    return plan(made, radius=0.0)


def best_of(result):
    row = result["entries"].frame.iloc[0]
    return row[["entry_x", "entry_y", "entry_z"]].to_numpy(float), row


def test_the_tunnel_is_found_with_the_clearance_it_has(planned, made):
    entry, row = best_of(planned)
    off = np.degrees(np.arccos(entry @ made.HOLE / np.linalg.norm(entry)))
    assert row["feasible"]
    assert off <= 2
    assert row["clearance_mm"] >= 4.5
    median = planned.numbers["clearance of the best"].baseline
    assert median < 0  # the usual candidate meets the shell


def test_walking_the_chosen_way_meets_no_obstacle(planned, made):
    entry, _ = best_of(planned)
    shell = made.shell().image
    places = np.linspace(entry, [0, 0, 0], 4000)
    voxels = np.linalg.inv(shell.affine) @ np.column_stack([places, np.ones(4000)]).T
    rows = np.rint(voxels[:3].T).astype(int)
    inside = ((rows >= 0) & (rows < shell.shape)).all(axis=1)
    assert inside.sum() > 1000
    assert not np.asarray(shell.dataobj)[tuple(rows[inside].T)].any()


def test_a_closed_shell_has_no_way_and_says_so(made):
    result = plan(made, obstacles=(made.shell(hole=False),), candidates=2000)
    assert "none feasible" in result.warnings
    assert result.numbers["feasible share"].value == 0
    assert not result["entries"].frame["feasible"].any()


def test_the_warning_that_it_is_no_clinical_tool_is_always_there(planned):
    assert "not for clinical use" in planned.warnings
    said = [view.caption for view in planned.views] + [planned.views[-1].text]
    assert sum("not for clinical use" in each for each in said) >= 4


def test_a_thicker_shaft_has_less_clearance_by_its_radius(planned, made):
    thick = plan(made, radius=1.0)
    thin, wide = (np.sort(each["entries"].frame["clearance_mm"])[-1] for each in (planned, thick))
    assert thin - wide == pytest.approx(1.0, abs=0.5)


def test_clearance_is_in_millimetres_on_long_voxels():
    wall = np.zeros((20, 20, 20), bool)
    wall[:, :, 0] = True
    affine = np.diag([1.0, 2.0, 3.0, 1.0])
    volume = part("images").volume_of(wall, affine, "scanner")
    field = part("planning").Obstacles.of(ListContext(), (volume,), 0.0)
    distance, beyond = field.at(np.array([[5.0, 10.0, 1.5], [5, 10, 31.5], [5, 10, 300]]))
    np.testing.assert_allclose(distance[:2], [0.0, 30.0], atol=1e-6)  # the wall ends at 1.5 mm
    np.testing.assert_array_equal(beyond, [False, False, True])


def test_the_last_millimetres_before_the_target_do_not_count(made):
    wall = np.zeros((40, 40, 40), bool)
    wall[:, :, 17:20] = True  # 1.5 to 4.5 mm below the middle voxel
    volume = part("images").volume_of(
        wall, part("volume_example").affine_for(1.0, (40, 40, 40)), "scanner"
    )
    above = Points(made.target((0.0, 0.0, 0.5)).table)
    entries = Points(made.target((0.0, 0.0, 18.0)).table)
    given = {"obstacles": (volume,), "entries": entries, "targets": above, "radius": 0.0}
    counted = call("plan_trajectory", **given, zone=0.0).numbers["clearance of the best"].value
    spared = call("plan_trajectory", **given, zone=5.0).numbers["clearance of the best"].value
    assert counted == pytest.approx(0.5, abs=0.05)
    assert spared == pytest.approx(5.5, abs=0.2)


def test_obstacles_and_entries_of_different_spaces_are_refused(made):
    table = made.target().table.assign_attrs(space="MNI152")
    with pytest.raises(BadInput, match="one space"):
        plan(made, targets=Points(table))


def test_an_empty_obstacle_is_refused(made):
    shell = made.shell().image
    empty = part("images").volume_of(np.zeros(shell.shape, bool), shell.affine, "scanner")
    with pytest.raises(BadInput, match="no voxel"):
        plan(made, obstacles=(empty,))


def test_the_plan_stops_between_pieces(made):
    context = ListContext(stopped=lambda: len(context.of_kind("progress")) > 1)
    with pytest.raises(Cancelled):
        plan(made, context=context)


def test_the_shaft_runs_from_entry_to_target_in_the_space_of_the_entries(planned):
    entry, _ = best_of(planned)
    table = planned["shaft"].table
    places = np.column_stack([table[axis].values for axis in "xyz"])
    np.testing.assert_allclose(places[0], entry)
    np.testing.assert_allclose(places[-1], 0, atol=1e-9)
    assert table.attrs["space"] == "scanner"
