"""A small simulated brain that answers to faces in one place and to houses in another."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Table, Traces, Volume
from neurostudio.templates import MNI152_CODE

from .images import SIMULATED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

SHAPE, EDGE = (12, 12, 6), 4.0
ORIGIN = (-64.0, -44.0, -12.0)  # in the left hemisphere
STEP, N_IMAGES = 2.5, 80
FACE = (slice(2, 5), slice(4, 7), slice(1, 4))
HOUSE = (slice(7, 10), slice(4, 7), slice(1, 4))
BLOCK, PAUSE = 15.0, 10.0
NOISE, LINGER = 10.0, 0.3  # its standard deviation where the brain is about 1000; AR(1)
REGIONS = {1: "Face area", 2: "House area", 3: "Elsewhere", 4: "Outside the image"}


def affine() -> Array:
    """Return where the voxels are, mm in MNI152."""
    found = np.diag([EDGE, EDGE, EDGE, 1.0])
    found[:3, 3] = ORIGIN
    return found


def volume(values: NDArray[Any], labels: Any = None, code: int = MNI152_CODE) -> Volume:
    """Return simulated voxels as a volume whose header says so."""
    import nibabel

    kind = np.int16 if values.dtype.kind in "iu" else np.float32
    image = nibabel.Nifti1Image(np.asarray(values, kind), affine())
    image.set_sform(affine(), code)
    image.set_qform(affine(), code)
    image.header.set_xyzt_units("mm", "sec")
    if values.ndim == 4:
        image.header.set_zooms((EDGE, EDGE, EDGE, STEP))
    image.header["descrip"] = SIMULATED
    return Volume(image, dict(labels or {}))


def brain() -> NDArray[np.bool_]:
    """Return the voxels that are brain: all but the border."""
    inside = np.zeros(SHAPE, bool)
    inside[1:-1, 1:-1, 1:-1] = True
    return inside


def ground() -> Array:
    """Return the image without noise: about 1000 in the brain, brighter to the front, 20 around it."""
    ramp = np.linspace(700, 1300, SHAPE[1])[None, :, None]
    return np.where(brain(), ramp, 20.0)


@cache
def events(run: int) -> Table:
    """Return eight blocks, faces and houses in an order of the run's own; seconds."""
    import pandas as pd

    words = np.random.default_rng([7, run]).permutation(["face", "house"] * 4)
    onsets = 5.0 + np.arange(8) * (BLOCK + PAUSE)
    return Table(pd.DataFrame({"onset": onsets, "duration": BLOCK, "trial_type": words}))


@cache
def series(run: int, effect: float = 20.0) -> Volume:
    """Return a run: faces raise the face area by ``effect`` (of 1000), houses the house area."""
    random = np.random.default_rng([11, run])
    noise = random.normal(0, NOISE * np.sqrt(1 - LINGER**2), (N_IMAGES, *SHAPE))
    noise[0] /= np.sqrt(1 - LINGER**2)
    for k in range(1, N_IMAGES):
        noise[k] += LINGER * noise[k - 1]
    values = np.moveaxis(noise, 0, -1) + ground()[..., None]
    for word, where in (("face", FACE), ("house", HOUSE)):
        values[where] += effect * response(run, word)
    return volume(values)


@cache
def resting(share: float = 0.7) -> Volume:
    """Return a run without events in which the two areas follow one series; each voxel has its noise."""
    random = np.random.default_rng(5)
    common = random.normal(size=N_IMAGES)
    values = NOISE * random.normal(size=(*SHAPE, N_IMAGES))
    for where in (FACE, HOUSE):
        own = values[where]
        values[where] = share * NOISE * common + np.sqrt(1 - share**2) * own
    return volume(values + ground()[..., None])


def response(run: int, word: str) -> Array:
    """Return the blood's answer to the blocks of a word, 1 where it has settled: (n_images,).

    The answer to a moment is a gamma function with its peak at 5 s.
    """
    frame = events(run).frame
    fine = np.arange(0, N_IMAGES * STEP, 0.1)
    on = np.zeros(len(fine))
    for onset, duration, name in zip(frame.onset, frame.duration, frame.trial_type, strict=True):
        on[(fine >= onset) & (fine < onset + duration) & (name == word)] = 1.0
    lag = np.arange(0, 30, 0.1)
    kernel = lag**5 * np.exp(-lag)
    answer = np.convolve(on, kernel / kernel.sum())[: len(fine)]
    return np.asarray(np.interp(np.arange(N_IMAGES) * STEP, fine, answer))


def name_of(run: int, what: str) -> str:
    """Return a run's name in the manner of BIDS, as items have it."""
    return f"sub_01_task_objects_run_{run:02d}_{what}"


def atlas(code: int = MNI152_CODE) -> Volume:
    """Return an atlas of the two areas and the rest of the brain; one more region has no voxel."""
    values = np.where(brain(), 3, 0)
    values[FACE], values[HOUSE] = 1, 2
    return volume(values, REGIONS, code)


def centre_of(where: tuple[slice, ...]) -> tuple[float, float, float]:
    """Return the millimetres of the middle of an area."""
    index = np.array([(each.start + each.stop - 1) / 2 for each in where])
    x, y, z = (EDGE * index + np.array(ORIGIN)).tolist()
    return x, y, z


def coupled(share: float = 0.7, n_times: int = 200, count: int = 6) -> Traces:
    """Return series of lingering noise; the first two correlate by ``share``."""
    import pynapple as nap

    random = np.random.default_rng(3)
    values = random.normal(size=(n_times, count))
    values[:, 1] = share * values[:, 0] + np.sqrt(1 - share**2) * values[:, 1]
    for k in range(1, n_times):
        values[k] += 0.5 * values[k - 1]
    names = [f"region {k + 1}" for k in range(count)]
    places = np.linspace(-50, 50, count)
    facts = {"x": places, "y": -places, "z": np.abs(places), "space": np.array(["MNI152"] * count)}
    facts[SIMULATED] = np.ones(count)
    frame = nap.TsdFrame(t=np.arange(n_times) * STEP, d=values, columns=names, metadata=facts)
    return Traces(frame, "1")


def blob(place: tuple[float, float, float], width: float = 10.0, edge: float = 4.0) -> Volume:
    """Return an image of the whole head in MNI152 with one bell curve of height 1 at a place."""
    import nibabel

    shape = (46, 55, 46)
    where = np.diag([edge, edge, edge, 1.0])
    where[:3, 3] = (-90.0, -126.0, -72.0)
    index = np.moveaxis(np.indices(shape), 0, -1)
    away = np.linalg.norm(index * edge + where[:3, 3] - np.array(place), axis=-1)
    image = nibabel.Nifti1Image(np.exp(-0.5 * (away / width) ** 2).astype(np.float32), where)
    image.set_sform(where, MNI152_CODE)
    image.set_qform(where, MNI152_CODE)
    image.header["descrip"] = SIMULATED
    return Volume(image)
