"""Compiled products with a matrix whose rows are drawn anew: see :mod:`neurostudio.spiking.regenerated`."""

from __future__ import annotations

import numpy as np
from numba import njit, uint64


@njit(cache=True, nogil=True, inline="always")
def _mix(x):
    x = uint64(x + uint64(0x9E3779B97F4A7C15))
    x = uint64((x ^ (x >> uint64(30))) * uint64(0xBF58476D1CE4E5B9))
    x = uint64((x ^ (x >> uint64(27))) * uint64(0x94D049BB133111EB))
    return uint64(x ^ (x >> uint64(31)))


@njit(cache=True, nogil=True, inline="always")
def _real(x):
    return (float(x >> uint64(11)) + 1.0) * 2.0**-53


@njit(cache=True, nogil=True, inline="always")
def _weight(kind, first, second, start, count):
    if kind == 0:
        return first
    u = _real(_mix(uint64(start + uint64(3) * count + uint64(1))))
    if kind == 1:
        return first + (second - first) * u
    w = _real(_mix(uint64(start + uint64(3) * count + uint64(2))))
    return first + second * np.sqrt(-2 * np.log(u)) * np.cos(2 * np.pi * w)


@njit(cache=True, nogil=True)
def forward(values, n_sources, n_targets, probability, seed, kind, first, second, out):
    """Add ``values @ matrix`` to ``out`` (n_targets,); sources of value zero cost nothing."""
    log_miss = np.log1p(-probability) if probability < 1 else -np.inf
    base = _mix(uint64(seed))
    for i in range(n_sources):
        if values[i] == 0:
            continue
        start = _mix(uint64(base + uint64(i)))
        count = uint64(0)
        j = -1
        while True:
            u = _real(_mix(uint64(start + uint64(3) * count)))
            j += 1 + int(np.floor(np.log(u) / log_miss)) if probability < 1 else 1
            if j >= n_targets:
                break
            out[j] += values[i] * _weight(kind, first, second, start, count)
            count = uint64(count + uint64(1))


@njit(cache=True, nogil=True)
def transposed(values, n_sources, n_targets, probability, seed, kind, first, second, out):
    """Write ``matrix @ values`` into ``out`` (n_sources,)."""
    log_miss = np.log1p(-probability) if probability < 1 else -np.inf
    base = _mix(uint64(seed))
    for i in range(n_sources):
        start = _mix(uint64(base + uint64(i)))
        count = uint64(0)
        j = -1
        total = 0.0
        while True:
            u = _real(_mix(uint64(start + uint64(3) * count)))
            j += 1 + int(np.floor(np.log(u) / log_miss)) if probability < 1 else 1
            if j >= n_targets:
                break
            total += values[j] * _weight(kind, first, second, start, count)
            count = uint64(count + uint64(1))
        out[i] = total


@njit(cache=True, nogil=True)
def events(spikes, n_targets, probability, seed, kind, first, second, out):
    """Add the rows of the spiking sources to ``out`` (n_targets,)."""
    log_miss = np.log1p(-probability) if probability < 1 else -np.inf
    base = _mix(uint64(seed))
    for k in range(spikes.size):
        start = _mix(uint64(base + uint64(spikes[k])))
        count = uint64(0)
        j = -1
        while True:
            u = _real(_mix(uint64(start + uint64(3) * count)))
            j += 1 + int(np.floor(np.log(u) / log_miss)) if probability < 1 else 1
            if j >= n_targets:
                break
            out[j] += _weight(kind, first, second, start, count)
            count = uint64(count + uint64(1))
