"""The door for scripts: open a file, run a method, in this process."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurostudio import devices, items, marks, readers, registry, writers
from neurostudio.data import Data, Table
from neurostudio.method import Context, Result
from neurostudio.params import read_params

if TYPE_CHECKING:
    from neurostudio.writers import Exported

if TYPE_CHECKING:
    from neurostudio.chains import Chain


def open(path: Path | str, part: str = "") -> Data:  # noqa: A001  ns.open reads as it should
    """Read a file, or one part of a file that holds several; also a folder of a session's item.

    Raises
    ------
    UnreadableFile
        The file cannot be opened; the message says why.
    """
    path = Path(path).expanduser()
    if (path / "item.json").exists():
        return items.load(path)
    return readers.read(path, part)


def mark(
    data: Data,
    *,
    add: Sequence[Sequence[Any]] = (),
    remove: Sequence[Sequence[Any]] = (),
    bad: Sequence[str] = (),
    good: Sequence[str] = (),
) -> Data:
    """Return a recording, or trials, with other marks; the samples stay as they are.

    Parameters
    ----------
    data
        What is marked.
    add, remove
        Annotations: onset (s from the first sample), duration (s), words, and channels where it holds for
        some only.
    bad, good
        Names of channels that turn bad, or good again.

    Raises
    ------
    BadInput
        The data have no such channels or annotations.
    """
    wanted = {"add": add, "remove": remove, "bad": bad, "good": good}
    return marks.apply(data, marks.Marks.from_json(wanted))


def export(data: Data, path: Path | str, *, overwrite: bool = False) -> Exported:
    """Write data to a file of a common format; its suffix decides which.

    Returns
    -------
    Exported
        The files, and in words what the format could not hold.

    Raises
    ------
    BadInput
        The format does not take these data, or a file is there already.
    """
    return writers.export(data, path, overwrite=overwrite)


def run(
    method: str,
    *,
    seed: int = 0,
    device: str = "auto",
    folder: Path | str | None = None,
    **given: Any,
) -> Result:
    """Run a method here and now.

    Parameters
    ----------
    method
        Its name, as listed by ``neurostudio methods``.
    seed
        The same seed gives the same numbers, whatever door the method is called by.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"mps"``.
    folder
        Where checkpoints go; a temporary folder by default.
    **given
        The method's inputs and parameters by name. An input that takes several items takes a dict of
        names and data, or a sequence.

    Raises
    ------
    UnknownName
        There is no such method, input or parameter.
    BadInput
        The data or parameters do not fit the method.
    """
    found = registry.find(method)
    inputs = {each.name: each for each in found.inputs}
    data: dict[str, Data | tuple[Data, ...]] = {}
    names: dict[str, tuple[str, ...]] = {}
    for name in [each for each in given if each in inputs and given[each] is not None]:
        some = _by_name(given[name], name)
        names[name] = tuple(some)
        data[name] = tuple(some.values()) if inputs[name].many else next(iter(some.values()))
    params = read_params(found.params, {k: v for k, v in given.items() if k not in inputs})
    with tempfile.TemporaryDirectory(prefix="neurostudio-") as scratch:
        where = Path(folder) if folder is not None else Path(scratch)
        (where / "checkpoints").mkdir(parents=True, exist_ok=True)
        context = Context(
            seed=seed, device=devices.choose(device, gpu=found.gpu), folder=where, names=names
        )
        with devices.limit_threads():
            return found(context, params, **data)


def _by_name(value: Any, name: str) -> dict[str, Data]:
    if isinstance(value, Data):
        return {name: value}
    if isinstance(value, Mapping):
        return dict(value)
    return {f"{name}_{k}": each for k, each in enumerate(value, 1)}


def batch(
    chain: Path | str | Chain,
    folder: Path | str,
    out: Path | str,
    *,
    pattern: str = "",
    item: str = "",
    cluster: str = "",
    workers: int = 0,
) -> Table:
    """Do a chain of steps on every file of a folder, and go on where an earlier call ended.

    Parameters
    ----------
    chain
        A chain, its JSON file, or a session folder.
    folder
        A BIDS data set, or any folder of files.
    out
        Where the results go, in the manner of BIDS derivatives.
    pattern
        Which files, as ``"**/*.edf"``; by default all that the chain can take.
    item
        Of a session with several results, the one to which the chain leads.
    cluster
        Nothing for this machine; ``"local"``, ``"slurm"`` or an address for Dask.
    workers
        How many files at once; 0 for what the settings say.

    Returns
    -------
    Table
        File, state, seconds and reason of a failure, a row each; a failure does not raise.
    """
    import pandas as pd

    from neurostudio.batches import HEADINGS, Batch, chain_at, jobs_for
    from neurostudio.chains import Chain

    steps = chain if isinstance(chain, Chain) else chain_at(Path(chain).expanduser(), item)
    jobs = jobs_for(cluster, workers)
    try:
        made = Batch(steps, Path(folder), Path(out), jobs, pattern)
        made.start()
        made.wait()
        rows = [row.cells() for row in made.rows()]
        made.close()
    finally:
        jobs.close()
    return Table(pd.DataFrame(rows, columns=list(HEADINGS)))
