"""Small inputs with a planted truth: a brain that answers to faces here and to houses there."""

from __future__ import annotations

import numpy as np

from neurostudio.api import Example, Volume

from . import planted


def _runs(count: int) -> dict[str, tuple[Volume, ...]]:
    return {"runs": tuple(planted.series(k) for k in range(1, count + 1))}


def _events(count: int) -> dict[str, object]:
    return {"events": tuple(planted.events(k) for k in range(1, count + 1))}


def _names(count: int) -> dict[str, tuple[str, ...]]:
    numbers = range(1, count + 1)
    return {
        "runs": tuple(planted.name_of(k, "bold") for k in numbers),
        "events": tuple(planted.name_of(k, "events") for k in numbers),
    }


def resampling() -> Example:
    """Return the atlas, to be brought to smaller voxels."""
    return Example({"size": 2.0}, {"volume": planted.atlas()})


def smoothing() -> Example:
    """Return one image of noise."""
    random = np.random.default_rng(0)
    return Example({"width": 8.0}, {"volume": planted.volume(random.normal(size=planted.SHAPE))})


def masking() -> Example:
    """Return a run whose brain is all but the border."""
    return Example({"way": "threshold"}, {"volume": planted.series(1)})


def applying() -> Example:
    """Return a run and the atlas as its mask."""
    return Example({}, {"volume": planted.series(1), "mask": planted.atlas()})


def declaring() -> Example:
    """Return an atlas whose header says nothing of its space."""
    return Example({"space": "MNI152"}, {"data": planted.atlas(code=0)})


def glm() -> Example:
    """Return two runs and their events."""
    items = {**_runs(2), **_events(2)}
    return Example({"surrogates": 1}, items, _names(2))  # type: ignore[arg-type]


def parcels() -> Example:
    """Return a run and an atlas with one region that lies outside."""
    return Example({}, {"volume": planted.series(1), "atlas": planted.atlas()})


def coupling() -> Example:
    """Return six series: the first two share half of what they do, the others nothing."""
    return Example({"surrogates": 19}, {"traces": planted.coupled()})


def seed() -> Example:
    """Return a run and a seed in the middle of its face area."""
    x, y, z = planted.centre_of(planted.FACE)
    params = {"x": x, "y": y, "z": z, "radius": 5.0, "surrogates": 19}
    return Example(params, {"volume": planted.resting()})


def surface() -> Example:
    """Return a blob of 10 mm in the left hemisphere."""
    return Example({}, {"volume": planted.blob((-40.0, -20.0, 50.0))})


def decoding() -> Example:
    """Return four runs and their events."""
    items = {**_runs(4), **_events(4)}
    return Example({"voxels": 60, "permutations": 19}, items, _names(4))  # type: ignore[arg-type]


def search() -> Example:
    """Return four runs and their events."""
    items = {**_runs(4), **_events(4)}
    return Example({"radius": 6.0}, items, _names(4))  # type: ignore[arg-type]
