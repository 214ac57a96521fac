"""One run in a folder of its own, outside any session: what the command line makes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurostudio import items, registry
from neurostudio.errors import BadInput, UnknownName
from neurostudio.files import ensure_writable
from neurostudio.launch import arrange, examine, write_run
from neurostudio.names import valid_name
from neurostudio.params import from_text, parameters
from neurostudio.runs import Given, Run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from neurostudio.data import Data
    from neurostudio.method import Method


def prepare(
    folder: Path,
    method: str,
    inputs: Iterable[tuple[str, str]],
    settings: Iterable[tuple[str, str]],
    seed: int,
    device: str,
) -> Run:
    """Write the folder of a run on files.

    Parameters
    ----------
    folder
        The run's folder; new or empty.
    method
        The method's name.
    inputs
        Pairs of an input's name and ``FILE`` or ``FILE::PART``; repeated for several items.
    settings
        Pairs of a parameter's name and its value as text.
    seed, device
        As in a session.

    Raises
    ------
    NeurostudioError
        Anything that would keep the run from working, said before it starts.
    """
    found = registry.find(method)
    values = _values(found, settings)
    if folder.exists() and any(folder.iterdir()):
        raise BadInput(f"{folder} is not empty. Give --out a new folder.")
    inputs = list(inputs)
    known = [each.name for each in found.inputs]
    for name, _ in inputs:
        if name not in known:
            raise UnknownName(f"input of {method}", name, known)
    ensure_writable(folder)
    given: dict[str, tuple[Given, ...]] = {}
    data: dict[str, tuple[Data, ...]] = {}
    for number, (name, where) in enumerate(inputs):
        item, each = _keep(folder, number, where)
        given[name] = (*given.get(name, ()), item)
        data[name] = (*data.get(name, ()), each)
    _refuse_several(found, data)
    params = examine(found, values, arrange(found, data), folder)
    return write_run(folder, found, params, given, seed=seed, device=device)


def _keep(folder: Path, number: int, where: str) -> tuple[Given, Data]:
    from neurostudio.readers import read

    file, _, part = where.partition("::")
    path = Path(file).expanduser()
    inside = folder / "inputs" / f"{number:03d}"
    if (path / "item.json").exists():  # an output of an earlier run
        data = items.load(path)
        items.keep(data, inside)
    else:
        data = read(path, part)
        items.point(data, path, part, inside)
    name = valid_name(f"{path.name}_{part}" if part else path.name)
    return Given(name, f"inputs/{number:03d}"), data


def _refuse_several(method: Method, data: dict[str, tuple[Data, ...]]) -> None:
    for entry in method.inputs:
        given = len(data.get(entry.name, ()))
        if given > 1 and not entry.many:
            raise BadInput(f"'{entry.name}' takes one item; {given} were given.")


def _values(method: Method, settings: Iterable[tuple[str, str]]) -> dict[str, Any]:
    kinds = {each.name: each.kind for each in parameters(method.params)}
    return {name: from_text(kinds.get(name, "text"), text) for name, text in settings}
