"""Parameters of the networks and the words that stand beside every simulated result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from neurostudio.api import Params, param

WARNINGS = {
    "simulated data": "Simulated data: it shows what the equations do, not what a brain does.",
    "single precision": "Computed in single precision: rates agree with double precision, spikes do not.",
    "reduced": "Connectome reduced to populations: there are too many neurons for a matrix.",
    "trains": "Only some of the neurons are kept as spike trains; rates count all of them.",
}
NAMED = Literal[
    "COBA-LIF",
    "COBA-HH",
    "CUBA-LIF",
    "Izhikevich",
    "multi-area",
    "from connectome",
    "described",
]


class NetworkParams(Params):
    """Which network."""

    network: NAMED = param(
        "COBA-LIF",
        "Which network: balanced with conductances (COBA) or currents (CUBA), leaky or Hodgkin-Huxley "
        "neurons, Izhikevich's; areas (their five strongest inputs) or neurons wired by a Connectome; a Text",
    )
    n_neurons: int = param(
        4000, "Neurons, four fifths of them excitatory", unit="1", ge=10, le=4_000_000
    )
    dt: float = param(0.0001, "Step of time", unit="s", ge=1e-6, le=0.01)
    connection_probability: float = param(
        0.02, "Chance that one neuron projects to another", unit="1", ge=0, le=1, advanced=True
    )
    excitatory_weight: float = param(
        0.6,
        "Excitatory conductance of one spike, in units of the leak (LIF) or nS (HH)",
        unit="1",
        ge=0,
        le=1000,
        advanced=True,
    )
    inhibitory_weight: float = param(
        6.7, "Inhibitory conductance of one spike, as above", unit="1", ge=0, le=1000, advanced=True
    )
    scale_weights: bool = param(
        True,
        "Divide weights by neurons / 4000, as the published scripts do: large networks are then quieter",
        advanced=True,
    )
    external_current: float = param(
        0.020, "Constant input: resistance times current", unit="V", ge=-0.1, le=0.2, advanced=True
    )
    delay: float = param(
        0.0, "Delay of every synapse; 0 for one step", unit="s", ge=0, le=0.1, advanced=True
    )
    signs: Literal["all excitatory", "a fifth inhibitory, drawn", "all inhibitory"] = param(
        "a fifth inhibitory, drawn",
        "What nodes of a connectome do, which no connectome says (from connectome only)",
        advanced=True,
    )
    connectome_weight: float = param(
        0.01,
        "Potential that the strongest connection adds (from connectome only)",
        unit="V",
        ge=0,
        le=1,
        advanced=True,
    )
    noise: float = param(
        0.002,
        "Noise of the input of each node, per square root of a millisecond",
        unit="V",
        ge=0,
        le=1,
        advanced=True,
    )
    conduction_speed: float = param(
        10.0,
        "Speed along connections whose nodes have places; delays come from it",
        unit="m/s",
        gt=0,
        le=1000,
        advanced=True,
    )


class SimulateParams(NetworkParams):
    """Parameters of :func:`simulate_network`."""

    duration: float = param(1.0, "Time that passes in the network", unit="s", ge=0.001, le=3600)
    backend: Literal["auto", "numba", "torch", "numpy"] = param(
        "auto",
        "Compiled (numba), torch (COBA-LIF and CUBA-LIF without inputs) or plain NumPy; auto is compiled, "
        "and torch for more than 100,000 neurons where there is a graphics card",
        advanced=True,
    )
    precision: Literal["single", "double"] = param(
        "single", "Number type of the state", advanced=True
    )
    solver: Literal["exponential_euler", "euler", "rk4"] = param(
        "exponential_euler", "How the equations are integrated", advanced=True
    )
    connectivity: Literal["stored", "regenerated"] = param(
        "stored",
        "Stored, or drawn anew from a seed at every spike: slower, but needs no memory (COBA-LIF only)",
        advanced=True,
    )
    input_probability: float = param(
        0.1,
        "Chance that a given spike train reaches an excitatory neuron",
        unit="1",
        ge=0,
        le=1,
        advanced=True,
    )
    input_weight: float = param(
        1.0,
        "Weight of a spike of a given train, in the unit of the network's weights",
        unit="1",
        ge=-1000,
        le=1000,
        advanced=True,
    )
    n_recorded: int = param(10, "Neurons of each population whose potential is kept", ge=0, le=1000)
    record_every: float = param(0.001, "How often the potential is kept", unit="s", gt=0, le=1)
    n_trains: int = param(
        1000, "At most so many neurons are kept as spike trains", ge=1, le=100_000, advanced=True
    )
    show_every: float = param(
        0.05, "How often the live pictures are renewed", unit="s", ge=0.02, le=10, advanced=True
    )
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"duration": 0.2},
        "Standard": {"duration": 1.0},
        "Paper, scale 1": {"duration": 5.0},
        "Paper, scale 4": {"duration": 5.0, "n_neurons": 16_000},
        "Paper, scale 10": {"duration": 5.0, "n_neurons": 40_000},
    }
