"""Sensors as they are seen from any side: turning, the sphere they lie on, moving one over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Array = np.ndarray[Any, np.dtype[np.float64]]

# azimuth and elevation, in degrees, from which each side is seen
SIDES = {
    "Top": (0.0, 90.0),
    "Front": (180.0, 0.0),
    "Back": (0.0, 0.0),
    "Left": (-90.0, 0.0),
    "Right": (90.0, 0.0),
}


@dataclass(frozen=True, slots=True)
class Sphere:
    """The sphere that fits places best."""

    centre: Array
    radius: float


def rotation(azimuth: float, elevation: float) -> Array:
    """Return the rows right, up and towards the eye, as seen from a side.

    Parameters
    ----------
    azimuth, elevation
        Degrees; from behind at 0 and 0, so that right is right, and from above at elevation 90.

    Examples
    --------
    >>> rotation(0.0, 90.0).round(6) + 0.0
    array([[1., 0., 0.],
           [0., 1., 0.],
           [0., 0., 1.]])
    """
    a, e = np.radians(azimuth), np.radians(elevation)
    right = np.array([np.cos(a), np.sin(a), 0.0])
    ahead = np.array([-np.sin(a), np.cos(a), 0.0])
    above = np.array([0.0, 0.0, 1.0])
    eye = np.sin(e) * above - np.cos(e) * ahead
    up = np.cos(e) * above + np.sin(e) * ahead
    return np.stack([right, up, eye])


def sphere_of(places: NDArray[np.float64]) -> Sphere:
    """Return the sphere through places (n_sensors, 3) by least squares; a mean one for fewer than five."""
    places = np.asarray(places, float)
    if len(places) >= 5:
        design = np.column_stack([2 * places, np.ones(len(places))])
        found, _, rank, _ = np.linalg.lstsq(design, (places**2).sum(axis=1), rcond=None)
        square = found[3] + (found[:3] ** 2).sum()
        if rank == 4 and square > 0:
            return Sphere(np.asarray(found[:3], float), float(np.sqrt(square)))
    centre = places.mean(axis=0) if len(places) else np.zeros(3)
    distance = np.linalg.norm(places - centre, axis=1)
    return Sphere(centre, float(distance.max(initial=0.0)) or 0.1)


def projected(places: NDArray[np.float64], sphere: Sphere, turn: Array) -> Array:
    """Return right, up and depth of places, (n, 3) in metres from the centre."""
    return np.asarray((np.asarray(places, float) - sphere.centre) @ turn.T, float)


def dragged(place: Array, to: tuple[float, float], sphere: Sphere, turn: Array) -> Array:
    """Return where a sensor comes to lie that is dragged to a point of the picture.

    It stays as far from the centre as it was, and on the side, near or far, on which it was.
    """
    own = projected(place[None], sphere, turn)[0]
    radius = float(np.linalg.norm(own))
    x, y = to
    across = float(np.hypot(x, y))
    if across >= radius:
        moved = np.array([x, y, 0.0]) * radius / across
    else:
        side = 1.0 if own[2] >= 0 else -1.0
        moved = np.array([x, y, side * np.sqrt(radius**2 - across**2)])
    return np.asarray(sphere.centre + turn.T @ moved, float)


def outlines(sphere: Sphere) -> list[Array]:
    """Return the ring at the height of the centre, the nose, the ears and the arc over the top."""
    angle = np.linspace(0, 2 * np.pi, 90)
    none = np.zeros_like(angle)
    ring = np.stack([np.cos(angle), np.sin(angle), none], axis=1)
    half = np.linspace(0, np.pi, 45)
    arc = np.stack([0 * half, np.cos(half), np.sin(half)], axis=1)
    over = np.stack([np.cos(half), 0 * half, np.sin(half)], axis=1)
    nose = np.array([[-0.12, 0.99, 0.0], [0.0, 1.17, 0.0], [0.12, 0.99, 0.0]])
    small = np.stack([0.05 * np.sin(angle), 0.1 * np.cos(angle), 0.16 * np.sin(angle)], axis=1)
    ears = [small + np.array([side * 1.03, 0.0, 0.0]) for side in (-1, 1)]
    return [sphere.centre + sphere.radius * each for each in (ring, arc, over, nose, *ears)]
