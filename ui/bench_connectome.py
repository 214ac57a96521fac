"""How long a connectome takes to appear in three views, and how smoothly a very large one moves."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from .app import application

if TYPE_CHECKING:
    from neurostudio.data import Connectome

_SMALL, _SMALL_EDGES = 473, 4_879
_LARGE, _LARGE_EDGES = 10_000, 1_000_000
_MOVES = 40
_WAIT = 120.0  # seconds for a picture at the most


def connectome() -> dict[str, Any]:
    """Return seconds to the first picture of each view, ms a movement, and nilearn's seconds beside them."""
    running = application()
    _warm(running)
    answer: dict[str, Any] = {}
    for name, n_nodes, n_edges in (
        ("473 nodes", _SMALL, _SMALL_EDGES),
        ("10,000 nodes", _LARGE, _LARGE_EDGES),
    ):
        answer[name] = {"edges": n_edges} | _measured(running, planted(n_nodes, n_edges))
    answer["nilearn, 473 nodes"] = peer(_SMALL, _SMALL_EDGES)
    return answer


def planted(n_nodes: int, n_edges: int, seed: int = 0) -> Connectome:
    """Return a directed connectome with about so many connections, places of nodes, and four groups."""
    import xarray

    from neurostudio.data import Connectome

    random = np.random.default_rng(seed)
    matrix = np.zeros((n_nodes, n_nodes), np.float32)
    source, target = random.integers(n_nodes, size=(2, n_edges))
    matrix[source, target] = random.lognormal(1.0, 1.0, n_edges).astype(np.float32)
    np.fill_diagonal(matrix, 0)
    names = [f"n{k:05d}" for k in range(n_nodes)]
    places = random.normal(0, 30, (n_nodes, 3))
    coords: dict[str, Any] = {"source": names, "target": names}
    coords["type"] = ("source", np.array(list("abcd"))[np.arange(n_nodes) % 4])
    coords |= {axis: ("source", places[:, k]) for k, axis in enumerate("xyz")}
    made = xarray.DataArray(matrix, dims=("source", "target"), coords=coords)
    made.attrs |= {"space": "MNI152", "directed": True}
    return Connectome(made)


def _warm(running: Any) -> None:
    """Let what is compiled once and kept be compiled before anything is measured."""
    from .drawing.connectome import ConnectomeFigure

    figure = ConnectomeFigure(planted(20, 60))
    figure.resize(600, 400)
    figure.show()
    figure.tabs.setCurrentIndex(1)
    _until(running, lambda: figure.graph is not None and not figure.graph.canvas.busy)
    figure.close()


def _measured(running: Any, data: Connectome) -> dict[str, Any]:
    from .drawing.connectome import GRAPH, NODES, ConnectomeFigure

    begin = time.perf_counter()
    figure = ConnectomeFigure(data)
    figure.resize(1200, 800)
    figure.show()
    _until(running, lambda: figure.state is not None)
    figure.matrix.refresh()
    running.processEvents()
    found: dict[str, Any] = {"matrix (s)": time.perf_counter() - begin}
    found["matrix, pan (ms)"] = _moves(figure.matrix, running)
    begin = time.perf_counter()
    figure.tabs.setCurrentIndex(GRAPH)
    assert figure.graph is not None  # noqa: S101  the tab made it
    canvas = figure.graph.canvas
    _until(running, lambda: not canvas.busy)
    found["graph (s)"] = time.perf_counter() - begin
    found["graph, pan (ms)"] = _moves(canvas, running)
    _until(running, lambda: not canvas.busy)
    begin = time.perf_counter()
    figure.tabs.setCurrentIndex(NODES)
    running.processEvents()
    found["nodes (s)"] = time.perf_counter() - begin
    figure.close()
    figure.deleteLater()
    return found


def _moves(plot: Any, running: Any) -> dict[str, float]:
    """Return p50 and p95 of the milliseconds from a movement to its picture on the screen."""
    box = plot.plot.getViewBox()
    (left, right), (low, high) = plot.plot.viewRange()
    quarter_x, quarter_y = (right - left) / 4, (high - low) / 4
    taken = []
    for share in np.linspace(0, 2, _MOVES):
        begin = time.perf_counter()
        x, y = left + share * quarter_x, low + share * quarter_y
        box.setRange(xRange=(x, x + 2 * quarter_x), yRange=(y, y + 2 * quarter_y), padding=0)
        running.processEvents()
        plot.area.viewport().repaint()
        taken.append(1e3 * (time.perf_counter() - begin))
    p50, p95 = np.percentile(taken, [50, 95])
    return {"p50": float(p50), "p95": float(p95)}


def peer(n_nodes: int, n_edges: int) -> float:
    """Return the seconds that ``nilearn.plotting.plot_connectome`` takes for one picture."""
    import warnings

    import matplotlib as mpl

    mpl.use("agg")
    from nilearn import plotting

    matrix = np.asarray(planted(n_nodes, n_edges).matrix)
    places = np.random.default_rng(0).normal(0, 30, (n_nodes, 3))
    begin = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        display = plotting.plot_connectome(matrix + matrix.T, places, node_size=5)
        display.frame_axes.figure.canvas.draw()
    taken = time.perf_counter() - begin
    display.close()
    return taken


def _until(running: Any, done: Any) -> None:
    end = time.perf_counter() + _WAIT
    while not done() and time.perf_counter() < end:
        running.processEvents()
        time.sleep(0.001)
