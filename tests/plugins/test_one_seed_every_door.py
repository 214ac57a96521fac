"""One seed gives the same numbers from the desktop's worker, the command line, Python and the script."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("torch")

import neurostudio as ns
from neurostudio.jobs import Jobs, LocalRunner
from neurostudio.registry import discover
from neurostudio.runs import Run, State
from neurostudio.workspace import Workspace


def values(numbers):
    return {name: number.value for name, number in numbers.items()}


def test_a_training_gives_identical_numbers_by_every_door(tmp_path):
    example = discover().example("train_classifier")
    windows = example.items["windows"]
    workspace = Workspace.new(Jobs(LocalRunner(warm=False)))
    item = workspace.add("windows", windows)
    run = workspace.start("train_classifier", example.params, {"windows": "windows"}, seed=3)
    assert workspace.jobs.wait(run) is State.DONE, run.error()
    desktop = values(run.numbers())
    assert len(desktop) >= 3

    python = values(ns.run("train_classifier", windows=windows, seed=3, **example.params).numbers)
    assert python == desktop

    settings = [
        word for key, value in example.params.items() for word in ("--set", f"{key}={value}")
    ]
    out = tmp_path / "out"
    command = [sys.executable, "-m", "neurostudio", "run", "train_classifier", "--seed", "3"]
    subprocess.run(
        [*command, f"windows={item.folder}", *settings, "--out", str(out)],
        check=True,
        capture_output=True,
    )
    assert values(Run(out).numbers()) == desktop

    scope = {}
    exec(workspace.script(), scope)
    (result,) = [each for name, each in scope.items() if name.startswith("run_")]
    assert values(result.numbers) == desktop

    other = values(ns.run("train_classifier", windows=windows, seed=4, **example.params).numbers)
    assert other != desktop
    workspace.close()
