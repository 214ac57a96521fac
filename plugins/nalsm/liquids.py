"""A liquid: neurons on a grid, who projects to whom, and the inputs' wires."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, Connectome, TrainedModel
from neurostudio.spiking.connections import Connections, from_matrix
from neurostudio.spiking.wiring import by_distance, fixed_total

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]

PROBABILITY = np.array([[0.2, 0.1], [0.3, 0.05]])  # sender E, I by receiver E, I
INPUT_SHARE = 0.15
DENSE = 2000  # neurons up to which the whole matrix is handed on


@dataclass(frozen=True, slots=True, eq=False)
class Liquid:
    """Neurons on a grid and their wires.

    ``places`` (n, 3) in grid steps, ``excitatory`` (n,). ``inner`` joins the neurons, ``outer`` the inputs to
    them; weights are signed, in model units.
    """

    places: Array
    excitatory: NDArray[np.bool_]
    inner: Connections
    outer: Connections

    def __len__(self) -> int:
        return len(self.places)

    def weighted(self, inner: Array, outer: Array) -> Liquid:
        """Return the same wiring with other weights."""
        return replace(self, inner=self.inner.weighted(inner), outer=self.outer.weighted(outer))

    def fixed(self, weight: float) -> Liquid:
        """Return the same wiring with every weight of one magnitude, signs kept."""
        signs = np.where(self.excitatory[self.inner.sources()], 1.0, -1.0)
        return self.weighted(weight * signs, weight * np.sign(self.outer.all_weights()))

    def groups(self) -> dict[str, Array]:
        """Return the magnitudes of the weights of each group of synapses."""
        own = self.excitatory[self.inner.sources()]
        inner, outer = self.inner.all_weights(), self.outer.all_weights()
        return {
            "excitatory": np.abs(inner[own]), "inhibitory": np.abs(inner[~own]), "input": np.abs(outer),
        }  # fmt: skip


def build(
    shape: tuple[int, ...], share: float, reach: float, n_inputs: int, weight: float, seed: int
) -> Liquid:
    """Return a liquid on a grid, all weights of one magnitude.

    ``P(i -> j) = C exp(-(distance / reach)^2)`` with C 0.2 (E to E), 0.1 (E to I), 0.3 (I to E) and 0.05
    (I to I), no neuron to itself; exactly 15 % of the pairs of input and neuron are joined, with a sign at
    random (section 3 of the paper, released code).
    """
    random = np.random.default_rng([seed, 101])
    places = np.indices(shape).reshape(3, -1).T.astype(float)
    n = len(places)
    excitatory = np.zeros(n, bool)
    excitatory[random.permutation(n)[: round(share * n)]] = True
    kind = np.where(excitatory, 0, 1)
    peak = PROBABILITY.astype(np.float32)[kind[:, None], kind]
    inner = by_distance(places, places, peak, reach, random)
    outer = wired(n_inputs, n, weight, random)
    return Liquid(places, excitatory, inner.weighted(np.ones(inner.n_synapses)), outer).fixed(
        weight
    )


def wired(n_inputs: int, n: int, weight: float, random: np.random.Generator) -> Connections:
    """Return the wires of inputs: exactly 15 % of all pairs, signs at random."""
    wires = fixed_total(n_inputs, n, round(INPUT_SHARE * n_inputs * n), random)
    return wires.weighted(random.choice([-weight, weight], wires.n_synapses))


def as_connectome(liquid: Liquid) -> Connectome:
    """Return the weights from neuron to neuron, or the means of the populations of a large liquid."""
    import xarray

    kinds = np.where(liquid.excitatory, "excitatory", "inhibitory")
    if len(liquid) > DENSE:
        return _populations(liquid, kinds)
    names = [f"{kind[0].upper()} {k}" for k, kind in enumerate(kinds)]
    coords: dict[str, Any] = {"source": names, "target": names, "type": ("source", kinds)}
    coords |= {axis: ("source", liquid.places[:, k]) for k, axis in enumerate("xyz")}
    attrs = {"unit": "model unit", "directed": True, "simulated": True}
    return Connectome(
        xarray.DataArray(
            liquid.inner.dense(), dims=("source", "target"), coords=coords, attrs=attrs
        )
    )


def _populations(liquid: Liquid, kinds: Array) -> Connectome:
    import xarray

    names = ["excitatory", "inhibitory"]
    sums = np.zeros((2, 2))
    sources, targets = liquid.inner.sources(), liquid.inner.targets
    place = (kinds == "inhibitory").astype(int)
    np.add.at(sums, (place[sources], place[targets]), liquid.inner.all_weights())
    sizes = np.bincount(place, minlength=2)
    means = sums / np.maximum(np.outer(sizes, sizes), 1)
    coords = {"source": names, "target": names, "type": ("source", names)}
    attrs = {"unit": "mean weight of a pair, model unit", "directed": True, "simulated": True}
    return Connectome(
        xarray.DataArray(means, dims=("source", "target"), coords=coords, attrs=attrs)
    )


def from_connectome(given: Connectome, n_inputs: int, weight: float, seed: int) -> Liquid:
    """Return a liquid whose inner wires are those of a connectome; inputs are wired anew.

    Raises
    ------
    BadInput
        The nodes have no type ``excitatory`` or ``inhibitory``, or the matrix is of populations.
    """
    matrix = given.matrix
    if "type" not in matrix.coords or "time" in matrix.dims:
        raise BadInput(
            "The connectome does not say which nodes are excitatory and which inhibitory. Use one of "
            "'Build liquid', or give its nodes a column 'type'."
        )
    kinds = matrix["type"].to_numpy().astype(str)
    if len(kinds) < 8 or not set(kinds) <= {"excitatory", "inhibitory"}:
        raise BadInput(
            f"The connectome has {len(kinds)} nodes of the types {', '.join(sorted(set(kinds))[:4])}; a "
            "liquid takes 8 or more, each 'excitatory' or 'inhibitory'."
        )
    excitatory = kinds == "excitatory"
    values = np.abs(np.nan_to_num(matrix.to_numpy().astype(float)))
    np.fill_diagonal(values, 0.0)
    signed = values * np.where(excitatory, 1.0, -1.0)[:, None]
    places = np.zeros((len(kinds), 3))
    for k, axis in enumerate("xyz"):
        if axis in matrix.coords:
            places[:, k] = matrix[axis].to_numpy()
    random = np.random.default_rng([seed, 101])
    outer = wired(n_inputs, len(kinds), weight, random)
    return Liquid(places, excitatory, from_matrix(signed), outer)


def as_weights(liquid: Liquid) -> dict[str, Array]:
    """Return the arrays of a liquid by name, for a model."""
    found: dict[str, Array] = {
        "places": liquid.places,
        "excitatory": liquid.excitatory.astype(np.uint8),
    }
    for name, wires in (("inner", liquid.inner), ("outer", liquid.outer)):
        found |= {
            f"{name}.starts": wires.starts, f"{name}.targets": wires.targets,
            f"{name}.weights": np.ascontiguousarray(wires.all_weights(), float),
        }  # fmt: skip
    return found


def from_weights(weights: Mapping[str, Array]) -> Liquid:
    """Return the liquid that :func:`as_weights` wrote.

    Raises
    ------
    BadInput
        The model holds no liquid.
    """
    if not {"places", "excitatory", "inner.starts", "outer.starts"} <= set(weights):
        raise BadInput("The model holds no liquid. Choose one that 'Self-organise' has made.")
    places = np.asarray(weights["places"])

    def wires(name: str) -> Connections:
        arrays = (
            np.asarray(weights[f"{name}.{each}"]) for each in ("starts", "targets", "weights")
        )
        return Connections(len(places), *arrays)

    excitatory = np.asarray(weights["excitatory"]).astype(bool)
    return Liquid(places, excitatory, wires("inner"), wires("outer"))


def liquid_of(model: TrainedModel) -> Liquid:
    """Return the liquid of a model; :class:`BadInput` where it holds none."""
    return from_weights(model.weights)
