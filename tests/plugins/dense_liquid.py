"""The liquid in plain NumPy, dense, in the order of work of the released code: what the kernels must equal."""

import numpy as np

LEAK, THRESHOLD, REFRACTORY, INJECTED = 1 / 64, 20.0, 2, 100.0
TRACE, JUMP = 0.905, 0.1


class DenseLiquid:
    """Inputs and liquid in one population, inputs last; every matrix (sender, receiver)."""

    def __init__(self, liquid, learning):
        self.n, self.n_inputs = len(liquid), liquid.outer.n_sources
        size = self.n + self.n_inputs
        self.weights, self.joined = np.zeros((size, size)), np.zeros((size, size), bool)
        for wires, first in ((liquid.inner, 0), (liquid.outer, self.n)):
            rows, columns = wires.sources() + first, wires.targets
            self.weights[rows, columns] = wires.all_weights()
            self.joined[rows, columns] = True
        self.inhibitory = np.zeros(size, bool)
        self.inhibitory[: self.n] = ~liquid.excitatory
        most = learning.largest
        self.low, self.high = np.full((size, 1), -most), np.full((size, 1), most)
        self.low[: self.n][liquid.excitatory] = 0
        self.high[: self.n][~liquid.excitatory] = 0
        self.learning, self.calcium = learning, np.zeros(size)

    def present(self, injected, rule):
        """Show injections (n_steps, n_inputs) of 0 and 1; return spikes (n_steps, size) and the rate of depression."""
        size, given = len(self.weights), self.learning
        potential, wait, age, trace = (
            np.zeros(size),
            np.zeros(size),
            np.full(size, 99.0),
            np.zeros(size),
        )
        rate, weight, bias = given.rate, given.astrocyte_weight, given.astrocyte_bias
        depression = bias if rule == "NALSM" else rate
        spikes, course = np.zeros((len(injected), size), bool), np.zeros(len(injected))
        for step, input_now in enumerate(injected):
            now = (potential >= THRESHOLD) & (wait < 1)
            spikes[step] = now
            potential[now] = 0
            age[now] = 0
            arriving = (self.weights * np.exp(-age)[:, None]).sum(axis=0)
            arriving[self.n :] += INJECTED * input_now
            potential = potential - potential * LEAK + arriving
            age = np.minimum(age + 1, 100)
            wait = np.where(now, REFRACTORY, wait - 1)
            if rule != "fixed":
                self.learn(now, trace, rate, depression, rule)
            trace = TRACE * (trace + JUMP * now)
            self.calcium = self.calcium - self.calcium / 1000 + now
            if rule == "NALSM":
                drive = weight * (now[: self.n].sum() - now[self.n :].sum()) + bias
                depression += (drive - depression) / given.astrocyte_time
            course[step] = depression
            rate, weight, bias = (each * given.fading for each in (rate, weight, bias))
            depression *= given.fading
        return spikes, course

    def learn(self, now, trace, rate, depression, rule):
        post = np.where(self.inhibitory, -depression, rate)[:, None] * np.outer(trace, now)
        pre = np.where(self.inhibitory, rate, -depression)[:, None] * np.outer(now, trace)
        if rule == "AP-STDP":
            theta, reach = self.learning.rate_threshold, self.learning.rate_range
            rise = (self.calcium > theta) & (self.calcium < theta + reach)
            fall = (self.calcium > theta - reach) & (self.calcium < theta)
            post = np.where(rise, np.maximum(post, 0), 0) + np.where(fall, np.minimum(post, 0), 0)
            pre = np.where(rise, np.maximum(pre, 0), 0) + np.where(fall, np.minimum(pre, 0), 0)
        self.weights = self.joined * np.clip(self.weights + post + pre, self.low, self.high)
