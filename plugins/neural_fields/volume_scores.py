"""How near one volume is to another: PSNR and SSIM, over everything and in a mask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Number
from neurostudio.scores import interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Context

    Array = NDArray[Any]

_BLOCK = 8  # voxels a side of what is drawn together for an interval
_DRAWS = 1000
_LEAST = 1e-20
_LAYERS = 16


def psnr(truth: Array, guess: Array, peak: float, mask: Array | None = None) -> float:
    """Return the peak signal-to-noise ratio in dB, 10 log10(peak^2 / mean squared error).

    Examples
    --------
    >>> round(psnr(np.zeros(8), np.full(8, 0.1), 1.0), 6)
    20.0
    """
    error = (np.asarray(truth, float) - np.asarray(guess, float)) ** 2
    mean = float(error.mean() if mask is None else error[mask].mean())
    return 10 * float(np.log10(peak**2 / max(mean, _LEAST * peak**2)))


def psnr_number(
    truth: Array, guess: Array, peak: float, mask: Array | None = None, *, baseline: float | None = None,
    seed: int = 0, note: str = "",
) -> Number:  # fmt: skip
    """Return the PSNR with its interval by bootstrap over blocks of 8 x 8 x 8 voxels."""
    error = (np.asarray(truth, float) - np.asarray(guess, float)) ** 2
    inside = np.ones(error.shape, bool) if mask is None else mask
    sums, counts = _blocks(np.where(inside, error, 0.0)), _blocks(inside.astype(float))
    sums, counts = sums[counts > 0], counts[counts > 0]
    draws = np.random.default_rng([seed, 21]).multinomial(
        len(sums), np.full(len(sums), 1 / len(sums)), size=_DRAWS
    )
    means = np.maximum(draws @ sums / np.maximum(draws @ counts, 1), _LEAST * peak**2)
    low, high = interval(10 * np.log10(peak**2 / means))
    value = psnr(truth, guess, peak, mask)
    return Number(value, "dB", low, high, baseline=baseline, note=note)


def _blocks(values: Array) -> Array:
    """Return the sums over blocks, (n_blocks,)."""
    found = values
    for axis in range(values.ndim):
        found = np.add.reduceat(found, np.arange(0, values.shape[axis], _BLOCK), axis=axis)
    return found.ravel()


def ssim(context: Context, truth: Array, guess: Array, peak: float) -> float:
    """Return the mean structural similarity in windows of 7 voxels a side, layer by layer: it can stop."""
    from skimage import metrics

    similarity: Any = metrics.structural_similarity
    side = min(7, min(truth.shape) - (min(truth.shape) + 1) % 2)
    edge, n = side // 2, truth.shape[0]
    total = 0.0
    for start in context.track(range(edge, n - edge, _LAYERS), "Similarity"):
        stop = min(start + _LAYERS, n - edge)
        some = slice(start - edge, stop + edge)  # whose mean is that of the layers start to stop
        pair = (np.asarray(each[some], float) for each in (truth, guess))
        total += (stop - start) * similarity(*pair, data_range=peak, win_size=side)
    return float(total / (n - 2 * edge))


def from_neighbours(values: Array, rows: Array) -> tuple[Array, Array]:
    """Return what linear and cubic interpolation make of voxels (n,) from the next ones along each axis.

    The two or four neighbours along an axis, weights 1/2 or (-1, 4, 4, -1)/6, mean over the three axes.
    """
    places = np.stack(np.unravel_index(rows, values.shape))
    linear, cubic = np.zeros(len(rows)), np.zeros(len(rows))
    for axis in range(3):
        near, far = (_pair(values, places, axis, step) for step in (1, 2))
        linear += near / 6
        cubic += (4 * near - far) / 18
    return linear, cubic


def _pair(values: Array, places: Array, axis: int, step: int) -> Array:
    found = np.zeros(places.shape[1])
    for sign in (-1, 1):
        moved = places.copy()
        moved[axis] = np.clip(moved[axis] + sign * step, 0, values.shape[axis] - 1)
        found += values[tuple(moved)]
    return found
