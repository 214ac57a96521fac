"""A body made of distances, painted by a formula and looked at by sphere tracing: no graphics card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .cameras import Cameras

    Array = NDArray[np.float64]

MIDDLE = np.array([12.0, -18.0, 8.0])  # off the origin and unlike in x, y and z: a swap would show
HALF = 75.0
BOUNDS = np.stack([MIDDLE - HALF, MIDDLE + HALF])
_NEAR_ENOUGH, _STEPS, _CAUTION = 0.05, 96, 0.9
_LIGHT = np.array([0.3, 0.5, 0.81])


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a camera sees.

    ``colour`` (height, width, 3) from 0 to 1; ``depth`` (height, width) in mm along the ray, NaN where
    nothing is hit.
    """

    colour: Array
    depth: Array


def distance(places: Array) -> Array:
    """Return the signed distance in mm, (…,), of places in mm, (…, 3): negative inside.

    An egg, a bump on its right, a ball in front below, and a ring around the top.
    """
    p = places - MIDDLE
    radii = np.array([42.0, 52.0, 38.0])
    scaled = np.linalg.norm(p / radii, axis=-1)
    slope = np.linalg.norm(p / radii**2, axis=-1)
    # the ellipsoid's distance has no closed form; this bound is exact on its surface
    egg = np.where(slope > 1e-9, scaled * (scaled - 1) / np.maximum(slope, 1e-9), -radii.min())
    bump = np.linalg.norm(p - [40.0, 5.0, 10.0], axis=-1) - 22.0
    ball = np.linalg.norm(p - [-12.0, 48.0, -28.0], axis=-1) - 20.0
    q = p - [0.0, -8.0, 38.0]
    ring = np.hypot(np.hypot(q[..., 0], q[..., 1]) - 26.0, q[..., 2]) - 9.0
    return np.asarray(np.minimum.reduce([egg, bump, ball, ring]))


def colour(places: Array) -> Array:
    """Return the paint at places in mm, (…, 3): three slow waves of the three axes."""
    p = (places - MIDDLE) / HALF
    waves = [
        0.45 + 0.35 * np.sin(7 * p[..., 0] + 2 * p[..., 1]),
        0.35 + 0.3 * np.sin(6 * p[..., 1] - 3 * p[..., 2] + 1),
        0.4 + 0.35 * np.sin(8 * p[..., 2] + 2 * p[..., 0] + 2),
    ]
    return np.stack(waves, axis=-1)


def normal(places: Array) -> Array:
    """Return the outward unit normals, (…, 3), of the nearest surface, by central differences of 0.1 mm."""
    steps = 0.1 * np.eye(3)
    slope = np.stack([distance(places + h) - distance(places - h) for h in steps], axis=-1)
    return np.asarray(slope / np.maximum(np.linalg.norm(slope, axis=-1, keepdims=True), 1e-12))


def look(cameras: Cameras, number: int, background: float = 1.0) -> Seen:
    """Return what one camera sees of the body: t <- t + s(o + t d) until s is nearly 0 or t leaves."""
    origins, directions = cameras.rays(number)
    o, d = origins.reshape(-1, 3), directions.reshape(-1, 3)
    t = np.zeros(len(o))
    far = np.linalg.norm(o - MIDDLE, axis=1) + 2 * HALF
    active = np.arange(len(o))
    hit = np.zeros(len(o), bool)
    for _ in range(_STEPS):
        s = distance(o[active] + t[active, None] * d[active])
        hit[active] = np.abs(s) < _NEAR_ENOUGH
        t[active] += np.where(hit[active], 0.0, _CAUTION * s)
        active = active[~hit[active] & (t[active] < far[active])]
        if not active.size:
            break
    found = np.full((len(o), 3), background)
    places = o[hit] + t[hit, None] * d[hit]
    shade = 0.75 + 0.25 * np.clip(normal(places) @ _LIGHT, 0, 1)
    found[hit] = np.clip(colour(places) * shade[:, None], 0, 1)
    shape = directions.shape[:2]
    return Seen(found.reshape(*shape, 3), np.where(hit, t, np.nan).reshape(shape))
