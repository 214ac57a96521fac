"""A network in words: JSON that is checked, never run."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from neurostudio.api import BadInput, Text

Spread = float | list[float] | tuple[Literal["normal", "uniform"], float, float]
"""A number, a list with one each, or ``["normal", mean, s.d.]``, ``["uniform", low, high]``."""

Connectivity = Literal[
    "fixed probability",
    "fixed number of targets",
    "fixed number of sources",
    "fixed total",
    "small world",
    "scale-free",
    "power law",
    "distance",
    "grid",
    "one to one",
    "all to all",
    "given",
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PopulationPart(_Part):
    """Neurons of one law; ``start`` and ``parameters`` by name."""

    name: str
    size: Annotated[int, Field(ge=1, le=4_000_000)]
    law: str = "lif"
    kind: Literal["E", "I", ""] = ""
    parameters: dict[str, Spread] = {}
    start: dict[str, Spread] = {}
    drive: Spread = 0.0
    noise: Annotated[float, Field(ge=0)] = 0.0


class SourcePart(_Part):
    """Neurons that only send: a Poisson process of a rate in Hz."""

    name: str
    size: Annotated[int, Field(ge=1)]
    rate: Annotated[float, Field(ge=0)] = 10.0


class ProjectionPart(_Part):
    """Synapses from one population to another; times in ms.

    ``number`` counts targets, sources, edges or neighbours, as the connectivity needs; ``share`` is the
    probability, the share of rewired edges or of closed triangles; ``reach`` is in steps of a grid.
    ``pairs`` are ``[source, target, weight]`` for ``given``.
    """

    source: str
    target: str
    connectivity: Connectivity = "fixed probability"
    share: Annotated[float, Field(ge=0, le=1)] = 0.02
    number: Annotated[int, Field(ge=0)] = 10
    reach: Annotated[float, Field(gt=0)] = 3.0
    itself: bool = True
    pairs: list[tuple[int, int, float]] = []
    synapse: str = "exponential"
    synapse_parameters: dict[str, float] = {}
    output: Literal["current", "conductance", "magnesium"] = "current"
    reversal: float = 0.0
    weight: float | tuple[Literal["normal", "uniform"], float, float] = 1.0
    delay: Annotated[float, Field(ge=0)] = 0.0
    short_term: dict[str, float] | None = None
    plasticity: dict[str, float | str] | None = None


class NetworkDescription(_Part):
    """A whole network; times in ms, potentials in mV, all else in the units of its laws."""

    title: str = "Network"
    dt: Annotated[float, Field(gt=0)] = 0.1
    solver: str = "exponential_euler"
    populations: Annotated[list[PopulationPart], Field(min_length=1)]
    sources: list[SourcePart] = []
    projections: list[ProjectionPart] = []

    def text(self) -> str:
        """Return it as JSON, without what is left at its default."""
        return json.dumps(self.model_dump(mode="json", exclude_defaults=True), indent=1)

    @property
    def n_neurons(self) -> int:
        """Number of neurons."""
        return sum(each.size for each in self.populations)


def read(text: Text | str) -> NetworkDescription:
    """Return the network that a text describes.

    Raises
    ------
    BadInput
        It is no JSON, or a part of it is unknown or missing: the first fault is named.
    """
    words = text.text if isinstance(text, Text) else text
    try:
        return NetworkDescription.model_validate_json(words)
    except ValidationError as error:
        first: Any = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the text"
        raise BadInput(
            f"The description of the network does not fit at {place}: {first['msg']}. It is JSON with "
            "'populations' and 'projections'; write one out with 'Export network' to see the form."
        ) from None
