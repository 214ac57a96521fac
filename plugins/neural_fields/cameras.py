"""Cameras that travel with pictures: where each stood, how it looked, and the rays of its pixels.

Inside this plugin a camera's axes are OpenCV's: x right, y down, z into the picture. World places are
millimetres to the right, to the front and up (RAS).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import ImageStack

    Array = NDArray[np.float64]

Convention = Literal["ask", "OpenCV", "OpenGL"]
INTRINSICS, POSE, TRUE_POSE = "intrinsics", "camera_to_world", "true_camera_to_world"
BOUNDS = tuple(f"bounds_{end}_{axis}" for end in ("low", "high") for axis in "xyz")
CONVENTION = "camera_convention"
_FLIP = np.diag([1.0, -1.0, -1.0, 1.0])  # between the axes of OpenCV and OpenGL


@dataclass(frozen=True, slots=True, eq=False)
class Cameras:
    """Cameras of pictures of one size, in OpenCV axes.

    ``intrinsics`` (n, 3, 3) in pixels, whose centres are whole numbers plus a half; ``poses`` (n, 4, 4)
    from the camera's axes to mm of the world; ``bounds`` (2, 3), the lowest and highest mm of what is
    seen; ``shape`` is (height, width) in pixels.
    """

    intrinsics: Array
    poses: Array
    bounds: Array
    shape: tuple[int, int]

    def __len__(self) -> int:
        return len(self.poses)

    @property
    def centre(self) -> Array:
        """The middle of the bounds, mm (3,)."""
        return np.asarray(self.bounds.mean(axis=0))

    @property
    def half(self) -> float:
        """Half of the longest edge of the bounds, mm."""
        return float((self.bounds[1] - self.bounds[0]).max() / 2)

    def only(self, rows: Any) -> Cameras:
        """Return some of the cameras."""
        return replace(self, intrinsics=self.intrinsics[rows], poses=self.poses[rows])

    def rays(self, number: int) -> tuple[Array, Array]:
        """Return origins in mm and unit directions of a picture's pixels: (height, width, 3) each."""
        height, width = self.shape
        x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
        pixels = np.stack([x, y, np.ones_like(x)], axis=-1)
        turned = self.poses[number, :3, :3] @ np.linalg.inv(self.intrinsics[number])
        directions = pixels @ turned.T
        directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
        origins = np.broadcast_to(self.poses[number, :3, 3], directions.shape)
        return origins, directions

    def coordinates(self, convention: Literal["OpenCV", "OpenGL"]) -> dict[str, Any]:
        """Return the cameras as coordinates of an ``ImageStack``, one number each along ``item``."""
        poses = self.poses if convention == "OpenCV" else self.poses @ _FLIP
        return {
            **columns_of(INTRINSICS, self.intrinsics),
            **columns_of(POSE, poses),
            **dict(zip(BOUNDS, map(float, self.bounds.ravel()), strict=True)),
        }


def in_convention(poses: Array, convention: str) -> Array:
    """Return poses between OpenCV's axes and a convention's: the change is its own inverse."""
    return poses if convention == "OpenCV" else np.asarray(poses @ _FLIP)


def columns_of(name: str, matrices: Array) -> dict[str, tuple[str, Array]]:
    """Return matrices (n, rows, columns) as columns ``name_00`` … along ``item``."""
    n_rows, n_columns = matrices.shape[1:]
    return {
        f"{name}_{row}{column}": ("item", np.ascontiguousarray(matrices[:, row, column]))
        for row in range(n_rows)
        for column in range(n_columns)
    }


def matrices(known: Any, name: str, edge: int) -> Array | None:
    """Return (n, edge, edge) matrices from columns ``name_00`` …, None where one lacks."""
    names = [f"{name}_{row}{column}" for row in range(edge) for column in range(edge)]
    if any(each not in known for each in names):
        return None
    columns = [np.asarray(known[each], float).ravel() for each in names]
    return np.stack(columns, axis=-1).reshape(-1, edge, edge)


def ask_convention(stack: ImageStack | None, convention: Convention) -> None:
    """Refuse where nobody said how the cameras' axes run, or the pictures say otherwise.

    Raises
    ------
    BadInput
        The convention was not chosen, or contradicts the pictures.
    """
    if convention == "ask":
        raise BadInput(
            "Which way do the cameras' axes run? Set 'convention' to OpenCV (x right, y down, z into the "
            "picture) or to OpenGL (x right, y up, z out of it; Blender and NeRF data)."
        )
    said = "" if stack is None else str(stack.array.attrs.get(CONVENTION, ""))
    if said and said != convention:
        raise BadInput(f"The pictures say that their cameras are {said}, not {convention}.")


def read_cameras(stack: ImageStack, convention: Convention, box: float = 0.0) -> Cameras:
    """Return the cameras of pictures, from their coordinates.

    Parameters
    ----------
    stack
        Pictures with ``intrinsics_rc`` (pixels), ``camera_to_world_rc`` (mm) and ``bounds_low_x`` … (mm).
    convention
        How the camera's axes run; never guessed.
    box
        Edge in mm of what is seen, around the place nearest to all lines of sight, where no bounds stand
        beside the pictures.

    Raises
    ------
    BadInput
        No cameras are there, they are no rigid movements, or the bounds are unknown.
    """
    ask_convention(stack, convention)
    array = stack.array
    intrinsics = matrices(array.coords, INTRINSICS, 3)
    poses = matrices(array.coords, POSE, 4)
    if intrinsics is None or poses is None:
        raise BadInput(
            "The pictures have no cameras: coordinates 'intrinsics_00' … 'intrinsics_22' (pixels) and "
            "'camera_to_world_00' … 'camera_to_world_33' (mm) along 'item' are needed."
        )
    _check_rigid(poses)
    poses = in_convention(poses, convention)
    shape = (int(array.sizes["y"]), int(array.sizes["x"]))
    if all(name in array.coords for name in BOUNDS):
        bounds = np.array([float(array.coords[name]) for name in BOUNDS]).reshape(2, 3)
    elif box > 0:
        middle = looked_at(poses)
        bounds = np.stack([middle - box / 2, middle + box / 2])
    else:
        raise BadInput(
            "The pictures do not say what part of space they show. Set 'box' to its edge in mm."
        )
    return Cameras(intrinsics, poses, bounds, shape)


def true_poses(stack: ImageStack, convention: Convention) -> Array | None:
    """Return where the cameras truly were, in OpenCV axes, where the pictures say so (simulated ones)."""
    poses = matrices(stack.array.coords, TRUE_POSE, 4)
    return None if poses is None else in_convention(poses, convention)


def _check_rigid(poses: Array) -> None:
    turns = poses[:, :3, :3]
    off = np.abs(turns @ turns.transpose(0, 2, 1) - np.eye(3)).max()
    if off > 1e-3 or (np.linalg.det(turns) < 0).any():
        raise BadInput(
            f"'camera_to_world' is no rotation: its axes are off by {off:.2g}, or mirrored. "
            "Give the matrix from the camera to the world, without scale."
        )


def looked_at(poses: Array) -> Array:
    """Return the place, mm (3,), that is nearest to all lines of sight."""
    axes = poses[:, :3, 2]
    across = np.eye(3) - axes[:, :, None] * axes[:, None, :]
    found, *_ = np.linalg.lstsq(
        across.sum(axis=0), (across @ poses[:, :3, 3, None]).sum(axis=0), rcond=None
    )
    return np.asarray(found[:, 0])


def look_at(places: Array, target: Array) -> Array:
    """Return poses (n, 4, 4) of cameras at places (n, 3), mm, that look at a target with the head up."""
    forward = target - places
    forward = forward / np.linalg.norm(forward, axis=1, keepdims=True)
    up = np.where(np.abs(forward[:, 2:]) > 0.99, [[0.0, 1.0, 0.0]], [[0.0, 0.0, 1.0]])
    right = np.cross(forward, up)
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    poses = np.tile(np.eye(4), (len(places), 1, 1))
    poses[:, :3, :3] = np.stack([right, np.cross(forward, right), forward], axis=2)
    poses[:, :3, 3] = places
    return poses


def around(bounds: Array, n: int, size: int, angle: float, distance: float) -> Cameras:
    """Return cameras spread evenly over a sphere, all looking at the middle of the bounds.

    Parameters
    ----------
    bounds : array of shape (2, 3)
        Lowest and highest mm of what is seen.
    n, size
        Number of cameras; pixels along each edge of a picture.
    angle
        Field of view in degrees.
    distance
        From the middle, in halves of the longest edge.
    """
    rank = np.arange(n) + 0.5
    height = 1 - 2 * rank / n
    turn = np.pi * (1 + np.sqrt(5)) * rank
    ring = np.sqrt(1 - height**2)
    sphere = np.stack([ring * np.cos(turn), ring * np.sin(turn), height], axis=1)
    middle, half = bounds.mean(axis=0), float((bounds[1] - bounds[0]).max() / 2)
    poses = look_at(middle + distance * half * sphere, middle)
    return Cameras(np.tile(pinhole(size, angle), (n, 1, 1)), poses, bounds, (size, size))


def pinhole(size: int, angle: float) -> Array:
    """Return the intrinsics (3, 3) of a square picture with a field of view of ``angle`` degrees."""
    focal = size / 2 / np.tan(np.radians(angle) / 2)
    return np.array([[focal, 0, size / 2], [0, focal, size / 2], [0, 0, 1.0]])


def angle_between(one: Array, other: Array) -> float:
    """Return the angle in degrees by which two rotations (3, 3) differ."""
    cosine = (np.trace(one.T @ other) - 1) / 2
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
