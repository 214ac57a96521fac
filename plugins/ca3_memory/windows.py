"""The window of the plasticity: what one pair of spikes does to one weight at each lag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Context, Lines, Number, Params, Result, Table, method, param
from neurostudio.spiking.connections import from_matrix
from neurostudio.spiking.deferred import DeferredLearner, deferred_window

from .rules import LABELS, plasticity

if TYPE_CHECKING:
    from neurostudio.spiking.deferred import Deferred

Array = np.ndarray[Any, np.dtype[Any]]
_MIDDLE = 3.0  # nA
_LONG = 400  # ms after which the sender spikes again, when every trace is gone


class WindowParams(Params):
    """Parameters of :func:`stdp_window`."""

    longest: float = param(0.010, "Longest lag on both sides", unit="s", ge=0.001, le=0.1)
    start: float = param(
        3e-9, "The weight before the pair; it is clipped to 0 and 6 nA", unit="A", ge=0, le=6e-9
    )


@method(
    group="Simulate",
    title="STDP window",
    warnings={
        "simulated data": "A rule of plasticity of a simulated network, not a measurement of synapses.",
        "clipped": "The weight is clipped to 0 and 6 nA: the curves show what is left of larger changes.",
    },
    example="window",
)
def stdp_window(context: Context, params: WindowParams) -> Result:
    """Show how one pair of spikes changes a weight, for the published and for the robust constants.

    The lag runs from the sender's spike to the moment when the receiver's counts, 1 ms after it happened.
    """
    import pandas as pd

    longest = round(params.longest * 1e3)
    lags = np.arange(-longest, longest + 1)
    columns: dict[str, Array] = {"lag": lags * 1e-3}
    start = params.start * 1e9
    clips = False
    for preset in context.track(tuple(LABELS), "Pairs of spikes"):
        rule = plasticity(preset).rule
        columns[LABELS[preset]] = 1e-9 * np.array([measured(rule, int(lag), start) for lag in lags])
        columns[f"{LABELS[preset]}, before clipping"] = 1e-9 * deferred_window(rule, lags)
        whole = columns[f"{LABELS[preset]}, before clipping"]
        clips = clips or not np.allclose(columns[LABELS[preset]], whole)
    zero = int(np.flatnonzero(lags == 0)[0])
    numbers = {
        f"change at lag 0, {label}": Number(
            float(columns[f"{label}, before clipping"][zero]),
            "A",
            note="full depression, before clipping",
        )
        for label in LABELS.values()
    }
    view = Lines(
        lags * 1e-3,
        np.stack([columns[label] for label in LABELS.values()]),
        names=tuple(LABELS.values()),
        x_label="lag: receiver counts after sender",
        x_unit="s",
        y_label="change of the weight",
        y_unit="A",
        levels={"no change": 0.0},
        title="STDP window",
        caption=(
            f"One pair of spikes, from {start:g} nA, clipped to 0 and 6 nA, measured on the synapse itself. "
            "Growth shows when the sender spikes again. Simulated."
        ),
    )
    codes = ("simulated data", "clipped") if clips else ("simulated data",)
    return Result({"window": Table(pd.DataFrame(columns))}, (view,), numbers, codes)


def measured(rule: Deferred, lag: int, start: float = _MIDDLE) -> float:
    """Return what a pair of spikes did to a weight, both in the unit of the rule.

    Parameters
    ----------
    lag
        From the sender's spike to the moment when the receiver's counts, ms.
    """
    wiring = from_matrix(np.ones((1, 1))).weighted(np.array([start]))
    learner, weights = DeferredLearner(rule, wiring, 1.0), np.array([start])
    one, none = np.array([0]), np.empty(0, np.int64)
    sender = max(0, -lag) + rule.delay
    receiver = sender + lag - rule.delay
    end = sender if lag <= 0 else sender + _LONG
    for step in range(end + 1):
        sends = step in {sender, end}
        learner.learn(weights, one if sends else none, one if step == receiver else none)
    # the second spike of the sender depresses by what is left of the receiver's trace: nothing
    return float(weights[0] - start)
