"""Where an animal is, read from its spikes."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Heatmap,
    Lines,
    Number,
    Result,
    Scatter,
    SpikeTrains,
    Traces,
    View,
    method,
    param,
)
from neurostudio.scores import bootstrap, interval

from .choosing import check_units, chosen, spikes_of, traces_of
from .controls import shifted
from .moving import Path, PlaceParams, check_place, path_of
from .places import maps_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Items

    Array = NDArray[np.float64]

_DRAWS = 2000
_REGULAR = 0.5  # of the error of the mean: shifted spikes should not do better


class PositionParams(PlaceParams):
    """Parameters of :func:`decode_position`."""

    bin: float = param(0.25, "Length of the stretches that are decoded", unit="s", gt=0)
    blocks: int = param(10, "Blocks of time that take their turn as the test part", ge=2, le=100)
    gap: float = param(
        2.0, "Time beside a test block that is not trained on either", unit="s", ge=0
    )
    prior: Literal["occupancy", "uniform"] = param(
        "occupancy", "What is known without spikes: the time spent at each place, or nothing"
    )
    controls: int = param(20, "Controls whose spikes are shifted in time", ge=2, le=500)


def _check(params: PositionParams, items: Items) -> None:
    check_units(params.units, spikes_of(items))
    position = traces_of(items, "position")
    check_place(params, position)
    times = position.frame.index.values
    length = float(times[-1] - times[0])
    if 2 * params.gap + params.bin >= length / params.blocks:
        raise BadInput(
            f"{params.blocks} blocks of {length / params.blocks:.3g} s leave nothing between gaps of "
            f"{params.gap:g} s. Use fewer blocks or a shorter gap."
        )


@method(
    group="Decode",
    check=_check,
    example="decoded",
    warnings={
        "regular": (
            "The movement repeats so regularly that shifted spikes still tell the place; "
            "compare with the baseline, not with the shifted control."
        )
    },
)
def decode_position(
    context: Context, params: PositionParams, spikes: SpikeTrains, position: Traces
) -> Result:
    """Decode the position from spikes by Bayes' rule, tested on blocks of time that it never saw."""
    path = path_of(params, position)
    group = chosen(spikes, params.units)
    edges = path.edges(params.bins)
    blocks = _blocks(path, params)
    random = np.random.default_rng(context.seed)
    found = None
    controls = []
    for k in context.track(range(1 + params.controls), "Decoding"):
        group_now = group if k == 0 else shifted(group, path.epochs, random)
        answer = _decode(group_now, path, blocks, params)
        if k == 0:
            found = answer
        else:
            controls.append(float(np.median(answer["error"])))
    if found is None:
        raise BadInput("Nothing was decoded.")
    unit = position.unit
    return Result(
        data={"decoded": _traces(found, path, unit)},
        views=_views(found, path, edges, controls, unit),
        numbers=_numbers(found, controls, unit, context.seed),
        warnings=("regular",) if _too_regular(found, controls) else (),
    )


def _blocks(path: Path, params: PositionParams) -> list[tuple[Any, Any]]:
    """Return the epochs to train on and to test on, a pair a block.

    Notes
    -----
    Blocks hold equal shares of the time that is used, so that none is empty where an animal rests.
    """
    import pynapple as nap

    used = path.epochs
    lengths = np.asarray(used.end) - np.asarray(used.start)
    passed = np.concatenate([[0.0], np.cumsum(lengths)])
    marks = np.linspace(0, passed[-1], params.blocks + 1)
    row = np.minimum(np.searchsorted(passed, marks, side="right") - 1, len(lengths) - 1)
    cuts = np.asarray(used.start)[row] + (marks - passed[row])
    pairs = []
    for start, end in pairwise(cuts):
        test = used.intersect(nap.IntervalSet(start, end))
        near = nap.IntervalSet(start - params.gap, end + params.gap)
        pairs.append((used.set_diff(near), test))
    return pairs


def _decode(
    group: Any, path: Path, blocks: list[tuple[Any, Any]], params: PositionParams
) -> dict[str, Array]:
    """Return time, block, true and decoded place, and the errors of decoder and mean, a row a stretch."""
    parts = []
    for number, (train, test) in enumerate(blocks):
        maps = maps_of(group, path, train, params)
        times, guess = _guess(maps, group, test, params)
        truth = _at(path, times)
        centre = np.asarray(path.frame.restrict(train).values, float).mean(axis=0)
        parts.append(
            {
                "time": times,
                "block": np.full(len(times), number),
                "truth": truth,
                "guess": guess,
                "error": np.linalg.norm(guess - truth, axis=1),
                "error of the mean": np.linalg.norm(centre - truth, axis=1),
            }
        )
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _guess(maps: Any, group: Any, test: Any, params: PositionParams) -> tuple[Array, Array]:
    """Return times and decoded places (n_times, n_coordinates) of the stretches in an epoch."""
    import pynapple as nap

    long = test.drop_short_intervals(params.bin)
    n_coordinates = maps.ndim - 1
    if not len(long):
        return np.empty(0), np.empty((0, n_coordinates))
    visited = maps.attrs["occupancy"]
    prior = visited if params.prior == "occupancy" else (visited > 0).astype(float)
    maps = maps.copy()
    maps.attrs["occupancy"] = prior
    # a place that was never visited in training has no rate and a prior of 0
    with np.errstate(divide="ignore"):
        decoded, _ = nap.decode_bayes(maps, group, long, params.bin, uniform_prior=False)
    return np.asarray(decoded.t), np.asarray(decoded.values, float).reshape(-1, n_coordinates)


def _at(path: Path, times: Array) -> Array:
    own, values = np.asarray(path.frame.t), np.asarray(path.frame.values, float)
    return np.stack([np.interp(times, own, column) for column in values.T], axis=1)


def _numbers(
    found: dict[str, Array], controls: list[float], unit: str, seed: int
) -> dict[str, Number]:
    error, mean = found["error"], found["error of the mean"]
    blocks = [str(block) for block in found["block"]]

    def median(rows: NDArray[np.intp]) -> float:
        return float(np.median(error[rows]))

    low, high = interval(bootstrap(median, blocks, draws=_DRAWS, seed=seed))
    control_low, control_high = interval(np.array(controls))
    return {
        "median error": Number(
            float(np.median(error)),
            unit,
            low,
            high,
            chance=float(np.median(controls)),
            baseline=float(np.median(mean)),
            note=(
                f"{len(error)} stretches in {len(set(blocks))} blocks of time, interval over blocks; "
                f"chance: median of {len(controls)} controls with shifted spikes; "
                "baseline: always the mean position of the training part"
            ),
        ),
        "median error, shifted spikes": Number(
            float(np.median(controls)), unit, control_low, control_high, note="over the controls"
        ),
        "controls as good": Number(
            int(np.sum(np.array(controls) <= np.median(error))), note=f"of {len(controls)}"
        ),
    }


def _too_regular(found: dict[str, Array], controls: list[float]) -> bool:
    return float(np.median(controls)) < _REGULAR * float(np.median(found["error of the mean"]))


def _traces(found: dict[str, Array], path: Path, unit: str) -> Traces:
    import pynapple as nap

    values = np.hstack([found["truth"], found["guess"], found["error"][:, None]])
    columns = [*path.names, *(f"decoded {name}" for name in path.names), "error"]
    order = np.argsort(found["time"], kind="stable")
    return Traces(nap.TsdFrame(t=found["time"][order], d=values[order], columns=columns), unit)


def _views(
    found: dict[str, Array], path: Path, edges: list[Array], controls: list[float], unit: str
) -> tuple[View, ...]:
    time, truth, guess = found["time"], found["truth"], found["guess"]
    order = np.argsort(time, kind="stable")
    over_time = tuple(
        Lines(
            x=time[order],
            y=_broken(time[order], np.stack([truth[order, k], guess[order, k]])),
            names=("true", "decoded"),
            x_label="time",
            x_unit="s",
            y_label=name,
            y_unit=unit,
            title=f"True and decoded {name}",
            caption="Each stretch is decoded from the other blocks of time.",
            axis="time",
        )
        for k, name in enumerate(path.names)
    )
    return (*over_time, _agreement(found, path, edges, unit), _by_block(found, controls, unit))


def _broken(time: Array, values: Array) -> Array:
    """Return values with a gap where the animal rested, so that no line leads across."""
    step = float(np.median(np.diff(time))) if len(time) > 1 else 0.0
    shown = values.copy()
    shown[:, 1:][:, np.diff(time) > 4 * step] = np.nan
    return shown


def _agreement(found: dict[str, Array], path: Path, edges: list[Array], unit: str) -> View:
    counts, x, y = np.histogram2d(found["guess"][:, 0], found["truth"][:, 0], [edges[0]] * 2)
    share = counts / np.maximum(counts.sum(axis=0, keepdims=True), 1)
    name = path.names[0]
    return Heatmap(
        values=share,
        x=(y[:-1] + y[1:]) / 2,
        y=(x[:-1] + x[1:]) / 2,
        x_label=f"true {name}",
        x_unit=unit,
        y_label=f"decoded {name}",
        y_unit=unit,
        value_label="share of the stretches at the true place",
        title=f"Decoded against true {name}",
        caption="A column adds up to 1; right answers lie on the diagonal.",
    )


def _by_block(found: dict[str, Array], controls: list[float], unit: str) -> View:
    blocks = np.unique(found["block"])
    errors = [float(np.median(found["error"][found["block"] == each])) for each in blocks]
    return Scatter(
        x=blocks + 1.0,
        y=np.array(errors),
        x_label="block of time",
        y_label="median error",
        y_unit=unit,
        levels={
            "shifted spikes": float(np.median(controls)),
            "always the mean": float(np.median(found["error of the mean"])),
        },
        title="Error of each block",
    )
