"""The colours of voxels: grey for anatomy, warm and cold for maps, a colour of its own for every region."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.grids import Cut

GREY, HOT, TWO_SIDED, REGIONS, ONE = "Grey", "Hot", "Two-sided", "Regions", "One colour"
CHOICES = (GREY, HOT, TWO_SIDED, REGIONS, ONE)
_STOPS = {
    GREY: ("#000000", "#ffffff"),
    HOT: ("#5c0000", "#d7191c", "#fd9a2b", "#ffee58", "#ffffe0"),
    # bright at both ends, so that either sign is seen on dark and on light anatomy
    TWO_SIDED: ("#a6f1ff", "#2f9bff", "#123a9c", "#202020", "#9c1212", "#ff6a1f", "#ffe066"),
}
_ONE = "#ff5d3b"
_DIMMED = 0.3  # of a region that is not chosen while others are


@dataclass(slots=True)
class Look:
    """How a layer is seen: values from ``low`` to ``high`` as ``colours``, weak ones not at all."""

    colours: str = GREY
    low: float = 0.0
    high: float = 1.0
    threshold: float = 0.0
    opacity: float = 1.0
    visible: bool = True
    smooth: bool = False


def first_look(values: NDArray[np.float64], *, over: bool, regions: bool, whole: bool) -> Look:
    """Return how an image is seen at first.

    Parameters
    ----------
    values : array of shape (n,)
        Finite values from all over it.
    over
        Whether it lies over another image.
    regions
        Whether its numbers are known to stand for regions.
    whole
        Whether its numbers are whole.
    """
    if values.size == 0:
        return Look()
    if regions:
        return Look(REGIONS, float(values.min()), float(values.max()), opacity=0.6 if over else 1.0)
    if whole and over and set(np.unique(values)) <= {0.0, 1.0}:
        return Look(ONE, 0.0, 1.0, opacity=0.5)
    if over and (values.min() < 0 or (values == 0).mean() > 0.6):
        return _look_of_a_map(values)
    ground = values[values != 0] if (values == 0).mean() < 1 else values  # nothing is around a head
    low, high = float(np.percentile(values, 2.0)), float(np.percentile(ground, 99.0))
    if high <= low:
        low, high = float(values.min()), float(values.max())
    if high <= low:
        high = low + 1.0
    return Look(GREY, low, high, opacity=0.5 if over else 1.0)


def _look_of_a_map(values: NDArray[np.float64]) -> Look:
    """Return the look of a map of effects: the strongest third of the scale."""
    strong = np.abs(values[values != 0])
    high = float(np.percentile(strong, 99.5)) if strong.size else 1.0
    high = float(f"{high:.2g}") or 1.0
    threshold = float(f"{high / 3:.2g}")
    if values.min() < 0:
        return Look(TWO_SIDED, -high, high, threshold, 0.85)
    return Look(HOT, 0.0, high, threshold, 0.85)


@cache
def table(name: str) -> NDArray[np.uint8]:
    """Return the 256 colours, (256, 3), of a choice."""
    if name == REGIONS:
        return _region_colours()
    if name == ONE:
        colour = tuple(int(_ONE[k : k + 2], 16) for k in (1, 3, 5))
        return np.tile(np.array(colour, np.uint8), (256, 1))
    stops = _STOPS[name]
    found = pg.ColorMap(np.linspace(0, 1, len(stops)), stops).getLookupTable(nPts=256)
    return np.asarray(found[:, :3], np.uint8)


def _region_colours() -> NDArray[np.uint8]:
    """Return colours of which neighbours in number differ most: the hue goes on by the golden ratio."""
    found = [
        colorsys.hsv_to_rgb((k * 0.618034) % 1.0, (0.55, 0.8, 0.68)[k % 3], (0.95, 0.85)[k % 2])
        for k in range(256)
    ]
    return np.asarray(np.round(255 * np.array(found)), np.uint8)


def coloured(cut: Cut, look: Look, chosen: tuple[int, ...] = ()) -> NDArray[np.uint8]:
    """Return the pixels of a plane, (n_up, n_across, 4): red, green, blue, how opaque.

    Parameters
    ----------
    cut
        Values, (n_up, n_across), and which of them are inside the image.
    look
        Colours, range, threshold, opacity.
    chosen
        The numbers of the regions that stand out; all alike where none is.
    """
    values = cut.values
    if values.dtype.fields:
        return _coded(values, cut.inside, look.opacity)
    if look.colours in {REGIONS, ONE}:
        index, seen = _numbers(values, look)
    else:
        index, seen = _levels(values, look)
    seen &= cut.inside
    pixels = np.empty((*values.shape, 4), np.uint8)
    pixels[..., :3] = table(look.colours)[index]
    strength = np.uint8(round(255 * look.opacity))
    pixels[..., 3] = np.where(seen, strength, np.uint8(0))
    if chosen and look.colours == REGIONS:
        faint = ~np.isin(values, chosen) & seen
        pixels[..., 3][faint] = round(255 * look.opacity * _DIMMED)
    return pixels


def _numbers(values: NDArray[Any], look: Look) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    whole = np.nan_to_num(values, posinf=0, neginf=0) if values.dtype.kind == "f" else values
    numbers = np.rint(whole).astype(np.int64)
    seen = np.abs(numbers) >= look.threshold if look.threshold > 0 else numbers != 0
    return (numbers % 256).astype(np.intp), np.asarray(seen, bool)


def _levels(values: NDArray[Any], look: Look) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    floats = values.astype(np.float32)
    seen = ~np.isnan(floats)
    if look.threshold > 0:
        strong = floats if look.colours == HOT else np.abs(floats)
        seen &= strong >= look.threshold
    span = (look.high - look.low) or 1.0
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = (floats - np.float32(look.low)) * np.float32(255.0 / span)
        index = np.clip(np.nan_to_num(scaled, nan=0.0, posinf=255.0, neginf=0.0), 0, 255)
    return index.astype(np.intp), seen


def _coded(values: NDArray[Any], inside: NDArray[np.bool_], opacity: float) -> NDArray[np.uint8]:
    """Return the pixels of an image that holds colours itself."""
    names = values.dtype.names or ()
    pixels = np.full((*values.shape, 4), 255, np.uint8)
    for k, name in enumerate(names[:4]):
        pixels[..., k] = values[name]
    pixels[..., 3] = np.where(inside, np.round(pixels[..., 3] * opacity), 0)
    return pixels
