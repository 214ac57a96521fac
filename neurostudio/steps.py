"""One step of the history, and the one function that writes steps as code."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from neurostudio._version import __version__
from neurostudio.marks import Marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from neurostudio.runs import Run

_LINE = 100
_HEADER = '''"""{title}, written by neurostudio {version}: the same steps give the same numbers."""

from pathlib import Path

import neurostudio as ns

FOLDER = Path({folder!r})
'''


@dataclass(frozen=True, slots=True)
class Step:
    """What was done: a file opened, data added, copied or marked, or a method run.

    ``outputs`` gives each output's item name; ``many`` names the inputs that take several items. ``of`` is
    the folder of the item that was marked, inside the session; the marks are ``params``.
    ``origin`` is empty for a person's own act, else it says who proposed and who approved it.
    """

    act: str
    path: str = ""
    part: str = ""
    method: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    device: str = "auto"
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    many: tuple[str, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)
    run: str = ""
    of: str = ""
    origin: str = ""

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Step:
        """Return a step from plain values."""
        inputs = {key: tuple(some) for key, some in stored["inputs"].items()}
        return cls(**{**stored, "inputs": inputs, "many": tuple(stored["many"])})

    @classmethod
    def of_run(
        cls, run: Run, inputs: Mapping[str, tuple[str, ...]], outputs: Mapping[str, str]
    ) -> Step:
        """Return the step that a finished run was; ``inputs`` and ``outputs`` by today's names."""
        from neurostudio import registry

        request = run.request
        return cls(
            act="run",
            method=request.method,
            params=request.params,
            seed=request.seed,
            device=request.device,
            inputs=inputs,
            many=tuple(each.name for each in registry.find(request.method).inputs if each.many),
            outputs=dict(outputs),
            run=run.name,
        )

    @classmethod
    def of_marks(cls, name: str, marks: Marks, before: str) -> Step:
        """Return the step that changed an item's marks; ``before`` is the folder that it had."""
        return cls(
            act="mark",
            params=marks.to_json(),
            inputs={"": (name,)},
            outputs={"": name},
            of=before,
        )

    @property
    def title(self) -> str:
        """The step in one line."""
        names = ", ".join(self.outputs.values())
        given = ", ".join(name for some in self.inputs.values() for name in some)
        if self.act == "open":
            part = f", part {self.part}" if self.part else ""
            return f"Open {Path(self.path).name}{part} as {names}"
        if self.act == "add":
            return f"Add {names}"
        if self.act == "copy":
            return f"Duplicate {given} as {names}"
        if self.act == "mark":
            words = Marks.from_json(self.params).words
            return f"{words[0].upper()}{words[1:]} in {names}"
        words = self.method.replace("_", " ").capitalize()
        return f"{words}: {given} → {names}" if names else f"{words}: {given}"

    def renamed(self, old: str, new: str) -> Step:
        """Return the step with an item called by another name."""

        def name(each: str) -> str:
            return new if each == old else each

        return replace(
            self,
            inputs={key: tuple(name(each) for each in some) for key, some in self.inputs.items()},
            outputs={key: name(each) for key, each in self.outputs.items()},
        )


def place_of_run(steps: Sequence[Step], used: set[Path], session: Path) -> int:
    """Return where a run belongs in a history: before the items that it used were marked anew."""
    for place, step in enumerate(steps):
        if step.of and (session / step.of).resolve() in used:
            return place
    return len(steps)


def write_script(steps: Sequence[Step], alive: set[str], title: str) -> str:
    """Return a Python script that does the steps again.

    Parameters
    ----------
    steps
        The history.
    alive
        The names of the items that are still open; a step that nothing needs any more is left out.
    title
        The session's name.
    """
    needed = _needed(steps, alive)
    paths = [step.path for step in needed if step.path]
    folder = os.path.commonpath([str(Path(each).parent) for each in paths]) if paths else "."
    header = _HEADER.format(
        title=f"Session {title}", version=__version__, folder=Path(folder).as_posix()
    )
    lines: list[str] = []
    for number, step in enumerate(needed, 1):
        lines += ["", *_write(step, folder, number)]
    return header + "\n".join(lines) + "\n"


def _needed(steps: Sequence[Step], alive: set[str]) -> list[Step]:
    wanted = set(alive)
    kept: list[Step] = []
    for step in reversed(steps):
        if not step.outputs or wanted & set(step.outputs.values()):
            kept.append(step)
            wanted |= {name for some in step.inputs.values() for name in some}
    return _merged(kept[::-1])


def _merged(steps: Sequence[Step]) -> list[Step]:
    """Return the steps with marks made one after the other on one item as one."""
    merged: list[Step] = []
    for step in steps:
        last = merged[-1] if merged else None
        if last is not None and step.act == last.act == "mark" and step.outputs == last.outputs:
            marks = Marks.from_json(last.params).then(Marks.from_json(step.params))
            merged[-1] = replace(last, params=marks.to_json())
        else:
            merged.append(step)
    return merged


def _write(step: Step, folder: str, number: int) -> list[str]:
    if step.act in {"open", "add"}:
        name = step.outputs[""]
        path = PurePosixPath(Path(os.path.relpath(step.path, folder)).as_posix())
        where = f'FOLDER / "{path}"' if str(path) != "." else "FOLDER"
        part = f", part={step.part!r}" if step.part else ""
        return [f"{name} = ns.open({where}{part})"]
    if step.act == "copy":
        return [f"{step.outputs['']} = {step.inputs[''][0]}"]
    if step.act == "mark":
        return _write_mark(step)
    return _write_run(step, f"run_{number}")


def _write_mark(step: Step) -> list[str]:
    name = step.outputs[""]
    marks = Marks.from_json(step.params)
    arguments = [
        f"{key}={[each.short for each in some]!r}"
        for key, some in (("add", marks.add), ("remove", marks.remove))
        if some
    ]
    arguments += [
        f"{key}={list(some)!r}" for key, some in (("bad", marks.bad), ("good", marks.good)) if some
    ]
    call = f"{name} = ns.mark({name}, {', '.join(arguments)})"
    if len(call) <= _LINE:
        return [call]
    return [f"{name} = ns.mark(", f"    {name},", *(f"    {each}," for each in arguments), ")"]


def _write_run(step: Step, variable: str) -> list[str]:
    arguments = [*_inputs(step), *_changed(step)]
    if step.device != "auto":
        arguments.append(f"device={step.device!r}")
    arguments.append(f"seed={step.seed}")
    call = f'{variable} = ns.run("{step.method}", {", ".join(arguments)})'
    if len(call) > _LINE:
        inner = "".join(f"    {each},\n" for each in arguments)
        call = f'{variable} = ns.run(\n    "{step.method}",\n{inner})'
    lines = [call]
    lines += [f'{name} = {variable}["{output}"]' for output, name in step.outputs.items()]
    return [*lines, f"print({variable})"]


def _inputs(step: Step) -> Iterable[str]:
    for key, names in step.inputs.items():
        if key in step.many:
            pairs = ", ".join(f'"{name}": {name}' for name in names)
            yield f"{key}={{{pairs}}}"
        else:
            yield f"{key}={names[0]}"


def _changed(step: Step) -> Iterable[str]:
    """Yield the parameters that differ from the method's defaults."""
    from neurostudio import registry

    fields = registry.find(step.method).params.model_fields
    for name, value in step.params.items():
        default = fields[name].get_default(call_default_factory=True) if name in fields else None
        plain = list(default) if isinstance(default, tuple) else default
        if value != plain:
            yield f"{name}={value!r}"
