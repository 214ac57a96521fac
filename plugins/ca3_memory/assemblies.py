"""Makes memories of place cells: one cue for each place, one bit for each unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Heatmap,
    Lines,
    Number,
    Params,
    Result,
    SpikeTrains,
    Table,
    Traces,
    View,
    method,
    param,
)

from .tables import joined, learn_and_ask, table_of
from .tracks import Track, bayes, members_of, rates_of, spikes_on, track_of

if TYPE_CHECKING:
    from neurostudio.api import Data

Array = np.ndarray[Any, np.dtype[Any]]
_MOST = 4000  # points of the drawn track


class AssemblyParams(Params):
    """Parameters of :func:`memories_from_assemblies`."""

    n_places: int = param(12, "Parts of the track; each becomes a cue", ge=2, le=64)
    until: float = param(
        0.0, "End of the movement on the clock of the recording; 0 for all", unit="s", ge=0
    )
    learn_part: float = param(
        0.5, "Share of the movement from which assemblies are made; fragments come from the rest",
        unit="1", ge=0.1, le=1.0,
    )  # fmt: skip
    window: float = param(
        0.25, "Length of the stretches that become fragments", unit="s", ge=0.05, le=10.0
    )
    slowest: float = param(
        0.03, "Slowest movement that counts, in lengths of the track a second", unit="1/s", ge=0, le=10,
        advanced=True,
    )  # fmt: skip
    lowest_rate: float = param(
        0.5, "Least rate of a unit at its places", unit="Hz", ge=0, le=100, advanced=True
    )


@method(
    group="Transform",
    title="Memories from assemblies",
    warnings={
        "no fragments": "No stretch of the rest had two active members: there are no fragments.",
        "inspiration": (
            "The spikes are recorded, the memory that will store them is simulated: do not read it as the "
            "physiology of these cells."
        ),
    },
    example="place_cells",
)
def memories_from_assemblies(
    context: Context, params: AssemblyParams, spikes: SpikeTrains, position: Traces
) -> Result:
    """Make one assembly of units for each place of a track, as a program that a memory can learn.

    Fragments, units that were active together in the rest of the movement, go to 'Recall by votes'.
    """
    import pandas as pd

    track = track_of(position, params.slowest, params.until)
    trains = spikes_on(track, spikes, params.until)
    moved = np.cumsum(track.running * track.step)
    if moved[-1] <= 0:
        raise BadInput(
            f"The animal never moves faster than {params.slowest:g} track lengths a second. Lower 'slowest'."
        )
    early = moved <= params.learn_part * moved[-1]
    rates, seconds = rates_of(track, trains, track.running & early, params.n_places)
    members = members_of(rates, params.lowest_rate)
    if not members.any():
        raise BadInput(
            f"No unit fires more than {params.lowest_rate:g} Hz at one of the places while the animal moves. "
            "Are spikes and position of one recording, on one clock?"
        )
    patterns = [np.flatnonzero(row).tolist() for row in members]
    names = spikes.names("units")
    data: dict[str, Data] = {
        "operations": Table(table_of(learn_and_ask(patterns, len(trains)), timed=False)),
        "assemblies": Table(_membership(members, rates, names)),
    }
    found = _fragments(context, params, track, trains, members, rates, seconds, early)
    if len(found):
        data["fragments"] = Table(pd.DataFrame(found))
    sizes = members.sum(axis=1)
    numbers = {
        "units used": Number(int(members.any(axis=0).sum()), note=f"of {len(trains)} units"),
        "bits per place": Number(
            float(sizes.mean()),
            low=float(sizes.min()),
            high=float(sizes.max()),
            note="mean, least, most",
        ),
        "places without a unit": Number(int((sizes == 0).sum()), note=f"of {params.n_places}"),
        "time in the learning part": Number(float(seconds.sum()), "s", note="movement only"),
        "fragments": Number(
            len(found), note="stretches of the rest with at least two active members"
        ),
    }
    codes = (
        ("inspiration",)
        if len(found) or params.learn_part == 1
        else ("inspiration", "no fragments")
    )
    return Result(data, _views(track, rates, members, names, early), numbers, codes)


def _membership(members: Array, rates: Array, names: tuple[str, ...]) -> Any:
    import pandas as pd

    return pd.DataFrame(
        {
            "place": np.arange(len(members)),
            "from": np.arange(len(members)) / len(members),
            "to": (np.arange(len(members)) + 1) / len(members),
            "bits": [joined(np.flatnonzero(row).tolist()) for row in members],
            "units": [" ".join(names[k] for k in np.flatnonzero(row)) for row in members],
            "mean rate of members": [
                float(r[m].mean()) if m.any() else 0.0 for r, m in zip(rates, members, strict=True)
            ],
        }
    )


def _fragments(
    context: Context,
    params: AssemblyParams,
    track: Track,
    trains: list[Array],
    members: Array,
    rates: Array,
    seconds: Array,
    early: Array,
) -> list[dict[str, Any]]:
    """Return the active members, true and decoded place of each stretch of the rest, a dict each."""
    if early.all():
        return []
    begin = float(track.times[np.argmin(early)])
    starts = np.arange(begin, track.times[-1] - params.window, params.window)
    belongs = members.any(axis=0)
    found = []
    for start in context.track(starts, "Fragments"):
        inside = slice(*np.searchsorted(track.times, [start, start + params.window]))
        moving = track.running[inside]
        if not len(moving) or not moving.all() or not _covered(track, inside, params.window):
            continue
        counts = np.array(
            [np.diff(np.searchsorted(each, [start, start + params.window]))[0] for each in trains]
        )
        active = np.flatnonzero((counts > 0) & belongs)
        if len(active) < 2:
            continue
        where = float(np.median(track.position[inside]))
        guess = bayes(rates, seconds, counts[None, :], params.window)[0]
        found.append(
            {
                "time": start + params.window / 2,
                "content": joined(active.tolist()),
                "cue": min(int(where * params.n_places), params.n_places - 1),
                "position": where,
                "decoded cue": int(guess),
            }
        )
    return found


def _covered(track: Track, inside: slice, window: float) -> bool:
    return float(track.step[inside].sum()) > 0.9 * window


def _views(
    track: Track, rates: Array, members: Array, names: tuple[str, ...], early: Array
) -> tuple[View, ...]:
    n = len(rates)
    order = np.lexsort((rates.argmax(axis=0), ~members.any(axis=0)))
    scaled = rates / np.maximum(rates.max(axis=0), 1e-9)
    places = (np.arange(n) + 0.5) / n
    sides = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]) * np.array([0.5 / n, 0.46])
    outlines = tuple(
        sides + np.array([places[place], row])
        for row, unit in enumerate(order)
        for place in np.flatnonzero(members[:, unit])
    )
    maps = Heatmap(
        scaled[:, order].T,
        x=places,
        y_names=tuple(f"unit {names[k]}" for k in order),
        x_label="position",
        x_unit="of the track",
        y_label="unit",
        value_label="rate, of the unit's largest",
        outlines=outlines,
        title="Rate maps and chosen members",
        caption="Framed: the unit belongs to the place, and is a bit of its pattern; "
        "units that fire too rarely belong to none. Recorded spikes.",
    )
    every = max(1, len(track.times) // _MOST)
    drawn = np.where(track.running, track.position, np.nan)[::every]
    split = {} if early.all() else {"fragments from here": float(track.times[np.argmin(early)])}
    path = Lines(
        track.times[::every], drawn[None, :], names=("position while moving",), x_label="time", x_unit="s",
        y_label="position", y_unit="of the track", marks=split, title="Movement along the track",
        caption="First principal axis of the position, from its 1st to its 99th percentile.", axis="time",
    )  # fmt: skip
    return maps, path
