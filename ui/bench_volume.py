"""How fast volumes are seen: opening, slices, times, courses, and napari on the same image."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
from PySide6.QtCore import QEventLoop

from neurostudio.readers import read

from .app import application
from .bench_signals import SIZE, turn, until
from .home import Home

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from neurostudio.data import Volume

    from .drawing.volume_figure import VolumeFigure

_STEPS = 40


def volume(path: Path, folder: Path) -> dict[str, Any]:
    """Return the figures of one large image: opening, memory, and steps through its slices."""
    running = application()
    empty = _warm(folder)
    begun = time.perf_counter()
    figure = _opened(path, folder)
    answer: dict[str, Any] = {"open_s": time.perf_counter() - begun}
    base = figure.layers[0].bounds
    for axis, name in enumerate(("sagittal", "coronal", "axial")):
        places = np.linspace(base[axis, 0], base[axis, 1], _STEPS + 4)[2:-2]
        found = []
        for mm in places:
            place = base.mean(axis=1)
            place[axis] = mm
            found.append(_time(running, figure, partial(figure.go_to, tuple(place))))
        answer[f"{name}_step"] = _summary(found)
    answer["bytes_added"] = psutil.Process().memory_info().rss - empty
    return answer


def series(path: Path, folder: Path) -> dict[str, Any]:
    """Return the figures of one long series: unpacking, steps in time, courses of voxels, memory."""
    running = application()
    empty = _warm(folder)
    begun = time.perf_counter()
    figure = _opened(path, folder)
    answer: dict[str, Any] = {"open_s": time.perf_counter() - begun}
    until(lambda: not figure.busy)
    rng = np.random.default_rng(0)
    base = figure.layers[0].bounds
    steps, courses = [], []
    for _ in range(_STEPS):
        number = int(rng.integers(figure.slider.slider.maximum()))
        steps.append(
            _wait(
                running, figure.slices, figure.reader.frames_came, partial(_slide, figure, number)
            )
        )
    figure.bar.course.setChecked(True)
    until(lambda: not figure.busy)
    for _ in range(_STEPS):
        place = tuple(rng.uniform(base[:, 0], base[:, 1]))
        courses.append(
            _wait(running, figure.course, figure.reader.course_came, partial(figure.go_to, place))
        )
        until(lambda: not figure.busy)
    answer["time_step"] = _summary(steps)
    answer["voxel_course"] = _summary(courses)
    answer["bytes_added"] = psutil.Process().memory_info().rss - empty
    return answer


def napari_volume(path: Path) -> dict[str, Any]:
    """Return opening and slice steps of napari itself on the same image, in a window of the same size."""
    import napari
    from napari.qt import get_qapp

    application()
    running = get_qapp()
    empty = psutil.Process().memory_info().rss
    data: Volume = read(path)  # type: ignore[assignment]
    begun = time.perf_counter()
    viewer = napari.Viewer(show=False)
    viewer.window.resize(*SIZE)
    viewer.window.show()
    viewer.add_image(np.asanyarray(data.image.dataobj), affine=data.image.affine)
    running.processEvents()
    opened = time.perf_counter() - begun
    found = []
    for step in np.linspace(10, data.image.shape[0] - 10, _STEPS).astype(int):
        begun = time.perf_counter()
        viewer.dims.set_current_step(0, int(step))
        running.processEvents()
        found.append(time.perf_counter() - begun)
    added = psutil.Process().memory_info().rss - empty
    return {"open_s": opened, "step": _summary(found[3:]), "bytes_added": added}


def _warm(folder: Path) -> int:
    """Draw a small image first, as the program that is open has; return the bytes then in use."""
    import nibabel

    from neurostudio.data import Volume as Kind

    from .drawing import widget_for

    figure: Any = widget_for(Kind(nibabel.Nifti1Image(np.zeros((4, 4, 4), np.uint8), np.eye(4))))
    figure.resize(*SIZE)
    figure.show()
    until(lambda: figure.ready)
    turn(300)
    figure.hide()
    figure.deleteLater()
    turn(100)
    del folder
    return int(psutil.Process().memory_info().rss)


def _opened(path: Path, folder: Path) -> VolumeFigure:
    from .drawing import widget_for

    figure: Any = widget_for(read(path))
    figure.settle(Home(folder, folder))
    figure.resize(*SIZE)
    figure.show()
    until(lambda: figure.ready)
    figure.slices.area.viewport().repaint()
    return figure  # type: ignore[no-any-return]


def _slide(figure: VolumeFigure, number: int) -> None:
    figure.slider.slider.setValue(number)


def _time(running: Any, figure: VolumeFigure, act: Callable[[], None]) -> float:
    """Return the seconds from an act to its picture."""
    begun = time.perf_counter()
    act()
    figure.slices.area.viewport().repaint()
    seconds = time.perf_counter() - begun
    running.processEvents()
    return seconds


def _wait(running: Any, plot: Any, signal: Any, act: Callable[[], None]) -> float:
    """Return the seconds from an act to the signal of its end, painted in a plot."""
    there: list[bool] = []

    def heard(*_: object) -> None:
        plot.area.viewport().repaint()
        there.append(True)

    signal.connect(heard)
    begun = time.perf_counter()
    act()
    while not there and time.perf_counter() - begun < 20:
        running.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)
    seconds = time.perf_counter() - begun
    signal.disconnect(heard)
    return seconds


def _summary(seconds: list[float]) -> dict[str, float]:
    p50, p95 = np.percentile(np.array(seconds) * 1000, [50, 95])
    return {"p50_ms": float(p50), "p95_ms": float(p95), "max_ms": max(seconds) * 1000}
