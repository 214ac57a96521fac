"""From where a body is seen: millimetres to pixels, the same for the screen, for files and for the mouse."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from .turning import SIDES as _SIDES
from .turning import rotation

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDES = {
    name: _SIDES.get(name, (0.0, -90.0))
    for name in ("Left", "Right", "Front", "Back", "Top", "Bottom")
}
_FILLED = 0.46  # half of the shorter side of the picture that the body's radius takes
_DEGREES = 0.5  # a pixel
_LEAST, _MOST = 0.2, 60.0
LETTERS = (("L", "R"), ("P", "A"), ("I", "S"))


@dataclass(slots=True)
class Camera:
    """A view without perspective on the sphere of ``radius`` mm about ``centre``."""

    centre: NDArray[np.float64] = field(default_factory=lambda: np.zeros(3))
    radius: float = 100.0
    azimuth: float = SIDES["Left"][0]
    elevation: float = SIDES["Left"][1]
    zoom: float = 1.0
    pan: tuple[float, float] = (0.0, 0.0)

    def scale(self, width: float, height: float) -> float:
        """Return pixels a millimetre."""
        return self.zoom * _FILLED * min(width, height) / max(self.radius, 1e-9)

    def matrix(self, width: float, height: float) -> NDArray[np.float64]:
        """Return (3, 4): from mm to pixels right, pixels down, and millimetres towards the eye."""
        turn = rotation(self.azimuth, self.elevation)
        scale = self.scale(width, height)
        rows = np.stack([scale * turn[0], -scale * turn[1], turn[2]])
        start = np.array([width / 2 + self.pan[0], height / 2 + self.pan[1], 0.0])
        return np.column_stack([rows, start - rows @ self.centre])

    def eye(self) -> NDArray[np.float64]:
        """Return the direction towards the eye."""
        return np.asarray(rotation(self.azimuth, self.elevation)[2], float)

    def look_from(self, side: str) -> None:
        """Look from one of :data:`SIDES`, at the whole body."""
        self.azimuth, self.elevation = SIDES[side]
        self.pan, self.zoom = (0.0, 0.0), 1.0

    def turn(self, right: float, down: float) -> None:
        """Turn the body by a drag of the mouse, in pixels."""
        self.azimuth = (self.azimuth - _DEGREES * right + 180.0) % 360.0 - 180.0
        self.elevation = float(np.clip(self.elevation + _DEGREES * down, -90.0, 90.0))

    def shift(self, right: float, down: float) -> None:
        """Move the body in the picture, in pixels."""
        self.pan = (self.pan[0] + right, self.pan[1] + down)

    def magnify(self, factor: float) -> None:
        """Come nearer (above 1) or go away."""
        self.zoom = float(np.clip(self.zoom * factor, _LEAST, _MOST))

    def letters(self) -> tuple[str, str, str, str]:
        """Return what lies at the left, right, bottom and top of the picture: L R P A I S or nothing."""
        turn = rotation(self.azimuth, self.elevation)
        found: list[str] = []
        for direction in turn[:2]:
            axis = int(np.abs(direction).argmax())
            clear = abs(direction[axis]) > 0.8
            low, high = LETTERS[axis] if direction[axis] > 0 else LETTERS[axis][::-1]
            found += [low, high] if clear else ["", ""]
        return found[0], found[1], found[2], found[3]


def apply(matrix: NDArray[np.float64], places: Any) -> NDArray[np.float32]:
    """Return pixels right, pixels down and depth of places (n, 3) in mm."""
    found = np.asarray(places, np.float32) @ matrix[:, :3].T.astype(np.float32)
    found += matrix[:, 3].astype(np.float32)
    return np.ascontiguousarray(found, np.float32)
