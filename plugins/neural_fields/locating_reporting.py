"""What the search for slices reports: poses, pictures beside the slices found, and the planes in space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Brain, Images, Lines, Number, Sheet, score
from neurostudio.scores import bootstrap, interval

from .cameras import angle_between
from .slice_search import pixels_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from neurostudio.api import Context, View

    from .slice_search import Found, Ground

    Array = Any

_BLOCK, _DRAWS, _RANDOM = 8, 300, 40
_POOR, _SAME_LOSS, _OTHER_ANGLE, _OTHER_PLACE = 0.5, 0.02, 10.0, 10.0
_SHOWN = 4


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A picture, its pixel's edge in mm, the poses found for it, and the true one where it is known."""

    name: str
    picture: Array
    pixel: float
    found: list[Found]
    truth: Array | None


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Table, views, numbers and warnings of a search."""

    frame: pd.DataFrame
    views: tuple[View, ...]
    numbers: Mapping[str, Number]
    codes: list[str]


def slice_at(ground: Ground, pose: Array, shape: tuple[int, int], pixel: float) -> Array:
    """Return the values (height, width) of the volume on a plane; 0 outside."""
    from scipy import ndimage

    from neurostudio.grids import voxel_of

    places = pixels_of(shape, pixel) @ pose[:3, :3].T + pose[:3, 3]
    voxels = np.moveaxis(voxel_of(ground.affine, places), -1, 0)
    return np.asarray(
        ndimage.map_coordinates(ground.values, voxels, order=1, mode="constant"), float
    )


def ncc(one: Array, other: Array) -> float:
    """Return the normalised cross-correlation; 0 where one is constant."""
    a, b = one - one.mean(), other - other.mean()
    size = np.linalg.norm(a) * np.linalg.norm(b)
    return float((a * b).sum() / size) if size > 0 else 0.0


def report(context: Context, ground: Ground, rows: Sequence[Row], space: str) -> Told:
    """Return what there is to tell."""
    import pandas as pd

    columns: dict[str, list[Any]] = {}
    numbers: dict[str, Number] = {}
    codes: list[str] = []
    slices = []
    for row in rows:
        best = row.found[0]
        seen = slice_at(ground, best.pose, (row.picture.shape[0], row.picture.shape[1]), row.pixel)
        slices.append(seen)
        tail = f", {row.name}" if len(rows) > 1 else ""
        found = _score(ground, row, seen, context.seed)
        numbers[f"correlation{tail}"] = found
        gap = row.found[1].loss - best.loss if len(row.found) > 1 else np.nan
        codes += ["poor agreement"] if found.value < _POOR else []
        codes += ["several poses"] if _ambiguous(row, gap) else []
        errors = _errors(row)
        for name, value in errors.items():
            numbers[f"{name}{tail}"] = value
        _add(columns, row, found.value, gap, errors)
    return Told(
        pd.DataFrame(columns),
        (
            _pairs(rows, slices),
            _planes(ground, rows, space),
            Lines(
                np.arange(1, len(rows[0].found[0].losses) + 1) * 10.0,
                np.array([each.found[0].losses for each in rows]), tuple(each.name for each in rows),
                x_label="step", y_label="1 - correlation", y_unit="1", title="The last search",
            ),
            Sheet({k: [round(v, 3) if isinstance(v, float) else v for v in each]
                   for k, each in columns.items()}, title="Poses"),
        ),
        numbers,
        sorted(set(codes)),
    )  # fmt: skip


def _score(ground: Ground, row: Row, seen: Array, seed: int) -> Number:
    """Return the correlation with its interval over blocks; chance: the mean over planes anywhere."""
    from .slice_search import starts_around

    height, width = row.picture.shape
    y, x = np.indices((height, width)) // _BLOCK
    groups = [str(each) for each in (y * (width // _BLOCK + 1) + x).ravel()]
    a, b = row.picture.ravel(), seen.ravel()
    low, high = interval(
        bootstrap(lambda some: ncc(a[some], b[some]), groups, draws=_DRAWS, seed=seed)
    )
    middle = np.eye(4)
    middle[:3, 3] = ground.middle
    planes = starts_around(middle, _RANDOM + 1, 180.0, ground.half / 3, seed + 1)[1:]
    chance = np.mean(
        [ncc(a, slice_at(ground, pose, (height, width), row.pixel).ravel()) for pose in planes]
    )
    return score(
        ncc(a, b), low=low, high=high, chance=float(chance), baseline=None,
        note=f"chance: the mean of {_RANDOM} planes anywhere; interval over blocks of {_BLOCK} pixels",
    )  # fmt: skip


def _ambiguous(row: Row, gap: float) -> bool:
    if len(row.found) < 2 or gap > _SAME_LOSS:
        return False
    one, other = row.found[0].pose, row.found[1].pose
    away = float(np.linalg.norm(one[:3, 3] - other[:3, 3]))
    return angle_between(one[:3, :3], other[:3, :3]) > _OTHER_ANGLE or away > _OTHER_PLACE


def _errors(row: Row) -> dict[str, Number]:
    if row.truth is None:
        return {}
    pose = row.found[0].pose
    return {
        "angle to the true plane": Number(angle_between(pose[:3, :3], row.truth[:3, :3]), "deg"),
        "distance to the true middle": Number(
            float(np.linalg.norm(pose[:3, 3] - row.truth[:3, 3])), "mm"
        ),
    }


def _add(
    columns: dict[str, list[Any]], row: Row, value: float, gap: float, errors: Mapping[str, Number]
) -> None:
    pose = row.found[0].pose
    values: dict[str, Any] = {
        "id": row.name,
        "correlation": value,
        "gap to the next start": float(gap),
    }
    for name, vector in (("middle", pose[:3, 3]), ("across", pose[:3, 0]), ("down", pose[:3, 1])):
        values |= {f"{name}_{axis}": float(each) for axis, each in zip("xyz", vector, strict=True)}
    values |= {name: each.value for name, each in errors.items()}
    for name, each in values.items():
        columns.setdefault(name, []).append(each)


def _pairs(rows: Sequence[Row], slices: Sequence[Array]) -> Images:
    pixels, names = [], []
    for row, seen in list(zip(rows, slices, strict=True))[:_SHOWN]:
        for name, each in ((row.name, row.picture), ("slice found", seen)):
            low, peak = float(each.min()), float(np.ptp(each)) or 1.0
            pixels.append((each - low) / peak)
            names.append(name)
    return Images(
        np.stack(pixels), tuple(names), columns=2, title="Pictures and slices",
        caption="On the left the picture, on the right the volume on the plane that was found.",
    )  # fmt: skip


def _planes(ground: Ground, rows: Sequence[Row], space: str) -> Brain:
    """Return the outlines of the planes in the body's surface."""
    from scipy import ndimage

    from .meshes import level_set

    every = max(1, int(np.ceil(max(ground.values.shape) / 64)))
    soft = ndimage.gaussian_filter(ground.values, every)[::every, ::every, ::every]
    affine = ground.affine.copy()
    affine[:3, :3] *= every
    level = float(soft.min() + 0.25 * np.ptp(soft))
    mesh = level_set(np.pad(soft, 1, constant_values=soft.min()), affine_before(affine), level,
                     inside_low=False)  # fmt: skip
    points: list[Any] = []
    edges: list[tuple[int, int]] = []
    names: list[str] = []
    for row in rows:
        height, width = row.picture.shape
        corners = pixels_of((height, width), row.pixel)[[0, 0, -1, -1], [0, -1, -1, 0]]
        pose = row.found[0].pose
        first = len(points)
        points += list(corners @ pose[:3, :3].T + pose[:3, 3])
        edges += [(first + k, first + (k + 1) % 4) for k in range(4)]
        names += [row.name, "", "", ""]
    return Brain(
        vertices=mesh.vertices, faces=mesh.faces, points=np.array(points), point_names=tuple(names),
        edges=np.array(edges), weights=np.ones(len(edges)), space=space, title="Planes in space",
        caption="The frames are the pictures where they were found; the name is at the upper left.",
    )  # fmt: skip


def affine_before(affine: Array) -> Array:
    """Return the affine of a grid that begins one voxel earlier along each axis."""
    moved = affine.copy()
    moved[:3, 3] -= affine[:3, :3] @ np.ones(3)
    return np.asarray(moved)
