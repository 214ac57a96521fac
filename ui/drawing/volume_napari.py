"""The layers in napari: the same places, looks and crosshair, in 3D or in slices of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ..theme import theme
from .volume_shapes import ImageShape, looks, place_under, shape_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QImage, QPainter, QShowEvent

    from ..background import Background
    from .slice_layers import Layer

PLACE = "Crosshair"
_SIDE = 250
_ORDER = (2, 1, 0)  # the axial slice is the first that is seen
_POINT = 5.0


class NapariView(QWidget):
    """napari's canvas and controls on our layers; ``place_moved`` when a click points at a place, (3,) mm."""

    place_moved = Signal(object)
    loaded = Signal()

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self.model: Any = None
        self.viewer: Any = None
        self._layers: list[Layer] = []
        self._shown: dict[int, tuple[Layer, Any]] = {}
        self._place = np.zeros(3)
        self._point: Any = None
        self._watched: list[QObject] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.words = QLabel("Loading napari …")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._row.addWidget(self.words)

    # ---- beginning and end -----------------------------------------------------------------------

    def begin(self) -> None:
        """Load napari; what needs no window in a thread."""
        self._background.run(_load, done=self._loaded, failed=self._failed)

    def _loaded(self, nothing: object) -> None:
        del nothing
        QTimer.singleShot(0, self, self._build)

    def _failed(self, error: Exception) -> None:
        self.words.setText(f"napari cannot be used here: {error}")

    def _build(self) -> None:
        from napari.components import ViewerModel
        from napari.qt import QtViewer, get_qapp

        try:
            get_qapp()  # registers napari's icons
            self.model = ViewerModel(title="neurostudio", ndisplay=3)
            self.viewer = QtViewer(self.model)
        except Exception as error:  # noqa: BLE001  a broken OpenGL must not take the window with it
            self._failed(error)
            return
        self.words.hide()
        self._row.addWidget(self.viewer, 1)
        self._row.addWidget(self._side())
        self.camera.orientation = ("towards", "up", "right")
        self.model.mouse_drag_callbacks.append(self._clicked)
        self._recolour()
        theme().changed.connect(self._recolour)
        QCoreApplication.instance().aboutToQuit.connect(self.end)  # type: ignore[union-attr]
        self.show_layers(self._layers)

    def _side(self) -> QWidget:
        side = QWidget()
        side.setFixedWidth(_SIDE)
        column = QVBoxLayout(side)
        column.setContentsMargins(4, 4, 4, 4)
        for part in ("controls", "layers", "viewerButtons"):
            column.addWidget(getattr(self.viewer, part))
        self.viewer.viewerButtons.consoleButton.hide()  # it opens a dock of napari's own window
        return side

    def end(self) -> None:
        """Close napari before its widgets go."""
        viewer, self.viewer = self.viewer, None
        for watched in self._watched:
            watched.removeEventFilter(self)
        self._watched = []
        if viewer is not None:
            theme().changed.disconnect(self._recolour)
            self._shown, self._point = {}, None
            self.model.mouse_drag_callbacks.clear()
            viewer.close()
            self.model = None

    def showEvent(self, event: QShowEvent) -> None:
        """Watch for the end of the widgets around this one."""
        super().showEvent(event)
        for watched in self._watched:
            watched.removeEventFilter(self)
        self._watched = [self]
        while (above := self._watched[-1].parent()) is not None:
            self._watched.append(above)
        for watched in self._watched:
            watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """End before a widget around this one is deleted."""
        if event.type() == QEvent.Type.DeferredDelete:
            self.end()
        return super().eventFilter(watched, event)

    @property
    def camera(self) -> Any:
        """From where napari looks; it moved to ``scene`` in 0.9."""
        return getattr(self.model, "scene", self.model).camera

    # ---- layers ----------------------------------------------------------------------------------

    def show_layers(self, layers: Sequence[Layer]) -> None:
        """Show other layers, or the same with other looks."""
        self._layers = list(layers)
        if self.viewer is None:
            return
        for key in [key for key, (layer, _) in self._shown.items() if layer not in self._layers]:
            self.model.layers.remove(self._shown.pop(key)[1])
        for layer in self._layers:
            if id(layer) in self._shown:
                looks(layer, self._shown[id(layer)][1])
        new = [layer for layer in self._layers if id(layer) not in self._shown]
        if new:
            self._background.in_order(_shapes, new, done=self._came, failed=self._failed)
        self._order()

    def refresh_frames(self) -> None:
        """Show another volume of a series."""
        if self.viewer is not None:
            self._background.in_order(_shapes, self._layers, done=self._came, failed=self._failed)

    def _came(self, shapes: list[tuple[Layer, ImageShape | None]]) -> None:
        if self.viewer is None:
            return
        first = not self._shown
        for layer, shape in shapes:
            if layer not in self._layers:
                continue
            if id(layer) in self._shown:
                if shape is not None:
                    self._shown[id(layer)][1].data = shape.values
                continue
            self._shown[id(layer)] = (layer, _added(self.model, layer, shape))
        self._order()
        if first and self._shown:
            self.model.dims.order = _ORDER
            self.model.reset_view()
            self.camera.set_view_direction((-0.45, -0.75, -0.5), (1, 0, 0))
            self.go(self._place)
            self.loaded.emit()

    def _order(self) -> None:
        """Put the layers one over the other as in the slices, the crosshair on top."""
        if self.model is None:
            return
        wanted = [self._shown[id(each)][1] for each in self._layers if id(each) in self._shown]
        if self._point is not None:
            wanted.append(self._point)
        for at, layer in enumerate(wanted):
            now = self.model.layers.index(layer)
            if now != at:
                self.model.layers.move(now, at)

    # ---- the place -------------------------------------------------------------------------------

    def go(self, place: NDArray[np.float64]) -> None:
        """Move the crosshair point, and the slices of napari, to a place in mm."""
        self._place = np.asarray(place, float)
        if self.viewer is None or not self._shown:
            return
        if self._point is None:
            self._point = self.model.add_points(
                self._place[None],
                name=PLACE,
                size=_POINT,
                face_color=theme().colours.accent,
                border_color="white",
            )
            self._point.editable = False
            self.model.layers.selection.active = self.model.layers[0]
        else:
            self._point.data = self._place[None]
        self.model.dims.set_point((0, 1, 2), tuple(self._place))

    def _clicked(self, viewer: Any, event: Any) -> Any:
        """Move the place to where a click without a drag points."""
        moved = False
        yield
        while event.type == "mouse_move":
            moved = True
            yield
        if not moved:
            images = [pair for pair in self._shown.values() if hasattr(pair[1], "contrast_limits")]
            place = place_under(viewer, event, [shown for _, shown in images])
            if place is not None:
                self.place_moved.emit(place)

    # ---- looks -----------------------------------------------------------------------------------

    def _recolour(self, *_: object) -> None:
        from napari.qt import get_stylesheet

        name = _themed("dark" if theme().colours.dark else "light")
        self.model.theme = name
        self.setStyleSheet(get_stylesheet(name))

    def _paint(self, painter: QPainter) -> None:
        """Paint the canvas, as a figure does."""
        painter.drawImage(QRect(QPoint(), self.size()), self.image())

    def image(self) -> QImage:
        """Return the canvas as a picture."""
        from PySide6.QtGui import QImage as Picture

        if self.viewer is None:
            return self.grab().toImage()
        pixels = np.ascontiguousarray(self.viewer.screenshot(flash=False))
        height, width = pixels.shape[:2]
        return Picture(
            pixels.tobytes(), width, height, 4 * width, Picture.Format.Format_RGBA8888
        ).copy()


def _load() -> None:
    """Import what makes napari slow to start and touches no window."""
    import vispy.scene  # noqa: F401


def _themed(name: str) -> str:
    """Return one of napari's themes on a black ground, on which bright voxels are seen."""
    from napari.utils.theme import available_themes, get_theme, register_theme

    ours = f"neurostudio-{name}"
    if ours not in available_themes():
        own = get_theme(name)
        made = type(own)(**{**own.model_dump(), "id": ours, "canvas": "black"})
        register_theme(ours, made, "neurostudio")
    return ours


def _shapes(layers: Sequence[Layer]) -> list[tuple[Layer, ImageShape | None]]:
    return [(layer, shape_of(layer)) for layer in layers]


def _added(model: Any, layer: Layer, shape: ImageShape | None) -> Any:
    """Add a layer of napari's that shows one of ours."""
    if shape is None:
        shown = model.add_points(
            layer.positions,  # type: ignore[union-attr]
            name=layer.name,
            size=_POINT,
            face_color=theme().colours.lines[1],
            features={"name": list(layer.names)},  # type: ignore[union-attr]
        )
    elif shape.regions:
        shown = model.add_labels(shape.values, name=layer.name, affine=shape.affine)
    else:
        shown = model.add_image(shape.values, name=layer.name, affine=shape.affine)
    looks(layer, shown)
    return shown
