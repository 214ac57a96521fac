"""One liquid of a comparison: what it scores, beside shuffled labels, and how it behaves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from neurostudio.api import Context

    from .coding import Samples
    from .declaring import ReadingParams
    from .liquids import Liquid
    from .parts import Parts
    from .presenting import Showing

N_GAUGED = 10  # samples for branching, of 250 ms


@dataclass(frozen=True, slots=True)
class Row:
    """One liquid: its rule, its weight or that of its astrocyte, what was measured."""

    liquid: str
    parameter: float
    seed: int
    validation: float
    accuracy: float
    shuffled: float
    branching: float
    rate: float
    n_test: int


def read_one(
    context: Context, params: ReadingParams, samples: Samples, parts: Parts, liquid: Liquid,
    showing: Showing, plan: tuple[str, float, int],
    name: str = "",
) -> Row:  # fmt: skip
    """Return how well a liquid is read; ``plan`` is its rule, its parameter, its network."""
    from .measuring import branching
    from .organising import PROBE_STEPS
    from .presenting import FADING, spikes_of, steps_of
    from .reading import read, responses
    from .stepping import FIXED

    (rule, value, seed), classes = plan, samples.classes
    name = name or f"{rule} {value:g}, network {seed}"
    plastic = params.presentation == "plastic" and rule != "fixed"
    learning = (
        showing.learning._replace(fading=FADING)
        if plastic
        else showing.learning._replace(rule=FIXED)
    )
    shown = replace(showing, n_steps=steps_of(params.presentation_time), learning=learning)
    given = responses(context, liquid, samples, samples, parts, parts.test, classes, shown, name)
    found = read(context, params, given, len(classes))
    random = np.random.default_rng([seed, 701])
    null = read(context, params, given, len(classes), random.permutation(given.every[1]))
    n_steps = min(samples.longest or PROBE_STEPS, PROBE_STEPS)
    trains = spikes_of(
        liquid, samples, parts.train[:N_GAUGED].tolist(), replace(shown, n_steps=n_steps)
    )
    factor = branching(liquid.inner, trains, n_steps)
    return Row(
        rule, value, seed, found.validation, found.test, null.test,
        float(np.nanmean(factor)) if np.isfinite(factor).any() else 0.0, given.rate, len(parts.test),
    )  # fmt: skip


def interval_of(rows: list[Row]) -> tuple[float, float, float]:
    """Return mean accuracy and bounds: over networks where there are three, else over test samples."""
    from neurostudio.scores import interval_of_share

    values = np.array([row.accuracy for row in rows])
    mean = float(values.mean())
    low, high = interval_of_share(mean, rows[0].n_test)
    if len(values) >= 3:
        half = 1.96 * float(values.std(ddof=1)) / np.sqrt(len(values))
        low, high = min(low, mean - half), max(high, mean + half)
    return mean, max(0.0, low), min(1.0, high)
