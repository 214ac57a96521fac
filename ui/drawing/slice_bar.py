"""The tool bar of the slices: where to go, measuring, sides, layers, slices or 3D."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QToolBar

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

NEUROLOGICAL, RADIOLOGICAL = "Left is left", "Left is right"


class SliceBar(QToolBar):
    """What a person does to three slices."""

    def __init__(self, *, radiological: bool, three_d: bool) -> None:
        super().__init__("Slices")
        self.setMovable(False)
        self.slices = self._act("Slices", "Three slices (plain)", tick=True)
        self.three_d = self._act("3D (napari)", "The same layers in napari, also in 3D", tick=True)
        group = QActionGroup(self)
        for action in (self.slices, self.three_d):
            group.addAction(action)
            action.setVisible(three_d)
        self.slices.setChecked(True)
        self.addSeparator().setVisible(three_d)
        label = QLabel(" Go to ")
        self.place = QLineEdit()
        self.place.setPlaceholderText("x, y, z in mm")
        self.place.setToolTip(
            "Millimetres to the right, to the front and up, for example 42, -18, 8"
        )
        self.place.setAccessibleName("Go to a place in mm")
        self.place.setFixedWidth(120)
        label.setBuddy(self.place)
        self.addWidget(label)
        self.addWidget(self.place)
        self.measure = self._act("Measure", "Two clicks: the distance in mm", tick=True)
        self.fit = self._act("Fit", "Show all; a double click in a slice centres, Ctrl+wheel zooms")
        self.sides = QComboBox()
        self.sides.addItems([NEUROLOGICAL, RADIOLOGICAL])
        self.sides.setItemData(0, "Neurological: the person's left is on the left", 3)
        self.sides.setItemData(1, "Radiological: the person's left is on the right", 3)
        self.sides.setCurrentIndex(int(radiological))
        self.sides.setAccessibleName("Side of the person's left")
        self.sides.setToolTip("Neurological (left is left) or radiological (left is right)")
        self.addWidget(self.sides)
        self.course = self._act(
            "Time course", "The course of the voxel under the crosshair", tick=True
        )
        self.layers = self._act(
            "Layers…", "Lay other items over this one; colours and range", tick=True
        )
        self.layers.setChecked(True)

    def _act(self, words: str, tip: str, *, tick: bool = False) -> QAction:
        action = self.addAction(words)
        action.setToolTip(tip)
        action.setCheckable(tick)
        return action


def read_place(text: str) -> tuple[float, float, float] | None:
    """Return the three numbers that a person wrote, None where there are not three."""
    words = text.replace(";", " ").replace("mm", " ")
    parts = words.split(",") if words.count(",") == 2 else words.replace(",", " ").split()
    try:
        numbers = [float(each) for each in parts]
    except ValueError:
        return None
    if len(numbers) != 3 or not all(abs(each) < 1e6 for each in numbers):
        return None
    return numbers[0], numbers[1], numbers[2]
