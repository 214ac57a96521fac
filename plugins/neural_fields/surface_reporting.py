"""What the fit of a surface reports: mesh, distances to what it was fitted to, and the way there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Brain, Heatmap, Lines, Number, Report, score

from . import meshes
from .images import SIMULATED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neurostudio.api import Context, View
    from neurostudio.training import History

    from .fields import Placed
    from .meshes import Mesh
    from .surface_fitting import Source, SurfaceParams

    Array = Any

_DRAWS = 500
_BLOCK = 8
_SECTION = 96  # pixels along the section's longer side


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The mesh of a fit, the number that tells its holes, the distances to the truth, and the scores."""

    mesh: Mesh
    euler: int
    away: Array
    numbers: Mapping[str, Number]


def judge(
    context: Context, params: SurfaceParams, source: Source, values: Array, affine: Array,
    error: float | None,
) -> Found:  # fmt: skip
    """Return the mesh of the largest piece, and how near it is to what it was fitted to."""
    occupied = params.framework == "occupancy"
    level = 0.5 if occupied else 0.0
    n_pieces, mesh = meshes.pieces(meshes.level_set(values, affine, level, inside_low=not occupied))
    euler = meshes.euler_number(mesh)
    numbers: dict[str, Number] = {}
    if source.mask is not None:
        if values.shape == source.mask.shape:
            inside = values > level if occupied else values < level
            numbers["IoU"] = overlap(source.mask, inside, context.seed)
        numbers |= _distances(source, mesh, context.seed)
    if error is not None:
        numbers["mean error of the distance"] = Number(
            error, "mm", note="at places never shown, four fifths of them near the surface"
        )
    away = source.distance(mesh.vertices)
    numbers["largest distance from the data's surface"] = Number(float(abs(away).max()), "mm")
    numbers |= {
        "volume": Number(meshes.volume(mesh) / 1e6, "L"),
        "area": Number(float(meshes.areas(mesh).sum()) / 100, "cm2"),
        "pieces": Number(n_pieces, note="before the largest was taken"),
        "Euler number": Number(euler, note="2 for what is like a ball, 0 for a ring"),
    }
    return Found(mesh, euler, away, numbers)


def overlap(truth: Array, guess: Array, seed: int) -> Number:
    """Return intersection over union with its interval over blocks; chance: as many voxels anywhere."""
    both, either = _sums(truth & guess), _sums(truth | guess)
    both, either = both[either > 0], either[either > 0]
    draws = np.random.default_rng([seed, 33]).multinomial(
        len(both), np.full(len(both), 1 / len(both)), size=_DRAWS
    )
    low, high = np.percentile((draws @ both) / np.maximum(draws @ either, 1), [2.5, 97.5])
    a, b = truth.mean(), guess.mean()
    chance = a * b / (a + b - a * b)
    value = both.sum() / either.sum()
    return score(
        float(value), low=float(low), high=float(high), chance=float(chance), baseline=1.0,
        note="baseline: distance transform and marching cubes give the mask itself; interval over blocks of "
        "8 voxels",
    )  # fmt: skip


def _sums(values: Array) -> Array:
    found = values.astype(float)
    for axis in range(3):
        found = np.add.reduceat(found, np.arange(0, values.shape[axis], _BLOCK), axis=axis)
    return found.ravel()


def _distances(source: Source, mesh: Mesh, seed: int) -> dict[str, Number]:
    assert source.mask is not None  # noqa: S101
    truth = meshes.level_set(source.mask.astype(np.float32), source.affine, 0.5, inside_low=False)
    found = meshes.apart(truth, mesh, seed)
    words = f"{meshes.SAMPLES:,} points on each surface"
    return {
        "HD95": Number(found.hd95, "mm", note=f"95th percentile, the larger of both ways; {words}"),
        "Chamfer": Number(
            found.chamfer, "mm", baseline=found.floor,
            note=f"both ways; {words}; baseline: two draws of points of the same surface, the floor",
        ),
    }  # fmt: skip


def views_of(
    source: Source, found: Found, history: History, placed: Placed, params: SurfaceParams
) -> tuple[View, ...]:
    """Return the mesh coloured by its distance to the data, the way of the fit, a section, and words."""
    name = "wrong_side" if params.framework == "occupancy" else "error_mm"
    label, unit = ("on the wrong side", "1") if params.framework == "occupancy" else ("error", "mm")
    steps = np.arange(1, len(history.epochs) + 1) * (history.steps / max(1, len(history.epochs)))
    return (
        Brain(
            vertices=found.mesh.vertices, faces=found.mesh.faces, values=found.away[None], diverging=True,
            value_label="outside (+) or inside (-) of the data's surface", value_unit="mm",
            space=source.space, title="Surface",
            caption="The largest piece, coloured by its distance to what it was fitted to.",
        ),
        Lines(
            steps, np.array([history.column(name)]), x_label="step", y_label=label, y_unit=unit, log_y=True,
            title="The way of the fit", caption="At places that were never shown.",
        ),
        section(placed, source),
        Report(text=_words(found, source), title="In words"),
    )  # fmt: skip


def _words(found: Found, source: Source) -> str:
    lines = [f"- {name}: {number}" for name, number in found.numbers.items()]
    if source.mask is not None:
        lines.append(
            "\nThe mask is on a grid: its distance transform and marching cubes alone are faster."
        )
    if source.simulated:
        lines.append(f"\nThe data are {SIMULATED}.")
    return "\n".join(lines)


def section(placed: Placed, source: Source) -> Heatmap:
    """Return the field on the axial plane through the middle, with its surface as a line."""
    from skimage import measure

    low, high = source.bounds.T
    step = float((high - low)[:2].max()) / _SECTION
    x, y = (np.arange(low[k], high[k] + step / 2, step) for k in range(2))
    z = float(source.on_surface[:, 2].mean())
    grid = np.stack(np.meshgrid(x, y, [z], indexing="ij"), axis=-1).reshape(-1, 3)
    values = placed.piece(grid).reshape(len(x), len(y)).T.astype(float)
    occupied = placed.kind == "occupancy"
    contours: Any = measure.find_contours
    lines = contours(values, 0.5 if occupied else 0.0)
    outlines = tuple(np.column_stack([low[0] + each[:, 1] * step, low[1] + each[:, 0] * step])
                     for each in lines)  # fmt: skip
    return Heatmap(
        values[::-1], x=x, y=y[::-1], x_label="right", x_unit="mm", y_label="front", y_unit="mm",
        value_label="probability of being inside" if occupied else "signed distance",
        value_unit="" if occupied else "mm", diverging=not occupied, outlines=outlines,
        title="Section", caption=f"The axial plane at {round(z) + 0} mm; the line is the surface.",
    )  # fmt: skip
