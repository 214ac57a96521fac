"""Keeps a simulation on disk, so that what was simulated stays readable and a stopped run goes on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from .activity import Activity, FastRunner

FILE = "simulation.npz"
KEEP_EVERY = 10.0  # s of wall time between two checkpoints


class Pause:
    """The checkpoint of one simulation.

    Parameters
    ----------
    folder
        Of checkpoints.
    meaning
        What a checkpoint must agree with: parameters and seed.
    runner
        Continues from its state; without one the record is kept but the simulation begins anew.
    """

    def __init__(self, folder: Path, meaning: str, runner: FastRunner | None) -> None:
        self._path, self._meaning, self._runner = folder / FILE, meaning, runner

    def save(self, activity: Activity, step: int) -> None:
        """Write spikes, potentials and the state of the engine; nothing is written outside of a run."""
        if not self._path.parent.is_dir():
            return
        times, neurons = activity.spikes()
        state = self._runner.state() if self._runner else {}
        about = {
            "meaning": self._meaning,
            "step": step,
            "seen": activity.seen,
            "wall": activity.wall,
        }
        potentials = (
            np.concatenate(activity.potentials) if activity.potentials else np.empty((0, 0))
        )
        part = self._path.with_suffix(".part.npz")
        with part.open("wb") as file:
            np.savez(
                file,
                allow_pickle=False,
                about=np.array(json.dumps(about)),
                times=times,
                neurons=neurons,
                potentials=potentials,
                **{f"state.{name}": value for name, value in state.items()},
            )
        part.replace(self._path)

    def resume(self, activity: Activity) -> int:
        """Put back what was kept and return the step to go on from, 0 where there is nothing that fits."""
        if self._runner is None or not self._path.exists():
            return 0
        try:
            with np.load(self._path, allow_pickle=False) as kept:
                found: dict[str, Any] = {name: kept[name] for name in kept.files}
            about = json.loads(str(found["about"]))
        except (OSError, ValueError, KeyError, EOFError):
            return 0
        if about["meaning"] != self._meaning:
            return 0
        self._runner.restore({k[6:]: v for k, v in found.items() if k.startswith("state.")})
        activity.times, activity.neurons = [found["times"]], [found["neurons"]]
        activity.potentials = [found["potentials"]]
        activity.seen, activity.wall = about["seen"], about["wall"]
        return int(about["step"])
