"""Spike trains with planted truths: a response, a synchronous pair, places, and a condition."""

from __future__ import annotations

from typing import Any

import numpy as np

from neurostudio.api import Example, SpikeTrains, Table, Traces

LENGTH = 100.0
RATE = 10.0
OBJECTS = ("car", "face", "kiwi")
TRACK = 200.0
FIELDS = 8
FIELD_WIDTH = 15.0


def _group(trains: list[Any], end: float) -> Any:
    import pynapple as nap

    return nap.TsGroup(
        {k: nap.Ts(np.sort(times)) for k, times in enumerate(trains)},
        time_support=nap.IntervalSet(0.0, end),
    )


def poisson(
    random: np.random.Generator, rate: float, start: float, end: float
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return a Poisson train."""
    return random.uniform(start, end, random.poisson(rate * (end - start)))


def trials(seed: int = 0, n: int = 90) -> tuple[SpikeTrains, Table]:
    """Return five units and trials of 1 s, the onset 0.5 s after a trial's begin.

    Unit 0 fires 10 Hz and 40 Hz from 0.1 to 0.3 s after every onset. Units 1 to 3 do so for one object
    each. Unit 4 does not respond.
    """
    import pandas as pd

    random = np.random.default_rng(seed)
    kinds = np.tile(OBJECTS, -(-n // len(OBJECTS)))[:n]
    onsets = np.arange(n) + 0.5
    trains = []
    for unit in range(5):
        parts = [poisson(random, RATE, 0, n)]
        for onset, kind in zip(onsets, kinds, strict=True):
            if unit == 0 or (1 <= unit <= 3 and kind == OBJECTS[unit - 1]):
                parts.append(poisson(random, 3 * RATE, onset + 0.1, onset + 0.3))
        trains.append(np.concatenate(parts))
    frame = pd.DataFrame(
        {"start_time": onsets - 0.5, "stimulus_onset_time": onsets, "object": kinds}
    )
    return SpikeTrains(_group(trains, float(n))), Table(frame)


def pair(seed: int = 0) -> SpikeTrains:
    """Return three units at 10 Hz; of unit 0's spikes four in ten are followed by unit 1 after 5 ms."""
    random = np.random.default_rng(seed)
    first, second, third = (poisson(random, RATE, 0.1, LENGTH - 0.1) for _ in range(3))
    follows = first[random.random(len(first)) < 0.4] + 0.005
    return SpikeTrains(_group([first, np.concatenate([second, follows]), third], LENGTH))


def track(seed: int = 0, length: float = 240.0) -> tuple[SpikeTrains, Traces]:
    """Return eight units with places along 200 cm that are run in 3 to 8 s each way, and one without."""
    import pynapple as nap

    random = np.random.default_rng(seed)
    times = np.arange(0, length, 1 / 30)
    turns = np.cumsum(random.uniform(3, 8, int(length / 3) + 1))
    place = TRACK * np.interp(times, np.r_[0, turns], np.arange(len(turns) + 1) % 2)
    trains = []
    for unit in range(FIELDS + 1):
        centre = TRACK * (unit + 0.5) / FIELDS
        candidates = poisson(random, 25.0, 0, length)
        there = np.interp(candidates, times, place)
        chance = np.exp(-0.5 * ((there - centre) / FIELD_WIDTH) ** 2)
        if unit == FIELDS:
            chance = np.full(len(candidates), 0.2)
        trains.append(candidates[random.random(len(candidates)) < chance])
    frame = nap.TsdFrame(t=times, d=np.stack([place, 0 * place], axis=1), columns=["x", "y"])
    return SpikeTrains(_group(trains, length)), Traces(frame, "cm")


def responses() -> Example:
    """Return units of which four respond."""
    spikes, table = trials()
    return Example({"group": "object"}, {"spikes": spikes, "trials": table})


def pairs() -> Example:
    """Return units of which one follows another."""
    return Example({"controls": 40}, {"spikes": pair()})


def intervals() -> Example:
    """Return units at 10 Hz."""
    return Example({}, {"spikes": pair()})


def rates() -> Example:
    """Return units at 10 Hz, to be counted in bins of 1 s."""
    return Example({"bin": 1.0}, {"spikes": pair()})


def tuned() -> Example:
    """Return units that follow the place on a track."""
    spikes, position = track()
    return Example({"channel": "x", "shuffles": 30}, {"spikes": spikes, "feature": position})


def places() -> Example:
    """Return units that fire at a place of a track."""
    spikes, position = track()
    return Example({"channels": ("x",), "shuffles": 30}, {"spikes": spikes, "position": position})


def decoded() -> Example:
    """Return units from which the place can be read."""
    spikes, position = track()
    return Example(
        {"channels": ("x",), "blocks": 6, "controls": 4}, {"spikes": spikes, "position": position}
    )


def trials_decoded() -> Example:
    """Return units of which three tell the object from 0.1 s on."""
    spikes, table = trials()
    values = {"column": "object", "end": 0.4, "step": 0.1, "permutations": 3}
    return Example(values, {"spikes": spikes, "trials": table})
