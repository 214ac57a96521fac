"""The form of the display filter."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QLabel,
    QPushButton,
    QWidget,
)

from neurostudio.display_filter import DisplayFilter
from neurostudio.errors import BadInput

from ..theme import give_role

_CAUSAL = "causal: forwards only, delays"
_ZERO = "zero-phase: no delay, spreads backwards"


class FilterForm(QFrame):
    """Edges and way; ``changed`` gives the filter."""

    changed = Signal(object)

    def __init__(self, rate: float, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._rate = rate
        self.setFrameShape(QFrame.Shape.StyledPanel)
        form = QFormLayout(self)
        note = QLabel(
            "Changes what is seen, never the data. To filter the data, run Filter signals."
        )
        note.setWordWrap(True)
        give_role(note, "dim")
        form.addRow(note)
        self.high_pass = self._edge("High-pass")
        self.low_pass = self._edge("Low-pass")
        self.notch = self._edge("Notch")
        form.addRow("High-pass", self.high_pass)
        form.addRow("Low-pass", self.low_pass)
        form.addRow("Notch", self.notch)
        self.way = QComboBox()
        self.way.addItems([_CAUSAL, _ZERO])
        self.way.currentIndexChanged.connect(self._tell)
        form.addRow("Phase", self.way)
        self.words = QLabel()
        self.words.setWordWrap(True)
        give_role(self.words, "refusal")
        self.words.hide()
        form.addRow(self.words)
        off = QPushButton("Off")
        off.clicked.connect(self.clear)
        form.addRow(off)
        self.setMinimumWidth(320)

    def _edge(self, name: str) -> QDoubleSpinBox:
        box = QDoubleSpinBox(suffix=" Hz", decimals=2)
        box.setRange(0.0, self._rate / 2)
        box.setSpecialValueText("off")
        box.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        box.setAccessibleName(name)
        box.setToolTip(f"{name} in hertz; 0 for none")
        box.setKeyboardTracking(False)
        box.valueChanged.connect(self._tell)
        return box

    def wanted(self) -> DisplayFilter:
        """Return the filter as the form stands."""
        return DisplayFilter(
            self.high_pass.value(),
            self.low_pass.value(),
            self.notch.value(),
            causal=self.way.currentText() == _CAUSAL,
        )

    def clear(self) -> None:
        """See the signals as they are."""
        for box in (self.high_pass, self.low_pass, self.notch):
            box.blockSignals(True)
            box.setValue(0.0)
            box.blockSignals(False)
        self._tell()

    def _tell(self) -> None:
        wanted = self.wanted()
        try:
            wanted.check(self._rate)
        except BadInput as error:
            self.words.setText(str(error))
            self.words.show()
            return
        self.words.hide()
        self.changed.emit(wanted)
