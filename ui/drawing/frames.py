"""Pictures that follow each other in time: one at a time, read when it is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg

from ..background import Background
from .colour_scale import robust_limits
from .plot import Plot
from .time_slider import TimeSlider

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.data import ImageStack

    from ..theme import Colours


class FramesPlot(Plot):
    """A film: a slider moves through it, and through all other views."""

    def __init__(self, data: ImageStack) -> None:
        super().__init__()
        self._array = data.array
        self._title = data.summary()
        self._frame: NDArray[np.float64] | None = None
        self._span: tuple[float, float] | None = None
        self._item: pg.ImageItem | None = None
        self._background = Background(self)
        n_frames = self._array.sizes["time"]
        known = "time" in self._array.coords
        times = self._array.coords["time"].values if known else np.arange(n_frames)
        self.slider = TimeSlider(times, "s" if known else "", self)
        self.slider.moved.connect(self._read)
        self._layout.addWidget(self.slider)
        self.begin()
        self._read(0)

    @property
    def ready(self) -> bool:
        """Whether a frame is there."""
        return self._frame is not None

    @property
    def frame(self) -> NDArray[np.float64] | None:
        """The frame that is shown."""
        return self._frame

    def _read(self, number: int) -> None:
        self._background.in_order(self._load, number, done=self._show)

    def _load(self, number: int) -> NDArray[np.float64] | None:
        if number != self.slider.value():  # a newer one is wanted by now
            return None
        return np.asarray(self._array.isel(time=number).values)

    def _show(self, frame: NDArray[np.float64] | None) -> None:
        if frame is None:
            return
        self._frame = frame
        if self._span is None and frame.ndim == 2:
            self._span = robust_limits(np.asarray(frame, float))
        if self._item is not None:
            self._item.setImage(frame, autoLevels=False, levels=self._span)

    def draw(self, colours: Colours) -> None:
        """Fill the area."""
        box = self.area.addPlot(row=0, col=0)
        box.setTitle(self._title, color=colours.text, size="10pt")
        box.setMenuEnabled(False)
        box.hideAxis("left")
        box.hideAxis("bottom")
        box.setAspectLocked(True)
        box.invertY(True)
        self._item = pg.ImageItem(axisOrder="row-major")
        self._item.setColorMap(pg.ColorMap([0.0, 1.0], ["#000000", "#ffffff"]))
        box.addItem(self._item)
        if self._frame is not None:
            self._show(self._frame)
