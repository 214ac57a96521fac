"""The parameters and warnings that the methods on fields share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from neurostudio.api import BadInput, Estimate, Params, param

if TYPE_CHECKING:
    from neurostudio.api import Items

    from .encoders import Architecture

SIMULATED = {"simulated": "The data are simulated."}
VISUAL_AID = "Research visual aid, not for clinical use"
TORCH = 400_000_000  # bytes that torch takes by itself
_AT_A_POINT = {
    "hash": 3600,
    "siren": 24,
    "fourier": 16,
    "voxel": 400,
}  # bytes a unit of the network


class FieldParams(Params):
    """What makes a field."""

    encoder: Literal["hash", "siren", "fourier", "voxel"] = param(
        "hash",
        "hash: best and fast; siren: few numbers, smooth; fourier: random waves; voxel: a grid",
    )
    steps: int = param(600, "Steps of the training", ge=10, le=30_000)
    batch: int = param(8192, "Places of a step", ge=256, le=65_536)
    rate: float = param(
        0.0, "Learning rate; 0 for 0.01 (hash), 0.0005 (siren), 0.001 (fourier), 0.05 (voxel)", unit="1",
        ge=0, le=1, advanced=True,
    )  # fmt: skip
    width: int = param(128, "Units a layer, of siren and fourier", ge=16, le=512, advanced=True)
    depth: int = param(3, "Layers, of siren and fourier", ge=1, le=8, advanced=True)
    levels: int = param(8, "Levels of the hash grid", ge=2, le=16, advanced=True)
    entries: int = param(15, "A level of the hash grid holds 2 to the power of this", ge=10, le=22)
    features: int = param(2, "Numbers an entry of the hash grid holds", ge=1, le=8, advanced=True)
    finest: int = param(
        0, "Cells a side of the finest grid; 0 for the voxels along the volume's longest side", ge=0, le=2048,
        advanced=True,
    )  # fmt: skip
    omega: float = param(
        0.0, "How fast a siren may oscillate; 0 for 30, and 15 for distances", unit="1", ge=0, le=60,
        advanced=True,
    )  # fmt: skip
    sigma: float = param(
        2.0, "Spread of the random waves of fourier; 6 is too much for a brain", unit="1", ge=0.5, le=20,
        advanced=True,
    )  # fmt: skip

    def architecture(self, finest: int, *, omega: float = 30.0) -> Architecture:
        """Return the network for a grid with so many cells along its longest side."""
        from .encoders import Architecture

        return Architecture(
            self.encoder, self.width, self.depth, self.levels, self.entries, self.features,
            self.finest or max(16, min(2048, finest)), self.omega or omega, self.sigma,
        )  # fmt: skip

    def learning_rate(self, smooth: bool = False) -> float:
        """Return the learning rate: as given, else what suits the encoder."""
        usual = {"hash": 1e-2, "siren": 1e-3 if smooth else 5e-4, "fourier": 1e-3, "voxel": 0.05}
        return self.rate or usual[self.encoder]


def memory_of_fit(params: Any, items: Items) -> Estimate:
    """Return what voxels, tables and one step's places take."""
    n_voxels = 0
    for given in items.values():
        for each in given if isinstance(given, tuple) else (given,):
            n_voxels += each.nbytes()
    per_place = _AT_A_POINT[params.encoder] * (
        1 if params.encoder in {"hash", "voxel"} else 3 * params.width
    )
    grids = 16 * params.levels * params.features * 2**params.entries
    nbytes = TORCH + 6 * n_voxels + grids + params.batch * per_place
    return Estimate(nbytes, "Use smaller images, fewer entries or a smaller batch.")


def check_space(items: Items) -> None:
    """Refuse inputs whose millimetres are not those of one space."""
    from neurostudio.spaces import relation, space_of

    named = [
        (name, each)
        for name, given in items.items()
        for each in (given if isinstance(given, tuple) else (given,))
    ]
    first, one = named[0]
    for name, each in named[1:]:
        found = relation(space_of(one), space_of(each))
        if not found.linked:
            raise BadInput(f"'{first}' and '{name}' do not lie in one space. {found.note}")


def longest_side(shape: tuple[int, ...], affine: Any) -> int:
    """Return how many of the smallest voxel edges the longest extent of an image has."""
    import numpy as np

    edges = np.linalg.norm(np.asarray(affine, float)[:3, :3], axis=0)
    if not (edges > 0).all():
        raise BadInput("The affine of the image is broken: a voxel has an edge of 0 mm.")
    return int(np.ceil((np.array(shape[:3]) * edges).max() / edges.min()))
