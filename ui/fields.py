"""One editor for each kind of parameter; all speak plain values."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QHBoxLayout,
    QLineEdit,
    QToolButton,
    QWidget,
)

from .names_dialog import NamesDialog
from .number_fields import FloatBox, IntBox, read_number, write_number
from .theme import icon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neurostudio.params import Parameter


class Field(QWidget):
    """An editor of one parameter's value; ``edited`` is emitted when a person changes it."""

    edited = Signal()

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.parameter = parameter
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)

    def hold(self, editor: QWidget) -> None:
        """Show an editor, which gets the focus and the accessible name of the field."""
        self.row.addWidget(editor, 1)
        self.setFocusProxy(editor)
        editor.setAccessibleName(self.parameter.label)

    def value(self) -> Any:
        """Return what stands there."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show a value."""
        raise NotImplementedError

    def offer(self, names: Sequence[str]) -> None:
        """Offer names of the chosen data."""

    def _edited(self) -> None:
        self.edited.emit()


class BoolField(Field):
    """Yes or no."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        self.box = QCheckBox()
        self.box.toggled.connect(self._edited)
        self.hold(self.box)

    def value(self) -> Any:
        """Return whether it is checked."""
        return self.box.isChecked()

    def set_value(self, value: Any) -> None:
        """Check or uncheck it."""
        self.box.setChecked(bool(value))


class NumberField(Field):
    """A number within its bounds."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        kind = IntBox if parameter.kind == "int" else FloatBox
        self.box: IntBox | FloatBox = kind(parameter.unit, parameter.low, parameter.high)
        self.box.valueChanged.connect(self._edited)
        self.hold(self.box)

    def value(self) -> Any:
        """Return the number."""
        return self.box.value()

    def set_value(self, value: Any) -> None:
        """Show a number."""
        self.box.setValue(value)


class TextField(Field):
    """Free text, completed from names of the data."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        self.line = QLineEdit()
        self.line.textEdited.connect(self._edited)
        self.hold(self.line)
        self._combo: QComboBox | None = None
        if parameter.suggest:
            self._combo = QComboBox()
            self._combo.setEditable(True)
            self._combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            self._combo.setLineEdit(self.line)
            self._combo.activated.connect(self._edited)
            self.hold(self._combo)

    def value(self) -> Any:
        """Return the text."""
        return self.line.text()

    def set_value(self, value: Any) -> None:
        """Show a text."""
        self.line.setText(str(value))

    def offer(self, names: Sequence[str]) -> None:
        """List the names; any other text stays allowed."""
        if self._combo is None:
            return
        text = self.line.text()
        self._combo.clear()
        self._combo.addItems(list(names))
        self.line.setText(text)
        completer = QCompleter(list(names), self._combo)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._combo.setCompleter(completer)


class ChoiceField(Field):
    """One of a few values."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        self.combo = QComboBox()
        for choice in parameter.choices:
            self.combo.addItem(str(choice).replace("_", " "), choice)
        self.combo.activated.connect(self._edited)
        self.hold(self.combo)

    def value(self) -> Any:
        """Return the choice."""
        return self.parameter.choices[self.combo.currentIndex()]

    def set_value(self, value: Any) -> None:
        """Show a choice."""
        self.combo.setCurrentIndex(self.parameter.choices.index(value))


class ListField(Field):
    """Several values: written with commas, or checked on a list."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        self.line = QLineEdit()
        self.line.setPlaceholderText("none, or values with commas between")
        self.line.textEdited.connect(self._edited)
        self.hold(self.line)
        self._names: tuple[str, ...] = tuple(str(each) for each in parameter.choices)
        self.button = QToolButton()
        self.button.setIcon(icon("choose"))
        self.button.setToolTip("Choose from a list")
        self.button.setAccessibleName(f"Choose {parameter.label.lower()} from a list")
        self.button.clicked.connect(self._choose)
        self.row.addWidget(self.button)
        self._show_button()
        self.dialog: NamesDialog | None = None

    def value(self) -> Any:
        """Return the values as a tuple; what is no number stays text, for validation to refuse."""
        words = [each.strip() for each in _split(self.line.text()) if each.strip()]
        if self.parameter.item not in {"int", "float"}:
            return tuple(self._as_choice(each) for each in words)
        return tuple(self._as_number(each) for each in words)

    def _as_choice(self, word: str) -> Any:
        return next((each for each in self.parameter.choices if str(each) == word), word)

    def _as_number(self, word: str) -> float | int | str:
        number = read_number(word)
        if number is None:
            return word
        return int(number) if self.parameter.item == "int" and number.is_integer() else number

    def set_value(self, value: Any) -> None:
        """Show the values."""
        self.line.setText(_join(value))

    def offer(self, names: Sequence[str]) -> None:
        """Offer the names of the chosen data for checking."""
        if self.parameter.suggest:
            self._names = tuple(names)
            self._show_button()

    def _show_button(self) -> None:
        self.button.setVisible(bool(self._names))

    def _choose(self) -> None:
        self.dialog = NamesDialog(
            self.parameter.label, self._names, [str(each) for each in self.value()], self
        )
        self.dialog.chosen.connect(self._chosen)
        self.dialog.open()

    def _chosen(self, names: list[str]) -> None:
        self.line.setText(_join(names))
        self.edited.emit()


class OptionalField(Field):
    """A value that may be left out: unchecked means none."""

    def __init__(self, parameter: Parameter, inner: Field, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        self.inner = inner
        self.check = QCheckBox()
        self.check.setToolTip("Unchecked: not set")
        self.check.setAccessibleName(f"Set {parameter.label.lower()}")
        self.check.toggled.connect(self._toggled)
        self.row.addWidget(self.check)
        self.hold(inner)
        self.setFocusProxy(self.check)
        inner.edited.connect(self._edited)
        inner.setEnabled(False)

    def value(self) -> Any:
        """Return the value, or None."""
        return self.inner.value() if self.check.isChecked() else None

    def set_value(self, value: Any) -> None:
        """Show a value, or None."""
        self.check.setChecked(value is not None)
        if value is not None:
            self.inner.set_value(value)

    def offer(self, names: Sequence[str]) -> None:
        """Pass the names on."""
        self.inner.offer(names)

    def _toggled(self, on: bool) -> None:
        self.inner.setEnabled(on)
        self.edited.emit()


_FIELDS: dict[str, type[Field]] = {
    "bool": BoolField,
    "int": NumberField,
    "float": NumberField,
    "text": TextField,
    "choice": ChoiceField,
    "list": ListField,
}


def field_for(parameter: Parameter) -> Field:
    """Return the editor for a parameter, showing its default."""
    field = _FIELDS[parameter.kind](parameter)
    if parameter.optional:
        field = OptionalField(parameter, field)
    field.set_value(parameter.default)
    return field


def _split(text: str) -> list[str]:
    rows = list(csv.reader([text], skipinitialspace=True))
    return rows[0] if rows else []


def _join(values: Sequence[Any]) -> str:
    out = io.StringIO()
    words = [write_number(v) if isinstance(v, float) else str(v) for v in values]
    csv.writer(out, lineterminator="").writerow(words)
    return (
        out.getvalue().replace(",", ", ")
        if not any("," in each for each in words)
        else out.getvalue()
    )
