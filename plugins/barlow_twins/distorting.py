"""The two views: what is changed at random, and so cannot be read from the embedding any more."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from .declaring import PictureParams, VolumeParams, WindowParams

if TYPE_CHECKING:
    from collections.abc import Callable

    from .declaring import PretrainParams

    Distort = Callable[[torch.Tensor, bool], torch.Tensor]

_ASPECT = (3 / 4, 4 / 3)
_BRIGHT, _CONTRAST, _SATURATION, _HUE = 0.4, 0.4, 0.2, 0.1
_BLUR, _BLUR_SIDE = (0.1, 2.0), 224  # pixels of the paper's pictures
_STOP = 4.0  # hertz
_LUMA = (0.299, 0.587, 0.114)
_CUTOUT = 0.3
# to luminance and two colour differences (YIQ of NTSC), in which hue is an angle
_YIQ = ((0.299, 0.587, 0.114), (0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112))


def distortion(params: PretrainParams, shape: tuple[int, ...], rate: float) -> Distort:
    """Return what makes a view of samples (n, n_channels, …): ``distort(samples, second)``.

    ``second`` is true for view B, whose blur and solarisation differ. Samples are standardised; pictures lie
    between 0 and 1. Random numbers are torch's own.
    """
    if isinstance(params, PictureParams):
        photographs = params.distortions == "photographs" or (
            params.distortions == "automatic" and shape[0] == 3
        )
        make = photograph if photographs else small_grey
        return lambda samples, second: make(samples, second, params)
    if isinstance(params, WindowParams):
        return lambda samples, second: window(samples, params, rate)
    assert isinstance(params, VolumeParams)  # noqa: S101  there are three kinds
    return lambda samples, second: volume(samples, params)


def _uniform(samples: torch.Tensor, low: float, high: float) -> torch.Tensor:
    """Return one number a sample, (n, 1, …), as the samples have axes."""
    values = torch.rand(len(samples)) * (high - low) + low
    return values.to(samples.device).view(-1, *(1,) * (samples.ndim - 1))


def _either(samples: torch.Tensor, changed: torch.Tensor, probability: float) -> torch.Tensor:
    """Return the changed samples with a probability, each by itself."""
    if probability >= 1:
        return changed
    return torch.where(_uniform(samples, 0, 1) < probability, changed, samples)


def _warped(pictures: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    grid = torch.nn.functional.affine_grid(
        matrix.to(pictures.device), list(pictures.shape), align_corners=False
    )
    return torch.nn.functional.grid_sample(
        pictures, grid, mode="bilinear", padding_mode="zeros", align_corners=False
    )


# ---- pictures ------------------------------------------------------------------------------------


def small_grey(pictures: torch.Tensor, second: bool, params: PictureParams) -> torch.Tensor:
    """Return turned, scaled, shifted pictures with another contrast and noise."""
    del second
    n = len(pictures)
    angle = (2 * torch.rand(n) - 1) * params.turn
    size = 1 + (2 * torch.rand(n) - 1) * params.zoom
    matrix = torch.zeros(n, 2, 3)
    matrix[:, 0, 0] = matrix[:, 1, 1] = size * torch.cos(angle)
    matrix[:, 0, 1], matrix[:, 1, 0] = -size * torch.sin(angle), size * torch.sin(angle)
    matrix[:, :, 2] = (2 * torch.rand(n, 2) - 1) * params.shift
    changed = _warped(pictures, matrix)
    changed = changed * _uniform(pictures, 1 - params.gain, 1 + params.gain)
    return changed + params.noise * torch.randn(changed.shape).to(changed.device)


def photograph(pictures: torch.Tensor, second: bool, params: PictureParams) -> torch.Tensor:
    """Return the paper's crop, flip, colours, grey, blur and solarisation of pictures (n, 1 or 3, y, x)."""
    changed = _cropped(pictures, params)
    if pictures.shape[1] == 3:
        changed = _either(changed, _jittered(changed), params.jitter)
        changed = _either(changed, _luma(changed).expand_as(changed), params.grey)
    changed = _blurred(changed, params.blur * (0.1 if second else 1.0))
    if second and params.solarise > 0:
        changed = _either(
            changed, torch.where(changed < 0.5, changed, 1 - changed), params.solarise
        )
    return changed


def _cropped(pictures: torch.Tensor, params: PictureParams) -> torch.Tensor:
    n = len(pictures)
    area = torch.rand(n) * (1 - params.crop) + params.crop
    aspect = torch.exp(torch.rand(n) * math.log(_ASPECT[1] / _ASPECT[0]) + math.log(_ASPECT[0]))
    width = (area * aspect).sqrt().clamp(max=1)
    height = (area / aspect).sqrt().clamp(max=1)
    matrix = torch.zeros(n, 2, 3)
    mirrored = torch.where(torch.rand(n) < params.flip, -1.0, 1.0)
    matrix[:, 0, 0], matrix[:, 1, 1] = width * mirrored, height
    matrix[:, 0, 2] = (2 * torch.rand(n) - 1) * (1 - width)
    matrix[:, 1, 2] = (2 * torch.rand(n) - 1) * (1 - height)
    return _warped(pictures, matrix)


def _luma(pictures: torch.Tensor) -> torch.Tensor:
    weights = torch.tensor(_LUMA, device=pictures.device).view(1, 3, 1, 1)
    return (pictures * weights).sum(dim=1, keepdim=True)


def _jittered(pictures: torch.Tensor) -> torch.Tensor:
    """Return other brightness, contrast, saturation and hue, in this order."""
    changed = (pictures * _uniform(pictures, 1 - _BRIGHT, 1 + _BRIGHT)).clamp(0, 1)
    mean = _luma(changed).mean(dim=(2, 3), keepdim=True)
    changed = (mean + (changed - mean) * _uniform(pictures, 1 - _CONTRAST, 1 + _CONTRAST)).clamp(
        0, 1
    )
    grey = _luma(changed)
    changed = grey + (changed - grey) * _uniform(pictures, 1 - _SATURATION, 1 + _SATURATION)
    angle = 2 * math.pi * _uniform(pictures, -_HUE, _HUE).view(-1)
    there = torch.tensor(_YIQ, device=pictures.device)
    turn = torch.zeros(len(pictures), 3, 3, device=pictures.device)
    turn[:, 0, 0] = 1
    turn[:, 1, 1] = turn[:, 2, 2] = torch.cos(angle)
    turn[:, 1, 2], turn[:, 2, 1] = -torch.sin(angle), torch.sin(angle)
    matrix = torch.linalg.inv(there) @ turn @ there
    return torch.einsum("nij,njyx->niyx", matrix, changed).clamp(0, 1)


def _blurred(pictures: torch.Tensor, probability: float) -> torch.Tensor:
    """Return pictures under a Gaussian whose width in pixels follows the size of the picture."""
    n, channels, height, width = pictures.shape
    factor = max(height, width) / _BLUR_SIDE
    if probability <= 0 or _BLUR[1] * factor < 0.1:
        return pictures
    sigma = _uniform(pictures, _BLUR[0] * factor, _BLUR[1] * factor).view(-1, 1)
    reach = max(1, math.ceil(2.5 * _BLUR[1] * factor))
    at = torch.arange(-reach, reach + 1, device=pictures.device, dtype=pictures.dtype)
    kernel = torch.exp(-0.5 * (at / sigma.clamp(min=1e-3)) ** 2)
    kernel = (kernel / kernel.sum(dim=1, keepdim=True)).repeat_interleave(channels, dim=0)
    flat = pictures.reshape(1, n * channels, height, width)
    flat = torch.nn.functional.pad(flat, (reach,) * 4, mode="replicate")
    for shape in ((-1, 1, 1, 2 * reach + 1), (-1, 1, 2 * reach + 1, 1)):
        flat = torch.nn.functional.conv2d(flat, kernel.view(shape), groups=n * channels)
    return _either(pictures, flat.reshape(pictures.shape), probability)


# ---- windows of signal ---------------------------------------------------------------------------


def window(windows: torch.Tensor, params: WindowParams, rate: float) -> torch.Tensor:
    """Return shifted windows with silent channels, a removed band, another gain and noise.

    Windows (n, n_channels, n_times); a shift turns the window round, so that no silence enters.
    """
    n, channels, n_times = windows.shape
    most = round(params.shift * rate)
    steps = torch.randint(-most, most + 1, (n, 1)).to(windows.device)
    at = (torch.arange(n_times, device=windows.device)[None] - steps) % n_times
    changed = windows.gather(2, at[:, None].expand(-1, channels, -1))
    if params.band_stop > 0:
        spectrum = torch.fft.rfft(changed, dim=-1)
        frequencies = torch.fft.rfftfreq(n_times, 1 / rate, device=windows.device)
        centre = _uniform(windows, 0, rate / 2)
        kept = ((frequencies - centre).abs() > _STOP / 2).to(changed.dtype)
        removed = torch.fft.irfft(spectrum * kept, n=n_times, dim=-1)
        changed = _either(changed, removed, params.band_stop)
    silent = torch.rand(n, channels, 1).to(windows.device) < params.drop
    changed = changed.masked_fill(silent, 0.0)
    changed = changed * _uniform(windows, 1 / (1 + params.gain), 1 + params.gain)
    return changed + params.noise * torch.randn(changed.shape).to(windows.device)


# ---- volumes -------------------------------------------------------------------------------------


def volume(volumes: torch.Tensor, params: VolumeParams) -> torch.Tensor:
    """Return volumes (n, 1, x, y, z) with an empty cube, another contrast, a slow field and noise."""
    changed = volumes * _uniform(volumes, 1 - params.gain, 1 + params.gain)
    field = (2 * torch.rand(len(volumes), 1, 3, 3, 3) - 1).to(volumes.device) * params.bias_field
    slow = torch.nn.functional.interpolate(
        field, list(volumes.shape[2:]), mode="trilinear", align_corners=True
    )
    changed = changed * (1 + slow)
    inside = torch.ones_like(volumes[:, :1], dtype=torch.bool)
    for axis in (2, 3, 4):
        size = volumes.shape[axis]
        width = max(1, round(_CUTOUT * size))
        start = (torch.rand(len(volumes)) * (size - width + 1)).long().to(volumes.device)
        at = torch.arange(size, device=volumes.device)[None] - start[:, None]
        hit = (at >= 0) & (at < width)
        inside = inside & hit.view(len(volumes), *(size if k == axis else 1 for k in range(1, 5)))
    changed = _either(changed, changed.masked_fill(inside, 0.0), params.cutout)
    if params.flip > 0:
        changed = _either(changed, changed.flip(2), params.flip)
    return changed + params.noise * torch.randn(changed.shape).to(volumes.device)
