"""What comes before a run, whoever asks for it: every check, then its folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from neurostudio._version import __version__
from neurostudio.devices import may_have_gpu
from neurostudio.files import ensure_writable
from neurostudio.params import read_params
from neurostudio.runs import Given, Request, Run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neurostudio.data import Data
    from neurostudio.method import Items, Method
    from neurostudio.params import Params

_RESERVE = 100_000_000


def examine(method: Method, params: Mapping[str, Any], items: Items, folder: Path) -> Params:
    """Return the checked parameters, or say what would keep the run from working.

    Raises
    ------
    BadInput, UnknownName
        The data or parameters do not fit the method.
    NotEnough
        Memory, or the disk that ``folder`` is on, cannot suffice.
    """
    checked = read_params(method.params, params)
    method.validate(checked, items)
    method.refuse(checked, items, psutil.virtual_memory().available)
    ensure_writable(folder, sum(each.nbytes() for each in _all(items)) + _RESERVE)
    return checked


def _all(items: Items) -> list[Data]:
    return [
        each
        for given in items.values()
        for each in (given if isinstance(given, tuple) else (given,))
    ]


def arrange(method: Method, data: Mapping[str, tuple[Data, ...]]) -> dict[str, Any]:
    """Return the data as the method takes them: one item, or a tuple where it takes several."""
    many = {each.name: each.many for each in method.inputs}
    return {name: some if many.get(name, True) else some[0] for name, some in data.items()}


def next_folder(runs: Path, method: str) -> Path:
    """Return the folder of the next run: numbers go on, also where runs were removed between."""
    number = 1 + max((int(each.name[:4]) for each in runs.glob("[0-9]*-*")), default=0)
    return runs / f"{number:04d}-{method}"


def point(
    names: Mapping[str, tuple[str, ...]], folders: Mapping[str, Path], run: Path
) -> dict[str, tuple[Given, ...]]:
    """Return pointers to items, relative to a run's folder, so that a session can move."""
    return {
        key: tuple(Given(name, _relative(folders[name], run)) for name in some)
        for key, some in names.items()
    }


def names_today(run: Run, folders: Mapping[str, Path]) -> dict[str, tuple[str, ...]]:
    """Return what the items given to a run are called today, by the inputs they were given to."""
    today = {_relative(folder, run.folder): name for name, folder in folders.items()}
    return {
        key: tuple(today.get(each.folder, each.name) for each in some)
        for key, some in run.request.inputs.items()
    }


def _relative(folder: Path, run: Path) -> str:
    return Path(os.path.relpath(folder, run)).as_posix()


def write_run(
    folder: Path,
    method: Method,
    params: Params,
    inputs: Mapping[str, tuple[Given, ...]],
    *,
    seed: int,
    device: str,
) -> Run:
    """Write the folder of a run that was examined."""
    request = Request(
        method=method.name,
        params=params.model_dump(mode="json"),
        inputs=dict(inputs),
        seed=seed,
        device=device,
        gpu=method.gpu and device != "cpu" and may_have_gpu(),
        version=__version__,
    )
    return Run.create(folder, request)
