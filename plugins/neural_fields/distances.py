"""Signed distances in mm to the border of a mask or to a cloud of points: negative inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Context

    Array = NDArray[np.float64]

_NEIGHBOURS = 12


def signed_distance(context: Context, mask: NDArray[np.bool_], affine: Array) -> Array:
    """Return the signed distance in mm of every voxel's centre to the mask's border, negative inside.

    The distance to the nearest centre on the other side, less half a voxel: outside d - h / 2, inside
    -(d - h / 2). On voxels that are no cubes h is the voxel's extent along the way to that centre.

    Raises
    ------
    BadInput
        The mask holds nothing, or everything.
    """
    from scipy import ndimage

    if not mask.any() or mask.all():
        held = "nothing" if not mask.any() else "every voxel"
        raise BadInput(f"The mask holds {held}; it has no border.")
    edges = np.linalg.norm(np.asarray(affine, float)[:3, :3], axis=0)
    found = np.zeros(mask.shape)
    grid = np.indices(mask.shape, dtype=np.int32)
    for side, sign in context.track(((~mask, 1.0), (mask, -1.0)), "Distances"):
        distance, nearest = ndimage.distance_transform_edt(
            side, sampling=edges, return_indices=True
        )
        way = (nearest - grid) * edges[:, None, None, None]
        share = way / np.maximum(distance, 1e-12)
        half = np.sqrt(((share * edges[:, None, None, None]) ** 2).sum(axis=0)) / 2
        found += np.where(side, sign * (distance - half), 0.0)
    return found


def at_places(distances: Array, affine: Array, places: Array) -> Array:
    """Return distances (n,) between voxels, linearly; outside the image those of its edge.

    ``places`` (n, 3) in mm.
    """
    from scipy import ndimage

    from neurostudio.grids import voxel_of

    voxels = voxel_of(affine, places).T
    return np.asarray(ndimage.map_coordinates(distances, voxels, order=1, mode="nearest"), float)


class Cloud:
    """Points on a surface with outward normals, and the signed distance to it (Hoppe et al. 1992)."""

    def __init__(self, places: Array, normals: Array | None = None) -> None:
        from scipy.spatial import cKDTree

        self.places = np.asarray(places, float)
        self.tree = cKDTree(self.places)
        if normals is None:
            normals = self._estimated()
        self.normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)

    def signed_distance(self, places: Array) -> Array:
        """Return the distance in mm of places (n, 3): of three neighbours' planes near, of points far."""
        far, nearest = self.tree.query(places, k=3)
        ways = places[:, None] - self.places[nearest]
        along = np.einsum("nka,nka->nk", ways, self.normals[nearest]).mean(axis=1)
        spacing = self.spacing()
        size = np.where(far[:, 0] < 2 * spacing, abs(along), far[:, 0])
        return np.asarray(np.where(along < 0, -size, size))

    def spacing(self) -> float:
        """Return the median distance in mm from a point to its nearest neighbour."""
        return float(np.median(self.tree.query(self.places[:2000], k=2)[0][:, 1]))

    def _estimated(self) -> Array:
        """Return normals from the nearest points, turned one way along the tree that joins them all."""
        from scipy.sparse import coo_matrix
        from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

        n, k = len(self.places), min(_NEIGHBOURS, len(self.places) - 1)
        _, near = self.tree.query(self.places, k=k + 1)
        ways = self.places[near] - self.places[near].mean(axis=1, keepdims=True)
        _, axes = np.linalg.eigh(np.einsum("nka,nkb->nab", ways, ways))
        normals = axes[:, :, 0]
        rows, columns = np.repeat(np.arange(n), k), near[:, 1:].ravel()
        costs = 1.01 - abs(np.einsum("na,na->n", normals[rows], normals[columns]))
        joined: Any = minimum_spanning_tree(coo_matrix((costs, (rows, columns)), shape=(n, n)))
        first = int(np.argmax(self.places[:, 2]))  # the top looks up
        order, parents = breadth_first_order(joined, first, directed=False)
        if len(order) < n:
            raise BadInput(
                f"The points lie in pieces: {n - len(order):,} of {n:,} are not joined to the others. Give "
                "one surface at a time, or normals as columns nx, ny, nz."
            )
        if normals[first, 2] < 0:
            normals[first] *= -1
        for child in order[1:]:
            if normals[child] @ normals[parents[child]] < 0:
                normals[child] *= -1
        return np.asarray(normals)
