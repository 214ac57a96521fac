"""A form made from a method's parameters: nothing is declared twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from neurostudio.errors import BadInput
from neurostudio.params import parameters, read_params

from .fields import Field, field_for
from .number_fields import suffix, write_number
from .theme import give_role, icon

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from neurostudio.params import Parameter, Params


class Row(QWidget):
    """One parameter: its field, a way back to the default, and what is wrong with it."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.parameter = parameter
        self.field: Field = field_for(parameter)
        self.reset = QToolButton()
        self.reset.setIcon(icon("reset"))
        self.reset.setAutoRaise(True)
        self.reset.setToolTip(f"Back to {write_value(parameter.default)}")
        self.reset.setAccessibleName(f"Reset {parameter.label.lower()}")
        self.reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        keep = self.reset.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(keep)
        self.reset.clicked.connect(self._back)
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.hide()
        give_role(self.message, "bad")
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.field, 1)
        line.addWidget(self.reset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(line)
        layout.addWidget(self.message)
        self.setToolTip(describe(parameter))
        self.setFocusProxy(self.field)
        self.field.edited.connect(self.refresh)
        self.refresh()

    def _back(self) -> None:
        self.field.set_value(self.parameter.default)
        self.field.setFocus()
        self.field.edited.emit()

    def refresh(self) -> None:
        """Offer the way back only where the value is another one."""
        same = self.field.value() == self.parameter.default
        self.reset.setVisible(not same)

    def complain(self, text: str) -> None:
        """Say what is wrong, or with no text that nothing is."""
        self.message.setText(text)
        self.message.setVisible(bool(text))


class ParamsForm(QWidget):
    """All parameters of one model; ``edited`` is emitted when a person changes any."""

    edited = Signal()

    def __init__(self, model: type[Params], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.rows: dict[str, Row] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.presets = QComboBox()
        self.reset = QPushButton("Reset a&ll")
        self.reset.setToolTip("Set every parameter to its default")
        self.reset.clicked.connect(self.set_defaults)
        all_parameters = parameters(model)
        if all_parameters:
            layout.addLayout(self._head())
        basic = [each for each in all_parameters if not each.advanced]
        advanced = [each for each in all_parameters if each.advanced]
        layout.addLayout(self._rows(basic))
        self.fold = Fold("Ad&vanced", self._widget(advanced), self)
        self.fold.setVisible(bool(advanced))
        layout.addWidget(self.fold)
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.hide()
        give_role(self.message, "bad")
        layout.addWidget(self.message)

    def _head(self) -> QHBoxLayout:
        line = QHBoxLayout()
        self.presets.setAccessibleName("Presets")
        self.presets.addItem("Presets…")
        self.presets.addItems(list(self.model.presets))
        self.presets.activated.connect(self._preset_chosen)
        self.presets.setVisible(bool(self.model.presets))
        line.addWidget(self.presets, 1)
        line.addStretch()
        line.addWidget(self.reset)
        return line

    def _rows(self, some: Sequence[Parameter]) -> QFormLayout:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for parameter in some:
            row = Row(parameter)
            row.field.edited.connect(self._edited)
            label = QLabel(parameter.label)
            label.setToolTip(describe(parameter))
            label.setBuddy(row)
            form.addRow(label, row)
            self.rows[parameter.name] = row
        return form

    def _widget(self, some: Sequence[Parameter]) -> QWidget:
        widget = QWidget()
        form = self._rows(some)
        form.setContentsMargins(0, 0, 0, 0)
        widget.setLayout(form)
        return widget

    # ---- values ----------------------------------------------------------------------------------

    def values(self) -> dict[str, Any]:
        """Return what stands in the form."""
        return {name: row.field.value() for name, row in self.rows.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show values; what is not named keeps its own."""
        for name, value in values.items():
            if name in self.rows:
                self.rows[name].field.set_value(value)
                self.rows[name].refresh()
        self._edited()

    def set_defaults(self) -> None:
        """Show every default."""
        self.set_values({name: row.parameter.default for name, row in self.rows.items()})

    def _preset_chosen(self, index: int) -> None:
        if index > 0:
            defaults = {name: row.parameter.default for name, row in self.rows.items()}
            self.set_values(defaults | dict(self.model.presets[self.presets.itemText(index)]))

    def offer(self, names: Callable[[str], Sequence[str]]) -> None:
        """Offer names of the chosen data where a parameter asks for them."""
        for row in self.rows.values():
            if row.parameter.suggest:
                row.field.offer(names(row.parameter.suggest))

    def read(self) -> Params | None:
        """Return the validated parameters, or None after saying at the field what is wrong."""
        problems = self._problems()
        for name, row in self.rows.items():
            row.complain(problems.pop(name, ""))
        if any(row.message.text() and row.parameter.advanced for row in self.rows.values()):
            self.fold.open()
        self.message.setText(" ".join(problems.values()))
        self.message.setVisible(bool(problems))
        wrong = problems or any(row.message.text() for row in self.rows.values())
        return None if wrong else read_params(self.model, self.values())

    def _problems(self) -> dict[str, str]:
        try:
            read_params(self.model, self.values())
        except BadInput as error:
            if not isinstance(error.__cause__, ValidationError):
                return {"": str(error)}
            return {
                str(problem["loc"][0]) if problem["loc"] else "": _sentence(problem)
                for problem in error.__cause__.errors()
            }
        return {}

    def _edited(self) -> None:
        self.presets.setCurrentIndex(0)
        self.read()
        self.edited.emit()


class Fold(QWidget):
    """A section that is folded until it is asked for."""

    def __init__(self, title: str, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = QToolButton()
        self.button.setText(title)
        self.button.setCheckable(True)
        self.button.setAutoRaise(True)
        self.button.setArrowType(Qt.ArrowType.RightArrow)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.toggled.connect(self._turned)
        self.content = content
        content.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.button)
        layout.addWidget(content)

    def open(self) -> None:
        """Unfold it."""
        self.button.setChecked(True)

    def _turned(self, on: bool) -> None:
        self.button.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
        self.content.setVisible(on)


def describe(parameter: Parameter) -> str:
    """Return a parameter's tooltip: help, unit, bounds and default."""
    lines = [parameter.help]
    if suffix(parameter.unit):
        lines.append(f"Unit: {parameter.unit}")
    bounds = []
    if parameter.low is not None:
        bounds.append(
            f"{'above' if parameter.low_open else 'at least'} {write_number(parameter.low)}"
        )
    if parameter.high is not None:
        bounds.append(
            f"{'below' if parameter.high_open else 'at most'} {write_number(parameter.high)}"
        )
    if bounds:
        lines.append(", ".join(bounds).capitalize())
    lines.append(f"Default: {write_value(parameter.default)}")
    return "\n".join(lines)


def write_value(value: Any) -> str:
    """Return a value as a person writes it."""
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return write_number(value)
    if isinstance(value, tuple | list):
        return ", ".join(write_value(each) for each in value)
    return str(value)


def _sentence(problem: Any) -> str:
    text = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{text[:1].upper()}{text[1:]}."
