"""Plasticity by spike traces with a third factor, event by event, compiled.

Each neuron keeps a trace that a spike raises and that decays by a factor a step. Where sender and receiver of
a synapse meet, its weight changes by

    gain_post[kind] x trace of the sender      when the receiver spikes,
    gain_pre[kind]  x trace of the receiver    when the sender spikes.

The gains belong to the kind of the sender (input, excitatory, inhibitory ...) and are read anew in every
step: what writes them is the third factor (a rate of depression that an astrocyte sets, a reward, a decay).
Gates for each receiver allow rises or falls alone. Only synapses of neurons that spike are touched.

The caller's step: :func:`change` with the spikes of the step, then :func:`mark` for both populations; traces
then hold the spikes *before* a step, and a pair at lag ``n`` steps meets a trace of ``jump x decay**n``.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(
    "void(float64[::1], float64, float64, int32[::1], int64)",
    cache=True,
    nogil=True,
)
def mark(trace, decay, jump, spiked, n_spiked):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Let the traces of a population pass one step: ``x <- decay * (x + jump * spike)``.

    Parameters
    ----------
    trace : array of shape (n,), changed
    decay, jump
        A factor a step, and what a spike adds before it.
    spiked : array of shape (n,)
        The first ``n_spiked`` are the neurons that spike in this step.
    """
    for k in range(n_spiked):
        trace[spiked[k]] += jump
    for k in range(trace.shape[0]):
        trace[k] *= decay


@njit(
    "void(int64[::1], int32[::1], float64[::1], int64[::1], int32[::1], int64[::1],"
    " int32[::1], int64, boolean[::1], float64[::1],"
    " int32[::1], int64, boolean[::1], float64[::1],"
    " int8[::1], float64[:,::1], float64[:,::1], float64[::1], float64[::1], float64[::1], float64[::1])",
    cache=True,
    nogil=True,
)
def change(  # type: ignore[no-untyped-def]  # noqa: ANN201
    starts, targets, weights, in_starts, in_sources, in_synapses,  # noqa: ANN001
    pre, n_pre, pre_now, pre_trace,  # noqa: ANN001
    post, n_post, post_now, post_trace,  # noqa: ANN001
    kinds, gains, bounds, may_rise, may_fall, level, current,  # noqa: ANN001
):  # fmt: skip
    """Change the weights of one projection by the spikes of one step.

    Both changes of a synapse whose ends spike in the same step are added before the weight is held to its
    bounds.

    Parameters
    ----------
    starts, targets, weights
        The arrays of :class:`~neurostudio.spiking.connections.Connections`; ``weights`` changes.
    in_starts, in_sources, in_synapses
        The arrays of its :class:`~neurostudio.spiking.connections.Incoming`.
    pre, post : arrays of shape (n_sources,), (n_targets,)
        The first ``n_pre`` (``n_post``) spike in this step.
    pre_now, post_now : arrays of shape (n_sources,), (n_targets,)
        True for these.
    pre_trace, post_trace : arrays of shape (n_sources,), (n_targets,)
    kinds : array of shape (n_sources,)
    gains : array of shape (n_kinds, 2)
        ``gain_post`` and ``gain_pre``.
    bounds : array of shape (n_kinds, 2)
        Least and largest weight.
    may_rise, may_fall : arrays of shape (n_targets,)
        1 where weights onto a receiver may become larger (smaller), their sign counted, else 0; or a part
        of the change.
    level : array of shape (n_sources,)
        What part of its weight each sender delivers now (:mod:`neurostudio.spiking.ages`); zeros for
        synapses that deliver at the moment of a spike alone.
    current : array of shape (n_targets,), changed
        The standing current, which follows the weights.
    """
    effect = np.empty(kinds.shape[0])
    for source in range(kinds.shape[0] if n_post else 0):
        effect[source] = gains[kinds[source], 0] * pre_trace[source]
    for k in range(n_post):
        target = post[k]
        rise, fall, trace = may_rise[target], may_fall[target], post_trace[target]
        moved = 0.0
        for place in range(in_starts[target], in_starts[target + 1]):
            source = in_sources[place]
            first = effect[source]
            if first != 0.0 or pre_now[source]:
                kind, synapse = kinds[source], in_synapses[place]
                second = gains[kind, 1] * trace if pre_now[source] else 0.0
                old = weights[synapse]
                new = old + (max(first, 0.0) + max(second, 0.0)) * rise
                new += (min(first, 0.0) + min(second, 0.0)) * fall
                new = min(max(new, bounds[kind, 0]), bounds[kind, 1])
                weights[synapse] = new
                moved += (new - old) * level[source]
        current[target] += moved
    for k in range(n_pre):
        source = pre[k]
        kind, heard = kinds[source], level[source]
        gain, low, high = gains[kind, 1], bounds[kind, 0], bounds[kind, 1]
        for synapse in range(starts[source], starts[source + 1]):
            target = targets[synapse]
            if not post_now[target]:
                second = gain * post_trace[target]
                old = weights[synapse]
                new = (
                    old + max(second, 0.0) * may_rise[target] + min(second, 0.0) * may_fall[target]
                )
                new = min(max(new, low), high)
                weights[synapse] = new
                current[target] += (new - old) * heard
