"""Small memories whose right answers are known."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from neurostudio.api import Context, Example, ImageStack, SpikeTrains, Table, Traces, TrainedModel

from .programs import Operation, by_content, by_cue, experiment, learn
from .tables import table_of


def first_experiment() -> Example:
    """Return the first published demonstration: 9 operations in 90 ms."""
    return Example({})


def orthogonal_operations() -> list[Operation]:
    """Return 8 memories of 4 bits that share none, recalled by every cue and by every bit."""
    return [
        *(learn(0, cue, range(4 * cue, 4 * cue + 4)) for cue in range(8)),
        *(by_cue(0, cue) for cue in range(8)),
        *(by_content(0, (bit,)) for bit in range(32)),
    ]


def orthogonal() -> Example:
    """Return 8 orthogonal memories of 4 bits as a table."""
    frame = table_of(orthogonal_operations(), timed=False)
    return Example({"program": "from table"}, {"operations": Table(frame)})


def one_pattern() -> Example:
    """Return a memory that holds two patterns, and overwrites one of them."""
    return Example({"cue": 0, "content": (2, 3)}, {"memory": _memory()})


def one_recall() -> Example:
    """Return a memory of the first experiment, which is asked for bit 6: only cue 4 holds it."""
    return Example({"by": "content", "content": (6,)}, {"memory": _memory()})


@cache
def _memory() -> TrainedModel:
    from .declaring import ProgramParams
    from .programming import run_memory_program

    made: Any = run_memory_program(Context(), ProgramParams())["memory"]
    model: TrainedModel = made
    return model


def _cells(n_units: int = 12, seconds: float = 120.0) -> tuple[SpikeTrains, Traces]:
    """Return units that fire at evenly spread places while an animal runs to and fro."""
    import pynapple as nap

    random = np.random.default_rng(0)
    times = np.arange(0, seconds, 1 / 60)
    position = 0.5 - 0.5 * np.cos(2 * np.pi * times / 10.0)
    support = nap.IntervalSet(0.0, seconds)
    trains = {}
    for unit in range(n_units):
        centre = (unit + 0.5) / n_units
        rate = 20.0 * np.exp(-0.5 * ((position - centre) / 0.06) ** 2)
        fired = random.random(len(times)) < rate / 60
        trains[unit] = nap.Ts(times[fired] + 0.002, time_support=support)
    group = nap.TsGroup(trains, time_support=support)
    frame = nap.TsdFrame(
        t=times, d=np.stack([2.0 * position, 0.5 * position], axis=1), columns=["x", "y"]
    )
    return SpikeTrains(group), Traces(frame, "m")


def place_cells() -> Example:
    """Return 12 simulated place cells on a track of 12 places."""
    spikes, position = _cells()
    return Example({}, {"spikes": spikes, "position": position})


@cache
def _assemblies() -> dict[str, Any]:
    from .assemblies import AssemblyParams, memories_from_assemblies

    spikes, position = _cells()
    found = memories_from_assemblies(Context(), AssemblyParams(), spikes=spikes, position=position)
    return dict(found.data)


def voting() -> Example:
    """Return assemblies of simulated place cells and fragments of the rest of their activity."""
    made = _assemblies()
    few = Table(made["fragments"].frame.head(30))
    return Example({}, {"program": made["operations"], "fragments": few})


def pictures() -> Example:
    """Return three letters of 5 x 5 pixels."""
    import xarray

    letters = {
        "T": "11111 00100 00100 00100 00100",
        "L": "10000 10000 10000 10000 11111",
        "X": "10001 01010 00100 01010 10001",
    }
    pixels = [[[int(c) for c in row] for row in words.split()] for words in letters.values()]
    coords = {"id": ("item", list(letters))}
    array = xarray.DataArray(np.array(pixels, float), dims=("item", "y", "x"), coords=coords)
    return Example({"size": 0}, {"images": ImageStack(array)})


def capacities() -> Example:
    """Return two small sizes."""
    return Example({"sizes": ("3x6", "5x10"), "n_rounds": 2, "n_pairs": 4})


def window() -> Example:
    """Return the window as published."""
    return Example({})


def experiment_tables() -> dict[int, Table]:
    """Return the three published demonstrations as tables of operations."""
    return {number: Table(table_of(experiment(number).operations)) for number in (1, 2, 3)}
