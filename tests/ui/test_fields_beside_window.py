"""The window stays awake while a field is fitted, and a fit that is stopped from it is over at once (N10)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

CODE = """
import json, os, time, numpy as np
from neurostudio.ui.bench import Session, Ticks, _is_training
from neurostudio.ui.panels.form_panel import open_example

session = Session()
studio = session.window.studio
workspace = studio.workspace
method, params, names = open_example(workspace, studio.registry, {method!r})
run = workspace.start(method, {{**params, **{more!r}}}, names, seed=0)
session.window.show_runs(run)
session.until(lambda: _is_training(run), patience=90.0)
ticks = Ticks()
session.turn(6000)
state = run.state.value
gaps = np.diff(ticks.times)
start = time.perf_counter()
workspace.jobs.cancel(run)
session.until(lambda: run.state.value != "running", patience=20.0)
stopped = time.perf_counter() - start
print(json.dumps({{"gap": float(gaps.max()), "ticks": len(gaps), "state": state,
                   "stopped": stopped, "after": run.state.value}}), flush=True)
os._exit(0)
"""
FITS = {
    "fit_radiance": {"coarse": 32, "coarse_steps": 30_000, "rays": 1024, "samples": 64},
    "fit_splats": {"gaussians": 800, "steps": 30_000, "rounds": 1},
}


@pytest.mark.slow
@pytest.mark.parametrize("method", FITS)
def test_the_window_stays_awake_beside_a_fit_and_stops_it(method, tmp_path):
    code = CODE.format(method=method, more=FITS[method])
    env = {**os.environ, "NEUROSTUDIO_SETTINGS": str(tmp_path / "settings.json")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    record = os.environ.get("NEUROSTUDIO_MEASUREMENTS")
    if record:
        (Path(record) / f"{method}_window.json").write_text(json.dumps(found))
    assert found["state"] == "running"
    assert found["gap"] < 0.25, found
    assert found["stopped"] < 2, found
    assert found["after"] == "cancelled", found
