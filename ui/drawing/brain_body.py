"""A surface or a described brain as what the view shows of it: shapes, maps, regions, points and edges."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from neurostudio.data import Surface
    from neurostudio.views import Brain

    Array = NDArray[Any]

OWN_SHAPE = "as given"
HEMISPHERE = "hemisphere"
RELIEF = ("sulc", "curv", "curvature")
ANATOMY = (*RELIEF, "thickness", "area", "volume")  # what FreeSurfer's own folders bring
_UNITS = {"thickness": "mm", "sulc": "mm", "curv": "1/mm", "curvature": "1/mm", "area": "mm²"}
_INFLATED = ("infl", "sphere", "flat")
_GAP = 6.0  # mm between two shapes that would lie in each other


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """Values at the vertices, (n_vertices,) or one row a time (n_times, n_vertices)."""

    name: str
    values: Array
    unit: str = ""
    diverging: bool = False
    labels: Mapping[int, str] = field(default_factory=dict)

    def at(self, time: int) -> Array:
        """Return the values of one point in time."""
        return (
            self.values[min(time, len(self.values) - 1)] if self.values.ndim == 2 else self.values
        )


@dataclass(slots=True, eq=False)
class Body:
    """What can be shown; ``shapes`` begins with the one whose millimetres are those of ``space``."""

    shapes: dict[str, Array]
    faces: NDArray[np.int32]
    maps: dict[str, Map]
    space: str = ""
    times: Array | None = None
    sides: Array | None = None  # 1 left, 2 right
    relief: Array | None = None  # below 0 on the crowns: light; above 0 in the furrows: dark
    glass: bool = False
    points: Array = field(default_factory=lambda: np.zeros((0, 3)))
    point_names: tuple[str, ...] = ()
    point_values: Array | None = None
    edges: Array = field(default_factory=lambda: np.zeros((0, 2), int))
    weights: Array | None = None
    value_label: str = ""
    value_unit: str = ""
    diverging: bool = False
    threshold: float = 0.0

    @property
    def own(self) -> Array:
        """The vertices in the millimetres of the space."""
        return next(iter(self.shapes.values()))

    def regions(self) -> tuple[str, ...]:
        """Return the maps that are atlases."""
        return tuple(name for name, each in self.maps.items() if each.labels)

    def first_map(self) -> str:
        """Return what is shown first: what was measured, before the shape of the cortex."""
        measured = [
            name for name, each in self.maps.items() if name not in ANATOMY and not each.labels
        ]
        return next(iter([*measured, *self.maps]), "")

    def shape(self, name: str) -> Array:
        """Return the vertices of a shape; hemispheres that lie in each other are moved apart."""
        vertices = self.shapes[name]
        if self.sides is None or not name.startswith(_INFLATED):
            return vertices
        left, right = (self.sides == side for side in (1, 2))
        if not (left.any() and right.any()):
            return vertices
        inside = vertices[left, 0].max() - vertices[right, 0].min() + _GAP
        moved = vertices.copy()
        if inside > 0:
            moved[left, 0] -= inside / 2
            moved[right, 0] += inside / 2
        return moved

    def faces_of(self, side: int) -> NDArray[np.int32]:
        """Return the faces of one hemisphere, 1 left or 2 right; of both for 0."""
        if not side or self.sides is None or not len(self.faces):
            return self.faces
        return np.ascontiguousarray(self.faces[self.sides[self.faces[:, 0]] == side])


def of_surface(data: Surface) -> Body:
    """Return what a surface holds."""
    scalars = {name: np.asarray(each, float) for name, each in data.scalars.items()}
    sides = scalars.pop(HEMISPHERE, None) if HEMISPHERE in data.labels else None
    maps = {
        name: Map(
            name, each, _UNITS.get(name, ""), _crosses_zero(name, each), data.labels.get(name, {})
        )
        for name, each in scalars.items()
    }
    for name, each in data.series.items():
        values = np.asarray(each, float).T
        maps[name] = Map(name, values, "", _crosses_zero(name, values))
    shapes = {
        name: np.asarray(each, np.float32)
        for name, each in {_own_name(data): data.vertices, **data.shapes}.items()
    }
    relief = next((scalars[name] for name in RELIEF if name in scalars), None)
    return Body(
        shapes,
        np.asarray(data.faces, np.int32),
        maps,
        data.space,
        times=data.times,
        sides=None if sides is None else sides.astype(int),
        relief=relief,
    )


def _own_name(data: Surface) -> str:
    """Return how the anatomical shape is called: as its twin among the shapes, if there is one."""
    for name, each in data.shapes.items():
        if each.shape == data.vertices.shape and np.array_equal(each, data.vertices):
            return name
    return OWN_SHAPE


def _crosses_zero(name: str, values: Array) -> bool:
    finite = values[np.isfinite(values)]
    return (
        name not in {"area", "thickness"} and bool(finite.size) and finite.min() < 0 < finite.max()
    )


def of_view(view: Brain) -> Body:
    """Return what a described brain holds."""
    maps: dict[str, Map] = {}
    times = view.times
    vertices = np.zeros((0, 3)) if view.vertices is None else np.asarray(view.vertices)
    if view.values is not None:
        values = np.atleast_2d(np.asarray(view.values, float))
        if view.axis == "time" or times is not None:
            name = view.value_label or "value"
            maps[name] = Map(name, values, view.value_unit, view.diverging)
        else:
            for number, row in enumerate(values):
                title = view.titles[number] if number < len(view.titles) else ""
                name = title or view.value_label or f"map {number + 1}"
                maps[name] = Map(name, row, view.value_unit, view.diverging)
    faces = np.zeros((0, 3)) if view.faces is None else view.faces
    return Body(
        {OWN_SHAPE: vertices.astype(np.float32)},
        np.asarray(faces, np.int32),
        maps,
        view.space,
        times=times if maps else None,
        glass=view.points is not None,
        points=np.zeros((0, 3)) if view.points is None else np.asarray(view.points, float),
        point_names=view.point_names,
        point_values=view.point_values,
        edges=np.zeros((0, 2), int) if view.edges is None else np.asarray(view.edges, int),
        weights=view.weights,
        value_label=view.value_label,
        value_unit=view.value_unit,
        diverging=view.diverging,
        threshold=view.threshold,
    )
