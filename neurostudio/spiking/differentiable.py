"""The torch twin: spiking and rate networks through which gradients flow; CUDA where there is one.

Surrogate gradients: Neftci, Mostafa, Zenke 2019; the adapting network is the one of BrainPy's delayed
match-to-sample (ICLR 2024), after Mihalas and Niebur's neuron.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor

from neurostudio.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable

_GAUSS = math.sqrt(2 * math.pi)


def _multi_gaussian(x: Tensor) -> Tensor:
    def bell(width: float, middle: float) -> Tensor:
        return torch.exp(-0.5 * ((x - middle) / width) ** 2) / (width * _GAUSS)

    return 1.15 * bell(0.5, 0.0) - 0.15 * bell(3.0, 0.5) - 0.15 * bell(3.0, -0.5)


SURROGATES: dict[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": lambda x: 4 * torch.sigmoid(4 * x) * (1 - torch.sigmoid(4 * x)),
    "arctan": lambda x: 1 / (1 + (math.pi * x) ** 2),
    "erf": lambda x: torch.exp(-(x**2)) / math.sqrt(math.pi),
    "gaussian": lambda x: torch.exp(-0.5 * (x / 0.5) ** 2) / (0.5 * _GAUSS),
    "multi-gaussian": _multi_gaussian,
    "inverse square": lambda x: 1 / (1 + 10 * x.abs()) ** 2,
    "leaky triangle": lambda x: torch.where(x.abs() < 1, 1 - 0.9 * x.abs(), 0.1),
    "triangle": lambda x: torch.relu(0.3 - 0.3 * x.abs()),
}


class _Spike(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, kind: str) -> Tensor:
        ctx.save_for_backward(x)
        ctx.kind = kind
        return (x >= 0).to(x.dtype)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (x,) = ctx.saved_tensors
        return gradient * SURROGATES[ctx.kind](x), None


def spike(x: Tensor, surrogate: str = "triangle") -> Tensor:
    """Return 1 where ``x >= 0``, else 0; its gradient is that of the surrogate.

    Raises
    ------
    BadInput
        There is no surrogate of this name.
    """
    if surrogate not in SURROGATES:
        raise BadInput(f"No surrogate {surrogate}; there are {', '.join(SURROGATES)}.")
    found: Tensor = _Spike.apply(x, surrogate)  # type: ignore[no-untyped-call]
    return found


class Course(NamedTuple):
    """What a network did: all (n_steps, n_trials, n); ``potentials`` are rates in a rate network."""

    outputs: Tensor
    spikes: Tensor
    potentials: Tensor


class LeakyNetwork(torch.nn.Module):
    """Recurrent leaky neurons, threshold 1, reset by subtraction; a leaky readout.

    ``V <- V + dt/tau (-V + I)``; ``I = x W_in + z W_rec + b`` with the spikes z of the step before.
    """

    def __init__(
        self,
        n_inputs: int,
        n_neurons: int,
        n_outputs: int,
        *,
        tau: float = 10.0,
        tau_out: float = 10.0,
        dt: float = 1.0,
        threshold: float = 1.0,
        surrogate: str = "triangle",
    ) -> None:
        super().__init__()
        self.step, self.keep = dt / tau, math.exp(-dt / tau_out)
        self.threshold, self.surrogate = threshold, surrogate
        self.w_in = _normal(n_inputs, n_neurons, 4.0)
        self.w_rec = _normal(n_neurons, n_neurons, 1.0)
        self.bias = torch.nn.Parameter(torch.zeros(n_neurons))
        self.w_out = _normal(n_neurons, n_outputs, 1.0)

    def forward(self, inputs: Tensor) -> Course:
        """Run trials (n_steps, n_trials, n_inputs)."""
        size = (inputs.shape[1], len(self.bias))
        v = z = inputs.new_zeros(size)
        y = inputs.new_zeros(inputs.shape[1], self.w_out.shape[1])
        outputs, spikes, potentials = [], [], []
        for x in inputs:
            v = v + self.step * (-v + x @ self.w_in + z @ self.w_rec + self.bias)
            z = spike((v - self.threshold) / self.threshold, self.surrogate)
            potentials.append(v)
            v = v - self.threshold * z
            y = self.keep * y + z @ self.w_out
            spikes.append(z)
            outputs.append(y)
        return Course(torch.stack(outputs), torch.stack(spikes), torch.stack(potentials))


class AdaptingNetwork(torch.nn.Module):
    """Generalised integrate-and-fire neurons with slow currents, signed by the sender.

    Input, recurrent current and bias pass a leaky filter of 100 ms. A spike takes the threshold 1 from the
    potential, sets ``I1`` (10 ms; 0 for excitatory, 1 for inhibitory neurons; outside the gradient) and adds
    -0.6 to ``I2``, whose time constant is drawn between 100 and 3000 ms for each neuron.
    """

    slow: Tensor
    sign: Tensor
    rebound: Tensor
    other: Tensor

    def __init__(
        self,
        n_inputs: int,
        n_excitatory: int = 80,
        n_inhibitory: int = 20,
        n_outputs: int = 2,
        surrogate: str = "triangle",
        dt: float = 1.0,
    ) -> None:
        super().__init__()
        n = n_excitatory + n_inhibitory
        self.surrogate, self.dt = surrogate, dt
        self.keep_filter, self.keep_out = math.exp(-dt / 100.0), math.exp(-dt / 10.0)
        self.keep_fast = math.exp(-dt / 10.0)
        self.register_buffer("slow", torch.exp(-dt / (100.0 + 2900.0 * torch.rand(n))))
        kinds = torch.cat([torch.ones(n_excitatory), -torch.ones(n_inhibitory)])
        self.register_buffer("sign", kinds)
        self.register_buffer("rebound", (kinds < 0).float())
        self.register_buffer("other", 1.0 - torch.eye(n))
        self.w_in = _normal(n_inputs, n, 0.4)
        recurrent = _normal(n, n, 0.4)
        with torch.no_grad():
            recurrent[:n_excitatory] /= 4.0
        self.w_rec = recurrent
        self.bias = torch.nn.Parameter(torch.zeros(n))
        self.w_out = _normal(n, n_outputs, 0.4)

    def recurrent(self) -> Tensor:
        """Return the weights as they act: sign of the sender, none to itself."""
        return self.w_rec.abs() * self.sign[:, None] * self.other

    def forward(self, inputs: Tensor) -> Course:
        """Run trials (n_steps, n_trials, n_inputs)."""
        n_trials, n = inputs.shape[1], len(self.bias)
        v = z = current = fast = slow = inputs.new_zeros(n_trials, n)
        y = inputs.new_zeros(n_trials, self.w_out.shape[1])
        recurrent, driven = self.recurrent(), inputs @ self.w_in + self.bias
        outputs, spikes, potentials = [], [], []
        for drive in driven:
            current = self.keep_filter * current + drive + z @ recurrent
            v = v + self.dt / 20.0 * (-v + current + fast + slow)
            z = spike(v - 1.0, self.surrogate)
            potentials.append(v)
            v = v - z
            fired = z.detach()
            fast = torch.where(fired > 0, self.rebound, fast * self.keep_fast)
            slow = slow * self.slow - 0.6 * z
            y = self.keep_out * y + z @ self.w_out
            spikes.append(z)
            outputs.append(y)
        return Course(torch.stack(outputs), torch.stack(spikes), torch.stack(potentials))


class RateNetwork(torch.nn.Module):
    """Rectified units, signed by the sender: ``tau dr = -r + relu(x W_in + r W + b + noise)``.

    ``share`` is ``dt / tau``; without signs it is an ordinary recurrent network.
    """

    sign: Tensor
    other: Tensor

    def __init__(
        self,
        n_inputs: int,
        n_excitatory: int = 80,
        n_inhibitory: int = 20,
        n_outputs: int = 2,
        *,
        share: float = 1.0,
        noise: float = 0.15 * math.sqrt(2.0),
        signed: bool = True,
    ) -> None:
        super().__init__()
        n = n_excitatory + n_inhibitory
        self.share, self.noise, self.signed = share, noise, signed
        kinds = torch.cat([torch.ones(n_excitatory), -torch.ones(n_inhibitory)])
        self.register_buffer("sign", kinds)
        self.register_buffer("other", 1.0 - torch.eye(n))
        self.w_in = _uniform(n_inputs, n)
        self.w_rec = _uniform(n, n)
        if signed:
            with torch.no_grad():
                self.w_rec[:n_excitatory] /= max(n_excitatory / max(n_inhibitory, 1), 1.0)
        self.bias = torch.nn.Parameter(torch.zeros(n))
        self.w_out = _uniform(n, n_outputs)
        self.bias_out = torch.nn.Parameter(torch.zeros(n_outputs))

    def recurrent(self) -> Tensor:
        """Return the weights as they act."""
        return self.w_rec.abs() * self.sign[:, None] * self.other if self.signed else self.w_rec

    def advance(self, rates: Tensor, drive: Tensor) -> Tensor:
        """Return the rates (n_trials, n) one step later without noise; ``drive`` is ``x W_in``."""
        total = drive + rates @ self.recurrent() + self.bias
        return (1 - self.share) * rates + self.share * torch.relu(total)

    def forward(self, inputs: Tensor) -> Course:
        """Run trials (n_steps, n_trials, n_inputs); noise only while training."""
        r = inputs.new_zeros(inputs.shape[1], len(self.bias))
        recurrent, driven = self.recurrent(), inputs @ self.w_in + self.bias
        rates = []
        for drive in driven:
            total = drive + r @ recurrent
            if self.training and self.noise:
                total = total + self.noise * torch.randn_like(total)
            r = (1 - self.share) * r + self.share * torch.relu(total)
            rates.append(r)
        course = torch.stack(rates)
        return Course(course @ self.w_out + self.bias_out, torch.zeros_like(course), course)


def _normal(n_in: int, n_out: int, scale: float) -> torch.nn.Parameter:
    return torch.nn.Parameter(torch.randn(n_in, n_out) * math.sqrt(scale / n_in))


def _uniform(n_in: int, n_out: int) -> torch.nn.Parameter:
    edge = math.sqrt(3.0 / n_in)
    return torch.nn.Parameter((2 * torch.rand(n_in, n_out) - 1) * edge)
