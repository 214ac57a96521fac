"""How long a raster of very many spikes takes to draw at three zooms."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from .app import application

_UNITS, _SPIKES, _SECONDS = 1000, 10_000_000, 1000.0
_ZOOMS = {"whole": _SECONDS, "1 %": _SECONDS / 100, "5 ms": 0.005}
_TIMES = 40


def raster() -> dict[str, Any]:
    """Return milliseconds from a new window of time to the finished picture: p50 and p95 a zoom."""
    from .drawing.raster import RasterPlot
    from .drawing.spike_counts import compile_kernel
    from .drawing.spike_rows import SpikeRows

    running = application()
    random = np.random.default_rng(0)
    each = _SPIKES // _UNITS
    times = tuple(np.sort(random.uniform(0, _SECONDS, each)) for _ in range(_UNITS))
    names = tuple(str(k) for k in range(_UNITS))
    compile_kernel()
    figure = RasterPlot(SpikeRows(times, names, (0.0, _SECONDS)))
    figure.resize(1500, 900)
    figure.show()
    running.processEvents()
    answer: dict[str, Any] = {"units": _UNITS, "spikes": _UNITS * each}
    for name, length in _ZOOMS.items():
        taken = []
        for start in np.linspace(0, _SECONDS - length, _TIMES):
            figure.go_to(float(start), float(start + length) - 1e-4 * random.random())
            begin = time.perf_counter()
            figure.refresh()
            figure.area.viewport().repaint()
            taken.append(1e3 * (time.perf_counter() - begin))
        p50, p95 = np.percentile(taken, [50, 95])
        answer[name] = {"p50": float(p50), "p95": float(p95), "spikes shown": figure.n_shown}
    figure.close()
    return answer
