"""Works on one run folder in a process of its own: ``python -P -m neurostudio.worker FOLDER``.

With ``--wait`` it does its imports first and takes the folder from standard input: a warm worker.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import platform
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from neurostudio import chained, items, registry
from neurostudio.devices import choose, limit_threads
from neurostudio.errors import NeurostudioError
from neurostudio.files import write_atomically
from neurostudio.method import Cancelled, Context
from neurostudio.params import read_params
from neurostudio.runs import Run, State

if TYPE_CHECKING:
    from neurostudio.data import Data
    from neurostudio.method import Method


def main(arguments: list[str]) -> int:
    """Run the folder named; return 0 only when its result stands."""
    if arguments[0] == "--wait":
        _warm_up()
        folder = sys.stdin.readline().strip()
        if not folder:  # the desktop went away
            return 0
    else:
        folder = arguments[0]
    run = Run(Path(folder))
    _print_to(run.folder / "log.txt")
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)
    return 0 if execute(run) is State.DONE else 1


def execute(run: Run) -> State:
    """Work on a run and leave its end in its folder: a result, an error, or a kept checkpoint."""
    import psutil

    if run.process_lives():  # a program that was killed since has started one already
        return State.RUNNING
    about = {
        "pid": os.getpid(),
        "host": platform.node(),
        "created": psutil.Process().create_time(),
        "started": time.time(),
    }
    write_atomically(run.folder / "process.json", json.dumps(about))
    run.write_event({"kind": "state", "state": State.RUNNING})
    try:
        _perform(run)
    except Cancelled:
        run.mark("stopped")
        return _ended(run, State.STOPPED)
    except Exception as error:  # whatever a method raises belongs into its folder
        text = f"{explain(error)}\n\n{traceback.format_exc()}"
        print(text, file=sys.stderr)
        write_atomically(run.folder / "error.txt", text)
        return _ended(run, State.FAILED)
    return _ended(run, State.DONE)


def _ended(run: Run, state: State) -> State:
    run.write_event({"kind": "state", "state": state})
    return state


def _perform(run: Run) -> None:
    request = run.request
    if request.method == chained.METHOD:
        chained.perform(run)
        return
    found = registry.find(request.method)
    params = read_params(found.params, request.params)
    given = _load(run, found)
    device = choose(request.device, gpu=found.gpu)
    run.write_event({"kind": "text", "text": f"{found.title} on {device}"})
    (run.folder / "checkpoints").mkdir(exist_ok=True)
    context = Context(
        seed=request.seed,
        device=device,
        folder=run.folder,
        names=request.names,
        write=run.write_event,
        stopped=(run.folder / "stop").exists,
    )
    with limit_threads():
        result = found(context, params, **given)
    run.keep(result, found.warnings)


def _load(run: Run, found: Method) -> dict[str, Data | tuple[Data, ...]]:
    many = {each.name: each.many for each in found.inputs}
    loaded: dict[str, Data | tuple[Data, ...]] = {}
    for name, given in run.request.inputs.items():
        data = tuple(items.load(run.item_folder(each)) for each in given)
        loaded[name] = data if many.get(name, True) else data[0]
    return loaded


def explain(error: Exception) -> str:
    """Return one readable sentence for an error of any kind."""
    if isinstance(error, NeurostudioError):
        return str(error)
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return (
            f"The memory did not suffice ({error}). "
            "Use a smaller batch, fewer channels, a shorter part or a lower sampling rate."
        )
    if isinstance(error, OSError):
        return f"A file could not be read or written: {error.strerror or error} ({error.filename})."
    return f"The method failed with a fault of its own: {type(error).__name__}: {error}"


def _warm_up() -> None:
    registry.discover()
    for name in ("mne", "scipy.signal", "pandas", "sklearn.linear_model", "torch"):
        with contextlib.suppress(ImportError):
            __import__(name)


def _print_to(path: Path) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    faulthandler.enable()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
