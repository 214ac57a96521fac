"""The same numbers in process, by command line and by exported script."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest

pytest.importorskip("torch")

import neurostudio as ns
from neurostudio.jobs import Jobs, LocalRunner
from neurostudio.registry import discover
from neurostudio.runs import Run, State
from neurostudio.workspace import Workspace


def values(numbers):
    return {
        name: (each.value, each.low, each.high)
        for name, each in numbers.items()
        if not each.of_machine
    }


def written(value):
    return value if isinstance(value, str) else json.dumps(value)


QUICK = {
    "pretrain_pictures": {"epochs": 1},
    "train_decoder": {"epochs": 2, "deep_null": False},
    "train_on_tables": {"epochs": 1},
    "fit_surface": {"steps": 40},
    "simulate_network": {"duration": 0.1},
    "fit_network": {"epochs": 5},
}


@pytest.mark.parametrize(
    "method",
    [
        "train_decoder",
        "fit_surface",
        "simulate_network",
        pytest.param("fit_network", marks=pytest.mark.slow),
        pytest.param("pretrain_pictures", marks=pytest.mark.slow),
        pytest.param("train_on_tables", marks=pytest.mark.slow),
    ],
)
def test_a_method_gives_the_same_numbers_by_every_door(method, tmp_path):
    example = discover().example(method)
    example = replace(example, params={**example.params, **QUICK[method]})
    python = values(ns.run(method, **example.items, seed=3, **example.params).numbers)
    assert len(python) >= 2

    workspace = Workspace.new(Jobs(LocalRunner(warm=False)))
    given = {name: workspace.add(name, data) for name, data in example.items.items()}
    run = workspace.start(method, example.params, {name: name for name in given}, seed=3)
    assert workspace.jobs.wait(run) is State.DONE, run.error()
    assert values(run.numbers()) == python

    settings = [f"--set={name}={written(value)}" for name, value in example.params.items()]
    items = [f"{name}={item.folder}" for name, item in given.items()]
    command = [sys.executable, "-m", "neurostudio", "run", method, "--seed", "3"]
    out = tmp_path / "out"
    done = subprocess.run(
        [*command, *items, *settings, "--out", str(out)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert values(Run(out).numbers()) == python

    scope = {}
    exec(workspace.script(), scope)
    (result,) = [each for name, each in scope.items() if name.startswith("run_")]
    assert values(result.numbers) == python
    workspace.close()
