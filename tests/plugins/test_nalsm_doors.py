"""A liquid gives the same numbers in process, from the command line and from the exported script."""

from __future__ import annotations

import json
import subprocess
import sys

import neurostudio as ns
from neurostudio.jobs import Jobs, LocalRunner
from neurostudio.registry import discover
from neurostudio.runs import Run, State
from neurostudio.workspace import Workspace


def values(numbers):
    return {name: number.value for name, number in numbers.items()}


def test_a_liquid_gives_identical_numbers_by_every_door(tmp_path):
    example = discover().example("self_organise")
    data = example.items["data"]
    python = values(ns.run("self_organise", data=data, seed=3, **example.params).numbers)
    assert len(python) >= 6

    workspace = Workspace.new(Jobs(LocalRunner(warm=False)))
    item = workspace.add("pictures", data)
    run = workspace.start("self_organise", example.params, {"data": "pictures"}, seed=3)
    assert workspace.jobs.wait(run) is State.DONE, run.error()
    assert values(run.numbers()) == python

    settings = [
        word
        for key, value in example.params.items()
        for word in ("--set", f"{key}={json.dumps(value)}")
    ]
    out = tmp_path / "out"
    command = [sys.executable, "-m", "neurostudio", "run", "self_organise", "--seed", "3"]
    subprocess.run(
        [*command, f"data={item.folder}", *settings, "--out", str(out)],
        check=True,
        capture_output=True,
    )
    assert values(Run(out).numbers()) == python

    scope = {}
    exec(workspace.script(), scope)
    (result,) = [each for name, each in scope.items() if name.startswith("run_")]
    assert values(result.numbers) == python
    workspace.close()
