"""Simulated animals with a planted truth, from nothing or in the likeness of a real one."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from neurostudio.api import (
    Context,
    Data,
    Heatmap,
    Number,
    Params,
    Result,
    Table,
    Traces,
    View,
    method,
    param,
)

from .declaring import WARNINGS
from .simulator import Worms, imitated, worms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

UNIT = "a.u., simulated"


class SimulateParams(Params):
    """Parameters of :func:`simulate_worms`."""

    n_animals: int = param(6, "Animals", ge=1, le=100)
    n_neurons: int = param(40, "Neurons; without a real animal only", ge=10, le=400)
    length: float = param(120.0, "Length; without a real animal only", unit="s", ge=10, le=3600)
    rate: float = param(
        2.0, "Samples a second; without a real animal only", unit="Hz", gt=0, le=100
    )
    n_epochs: int = param(4, "Epochs of equal length; without a real animal only", ge=1, le=20)
    noise: float = param(
        0.5,
        "Change that is each neuron's own, a planted one being about 1.3",
        unit="1",
        ge=0,
        le=20,
    )
    gain: float = param(
        2.0, "Planted change in standard deviations of the neuron's own; with a real animal only",
        unit="1", ge=0, le=20,
    )  # fmt: skip
    missing: float = param(0.0, "Chance that an animal lacks a neuron", unit="1", ge=0, le=0.8)
    correlated: bool = param(
        False, "Keep the real neurons' correlations in the background; with a real animal only",
        advanced=True,
    )  # fmt: skip
    planted: bool = param(True, "Plant groups; without them only the background is left (null run)")


@method(
    group="Simulate",
    title="Simulate worms",
    warnings={
        "simulated": WARNINGS["simulated"],
        "from one animal": "Simulated from one animal: spectra and names are its own, groups are planted.",
    },
    example="simulated",
)
def simulate_worms(
    context: Context, params: SimulateParams, traces: Traces | None = None
) -> Result:
    """Make animals in which known groups of neurons change together in known epochs.

    With a real animal its neurons keep their spectra of change, and groups are planted in a round of three
    stimuli of 10 s every 40 s.
    """
    for _ in context.track(range(1), "Simulating"):
        made, names, times, rate = _made(context.seed, params, traces)
    random = np.random.default_rng(context.seed + 1)
    seen = random.random((len(made.values), len(names))) >= params.missing
    data: dict[str, Data] = {}
    for w, (values, here) in enumerate(zip(made.values, seen, strict=True)):
        data[f"worm_{w + 1}"] = traces_of(
            values[:, here], times, [n for n, h in zip(names, here, strict=True) if h]
        )
    data["stimuli"] = stimuli_of(made, times, 1 / rate)
    data["truth"] = truth_of(made, names)
    codes = ["simulated"] + ([] if traces is None else ["from one animal"])
    return Result(
        data=data,
        views=_views(made, names, times, "Simulated from one animal." if traces else "Simulated data."),
        numbers={
            "animals": Number(len(made.values)), "neurons": Number(len(names)),
            "length": Number(len(times) / rate, "s"),
            "seen": Number(float(seen.mean()), "1", note="share of neurons over animals"),
        },
        warnings=tuple(codes),
    )  # fmt: skip


def _made(
    seed: int, params: SimulateParams, traces: Traces | None
) -> tuple[Worms, list[str], Array, float]:
    if traces is None:
        made = worms(
            seed, noise=params.noise, n_neurons=params.n_neurons, n_animals=params.n_animals,
            n_times=round(params.length * params.rate), n_epochs=params.n_epochs,
            gain=3.0 * params.planted,
        )  # fmt: skip
        names = [f"N{k + 1:03d}" for k in range(params.n_neurons)]
        return made, names, np.arange(made.values.shape[1]) / params.rate, params.rate
    times = np.asarray(traces.frame.t, float)
    rate = float((len(times) - 1) / (times[-1] - times[0]))
    made = imitated(
        np.nan_to_num(np.asarray(traces.frame.values, float)), seed, rate=rate,
        n_animals=params.n_animals, gain=params.gain * params.planted, joint=params.correlated,
    )  # fmt: skip
    return made, list(traces.names("channels")), times[: made.values.shape[1]], rate


def traces_of(values: Array, times: Array, names: list[str]) -> Traces:
    """Return simulated traces, which say so in their unit."""
    import pynapple as nap

    return Traces(nap.TsdFrame(t=times, d=values, columns=names), UNIT)


def stimuli_of(made: Worms, times: Array, step: float) -> Table:
    """Return the epochs as a table of stimuli: start, stop, name."""
    import pandas as pd

    edges = np.r_[0, np.flatnonzero(np.diff(made.epoch)) + 1, len(times)]
    rows = [
        {"start": times[a], "stop": times[b - 1] + step, "name": f"stimulus {made.epoch[a] + 1}"}
        for a, b in pairwise(edges)
        if made.epoch[a] >= 0
    ]
    return Table(pd.DataFrame(rows))


def truth_of(made: Worms, names: list[str]) -> Table:
    """Return the planted group of each neuron in each epoch, 0 for none."""
    import pandas as pd

    rows = [
        {"stimulus": f"stimulus {e + 1}", "neuron": name, "group": int(row[k]) + 1}
        for e, row in enumerate(made.labels) for k, name in enumerate(names)
    ]  # fmt: skip
    return Table(pd.DataFrame(rows))


def _views(made: Worms, names: list[str], times: Array, note: str) -> tuple[View, ...]:
    first = made.values[0]
    scaled = (first - first.min(axis=0)) / np.maximum(np.ptp(first, axis=0), 1e-12)
    return (
        Heatmap(
            scaled.T, x=times, y_names=tuple(names), x_label="time", x_unit="s", y_label="neuron",
            value_label="trace, from least to most", value_unit="1", axis="time", title="First animal",
            caption=note,
        ),
        Heatmap(
            (made.labels + 1.0).T, x_names=tuple(f"stimulus {e + 1}" for e in range(len(made.labels))),
            y_names=tuple(names), x_label="epoch", y_label="neuron", value_label="group, 0 for none",
            value_unit="1", title="Planted truth", caption=f"Who changes together, and when. {note}",
        ),
    )  # fmt: skip
