"""Factorisation from several random starts: live, stoppable, resumed where it was killed."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Lines
from neurostudio.files import write_atomically

from .factors import Factors, Hals, Held, agreement, in_order, predicted, random_factors
from .tensors import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from neurostudio.api import Context

    from .tensors import Affine

    Array = NDArray[np.float64]

LIVE = 1.0  # seconds between two pictures, and between two checkpoints


@dataclass(frozen=True, slots=True)
class Fit:
    """The best start: factors of length 1 with their weights (rank,), the heaviest first.

    ``errors`` (n_starts,) are the relative errors of all starts, the smallest first; ``agreement``
    (n_starts - 1,) how alike the others are to it; ``held`` the relative error of held-out entries.
    """

    factors: Factors
    weights: Array
    errors: Array
    agreement: Array
    held: float = np.nan

    @property
    def error(self) -> float:
        """The relative error of the best start."""
        return float(self.errors[0])


@dataclass(frozen=True, slots=True)
class Plan:
    """How to fit: ``stage`` names the fit among those of a run; ``show`` draws it while it goes on."""

    rank: int
    n_starts: int
    n_iterations: int
    stage: str = "Factors"
    show: bool = False


def fit(context: Context, affine: Affine, plan: Plan, held: Held | None = None) -> Fit:
    """Return the best of several starts; on one thread, so that sums are the same everywhere.

    Raises
    ------
    Cancelled
        The run is to stop; what is done so far is kept in a checkpoint.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        work = _Work(context, affine, plan, held)
        try:
            for start in context.track(range(plan.n_starts), plan.stage):
                if start >= len(work.done):
                    work.run(start)
        finally:
            work.save()
    order = np.argsort([error for error, _ in work.done], kind="stable")
    fits = [work.done[k][1] for k in order]
    factors, weights = in_order(fits[0])
    missed = np.nan
    if held is not None:
        rest = held.values - predicted(fits[0], held)
        missed = float(np.linalg.norm(rest) / max(float(np.linalg.norm(held.values)), 1e-12))
    errors = np.array([work.done[k][0] for k in order])
    return Fit(factors, weights, errors, agreement(fits), missed)


class _Work:
    """The state of a fit: everything that a checkpoint holds."""

    def __init__(self, context: Context, affine: Affine, plan: Plan, held: Held | None) -> None:
        self.context, self.affine, self.plan, self.held = context, affine, plan, held
        about = (plan.rank, plan.n_iterations, plan.stage, context.seed, held is not None)
        self.identity = hashlib.sha256(f"{about} {name_of(affine)}".encode()).hexdigest()[:16]
        self.done: list[tuple[float, Factors]] = []
        self.now: tuple[int, Factors] | None = None
        self.saved = self.drawn = time.monotonic()
        self._resume()

    def run(self, start: int) -> None:
        """Do one start, or what is left of it."""
        plan, affine = self.plan, self.affine
        random = np.random.default_rng([self.context.seed, plan.rank, start])
        begun, factors = self.now or (0, random_factors(affine.tensor.shape, plan.rank, random))
        hals = Hals(affine.tensor, affine.seen, factors, self.held)
        label = f"{plan.stage}, start {start + 1}"
        error = np.nan
        for sweep in self.context.track(range(plan.n_iterations), label):
            if sweep < begun:
                continue
            error = hals.sweep(self._blocks)
            self.now = (sweep + 1, hals.factors)
            self._tell(start, sweep, error)
        if np.isnan(error):
            error = hals.sweep(self._blocks)
        self.done.append((error, hals.factors))
        self.now = None

    def _blocks(self, steps: range) -> Iterable[int]:
        """Let a long product be stopped between its parts."""
        return self.context.track(steps, self.plan.stage) if len(steps) > 1 else steps

    def _tell(self, start: int, sweep: int, error: float) -> None:
        if self.plan.show:
            self.context.log(step=sweep + 1, relative_error=error, start=f"{start + 1}")
        now = time.monotonic()
        if now - self.saved >= LIVE:
            self.save()
            self.saved = now
        if self.plan.show and (now - self.drawn >= LIVE or (start == 0 and sweep == 0)):
            self.drawn = now
            self.context.show("Time courses", self._picture(start, sweep))

    def _picture(self, start: int, sweep: int) -> Lines:
        assert self.now is not None  # noqa: S101
        factors, _ = in_order(self.now[1])
        return Lines(
            self.affine.times, factors.time.T, tuple(f"{r + 1}" for r in range(factors.rank)),
            x_label="time", x_unit="s", y_label="loading", y_unit="1", axis="time",
            title="Time courses so far",
            caption=f"Start {start + 1}, sweep {sweep + 1} of {self.plan.n_iterations}.",
        )  # fmt: skip

    @property
    def path(self) -> Path | None:
        """Where the checkpoint lies; nothing is written outside of a run."""
        folder = self.context.folder / "checkpoints"
        name = "".join(c if c.isalnum() else "-" for c in self.plan.stage)
        return folder / f"{name}.npz" if folder.is_dir() else None

    def save(self) -> None:
        """Write what is done, and the start that goes on, as npz without pickle."""
        if self.path is None:
            return
        arrays: dict[str, Any] = {}
        for k, (_, each) in enumerate(self.done):
            arrays |= {f"done.{k}.{i}": factor for i, factor in enumerate(each)}
        if self.now is not None:
            arrays |= {f"now.{i}": factor for i, factor in enumerate(self.now[1])}
        about = {
            "identity": self.identity,
            "errors": [error for error, _ in self.done],
            "sweep": -1 if self.now is None else self.now[0],
        }
        stream = io.BytesIO()
        np.savez(stream, allow_pickle=False, about=np.array(json.dumps(about)), **arrays)
        write_atomically(self.path, stream.getvalue())

    def _resume(self) -> None:
        """Take up the checkpoint of this stage, if one of this very fit is there."""
        if self.path is None or not self.path.exists():
            return
        with (
            contextlib.suppress(OSError, ValueError, KeyError),
            np.load(self.path, allow_pickle=False) as stored,
        ):
            about = json.loads(str(stored["about"]))
            if about["identity"] != self.identity:
                return
            done = [
                (float(error), Factors(*(stored[f"done.{k}.{i}"] for i in range(3))))
                for k, error in enumerate(about["errors"][: self.plan.n_starts])
            ]
            if about["sweep"] >= 0:
                self.now = (about["sweep"], Factors(*(stored[f"now.{i}"] for i in range(3))))
            self.done = done
            self.context.say(f"{self.plan.stage}: goes on after {len(done)} starts.")
