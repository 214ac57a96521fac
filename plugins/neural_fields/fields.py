"""A fitted field with its place in the world: asked in pieces, kept as a model, built again from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch

from neurostudio.api import BadInput, TrainedModel

from .encoders import Field, build

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from neurostudio.api import Context

    Array = NDArray[np.float64]

Kind = Literal["intensity", "distance", "occupancy"]
CHUNK = 65_536  # places that are asked for at once
UNITS = {"intensity": "1", "distance": "mm", "occupancy": "1"}


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """The cube that is -1 to 1 for the network: ``centre`` (3,) and ``half`` its edge, in mm of the world.

    One length for all axes: where each axis had its own, distances and their gradients would be wrong.
    """

    centre: Array
    half: float

    def inside(self, places: Array) -> Array:
        """Return places (..., 3) in mm as the network takes them."""
        return (np.asarray(places, float) - self.centre) / self.half


def box_of(bounds: Array, margin: float = 0.0) -> Box:
    """Return the cube around bounds (3, 2) in mm, as large as their largest extent and a margin in mm."""
    low, high = np.asarray(bounds, float).T
    return Box((low + high) / 2, float((high - low).max()) / 2 + margin)


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A network with its cube, and how its output becomes a value: ``offset + scale * output``.

    Of ``kind`` ``"occupancy"`` the value is the sigmoid of the output; ``"distance"`` is in mm, negative
    inside.
    """

    network: Field
    box: Box
    kind: Kind
    scale: float = 1.0
    offset: float = 0.0
    space: str = ""
    simulated: bool = False
    bounds: Array | None = None

    def piece(self, places: Array) -> NDArray[np.float32]:
        """Return the values (n,) at places (n, 3) in mm, all at once."""
        device = next(self.network.parameters()).device
        rows = torch.as_tensor(self.box.inside(places), dtype=torch.float32, device=device)
        with torch.no_grad():
            return self.value(self.network(rows)).cpu().numpy()

    def value(self, output: torch.Tensor) -> torch.Tensor:
        """Return the values of the network's outputs."""
        return output.sigmoid() if self.kind == "occupancy" else self.offset + self.scale * output

    def at(self, context: Context, places: Array, label: str = "Asking the field") -> Array:
        """Return the values (n,) at places (n, 3) in mm, piece by piece."""
        found = np.empty(len(places), np.float32)
        for start in context.track(range(0, len(places), CHUNK), label):
            found[start : start + CHUNK] = self.piece(places[start : start + CHUNK])
        return found.astype(float)

    def on_grid(
        self,
        context: Context,
        shape: tuple[int, ...],
        affine: Array,
        label: str = "Filling the grid",
    ) -> NDArray[np.float32]:
        """Return the values on a grid of voxels; the places stream, only the values are held."""
        found = np.empty(int(np.prod(shape)), np.float32)
        for start in context.track(range(0, len(found), CHUNK), label):
            flat = np.arange(start, min(start + CHUNK, len(found)))
            voxels = np.stack(np.unravel_index(flat, shape), axis=1)
            found[flat] = self.piece(voxels @ affine[:3, :3].T + affine[:3, 3])
        return found.reshape(shape)


def as_model(placed: Placed, method: str, *, half: bool = False, **facts: Any) -> TrainedModel:
    """Return a field as a model: weights, in 16 bits if ``half``, and plain values."""
    kind: Any = np.float16 if half else np.float32
    weights = {
        name: value.detach().cpu().numpy().astype(kind)
        for name, value in placed.network.state_dict().items()
    }
    config = {
        "framework": placed.kind, "architecture": placed.network.architecture.as_plain(),
        "centre": [float(each) for each in placed.box.centre], "half": placed.box.half,
        "scale": placed.scale, "offset": placed.offset, "space": placed.space,
        "simulated": placed.simulated,
        "bounds": None if placed.bounds is None else placed.bounds.tolist(), **facts,
    }  # fmt: skip
    return TrainedModel(weights, config, method)


def from_model(model: TrainedModel, device: str = "cpu") -> Placed:
    """Return the field that a model holds.

    Raises
    ------
    BadInput
        The model is no field of this plugin, or its weights do not fit.
    """
    config: Mapping[str, Any] = model.config
    if "architecture" not in config or config.get("framework") not in UNITS:
        raise BadInput(
            f"The model was trained by {model.method}; give one of fit_volume, super_resolve or fit_surface."
        )
    network = build(config["architecture"])
    state = {name: torch.as_tensor(np.array(v, np.float32)) for name, v in model.weights.items()}
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise BadInput(f"The weights do not fit the model's architecture: {error}") from error
    bounds = config.get("bounds")
    return Placed(
        network.to(device).eval(), Box(np.array(config["centre"], float), float(config["half"])),
        config["framework"], float(config["scale"]), float(config["offset"]),
        str(config["space"]), bool(config["simulated"]),
        None if bounds is None else np.array(bounds, float),
    )  # fmt: skip
