"""Where a body is drawn: by vispy where there is a graphics card, else by our own compiled picture.

Where the processor has to play the card, the compiled picture is several times as quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QGridLayout, QWidget

from ..opengl import has_card
from ..theme import theme
from .brain_camera import Camera
from .brain_overlay import Overlay, Words, paint_words
from .brain_scene import Scene, picture

if TYPE_CHECKING:
    from PySide6.QtCore import QObject
    from PySide6.QtGui import QMouseEvent, QPaintEvent, QResizeEvent, QWheelEvent

_STILL = 150  # ms without a move after which the finer picture is drawn
_CLICK = 4.0  # pixels that the mouse may move in a click
_NOTCH = 1.0015


class PlainCanvas(QWidget):
    """The picture by :mod:`brain_raster`: coarse while it moves, fine when it rests."""

    def __init__(self, scene: Scene, camera: Camera) -> None:
        super().__init__()
        self.scene, self.camera = scene, camera
        self._fine = False
        self._image: QImage | None = None
        self._timer = QTimer(self, singleShot=True, interval=_STILL)
        self._timer.timeout.connect(self._refine)

    def redraw(self) -> None:
        """Draw anew, since the scene or the camera is another."""
        self._fine, self._image = False, None
        self._timer.start()
        self.update()

    def _refine(self) -> None:
        self._fine, self._image = True, None
        self.update()

    def resizeEvent(self, event: Any) -> None:
        """Draw anew at another size."""
        super().resizeEvent(event)
        self.redraw()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture."""
        del event
        if self._image is None:
            size = (max(1, self.width()), max(1, self.height()))
            self._image = as_image(picture(self.scene, self.camera, *size, fine=1 + self._fine))
        painter = QPainter(self)
        painter.drawImage(0, 0, self._image)
        painter.end()


def as_image(pixels: Any) -> QImage:
    """Return pixels (height, width, 3) of bytes as an image of its own."""
    height, width = pixels.shape[:2]
    return QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()


class BrainCanvas(QWidget):
    """The picture, the words over it, and the hands of the mouse.

    A drag turns, a drag with Shift or the right button moves, the wheel magnifies; ``clicked`` and
    ``hovered`` carry the pixel, ``moved`` says that the camera moved or the picture has another size.
    """

    clicked = Signal(QPointF)
    hovered = Signal(QPointF)
    moved = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(240, 180)
        self.scene, self.camera = Scene(), Camera()
        self.canvas: Any = self._canvas()
        self.overlay = Overlay(self)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.picture_widget, 0, 0)
        layout.addWidget(self.overlay, 0, 0)
        self.overlay.raise_()
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self.picture_widget.setMouseTracking(True)
        self.picture_widget.installEventFilter(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def _canvas(self) -> Any:
        if has_card():
            from .brain_gl import GlCanvas

            canvas = GlCanvas(self.scene, self.camera)
            self.picture_widget: QWidget = canvas.native
            return canvas
        plain = PlainCanvas(self.scene, self.camera)
        self.picture_widget = plain
        return plain

    def show_scene(self, scene: Scene) -> None:
        """Draw another scene."""
        ground = QColor(theme().colours.base)
        scene.ground = (ground.redF(), ground.greenF(), ground.blueF())
        self.scene = self.canvas.scene = scene
        self.redraw()

    def redraw(self) -> None:
        """Draw anew."""
        self.canvas.redraw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say that points are at other pixels now."""
        super().resizeEvent(event)
        self.moved.emit()

    def say(self, words: Words) -> None:
        """Write other words over the picture."""
        self.overlay.say(words)

    def image(self, scale: int) -> QImage:
        """Return the picture with its words, ``scale`` times as large as on the screen."""
        width, height = max(1, self.width()), max(1, self.height())
        camera = Camera(
            self.camera.centre,
            self.camera.radius,
            self.camera.azimuth,
            self.camera.elevation,
            self.camera.zoom,
            (self.camera.pan[0] * scale, self.camera.pan[1] * scale),
        )
        made = as_image(picture(self.scene, camera, width * scale, height * scale, fine=2))
        made.setDevicePixelRatio(scale)
        painter = QPainter(made)
        paint_words(painter, self.overlay.words, width, height)
        painter.end()
        return made

    # ---- the mouse -------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the mouse."""
        hands = {
            QEvent.Type.MouseButtonPress: self._press,
            QEvent.Type.MouseMove: self._move,
            QEvent.Type.MouseButtonRelease: self._release,
            QEvent.Type.Wheel: self._wheel,
        }
        hand: Any = hands.get(event.type())
        if hand is None:
            return super().eventFilter(watched, event)
        hand(event)
        return True

    def _press(self, event: QMouseEvent) -> None:
        self.setFocus()
        self._pressed = self._last = event.position()

    def _move(self, event: QMouseEvent) -> None:
        step, self._last = event.position() - self._last, event.position()
        if self._pressed is None or event.buttons() == Qt.MouseButton.NoButton:
            self.hovered.emit(event.position())
            return
        shifted = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if shifted or event.buttons() & (Qt.MouseButton.RightButton | Qt.MouseButton.MiddleButton):
            self.camera.shift(step.x(), step.y())
        else:
            self.camera.turn(step.x(), step.y())
        self.redraw()
        self.moved.emit()

    def _release(self, event: QMouseEvent) -> None:
        start, self._pressed = self._pressed, None
        if start is not None and (event.position() - start).manhattanLength() <= _CLICK:
            self.clicked.emit(event.position())

    def _wheel(self, event: QWheelEvent) -> None:
        self.camera.magnify(_NOTCH ** event.angleDelta().y())
        self.redraw()
        self.moved.emit()
