"""Clearance, angle, length and cost of straight ways through a field of distances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, Points, Surface
from neurostudio.placed import placed

from .distances import Cloud, at_places, signed_distance
from .images import affine_of, values_of
from .meshes import Mesh, samples, volume

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from neurostudio.api import Context, Volume
    from neurostudio.placed import Placed

    from .trajectory_planning import PlanParams

    Array = NDArray[np.float64]

_AT_ONCE = 1000  # shafts
_CLOSED = 0.02  # of the cube of a mesh's extent: below this volume a mesh is a sheet, not a body


@dataclass(frozen=True, slots=True, eq=False)
class Obstacles:
    """Signed distances in mm to several obstacles, each on its own grid."""

    distances: tuple[Array, ...]
    affines: tuple[Array, ...]

    @classmethod
    def of(cls, context: Context, volumes: Sequence[Volume], threshold: float) -> Obstacles:
        """Return the distances to where images are above a threshold.

        Raises
        ------
        BadInput
            An image holds no obstacle at all, or nothing else.
        """
        found = []
        names = context.names.get("obstacles") or [f"obstacle {k + 1}" for k in range(len(volumes))]
        for k, each in enumerate(context.track(volumes, "Distances to the obstacles")):
            mask = values_of(each, names[k]) > threshold
            if not mask.any() or mask.all():
                what = "no voxel" if not mask.any() else "every voxel"
                raise BadInput(
                    f"In {names[k]}, {what} is above {threshold:g}: that is no obstacle."
                )
            found.append(signed_distance(context, mask, affine_of(each)))
        return cls(tuple(found), tuple(map(affine_of, volumes)))

    def at(self, places: Array) -> tuple[Array, NDArray[np.bool_]]:
        """Return the distance to the nearest obstacle (n,), and which places an image does not show."""
        from neurostudio.grids import voxel_of

        nearest, beyond = np.full(len(places), np.inf), np.zeros(len(places), bool)
        for distances, affine in zip(self.distances, self.affines, strict=True):
            nearest = np.minimum(nearest, at_places(distances, affine, places))
            voxels = voxel_of(affine, places)
            beyond |= ((voxels < -0.5) | (voxels > np.array(distances.shape) - 0.5)).any(axis=1)
        return nearest, beyond


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Places (n, 3) in mm to enter at, and the outward unit normals (n, 3) there."""

    places: Array
    normals: Array
    guessed: bool


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """All ways to one target: entries (n, 3), and for each clearance, length in mm, angle in deg, cost.

    ``beyond`` says that some places lie outside of the images; ``order`` ranks the ways, the feasible first.
    """

    name: str
    target: Array
    entries: Array
    clearance: Array
    length: Array
    angle: Array
    cost: Array
    feasible: NDArray[np.bool_]
    beyond: bool
    order: NDArray[np.intp]


def targets_of(points: Points) -> Placed:
    """Return the targets' names and places.

    Raises
    ------
    BadInput
        There is none.
    """
    found = placed(points)
    if not len(found.positions):
        raise BadInput("There is no target: the points have no x, y and z in mm.")
    return found


def entries_of(given: Surface | Points, targets: Array, n: int, seed: int) -> Entries:
    """Return places to enter at: spread evenly over a surface, or the points themselves.

    The normals of a closed surface look outward; those of a patch, and of points, away from the targets.
    """
    if isinstance(given, Surface):
        if not len(given.faces):
            raise BadInput("The entry surface has no faces.")
        mesh = Mesh(given.vertices, given.faces)
        places, normals = samples(mesh, n, seed)
        held = volume(mesh)
        if abs(held) > _CLOSED * float(np.ptp(given.vertices, axis=0).max()) ** 3:
            return Entries(places, normals * np.sign(held), guessed=False)
        return Entries(places, _away(places, normals, targets), guessed=False)
    places = placed(given).positions
    if not len(places):
        raise BadInput("There is no entry: the points have no x, y and z in mm.")
    rows = np.random.default_rng([seed, 41]).permutation(len(places))[:n]
    table = given.table
    if all(name in table for name in ("nx", "ny", "nz")):
        normals = np.column_stack([np.asarray(table[name], float) for name in ("nx", "ny", "nz")])
        return Entries(places[rows], Cloud(places, normals).normals[rows], guessed=False)
    outward = places - targets.mean(axis=0)
    outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-12)
    normals = Cloud(places).normals if len(places) > 50 else outward
    return Entries(places[rows], _away(places, normals, targets)[rows], guessed=True)


def _away(places: Array, normals: Array, targets: Array) -> Array:
    outward = ((places - targets.mean(axis=0)) * normals).sum(axis=1, keepdims=True)
    return np.where(outward < 0, -normals, normals)


def plan(
    context: Context,
    params: PlanParams,
    field: Obstacles,
    starts: Entries,
    name: str,
    target: Array,
) -> Plan:
    """Return all ways from the entries to one target, ranked."""
    ways = target - starts.places
    length = np.linalg.norm(ways, axis=1)
    inward = ways / np.maximum(length[:, None], 1e-12)
    angle = np.degrees(np.arccos(np.clip(-(inward * starts.normals).sum(axis=1), -1, 1)))
    clearance, crowded = np.empty(len(ways)), np.empty(len(ways))
    beyond = False
    for start in context.track(range(0, len(ways), _AT_ONCE), f"Ways to {name}"):
        some = slice(start, start + _AT_ONCE)
        distance, outside = along(params, field, starts.places[some], target)
        counted = np.where(_before_zone(params, length[some]), distance, np.inf)
        clearance[some] = counted.min(axis=1)
        span = params.comfortable - params.clearance
        crowded[some] = np.clip((params.comfortable - distance) / span, 0, 1).mean(axis=1)
        beyond |= bool(outside.any())
    cost = (
        crowded
        + params.length_weight * length / params.length
        + params.angle_weight * angle / max(params.angle, 1e-9)
    )
    feasible = (clearance > params.clearance) & (angle < params.angle) & (length < params.length)
    lacking = _lacking(params, clearance, angle, length)
    order = np.lexsort((cost, lacking, ~feasible))
    return Plan(
        name, target, starts.places, clearance, length, angle, cost, feasible, beyond, order
    )


def along(
    params: PlanParams, field: Obstacles, entries: Array, target: Array
) -> tuple[Array, NDArray[np.bool_]]:
    """Return the clearance of the shaft's surface (n, samples) in mm, from the entry on."""
    share = np.linspace(0, 1, params.samples)[None, :, None]
    places = entries[:, None] + share * (target - entries[:, None])
    distance, beyond = field.at(places.reshape(-1, 3))
    shape = places.shape[:2]
    return distance.reshape(shape) - params.radius, beyond.reshape(shape)


def _before_zone(params: PlanParams, length: Array) -> Any:
    """Return which places (n, samples) count: all but the last millimetres; the entry always does."""
    left = length[:, None] * np.linspace(1, 0, params.samples)
    counted = left >= params.zone
    counted[:, 0] = True
    return counted


def _lacking(params: PlanParams, clearance: Array, angle: Array, length: Array) -> Array:
    """Return by how much a way misses the limits, as shares of them; 0 where it keeps them all."""
    return (
        np.maximum(0, params.clearance - clearance) / max(params.clearance, 1.0)
        + np.maximum(0, angle - params.angle) / max(params.angle, 1.0)
        + np.maximum(0, length - params.length) / params.length
    )
