"""The list of what lies one over the other, and how each layer is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..number_fields import FloatBox
from ..shelf import shelf
from ..theme import give_role
from .slice_colours import CHOICES, ONE, REGIONS
from .slice_layers import KINDS, PointLayer

if TYPE_CHECKING:
    from .slice_layers import Layer

_WIDTH = 230


class LayerPanel(QWidget):
    """Layers, the uppermost first: shown or not, their order, and how the chosen one is seen.

    ``add_asked`` carries the name of an open item; ``changed`` that layers or looks are other ones;
    ``insisted`` that a layer of another space is wanted all the same.
    """

    add_asked = Signal(str)
    changed = Signal()
    chosen = Signal(object)
    insisted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layers: list[Layer] = []
        self.setFixedWidth(_WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 4)
        self.list = QListWidget()
        self.list.setAccessibleName("Layers")
        self.list.setMinimumHeight(60)
        self.list.currentRowChanged.connect(self._row_chosen)
        self.list.itemChanged.connect(self._ticked)
        column.addWidget(self.list, 1)
        column.addLayout(self._buttons())
        self.refusal = QLabel()
        self.refusal.setWordWrap(True)
        give_role(self.refusal, "warning")
        self.anyway = QPushButton("Show anyway")
        self.anyway.setToolTip("It stays labelled as of another space")
        self.anyway.clicked.connect(self.insisted)
        column.addWidget(self.refusal)
        column.addWidget(self.anyway)
        column.addWidget(self._form())
        self.say("")
        self._show_look()

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.add = QToolButton()
        self.add.setText("Add over it…")
        self.add.setToolTip("Lay an open item over this image")
        self.add.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.add)
        self.menu.aboutToShow.connect(self.fill_menu)
        self.menu.triggered.connect(self._asked)
        self.add.setMenu(self.menu)
        row.addWidget(self.add, 1)
        self.up, self.down, self.away = (
            self._button(words, tip)
            for words, tip in (("▲", "One up"), ("▼", "One down"), ("✕", "Take away"))
        )
        self.up.clicked.connect(self._raise)
        self.down.clicked.connect(self._lower)
        self.away.clicked.connect(self._remove)
        for button in (self.up, self.down, self.away):
            row.addWidget(button)
        return row

    def _button(self, words: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(words)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    def _form(self) -> QWidget:
        self.form = QWidget()
        rows = QFormLayout(self.form)
        rows.setContentsMargins(0, 4, 0, 0)
        self.colours = QComboBox()
        self.colours.addItems(CHOICES)
        self.low, self.high = FloatBox("", None, None), FloatBox("", None, None)
        self.threshold = FloatBox("", 0.0, None)
        self.threshold.setToolTip(
            "Weaker values are not shown; of maps with both signs, on either side of 0"
        )
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.smooth = QCheckBox("Interpolate")
        self.smooth.setToolTip("Between voxels; off, each voxel is shown as it is")
        self.within = FloatBox("mm", 0.0, 1000.0)
        self.within.setToolTip("Points this near to a slice are shown in it")
        self._rows = {
            "Colours": self.colours,
            "From": self.low,
            "To": self.high,
            "Hide below": self.threshold,
            "Opacity": self.opacity,
            "": self.smooth,
            "Within": self.within,
        }
        for words, editor in self._rows.items():
            rows.addRow(words, editor)
            editor.setAccessibleName(words or "Interpolate")
        self.colours.currentTextChanged.connect(self._look_edited)
        self.opacity.valueChanged.connect(self._look_edited)
        self.smooth.toggled.connect(self._look_edited)
        for box in (self.low, self.high, self.threshold, self.within):
            box.valueChanged.connect(self._look_edited)
        self.note = QLabel()
        self.note.setWordWrap(True)
        give_role(self.note, "dim")
        rows.addRow(self.note)
        return self.form

    # ---- layers ----------------------------------------------------------------------------------

    @property
    def current(self) -> Layer | None:
        """The layer whose look is edited."""
        row = self.list.currentRow()
        return self.layers[len(self.layers) - 1 - row] if 0 <= row < len(self.layers) else None

    def show_layers(self, layers: list[Layer], current: Layer | None = None) -> None:
        """List other layers, the lowest first; choose one of them."""
        self.layers = list(layers)
        with QSignalBlocker(self.list):
            self.list.clear()
            for layer in reversed(self.layers):
                words = f"{layer.name}  [{layer.note}]" if layer.note else layer.name
                item = QListWidgetItem(words)
                item.setToolTip(words)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                state = Qt.CheckState.Checked if layer.look.visible else Qt.CheckState.Unchecked
                item.setCheckState(state)
                self.list.addItem(item)
            if self.layers:
                at = self.layers.index(current) if current in self.layers else len(self.layers) - 1
                self.list.setCurrentRow(len(self.layers) - 1 - at)
        self._show_look()
        self.chosen.emit(self.current)

    def say(self, words: str, *, refused: bool = False) -> None:
        """Say why a layer was not added, or what must be known about it; nothing hides it."""
        self.refusal.setText(words)
        self.refusal.setVisible(bool(words))
        self.anyway.setVisible(refused)

    def fill_menu(self) -> None:
        """Offer what is open and has a place."""
        self.menu.clear()
        names = shelf().names(*KINDS)
        for name in names:
            self.menu.addAction(name)
        if not names:
            self.menu.addAction(
                "No other volume, points, connectome or recording is open"
            ).setEnabled(False)

    def _asked(self, action: object) -> None:
        self.add_asked.emit(action.text())  # type: ignore[attr-defined]

    def _row_chosen(self, row: int) -> None:
        del row
        self._show_look()
        self.chosen.emit(self.current)

    def _ticked(self, item: QListWidgetItem) -> None:
        layer = self.layers[len(self.layers) - 1 - self.list.row(item)]
        layer.look.visible = item.checkState() == Qt.CheckState.Checked
        self.changed.emit()

    def _raise(self) -> None:
        self._shift(1)

    def _lower(self) -> None:
        self._shift(-1)

    def _shift(self, by: int) -> None:
        layer = self.current
        if layer is None:
            return
        at = self.layers.index(layer)
        if at >= 1 and 1 <= at + by < len(self.layers):  # the lowest gives the frame and stays
            self.layers.insert(at + by, self.layers.pop(at))
            self.show_layers(self.layers, layer)
            self.changed.emit()

    def _remove(self) -> None:
        layer = self.current
        if layer is not None and layer is not self.layers[0]:
            self.layers.remove(layer)
            self.show_layers(self.layers)
            self.changed.emit()

    # ---- the look of one -------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the numbers of a look that was changed elsewhere."""
        self._show_look()

    def _show_look(self) -> None:
        layer = self.current
        self.form.setVisible(layer is not None)
        above = layer is not None and layer is not self.layers[0]
        self.away.setEnabled(above)
        self.up.setEnabled(above and layer is not self.layers[-1])
        self.down.setEnabled(above and layer is not self.layers[1])
        if layer is None:
            return
        look = layer.look
        blocked = [QSignalBlocker(each) for each in self._rows.values()]
        self.colours.setCurrentText(look.colours)
        for box, value in ((self.low, look.low), (self.high, look.high)):
            box.setValue(float(f"{value:.6g}"))
        self.threshold.setValue(look.threshold)
        self.opacity.setValue(round(100 * look.opacity))
        self.smooth.setChecked(look.smooth)
        if isinstance(layer, PointLayer):
            self.within.setValue(layer.within)
        del blocked
        self._show_rows(layer)
        space = layer.space or "space unknown"
        self.note.setText(f"{space}, {layer.note}" if layer.note else space)

    def _show_rows(self, layer: Layer) -> None:
        layout = self.form.layout()
        for words, editor in self._rows.items():
            layout.setRowVisible(editor, words in _rows_of(layer))  # type: ignore[union-attr]

    def _look_edited(self, *_: object) -> None:
        layer = self.current
        if layer is None:
            return
        look = layer.look
        look.colours = self.colours.currentText()
        look.low, look.high = self.low.value(), self.high.value()
        look.threshold = self.threshold.value()
        look.opacity = self.opacity.value() / 100
        look.smooth = self.smooth.isChecked()
        if isinstance(layer, PointLayer):
            layer.within = self.within.value()
        self._show_rows(layer)
        self.changed.emit()


def _rows_of(layer: Layer) -> frozenset[str]:
    """Return what can be set of a layer."""
    if isinstance(layer, PointLayer):
        return frozenset({"Opacity", "Within"})
    if layer.frame.dtype.fields:
        return frozenset({"Opacity"})
    if layer.look.colours == REGIONS:
        return frozenset({"Colours", "Opacity"})
    if layer.look.colours == ONE:
        return frozenset({"Colours", "Hide below", "Opacity", ""})
    return frozenset({"Colours", "From", "To", "Hide below", "Opacity", ""})
