"""One method as a page: what it is, its inputs, its parameters, and how it is to run."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QGroupBox,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ..forms import Fold, ParamsForm
from ..pickers import Picker, picker_for
from ..theme import give_role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neurostudio.method import Method
    from neurostudio.registry import Plugin

    from ..studio import Studio

_LARGEST_SEED = 2**31 - 1


class MethodPage(QWidget):
    """Everything that a run needs to know; ``edited`` is emitted when a person changes any of it."""

    edited = Signal()
    inputs_changed = Signal()

    def __init__(
        self, studio: Studio, method: Method, plugin: Plugin | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._studio = studio
        self.method = method
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 6, 0)
        first, _, rest = method.doc.partition("\n\n")
        about = QLabel(first.replace("\n", " "))
        about.setWordWrap(True)
        layout.addWidget(about)
        story = _story(rest, plugin)
        if story:
            text = QLabel(story)
            text.setWordWrap(True)
            text.setOpenExternalLinks(True)
            give_role(text, "dim")
            layout.addWidget(Fold("&About this method", text))
        self.pickers: dict[str, Picker] = {}
        if method.inputs:
            layout.addWidget(self._inputs())
        self.form = ParamsForm(method.params)
        self.form.edited.connect(self.edited)
        if self.form.rows:
            box = QGroupBox("Parameters")
            inside = QVBoxLayout(box)
            inside.addWidget(self.form)
            layout.addWidget(box)
        self.seed = QSpinBox()
        self.device = QComboBox()
        layout.addWidget(Fold("Run &settings", self._settings()))
        layout.addStretch(1)
        self.refresh()

    def _inputs(self) -> QWidget:
        box = QGroupBox("Data")
        form = QFormLayout(box)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for entry in self.method.inputs:
            picker = picker_for(entry)
            several = ", several" if entry.many else ""
            optional = ", may be left out" if entry.optional else ""
            picker.setToolTip(f"{entry.words}{several}{optional}")
            picker.picked.connect(self._picked)
            label = QLabel(entry.name.replace("_", " ").capitalize())
            label.setToolTip(picker.toolTip())
            label.setBuddy(picker)
            form.addRow(label, picker)
            self.pickers[entry.name] = picker
        return box

    def _settings(self) -> QWidget:
        self.seed.setRange(0, _LARGEST_SEED)
        self.seed.setToolTip("The same seed gives the same numbers")
        self.device.addItems(["auto", "cpu", "cuda", "mps"])
        self.device.setToolTip("Where it runs; auto takes a GPU where there is one and it helps")
        self.device.setEnabled(self.method.gpu)
        widget = QWidget()
        form = QFormLayout(widget)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow("S&eed", self.seed)
        form.addRow("De&vice", self.device)
        return widget

    def refresh(self) -> None:
        """Offer the items that fit now."""
        items = self._studio.workspace.items
        fitting = self._studio.fitting(self.method)
        before = self.names()
        for name, picker in self.pickers.items():
            picker.offer([items[each] for each in fitting[name]])
        if self.names() != before:
            self.inputs_changed.emit()

    def prefer(self, item: str) -> None:
        """Choose an item for the first single input that needs one of its kind."""
        fitting = self._studio.fitting(self.method)
        for name, picker in self.pickers.items():
            entry = picker.entry
            if entry.many or entry.optional or item not in fitting[name]:
                continue
            if picker.names() != (item,):
                picker.choose([item])
                self._picked()
            return

    def _picked(self) -> None:
        self.inputs_changed.emit()
        self.edited.emit()

    def names(self) -> dict[str, tuple[str, ...]]:
        """Return the items chosen for each input."""
        return {name: chosen for name, each in self.pickers.items() if (chosen := each.names())}

    def choose(self, names: Mapping[str, Sequence[str]]) -> None:
        """Choose items for inputs."""
        for name, some in names.items():
            self.pickers[name].choose(some)
        self.inputs_changed.emit()

    def state(self) -> dict[str, Any]:
        """Return all that was entered, so that the page can be made again."""
        return {
            "names": self.names(),
            "values": self.form.values(),
            "seed": self.seed.value(),
            "device": self.device.currentText(),
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Show what was entered before."""
        self.form.set_values(state["values"])
        self.seed.setValue(state["seed"])
        self.device.setCurrentText(state["device"])
        self.choose(state["names"])


def _story(rest: str, plugin: Plugin | None) -> str:
    parts = []
    words = rest.split("\nParameters\n")[0].strip()
    if words and not words.startswith(("Parameters\n", "Raises\n", "Returns\n")):
        parts.append(escape(words).replace("\n\n", "<br>"))
    if plugin is not None:
        for heading, text in (
            ("Source", plugin.source),
            ("What is different here", plugin.differs),
            ("What must not be concluded", plugin.limits),
        ):
            if text:
                parts.append(f"<b>{heading}:</b> {escape(text)}")
    return "<br><br>".join(parts)
