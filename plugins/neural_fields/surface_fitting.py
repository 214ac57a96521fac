"""A surface as the zero of a distance field, or the half of an occupancy field."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from neurostudio.api import BadInput, Context, Points, Result, Surface, Volume, method, param
from neurostudio.spaces import space_of

from .field_params import SIMULATED, FieldParams, memory_of_fit
from .images import affine_of, codes_of, is_simulated, values_of

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from neurostudio.training import History

    from .fields import Box, Placed

    Array = NDArray[np.float64]

_KEPT = 0.05  # of the places are never shown and tell the error
_FEWEST = 50
_MARGIN = 4.0  # of the smallest voxel edge, around the body


class SurfaceParams(FieldParams):
    """Parameters of :func:`fit_surface`."""

    framework: Literal["sdf", "occupancy"] = param(
        "sdf", "sdf: signed distance in mm; occupancy: the probability of being inside"
    )
    steps: int = param(1500, "Steps of the training", ge=10, le=30_000)
    batch: int = param(4096, "Places of a step", ge=256, le=65_536)
    entries: int = param(14, "A level of the hash grid holds 2 to the power of this", ge=10, le=22)
    resolution: float = param(
        0.0, "Edge of the cubes that the mesh is made from; 0 for the smallest voxel edge", unit="mm", ge=0,
        le=50,
    )  # fmt: skip
    places: int = param(
        400_000, "Places whose distance is learned", ge=2000, le=10_000_000, advanced=True
    )
    near: float = param(
        0.8,
        "Share of them near the surface, spread by 1 and 4 voxels",
        unit="1",
        ge=0,
        le=1,
        advanced=True,
    )
    eikonal: float = param(
        0.02, "Weight of (|gradient| - 1)^2, of siren and sdf; 0 leaves it out and is twice as fast",
        unit="1", ge=0, le=1, advanced=True,
    )  # fmt: skip

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"steps": 800},
        "Standard": {},
        "Paper": {"encoder": "siren", "width": 256, "steps": 3000},
        "GPU": {"entries": 17, "steps": 15_000, "batch": 65_536},
    }


@method(
    group="Train",
    gpu=True,
    example="surface",
    memory=memory_of_fit,
    warnings=SIMULATED
    | {
        "faster without": (
            "For a mask on a grid the distance transform and marching cubes alone are faster and as good; a "
            "field pays where data are points, or where gradients are needed later."
        ),
        "not a ball": (
            "The surface is not like a ball (Euler number other than 2): it has handles or holes. That is "
            "wrong for a brain, and right for a ring."
        ),
        "guessed normals": (
            "The points bring no normals (nx, ny, nz); which side is inside was guessed from their "
            "neighbours."
        ),
    },
)
def fit_surface(context: Context, params: SurfaceParams, body: Volume | Points) -> Result:
    """Fit a field whose level is the surface of a mask or of points, and take the mesh from it.

    ``body`` is a mask (above 0 is inside) or points on a surface with x, y, z in mm, better with normals nx,
    ny, nz. The largest piece is kept.
    """
    from . import surface_reporting
    from .fields import as_model

    source = source_of(context, body)
    placed, history, error = fit(context, params, source)
    grid, affine = source.grid(params.resolution)
    values = placed.on_grid(context, grid, affine, "Filling the grid")
    model = as_model(
        placed, "fit_surface", encoder=params.encoder, seed=context.seed, version=1,
        affine=source.affine.tolist(), data_hash=source.fingerprint,
    )  # fmt: skip
    found = surface_reporting.judge(context, params, source, values, affine, error)
    surface = Surface(found.mesh.vertices, found.mesh.faces, {}, space=placed.space)
    codes = [
        *(["faster without"] if source.mask is not None else []),
        *(["not a ball"] if found.euler != 2 else []),
        *(["guessed normals"] if source.guessed else []),
    ]
    return Result(
        data={"surface": surface, "model": model},
        views=surface_reporting.views_of(source, found, history, placed, params),
        numbers=found.numbers,
        warnings=codes_of([body], *codes),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """What a surface is fitted to: places (n, 3) in mm with their signed distances (n,) in mm.

    ``mask`` with ``affine``, or a cloud of points; ``step`` is the smallest voxel edge, or the distance
    between points, in mm; ``bounds`` (3, 2) hold the body.
    """

    affine: Array
    bounds: Array
    step: float
    distance: Any
    on_surface: Array
    space: str
    simulated: bool
    fingerprint: str
    mask: NDArray[np.bool_] | None = None
    guessed: bool = False

    def places(self, n: int, near: float, random: np.random.Generator) -> tuple[Array, Array]:
        """Return places near the surface and all over, and their signed distances."""
        n_near = round(near * n)
        rows = random.integers(len(self.on_surface), size=n_near)
        spread = np.where(random.random((n_near, 1)) < 0.5, 1.0, 4.0) * self.step
        close = self.on_surface[rows] + spread * random.standard_normal((n_near, 3))
        found = self.within(np.concatenate([close, self._anywhere(n - n_near, random)]))
        return found, self.distance(found)

    def within(self, places: Array) -> Array:
        """Return places, moved to the border of the image or the bounds where they lie outside."""
        from neurostudio.grids import place_of, voxel_of

        if self.mask is None:
            return np.clip(places, *self.bounds.T)
        voxels = np.clip(voxel_of(self.affine, places), 0, np.array(self.mask.shape) - 1.0)
        return place_of(self.affine, voxels)

    def _anywhere(self, n: int, random: np.random.Generator) -> Array:
        from neurostudio.grids import place_of

        if self.mask is None:
            low, high = self.bounds.T
            return np.asarray(low + (high - low) * random.random((n, 3)))
        return place_of(self.affine, random.random((n, 3)) * (np.array(self.mask.shape) - 1))

    def grid(self, resolution: float) -> tuple[tuple[int, int, int], Array]:
        """Return the shape and affine of the grid for the mesh: the mask's own, or along the world's axes."""
        if self.mask is not None and not resolution:
            return (*map(int, self.mask.shape),), self.affine  # type: ignore[return-value]
        step = resolution or self.step
        low, high = self.bounds.T
        n_x, n_y, n_z = (int(each) for each in np.ceil((high - low) / step) + 1)
        affine = np.diag([step, step, step, 1.0])
        affine[:3, 3] = low
        return (n_x, n_y, n_z), affine


def source_of(context: Context, body: Volume | Points) -> Source:
    """Return what a surface is fitted to.

    Raises
    ------
    BadInput
        The mask has no border or touches the image's edge, or there are too few points.
    """
    return _from_mask(context, body) if isinstance(body, Volume) else _from_points(body)


def _from_mask(context: Context, volume: Volume) -> Source:
    from neurostudio.grids import bounds
    from neurostudio.training import hash_of_weights

    from . import meshes
    from .distances import at_places, signed_distance

    mask = np.pad(values_of(volume, "the mask") > 0, 2)  # so that the surface closes
    affine = affine_of(volume).copy()
    affine[:3, 3] -= affine[:3, :3] @ np.full(3, 2.0)
    distances = signed_distance(context, mask, affine)
    mesh = meshes.level_set(distances, affine, 0.0, inside_low=True)
    ends = bounds(mask.shape, affine)
    edges = np.linalg.norm(affine[:3, :3], axis=0)
    return Source(
        affine, ends, float(edges.min()), lambda places: at_places(distances, affine, places),
        meshes.samples(mesh, 100_000, 0)[0], space_of(volume), is_simulated(volume),
        hash_of_weights({"mask": mask, "affine": affine}), mask,
    )  # fmt: skip


def _from_points(points: Points) -> Source:
    from neurostudio.placed import placed
    from neurostudio.training import hash_of_weights

    from .distances import Cloud

    found = placed(points).positions
    if len(found) < _FEWEST:
        raise BadInput(
            f"There are {len(found)} points with a place; at least {_FEWEST} are needed."
        )
    columns = points.table
    given = all(name in columns for name in ("nx", "ny", "nz"))
    normals = None
    if given:
        normals = np.column_stack([np.asarray(columns[name], float) for name in ("nx", "ny", "nz")])
        there = np.isfinite(np.column_stack([np.asarray(columns[a], float) for a in "xyz"])).all(
            axis=1
        )
        normals = normals[there]
    cloud = Cloud(found, normals)
    step = cloud.spacing()
    margin = max(_MARGIN * step, 0.1 * float(np.ptp(found, axis=0).max()))
    ends = np.stack([found.min(axis=0) - margin, found.max(axis=0) + margin], axis=1)
    return Source(
        np.diag([step, step, step, 1.0]), ends, step, cloud.signed_distance, found, space_of(points),
        is_simulated(points), hash_of_weights({"points": found}), guessed=not given,
    )  # fmt: skip


def fit(
    context: Context, params: SurfaceParams, source: Source
) -> tuple[Placed, History, float | None]:
    """Return a field fitted to a source, what happened, and its mean error in mm at places never shown.

    The error is None for occupancy, which has no distances.
    """
    from . import fitting
    from .fields import Placed, box_of

    n_side = int(np.ceil(np.ptp(source.bounds, axis=1).max() / source.step))
    architecture = params.architecture(n_side, omega=15.0)
    network = fitting.new_field(context, architecture, params.framework)
    box = box_of(source.bounds)
    random = np.random.default_rng([context.seed, 32])
    places, distances = source.places(params.places, params.near, random)
    order = random.permutation(len(places))
    places, distances = places[order], distances[order]
    n_kept = round(_KEPT * len(places))
    occupied = params.framework == "occupancy"
    placed = Placed(
        network, box, "occupancy" if occupied else "distance", 1.0 if occupied else box.half, 0.0,
        source.space, source.simulated, source.bounds,
    )  # fmt: skip

    def error() -> float:
        found = placed.piece(places[: min(n_kept, 20_000)])
        truth = distances[: min(n_kept, 20_000)]
        if occupied:
            return float(((found > 0.5) != (truth < 0)).mean())
        return float(abs(found - truth).mean())

    name = "wrong_side" if occupied else "error_mm"
    history = fitting.fit(
        context, network, _drawing(context, params, box, places[n_kept:], distances[n_kept:]),
        _loss_for(params), steps=params.steps, rate=params.learning_rate(smooth=True),
        stage=params.framework, fingerprint=source.fingerprint + params.model_dump_json(),
        validate=lambda: {name: error()}, show=_showing(context, placed, source),
    )  # fmt: skip
    return placed, history, None if occupied else error()


def _drawing(
    context: Context, params: SurfaceParams, box: Box, places: Array, distances: Array
) -> Any:
    import torch

    device = torch.device(context.device)
    rows = torch.as_tensor(box.inside(places), dtype=torch.float32, device=device)
    truth = torch.as_tensor(distances / box.half, dtype=torch.float32, device=device)

    def draw(generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        chosen = torch.randint(len(rows), (params.batch,), generator=generator).to(device)
        return rows[chosen], truth[chosen]

    return draw


def _loss_for(params: SurfaceParams) -> Any:
    """Return the loss of a field and a batch: cross-entropy, or L1 with the eikonal term for sirens."""
    import torch

    def of_occupancy(network: torch.nn.Module, batch: Any) -> torch.Tensor:
        places, truth = batch
        inside = (truth < 0).float()
        found: torch.Tensor = torch.nn.functional.binary_cross_entropy_with_logits(
            network(places), inside
        )
        return found

    def of_distance(network: torch.nn.Module, batch: Any) -> torch.Tensor:
        places, truth = batch
        if params.encoder != "siren" or not params.eikonal:
            plain: torch.Tensor = (network(places) - truth).abs().mean()
            return plain
        places = places.requires_grad_(True)
        found = network(places)
        (slope,) = torch.autograd.grad(found.sum(), places, create_graph=True)
        steep = (slope.norm(dim=1) - 1).square().mean()
        total: torch.Tensor = (found - truth).abs().mean() + params.eikonal * steep
        return total

    return of_occupancy if params.framework == "occupancy" else of_distance


def _showing(context: Context, placed: Placed, source: Source) -> Any:
    from .surface_reporting import section

    def show() -> None:
        context.show("the surface so far", section(placed, source))

    return show
