"""What a law of motion is: its variables, its equations, its spike and its reset, each said once."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from neurostudio.errors import BadInput

State = Any  # indexable by variable: a tuple, an array (n_variables,) or (n_variables, n_neurons)
Equations = Callable[[State, Any, Any], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Law:
    """A neuron or a rate model; times in ms, potentials in mV where there are any.

    Parameters
    ----------
    name, title
        For the program and for a person.
    variables
        The first is the one that is driven, seen and compared with the threshold.
    defaults
        Parameters and their values.
    derivative
        ``(state, current, parameters) -> derivatives per ms``; plain arithmetic and NumPy functions, so
        that it serves one neuron in compiled code and a population in NumPy.
    initial
        ``parameters -> state``.
    threshold
        ``(state, parameters) -> value``: the law spikes where the first variable reaches it; none for a law
        without spikes.
    reset
        ``(state, parameters) -> state`` after a spike; none where a spike is a crossing and resets nothing.
    """

    name: str
    title: str
    variables: tuple[str, ...]
    defaults: dict[str, float]
    derivative: Equations
    initial: Callable[[Any], tuple[float, ...]]
    threshold: Callable[[State, Any], Any] | None = None
    reset: Callable[[State, Any], tuple[Any, ...]] | None = None
    source: str = ""
    _kind: list[type] = field(default_factory=list, repr=False, compare=False)

    @property
    def crosses(self) -> bool:
        """Whether a spike is an upward crossing that resets nothing."""
        return self.threshold is not None and self.reset is None

    def parameters(self, **changed: Any) -> Any:
        """Return all parameters as a named tuple: numbers, or arrays with one value a neuron.

        Raises
        ------
        BadInput
            A name that the law does not have.
        """
        strange = sorted(set(changed) - set(self.defaults))
        if strange:
            known = ", ".join(self.defaults)
            raise BadInput(f"{self.title} has no parameter {strange[0]}; it has {known}.")
        if not self._kind:
            self._kind.append(namedtuple("Parameters", tuple(self.defaults)))
        return self._kind[0](**{**self.defaults, **changed})

    def start(self, n: int, parameters: Any) -> np.ndarray[Any, np.dtype[Any]]:
        """Return the state of ``n`` neurons at rest, shape (n_variables, n)."""
        return np.stack([np.broadcast_to(value, n) for value in self.initial(parameters)]).astype(
            float
        )
