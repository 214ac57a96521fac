"""Meshes in mm: where a field crosses a level, their pieces and holes, and how far two of them lie apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Faces = NDArray[np.int64]

SAMPLES = 30_000


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """``vertices`` (n, 3) in mm and ``faces`` (m, 3), whose normals look outward."""

    vertices: Array
    faces: Faces


def level_set(values: NDArray[Any], affine: Array, level: float, *, inside_low: bool) -> Mesh:
    """Return the surface where values on a grid cross a level, by marching cubes.

    ``inside_low`` says that the body is where the values are below the level.

    Raises
    ------
    BadInput
        The values do not cross the level.
    """
    from skimage import measure

    from neurostudio.grids import place_of

    if not values.min() < level < values.max():
        raise BadInput(
            f"The field runs from {values.min():.3g} to {values.max():.3g} and never crosses {level:g}: it "
            "has no surface. Fit it longer, or check the mask."
        )
    cubes: Any = measure.marching_cubes
    direction = "ascent" if inside_low else "descent"
    vertices, faces, _, _ = cubes(
        np.asarray(values, np.float32), level, gradient_direction=direction
    )
    places = place_of(affine, vertices)
    faces = np.asarray(faces, np.int64)
    mesh = Mesh(places, faces)
    return mesh if volume(mesh) >= 0 else Mesh(places, faces[:, ::-1].copy())


def pieces(mesh: Mesh) -> tuple[int, Mesh]:
    """Return how many pieces a mesh has, and the one with the most faces."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    n = len(mesh.vertices)
    ends = mesh.faces[:, [0, 1, 1, 2]].reshape(-1, 2)
    joined = coo_matrix((np.ones(len(ends)), ends.T), shape=(n, n))
    count, labels = connected_components(joined, directed=False)
    of_faces = labels[mesh.faces[:, 0]]
    largest = np.bincount(of_faces).argmax()
    faces = mesh.faces[of_faces == largest]
    used, renamed = np.unique(faces, return_inverse=True)
    return int(count), Mesh(mesh.vertices[used], renamed.reshape(faces.shape).astype(np.int64))


def euler_number(mesh: Mesh) -> int:
    """Return vertices - edges + faces: 2 for what is like a ball, 0 for what is like a ring.

    Examples
    --------
    >>> faces = np.array([[0, 1, 2], [0, 3, 1], [0, 2, 3], [1, 3, 2]])
    >>> euler_number(Mesh(np.eye(4, 3), faces))
    2
    """
    ends = np.sort(mesh.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    n_used = len(np.unique(mesh.faces))
    return n_used - len(np.unique(ends, axis=0)) + len(mesh.faces)


def volume(mesh: Mesh) -> float:
    """Return the volume in mm3 that a closed mesh holds; negative where its normals look inward."""
    a, b, c = (mesh.vertices[mesh.faces[:, k]] - mesh.vertices.mean(axis=0) for k in range(3))
    return float(np.einsum("na,na->", a, np.cross(b, c)) / 6)


def areas(mesh: Mesh) -> Array:
    """Return the areas (m,) of the faces in mm2."""
    return np.asarray(np.linalg.norm(_normals(mesh), axis=1) / 2)


def _normals(mesh: Mesh) -> Array:
    a, b, c = (mesh.vertices[mesh.faces[:, k]] for k in range(3))
    return np.asarray(np.cross(b - a, c - a))


def samples(mesh: Mesh, n: int, seed: int) -> tuple[Array, Array]:
    """Return points (n, 3) spread evenly over a mesh, and the unit normals (n, 3) there."""
    random = np.random.default_rng([seed, 31])
    normals = _normals(mesh)
    size = np.linalg.norm(normals, axis=1)
    rows = random.choice(len(size), n, p=size / size.sum())
    u, v = random.random((2, n, 1))
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    a, b, c = (mesh.vertices[mesh.faces[rows, k]] for k in range(3))
    return a + u * (b - a) + v * (c - a), normals[rows] / size[rows, None]


@dataclass(frozen=True, slots=True)
class Apart:
    """How far two surfaces lie apart, in mm, from points spread over both.

    ``hd95`` is the 95th percentile of the distances, the larger of both ways; ``chamfer`` the sum of the mean
    distances of both ways; ``floor`` is the Chamfer distance of two draws of points of the *same* surface.
    """

    hd95: float
    chamfer: float
    floor: float


def apart(truth: Mesh, found: Mesh, seed: int, n: int = SAMPLES) -> Apart:
    """Return how far two surfaces lie apart."""
    from scipy.spatial import cKDTree

    first, again, other = (
        samples(mesh, n, seed + k)[0] for k, mesh in enumerate((truth, truth, found))
    )
    trees = [cKDTree(each) for each in (first, again, other)]
    there, back = trees[2].query(first)[0], trees[0].query(other)[0]
    floor = trees[1].query(first)[0].mean() + trees[0].query(again)[0].mean()
    hd95 = max(np.percentile(there, 95), np.percentile(back, 95))
    return Apart(float(hd95), float(there.mean() + back.mean()), float(floor))
