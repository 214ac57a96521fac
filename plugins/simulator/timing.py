"""Times the same network in several programs, in one go, with the firing rate beside every time."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    Context,
    Lines,
    Number,
    Report,
    Result,
    Sheet,
    Table,
    Text,
    method,
    param,
)

from . import building, scripts
from .activity import Activity, FastRunner, GeneralRunner, TorchRunner
from .declaring import WARNINGS as SIMULATED
from .declaring import NetworkParams
from .simulating import describe, groups_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .describing import NetworkDescription

WARNINGS = {
    "simulated data": SIMULATED["simulated data"],
    "rates differ by more than 15 %": "Rates differ by more than 15 %: not the same network ran.",
    "not installed": "BrainPy or Brian2 was not found: give the Python of an environment with it.",
}
_SETTLE = 0.1
_LIMIT = 1800


class TimeParams(NetworkParams):
    """Parameters of :func:`time_simulators`."""

    sizes: tuple[int, ...] = param((4000,), "Numbers of neurons")
    duration: float = param(
        1.0, "Time that is simulated and timed, after 0.1 s that is not", unit="s", gt=0, le=60
    )
    repeats: int = param(3, "Times each; the median counts", ge=1, le=20)
    numpy_too: bool = param(True, "Time plain NumPy and double precision as well")
    brian2_python: str = param("", "Python of an environment with Brian2; empty for this one")
    brainpy_python: str = param("", "Python of an environment with BrainPy; empty for this one")
    standalone: bool = param(
        False, "Time Brian2's C++ standalone mode as well, which compiles each network"
    )


@method(group="Simulate", repeatable=False, warnings=WARNINGS, example="timing")
def time_simulators(
    context: Context, params: TimeParams, description: Text | None = None
) -> Result:
    """Time the same network in our engines and, where installed, in BrainPy and Brian2.

    Every program runs on one thread; compilation has a column of its own; programs take turns. A time holds
    for the rate beside it: compare only where the rates agree.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    missing: list[str] = []
    jobs = [
        (size, name, call)
        for size in params.sizes
        for name, call in _programs(params, missing).items()
    ]
    for size, name, call in context.track(jobs, "Timing"):
        chosen = params.model_copy(update={"n_neurons": size})
        made = describe(chosen, None, description, context.seed)
        runs = [
            call(made, params.duration, context.seed + k, context.folder)
            for k in range(params.repeats)
        ]
        row = _row(name, size, made, runs, params.connection_probability)
        context.log(step=size, stage=name, wall_s=row["wall_s"], rate_hz=row["rate_hz"])
        rows.append(row)
    frame = pd.DataFrame(rows)
    codes = ["simulated data", *(["not installed"] if missing else [])]
    if _differ(frame):
        codes.append("rates differ by more than 15 %")
    best = frame.loc[frame.groupby("neurons").wall_s.idxmin()]
    numbers = {
        f"fastest at {row.neurons:,}": Number(
            float(str(row.wall_s)), "s", note=f"{row.program} at {row.rate_hz:.1f} Hz"
        )
        for row in best.itertuples()
    }
    numbers |= _factors(frame)
    return Result(
        data={"times": Table(frame)},
        views=_views(frame, missing, params),
        numbers=numbers,
        warnings=tuple(codes),
    )


def _programs(params: TimeParams, missing: list[str]) -> dict[str, Callable[..., dict[str, Any]]]:
    found: dict[str, Callable[..., dict[str, Any]]] = {
        "neurostudio, compiled, single": lambda *a: _ours(*a, precision="single", fast=True),
    }
    if params.numpy_too:
        found["neurostudio, compiled, double"] = lambda *a: _ours(*a, precision="double", fast=True)
        if params.network != "COBA-HH":
            found["neurostudio, torch, single"] = lambda *a: _ours(
                *a, precision="single", fast=True, torch=True
            )
        found["neurostudio, NumPy"] = lambda *a: _ours(*a, precision="double", fast=False)
    for name, python, write in (
        ("BrainPy", params.brainpy_python, scripts.brainpy),
        ("Brian2", params.brian2_python, scripts.brian2),
    ):
        interpreter = python or (sys.executable if importlib.util.find_spec(name.lower()) else "")
        if not interpreter or not Path(interpreter).exists():
            missing.append(name)
            continue
        found[name] = _peer(interpreter, write)
        if name == "Brian2" and params.standalone:
            found["Brian2, C++ standalone"] = _peer(interpreter, write, "standalone")
    return found


def _ours(
    made: NetworkDescription,
    duration: float,
    seed: int,
    folder: Path,
    *,
    precision: str,
    fast: bool,
    torch: bool = False,
) -> dict[str, Any]:
    del folder
    activity = Activity(groups_of(made), duration)
    began = time.perf_counter()
    network = building.balanced(made, seed) if fast else None
    runner: Any
    if network is not None and torch:
        runner = TorchRunner(network, made.dt, precision, 0, 1000, "cpu")
    elif network is not None:
        runner = FastRunner(network, made.dt, precision, 0, 1000)
    else:
        runner = GeneralRunner(
            building.network(made, seed),
            dt=made.dt,
            seed=seed,
            backend="numpy",
            n_recorded=0,
            every=1000,
        )
    built = time.perf_counter() - began
    steps = round(duration * 1e3 / made.dt)
    runner.advance(round(_SETTLE * 1e3 / made.dt))
    stretch = 100
    wall = 0.0
    for _ in range(0, steps, stretch):
        began = time.perf_counter()
        times, neurons, _ = runner.advance(stretch)
        wall += time.perf_counter() - began
        activity.times.append(times * 1e-3)
        activity.neurons.append(neurons)
    spikes = sum(map(len, activity.times))
    from neurostudio import __version__

    return {
        "wall": wall,
        "build": built,
        "spikes": spikes,
        "rate": spikes / made.n_neurons / duration,
        "cv": activity.irregularity(),
        "version": __version__,
    }


def _peer(python: str, write: Callable[..., str], *arguments: str) -> Callable[..., dict[str, Any]]:
    def run(made: NetworkDescription, duration: float, seed: int, folder: Path) -> dict[str, Any]:
        place = folder / "peer"
        place.mkdir(parents=True, exist_ok=True)
        script = place / "network.py"
        script.write_text(write(made, duration, seed))
        single = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        flags = {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"}
        done = subprocess.run(
            [python, script.name, *arguments],
            cwd=place,
            env={**_environment(), **single, **flags},
            text=True,
            capture_output=True,
            timeout=_LIMIT,
            check=False,
        )
        lines = [each for each in done.stdout.splitlines() if each.startswith("{")]
        if done.returncode or not lines:
            fault = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
            return {
                "wall": np.nan,
                "build": np.nan,
                "spikes": 0,
                "rate": np.nan,
                "version": "",
                "fault": fault[-1],
            }
        found: dict[str, Any] = json.loads(lines[-1])
        return found

    return run


def _environment() -> dict[str, str]:
    import os

    kept = ("PATH", "HOME", "TMPDIR", "LANG", "SYSTEMROOT", "TEMP")
    return {name: os.environ[name] for name in kept if name in os.environ}


def _row(
    name: str, size: int, made: NetworkDescription, runs: list[dict[str, Any]], probability: float
) -> dict[str, Any]:
    walls = [each["wall"] for each in runs]
    return {
        "program": name,
        "neurons": size,
        "wall_s": median(walls),
        "least_s": min(walls),
        "most_s": max(walls),
        "build_s": median(each["build"] for each in runs),
        "rate_hz": float(np.mean([each["rate"] for each in runs])),
        "interval_cv": float(np.mean([each.get("cv", np.nan) for each in runs])),
        "spikes": int(np.mean([each["spikes"] for each in runs])),
        "synapses_expected": round(made.n_neurons**2 * probability),
        "threads": 1,
        "repeats": len(runs),
        "version": runs[0].get("version", ""),
        "fault": runs[0].get("fault", ""),
    }


def _differ(frame: Any) -> bool:
    for _, part in frame.groupby("neurons"):
        rates = part.rate_hz.dropna()
        if len(rates) and rates.max() > 1.15 * rates.min():
            return True
    return False


def _factors(frame: Any) -> dict[str, Number]:
    found = {}
    for size, part in frame.groupby("neurons"):
        ours = part[part.program.str.startswith("neurostudio")].wall_s.min()
        for row in part[~part.program.str.startswith("neurostudio")].itertuples():
            words = f"ours at {size:,} against {row.program}"
            note = f"times faster; {row.rate_hz:.1f} Hz there"
            found[words] = Number(float(row.wall_s / ours), "1", note=note)
    return found


def _views(frame: Any, missing: list[str], params: TimeParams) -> tuple[Any, ...]:
    table = frame.pivot_table(index="neurons", columns="program", values="wall_s")
    absent = f" Not found: {', '.join(missing)}." if missing else ""
    views: list[Any] = [
        Sheet(
            {name: frame[name].tolist() for name in frame.columns},
            title="Times and rates",
            caption=f"Seconds for {params.duration:g} s; one thread; compile and build apart.{absent}",
        ),
    ]
    if len(table) > 1:
        views.append(
            Lines(
                table.index.to_numpy(float),
                table.to_numpy().T,
                names=tuple(table.columns),
                x_label="neurons",
                x_unit="1",
                y_label="wall time",
                y_unit="s",
                log_x=True,
                log_y=True,
                title="Time against size",
                caption="For the rates in the table: a network that is quieter is faster.",
            )
        )
    if params.network == "COBA-HH":
        views.insert(
            0, Report("**Rates shown: published scripts are not like for like.**", title="Note")
        )
    return tuple(views)
