"""Editors of numbers: bounds and units from the parameter, small ones in scientific notation."""

from __future__ import annotations

import math
from decimal import Decimal

from PySide6.QtCore import QLocale
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSpinBox, QWidget

_SMALL, _LARGE = 1e-3, 1e6
_WIDEST_INT = 2**31 - 1
_DECIMALS = 60  # the box rounds to these; 1e-15 T must survive with all its digits


def write_number(value: float) -> str:
    """Return the shortest text that reads back as the same number: ``0.05``, ``6.25e-4``, ``40``."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    shortest = Decimal(repr(value)).normalize()
    if _SMALL <= abs(value) < _LARGE:
        return f"{shortest:f}"
    return f"{shortest:e}".replace("e+", "e")


def read_number(text: str) -> float | None:
    """Return the number that a person wrote, with a decimal point or comma; None where it is none."""
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def suffix(unit: str) -> str:
    """Return a unit as it stands behind a number; none for a number without unit."""
    return f" {unit}" if unit not in {"", "1"} else ""


class FloatBox(QDoubleSpinBox):
    """A box for any float; its steps follow the number's magnitude."""

    def __init__(
        self, unit: str, low: float | None, high: float | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setLocale(QLocale.c())
        self.setDecimals(_DECIMALS)
        self.setRange(-1e300 if low is None else low, 1e300 if high is None else high)
        self.setSuffix(suffix(unit))
        self.setKeyboardTracking(False)

    def textFromValue(self, value: float) -> str:
        """Write the number."""
        return write_number(value)

    def valueFromText(self, text: str) -> float:
        """Read the number."""
        value = read_number(text.removesuffix(self.suffix()))
        return self.value() if value is None else value

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Take anything that may become a number; bounds are checked when it is done."""
        value = read_number(text.removesuffix(self.suffix()))
        if value is not None and self.minimum() <= value <= self.maximum():
            return QValidator.State.Acceptable, text, position
        allowed = set("0123456789+-.,eE ") | set(self.suffix())
        hopeful = set(text) <= allowed
        state = QValidator.State.Intermediate if hopeful else QValidator.State.Invalid
        return state, text, position

    def fixup(self, text: str) -> str:
        """Bring a number that is out of bounds to the nearest bound."""
        value = read_number(text.removesuffix(self.suffix()))
        if value is None:
            return self.text()
        return write_number(min(max(value, self.minimum()), self.maximum())) + self.suffix()

    def stepBy(self, steps: int) -> None:
        """Change the second digit."""
        value = self.value()
        size = 0.1 if value == 0 else 10.0 ** (math.floor(math.log10(abs(value))) - 1)
        self.setValue(round(value / size + steps) * size if value else steps * size)
        self.setValue(float(f"{self.value():.12g}"))

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Offer the steps that stay within bounds."""
        flags = QAbstractSpinBox.StepEnabledFlag.StepNone
        if self.value() < self.maximum():
            flags |= QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        if self.value() > self.minimum():
            flags |= QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        return flags


class IntBox(QSpinBox):
    """A box for a whole number."""

    def __init__(
        self, unit: str, low: float | None, high: float | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setLocale(QLocale.c())
        self.setGroupSeparatorShown(False)
        self.setRange(
            -_WIDEST_INT if low is None else max(math.ceil(low), -_WIDEST_INT),
            _WIDEST_INT if high is None else min(math.floor(high), _WIDEST_INT),
        )
        self.setSuffix(suffix(unit))
        self.setKeyboardTracking(False)
