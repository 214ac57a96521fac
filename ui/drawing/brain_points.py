"""Points and edges of a body: their size, their colours, and which of the edges are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtGui import QColor

from ..theme import theme
from .brain_colours import coloured, value_scale
from .colour_scale import limits

if TYPE_CHECKING:
    from .brain_body import Body
    from .brain_scene import Scene

_POINT, _FEW = 0.022, 60  # the radius of a point as a part of the body's, up to so many points
_CHOSEN = 1.6  # how much larger a chosen one is
_FAINTEST = 0.25  # how much of its colour the weakest edge has


def radius_of(n_points: int, body: float) -> float:
    """Return the radius of a point in mm: a part of the body's, smaller where there are many."""
    return _POINT * body * min(1.0, float(np.sqrt(_FEW / max(n_points, 1))))


def put_points(
    scene: Scene, body: Body, units: frozenset[str], radius: float, density: float
) -> int:
    """Put the points and the strongest edges into a scene and return how many edges.

    Parameters
    ----------
    units
        The names of chosen points: these are larger, and only their edges are drawn.
    radius
        Of a point, in millimetres.
    density
        The share of edges to draw, 0 to 1.
    """
    if not len(body.points):
        return 0
    chosen = np.array([name in units for name in body.point_names], bool)
    if len(chosen) != len(body.points):
        chosen = np.zeros(len(body.points), bool)
    lines = theme().colours.lines
    colours = np.tile(_rgb(lines[0]), (len(body.points), 1))
    if body.point_values is not None:
        values = np.asarray(body.point_values, float)
        span = limits(values, diverging=body.diverging)
        colours = coloured(values, span, 0.0, value_scale(diverging=body.diverging), colours)
    colours[chosen] = _rgb(lines[1])
    scene.spheres = np.ascontiguousarray(body.points, np.float32)
    scene.sphere_radii = np.where(chosen, _CHOSEN * radius, radius).astype(np.float32)
    scene.sphere_colours = np.ascontiguousarray(colours, np.float32)
    return _put_edges(scene, body, chosen, density) if len(body.edges) else 0


def _put_edges(scene: Scene, body: Body, chosen: Any, density: float) -> int:
    given = np.ones(len(body.edges)) if body.weights is None else body.weights
    weights = np.nan_to_num(np.asarray(given, float))
    kept = np.argsort(-np.abs(weights), kind="stable")[: max(1, round(len(weights) * density))]
    if chosen.any():
        kept = kept[chosen[body.edges[kept]].any(axis=1)]
    lines = theme().colours.lines
    colours = np.where(weights[kept, None] < 0, _rgb(lines[0]), _rgb(lines[1]))
    strength = np.abs(weights[kept]) / (np.abs(weights).max() or 1.0)
    share = (_FAINTEST + (1 - _FAINTEST) * strength)[:, None]
    ground = _rgb(theme().colours.base)
    ends = body.points[body.edges[kept]].astype(np.float32)
    scene.line_colours = (share * colours + (1 - share) * ground).astype(np.float32)
    scene.starts = np.ascontiguousarray(ends[:, 0])
    scene.ends = np.ascontiguousarray(ends[:, 1])
    return len(kept)


def _rgb(name: str) -> Any:
    colour = QColor(name)
    return np.array([colour.redF(), colour.greenF(), colour.blueF()], np.float32)
