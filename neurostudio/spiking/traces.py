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
    "float64(float64, float64, float64, boolean, boolean)", cache=True, nogil=True, inline="always"
)
def gated(weight, from_post, from_pre, may_rise, may_fall):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Return a weight after both of its changes, each only where its gate is open."""
    if (from_post > 0.0 and may_rise) or (from_post < 0.0 and may_fall):
        weight += from_post
    if (from_pre > 0.0 and may_rise) or (from_pre < 0.0 and may_fall):
        weight += from_pre
    return weight


@njit(
    "void(int64[::1], int32[::1], float64[::1], int64[::1], int32[::1], int64[::1],"
    " int32[::1], int64, boolean[::1], float64[::1],"
    " int32[::1], int64, boolean[::1], float64[::1],"
    " int8[::1], float64[:,::1], float64[:,::1], boolean[::1], boolean[::1], float64[::1], float64[::1])",
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
        Whether weights onto a receiver may become larger, or smaller, by their sign.
    level : array of shape (n_sources,)
        What part of its weight each sender delivers now (:mod:`neurostudio.spiking.ages`); zeros for
        synapses that deliver at the moment of a spike alone.
    current : array of shape (n_targets,), changed
        The standing current, which follows the weights.
    """
    for k in range(n_post):
        target = post[k]
        for place in range(in_starts[target], in_starts[target + 1]):
            source = in_sources[place]
            from_post = gains[kinds[source], 0] * pre_trace[source]
            from_pre = gains[kinds[source], 1] * post_trace[target] if pre_now[source] else 0.0
            if from_post != 0.0 or from_pre != 0.0:
                synapse = in_synapses[place]
                old = weights[synapse]
                new = gated(old, from_post, from_pre, may_rise[target], may_fall[target])
                new = min(max(new, bounds[kinds[source], 0]), bounds[kinds[source], 1])
                weights[synapse] = new
                current[target] += (new - old) * level[source]
    for k in range(n_pre):
        source = pre[k]
        gain, low, high = (
            gains[kinds[source], 1],
            bounds[kinds[source], 0],
            bounds[kinds[source], 1],
        )
        for synapse in range(starts[source], starts[source + 1]):
            target = targets[synapse]
            from_pre = gain * post_trace[target]
            if from_pre != 0.0 and not post_now[target]:
                old = weights[synapse]
                new = gated(old, 0.0, from_pre, may_rise[target], may_fall[target])
                new = min(max(new, low), high)
                weights[synapse] = new
                current[target] += (new - old) * level[source]
