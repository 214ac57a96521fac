"""The liquid in plain NumPy in the order of work of the released code: every synapse in every step.

What the compiled steps must equal spike for spike, and what the benchmark measures them beside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .stepping import LEAK, REFRACTORY, THRESHOLD, TRACE_DECAY, TRACE_JUMP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .liquids import Liquid
    from .stepping import Learning

    Array = NDArray[Any]

INJECTED = 100.0


class PlainLiquid:
    """Liquid and inputs in one population, inputs last; one list of all synapses, as released."""

    def __init__(self, liquid: Liquid, learning: Learning) -> None:
        self.n, self.size = len(liquid), len(liquid) + liquid.outer.n_sources
        self.sender = np.concatenate([liquid.inner.sources(), liquid.outer.sources() + self.n])
        self.receiver = np.concatenate([liquid.inner.targets, liquid.outer.targets])
        self.weights = np.concatenate([liquid.inner.all_weights(), liquid.outer.all_weights()])
        kinds = np.concatenate([liquid.excitatory, np.zeros(self.size - self.n, bool)])
        excites = kinds[self.sender]
        self.inhibits = (self.sender < self.n) & ~excites
        self.low = np.where(excites, 0.0, -learning.largest)
        self.high = np.where(self.inhibits, 0.0, learning.largest)
        self.learning, self.calcium = learning, np.zeros(self.size)

    def present(self, injected: Array, rule: str) -> tuple[Array, Array]:
        """Show injections (n_steps, n_inputs) of 0 and 1 by a rule of :func:`self_organise`.

        Returns
        -------
        arrays of shape (n_steps, n_neurons + n_inputs) and (n_steps,)
            Spikes, and the rate of depression after each step.
        """
        size, given = self.size, self.learning
        potential, wait, trace = np.zeros(size), np.zeros(size), np.zeros(size)
        age = np.full(len(self.weights), 99.0)
        rate, weight, bias = given.rate, given.astrocyte_weight, given.astrocyte_bias
        depression = bias if rule == "NALSM" else rate
        spikes, course = np.zeros((len(injected), size), bool), np.zeros(len(injected))
        for step, input_now in enumerate(injected):
            now = (potential >= THRESHOLD) & (wait < 1)
            spikes[step] = now
            potential[now] = 0
            age = age * (1 - now[self.sender])
            arriving = np.bincount(self.receiver, self.weights * np.exp(-age), size)
            arriving[self.n :] += INJECTED * input_now
            potential = potential - potential * LEAK + arriving
            age = np.clip(age + 1, 0, 100)
            wait = np.where(now, REFRACTORY, wait - 1)
            if rule != "fixed":
                self._learn(now.astype(float), trace, rate, depression, rule)
            trace = TRACE_DECAY * (trace + TRACE_JUMP * now)
            self.calcium = self.calcium - self.calcium / 1000 + now
            if rule == "NALSM":
                drive = weight * float(now[: self.n].sum() - now[self.n :].sum()) + bias
                depression += (drive - depression) / given.astrocyte_time
            course[step] = depression
            rate, weight, bias = (each * given.fading for each in (rate, weight, bias))
            depression *= given.fading
        return spikes, course

    def _learn(self, now: Array, trace: Array, rate: float, depression: float, rule: str) -> None:
        post = np.where(self.inhibits, -depression, rate) * trace[self.sender] * now[self.receiver]
        pre = np.where(self.inhibits, rate, -depression) * now[self.sender] * trace[self.receiver]
        if rule == "AP-STDP":
            theta, reach = self.learning.rate_threshold, self.learning.rate_range
            calcium = self.calcium[self.receiver]
            rise = (calcium > theta) & (calcium < theta + reach)
            fall = (calcium > theta - reach) & (calcium < theta)
            post = rise * np.maximum(post, 0) + fall * np.minimum(post, 0)
            pre = rise * np.maximum(pre, 0) + fall * np.minimum(pre, 0)
        self.weights = np.clip(self.weights + post + pre, self.low, self.high)
