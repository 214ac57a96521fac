"""Runs a network and keeps what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    BadInput,
    Connectome,
    Context,
    Estimate,
    Number,
    Result,
    SpikeTrains,
    Text,
    Traces,
    method,
)
from neurostudio.spiking.networks import Source

from . import building, drawing, named
from .activity import Activity, FastRunner, GeneralRunner, Group, TorchRunner, collect
from .declaring import WARNINGS, SimulateParams
from .describing import read
from .keeping import connectome_of, mean_rates, trains_of
from .pausing import Pause
from .regenerating import RegeneratedRunner

if TYPE_CHECKING:
    from neurostudio.api import Data, Items

    from .activity import Runner
    from .describing import NetworkDescription

Array = np.ndarray[Any, np.dtype[Any]]
LARGE = 100_000  # neurons from which a graphics card is faster
LIVE = 0.5  # s of biology on the live pictures


def _memory(params: SimulateParams, items: Items) -> Estimate:
    del items
    stored = params.connectivity == "stored"
    pairs = params.n_neurons**2 * params.connection_probability if stored else 0
    spikes = params.n_neurons * 30 * params.duration
    n = int(40 * pairs / (10 if params.network in {"COBA-LIF", "CUBA-LIF", "COBA-HH"} else 1))
    return Estimate(
        n + int(spikes * 48) + params.n_neurons * 64 + 200_000_000,
        "Simulate fewer neurons, a lower connection probability, or a shorter time.",
    )


def _check(params: SimulateParams, items: Items) -> None:
    if params.network in {"multi-area", "from connectome"} and items.get("connectome") is None:
        raise BadInput(f"The {params.network} network needs a Connectome: choose one as input.")
    if params.network == "described" and items.get("description") is None:
        raise BadInput(
            "A described network needs a Text with the description: 'Export network' writes one."
        )
    if params.duration < params.dt:
        raise BadInput(f"{params.duration:g} s are shorter than one step of {params.dt:g} s.")
    if params.record_every < params.dt:
        raise BadInput(
            f"The potential cannot be kept every {params.record_every:g} s at steps of {params.dt:g} s."
        )


@method(
    group="Simulate", warnings=WARNINGS, memory=_memory, check=_check, gpu=True, example="network"
)
def simulate_network(
    context: Context,
    params: SimulateParams,
    connectome: Connectome | None = None,
    spikes: SpikeTrains | None = None,
    currents: Traces | None = None,
    description: Text | None = None,
) -> Result:
    """Run a network of spiking neurons, event by event.

    Spike trains drive the first population through synapses; currents drive its neurons, one series after
    the other, in the unit of the law's equation.
    """
    made = describe(params, connectome, description, context.seed)
    dt = made.dt
    every = max(1, round(params.record_every * 1e3 / dt))
    activity = Activity(groups_of(made), params.duration, every=every * dt * 1e-3)
    runner, codes = _runner(context, params, made, spikes, currents, every, activity)
    meaning = f"{params.model_dump_json()} {context.seed} {context.names}"
    pause = Pause(
        context.folder / "checkpoints", meaning, runner if isinstance(runner, FastRunner) else None
    )
    collect(context, runner, activity, dt, lambda a: _show(context, a), params.show_every, pause)
    return _result(params, activity, made, codes)


def describe(
    params: Any, connectome: Connectome | None, description: Text | None, seed: int
) -> NetworkDescription:
    """Return the network that the parameters and inputs mean."""
    if params.network == "described":
        if description is None:
            raise BadInput("A described network needs a Text with the description.")
        return read(description)
    return named.describe(params, connectome, seed)


def groups_of(made: NetworkDescription) -> tuple[Group, ...]:
    """Return where each population stands among all neurons."""
    firsts = np.cumsum([0, *(each.size for each in made.populations)])
    return tuple(
        Group(each.name, each.kind, int(first), each.size)
        for each, first in zip(made.populations, firsts, strict=False)
    )


def _runner(
    context: Context,
    params: SimulateParams,
    made: NetworkDescription,
    spikes: SpikeTrains | None,
    currents: Traces | None,
    every: int,
    activity: Activity,
) -> tuple[Runner, list[str]]:
    codes, seed = ["simulated data"], context.seed
    plain = spikes is None and currents is None and params.solver == "exponential_euler"
    precision = params.precision
    activity.recorded = tuple(
        f"{each.name} {k}"
        for each in made.populations
        for k in range(min(params.n_recorded, each.size))
    )
    if params.connectivity == "regenerated":
        if params.network != "COBA-LIF" or not plain:
            raise BadInput("Regenerated connections exist for COBA-LIF without inputs: store them.")
        found = RegeneratedRunner(made, seed, precision, params.n_recorded, every)
        activity.n_synapses, activity.nbytes = found.n_synapses, 0
        return found, [*codes, *(["single precision"] if precision == "single" else [])]
    fast = building.balanced(made, seed) if plain and params.backend != "numpy" else None
    if fast is not None:
        activity.n_synapses = fast.connections.n_synapses
        activity.nbytes = fast.connections.nbytes
        choices = (fast, made.dt, precision, params.n_recorded, every)
        runner: Runner = FastRunner(*choices)
        if _on_torch(params, context.device):
            runner = TorchRunner(*choices, context.device)
        return runner, [*codes, *(["single precision"] if precision == "single" else [])]
    sources = (_given_trains(spikes),) if spikes is not None else ()
    network = building.network(made, seed, sources, params.input_probability, params.input_weight)
    if currents is not None:
        network = building.driven(network, _steps_of(currents, made.dt, params.duration))
    activity.n_synapses, activity.nbytes = network.n_synapses, network.nbytes
    backend = "numpy" if params.backend == "numpy" else "numba"
    general = GeneralRunner(
        network,
        dt=made.dt,
        seed=seed,
        backend=backend,
        precision="double",
        solver=params.solver,
        n_recorded=params.n_recorded,
        every=every,
    )
    return general, codes


def _on_torch(params: SimulateParams, device: str) -> bool:
    large = device.startswith("cuda") and params.n_neurons > LARGE
    return params.backend == "torch" or (params.backend == "auto" and large)


def _given_trains(spikes: SpikeTrains) -> Source:
    """Return a source that repeats recorded trains from the start of the recording on."""
    units = spikes.units
    start = float(units.time_support.start[0])
    times = tuple((np.asarray(units[key].index) - start) * 1e3 for key in units.index)
    return Source("given spikes", len(times), times)


def _steps_of(currents: Traces, dt: float, duration: float) -> Array:
    """Return the currents at every step, shape (n_steps, n_series); nothing after their end."""
    times = np.asarray(currents.frame.t, float)
    values = np.nan_to_num(np.asarray(currents.frame.values, float))
    steps = np.arange(round(duration * 1e3 / dt)) * dt * 1e-3 + times[0]
    return np.stack([np.interp(steps, times, v, right=0.0) for v in values.T], axis=1)


def _show(context: Context, activity: Activity) -> None:
    recent = activity.recent(LIVE)
    context.show("Spikes", drawing.raster(recent))
    context.show("Population rate", drawing.rates(recent))
    if activity.recorded:
        context.show("Potential", drawing.potentials(recent))


def _result(
    params: SimulateParams, activity: Activity, made: NetworkDescription, codes: list[str]
) -> Result:
    trains, partial = trains_of(activity, params.n_trains)
    data: dict[str, Data] = {"spikes": trains, "rates": mean_rates(activity)}
    if activity.recorded:
        data["potentials"] = _potentials(activity)
    matrix, reduced = connectome_of(made, activity, params)
    if matrix is not None:
        data["connectome"] = matrix
    codes = [*codes, *(["trains"] if partial else []), *(["reduced"] if reduced else [])]
    data["description"] = Text(made.text() if made.n_neurons <= 100_000 else made.title)
    return Result(
        data=data,
        views=drawing.all_views(activity),
        numbers=_numbers(activity),
        warnings=tuple(codes),
    )


def _potentials(activity: Activity) -> Traces:
    import pynapple as nap

    values = np.concatenate(activity.potentials).astype(float) * 1e-3
    times = (np.arange(len(values)) + 1) * activity.every
    return Traces(nap.TsdFrame(t=times, d=values, columns=list(activity.recorded)), "V")


def _numbers(activity: Activity) -> dict[str, Number]:
    numbers = {
        f"rate {each.name}": Number(activity.rate(each), "Hz", note="simulated")
        for each in activity.groups[:8]
    }
    numbers["interval CV"] = Number(
        activity.irregularity(), "1", note="mean over neurons; 1 for a Poisson process; simulated"
    )
    wall = max(activity.wall, 1e-9)
    note = "engine alone, after compilation where it was compiled before; for the rates above"
    numbers["wall time"] = Number(wall, "s", note=note, of_machine=True)
    numbers["biological / wall"] = Number(
        activity.seen / wall, "1", note="above 1: faster than life", of_machine=True
    )
    numbers["synapses"] = Number(float(activity.n_synapses), "1")
    numbers["connections"] = Number(float(activity.nbytes), "bytes")
    return numbers
