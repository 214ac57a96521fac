"""Stopping, resuming, and the same numbers by every door: the dynamic connectome."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
import pytest

pytest.importorskip("pynapple")
pytest.importorskip("sklearn")

import neurostudio as ns
from neurostudio.api import Cancelled
from neurostudio.jobs import Jobs, LocalRunner
from neurostudio.registry import discover, find
from neurostudio.runs import Run, State
from neurostudio.testing import ListContext, names_of
from neurostudio.workspace import Workspace

from .calling import call
from .stopping import StopAt

METHODS = tuple(find(name).name for name in (
    "motif_atlas", "differential_affinity", "factorise_affinities", "choose_rank", "find_communities",
    "compare_with_anatomy",
))  # fmt: skip


def run(name, stop, folder=None, **more):
    example = discover().example(name)
    context = ListContext(stopped=stop, names=names_of(example))
    if folder is not None:
        context.folder = folder
    return call(name, context, **{**example.params, **more, **example.items}), context


def values(numbers):
    return {name: number.value for name, number in numbers.items()}


@pytest.mark.parametrize("name", METHODS)
def test_a_method_stops_within_two_seconds_at_its_start_middle_and_end(name):
    counted = StopAt()
    run(name, counted)
    assert counted.asked > 1
    for after in (1, counted.asked // 2, counted.asked):
        stop = StopAt(after)
        with pytest.raises(Cancelled):
            run(name, stop)
        assert time.perf_counter() - stop.at < 2


def test_a_stopped_fit_goes_on_where_it_was_and_ends_in_the_same_numbers(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    more = {"n_starts": 3, "n_iterations": 60}
    whole, _ = run("factorise_affinities", StopAt(), **more)
    with pytest.raises(Cancelled):
        run("factorise_affinities", StopAt(100), tmp_path, **more)
    assert [each.name for each in (tmp_path / "checkpoints").iterdir()] == ["Factors.npz"]
    again, context = run("factorise_affinities", StopAt(), tmp_path, **more)
    assert 0 < len(context.of_kind("metrics")) < 120  # less than two of three starts are done again
    for key, array in whole["model"].weights.items():
        np.testing.assert_array_equal(array, again["model"].weights[key], err_msg=key)


def test_a_checkpoint_of_another_fit_or_a_broken_one_is_left_alone(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    run("factorise_affinities", StopAt(), tmp_path)
    other, context = run("factorise_affinities", StopAt(), tmp_path, rank=3)
    assert len(context.of_kind("metrics")) == 3 * 40
    assert other.numbers["rank"].value == 3
    (tmp_path / "checkpoints" / "Factors.npz").write_bytes(b"half of a file")
    _, context = run("factorise_affinities", StopAt(), tmp_path)
    assert len(context.of_kind("metrics")) == 3 * 40


def test_a_fit_is_seen_while_it_goes_on():
    _, context = run("motif_atlas", StopAt())
    curves = [event["values"] for event in context.of_kind("metrics")]
    assert {each["start"] for each in curves} == {"1", "2", "3"}
    assert curves[39]["relative_error"] < curves[0]["relative_error"]
    shown = context.of_kind("view")[0]
    assert shown["name"] == "Time courses"
    assert shown["view"].axis == "time"


def test_a_large_tensor_lies_on_disk_and_gives_the_same_numbers(tmp_path, monkeypatch):
    from neurostudio.plugins.dynamic_connectome import tensors

    memory, _ = run("factorise_affinities", StopAt())
    monkeypatch.setattr(tensors, "ON_DISK", 1000)
    disk, context = run("factorise_affinities", StopAt(), tmp_path)
    assert (tmp_path / "affinities.npy").exists()
    assert any("kept on disk" in event["text"] for event in context.of_kind("text"))
    assert values(disk.numbers) == values(memory.numbers)


def test_worker_command_line_python_and_script_give_one_atlas(tmp_path):
    example = discover().example("motif_atlas")
    workspace = Workspace.new(Jobs(LocalRunner(warm=False)))
    names = example.names["traces"]
    items = [workspace.add(n, d) for n, d in zip(names, example.items["traces"], strict=True)]
    stimuli = workspace.add("stimuli", example.items["stimuli"])
    started = workspace.start(
        "motif_atlas", example.params, {"traces": names, "stimuli": "stimuli"}, seed=3
    )
    assert workspace.jobs.wait(started) is State.DONE, started.error()
    desktop = values(started.numbers())
    assert len(desktop) >= 6

    python = ns.run("motif_atlas", seed=3, **example.items, **example.params)
    assert values(python.numbers) == desktop

    words = [word for k, v in example.params.items() for word in ("--set", f"{k}={v}")]
    given = [f"traces={each.folder}" for each in items] + [f"stimuli={stimuli.folder}"]
    out = tmp_path / "out"
    command = [sys.executable, "-m", "neurostudio", "run", "motif_atlas", "--seed", "3"]
    subprocess.run([*command, *given, *words, "--out", str(out)], check=True, capture_output=True)
    assert values(Run(out).numbers()) == desktop
    assert type(Run(out).views()[0]).__name__ == "MotifAtlas"

    scope = {}
    exec(workspace.script(), scope)
    (result,) = [each for name, each in scope.items() if name.startswith("run_")]
    assert values(result.numbers) == desktop
    workspace.close()
