"""A chain: the steps that lead from one opened file to its results, to be done on many files."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurostudio._version import __version__
from neurostudio.errors import BadInput, UnknownName
from neurostudio.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from neurostudio.method import Method
    from neurostudio.steps import Step

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Link:
    """One method of a chain; ``inputs`` and ``outputs`` by the names that the chain uses."""

    method: str
    params: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    device: str = "auto"
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chain:
    """Methods in order, and the name under which the first ones take the file."""

    source: str
    links: tuple[Link, ...]
    part: str = ""

    @property
    def title(self) -> str:
        """The chain in one line."""
        return " → ".join(link.method.replace("_", " ") for link in self.links)

    @property
    def label(self) -> str:
        """A word of letters and digits for the names of files: that of the last method."""
        return "".join(each for each in self.links[-1].method if each.isalnum())

    def plain(self) -> dict[str, Any]:
        """Return the chain as plain values."""
        links = [asdict(link) for link in self.links]
        about = {"format": FORMAT, "written by": f"neurostudio {__version__}"}
        return {**about, "source": self.source, "part": self.part, "steps": links}

    def digest(self) -> str:
        """Return a number that differs where any step, parameter or seed does."""
        kept = {key: value for key, value in self.plain().items() if key != "written by"}
        return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()

    def methods(self) -> list[Method]:
        """Return the method of each link.

        Raises
        ------
        UnknownName
            A plugin that the chain needs is not installed.
        """
        from neurostudio import registry

        return [registry.find(link.method) for link in self.links]

    def kinds(self) -> frozenset[str]:
        """Return the kinds of data that every method takes to which the file itself is given."""
        found: frozenset[str] | None = None
        for link, method in zip(self.links, self.methods(), strict=True):
            for entry in method.inputs:
                if self.source in link.inputs.get(entry.name, ()):
                    kinds = frozenset(kind.__name__ for kind in entry.kinds)
                    found = kinds if found is None else found & kinds
        return found or frozenset()

    def results(self) -> tuple[str, ...]:
        """Return the names of the outputs that no later step takes."""
        taken = {name for link in self.links for some in link.inputs.values() for name in some}
        made = [name for link in self.links for name in link.outputs.values()]
        return tuple(name for name in made if name not in taken)


def read_chain(path: Path) -> Chain:
    """Read a chain from a JSON file.

    Raises
    ------
    BadInput
        The file holds no chain.
    """
    try:
        return chain_from(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} holds no chain that can be read: {error}.") from error


def chain_from(stored: Any) -> Chain:
    """Return a chain from plain values.

    Raises
    ------
    BadInput
        They make up no chain, or one of a later version.
    """
    try:
        version = stored["format"]
        if version != FORMAT:
            raise BadInput(
                f"The chain has the format {version}; this version reads {FORMAT}. "
                "Update neurostudio, or save the chain again."
            )
        links = tuple(_link(each) for each in stored["steps"])
        chain = Chain(str(stored["source"]), links, str(stored.get("part", "")))
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"This is no chain: {type(error).__name__} {error}.") from error
    _check(chain)
    return chain


def _link(stored: Mapping[str, Any]) -> Link:
    inputs = {key: tuple(map(str, some)) for key, some in stored["inputs"].items()}
    return Link(**{**stored, "inputs": inputs})


def _check(chain: Chain) -> None:
    if not chain.links:
        raise BadInput("The chain has no steps. Run a method on an opened file first.")
    known = {chain.source}
    for number, link in enumerate(chain.links, 1):
        missing = [name for some in link.inputs.values() for name in some if name not in known]
        if missing:
            raise BadInput(
                f"Step {number} ({link.method}) takes '{missing[0]}', which nothing made."
            )
        known |= set(link.outputs.values())


def write_chain(chain: Chain, path: Path) -> None:
    """Write a chain as a JSON file that people can read and edit."""
    write_atomically(path, json.dumps(chain.plain(), indent=1) + "\n")


def chain_of(steps: Sequence[Step], item: str = "") -> Chain:
    """Return the chain of a history.

    Parameters
    ----------
    steps
        The history.
    item
        The result to which the chain leads, or the opened file from which all is to be done; may be
        empty where only one file was worked on.

    Raises
    ------
    BadInput
        Nothing was run, or what was run needs more than one file.
    """
    origin = _origins(steps)
    runs = [step for step in steps if step.act == "run"]
    if item and item not in origin:
        raise UnknownName("item", item, origin)
    item = next(iter(origin[item].names)) if item else ""  # of a copy, what it is a copy of
    roots = {root for step in runs for root in _roots(step, origin)}
    opened = item in roots or not item
    if item and not opened:
        runs = _leading_to(runs, [item])
        roots = {root for step in runs for root in _roots(step, origin)}
    elif item:
        roots = {item}
        runs = [step for step in runs if _roots(step, origin) == {item}]
    if not runs:
        raise BadInput("The chain has no steps. Run a method on an opened file first.")
    if len(roots) != 1:
        raise BadInput(
            f"These results come from {len(roots)} files: {', '.join(sorted(roots))}. "
            "A batch does the same on every single file; choose a result that comes from one."
        )
    return _make(runs, roots.pop(), origin)


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where an item is from: the names of the data it stands for, the opened files, and the step."""

    names: frozenset[str]
    roots: frozenset[str]
    step: Step


def _origins(steps: Iterable[Step]) -> dict[str, _Origin]:
    found: dict[str, _Origin] = {}
    for step in steps:
        if step.act == "copy":
            found[step.outputs[""]] = found[step.inputs[""][0]]
            continue
        if step.act == "mark":  # marks belong to one file; a batch leaves them out
            continue
        for name in step.outputs.values():
            roots = frozenset({name}) if step.act != "run" else frozenset(_roots(step, found))
            found[name] = _Origin(frozenset({name}), roots, step)
    return found


def _roots(step: Step, origin: Mapping[str, _Origin]) -> set[str]:
    given = [name for some in step.inputs.values() for name in some]
    return {root for name in given if name in origin for root in origin[name].roots}


def _leading_to(runs: Sequence[Step], wanted: Iterable[str]) -> list[Step]:
    needed, kept = set(wanted), []
    for step in reversed(runs):
        if needed & set(step.outputs.values()):
            kept.append(step)
            needed |= {name for some in step.inputs.values() for name in some}
    return kept[::-1]


def _make(runs: Sequence[Step], root: str, origin: Mapping[str, _Origin]) -> Chain:
    first = origin[root].step
    if first.act != "open":
        raise BadInput(f"'{root}' was not opened from a file. A batch begins with an opened file.")

    def own(name: str) -> str:
        return next(iter(origin[name].names))

    links = tuple(
        Link(
            step.method,
            dict(step.params),
            step.seed,
            step.device,
            {key: tuple(own(name) for name in some) for key, some in step.inputs.items()},
            dict(step.outputs),
        )
        for step in runs
    )
    part = "" if Path(first.path).is_dir() else first.part  # of a folder, a part is a file
    chain = Chain(root, links, part)
    _check(chain)
    return chain
