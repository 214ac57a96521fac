"""One neuron: its course under a current, and how its rate grows with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Lines,
    Number,
    Result,
    SpikeTrains,
    Table,
    Traces,
    method,
    param,
)
from neurostudio.spiking.engine import Simulation
from neurostudio.spiking.networks import Network, Population

from .cell_params import WARNINGS, LawParams, chosen, described, unit_of

if TYPE_CHECKING:
    from neurostudio.api import Items
    from neurostudio.spiking.laws import Law

Array = np.ndarray[Any, np.dtype[Any]]
MOST_DRAWN = 20_000


class NeuronParams(LawParams):
    """Parameters of :func:`simulate_neuron`."""

    current: float = param(10.0, "Constant input, in the unit of the law's equation", unit="1")
    onset: float = param(0.05, "When the constant input begins", unit="s", ge=0)
    duration: float = param(0.3, "Time that passes", unit="s", gt=0, le=600)
    dt: float = param(0.00001, "Step of time", unit="s", ge=1e-7, le=0.01)
    solver: Literal["exponential_euler", "euler", "rk4"] = param(
        "rk4", "How the equations are integrated", advanced=True
    )


@method(group="Simulate", warnings=WARNINGS, example="neuron")
def simulate_neuron(
    context: Context, params: NeuronParams, currents: Traces | None = None
) -> Result:
    """Run one neuron (or rate model) under a constant current, or under a recorded one.

    A recorded current starts with its first sample and replaces the constant one, in the same unit.
    """
    import pynapple as nap

    law, changed = chosen(params)
    dt = params.dt * 1e3
    n = round(params.duration / params.dt)
    drive = _drive(params, currents, n)
    neuron = Population("neuron", 1, law, changed, drive=drive[:, None])
    simulation = Simulation(
        Network((neuron,)), dt, context.seed, solver=params.solver, n_recorded=0
    )
    states = np.empty((n, len(law.variables)))
    spikes = []
    for start in context.track(range(0, n, 1000), "Simulating"):
        for k, fired in enumerate(simulation.steps(min(1000, n - start)), start):
            states[k] = simulation.neurons["neuron"].state[:, 0]
            if len(fired["neuron"]):
                spikes.append((k + 1) * params.dt)
    times = (np.arange(n) + 1) * params.dt
    support = nap.IntervalSet(0.0, params.duration)
    trains = nap.TsGroup({0: nap.Ts(np.array(spikes), time_support=support)}, time_support=support)
    traces = Traces(
        nap.TsdFrame(t=times, d=states, columns=list(law.variables)), unit_of(law, law.variables[0])
    )
    return Result(
        data={"states": traces, "spikes": SpikeTrains(trains)},
        views=_views(law, changed, times, states, drive),
        numbers={
            "spikes": Number(float(len(spikes)), "1", note="simulated"),
            "rate": Number(_rate(spikes, params), "Hz", note="after the onset; simulated"),
        },
        warnings=("simulated data",),
    )


def _drive(params: NeuronParams, current: Traces | None, n: int) -> Array:
    times = np.arange(n) * params.dt
    if current is None:
        return np.where(times >= params.onset, params.current, 0.0)
    if current.frame.shape[1] != 1:
        raise BadInput(
            f"The current has {current.frame.shape[1]} series; one neuron takes one: choose a series."
        )
    given = np.asarray(current.frame.t, float)
    values = np.asarray(current.frame.values, float)[:, 0]
    drive: Array = np.interp(times + given[0], given, values, right=0.0)
    return drive


def _rate(spikes: list[float], params: NeuronParams) -> float:
    length = max(params.duration - params.onset, params.dt)
    return sum(each >= params.onset for each in spikes) / length


def _views(
    law: Law, changed: dict[str, float], times: Array, states: Array, drive: Array
) -> tuple[Lines, ...]:
    step = max(1, len(times) // MOST_DRAWN)
    first, rest = law.variables[0], law.variables[1:]
    words = described(law, changed)
    views = [
        Lines(
            times[::step],
            states[::step, :1].T,
            names=(first,),
            x_label="time",
            x_unit="s",
            y_label=first,
            y_unit=unit_of(law, first),
            title=law.title,
            caption=words,
            axis="time",
        )
    ]
    if rest:
        views.append(
            Lines(
                times[::step],
                states[::step, 1:].T,
                names=rest,
                x_label="time",
                x_unit="s",
                y_label="state",
                y_unit=unit_of(law, rest[0]),
                title="Other variables",
                caption=words,
                axis="time",
            )
        )
    views.append(
        Lines(
            times[::step],
            drive[None, ::step],
            x_label="time",
            x_unit="s",
            y_label="input",
            y_unit="1",
            title="Input",
            caption="In the unit of the law's equation.",
            axis="time",
        )
    )
    return tuple(views)


class CurveParams(LawParams):
    """Parameters of :func:`frequency_current_curve`."""

    law: Literal[
        "lif",
        "exponential",
        "adaptive_exponential",
        "quadratic",
        "adaptive_quadratic",
        "generalised",
        "izhikevich",
        "adapting_threshold",
        "theta",
        "hodgkin_huxley",
        "morris_lecar",
        "wang_buzsaki",
    ] = param("lif", "Which law of motion")
    lowest: float = param(0.0, "Smallest current, in the unit of the law's equation", unit="1")
    highest: float = param(40.0, "Largest current", unit="1")
    n_currents: int = param(41, "Currents in between, evenly spread", ge=2, le=1000)
    duration: float = param(
        1.0, "Time for each current; spikes after a tenth count", unit="s", gt=0, le=100
    )
    dt: float = param(0.00001, "Step of time", unit="s", ge=1e-7, le=0.001)


def _check_curve(params: CurveParams, items: Items) -> None:
    del items
    if params.highest <= params.lowest:
        raise BadInput(
            f"Currents from {params.lowest:g} to {params.highest:g}: the largest must be above."
        )


@method(group="Simulate", warnings=WARNINGS, check=_check_curve, example="curve")
def frequency_current_curve(context: Context, params: CurveParams) -> Result:
    """Count the spikes of one law at each of many constant currents, beside theory where there is one."""
    import pandas as pd

    law, changed = chosen(params)
    currents = np.linspace(params.lowest, params.highest, params.n_currents)
    neurons = Population("neurons", len(currents), law, changed, drive=currents)
    simulation = Simulation(Network((neurons,)), params.dt * 1e3, context.seed, n_recorded=0)
    n = round(params.duration / params.dt)
    rates = _measured(context, simulation, len(currents), n, params)
    theory = analytic(law, changed, currents)
    table = {"current": currents, "rate_hz": rates}
    lines, names = [rates], ["simulated"]
    if theory is not None:
        table["analytic_rate_hz"] = theory
        lines.append(theory)
        names.append("theory")
    fires = np.flatnonzero(rates > 0)
    rheobase = float(currents[fires[0]]) if len(fires) else float("nan")
    numbers = {"rheobase": Number(rheobase, "1", note="smallest current that fires; simulated")}
    if theory is not None:
        both = theory > 0
        error = np.max(np.abs(rates[both] / theory[both] - 1)) if both.any() else 0.0
        numbers["largest error"] = Number(float(error), "1", note="relative, against theory")
    view = Lines(
        currents,
        np.array(lines),
        names=tuple(names),
        x_label="current",
        x_unit="unit of the law",
        y_label="rate",
        y_unit="Hz",
        title="Frequency against current",
        caption=described(law, changed),
    )
    return Result(
        data={"curve": Table(pd.DataFrame(table))},
        views=(view,),
        numbers=numbers,
        warnings=("simulated data",),
    )


def _measured(
    context: Context, simulation: Simulation, size: int, n: int, params: CurveParams
) -> Array:
    """Return rates from the mean interval after the first tenth, which counts no broken interval."""
    first, last, count = np.full(size, np.nan), np.full(size, np.nan), np.zeros(size)
    begin = n // 10
    for start in context.track(range(0, n, 1000), "Simulating"):
        for k, fired in enumerate(simulation.steps(min(1000, n - start)), start):
            spikes = fired["neurons"]
            if k < begin or not len(spikes):
                continue
            new = np.isnan(first[spikes])
            first[spikes[new]] = k
            last[spikes] = k
            count[spikes] += 1
    with np.errstate(invalid="ignore", divide="ignore"):
        rates = (count - 1) / ((last - first) * params.dt)
    return np.where(count > 1, rates, 0.0)


def analytic(law: Law, changed: dict[str, float], currents: Array) -> Array | None:
    """Return the rate of a leaky neuron in Hz: ``1 / (t_ref + tau ln((RI - (reset-rest)) / (RI - gap)))``."""
    if law.name != "lif":
        return None
    p = law.parameters(**changed)
    push = p.resistance * currents
    gap, fall = p.threshold - p.rest, p.reset - p.rest
    fires = push > gap
    safe = np.where(fires, push, gap + 1.0)
    period = p.refractory + p.tau * np.log((safe - fall) / (safe - gap))
    return np.where(fires, 1e3 / period, 0.0)
