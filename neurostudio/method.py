"""A method: one typed function, and everything that is read from its signature."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass, field
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from neurostudio.data import Data
from neurostudio.errors import BadInput, NotEnough

if TYPE_CHECKING:
    from neurostudio.params import Params
    from neurostudio.scores import Number
    from neurostudio.views import View

T = TypeVar("T")

Event = dict[str, Any]
Items = Mapping[str, "Data | tuple[Data, ...]"]

_TRACK_INTERVAL = 0.1
_RESERVED = frozenset({"seed", "device", "folder"})


class Cancelled(Exception):
    """Raised by :meth:`Context.track` when the run is to stop; checkpoints are kept."""


def _ignore(event: Event) -> None:
    del event


def _never() -> bool:
    return False


@dataclass
class Context:
    """All that a method may ask for while it runs.

    Parameters
    ----------
    seed
        For ``numpy.random.default_rng`` and ``torch.manual_seed``; the same seed gives the same numbers.
    device
        ``"cpu"``, ``"cuda"``, ``"cuda:1"`` or ``"mps"``: decided once, by the runner.
    folder
        Scratch and ``folder / "checkpoints"``; survives a stop, so that a run can be resumed.
    names
        The names of the items given to each input, one for a single item.
    write
        Takes every event as a plain dict; the runner appends it to ``events.jsonl``.
    stopped
        Says whether the run is to stop.
    """

    seed: int = 0
    device: str = "cpu"
    folder: Path = field(default_factory=Path)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    write: Callable[[Event], None] = _ignore
    stopped: Callable[[], bool] = _never
    _levels: list[tuple[int, int]] = field(default_factory=list)
    _last: float = 0.0

    def track(self, items: Iterable[T], label: str, total: int | None = None) -> Iterator[T]:
        """Yield the items, report progress, and be the place where a run stops.

        Nested calls refine the progress of the outer one.

        Raises
        ------
        Cancelled
            The run is to stop.
        """
        if total is None:
            total = len(items) if isinstance(items, Sized) else 0
        level = len(self._levels)
        self._levels.append((0, total))
        try:
            for done, item in enumerate(items):
                if self.stopped():
                    raise Cancelled
                self._levels[level] = (done, total)
                self._progress(label, force=done == 0 and level == 0)
                yield item
            self._levels[level] = (total, total)
            self._progress(label, force=level == 0)
        finally:
            del self._levels[level:]

    def _progress(self, label: str, *, force: bool) -> None:
        now = time.monotonic()
        if not force and now - self._last < _TRACK_INTERVAL:
            return
        self._last = now
        fraction, share = 0.0, 1.0
        for done, total in self._levels:
            if total <= 0:
                break
            fraction += share * min(done, total) / total
            share /= total
        done, total = self._levels[-1]
        self.write(
            {"kind": "progress", "label": label, "done": done, "total": total, "fraction": fraction}
        )

    def log(self, **metrics: float | str) -> None:
        """Record metrics: a point on the live curves and a line of the history on disk.

        ``epoch`` or ``step`` is the horizontal axis where given; ``fold``, ``stage`` or any other text
        names the series. All else is a value.
        """
        self.write({"kind": "metrics", "values": {k: _plain(v) for k, v in metrics.items()}})

    def show(self, name: str, view: View) -> None:
        """Show a picture on the way; a later one of the same name replaces it."""
        self.write({"kind": "view", "name": name, "view": view})

    def say(self, text: str) -> None:
        """Tell the person something: a line of the log."""
        self.write({"kind": "text", "text": text})


def _plain(value: float | str) -> float | str:
    return value if isinstance(value, str) else float(value)


@dataclass(frozen=True, slots=True)
class Result:
    """What a method gives back: data, pictures, numbers, and codes of declared warnings."""

    data: Mapping[str, Data] = field(default_factory=dict)
    views: tuple[View, ...] = ()
    numbers: Mapping[str, Number] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Data:
        return self.data[name]

    def __str__(self) -> str:
        """Return the numbers, each in full and in words, a line each."""
        lines = [f"{name} = {float(each.value)!r}  ({each})" for name, each in self.numbers.items()]
        return "\n".join([*lines, *(f"{n}: {each.summary()}" for n, each in self.data.items())])


@dataclass(frozen=True, slots=True)
class Example:
    """Inputs with a planted truth: parameters other than the defaults, an item for each input.

    ``names`` are the names of an input's items where they matter, as when a table names them.
    """

    params: Mapping[str, Any] = field(default_factory=dict)
    items: Items = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Estimate:
    """The memory that a run would take, and what makes it smaller."""

    nbytes: int
    shrink: str = "Use fewer channels, a shorter part or a lower sampling rate."


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a method: the kinds that fit, whether several, whether it may be missing."""

    name: str
    kinds: tuple[type[Data], ...]
    many: bool
    optional: bool

    def accepts(self, data: Data) -> bool:
        """Return whether an item of data may be given here."""
        return isinstance(data, self.kinds)

    @property
    def words(self) -> str:
        """The kinds in words: ``Trials or Recording``."""
        return " or ".join(kind.__name__ for kind in self.kinds)


@dataclass(frozen=True, slots=True)
class Method:
    """A function with everything that its six doors need to know of it."""

    function: Callable[..., Result]
    name: str
    title: str
    doc: str
    group: str
    params: type[Params]
    inputs: tuple[Input, ...]
    warnings: Mapping[str, str]
    memory: Callable[[Any, Items], Estimate] | None
    gpu: bool
    example: str
    check: Callable[[Any, Items], None] | None
    repeatable: bool = True

    def __call__(self, context: Context, params: Params, **items: Any) -> Result:
        """Check the inputs, run the function, check its result."""
        self.validate(params, items)
        result = self.function(context, params, **items)
        for code in result.warnings:
            if code not in self.warnings:
                raise ValueError(f"{self.name} returned the undeclared warning {code!r}")
        return result

    def validate(self, params: Params, items: Items) -> None:
        """Raise a readable :class:`BadInput` where these items do not fit."""
        known = {each.name for each in self.inputs}
        for name in items:
            if name not in known:
                raise BadInput(f"{self.title} has no input '{name}'; it takes {_listed(known)}.")
        for entry in self.inputs:
            given = items.get(entry.name)
            if given is None or given == ():
                if not entry.optional:
                    raise BadInput(f"{self.title} needs {entry.words} as '{entry.name}'.")
            else:
                self._validate_kinds(entry, given)
        if self.check is not None:
            self.check(params, items)

    def _validate_kinds(self, entry: Input, given: Data | tuple[Data, ...]) -> None:
        for each in given if isinstance(given, tuple) else (given,):
            if not entry.accepts(each):
                raise BadInput(
                    f"'{entry.name}' is {_article(type(each).__name__)}; "
                    f"{self.title} takes {entry.words} there."
                )

    def estimate(self, params: Params, items: Items) -> Estimate:
        """Return the memory that a run would take: the method's own estimate, else three times its inputs."""
        if self.memory is not None:
            return self.memory(params, items)
        nbytes = 0
        for given in items.values():
            for each in given if isinstance(given, tuple) else (given,):
                nbytes += each.nbytes()
        return Estimate(3 * nbytes)

    def refuse(self, params: Params, items: Items, available: int) -> None:
        """Raise :class:`NotEnough`, which says how to shrink, where the memory cannot suffice."""
        estimate = self.estimate(params, items)
        if estimate.nbytes > available:
            raise NotEnough(
                f"{self.title} would take about {estimate.nbytes / 1e9:.1f} GB of memory; "
                f"{available / 1e9:.1f} GB are free. {estimate.shrink}"
            )


def _article(word: str) -> str:
    return f"{'an' if word[0] in 'AEIOU' else 'a'} {word}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names)) or "none"


def method(
    *,
    group: str,
    title: str = "",
    warnings: Mapping[str, str] | None = None,
    memory: Callable[[Any, Items], Estimate] | None = None,
    gpu: bool = False,
    example: str = "",
    check: Callable[[Any, Items], None] | None = None,
    repeatable: bool = True,
) -> Callable[[Callable[..., Result]], Method]:
    """Make a method of a function ``(context, params, item, …) -> Result``.

    Parameters
    ----------
    group
        The purpose under which the desktop lists it: ``"Preprocess"``, ``"Analyse"``, ``"Train"`` …
    title
        Its name on the screen; by default the function's name in words.
    warnings
        One sentence for each code that the result may carry.
    memory
        Estimates the memory of a run from parameters and inputs, without reading the data.
    gpu
        True where a GPU is used if there is one; such runs go one at a time.
    example
        Name of the function in the plugin's ``example.py`` that returns inputs with a planted truth,
        by default ``example``.
    check
        Raises :class:`BadInput` before the run starts, from parameters and the items' headers.
    repeatable
        False where the result is measured of the machine (times): the same seed gives other numbers.
    """

    def make(function: Callable[..., Result]) -> Method:
        hints = get_type_hints(function)
        names = list(inspect.signature(function).parameters)
        if names[:2] != ["context", "params"]:
            raise TypeError(
                f"{function.__name__} must begin with (context, params), got {names[:2]}"
            )
        twice = {*names[2:], *_RESERVED} & {*hints["params"].model_fields} | {
            *names[2:]
        } & _RESERVED
        if twice:
            raise TypeError(f"{function.__name__}: these names are taken: {sorted(twice)}")
        doc = inspect.getdoc(function) or ""
        return Method(
            function=function,
            name=function.__name__,
            title=title or function.__name__.replace("_", " ").capitalize(),
            doc=doc,
            group=group,
            params=hints["params"],
            inputs=tuple(_input(function, name, hints[name]) for name in names[2:]),
            warnings=dict(warnings or {}),
            memory=memory,
            gpu=gpu,
            example=example or "example",
            check=check,
            repeatable=repeatable,
        )

    return make


def _input(function: Callable[..., Result], name: str, annotation: Any) -> Input:
    many = get_origin(annotation) is tuple
    members = [get_args(annotation)[0]] if many else [annotation]
    kinds: list[type[Data]] = []
    while members:
        member = members.pop(0)
        if get_origin(member) in {Union, UnionType}:
            members = [*get_args(member), *members]
        elif get_origin(member) is tuple:
            many = True
            members = [get_args(member)[0], *members]
        elif isinstance(member, type) and issubclass(member, Data):
            kinds.append(member)
        elif member is not NoneType:
            raise TypeError(f"{function.__name__}: input {name} is no kind of data: {member}")
    default = inspect.signature(function).parameters[name].default
    return Input(name, tuple(kinds), many, optional=default is not inspect.Parameter.empty)
