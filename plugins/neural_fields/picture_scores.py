"""How near pictures are to what they should be, beside what needs no model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Number
from neurostudio.scores import bootstrap, interval

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    Array = NDArray[Any]

_WINDOW, _SPREAD = 11, 1.5  # of Wang et al. 2004
_C1, _C2 = 0.01**2, 0.03**2


def psnr(truth: Array, guess: Array) -> Array:
    """Return the peak signal-to-noise ratio in dB of pictures (n, height, width, 3) with a peak of 1: (n,).

    Examples
    --------
    >>> psnr(np.zeros((1, 2, 2, 3)), np.full((1, 2, 2, 3), 0.1)).round(6)
    array([20.])
    """
    error = ((np.asarray(truth, float) - np.asarray(guess, float)) ** 2).mean(axis=(1, 2, 3))
    return np.asarray(-10 * np.log10(np.maximum(error, 1e-12)))


def ssim(truth: torch.Tensor, guess: torch.Tensor) -> torch.Tensor:
    """Return the mean structural similarity of pictures (n, 3, height, width) with a peak of 1: a scalar.

    References
    ----------
    Wang et al., Image quality assessment, IEEE Trans. Image Processing 2004; Gaussian window of 11 pixels.
    """
    import torch

    x = torch.arange(_WINDOW, dtype=truth.dtype, device=truth.device) - _WINDOW // 2
    line = torch.exp(-(x**2) / (2 * _SPREAD**2))
    line = line / line.sum()
    window = (line[:, None] * line).expand(truth.shape[1], 1, _WINDOW, _WINDOW)
    many = torch.cat([truth, guess, truth * truth, guess * guess, truth * guess])
    means = torch.nn.functional.conv2d(
        many, window, padding=_WINDOW // 2, groups=truth.shape[1]
    ).chunk(5)
    one, other = means[0], means[1]
    own, others = means[2] - one**2, means[3] - other**2
    shared = means[4] - one * other
    top = (2 * one * other + _C1) * (2 * shared + _C2)
    return (top / ((one**2 + other**2 + _C1) * (own + others + _C2))).mean()


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """PSNR in dB of each held-out view (n,), and of two guesses that need no model, over all of them."""

    views: Array
    mean_picture: float
    white: float
    similarity: float


def judge(truth: Array, guess: Array) -> Judged:
    """Return the scores of held-out views (n, height, width, 3)."""
    import torch

    pair = (torch.as_tensor(np.moveaxis(each, -1, 1)).float() for each in (truth, guess))
    mean = np.broadcast_to(truth.mean(axis=0), truth.shape)
    return Judged(
        psnr(truth, guess),
        float(psnr(truth, mean).mean()),
        float(psnr(truth, np.ones_like(truth)).mean()),
        float(ssim(*pair)),
    )


def numbers(judged: Judged, null: Judged | None, seed: int) -> dict[str, Number]:
    """Return the scores as numbers with interval, baseline and, where it ran, the null."""
    views = judged.views
    draws = bootstrap(
        lambda rows: float(views[rows].mean()), list(map(str, range(len(views)))), seed=seed
    )
    low, high = interval(draws)
    found = {
        "PSNR of held-out views": Number(
            float(views.mean()), "dB", low, high, judged.white, judged.mean_picture,
            f"mean of {len(views)} views, interval over views; chance: a white picture; baseline: the mean "
            "of the held-out views",
        ),
        "PSNR of the worst view": Number(
            float(views.min()), "dB", chance=judged.white, baseline=judged.mean_picture
        ),
        "SSIM of held-out views": Number(judged.similarity, "1", note="11 pixels, Gaussian window"),
    }  # fmt: skip
    if null is not None:
        found["PSNR with shuffled cameras"] = Number(
            float(null.views.mean()), "dB", chance=judged.white, baseline=judged.mean_picture,
            note="null run: each picture has the camera of another one; first stage only",
        )  # fmt: skip
    return found
