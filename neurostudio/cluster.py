"""Runs on a Dask cluster: embedded, at an address, or started by SLURM.

A task on the cluster starts the same worker process that works on this machine, in the same run
folder, which every machine must see under the same path.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurostudio.errors import BadInput, MissingFile
from neurostudio.files import write_atomically
from neurostudio.jobs import kill_tree

if TYPE_CHECKING:
    from neurostudio.runs import Run
    from neurostudio.settings import Settings

ASLEEP = 0.2
BEAT = 5.0
PATIENCE = 5.0
LOCAL = "127.0.0.1"
INSTALL = "pip install 'neurostudio[scale]'"


class DaskRunner:
    """Hands runs to a Dask cluster.

    Parameters
    ----------
    where
        ``"local"``, an address such as ``"tcp://node1:8786"``, or ``"slurm"``.
    settings
        Number of workers; queue, cores and memory of SLURM.
    """

    def __init__(self, where: str, settings: Settings) -> None:
        distributed = _distributed()
        self._cluster = _cluster_of(where, settings)
        address = self._cluster if self._cluster is not None else where
        try:
            self._client = distributed.Client(address, timeout=10, set_as_default=False)
        except (OSError, ValueError) as error:
            raise MissingFile(
                f"No Dask cluster answers at {where} ({error or 'no answer in 10 s'}). "
                "Start one there, or use 'local'."
            ) from error

    def start(self, run: Run) -> DaskWork:
        """Queue a run on the cluster; its folder tells when it begins."""
        folder = str(run.folder.resolve())
        future = self._client.submit(work_on, folder, pure=False, retries=0)
        return DaskWork(future, run)

    def close(self) -> None:
        """Leave the cluster; an embedded one ends."""
        self._client.close(timeout=PATIENCE)
        if self._cluster is not None:
            self._cluster.close(timeout=PATIENCE)


class DaskWork:
    """A run that waits or works on a cluster."""

    def __init__(self, future: Any, run: Run) -> None:
        self._future = future
        self._run = run

    def lives(self) -> bool:
        """Return whether the cluster still has it; say why where the cluster itself failed."""
        if not self._future.done():
            return True
        if self._future.status == "error" and not (self._run.folder / "result.json").exists():
            why = self._future.exception()
            text = f"The cluster could not work on it: {type(why).__name__}: {why}"
            write_atomically(self._run.folder / "error.txt", text)
        return False

    def kill(self) -> None:
        """Take it off the cluster; the task sees the mark and ends its process."""
        self._run.mark("cancelled")
        with contextlib.suppress(TimeoutError):
            self._future.cancel()

    def settle(self) -> None:
        """Let it end, and end it if it does not."""
        until = time.monotonic() + PATIENCE
        while not self._future.done() and time.monotonic() < until:
            time.sleep(ASLEEP)
        if not self._future.done():
            self.kill()


def work_on(folder: str) -> int:
    """Work on a run in a process of its own, on whatever machine this is called."""
    from neurostudio.runs import Run

    run = Run(Path(folder))
    environment = {**os.environ}
    for name in ("DASK_WORKER_NAME", "DASK_PARENT"):
        environment.pop(name, None)
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "neurostudio.worker", folder],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    last = 0.0
    while process.poll() is None:
        if (run.folder / "cancelled").exists():
            kill_tree(process.pid)
        if time.monotonic() - last > BEAT:
            run.beat()
            last = time.monotonic()
        time.sleep(ASLEEP)
    return process.returncode


def _distributed() -> Any:
    try:
        import distributed
    except ModuleNotFoundError as error:
        raise MissingFile(
            f"A cluster needs the package {error.name}. Install it: {INSTALL}"
        ) from error
    return distributed


def _cluster_of(where: str, settings: Settings) -> Any:
    """Return a cluster that is started here, or nothing for one that runs already."""
    if where == "local":
        # threads suffice, as each task is a process of its own; every port listens on this machine only
        return _distributed().LocalCluster(
            n_workers=settings.cluster_workers,
            threads_per_worker=1,
            processes=False,
            protocol="tcp://",
            host=LOCAL,
            dashboard_address=f"{LOCAL}:0",
            silence_logs=40,
        )
    if where == "slurm":
        return slurm(settings)
    if "://" not in where:
        raise BadInput(
            f"'{where}' is no cluster. Write 'local', 'slurm' or an address such as tcp://node1:8786."
        )
    return None


def slurm(settings: Settings) -> Any:
    """Return a cluster whose workers are jobs of SLURM.

    Raises
    ------
    MissingFile
        The package dask-jobqueue or the command ``sbatch`` is not there.
    """
    import shutil

    try:
        import dask_jobqueue as jobqueue
    except ModuleNotFoundError as error:
        raise MissingFile(f"SLURM needs the package {error.name}. Install it: {INSTALL}") from error
    if shutil.which("sbatch") is None:
        raise MissingFile(
            "SLURM needs the command sbatch, which is not here. Start this on its login node."
        )
    queue: Any = jobqueue  # its names carry no types
    cluster = queue.SLURMCluster(**slurm_options(settings))
    cluster.scale(jobs=settings.cluster_workers)
    return cluster


def slurm_options(settings: Settings) -> dict[str, Any]:
    """Return the options of a SLURM job: one process, with the cores and memory of the settings."""
    return {
        "queue": settings.cluster_queue or None,
        "cores": settings.cluster_cores,
        "processes": 1,
        "memory": settings.cluster_memory,
        "worker_extra_args": ["--nthreads", "1"],
        "job_name": "neurostudio",
    }
