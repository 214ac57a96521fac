"""What is chosen for all pictures of a connectome: threshold, groups, order, colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QWidget,
)

from .connectome_order import AS_GIVEN, COMPUTED, NO_GROUPS, ORDERS

if TYPE_CHECKING:
    from .connectome_state import ConnectomeState

STRONGEST, AT_LEAST = "the strongest", "at least"
_PAUSE = 150  # ms after the last turn of a number
_PREFERRED = ("community", "type", "region", "hemisphere")


class ConnectomeBar(QWidget):
    """``arranged(grouping, order)`` and ``logged(on)`` are asked for; the threshold goes to the state."""

    arranged = Signal(str, str)
    logged = Signal(bool)

    def __init__(self, state: ConnectomeState) -> None:
        super().__init__()
        self._state = state
        self.keep = QComboBox()
        self.keep.addItems([STRONGEST, AT_LEAST])
        self.keep.setAccessibleName("Which connections are shown")
        self.amount = QDoubleSpinBox()
        self.amount.setAccessibleName("Threshold")
        self.amount.setKeyboardTracking(False)
        self.groups = QComboBox()
        self.groups.setAccessibleName("Groups of nodes")
        self.order = QComboBox()
        self.order.addItems(list(ORDERS))
        self.order.setAccessibleName("Order of nodes")
        self.order.setToolTip(
            "Within each group. Likeness: nodes with like connections come together"
        )
        self.log = QCheckBox("Log colours")
        self.log.setToolTip("Colour the matrix by the logarithm of the weights")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 0)
        for word, widget in (
            ("Show", self.keep),
            ("", self.amount),
            ("Groups", self.groups),
            ("Order", self.order),
            ("", self.log),
        ):
            if word:
                row.addWidget(QLabel(word))
            row.addWidget(widget)
        row.addStretch(1)
        self.export = QPushButton("E&xport…")
        self.export.setToolTip("Write the matrix as CSV, NPZ or GraphML")
        self.export.hide()  # until it is known what exports
        row.addWidget(self.export)
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(self._cut)
        self._fill()
        self.keep.currentTextChanged.connect(self._kind_changed)
        self.amount.valueChanged.connect(self._timer.start)
        self.groups.currentTextChanged.connect(self._tell)
        self.order.currentTextChanged.connect(self._tell)
        self.log.toggled.connect(self.logged)

    def _fill(self) -> None:
        self._kind_changed(STRONGEST)
        names = self._state.wires.groupings()
        self.groups.addItems([NO_GROUPS, *names, COMPUTED])
        first = next((name for name in _PREFERRED if name in names), NO_GROUPS)
        self.groups.setCurrentText(first)

    @property
    def choice(self) -> tuple[str, str]:
        """Groups and order that are chosen."""
        return self.groups.currentText(), self.order.currentText() or AS_GIVEN

    def _kind_changed(self, kind: str) -> None:
        """Let the number be a share, or a weight."""
        self.amount.blockSignals(True)
        if kind == STRONGEST:
            self.amount.setRange(0.01, 100.0)
            self.amount.setDecimals(2)
            self.amount.setSuffix(" %")
            self.amount.setValue(self._state.share)
            self.amount.setToolTip("Share of all connections, the strongest first")
        else:
            top = self._state.wires.top
            unit = self._state.wires.unit
            self.amount.setRange(0.0, top)
            self.amount.setDecimals(4 if top < 10 else 1)
            self.amount.setSuffix("" if unit in {"", "1"} else f" {unit}")
            self.amount.setValue(self._state.value)
            self.amount.setToolTip("Least weight, whatever its sign")
        self.amount.setSingleStep(max(self.amount.maximum() / 100, 0.01))
        self.amount.blockSignals(False)

    def _cut(self) -> None:
        if self.keep.currentText() == STRONGEST:
            self._state.keep_share(self.amount.value())
        else:
            self._state.keep_value(self.amount.value())

    def _tell(self) -> None:
        self.arranged.emit(*self.choice)
