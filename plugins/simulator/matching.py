"""Delayed match to sample: the built-in task, drawn anew for every batch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

N_INPUTS, N_DIRECTIONS = 24, 8


@dataclass(frozen=True, slots=True)
class Matching:
    """Lengths of the periods in ms; inputs are Bernoulli spikes (``spiking``) or rates.

    ``background`` and ``peak`` are Hz; in rate form ``peak`` is the strength of the tuned input.
    """

    fixation: int = 20
    sample: int = 100
    delay: int = 200
    test: int = 100
    background: float = 1.0
    peak: float = 100.0
    dt: float = 1.0
    spiking: bool = True

    @property
    def n_steps(self) -> int:
        """Steps of a trial."""
        return sum(self.steps)

    @property
    def steps(self) -> tuple[int, int, int, int]:
        """Steps of fixation, sample, delay, test."""
        periods = (self.fixation, self.sample, self.delay, self.test)
        a, b, c, d = (max(1, round(each / self.dt)) for each in periods)
        return a, b, c, d

    @property
    def answer(self) -> slice:
        """The steps in which the answer counts."""
        return slice(self.n_steps - self.steps[3], self.n_steps)

    def draw(
        self, n: int, generator: torch.Generator, *, shuffled: bool = False
    ) -> tuple[Tensor, Tensor]:
        """Return inputs (n_steps, n, 24) and answers (n,), 1 for a match; half the trials match.

        ``shuffled`` answers belong to other trials.
        """
        match = (torch.arange(n) % 2)[torch.randperm(n, generator=generator)]
        sample = torch.randint(N_DIRECTIONS, (n,), generator=generator)
        other = (sample + torch.randint(1, N_DIRECTIONS, (n,), generator=generator)) % N_DIRECTIONS
        test = torch.where(match == 1, sample, other)
        rates = torch.full((self.n_steps, n, N_INPUTS), self.background)
        a, b, c, _ = self.steps
        rates[a : a + b] += self.peak * _tuning(sample)
        rates[a + b + c :] += self.peak * _tuning(test)
        if self.spiking:
            inputs = (torch.rand(rates.shape, generator=generator) < rates * self.dt * 1e-3).float()
        else:
            inputs = rates - self.background
        if shuffled:
            match = match[torch.randperm(n, generator=generator)]
        return inputs, match


def _tuning(direction: Tensor) -> Tensor:
    """Return von Mises tuning of 24 inputs to a direction (n,), kappa 2, 1 at the preferred one."""
    preferred = torch.arange(N_INPUTS) * 2 * math.pi / N_INPUTS
    angle = direction * 2 * math.pi / N_DIRECTIONS
    return torch.exp(2 * torch.cos(angle[:, None] - preferred) - 2)
