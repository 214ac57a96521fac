"""Leaky balanced networks on torch: the path for a graphics card, which a processor can check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from neurostudio.errors import BadInput
from neurostudio.spiking.conductance import Stretch

if TYPE_CHECKING:
    from torch import Tensor

    from neurostudio.spiking.conductance import Balanced

Array = np.ndarray[Any, np.dtype[Any]]


class TorchRun:
    """As :class:`neurostudio.spiking.conductance.BalancedRun`, on a device, with the exact exponential.

    Raises
    ------
    BadInput
        The law is not the leaky one.
    """

    def __init__(
        self,
        network: Balanced,
        dt: float = 0.1,
        precision: str = "single",
        n_recorded: int = 10,
        every: int = 10,
        device: str = "cpu",
    ) -> None:
        if network.law != "lif":
            raise BadInput("On torch there are leaky neurons only: take the numba backend.")
        self.network, self.dt, self.every, self.step = network, dt, every, 0
        self._device = torch.device(device)
        self._dtype = torch.float32 if precision == "single" else torch.float64
        n, wires = network.n_neurons, network.connections
        self._v = self._tensor(network.start[0])
        self._g = torch.zeros(2, n, dtype=self._dtype, device=self._device)
        self._left = torch.zeros(n, dtype=torch.int32, device=self._device)
        self._delay = max(1, round(network.delay / dt))
        self._ring = torch.zeros(self._delay + 1, 2, n, dtype=self._dtype, device=self._device)
        self._starts = torch.as_tensor(wires.starts, device=self._device)
        self._targets = torch.as_tensor(wires.targets, device=self._device).long()
        decays = [np.exp(-dt / network.tau_excitatory), np.exp(-dt / network.tau_inhibitory)]
        self._decay = self._tensor(np.array(decays))[:, None]
        self._recorded = torch.arange(min(n_recorded, n), device=self._device)

    def _tensor(self, values: Array) -> Tensor:
        return torch.as_tensor(np.ascontiguousarray(values), dtype=self._dtype, device=self._device)

    def record_neurons(self, neurons: Array) -> None:
        """Choose the neurons whose potential is kept."""
        self._recorded = torch.as_tensor(neurons, device=self._device)

    @torch.no_grad()
    def run(self, n_steps: int) -> Stretch:
        """Advance and return what happened."""
        steps, neurons, kept = [], [], []
        for _ in range(n_steps):
            fired = self._advance()
            steps.append(torch.full_like(fired, self.step))
            neurons.append(fired)
            self.step += 1
            if self.step % self.every == 0:
                kept.append(self._v[self._recorded])
        times = torch.cat(steps).cpu().numpy() * self.dt if steps else np.empty(0)
        who = torch.cat(neurons).cpu().numpy() if neurons else np.empty(0, np.int64)
        seen = torch.stack(kept).cpu().numpy() if kept else np.empty((0, len(self._recorded)))
        return Stretch(times, who, seen, n_steps)

    def _advance(self) -> Tensor:
        net, slot = self.network, self.step % (self._delay + 1)
        self._g.mul_(self._decay).add_(self._ring[slot])
        self._ring[slot] = 0.0
        excited, inhibited = self._g[0], self._g[1]
        if net.conducting:
            total = 1.0 + excited + inhibited
            push = excited * net.reversal_excitatory + inhibited * net.reversal_inhibitory
        else:
            total, push = torch.ones_like(excited), excited + inhibited
        far = (net.rest + net.drive + push) / total
        after = far + (self._v - far) * torch.exp(-self.dt / net.tau * total)
        free = self._left <= 0
        self._v = torch.where(free, after, self._v)
        self._left = torch.clamp(self._left - 1, min=0)
        fired = torch.nonzero(self._v >= net.threshold)[:, 0]
        self._v[fired] = net.reset
        self._left[fired] = round(net.refractory / self.dt)
        self._send(fired, (self.step + self._delay) % (self._delay + 1))
        return fired

    def _send(self, fired: Tensor, slot: int) -> None:
        """Add the weights of the spiking neurons to their targets; the cost grows with the spikes."""
        net = self.network
        for kind, who, weight in (
            (0, fired[fired < net.n_excitatory], net.w_excitatory),
            (1, fired[fired >= net.n_excitatory], net.w_inhibitory),
        ):
            if not len(who):
                continue
            counts = self._starts[who + 1] - self._starts[who]
            ends = torch.cumsum(counts, 0)
            total = int(ends[-1])
            within = torch.arange(total, device=self._device) - torch.repeat_interleave(
                ends - counts, counts
            )
            places = torch.repeat_interleave(self._starts[who], counts) + within
            add = torch.full((total,), weight, dtype=self._dtype, device=self._device)
            self._ring[slot, kind].index_add_(0, self._targets[places], add)
