"""What a network is trained on: the built-in task, or conditions of recorded events."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from .matching import N_INPUTS, Matching

if TYPE_CHECKING:
    from torch import Tensor

    from neurostudio.training import History

    from .learning import TrainParams
    from .windows import Windows

LAST = 25  # batches whose accuracy counts
N_LINEAR = 1000  # trials from which the linear model learns, and on which it is tested


class Task(ABC):
    """What a network is to learn: batches of inputs and answers."""

    chance = 0.5
    words = ""
    dt = 1.0
    n_inputs = N_INPUTS
    n_outputs = 2

    @abstractmethod
    def draw(
        self, generator: torch.Generator, size: int, *, shuffled: bool
    ) -> tuple[Tensor, Tensor]:
        """Return inputs (n_steps, size, n_inputs) and answers (size,)."""

    @property
    @abstractmethod
    def answer(self) -> slice:
        """The steps that count."""

    @abstractmethod
    def measure(self, network: torch.nn.Module, history: History) -> tuple[float, int]:
        """Return accuracy on trials that were not trained on, and how many they are."""

    @abstractmethod
    def baseline(self) -> float:
        """Return the accuracy of a linear model of the inputs, on trials that it never saw."""

    @abstractmethod
    def trial(self, network: torch.nn.Module) -> tuple[Any, Tensor]:
        """Return what the network does in some fresh trials."""


class MatchingTask(Task):
    """Delayed match to sample; every batch is new, so that each is a test before it is learned from."""

    words = "delayed match to sample (simulated): each batch was new when it was answered"

    def __init__(self, params: TrainParams) -> None:
        periods = [
            round(each * 1e3)
            for each in (params.fixation, params.sample, params.delay, params.test)
        ]
        rate = params.network == "rate"
        self.dt = 100.0 if rate and min(periods[1:]) >= 100 else 20.0 if rate else 1.0
        fixation, sample, delay, test = periods
        self.source = Matching(
            fixation,
            sample,
            delay,
            test,
            peak=params.strength if rate else params.peak,
            dt=self.dt,
            spiking=not rate,
        )
        self._size = params.batch_size

    @property
    def answer(self) -> slice:
        """The steps that count."""
        return self.source.answer

    def draw(
        self, generator: torch.Generator, size: int, *, shuffled: bool
    ) -> tuple[Tensor, Tensor]:
        """Return inputs (n_steps, size, n_inputs) and answers (size,)."""
        return self.source.draw(size, generator, shuffled=shuffled)

    def measure(self, network: torch.nn.Module, history: History) -> tuple[float, int]:
        """Return accuracy and on how many trials."""
        del network
        last = history.column("accuracy")[-LAST:]
        return float(np.mean(last)), len(last) * self._size

    def baseline(self) -> float:
        """Return the accuracy of a logistic regression on the inputs of sample and of test."""
        inputs, answers = self.source.draw(2 * N_LINEAR, torch.Generator().manual_seed(2))
        a, b, _, d = self.source.steps
        both = torch.cat([inputs[a : a + b].mean(dim=0), inputs[-d:].mean(dim=0)], dim=1).numpy()
        return _linear(both[:N_LINEAR], answers[:N_LINEAR], both[N_LINEAR:], answers[N_LINEAR:])

    def trial(self, network: torch.nn.Module) -> tuple[Any, Tensor]:
        """Return what the network does in eight fresh trials."""
        inputs, answers = self.source.draw(8, torch.Generator().manual_seed(1))
        with torch.no_grad():
            return network(inputs), answers


class RecordedTask(Task):
    """Conditions of events from the spikes after them; a third of the events is never trained on."""

    def __init__(self, params: TrainParams, windows: Windows, seed: int) -> None:
        self._all, self.dt = windows, params.bin * 1e3
        self.n_inputs, self.n_outputs = windows.counts.shape[2], len(windows.names)
        self.chance = float(windows.largest_share)
        self.words = (
            f"events never trained on, {len(windows.names)} conditions; chance is the largest class"
        )
        order = np.random.default_rng(seed).permutation(len(windows.labels))
        self._test = np.sort(order[: max(2, len(order) // 3)])
        self._train = np.sort(order[len(self._test) :])
        random = np.random.default_rng(seed + 1)
        self._shuffled = windows.labels.copy()
        self._shuffled[self._train] = random.permutation(windows.labels[self._train])

    @property
    def answer(self) -> slice:
        """The second half of the window."""
        n = self._all.counts.shape[1]
        return slice(n // 2, n)

    def draw(
        self, generator: torch.Generator, size: int, *, shuffled: bool
    ) -> tuple[Tensor, Tensor]:
        """Return inputs (n_steps, size, n_inputs) and answers (size,)."""
        picked = self._train[torch.randint(len(self._train), (size,), generator=generator).numpy()]
        labels = self._shuffled if shuffled else self._all.labels
        return self._tensor(picked), torch.as_tensor(labels[picked])

    def _tensor(self, rows: np.ndarray[Any, Any]) -> Tensor:
        return torch.as_tensor(
            self._all.counts[rows].transpose(1, 0, 2).copy(), dtype=torch.float32
        )

    def measure(self, network: torch.nn.Module, history: History) -> tuple[float, int]:
        """Return accuracy and on how many trials."""
        del history
        with torch.no_grad():
            outputs = network(self._tensor(self._test)).outputs[self.answer].mean(dim=0)
        right = outputs.argmax(dim=1).numpy() == self._all.labels[self._test]
        return float(right.mean()), len(right)

    def baseline(self) -> float:
        """Return the accuracy of a logistic regression on counts."""
        counts, labels = self._all.counts.sum(axis=1), self._all.labels
        return _linear(
            counts[self._train], labels[self._train], counts[self._test], labels[self._test]
        )

    def trial(self, network: torch.nn.Module) -> tuple[Any, Tensor]:
        """Return what the network does in eight fresh trials."""
        rows = self._test[:8]
        with torch.no_grad():
            return network(self._tensor(rows)), torch.as_tensor(self._all.labels[rows])


def _linear(inputs: Any, answers: Any, new: Any, right: Any) -> float:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
    return float(model.fit(inputs, answers).score(new, right))
