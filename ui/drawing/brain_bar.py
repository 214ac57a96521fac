"""The controls over a body: which values, on which shape, from which side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from .brain_camera import SIDES

if TYPE_CHECKING:
    from .brain_body import Body

NOTHING = "nothing"
HEMISPHERES = ("Both sides", "Left side", "Right side")
_LARGE = 1e12


class BrainBar(QWidget):
    """Two rows of controls; ``changed`` says that something else is to be shown."""

    changed = Signal()
    map_chosen = Signal()
    side_chosen = Signal(str)

    def __init__(self, body: Body) -> None:
        super().__init__()
        self.maps = self._choice(
            "Values", [*body.maps, NOTHING], "The values that colour the surface"
        )
        self.shapes = self._choice("Shape", list(body.shapes), "The places of the same vertices")
        self.hemispheres = self._choice(
            "Hemispheres", HEMISPHERES, "Hide one half to see the other inside"
        )
        self.outlines = self._choice(
            "Outlines", [NOTHING, *body.regions()], "Draw the borders of an atlas's regions"
        )
        self.threshold = self._number("Threshold", "Values nearer to 0 than this are not coloured")
        self.low = self._number("Lower end", "The value of the lowest colour")
        self.high = self._number("Upper end", "The value of the highest colour")
        self.density = QSlider(Qt.Orientation.Horizontal)
        self.density.setRange(1, 100)
        self.density.setAccessibleName("Strongest edges")
        self.density.setToolTip("How many of the strongest edges are drawn, in percent")
        self.density.valueChanged.connect(self.changed)
        self.light = QSlider(Qt.Orientation.Horizontal)
        self.light.setRange(0, 100)
        self.light.setValue(75)
        self.light.setMaximumWidth(80)
        self.light.setAccessibleName("Light")
        self.light.setToolTip("How much the slope of the surface counts against its colour")
        self.light.valueChanged.connect(self.changed)
        self.names = QCheckBox("Names")
        self.names.setChecked(0 < len(body.point_names) <= 40)
        self.names.toggled.connect(self.changed)
        self._fill(body)

    def _choice(self, name: str, words: Any, about: str) -> QComboBox:
        box = QComboBox()
        box.addItems(list(words))
        box.setAccessibleName(name)
        box.setToolTip(about)
        box.currentIndexChanged.connect(self.map_chosen if name == "Values" else self.changed)
        box.setVisible(len(words) > 1)
        return box

    def _number(self, name: str, about: str) -> QDoubleSpinBox:
        box = QDoubleSpinBox(decimals=3)
        box.setRange(-_LARGE, _LARGE)
        box.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        box.setKeyboardTracking(False)
        box.setAccessibleName(name)
        box.setToolTip(about)
        box.setMaximumWidth(96)
        box.valueChanged.connect(self.changed)
        return box

    def _fill(self, body: Body) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setContentsMargins(8, 0, 8, 0)
            row.setSpacing(6)
        for box in (self.maps, self.shapes, self.hemispheres, self.outlines):
            first.addWidget(box)
        self.hemispheres.setVisible(body.sides is not None)
        self.outlines.setVisible(bool(body.regions()))
        self.maps.setVisible(bool(body.maps))
        self.shapes.setVisible(len(body.shapes) > 1)
        self.scale = QWidget()
        inside = QHBoxLayout(self.scale)
        inside.setContentsMargins(0, 0, 0, 0)
        for words, number in (
            ("from", self.low),
            ("to", self.high),
            ("hide below", self.threshold),
        ):
            inside.addWidget(QLabel(words))
            inside.addWidget(number)
        first.addWidget(self.scale)
        first.addStretch(1)
        for side in SIDES:
            button = QToolButton()
            button.setText(side)
            button.setToolTip(f"Look from the {side.lower()}")
            button.setObjectName(side)
            button.clicked.connect(self._side)
            second.addWidget(button)
        lamp = QLabel("Light")
        lamp.setBuddy(self.light)
        second.addWidget(lamp)
        second.addWidget(self.light)
        second.addWidget(self.names)
        self.edges = QWidget()
        inside = QHBoxLayout(self.edges)
        inside.setContentsMargins(0, 0, 0, 0)
        self.shown = QLabel()
        inside.addWidget(QLabel("Edges"))
        inside.addWidget(self.density)
        inside.addWidget(self.shown)
        self.edges.setVisible(len(body.edges) > 0)
        second.addWidget(self.edges)
        second.addStretch(1)
        self.last = second
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addLayout(first)
        column.addLayout(second)

    def _side(self) -> None:
        self.side_chosen.emit(self.sender().objectName())

    def set_scale(self, span: tuple[float, float], threshold: float, *, shown: bool) -> None:
        """Set the numbers without telling."""
        for box, value in ((self.low, span[0]), (self.high, span[1]), (self.threshold, threshold)):
            with QSignalBlocker(box):
                box.setValue(value)
        self.scale.setVisible(shown)

    @property
    def span(self) -> tuple[float, float]:
        """The ends of the scale."""
        return self.low.value(), self.high.value()
