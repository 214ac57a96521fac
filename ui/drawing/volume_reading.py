"""Reads volumes and courses of series in a thread; of what is asked for while it reads, the last."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from ..background import Background
from ..shelf import shelf
from .slice_layers import ImageLayer, layer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from .slice_layers import Layer

    Read = Callable[[Path | None, Callable[[float], None]], list[ImageLayer]]
    Voxel = tuple[int, int, int]


class VolumeReader(QObject):
    """What is read for the slices.

    ``came`` carries the first layers, ``progressed`` the share that is unpacked, ``frames_came`` the number
    of a volume once the layers have it, ``course_came`` a voxel and its values, ``item_came`` a layer made
    of an open item, ``failed`` and ``item_failed`` an error.
    """

    came = Signal(object)
    progressed = Signal(float)
    frames_came = Signal(int)
    course_came = Signal(object, object)
    item_came = Signal(object)
    failed = Signal(object)
    item_failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.background = Background(self)
        self._ended = threading.Event()
        self.destroyed.connect(self._ended.set)  # so that the window need not wait for a thread
        self._layers: Sequence[Layer] = ()
        self._frame_wanted, self._frame_busy = 0, False
        self._course_wanted: Voxel | None = None
        self._course_busy = False

    def begin(self, read: Read, folder: Path | None) -> None:
        """Read the first layers."""
        tell = _teller(self.progressed.emit, self._ended)
        self.background.in_order(read, folder, tell, done=self.came.emit, failed=self.failed.emit)

    def read_item(self, name: str) -> None:
        """Make a layer of an open item."""
        self.background.run(
            _read_item, name, done=self.item_came.emit, failed=self.item_failed.emit
        )

    def read_frame(self, layers: Sequence[Layer], number: int) -> None:
        """Give the layers that are series another volume."""
        self._layers, self._frame_wanted = layers, number
        if not self._frame_busy:
            self._frame_busy = True
            self.background.in_order(
                _frames, list(layers), number, done=self._have_frames, failed=self._no_frames
            )

    def _have_frames(self, answer: tuple[int, list[tuple[ImageLayer, NDArray[Any]]]]) -> None:
        number, frames = answer
        self._frame_busy = False
        for layer, frame in frames:
            layer.frame, layer.number = frame, number
        if frames:
            self.frames_came.emit(number)
        if number != self._frame_wanted:
            self.read_frame(self._layers, self._frame_wanted)

    def _no_frames(self, error: Exception) -> None:
        self._frame_busy = False
        self.failed.emit(error)

    def read_course(self, layer: ImageLayer, voxel: Voxel) -> None:
        """Read one voxel in all volumes."""
        self._course_wanted = voxel
        if not self._course_busy:
            self._course_busy = True
            self.background.run(
                _course, layer, voxel, done=self._have_course, failed=self._no_course
            )

    def _have_course(self, answer: tuple[ImageLayer, Voxel, NDArray[Any]]) -> None:
        layer, voxel, values = answer
        self._course_busy = False
        self.course_came.emit(voxel, values)
        if self._course_wanted is not None and voxel != self._course_wanted:
            self.read_course(layer, self._course_wanted)

    def _no_course(self, error: Exception) -> None:
        self._course_busy = False
        self.failed.emit(error)


def _teller(tell: Callable[[float], None], ended: threading.Event) -> Callable[[float], None]:
    """Return what tells the share that is done, and stops the work when nobody listens any more."""

    def told(share: float) -> None:
        if ended.is_set():
            raise InterruptedError("the view was closed")
        tell(share)

    return told


def _read_item(name: str) -> Layer:
    return layer_of(name, shelf().load(name))


def _frames(layers: list[Layer], number: int) -> tuple[int, list[tuple[ImageLayer, NDArray[Any]]]]:
    """Read one volume of every series as long as the longest."""
    images = [each for each in layers if isinstance(each, ImageLayer)]
    n_frames = max((each.voxels.n_frames for each in images), default=1)
    found = [
        (layer, layer.voxels.frame(number))
        for layer in images
        if layer.voxels.n_frames == n_frames > 1 and layer.number != number
    ]
    return number, found


def _course(layer: ImageLayer, voxel: Voxel) -> tuple[ImageLayer, Voxel, NDArray[Any]]:
    return layer, voxel, layer.voxels.course(voxel)
