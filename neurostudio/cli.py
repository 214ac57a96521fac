"""The command line: every command a thin door to the core."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from neurostudio.errors import BadInput, NeurostudioError

if TYPE_CHECKING:
    from neurostudio.batches import Batch, Row
    from neurostudio.method import Event, Input, Method
    from neurostudio.runs import Run
    from neurostudio.settings import Settings

app = typer.Typer(
    name="neurostudio",
    help="Explore recordings and brain-inspired models. 'neurostudio [FILES]' opens the desktop.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    """Turn an expected error into one line and exit code 1."""
    try:
        yield
    except NeurostudioError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from error


def _version(value: bool) -> None:
    if value:
        from neurostudio._version import __version__

        print(f"neurostudio {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Explore recordings and brain-inspired models."""


@app.command()
def info(file: Path, as_json: AsJson = False) -> None:
    """Say what a file or folder holds: kind, shape, rate, units."""
    from neurostudio.readers import look, read

    with _readable():
        found = []
        for part in look(file):
            data = read(file, part.name)
            found.append(
                {
                    "part": part.name,
                    "kind": type(data).__name__,
                    "summary": data.summary(),
                    "facts": dict(data.facts()),
                }
            )
    if as_json:
        print(json.dumps({"file": str(file), "parts": found}, indent=1))
        return
    for each in found:
        title = f"{file}" + (f" :: {each['part']}" if each["part"] else "")
        print(f"{title}\n  {each['kind']}: {each['summary']}")
        for name, value in each["facts"].items():  # type: ignore[attr-defined]
            print(f"    {name}: {value}")


@app.command()
def methods(as_json: AsJson = False) -> None:
    """List the methods, what they take and what they are for."""
    from neurostudio.registry import discover

    registry = discover()
    if as_json:
        listed = [_describe(each) for each in registry.methods.values()]
        broken = {each.name: each.broken for each in registry.plugins if each.broken}
        print(json.dumps({"methods": listed, "broken": broken}, indent=1))
        return
    groups: dict[str, list[Method]] = {}
    for each in registry.methods.values():
        groups.setdefault(each.group, []).append(each)
    for group, some in sorted(groups.items()):
        print(group)
        for each in sorted(some, key=_name):
            takes = ", ".join(_takes(one) for one in each.inputs)
            print(f"  {each.name:24} {each.doc.partition(chr(10))[0]}\n  {'':24} takes {takes}")
    for plugin in registry.plugins:
        if plugin.broken:
            print(f"broken: {plugin.name}: {plugin.broken}")


def _takes(entry: Input) -> str:
    words = f"{entry.name}: {entry.words}" + (" (several)" if entry.many else "")
    return f"[{words}]" if entry.optional else words


def _name(method: Method) -> str:
    return method.name


def _describe(method: Method) -> dict[str, Any]:
    return {
        "name": method.name,
        "title": method.title,
        "group": method.group,
        "doc": method.doc,
        "inputs": [
            {
                "name": each.name,
                "kinds": [kind.__name__ for kind in each.kinds],
                "many": each.many,
                "optional": each.optional,
            }
            for each in method.inputs
        ],
        "params": method.params.model_json_schema(),
    }


@app.command()
def run(
    method: str,
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME=FILE[::PART]…", help="The data, by the input's name."),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="K=V", help="A parameter; repeat it.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The run's folder; it must be new.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
    seed: Annotated[int, typer.Option(help="The same seed gives the same numbers.")] = 0,
) -> None:
    """Run a method on files; the exit code is 0 only when its result stands."""
    from neurostudio.single import prepare

    with _readable():
        folder = out or Path(f"{method}-{time.strftime('%Y%m%d-%H%M%S')}")
        prepared = prepare(folder, method, _pairs(inputs), _pairs(settings), seed, device)
    _work(prepared)


@app.command()
def resume(run: Path) -> None:
    """Go on with a run that was stopped or cut off, from its checkpoint."""
    from neurostudio.runs import Run

    found = Run(run)
    with _readable():
        _ = found.request  # says so where the folder holds no run at all
        state = found.state
        if not found.resumable:
            raise BadInput(f"The run in {run} is {state.value}; there is nothing to resume.")
        found.clear()
    _work(found)


def _pairs(texts: list[str] | None) -> list[tuple[str, str]]:
    pairs = []
    for text in texts or []:
        name, equals, value = text.partition("=")
        if not equals:
            raise BadInput(f"'{text}' is no NAME=VALUE pair. Write for example recording=eeg.edf.")
        pairs.append((name, value))
    return pairs


def _work(run: Run) -> None:
    """Follow a run to its end; the first Ctrl+C stops it early, so that its checkpoint is kept."""
    from neurostudio.jobs import Jobs, LocalRunner
    from neurostudio.runs import State

    jobs = Jobs(LocalRunner(warm=False))
    jobs.event.connect(_tell)
    jobs.submit(run)
    try:
        jobs.wait(run, timeout=None)
    except KeyboardInterrupt:
        jobs.stop(run)
        print("\nStopping; the checkpoint is kept.", file=sys.stderr)
        jobs.wait(run, timeout=60.0)
    jobs.close()
    if run.state is not State.DONE:
        words = run.error().partition("\n\n")[0] or f"The run was {run.state.value}."
        print(f"{words}\nIts folder: {run.folder}", file=sys.stderr)
        raise typer.Exit(1)
    _report(run)


def _tell(run: Run, event: Event) -> None:
    del run
    if event["kind"] == "text":
        print(event["text"], file=sys.stderr)
    elif event["kind"] == "progress" and event["total"]:
        print(f"{100 * event['fraction']:5.1f} %  {event['label']}", file=sys.stderr)


def _report(run: Run) -> None:
    for sentence in run.warnings().values():
        print(f"! {sentence}")
    for name, number in run.numbers().items():
        note = f"  — {number.note}" if number.note else ""
        print(f"{name}: {number}{note}")
    for name, kind in run.outputs().items():
        print(f"{name}: {kind} in {run.folder / 'data' / name}")


@app.command()
def export(
    file: Path,
    out: Annotated[Path, typer.Argument(help="The new file; its suffix decides the format.")],
    part: Annotated[str, typer.Option(help="The part, where a file holds several.")] = "",
    overwrite: Annotated[bool, typer.Option(help="Replace what is there already.")] = False,
) -> None:
    """Write a file, or an item of a session, in another format, and say what is lost."""
    from neurostudio import scripting

    with _readable():
        print(scripting.export(scripting.open(file, part), out, overwrite=overwrite))


@app.command()
def batch(
    chain: Annotated[Path, typer.Argument(help="A chain as JSON, or a session folder.")],
    folder: Annotated[Path, typer.Argument(help="A BIDS data set, or any folder of files.")],
    out: Annotated[
        Path, typer.Option(help="The folder of the results; an old one is gone on with.")
    ],
    pattern: Annotated[str, typer.Option(help="Which files, as '**/*.edf'.")] = "",
    item: Annotated[str, typer.Option(help="The result of the session that is wanted.")] = "",
    cluster: Annotated[str, typer.Option(help="here; or local, slurm, tcp://… for Dask.")] = "",
    workers: Annotated[int, typer.Option(help="Files at once; 0: as the settings say.")] = 0,
) -> None:
    """Do a chain of steps on every file; the exit code is 0 only when all succeeded."""
    from neurostudio.batches import Batch, chain_at, jobs_for

    with _readable():
        steps = chain_at(chain, item)
        jobs = jobs_for(cluster or _settings().cluster, workers)
        try:
            made = Batch(steps, folder, out, jobs, pattern)
            print(f"{steps.title}: {len(made.found)} files", file=sys.stderr)
            told = _Told(made)
            made.changed.connect(told.tell)
            made.start()
            good = _wait(made)
            _print_table(made)
            made.close()
        finally:
            jobs.close()
    raise typer.Exit(0 if good else 1)


def _settings() -> Settings:
    from neurostudio.settings import load_settings

    return load_settings()


def _wait(batch: Batch) -> bool:
    """Wait for all files; the first Ctrl+C stops early, so that the same call goes on later."""
    try:
        return batch.wait()
    except KeyboardInterrupt:
        print("\nStopping; the same call goes on from here.", file=sys.stderr)
        batch.stop()
        return batch.wait()


class _Told:
    """Prints each file once when it has ended."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._files: set[str] = set()

    def tell(self, row: Row) -> None:
        """Print a row that has ended."""
        if row.state not in {"queued", "running"} and row.file not in self._files:
            self._files.add(row.file)
            words = (
                f"{len(self._files):4} of {len(self._batch.found)}  {row.state.value:9} {row.file}"
            )
            left = self._batch.progress()[1]
            clock = f"  (about {left:.0f} s left)" if left else ""
            print(f"{words}: {row.reason}" if row.reason else f"{words}{clock}", file=sys.stderr)


def _print_table(batch: Batch) -> None:
    from neurostudio.batches import HEADINGS

    rows = [HEADINGS, *(row.cells() for row in batch.rows())]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, (*widths, 0), strict=True)))


@app.command()
def script(session: Path) -> None:
    """Print the Python script that does a session's steps again."""
    from neurostudio.workspace import Workspace

    with _readable():
        workspace = Workspace.load(session)
        print(workspace.script(), end="")
        workspace.close()


@app.command()
def render(run: Path, out: Path) -> None:
    """Write the pictures of a finished run as PNG and SVG, without a screen."""
    with _readable():
        for path in import_module("neurostudio.ui.render").render(run, out):
            print(path)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Say what this machine offers, what is wrong with it, and what to do about it."""
    from neurostudio.doctor import examine

    findings = examine()
    if as_json:
        print(json.dumps([each.plain() for each in findings], indent=1))
    else:
        for each in findings:
            print(f"{'ok  ' if each.fine else 'look'}  {each.name:14} {each.found}")
            if each.advice:
                print(f"      {'':14} → {each.advice}")


@app.command()
def demo(
    screenshot: Annotated[
        Path | None, typer.Option(help="Write a picture of the window there, and leave.")
    ] = None,
) -> None:
    """Open the desktop on a sample session with a real recording and a finished run."""
    from neurostudio.demo import open_demo

    with _readable():
        raise typer.Exit(open_demo(screenshot))


@app.command()
def bench(
    out: Annotated[Path, typer.Option(help="Where the figures go.")] = Path("build/bench.json"),
    long: Annotated[bool, typer.Option(help="Also recordings of a day and of 6 GB.")] = False,
) -> None:
    """Measure first paint, large recordings beside mne-qt-browser, and the window beside a training."""
    from neurostudio.bench import measure

    print(json.dumps(measure(out, long=long), indent=1))
