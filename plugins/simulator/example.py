"""Small networks with a known answer."""

from __future__ import annotations

from neurostudio.api import Example


def network() -> Example:
    """Return a balanced network of 400 neurons."""
    return Example({"n_neurons": 400, "duration": 0.2})


def neuron() -> Example:
    """Return a Hodgkin-Huxley neuron that fires."""
    return Example({"duration": 0.1, "onset": 0.01})


def curve() -> Example:
    """Return a leaky neuron whose rates theory gives."""
    return Example(
        {
            "n_currents": 9,
            "highest": 30.0,
            "duration": 0.5,
            "dt": 0.00005,
            "changes": ["rest=0", "reset=0", "threshold=10", "tau=20", "refractory=5"],
        }
    )


def plane() -> Example:
    """Return FitzHugh and Nagumo's plane, where the fixed point is an unstable focus."""
    return Example({"n_trajectories": 2, "duration": 0.1})


def changes() -> Example:
    """Return FitzHugh and Nagumo's law, which has Hopf bifurcations at 0.3313 and 1.4187."""
    return Example({"n_values": 9, "cycles": False})
