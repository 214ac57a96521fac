"""A volume with all around it: slices or napari, layers, place, time, the course of a voxel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from neurostudio.grids import place_of
from neurostudio.spaces import relation

from ..linking import links
from ..opengl import has_napari
from ..shelf import shelf
from ..theme import give_role
from .plot import Figure
from .slice_bar import SliceBar, read_place
from .slice_layers import OTHER_SPACE, ImageLayer
from .slices import SlicesPlot
from .time_slider import TimeSlider
from .volume_course import VoxelCourse
from .volume_layers import LayerPanel
from .volume_reading import VolumeReader

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtCore import QSize
    from PySide6.QtGui import QPainter, QShowEvent

    from ..home import Home
    from ..linking import Place
    from .slice_layers import Layer
    from .volume_napari import NapariView
    from .volume_reading import Read

_ROOMY = 900  # pixels of width from which the layers are shown beside the slices at first


class VolumeFigure(Figure):
    """Slices or napari, the layers beside them, and below the place, the time and the voxel's course.

    Parameters
    ----------
    read
        Returns the layers, the lowest first; called in a thread with a folder for what is unpacked.
    times, unit
        Of the volumes of the lowest layer: seconds (``"s"``), or numbers.
    """

    def __init__(
        self,
        read: Read,
        times: NDArray[np.float64],
        unit: str,
        *,
        title: str = "",
        caption: str = "",
    ) -> None:
        super().__init__()
        self._read, self._times, self._unit = read, times, unit
        self._home: Home | None = None
        self.reader = VolumeReader(self)
        self._pending: Layer | None = None
        self._sized = False
        self._note = ""
        self.napari: NapariView | None = None
        self.slices = SlicesPlot(caption, title)
        self.panel = LayerPanel()
        self.bar = SliceBar(radiological=SlicesPlot.radiological, three_d=has_napari())
        self.slider = TimeSlider(times, unit, self)
        self._lay_out()
        self._connect()
        QTimer.singleShot(0, self, self._begin)

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.bar)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.slices)
        self.slices.setMinimumWidth(200)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.stack, 1)
        row.addWidget(self.panel)
        column.addLayout(row, 1)
        self._words = QLabel("Reading …")
        self._words.setContentsMargins(8, 0, 8, 2)
        self._words.setWordWrap(True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        give_role(self._words, "dim")
        column.addWidget(self._words)
        self.slider.setContentsMargins(8, 0, 8, 0)
        column.addWidget(self.slider)
        self.course: VoxelCourse | None = None
        self.bar.course.setVisible(len(self._times) > 1)
        self._column = column
        self.show_inside(inside)

    def _connect(self) -> None:
        self.bar.three_d.triggered.connect(self.show_napari)
        self.bar.slices.triggered.connect(self.show_slices)
        self.bar.place.returnPressed.connect(self._go_asked)
        self.bar.measure.toggled.connect(self.slices.measure)
        self.bar.fit.triggered.connect(self.slices.fit)
        self.bar.sides.currentIndexChanged.connect(self._turn)
        self.bar.layers.toggled.connect(self.panel.setVisible)
        self.bar.course.toggled.connect(self._show_course)
        self.slices.place_moved.connect(self._moved)
        self.slices.clicked.connect(self._clicked)
        self.slices.look_changed.connect(self.panel.refresh)
        self.slices.measured.connect(self._say)
        self.panel.changed.connect(self._layers_changed)
        self.panel.chosen.connect(self._layer_chosen)
        self.panel.add_asked.connect(self.add_item)
        self.panel.insisted.connect(self._add_anyway)
        self.slider.moved.connect(self._time_chosen)
        self.reader.progressed.connect(self._progress)
        self.reader.came.connect(self._came)
        self.reader.failed.connect(self._fail)
        self.reader.item_came.connect(self._item_came)
        self.reader.item_failed.connect(self._item_failed)
        self.reader.frames_came.connect(self._frames_came)
        self.reader.course_came.connect(self._course_came)
        links().place_moved.connect(self._place_told)

    def showEvent(self, event: QShowEvent) -> None:
        """Leave the room to the slices where there is little."""
        super().showEvent(event)
        if not self._sized:
            self._sized = True
            self.bar.layers.setChecked(self.width() >= _ROOMY)

    # ---- reading ---------------------------------------------------------------------------------

    def settle(self, home: Home) -> None:
        """Unpack beside the session."""
        self._home = home

    def _begin(self) -> None:
        self.reader.begin(self._read, self._home.pyramids if self._home is not None else None)

    def _progress(self, share: float) -> None:
        self._words.setText(f"Unpacking the series once, so that every time is near: {share:.0%}")

    def _fail(self, error: Exception) -> None:
        self._words.setText(f"The volume cannot be read: {error}")

    def _came(self, layers: list[ImageLayer]) -> None:
        base = layers[0]
        if self._home is not None and self._home.item.name in shelf().names("Volume"):
            base.name = self._home.item.name
        middle = [(size - 1) // 2 for size in base.voxels.shape[:3]]
        place = place_of(base.voxels.affine, middle)
        told = self._linked_place(base)
        self.slices.place = place if told is None else told
        self._take([*layers], layers[-1])
        if len(self._times) > 1:
            self.bar.course.setChecked(True)
            self._time_chosen(self.slider.value())

    def _linked_place(self, base: ImageLayer) -> NDArray[np.float64] | None:
        """Return where the other views are, if that is in this image."""
        told = links().place
        if told is None or not relation(base.space, told.space).linked:
            return None
        place = np.asarray(told.position, float)
        return place if base.voxel_at(place) is not None else None

    @property
    def ready(self) -> bool:
        """Whether a volume is there."""
        return bool(self.slices.layers)

    @property
    def busy(self) -> bool:
        """Whether a volume or a course is being read."""
        return self.reader.background.busy

    @property
    def layers(self) -> list[Layer]:
        """What is shown, the lowest first."""
        return self.slices.layers

    @property
    def words(self) -> str:
        """Where the crosshair is, and the value there."""
        return self._words.text()

    def _base(self) -> ImageLayer | None:
        base = self.slices.layers[0] if self.slices.layers else None
        return base if isinstance(base, ImageLayer) else None

    # ---- layers ----------------------------------------------------------------------------------

    def _take(self, layers: list[Layer], current: Layer | None) -> None:
        self.slices.show_layers(layers)
        self.panel.show_layers(layers, current)
        if self.napari is not None:
            self.napari.show_layers(layers)
        self._say()

    def _layers_changed(self) -> None:
        self.slices.show_layers(self.panel.layers)
        if self.napari is not None:
            self.napari.show_layers(self.panel.layers)
        self._say()

    def _layer_chosen(self, layer: Layer | None) -> None:
        self.slices.active = layer

    def add_item(self, name: str) -> None:
        """Lay an open item over the image; it is read in a thread."""
        self.panel.say(f"Reading {name} …")
        self.reader.read_item(name)

    def _item_failed(self, error: Exception) -> None:
        self.panel.say(str(error))

    def _item_came(self, layer: Layer) -> None:
        base = self._base()
        if base is None:
            return
        found = relation(base.space, layer.space)
        if not found.linked:
            self._pending = layer
            self.panel.say(f"{layer.name}: {found.note}", refused=True)
            return
        self.panel.say(found.note)
        self._take([*self.slices.layers, layer], layer)

    def _add_anyway(self) -> None:
        layer, self._pending = self._pending, None
        if layer is not None:
            layer.note = OTHER_SPACE
            self.panel.say("")
            self._take([*self.slices.layers, layer], layer)

    # ---- the place -------------------------------------------------------------------------------

    def go_to(self, place: tuple[float, float, float]) -> None:
        """Move the crosshair to a place in millimetres (right, front, up)."""
        self.slices.go(np.asarray(place, float))
        if self.napari is not None:
            self.napari.go(self.slices.place)
        self._say()
        self._ask_course()

    def _go_asked(self) -> None:
        place = read_place(self.bar.place.text())
        if place is None:
            self._note = "Write three numbers in mm, for example 42, -18, 8."
            self._say()
            return
        self.go_to(place)
        self._tell()

    def _moved(self, place: NDArray[np.float64]) -> None:
        self.go_to((float(place[0]), float(place[1]), float(place[2])))
        self._tell()

    def _tell(self) -> None:
        base = self._base()
        self._note = ""
        if base is not None:
            x, y, z = (float(each) for each in self.slices.place)
            links().move_place((x, y, z), base.space)
        self._say()

    def _place_told(self, place: Place) -> None:
        base = self._base()
        if base is None or np.allclose(place.position, self.slices.place):
            return
        found = relation(base.space, place.space)
        self._note = found.note
        if found.linked:
            self.go_to(place.position)
        else:
            x, y, z = place.position
            self._note = f"Not followed to {x:.1f}, {y:.1f}, {z:.1f} mm: {found.note}"
            self._say()

    def _clicked(self, place: NDArray[np.float64]) -> None:
        for layer in reversed(self.slices.layers):
            if isinstance(layer, ImageLayer) and layer.labels and layer.look.visible:
                name = layer.region_at(place)
                links().choose_units({name} if name else ())
                return

    def _say(self, *_: object) -> None:
        base = self._base()
        if base is None:
            return
        place = self.slices.place
        voxel = base.voxel_at(place)
        x, y, z = (f"{each + 0.0:.1f}" for each in place)
        where = f"{x}, {y}, {z} mm (right, front, up; {base.space or 'space unknown'})"
        inside = "outside the image" if voxel is None else f"voxel {', '.join(map(str, voxel))}"
        words = [where, inside, f"value {base.words_at(place)}"]
        words.extend(
            f"{layer.name} {layer.words_at(place)}"
            for layer in self.slices.layers[1:]
            if isinstance(layer, ImageLayer)
        )
        if self.bar.measure.isChecked():
            distance = self.slices.distance
            words.append("click two places" if distance is None else f"distance {distance:.1f} mm")
        lines = ["     ".join(words), *([self._note] if self._note else [])]
        self._words.setText("\n".join(lines))

    def _turn(self, index: int) -> None:
        self.slices.turn(radiological=bool(index))

    # ---- time ------------------------------------------------------------------------------------

    def _time_chosen(self, number: int) -> None:
        if self.ready:
            self.reader.read_frame(self.slices.layers, number)

    def _frames_came(self, number: int) -> None:
        del number
        self.slices.refresh()
        if self.napari is not None:
            self.napari.refresh_frames()
        self._say()

    def _show_course(self, on: bool) -> None:
        base = self._base()
        if on and self.course is None and base is not None:
            self.course = VoxelCourse(self._times, self._unit, base.measure, self)
            self._column.addWidget(self.course)
        if self.course is not None:
            self.course.setVisible(on)
        self._ask_course()

    def _ask_course(self) -> None:
        base = self._base()
        if self.course is None or not self.bar.course.isChecked() or base is None:
            return
        voxel = base.voxel_at(self.slices.place)
        if voxel is not None:
            self.reader.read_course(base, voxel)

    def _course_came(self, voxel: tuple[int, int, int], values: NDArray[np.float64]) -> None:
        if self.course is not None:
            self.course.show_course(values, f"voxel {', '.join(map(str, voxel))}")

    # ---- napari ----------------------------------------------------------------------------------

    def show_napari(self) -> None:
        """Show the layers in napari, which is loaded when it is first asked for."""
        from .volume_napari import NapariView

        if self.napari is None:
            self.napari = NapariView(self.reader.background)
            self.napari.place_moved.connect(self._moved)
            self.stack.addWidget(self.napari)
            self.napari.show_layers(self.slices.layers)
            self.napari.go(self.slices.place)
            self.napari.begin()
        self.bar.three_d.setChecked(True)
        self.stack.setCurrentWidget(self.napari)

    def show_slices(self) -> None:
        """Show the slices."""
        self.bar.slices.setChecked(True)
        self.stack.setCurrentWidget(self.slices)

    # ---- pictures --------------------------------------------------------------------------------

    def _drawn(self) -> SlicesPlot | NapariView:
        in_napari = self.napari is not None and self.stack.currentIndex() == 1
        return self.napari if in_napari and self.napari is not None else self.slices

    def picture_size(self) -> QSize:
        """Return the size of what is painted into files: the picture, without what is around it."""
        return self._drawn().size()

    def _paint(self, painter: QPainter) -> None:
        self._drawn()._paint(painter)

    def columns(self) -> dict[str, list[object]]:
        """Return the course of the voxel where it is shown, else the values at the crosshair."""
        if self.course is not None and self.course.isVisible():
            return self.course.columns()
        return self.slices.columns()
