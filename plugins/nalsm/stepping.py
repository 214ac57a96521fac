"""One presentation of one sample, all steps in one compiled call."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from neurostudio.spiking.ages import grow_older, renew
from neurostudio.spiking.traces import change, mark

LEAK, THRESHOLD, REFRACTORY = 1.0 / 64.0, 20.0, 2  # a step; model units; steps (ms)
AGE_DECAY = float(np.exp(-1.0))  # tau_u is 1 ms for every neuron, as in the released code
TRACE_DECAY, TRACE_JUMP = 0.905, 0.1
CALCIUM_DECAY = 1.0 - 1.0 / 1000.0
INPUT, EXCITATORY, INHIBITORY = 0, 1, 2
FIXED, STDP, AP_STDP, NALSM = 0, 1, 2, 3


class Wires(NamedTuple):
    """The arrays of one projection, both ways; ``weights`` change where the liquid learns."""

    starts: Any
    targets: Any
    weights: Any
    in_starts: Any
    in_sources: Any
    in_synapses: Any


class Learning(NamedTuple):
    """How a liquid learns: ``rule`` is one of ``FIXED``, ``STDP``, ``AP_STDP``, ``NALSM``; times in ms.

    ``fading`` is the factor a step on the rates of potentiation and depression, the astrocyte's weight and
    its bias: 1 while a liquid organises itself, 0.99 in the released code while it is read.
    """

    rule: int
    rate: float
    largest: float
    astrocyte_weight: float
    astrocyte_time: float
    astrocyte_bias: float
    fading: float
    rate_threshold: float
    rate_range: float


@njit(cache=True, nogil=True)
def fire(steps, inputs, n_inputs, n_steps):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Return when input neurons fire that are injected with five times their threshold.

    An injection brings a neuron over its threshold, so that it fires in the next step, or as soon as its
    refractory time is over; one that comes before then is lost with the reset.

    Parameters
    ----------
    steps, inputs : arrays of shape (n_injections,)
        Ascending steps, and the neuron of each.

    Returns
    -------
    arrays of shape (n_steps + 1,) and (n_spikes,)
        Where the spikes of each step begin, and their neurons.
    """
    last = np.full(n_inputs, -REFRACTORY - 1, np.int64)
    kept = np.empty(steps.shape[0], np.int64)
    starts = np.zeros(n_steps + 1, np.int64)
    for k in range(steps.shape[0]):
        neuron = inputs[k]
        kept[k] = -1
        if last[neuron] <= steps[k]:
            when = max(steps[k] + 1, last[neuron] + REFRACTORY + 1)
            last[neuron] = when
            if when < n_steps:
                kept[k] = when
                starts[when + 1] += 1
    for step in range(n_steps):
        starts[step + 1] += starts[step]
    place = starts.copy()
    fired = np.empty(starts[n_steps], np.int32)
    for k in range(steps.shape[0]):
        if kept[k] >= 0:
            fired[place[kept[k]]] = inputs[k]
            place[kept[k]] += 1
    return starts, fired


@njit(cache=True, nogil=True)
def present(  # type: ignore[no-untyped-def]  # noqa: ANN201, C901
    step_starts, step_inputs, inner, outer, kinds, learning, calcium, counts, series, when, who,  # noqa: ANN001
):  # fmt: skip
    """Show one sample to a liquid at rest; return how many spikes were written to ``when`` and ``who``.

    A step, in the order of the released code: spikes (threshold 20, not within 2 ms of the last), reset,
    ages, integration, ages + 1, plasticity, traces, astrocyte, fading.

    Parameters
    ----------
    step_starts, step_inputs
        What :func:`fire` returns.
    inner, outer : Wires
        Liquid to liquid, and inputs to liquid; their weights change unless the rule is ``FIXED``.
    kinds : array of shape (n_liquid,)
        ``EXCITATORY`` or ``INHIBITORY``.
    learning : Learning
    calcium : array of shape (n_liquid,), changed
        About the rate of each neuron in Hz; only AP-STDP uses it, and it lasts from sample to sample.
    counts : array of shape (n_liquid,), changed
        Spikes are added.
    series : array of shape (n_steps, 3) or (0, 3), written
        Rate of depression, spikes of the liquid, spikes of the inputs.
    when, who : arrays of one size, written
        Step and neuron of the liquid's spikes, as many as fit.
    """
    n, n_inputs, n_steps = kinds.shape[0], outer.starts.shape[0] - 1, step_starts.shape[0] - 1
    potential, since = np.zeros(n), np.full(n, REFRACTORY + 1, np.int64)
    current, level, outer_level = np.zeros(n), np.zeros(n), np.zeros(n_inputs)
    trace, outer_trace = np.zeros(n), np.zeros(n_inputs)
    now, outer_now = np.zeros(n, np.bool_), np.zeros(n_inputs, np.bool_)
    spiked = np.empty(n, np.int32)
    may_rise, may_fall = np.ones(n), np.ones(n)
    outer_kinds = np.zeros(n_inputs, np.int8)
    gains, bounds = np.zeros((3, 2)), np.zeros((3, 2))
    bounds[INPUT, 0], bounds[INPUT, 1] = -learning.largest, learning.largest
    bounds[EXCITATORY, 1], bounds[INHIBITORY, 0] = learning.largest, -learning.largest
    rate, weight, bias = learning.rate, learning.astrocyte_weight, learning.astrocyte_bias
    depression = bias if learning.rule == NALSM else rate
    theta, reach = learning.rate_threshold, learning.rate_range
    n_written = 0
    for step in range(n_steps):
        n_spiked = 0
        for neuron in range(n):
            if potential[neuron] >= THRESHOLD and since[neuron] > REFRACTORY:
                spiked[n_spiked] = neuron
                n_spiked += 1
                potential[neuron] = 0.0
                since[neuron] = 0
                counts[neuron] += 1
            since[neuron] += 1
        outer_spiked = step_inputs[step_starts[step] : step_starts[step + 1]]
        n_outer = outer_spiked.shape[0]
        for k in range(min(n_spiked, when.shape[0] - n_written)):
            when[n_written], who[n_written] = step, spiked[k]
            n_written += 1
        renew(inner.starts, inner.targets, inner.weights, spiked, n_spiked, 1.0, level, current)
        renew(
            outer.starts,
            outer.targets,
            outer.weights,
            outer_spiked,
            n_outer,
            1.0,
            outer_level,
            current,
        )
        for neuron in range(n):
            potential[neuron] += current[neuron] - potential[neuron] * LEAK
        grow_older(AGE_DECAY, level)
        grow_older(AGE_DECAY, outer_level)
        grow_older(AGE_DECAY, current)
        if learning.rule != FIXED:
            gains[INPUT, 0] = gains[EXCITATORY, 0] = gains[INHIBITORY, 1] = rate
            gains[INPUT, 1] = gains[EXCITATORY, 1] = gains[INHIBITORY, 0] = -depression
            if learning.rule == AP_STDP:
                for neuron in range(n):
                    value = calcium[neuron]
                    may_rise[neuron] = 1.0 if theta < value < theta + reach else 0.0
                    may_fall[neuron] = 1.0 if theta - reach < value < theta else 0.0
            for k in range(n_spiked):
                now[spiked[k]] = True
            for k in range(n_outer):
                outer_now[outer_spiked[k]] = True
            change(
                inner.starts, inner.targets, inner.weights, inner.in_starts, inner.in_sources,
                inner.in_synapses, spiked, n_spiked, now, trace, spiked, n_spiked, now, trace,
                kinds, gains, bounds, may_rise, may_fall, level, current,
            )  # fmt: skip
            change(
                outer.starts, outer.targets, outer.weights, outer.in_starts, outer.in_sources,
                outer.in_synapses, outer_spiked, n_outer, outer_now, outer_trace,
                spiked, n_spiked, now, trace,
                outer_kinds, gains, bounds, may_rise, may_fall, outer_level, current,
            )  # fmt: skip
            for k in range(n_spiked):
                now[spiked[k]] = False
            for k in range(n_outer):
                outer_now[outer_spiked[k]] = False
            mark(trace, TRACE_DECAY, TRACE_JUMP, spiked, n_spiked)
            mark(outer_trace, TRACE_DECAY, TRACE_JUMP, outer_spiked, n_outer)
            if learning.rule == AP_STDP:
                for neuron in range(n):
                    calcium[neuron] *= CALCIUM_DECAY
                for k in range(n_spiked):
                    calcium[spiked[k]] += 1.0
        if learning.rule == NALSM:
            drive = weight * (n_spiked - n_outer) + bias
            depression += (drive - depression) / learning.astrocyte_time
        if step < series.shape[0]:
            series[step, 0], series[step, 1], series[step, 2] = depression, n_spiked, n_outer
        rate, weight = rate * learning.fading, weight * learning.fading
        bias, depression = bias * learning.fading, depression * learning.fading
    return n_written
