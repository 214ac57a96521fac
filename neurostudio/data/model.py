"""A trained network: weights, and the plain values from which its method builds it again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from neurostudio.data.base import Data
from neurostudio.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from neurostudio.data.base import Fact

WEIGHTS = "weights.safetensors"
DESCRIPTION = "model.json"


@dataclass(frozen=True, slots=True, eq=False)
class TrainedModel(Data):
    """A trained network: weights, and the plain values from which its method builds it again."""

    weights: Mapping[str, NDArray[Any]]
    config: Mapping[str, Any]
    method: str

    def summary(self) -> str:
        """Return method and size in one line."""
        return f"trained by {self.method}, {self._n_parameters():,} parameters"

    def facts(self) -> Mapping[str, Fact]:
        """Return the metadata: the plain values of the configuration are among them."""
        plain = {
            f"configuration: {key}": value
            for key, value in self.config.items()
            if isinstance(value, str | int | float | bool)
        }
        return {
            "shape": [self._n_parameters()],
            "dimensions": ["parameter"],
            "unit": "arbitrary",
            "method": self.method,
            "arrays": len(self.weights),
            **plain,
        }

    def names(self, what: str) -> tuple[str, ...]:
        """Return ``weights`` (the names of the arrays), or what the configuration lists: ``components``."""
        if what == "weights":
            return tuple(self.weights)
        listed = self.config.get(what) if what == "components" else None
        return tuple(map(str, listed)) if isinstance(listed, list | tuple) else ()

    def nbytes(self) -> int:
        """Return the bytes of all weights."""
        return sum(int(array.nbytes) for array in self.weights.values())

    def save(self, folder: Path) -> None:
        """Write safetensors and JSON."""
        import numpy as np
        from safetensors.numpy import save_file

        arrays = {name: np.array(array, order="C") for name, array in self.weights.items()}
        save_file(arrays, folder / WEIGHTS)
        description = {
            "method": self.method,
            "config": dict(self.config),
            "weights": list(self.weights),
        }
        write_atomically(folder / DESCRIPTION, json.dumps(description, indent=1))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read safetensors and JSON."""
        from safetensors.numpy import load_file

        description = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        arrays = load_file(folder / WEIGHTS)
        weights = {name: arrays[name] for name in description["weights"]}
        return cls(weights, description["config"], str(description["method"]))

    def _n_parameters(self) -> int:
        return sum(int(array.size) for array in self.weights.values())
