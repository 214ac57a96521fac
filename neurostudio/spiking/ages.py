"""Synapses that depend on the age of the sender's last spike, and on nothing before it, compiled.

A spike sets the level of its sender to a peak; the level then decays by a factor a step. A target receives
the sum of weight x level. Kept as one standing current a target, so that a step costs the spikes times their
targets, never all synapses: earlier spikes do not add up, a new one only renews the level.

The caller's step, in this order: :func:`renew` with the spikes of the step, use ``current``,
:func:`grow_older`. A synapse whose weight changes by ``d`` while its sender's level is ``u`` changes the
standing current of its target by ``d * u`` (:mod:`neurostudio.spiking.traces` does so).

Source: the synapse of the neuron-astrocyte liquid, Ivanov and Michmizos, arXiv 2111.01760, released code.
"""

from __future__ import annotations

from numba import njit

FORGOTTEN = (
    1e-18  # a level below it counts as none: it is lost in rounding, and tiny numbers are slow
)


@njit(
    "void(int64[::1], int32[::1], float64[::1], int32[::1], int64, float64, float64[::1], float64[::1])",
    cache=True,
    nogil=True,
)
def renew(starts, targets, weights, spiked, n_spiked, peak, level, current):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Set the level of the senders that spiked to the peak, and the currents of their targets with it.

    Parameters
    ----------
    starts, targets, weights
        The arrays of :class:`~neurostudio.spiking.connections.Connections`, one weight a synapse.
    spiked : array of shape (n_sources,)
        The first ``n_spiked`` are the senders that spike in this step.
    peak
        The level at age 0; ``1 / tau`` in the released code of NALSM.
    level : array of shape (n_sources,), changed
    current : array of shape (n_targets,), changed
        In the unit of weight x level.
    """
    for k in range(n_spiked):
        source = spiked[k]
        rise = peak - level[source]
        level[source] = peak
        for synapse in range(starts[source], starts[source + 1]):
            current[targets[synapse]] += weights[synapse] * rise


@njit("void(float64, float64[::1])", cache=True, nogil=True)
def grow_older(decay, values):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Let levels, or standing currents, decay by one step.

    Parameters
    ----------
    decay
        ``exp(-step / tau)``; the same for all senders of a current.
    values : array of shape (n,), changed
    """
    for k in range(values.shape[0]):
        value = values[k] * decay
        values[k] = value if abs(value) > FORGOTTEN else 0.0
