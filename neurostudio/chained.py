"""Does a chain on one file, inside the folder of a run: one process a file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from neurostudio.chains import chain_from
from neurostudio.derivatives import Target, write_data, write_numbers
from neurostudio.devices import choose, limit_threads
from neurostudio.method import Cancelled, Context, Result
from neurostudio.names import valid_name
from neurostudio.params import read_params

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neurostudio.chains import Chain, Link
    from neurostudio.data import Data
    from neurostudio.method import Event, Method
    from neurostudio.runs import Run
    from neurostudio.scores import Number
    from neurostudio.views import View

METHOD = "chain"  # stands in a request where the name of a method stands otherwise
SIGNALS = ("Recording", "Trials")


@dataclass
class _Made:
    """What has been made so far."""

    data: dict[str, Data]
    views: list[View] = field(default_factory=list)
    numbers: dict[str, Number] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)


def perform(run: Run) -> None:
    """Read the file, do every step, write results and derivatives; ``result.json`` comes last."""
    asked = run.request.params
    chain = chain_from(asked["chain"])
    target = Target(**asked["target"])
    run.write_event({"kind": "text", "text": f"{chain.title} on {target.source}"})
    made = _Made({chain.source: _read(Path(asked["file"]), asked["part"], bids=asked["bids"])})
    with limit_threads():
        for number, (link, method) in enumerate(zip(chain.links, chain.methods(), strict=True)):
            _take_in(made, link, method, _do(run, chain, number, method, made.data))
    share = len(chain.links) / (len(chain.links) + 1)
    run.write_event(
        {"kind": "progress", "label": "Writing", "done": 0, "total": 1, "fraction": share}
    )
    out = run.folder.parent.parent
    kept = {name: made.data[name] for name in _kept(chain, made.data)}
    paths = {name: write_data(out, target, chain, name, data) for name, data in kept.items()}
    write_numbers(out, target, chain, made.numbers)
    views = tuple(view for view in made.views if not _lacks_its_data(view, kept))
    result = Result(kept, views, made.numbers, tuple(made.warnings))
    large = {name: path for name, path in paths.items() if path and _is_signals(kept[name])}
    run.keep(result, made.warnings, large)


def _read(path: Path, part: str, *, bids: bool) -> Data:
    from neurostudio.data import Recording
    from neurostudio.readers import read
    from neurostudio.readers.bids import with_sidecars

    data = read(path, part)
    return with_sidecars(data, path) if bids and isinstance(data, Recording) else data


def _do(run: Run, chain: Chain, number: int, method: Method, data: Mapping[str, Data]) -> Result:
    link = chain.links[number]
    folder = run.folder / "steps" / f"{number + 1:02d}-{link.method}"
    (folder / "checkpoints").mkdir(parents=True, exist_ok=True)
    if (run.folder / "stop").exists():
        raise Cancelled
    own = valid_name(Path(run.request.params["target"]["source"]).name)
    names = {
        key: tuple(own if name == chain.source else name for name in some)
        for key, some in link.inputs.items()
    }
    params = read_params(method.params, link.params)
    given = _given(link, method, data)
    method.validate(params, given)
    method.refuse(params, given, psutil.virtual_memory().available)
    context = Context(
        seed=link.seed,
        device=choose(link.device, gpu=method.gpu),
        folder=folder,
        names=names,
        write=_Tell(run, number, len(chain.links) + 1, method.title),  # and one for writing
        stopped=(run.folder / "stop").exists,
    )
    context.write({"kind": "progress", "label": "begins", "done": 0, "total": 1, "fraction": 0.0})
    return method(context, params, **given)


@dataclass
class _Tell:
    """Passes on what a step tells, with the progress of the whole chain."""

    run: Run
    number: int
    count: int
    title: str

    def __call__(self, event: Event) -> None:
        if event["kind"] == "progress":
            fraction = (self.number + event["fraction"]) / self.count
            event = {**event, "fraction": fraction, "label": f"{self.title}: {event['label']}"}
        self.run.write_event(event)


def _given(link: Link, method: Method, data: Mapping[str, Data]) -> dict[str, Any]:
    many = {each.name: each.many for each in method.inputs}
    return {
        key: tuple(data[name] for name in some) if many.get(key, True) else data[some[0]]
        for key, some in link.inputs.items()
    }


def _take_in(made: _Made, link: Link, method: Method, result: Result) -> None:
    from neurostudio.views import Signals

    made.data |= {name: result.data[output] for output, name in link.outputs.items()}
    own = {**{key: some[0] for key, some in link.inputs.items() if len(some) == 1}, **link.outputs}
    made.views += [
        replace(view, source=own.get(view.source, "")) if isinstance(view, Signals) else view
        for view in result.views
    ]
    for name, number in result.numbers.items():
        free = name if name not in made.numbers else f"{link.method} {name}"
        made.numbers[free] = number
    made.warnings |= {code: method.warnings[code] for code in result.warnings}


def _kept(chain: Chain, data: Mapping[str, Data]) -> list[str]:
    """Return the results, and the last signals that they came from."""
    made = [name for link in chain.links for name in link.outputs.values()]
    signals = [name for name in made if _is_signals(data[name])]
    wanted = {*chain.results(), *signals[-1:]}
    return [name for name in made if name in wanted]


def _lacks_its_data(view: View, kept: Mapping[str, Data]) -> bool:
    from neurostudio.views import Signals

    return isinstance(view, Signals) and view.source not in kept


def _is_signals(data: Data) -> bool:
    return type(data).__name__ in SIGNALS
