"""What tests of methods share: a context that remembers, and the checks for every method."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.method import Cancelled, Context, Event, Example, Method, Result
from neurostudio.params import Params, parameters, read_params
from neurostudio.registry import discover
from neurostudio.views import load_view, save_view

if TYPE_CHECKING:
    from collections.abc import Callable

    from neurostudio.data import Data

HEAVY = ("torch", "mne", "scipy", "pandas", "sklearn", "PySide6", "nibabel", "pynapple", "xarray")


@dataclass
class ListContext(Context):
    """A context that keeps every event in :attr:`events`."""

    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Send what is written to the list."""
        self.write = self.events.append

    def of_kind(self, kind: str) -> list[Event]:
        """Return the events of one kind: ``progress``, ``metrics``, ``view`` or ``text``."""
        return [event for event in self.events if event["kind"] == kind]


def names_of(example: Example) -> dict[str, tuple[str, ...]]:
    """Return names for the items of an example, as a session would give them."""
    named = {}
    for name, given in example.items.items():
        count = len(given) if isinstance(given, tuple) else 1
        known = example.names.get(name)
        named[name] = known or tuple(f"{name}_{k}" if count > 1 else name for k in range(count))
    return named


def try_it(method: Method, context: Context | None = None, *, seed: int = 0) -> Result:
    """Run a method on its own example."""
    example = discover().example(method.name)
    context = context or ListContext(seed=seed)
    context.names = names_of(example)
    return method(context, read_params(method.params, example.params), **example.items)


@cache
def _first_run(name: str) -> tuple[Result, tuple[Event, ...]]:
    """Run a method on its example once for all checks; return the result and the events."""
    context = ListContext()
    return try_it(discover().methods[name], context), tuple(context.events)


def check_defaults(method: Method) -> None:
    """Check that the default values, and those of every preset, are valid."""
    method.params()
    for values in method.params.presets.values():
        read_params(method.params, values)


def check_words(method: Method) -> None:
    """Check that parameters have help, fractional numbers a unit, the method a sentence."""
    assert method.doc, f"{method.name} has no docstring"
    assert issubclass(method.params, Params)
    for each in parameters(method.params):
        assert each.help, f"{method.name}: {each.name} has no help"
        is_float = each.kind == "float" or each.item == "float"
        assert each.unit or not is_float, f"{method.name}: {each.name} has no unit"


def check_example(method: Method) -> None:
    """Check that the example runs and, but for what is measured of the machine, gives the same twice."""
    first, second = _first_run(method.name)[0], try_it(method)
    assert first.data or first.views or first.numbers
    if not method.repeatable:
        return
    numbers = [
        {k: str(v) for k, v in each.numbers.items() if not v.of_machine} for each in (first, second)
    ]
    assert numbers[0] == numbers[1]
    for name, each in first.data.items():
        assert_same(each, second.data[name])


def check_stop(method: Method) -> None:
    """Check that a run that is to stop from the start ends as cancelled, if it has a loop."""
    if not any(event["kind"] == "progress" for event in _first_run(method.name)[1]):
        return
    try:
        try_it(method, ListContext(stopped=lambda: True))
    except Cancelled:
        return
    raise AssertionError(f"{method.name} does not stop when asked")


def check_result(method: Method) -> None:
    """Check that data and views of the result are saved and come back as they were."""
    result = _first_run(method.name)[0]
    with tempfile.TemporaryDirectory() as folder:
        for name, each in result.data.items():
            place = Path(folder) / name
            place.mkdir()
            each.save(place)
            assert_same(each, type(each).load(place))
        for number, view in enumerate(result.views):
            path = Path(folder) / f"{number}.npz"
            save_view(view, path)
            assert type(load_view(path)) is type(view)


@cache
def _found_lightly() -> tuple[frozenset[str], frozenset[str]]:
    """Find all methods in a process of its own; return their names, and what heavy was imported."""
    code = (
        "import json, sys; from neurostudio.registry import discover\n"
        "names = list(discover().methods)\n"
        f"print(json.dumps([names, [each for each in {HEAVY!r} if each in sys.modules]]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    names, heavy = json.loads(done.stdout)
    return frozenset(names), frozenset(heavy)


def check_light(method: Method) -> None:
    """Check that finding the method imports nothing heavy."""
    names, heavy = _found_lightly()
    assert method.name in names
    assert not heavy, f"finding the methods imports {sorted(heavy)}"


CHECKS: tuple[Callable[[Method], None], ...] = (
    check_light,
    check_defaults,
    check_words,
    check_example,
    check_stop,
    check_result,
)


def assert_same(first: Data, second: Data) -> None:
    """Raise where two items of data differ in their numbers."""
    a, b = arrays_of(first), arrays_of(second)
    assert a.keys() == b.keys(), f"{sorted(a)} against {sorted(b)}"
    for name, value in a.items():
        np.testing.assert_array_equal(value, b[name], err_msg=name)


def arrays_of(data: Data) -> dict[str, Any]:
    """Return the numbers of data as arrays by name, for comparing."""
    kind = type(data).__name__
    payload: Any = data
    if kind == "Recording":
        return {"signals": payload.raw.get_data()}
    if kind == "Trials":
        found = {"signals": payload.epochs.get_data(copy=True), "events": payload.epochs.events}
        metadata = payload.epochs.metadata
        return found if metadata is None else found | _columns(metadata)
    if kind == "Table":
        return _columns(payload.frame)
    if kind == "Traces":
        return {"values": np.asarray(payload.frame.values), "times": payload.frame.index.values}
    if kind == "Text":
        return {"text": np.array(payload.text)}
    if kind == "TrainedModel":
        return {name: np.asarray(value) for name, value in payload.weights.items()}
    return {}


def _columns(frame: Any) -> dict[str, Any]:
    return {str(name): np.asarray(frame[name].to_numpy()) for name in frame.columns}


__all__ = [
    "CHECKS",
    "ListContext",
    "arrays_of",
    "assert_same",
    "names_of",
    "try_it",
]
