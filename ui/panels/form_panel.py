"""The chosen method: fill in, see what it would cost, run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from neurostudio.errors import NeurostudioError

from ..theme import give_role, icon, theme
from .method_page import MethodPage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from neurostudio.method import Method
    from neurostudio.params import Params
    from neurostudio.registry import Registry
    from neurostudio.workspace import Workspace

    from ..studio import Studio

_PAUSE = 300  # ms without typing before costs are looked at anew


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run would take, or why it cannot be."""

    question: int
    nbytes: int = 0
    free: int = 0
    refusal: str = ""


class FormPanel(QWidget):
    """The page of the chosen method over the buttons that run it."""

    started = Signal(object)

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._entered: dict[str, dict[str, Any]] = {}
        self.page: MethodPage | None = None
        self.title = QLabel()
        give_role(self.title, "title")
        self.title.setWordWrap(True)
        self.empty = QLabel("Choose a method on the left, or find one with Ctrl+F.")
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        give_role(self.empty, "dim")
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.cost = QLabel()
        self.cost.setWordWrap(True)
        give_role(self.cost, "dim")
        self.refusal = QLabel()
        self.refusal.setWordWrap(True)
        self.refusal.setAccessibleName("Why it cannot run")
        give_role(self.refusal, "refusal")
        self.run_button = QPushButton("&Run")
        give_role(self.run_button, "main")
        self.run_button.setToolTip("Run the method (Ctrl+Return)")
        self.run_button.clicked.connect(self.run)
        self.example_button = QPushButton("&Try it")
        self.example_button.setToolTip("Load the method's own small example (Ctrl+Shift+Return)")
        self.example_button.clicked.connect(self.try_example)
        self._lay_out()
        self._question = 0  # only the answer to the latest one is shown
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._forecast)
        studio.method_chosen.connect(self.show_method)
        studio.item_chosen.connect(self._item_chosen)
        studio.session_changed.connect(self._items_changed)
        studio.session_opened.connect(self._entered.clear)
        theme().changed.connect(self._recolour)
        self._recolour()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.example_button)
        buttons.addStretch()
        buttons.addWidget(self.run_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.title)
        layout.addWidget(self.empty, 1)
        layout.addWidget(self.area, 1)
        for widget in (self.refusal, self.cost):
            widget.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
            layout.addWidget(widget)
        layout.addLayout(buttons)
        self._show_page(None)

    def _recolour(self) -> None:
        self.example_button.setIcon(icon("example"))

    # ---- the page --------------------------------------------------------------------------------

    @property
    def method(self) -> Method | None:
        """The chosen method."""
        return self.page.method if self.page is not None else None

    def show_method(self, name: str) -> None:
        """Show a method's page, as it was left."""
        if self.method is not None and self.method.name == name:
            return
        self._keep_entered()
        registry = self._studio.registry
        if registry is None or name not in registry.methods:
            return
        plugin = registry.plugin_of(name).plugin
        page = MethodPage(self._studio, registry.methods[name], plugin)
        if name in self._entered:
            page.set_state(self._entered[name])
        elif self._studio.item:
            page.prefer(self._studio.item)
        page.edited.connect(self._edited)
        page.inputs_changed.connect(self._offer_names)
        self._show_page(page)
        self._offer_names()
        self._edited()

    def _keep_entered(self) -> None:
        if self.page is not None:
            self._entered[self.page.method.name] = self.page.state()

    def _show_page(self, page: MethodPage | None) -> None:
        self.page = page
        self.title.setText(page.method.title if page is not None else "")
        self.title.setVisible(page is not None)
        self.empty.setVisible(page is None)
        self.area.setVisible(page is not None)
        self.run_button.setVisible(page is not None)
        self.example_button.setVisible(page is not None)
        self._refuse("")
        self.cost.setText("")
        old = self.area.takeWidget()
        if old is not None:
            old.deleteLater()
        if page is not None:
            self.area.setWidget(page)
            page.show()

    def _items_changed(self) -> None:
        if self.page is not None:
            self.page.refresh()
            self._edited()

    def _item_chosen(self, name: str) -> None:
        if self.page is not None:
            self.page.prefer(name)

    def _refuse(self, text: str) -> None:
        self.refusal.setText(text)
        self.refusal.setVisible(bool(text))

    # ---- names of the data -----------------------------------------------------------------------

    def _offer_names(self) -> None:
        if self.page is None:
            return
        asked = {row.parameter.suggest for row in self.page.form.rows.values()} - {""}
        chosen = [name for some in self.page.names().values() for name in some]
        if asked and chosen:
            workspace = self._studio.workspace
            self._studio.background.run(
                _names,
                workspace,
                self.page.method.name,
                chosen,
                sorted(asked),
                done=self._names_came,
            )

    def _names_came(self, answer: tuple[str, dict[str, tuple[str, ...]]]) -> None:
        method, names = answer
        if self.page is not None and self.page.method.name == method:
            self.page.form.offer(names.__getitem__)

    # ---- what it would cost ----------------------------------------------------------------------

    def _edited(self) -> None:
        self._refuse("")
        self._question += 1
        self._timer.start()

    def _forecast(self) -> None:
        if self.page is None or self._studio.lacking(self.page.method):
            lacking = self._studio.lacking(self.page.method) if self.page is not None else ""
            self.cost.setText(
                f"This method {lacking}. Open some, or try the example." if lacking else ""
            )
            return
        params = self.page.form.read()
        if params is None:
            self.cost.setText("")
            return
        self._studio.background.run(
            _forecast,
            self._question,
            self._studio.workspace,
            self.page.method,
            params,
            self.page.names(),
            done=self._forecast_came,
        )

    def _forecast_came(self, forecast: Forecast) -> None:
        if forecast.question != self._question:
            return
        self._refuse(forecast.refusal)
        self.cost.setText(
            f"Will take about {_size(forecast.nbytes)} of memory; {_size(forecast.free)} are free."
            if forecast.nbytes
            else ""
        )

    # ---- run -------------------------------------------------------------------------------------

    def run(self) -> None:
        """Start the method with what is entered."""
        page = self.page
        if page is None or not self.run_button.isEnabled():
            return
        params = page.form.read()
        if params is None:
            self._go_to_problem(page)
            return
        self._refuse("")
        self._timer.stop()
        self._question += 1
        self.run_button.setEnabled(False)
        self.run_button.setText("Starting…")
        self._studio.background.in_order(
            self._studio.workspace.start,
            page.method.name,
            params.model_dump(),
            page.names(),
            page.seed.value(),
            page.device.currentText(),
            done=self._started,
            failed=self._not_started,
        )

    @staticmethod
    def _go_to_problem(page: MethodPage) -> None:
        for row in page.form.rows.values():
            if row.message.text():
                row.setFocus()
                return

    def _started(self, run: object) -> None:
        self._ready()
        self.started.emit(run)
        self._studio.run_chosen.emit(run)

    def _not_started(self, error: Exception) -> None:
        self._ready()
        if isinstance(error, NeurostudioError):
            self._refuse(str(error))
        else:
            self._studio.failed.emit(error)

    def _ready(self) -> None:
        self.run_button.setEnabled(True)
        self.run_button.setText("&Run")

    # ---- the example -----------------------------------------------------------------------------

    def try_example(self) -> None:
        """Open the method's own small example and fill the form with it."""
        if self.page is None or self._studio.registry is None:
            return
        self.example_button.setEnabled(False)
        self.example_button.setText("Loading…")
        self._studio.background.in_order(
            open_example,
            self._studio.workspace,
            self._studio.registry,
            self.page.method.name,
            done=self._example_came,
            failed=self._no_example,
        )

    def _example_came(self, answer: tuple[str, dict[str, Any], dict[str, tuple[str, ...]]]) -> None:
        self.example_button.setEnabled(True)
        self.example_button.setText("&Try it")
        method, params, names = answer
        if self.page is not None and self.page.method.name == method:
            self.page.refresh()
            self.page.form.set_defaults()
            self.page.form.set_values(params)
            self.page.choose(names)
            self._edited()
        for some in list(names.values())[:1]:
            self._studio.item_wanted.emit(some[0])
        self._studio.said.emit(
            "The example is loaded. Press Run to see what the method makes of it."
        )

    def _no_example(self, error: Exception) -> None:
        self.example_button.setEnabled(True)
        self.example_button.setText("&Try it")
        self._studio.failed.emit(error)


def open_example(
    workspace: Workspace, registry: Registry, method: str
) -> tuple[str, dict[str, Any], dict[str, tuple[str, ...]]]:
    """Add a method's example to a session; return its parameters and the items made for each input."""
    example = registry.example(method)
    made: dict[str, tuple[str, ...]] = {}
    for key, given in example.items.items():
        some = given if isinstance(given, tuple) else (given,)
        wishes = example.names.get(key) or _numbered(f"example_{key}", len(some))
        made[key] = tuple(
            workspace.add(wish, data).name for wish, data in zip(wishes, some, strict=True)
        )
    return method, dict(example.params), made


def _numbered(name: str, count: int) -> tuple[str, ...]:
    return (name,) if count == 1 else tuple(f"{name}_{k}" for k in range(1, count + 1))


def _names(
    workspace: Workspace, method: str, items: Iterable[str], asked: Iterable[str]
) -> tuple[str, dict[str, tuple[str, ...]]]:
    opened = workspace.items
    data = [opened[name].load() for name in items if name in opened]
    return method, {
        what: tuple(dict.fromkeys(name for each in data for name in each.names(what)))
        for what in asked
    }


def _forecast(
    question: int,
    workspace: Workspace,
    method: Method,
    params: Params,
    names: dict[str, tuple[str, ...]],
) -> Forecast:
    import psutil

    free = psutil.virtual_memory().available
    try:
        given = workspace.given(method, names)
        method.validate(params, given)
        estimate = method.estimate(params, given)
        method.refuse(params, given, free)
    except Exception as error:  # noqa: BLE001  whatever a method finds wrong is told in its form
        return Forecast(question, refusal=str(error))
    return Forecast(question, estimate.nbytes, free)


def _size(nbytes: float) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if nbytes >= size:
            return f"{nbytes / size:.3g} {unit}"
    return f"{nbytes:.0f} bytes"
