"""Pictures moved before a simulated event camera along three saccades."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  pydantic reads it
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    Images,
    ImageStack,
    Number,
    Raster,
    Result,
    Table,
    method,
    param,
)

from .declaring import LabelParams

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

STEP, MARGIN = 0.001, 3  # s; pixels around a picture
CORNERS = np.array([[0.0, 0.0], [0.5, np.sqrt(0.75)], [1.0, 0.0], [0.0, 0.0]])  # of a side of 1


class EventParams(LabelParams):
    """Parameters of :func:`simulate_events`."""

    at_most: int = param(100, "Pictures, from the first on", ge=1, le=100_000)
    side: float = param(4.0, "Pixels that a saccade moves a picture", unit="1", ge=0, le=20)
    saccade_time: float = param(
        0.1, "How long each of the three saccades lasts", unit="s", ge=0.01, le=1
    )
    threshold: float = param(
        0.2, "Change of the logarithm of brightness that makes an event", unit="1", ge=0.01, le=5
    )
    noise: float = param(0.1, "Events of each pixel without a change", unit="Hz", ge=0, le=100)

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"at_most": 20},
        "Standard": {"at_most": 1000},
    }


@method(
    group="Simulate", example="moved",
    warnings={"simulated events": "Simulated events: no camera saw them, and no eye moved so evenly."},
)  # fmt: skip
def simulate_events(context: Context, params: EventParams, pictures: ImageStack) -> Result:
    """Turn pictures into recordings of an event camera that looks at them while they move.

    Each picture lies in a frame 6 pixels larger and moves along the sides of a triangle. A pixel tells ON or
    OFF each time the logarithm of its brightness has moved by the threshold since its last event, once a ms
    at most. The table (recording, time, x, y, polarity) is what *Self-organise* takes.
    """
    import pandas as pd

    array = pictures.array
    if "channel" in array.dims:
        raise BadInput("The pictures have colours; an event camera takes grey ones.")
    dim = str(array.dims[0])
    few = array.isel({dim: slice(0, params.at_most)})
    values = np.asarray(few.to_numpy(), float)
    name = params.label or "label"
    labels = few.coords[name].to_numpy().astype(str) if name in few.coords else None
    frames = []
    for k in context.track(range(len(values)), "Pictures"):
        steps, y, x, polarity = moved(values[k], params, [context.seed, 901, k])
        columns = {"recording": k, "time": steps * STEP, "x": x, "y": y, "polarity": polarity}
        if labels is not None:
            columns["label"] = labels[k]
        frames.append(pd.DataFrame(columns))
    frame = pd.concat(frames, ignore_index=True)
    frame.attrs |= {"unit": "time: s; x, y: pixels", "simulated": True}
    counts = frame.groupby("recording").size()
    return Result(
        data={"events": Table(frame)},
        views=(_seen(frames, values.shape[1:]), _raster(frames[0])),
        numbers={
            "events of a recording": Number(float(counts.mean()), note="N-MNIST: about 4,100"),
            "recordings": Number(len(values)),
        },
        warnings=("simulated events",),
    )


def moved(
    picture: Array, params: EventParams, seed: list[int]
) -> tuple[Array, Array, Array, Array]:
    """Return step (ms), y, x and polarity of the events of one picture, steps ascending."""
    n_each = max(1, round(params.saccade_time / STEP))
    way = np.concatenate([np.linspace(a, b, n_each, endpoint=False) for a, b in pairwise(CORNERS)])
    places = params.side * way
    pad = MARGIN + int(np.ceil(params.side))
    wide = np.pad(picture, pad)
    shape = (picture.shape[0] + 2 * MARGIN, picture.shape[1] + 2 * MARGIN)
    random = np.random.default_rng(seed)
    known = np.log1p(_looked(wide, places[0], shape, pad))
    found = []
    for step, place in enumerate(places):
        now = np.log1p(_looked(wide, place, shape, pad))
        change = now - known
        told = np.abs(change) >= params.threshold
        noise = ~told & (random.random(shape) < params.noise * STEP)
        sign = np.where(noise, random.random(shape) < 0.5, change > 0)
        y, x = np.nonzero(told | noise)
        known[told] = now[told]
        found.append(np.stack([np.full(len(y), step), y, x, sign[y, x]]))
    steps, y, x, polarity = np.concatenate(found, axis=1)
    return steps, y, x, polarity


def _looked(wide: Array, place: Array, shape: tuple[int, int], pad: int) -> Array:
    """Return a frame of a padded picture that has moved by ``place`` (x, y) pixels, bilinear."""
    left, up = pad - MARGIN - place
    x, y = int(np.floor(left)), int(np.floor(up))
    right, below = left - x, up - y
    part = wide[y : y + shape[0] + 1, x : x + shape[1] + 1]
    rows = (1 - below) * part[:-1] + below * part[1:]
    return np.asarray((1 - right) * rows[:, :-1] + right * rows[:, 1:])


def _seen(frames: list[Any], shape: tuple[int, ...]) -> Images:
    """Return ON minus OFF events of the first recordings."""
    size = (shape[0] + 2 * MARGIN, shape[1] + 2 * MARGIN)
    pictures = np.zeros((min(8, len(frames)), *size))
    for k, frame in enumerate(frames[:8]):
        signs = 2.0 * frame["polarity"].to_numpy() - 1
        third = frame["time"].to_numpy() < frame["time"].max() / 3
        np.add.at(
            pictures[k], (frame["y"].to_numpy()[third], frame["x"].to_numpy()[third]), signs[third]
        )
    return Images(
        pictures, tuple(f"recording {k}" for k in range(len(pictures))), diverging=True,
        title="First saccade", caption="ON minus OFF events of each pixel; simulated.",
    )  # fmt: skip


def _raster(frame: Any) -> Raster:
    return Raster(
        frame["time"].to_numpy(float), frame["y"].to_numpy(int), (), "row",
        title="Events of the first recording",
    )  # fmt: skip
