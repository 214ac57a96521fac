"""Runs a network stretch by stretch and collects what it does."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from neurostudio.api import Cancelled
from neurostudio.spiking.conductance import BalancedRun
from neurostudio.spiking.engine import Simulation

from .pausing import KEEP_EVERY

if TYPE_CHECKING:
    from collections.abc import Callable

    from neurostudio.api import Context
    from neurostudio.spiking.conductance import Balanced
    from neurostudio.spiking.networks import Network

    from .pausing import Pause

Array = np.ndarray[Any, np.dtype[Any]]
STRETCH = 0.01  # s of biology between two looks at the clock


@dataclass(frozen=True, slots=True)
class Group:
    """Neurons ``first`` to ``first + size``, counted over all populations."""

    name: str
    kind: str
    first: int
    size: int


@dataclass
class Activity:
    """What a network did: spikes in seconds, potentials in volts where the law has them.

    ``wall`` counts the seconds of the engine alone, without pictures.
    """

    groups: tuple[Group, ...]
    duration: float
    times: list[Array] = field(default_factory=list)
    neurons: list[Array] = field(default_factory=list)
    potentials: list[Array] = field(default_factory=list)
    recorded: tuple[str, ...] = ()
    every: float = 0.001
    wall: float = 0.0
    n_synapses: int = 0
    nbytes: int = 0
    seen: float = 0.0
    since: float = 0.0

    def recent(self, span: float) -> Activity:
        """Return the last ``span`` seconds, from whole stretches; what is before costs nothing."""
        since, k = self.seen - span, len(self.times)
        start = self.seen
        while k > 0 and start > since:
            k -= 1
            start -= STRETCH
        parts = {name: getattr(self, name)[k:] for name in ("times", "neurons", "potentials")}
        return replace(self, since=max(0.0, start if k else 0.0), **parts)

    @property
    def n_neurons(self) -> int:
        """All neurons."""
        return sum(each.size for each in self.groups)

    def spikes(self) -> tuple[Array, Array]:
        """Return all spikes, by time."""
        if not self.times:
            return np.empty(0), np.empty(0, np.int64)
        return np.concatenate(self.times), np.concatenate(self.neurons)

    def rate(self, group: Group) -> float:
        """Return the mean rate of a population in Hz."""
        _, neurons = self.spikes()
        count = np.count_nonzero((neurons >= group.first) & (neurons < group.first + group.size))
        return float(count / group.size / max(self.seen, 1e-12))

    def irregularity(self) -> float:
        """Return the mean coefficient of variation of intervals over neurons with three spikes or more."""
        times, neurons = self.spikes()
        order = np.lexsort((times, neurons))
        t, n = times[order], neurons[order]
        gaps, owner = np.diff(t), n[1:]
        gaps, owner = gaps[n[1:] == n[:-1]], owner[n[1:] == n[:-1]]
        if not len(gaps):
            return float("nan")
        count = np.bincount(owner)
        mean = np.bincount(owner, gaps) / np.maximum(count, 1)
        square = np.bincount(owner, gaps**2) / np.maximum(count, 1)
        enough = count >= 2
        spread = np.sqrt(np.maximum(square[enough] - mean[enough] ** 2, 0.0))
        return float(np.mean(spread / mean[enough])) if enough.any() else float("nan")


class Runner(Protocol):
    """A network that can be advanced."""

    def advance(self, n_steps: int) -> tuple[Array, Array, Array]:
        """Return times in ms, neurons over all populations, potentials (n_samples, n_recorded)."""


class FastRunner:
    """The fast path."""

    def __init__(
        self, network: Balanced, dt: float, precision: str, n_recorded: int, every: int
    ) -> None:
        self._run = BalancedRun(network, dt, precision, 2 * n_recorded, every)
        self._run.record_neurons(_both(network, n_recorded))
        self._run.warm()

    def advance(self, n_steps: int) -> tuple[Array, Array, Array]:
        """Advance."""
        done = self._run.run(n_steps)
        return done.times, done.neurons, done.potentials

    def state(self) -> dict[str, Array]:
        """Return all that the next step depends on."""
        return self._run.state_arrays()

    def restore(self, arrays: dict[str, Array]) -> None:
        """Go on from a state."""
        self._run.restore(arrays)


class TorchRunner:
    """The fast path on torch."""

    def __init__(
        self, network: Balanced, dt: float, precision: str, n_recorded: int, every: int, device: str
    ) -> None:
        from neurostudio.spiking.on_torch import TorchRun

        self._run = TorchRun(network, dt, precision, 0, every, device)
        self._run.record_neurons(_both(network, n_recorded))

    def advance(self, n_steps: int) -> tuple[Array, Array, Array]:
        """Advance."""
        done = self._run.run(n_steps)
        return done.times, done.neurons, done.potentials


def _both(network: Balanced, n_recorded: int) -> Array:
    """Return the first neurons of either kind."""
    n_e = network.n_excitatory
    excited = range(min(n_recorded, n_e))
    inhibited = range(n_e, min(n_e + n_recorded, network.n_neurons))
    return np.array([*excited, *inhibited], np.int64)


class GeneralRunner:
    """Any other network."""

    def __init__(self, network: Network, **choices: Any) -> None:
        self._run = Simulation(network, **choices)
        self._run.warm()
        self._firsts = np.cumsum([0, *(each.size for each in network.populations)])
        self._names = [each.name for each in network.populations]

    def advance(self, n_steps: int) -> tuple[Array, Array, Array]:
        """Advance."""
        record = self._run.record
        record.clear()
        self._run.run(n_steps)
        found = []
        for name, first in zip(self._names, self._firsts, strict=False):
            times, neurons = record.events(name)
            found.append((times, neurons + first))
        times = np.concatenate([each for each, _ in found])
        neurons = np.concatenate([each for _, each in found])
        order = np.argsort(times, kind="stable")
        sampled = [record.samples(name)[1] for name in self._names]
        n = min(len(each) for each in sampled)
        return times[order], neurons[order], np.concatenate([each[:n] for each in sampled], axis=1)


def collect(
    context: Context,
    runner: Runner,
    activity: Activity,
    dt: float,
    show: Callable[[Activity], None],
    show_every: float,
    pause: Pause,
) -> Activity:
    """Run to the end, or to where it is stopped; pictures on the way.

    Parameters
    ----------
    dt
        ms.
    show
        Draws what there is; called every ``show_every`` seconds of wall time.
    pause
        Keeps what there is now and then, and when the run is stopped.
    """
    n_steps = round(activity.duration * 1e3 / dt)
    stretch = max(1, min(n_steps, round(STRETCH * 1e3 / dt)))
    done = pause.resume(activity)
    shown = kept = time.monotonic()
    try:
        for start in context.track(range(0, n_steps, stretch), "Simulating"):
            if start < done:
                continue
            _advance(runner, activity, min(stretch, n_steps - start))
            done = min(start + stretch, n_steps)
            activity.seen = done * dt * 1e-3
            now = time.monotonic()
            if now - shown >= show_every:
                shown = now
                show(activity)
                _tell(context, activity)
            if now - kept >= KEEP_EVERY:
                kept = now
                pause.save(activity, done)
    except Cancelled:
        if done:
            pause.save(activity, done)
        raise
    return activity


def _advance(runner: Runner, activity: Activity, n_steps: int) -> None:
    began = time.perf_counter()
    times, neurons, potentials = runner.advance(n_steps)
    activity.wall += time.perf_counter() - began
    activity.times.append(times * 1e-3)
    activity.neurons.append(neurons)
    activity.potentials.append(potentials)


def _tell(context: Context, activity: Activity) -> None:
    context.log(
        step=activity.seen,
        biological_per_wall=activity.seen / max(activity.wall, 1e-9),
        rate=sum(map(len, activity.neurons[-50:]))
        / activity.n_neurons
        / min(activity.seen, 50 * STRETCH),
    )
