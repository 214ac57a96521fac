"""How long a large surface takes until its first picture, and until each turn of it is drawn."""

from __future__ import annotations

import time
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.data import Surface

from .app import application

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STEPS = 7  # halvings of an icosahedron's edges: 163,842 vertices a hemisphere, as FreeSurfer's fsaverage
_TURNS = 40
_RADIUS = 60.0


def brain() -> dict[str, Any]:
    """Return seconds to the first picture and milliseconds a turn of a surface of 327,684 vertices.

    nilearn's ``view_surf`` writes the page that a browser would show; what the browser takes is not in it.
    """
    from .drawing import widget_for

    running = application()
    surface = _two_spheres()
    start = time.perf_counter()
    figure: Any = widget_for(surface)
    figure.resize(1000, 800)
    figure.show()
    running.processEvents()
    _finish(figure.canvas.picture_widget)
    first = time.perf_counter() - start
    taken = []
    for _ in range(_TURNS):
        begin = time.perf_counter()
        figure.canvas.camera.turn(9.0, 2.0)
        figure.canvas.redraw()
        _finish(figure.canvas.picture_widget)
        taken.append(1e3 * (time.perf_counter() - begin))
    p50, p95 = np.percentile(taken, [50, 95])
    answer = {
        "vertices": len(surface.vertices),
        "drawn by": type(figure.canvas.canvas).__name__,
        "first_picture_s": first,
        "turn_ms": {"p50": float(p50), "p95": float(p95)},
    }
    figure.close()
    return answer | _peer(surface)


def _finish(widget: Any) -> None:
    """Wait until the picture is drawn; one of OpenGL's is read back, which takes a little itself."""
    if hasattr(widget, "grabFramebuffer"):
        widget.grabFramebuffer()
    else:
        widget.repaint()


def _peer(surface: Surface) -> dict[str, Any]:
    if find_spec("plotly") is None:
        return {}
    from nilearn.plotting import view_surf

    start = time.perf_counter()
    view_surf(
        [surface.vertices.astype(np.float32), surface.faces], np.asarray(surface.scalars["map"])
    )
    return {"nilearn view_surf, its page alone (s)": time.perf_counter() - start}


def _two_spheres() -> Surface:
    vertices, faces = icosphere(_STEPS)
    apart = np.array([_RADIUS + 5, 0.0, 0.0])
    both = np.concatenate([_RADIUS * vertices - apart, _RADIUS * vertices + apart])
    every = np.concatenate([faces, faces + len(vertices)])
    values = np.sin(both[:, 1] / 7) * np.cos(both[:, 2] / 9)
    side = np.repeat([1.0, 2.0], len(vertices))
    labels = {"hemisphere": {1: "left", 2: "right"}}
    return Surface(both, every, {"map": values, "hemisphere": side}, labels=labels)


def icosphere(steps: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the vertices (10·4^steps + 2, 3) of radius 1 and the faces of a sphere of triangles."""
    g = (1 + 5**0.5) / 2
    flat = [(0, a, b) for a in (-1, 1) for b in (-g, g)]
    corners = np.array([np.roll(each, k) for k in range(3) for each in flat], float)
    from scipy.spatial import ConvexHull

    vertices = corners / np.linalg.norm(corners[0])
    faces = np.asarray(ConvexHull(vertices).simplices, np.int64)
    for _ in range(steps):
        pairs = np.sort(faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
        edges, which = np.unique(pairs, axis=0, return_inverse=True)
        middle = vertices[edges].mean(axis=1)
        middle /= np.linalg.norm(middle, axis=1, keepdims=True)
        ab, bc, ca = (len(vertices) + which.reshape(-1, 3)).T
        a, b, c = faces.T
        four = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
        faces = np.concatenate([np.stack(each, axis=1) for each in four])
        vertices = np.concatenate([vertices, middle])
    return vertices, faces
