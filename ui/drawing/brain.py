"""A surface or a described brain in three dimensions, linked with place, time and units of other views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from neurostudio.placed import KINDS, placed
from neurostudio.spaces import relation

from ..background import Background
from ..linking import links
from ..shelf import shelf
from ..theme import give_role, theme
from . import brain_colours, brain_picking
from .brain_bar import NOTHING, BrainBar
from .brain_body import Body, of_surface, of_view
from .brain_camera import apply
from .brain_canvas import BrainCanvas
from .brain_colours import value_scale
from .brain_points import put_points, radius_of
from .brain_scene import Scene, normals_of
from .brain_words import words_around
from .colour_scale import limits, robust_limits
from .plot import Figure
from .time_slider import TimeSlider

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from neurostudio.data import Surface
    from neurostudio.placed import Placed
    from neurostudio.views import Brain

    from ..linking import Place
    from . import Resolve

_SCALE = 2
_REACH = 9.0  # pixels
_POINT, _CHOSEN = (
    0.022,
    1.6,
)  # radius of a point as part of the body's; how much larger a chosen one is
_LONG = 3.0  # how many times longer than wide lies on its side: a worm
_STRONGEST = 2000  # edges that are shown at first, at most
_SIZE = QSize(900, 640)


def draw(view: Brain, resolve: Resolve | None) -> BrainFigure:
    """Return a described brain."""
    del resolve
    return BrainFigure(of_view(view), view.title, view.caption)


def draw_data(data: Surface) -> BrainFigure:
    """Return a surface."""
    return BrainFigure(of_surface(data), data.summary(), "")


class BrainFigure(Figure):
    """A body with its controls; a click moves the place of all views, or chooses a point."""

    def __init__(self, body: Body, title: str, caption: str) -> None:
        super().__init__(caption)
        self.body = body
        self.canvas = BrainCanvas()
        self.bar = BrainBar(body)
        self._normals: dict[str, Any] = {}
        self._vertex: int | None = None
        self._added = 0
        self._time = 0
        self._words = QLabel()
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._words.setMinimumHeight(self._words.fontMetrics().height() + 4)
        self._words.setContentsMargins(8, 0, 8, 0)
        give_role(self._words, "dim")
        self.background = Background(self)
        self._build(title)
        self._begin()

    # ---- its parts -------------------------------------------------------------------------------

    def _build(self, title: str) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        if title:
            label = QLabel(title)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setContentsMargins(0, 6, 0, 0)
            column.addWidget(label)
        column.addWidget(self.bar)
        self.canvas.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        column.addWidget(self.canvas, 1)
        column.addWidget(self._words)
        times = self.body.times
        steps = [len(each.values) for each in self.body.maps.values() if each.values.ndim == 2]
        points = times if times is not None else np.arange(max(steps, default=1))
        self.slider = TimeSlider(points, "s" if times is not None else "", self)
        self.slider.moved.connect(self._time_chosen)
        column.addWidget(self.slider)
        self.add = QToolButton()
        self.add.setText("Add over it…")
        self.add.setToolTip(
            "Electrodes, cells and nodes of other open data, where they are in the same space"
        )
        self.add.clicked.connect(self._ask_what)
        self.bar.last.addWidget(self.add)
        self.show_inside(inside)

    def _begin(self) -> None:
        parts = [each for each in (self.body.own, self.body.points) if len(each)]
        Scene(vertices=np.concatenate(parts or [np.zeros((1, 3))])).frame(self.canvas.camera)
        first = self.body.first_map()
        self.bar.maps.setCurrentText(first or NOTHING)
        n_edges = len(self.body.edges)
        self.bar.density.setValue(
            int(np.clip(100 * _STRONGEST / n_edges, 1, 100)) if n_edges else 100
        )
        self._map_chosen()
        if len(self.body.points) or self.body.sides is None:
            wide, deep, _ = np.ptp(np.concatenate(parts or [np.zeros((1, 3))]), axis=0)
            self.canvas.camera.look_from("Left" if deep > _LONG * wide else "Top")
        self._say_around()
        self.bar.changed.connect(self.refresh)
        self.bar.map_chosen.connect(self._map_chosen)
        self.bar.side_chosen.connect(self._look_from)
        self.canvas.clicked.connect(self._clicked)
        self.canvas.hovered.connect(self._hovered)
        self.canvas.moved.connect(self._say_around)
        theme().changed.connect(self.refresh)
        links().place_moved.connect(self._place_moved)
        links().units_chosen.connect(self.refresh)
        if links().place is not None:
            self._place_moved(links().place)

    @property
    def words(self) -> str:
        """What is said of the place."""
        return self._words.text()

    # ---- what is shown ---------------------------------------------------------------------------

    def _map_chosen(self) -> None:
        chosen = self.body.maps.get(self.bar.maps.currentText())
        if chosen is not None and not chosen.labels:
            values = np.asarray(chosen.values, float)
            span = limits(values, diverging=True) if chosen.diverging else robust_limits(values)
            self.bar.set_scale(span, self.body.threshold, shown=True)
        else:
            self.bar.set_scale((0.0, 1.0), 0.0, shown=False)
        self.refresh()

    def take(self, view: Brain) -> None:
        """Show another description of the same body from the same side: other edges, other values."""
        self.body = of_view(view)
        self.refresh()

    def _time_chosen(self, number: int) -> None:
        self._time = number
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Draw what is chosen."""
        body, bar = self.body, self.bar
        shape = bar.shapes.currentText()
        vertices = np.ascontiguousarray(body.shape(shape), np.float32)
        if shape not in self._normals:
            self._normals[shape] = normals_of(vertices, body.faces) if len(body.faces) else vertices
        scene = Scene(
            vertices=vertices,
            normals=self._normals[shape],
            colours=self._colours(),
            faces=body.faces_of(bar.hemispheres.currentIndex()),
            glass=body.glass,
            light=bar.light.value() / 100,
            place=self.canvas.scene.place,
        )
        if self._vertex is not None and len(vertices):
            scene.place = np.asarray(vertices[self._vertex], float)
        radius = radius_of(len(body.points), self.canvas.camera.radius)
        shown = put_points(scene, body, links().units, radius, bar.density.value() / 100)
        bar.shown.setText(f"{shown:,} of {len(body.edges):,}")
        self._put_rims(scene)
        self.canvas.show_scene(scene)
        self._say_around()

    def _colours(self) -> Any:
        body = self.body
        below = brain_colours.ground(body.relief, len(body.own))
        if body.glass:
            dark = theme().colours.dark
            below[:] = brain_colours.GLASS_DARK if dark else brain_colours.GLASS_LIGHT
        chosen = body.maps.get(self.bar.maps.currentText())
        if chosen is None:
            return below
        values = chosen.at(self._time)
        if chosen.labels:
            return brain_colours.of_regions(values, chosen.labels, below)
        scale = value_scale(diverging=chosen.diverging)
        return brain_colours.coloured(
            values, self.bar.span, self.bar.threshold.value(), scale, below
        )

    def _put_rims(self, scene: Scene) -> None:
        atlas = self.body.maps.get(self.bar.outlines.currentText())
        if atlas is None or not len(scene.faces):
            return
        labels = np.nan_to_num(atlas.at(0), nan=0).astype(int)
        scene.rims = brain_picking.borders(scene.vertices, scene.faces, labels)

    def _look_from(self, side: str) -> None:
        self.canvas.camera.look_from(side)
        self.canvas.redraw()
        self._say_around()

    def _say_around(self) -> None:
        """Write letters, scale and names around the picture."""
        self.canvas.say(words_around(self.body, self.bar, self.canvas))

    # ---- the place -------------------------------------------------------------------------------

    def _under(self, at: QPointF) -> tuple[int | None, int | None]:
        """Return the point and the vertex under a pixel."""
        scene, canvas = self.canvas.scene, self.canvas
        matrix = canvas.camera.matrix(canvas.width(), canvas.height())
        point = None
        if len(scene.spheres):
            point = brain_picking.point_under(apply(matrix, scene.spheres), at.x(), at.y(), _REACH)
        if point is not None or not len(scene.faces) or scene.glass:
            return point, None
        places = apply(matrix, scene.vertices)
        return None, brain_picking.vertex_under(places, scene.faces, at.x(), at.y())

    def _clicked(self, at: QPointF) -> None:
        point, vertex = self._under(at)
        if point is not None:
            if point < len(self.body.point_names):
                links().choose_units({self.body.point_names[point]})
            links().move_place(_numbers(self.body.points[point]), self.body.space)
        elif vertex is not None:
            links().move_place(_numbers(self.body.own[vertex]), self.body.space)
            region = self._region_of(vertex)
            if region:
                links().choose_units({region})
        else:
            links().choose_units(())

    def _hovered(self, at: QPointF) -> None:
        point, _ = self._under(at) if len(self.body.points) else (None, None)
        name = self.body.point_names[point] if point is not None and self.body.point_names else ""
        self.canvas.picture_widget.setToolTip(name)

    def go_to(self, position: tuple[float, float, float]) -> None:
        """Put the mark to the vertex nearest to a place in the millimetres of the body's space."""
        own = self.body.own
        scene = self.canvas.scene
        if len(own):
            distance = np.linalg.norm(own - np.asarray(position, np.float32), axis=1)
            self._vertex = int(distance.argmin())
            scene.place = np.asarray(scene.vertices[self._vertex], float)
        else:
            scene.place = np.asarray(position, float)
        self._say_place(position)
        self.canvas.redraw()

    def _place_moved(self, place: Place | None) -> None:
        if place is None:
            return
        known = relation(place.space, self.body.space)
        if known.linked:
            self.go_to(place.position)
            if known.note:
                self._words.setText(f"{self._words.text()}     {known.note}")
        else:
            self._words.setText(f"The place of the other views is not shown here: {known.note}")

    def _region_of(self, vertex: int) -> str:
        wanted = [
            self.bar.maps.currentText(),
            self.bar.outlines.currentText(),
            *self.body.regions(),
        ]
        for name in wanted:
            atlas = self.body.maps.get(name)
            if atlas is not None and atlas.labels:
                value = atlas.at(0)[vertex]
                return str(atlas.labels.get(int(value), "")) if np.isfinite(value) else ""
        return ""

    def _say_place(self, position: tuple[float, float, float]) -> None:
        x, y, z = position
        words = [
            f"{x:.1f}, {y:.1f}, {z:.1f} mm (right, front, up) in {self.body.space or 'an unknown space'}"
        ]
        if self._vertex is not None:
            distance = float(np.linalg.norm(self.body.own[self._vertex] - np.array(position)))
            away = f", {distance:.1f} mm away" if distance >= 0.05 else ""
            words.append(f"vertex {self._vertex:,}{away}")
            region = self._region_of(self._vertex)
            words += [region] if region else []
            chosen = self.body.maps.get(self.bar.maps.currentText())
            if chosen is not None and not chosen.labels:
                value = chosen.at(self._time)[self._vertex]
                words.append(f"{chosen.name} {value:.4g} {chosen.unit}".rstrip())
        self._words.setText("     ".join(words))

    # ---- points of other items -------------------------------------------------------------------

    def _ask_what(self) -> None:
        from PySide6.QtWidgets import QMenu

        menu = QMenu(self)
        names = shelf().names(*KINDS)
        for name in names:
            menu.addAction(name).setData(name)
        if not names:
            menu.addAction("No electrodes, cells or nodes are open").setEnabled(False)
        menu.triggered.connect(self._add_chosen)
        menu.popup(self.add.mapToGlobal(self.add.rect().bottomLeft()))

    def _add_chosen(self, action: Any) -> None:
        self.add_item(action.data())

    def add_item(self, name: str) -> None:
        """Lay the points of another open item over the body."""
        self.background.run(_points_of, name, done=self._take_points, failed=self._say_failure)

    def _say_failure(self, error: Exception) -> None:
        self._words.setText(str(error))

    def _take_points(self, found: Placed) -> None:
        known = relation(found.space, self.body.space)
        if not known.linked:
            self._words.setText(f"Not added: {known.note}")
            return
        body = self.body
        body.points = np.concatenate([body.points, found.positions])
        body.point_names = (*body.point_names, *found.names)
        if body.point_values is not None:
            body.point_values = np.append(body.point_values, np.full(len(found.names), np.nan))
        self._words.setText(f"{len(found.names):,} points added. {known.note}")
        self.refresh()

    # ---- out of the program ----------------------------------------------------------------------

    def image(self) -> QImage:
        """Return the picture without the controls, at twice its size on the screen."""
        if self.canvas.width() < _SIZE.width() // 3:
            self.canvas.resize(_SIZE)
        return self.canvas.image(_SCALE)

    def _paint(self, painter: Any) -> None:
        image = self.image()
        painter.drawImage(0, 0, image)

    def picture_size(self) -> QSize:
        """Return the size of the picture alone."""
        return self.canvas.size()

    def columns(self) -> dict[str, list[object]]:
        """Return the points, or the vertices with the values that are shown."""
        body = self.body
        if len(body.points):
            found: dict[str, list[object]] = {"name": list(body.point_names)}
            return found | {
                f"{axis} (mm)": body.points[:, k].tolist() for k, axis in enumerate("xyz")
            }
        found = {f"{axis} (mm)": body.own[:, k].tolist() for k, axis in enumerate("xyz")}
        chosen = body.maps.get(self.bar.maps.currentText())
        return found | ({} if chosen is None else {chosen.name: chosen.at(self._time).tolist()})


def _numbers(place: Any) -> tuple[float, float, float]:
    x, y, z = (float(each) for each in place)
    return x, y, z


def _points_of(name: str) -> Placed:
    return placed(shelf().load(name))
