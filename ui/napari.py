"""The methods inside napari: one widget, on whatever Qt binding napari runs; runs are processes of their own.

Only napari's and magicgui's public interfaces are used, and neither PySide6 nor torch is imported.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from magicgui.widgets import (
    CheckBox,
    ComboBox,
    Container,
    FileEdit,
    Label,
    LineEdit,
    ProgressBar,
    PushButton,
    Select,
    SpinBox,
    TextEdit,
)
from qtpy.QtCore import QTimer

from neurostudio import registry
from neurostudio.errors import NeurostudioError
from neurostudio.layers import KINDS, TYPES, data_of, layers_of
from neurostudio.names import valid_name
from neurostudio.params import from_text, parameters

if TYPE_CHECKING:
    from concurrent.futures import Future

    from neurostudio.method import Input, Method
    from neurostudio.params import Parameter
    from neurostudio.registry import Registry
    from neurostudio.runs import Run
    from neurostudio.workspace import Workspace

_TICK = 100  # ms
_LAYERED = frozenset(kind for kinds in TYPES.values() for kind in kinds)
_NONE = "(none)"
_LARGE = 2**31 - 1


class MethodsWidget(Container[Any]):
    """Choose a method, layers and parameters; run; the outputs become layers."""

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__(labels=False)
        self._viewer = napari_viewer
        self._registry: Registry = registry.discover()
        self._workspace: Workspace | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="neurostudio")
        self._waiting: list[tuple[Future[Any], Any]] = []
        self._run: Run | None = None
        self._asked: dict[str, Any] = {}
        self._fields: dict[str, Any] = {}
        titles = sorted(
            (f"{each.group}: {each.title}" if each.group else each.title, name)
            for name, each in self._registry.methods.items()
            if _possible(each)
        )
        self.methods = ComboBox(
            choices=[(title, name) for title, name in titles], tooltip="The method"
        )
        self.about = Label(value="")
        self.about.native.setWordWrap(True)
        self.form: Container[Any] = Container(labels=True)
        self.run_button = PushButton(text="Run")
        self.stop_button = PushButton(
            text="Stop", tooltip="Keeps the last checkpoint of a training"
        )
        self.stop_button.enabled = False
        self.progress = ProgressBar(value=0, min=0, max=1000)
        self.log = TextEdit(value="")
        self.log.read_only = True
        self.extend(
            [
                self.methods,
                self.about,
                self.form,
                self.run_button,
                self.stop_button,
                self.progress,
                self.log,
            ]
        )
        self.methods.changed.connect(self._method_chosen)
        self.run_button.clicked.connect(self.run)
        self.stop_button.clicked.connect(self.stop)
        self._viewer.layers.events.inserted.connect(self._layers_changed)
        self._viewer.layers.events.removed.connect(self._layers_changed)
        self._timer = QTimer(self.native)
        self._timer.timeout.connect(self._tick)
        self._timer.start(_TICK)
        self.native.destroyed.connect(self._close)
        self._method_chosen()
        look_at_anatomy(self._viewer)

    # ---- the form --------------------------------------------------------------------------------

    @property
    def method(self) -> Method:
        """The chosen method."""
        return self._registry.methods[self.methods.value]

    def _method_chosen(self, *_: object) -> None:
        method = self.method
        self.about.value = method.doc.split("\n\n")[0]
        self.form.clear()
        self._asked = {each.name: self._input(each) for each in method.inputs}
        self._fields = {each.name: _field(each) for each in parameters(method.params)}
        self.form.extend([*self._asked.values(), *self._fields.values()])

    def _input(self, entry: Input) -> Any:
        label = entry.name.replace("_", " ").capitalize()
        if not any(kind.__name__ in _LAYERED for kind in entry.kinds):
            return FileEdit(label=label, tooltip=f"A file with a {entry.words}", nullable=True)
        names = self._layers_for(entry)
        if entry.many:
            return Select(label=label, choices=names, tooltip=f"Layers: {entry.words}")
        return ComboBox(
            label=label,
            choices=[*names, _NONE] if entry.optional or not names else names,
            tooltip=f"A layer: {entry.words}",
        )

    def _layers_for(self, entry: Input) -> list[str]:
        wanted = {kind.__name__ for kind in entry.kinds}
        return [
            str(layer.name)
            for layer in self._viewer.layers
            if wanted & set(TYPES.get(layer._type_string, ()))
            or type(layer.metadata.get("neurostudio")).__name__ in wanted
        ]

    def _layers_changed(self, *_: object) -> None:
        look_at_anatomy(self._viewer)
        for entry in self.method.inputs:
            box = self._asked.get(entry.name)
            if isinstance(box, ComboBox | Select):
                names = self._layers_for(entry)
                spare = not entry.many and (entry.optional or not names)
                before = box.value
                box.choices = [*names, _NONE] if spare else names
                if before in box.choices:
                    box.value = before

    def values(self) -> dict[str, Any]:
        """Return the parameters as they are filled in."""
        kinds = {each.name: each.kind for each in parameters(self.method.params)}
        found = {}
        for name, field in self._fields.items():
            value = field.value
            found[name] = from_text(kinds[name], value) if isinstance(field, LineEdit) else value
        return found

    # ---- runs ------------------------------------------------------------------------------------

    def run(self, *_: object) -> None:
        """Hand layers and parameters over to a process of its own."""
        if self._run is not None:
            self.say("A run is under way. Wait for it or stop it.")
            return
        method, values = self.method, self.values()
        given: dict[str, list[Any]] = {}
        for entry in method.inputs:
            chosen = self._asked[entry.name].value
            some = list(chosen) if isinstance(chosen, list | tuple) else [chosen]
            kept = [each for each in some if each not in {None, _NONE, Path()}]
            kinds = [kind.__name__ for kind in entry.kinds]
            given[entry.name] = [(self._source(each), kinds) for each in kept]
        self.run_button.enabled = False
        self.log.value = ""
        self.say(f"Preparing {method.title}…")
        self._later(self._begin, self._began, method.name, values, given)

    def _source(self, chosen: Any) -> Any:
        return chosen if isinstance(chosen, Path) else self._viewer.layers[chosen]

    def _begin(self, name: str, values: dict[str, Any], given: dict[str, list[Any]]) -> Run:
        """Write the items and start the run, in a thread."""
        from neurostudio.workspace import Workspace

        if self._workspace is None:
            self._workspace = Workspace.new(
                inside=Path(tempfile.mkdtemp(prefix="neurostudio-napari-"))
            )
        names: dict[str, tuple[str, ...]] = {}
        for key, sources in given.items():
            names[key] = tuple(self._item(source, kinds) for source, kinds in sources)
        return self._workspace.start(name, values, names)

    def _item(self, source: Any, kinds: list[str]) -> str:
        assert self._workspace is not None  # noqa: S101  made just before
        if isinstance(source, Path):
            return self._workspace.open(source).name
        known = type(source.metadata.get("neurostudio")).__name__
        possible = TYPES.get(source._type_string, ())
        kind = known if known in kinds else next(each for each in possible if each in kinds)
        return self._workspace.add(valid_name(str(source.name)), data_of(source, kind)).name

    def _began(self, run: Run) -> None:
        self._run = run
        self.stop_button.enabled = True
        self.say(f"Running in {run.folder}")

    def stop(self, *_: object) -> None:
        """Let the run stop at its next step."""
        if self._run is not None and self._workspace is not None:
            self._workspace.jobs.stop(self._run)

    def _ended(self, run: Run) -> None:
        from neurostudio.runs import State

        self._run = None
        self.stop_button.enabled, self.run_button.enabled = False, True
        if run.state is State.DONE:
            self.progress.value = 1000
            self._later(_outcome, self._show, run)
        else:
            self.say(run.error() or f"The run was {run.state.value}.")

    def _show(self, outcome: tuple[list[Any], str]) -> None:
        from napari.layers import Layer

        layers, words = outcome
        for each in layers:
            self._viewer.add_layer(Layer.create(*each))
        self.say(words)

    # ---- between threads -------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """Write a line below."""
        self.log.value = f"{self.log.value}\n{text}".strip()

    def _later(self, function: Any, done: Any, *arguments: Any) -> None:
        self._waiting.append((self._thread.submit(function, *arguments), done))

    def _tick(self) -> None:
        ready = [each for each in self._waiting if each[0].done()]
        self._waiting = [each for each in self._waiting if each not in ready]
        for future, done in ready:
            error = future.exception()
            if error is None:
                done(future.result())
                continue
            self.run_button.enabled = True
            known = isinstance(error, NeurostudioError)
            self.say(str(error) if known else f"{type(error).__name__}: {error}")
        if self._run is not None:
            self._follow(self._run)

    def _follow(self, run: Run) -> None:
        progress = run.progress()
        if progress is not None:
            self.progress.value = round(1000 * progress.fraction)
        if self._workspace is not None and run not in self._workspace.jobs.active:
            self._ended(run)

    def _close(self, *_: object) -> None:
        self._timer.stop()
        self._thread.shutdown(wait=False)
        if self._workspace is not None:
            for run in self._workspace.jobs.active:
                self._workspace.jobs.cancel(run)
            self._workspace.close()


def _possible(method: Method) -> bool:
    """Return whether everything that a method needs can be a layer or a file."""
    return bool(method.inputs) and any(
        kind.__name__ in _LAYERED or kind.__name__ in KINDS
        for each in method.inputs
        for kind in each.kinds
    )


def _field(parameter: Parameter) -> Any:
    unit = f" ({parameter.unit})" if parameter.unit not in {"", "1"} else ""
    options: dict[str, Any] = {
        "label": f"{parameter.label}{unit}",
        "tooltip": parameter.help,
    }
    if parameter.kind == "bool":
        return CheckBox(value=parameter.default, **options)
    if parameter.kind == "choice" and not parameter.optional:
        return ComboBox(value=parameter.default, choices=list(parameter.choices), **options)
    if parameter.kind == "int" and not parameter.optional:
        low = -_LARGE if parameter.low is None else int(parameter.low)
        high = _LARGE if parameter.high is None else int(parameter.high)
        return SpinBox(value=parameter.default, min=low, max=high, **options)
    default = parameter.default
    text = ", ".join(map(str, default)) if isinstance(default, list | tuple) else str(default)
    return LineEdit(value="none" if default is None else text, **options)


def _outcome(run: Run) -> tuple[list[Any], str]:
    """Return the outputs of a run as layers, and its numbers and warnings in words; in a thread."""
    layers: list[Any] = []
    lines = []
    for name in run.outputs():
        data = run.output(name)
        try:
            layers += layers_of(data, name)
        except NeurostudioError:
            lines.append(f"{name}: {data.summary()} (no layer; it is in {run.folder / 'data'})")
    for name, number in run.numbers().items():
        lines.append(f"{name}: {number}")
    lines += run.warnings().values()
    n_views = len(run.views())
    if n_views:
        lines.append(f"{n_views} pictures: neurostudio render {run.folder} --out FOLDER")
    return layers, "\n".join(lines)


def look_at_anatomy(viewer: Any) -> None:
    """Let up be up: the axes of layers from here run to the right, to the front and up."""
    ours = any("neurostudio" in each.metadata for each in viewer.layers)
    if ours and hasattr(viewer.camera, "orientation"):
        viewer.camera.orientation = ("towards", "up", "right")
