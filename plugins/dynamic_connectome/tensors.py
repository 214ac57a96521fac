"""The tensor of affinities, time x animal x pair, in memory or, when large, on disk."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Estimate

from .affinities import (
    affinities,
    change,
    n_columns,
    windowed_spearman,
    without_first_component,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from neurostudio.api import Context, Items

    from .animals import Cohort
    from .declaring import AffinityParams
    from .factors import Tensor

    Array = NDArray[np.float64]

ON_DISK = 10**9  # bytes above which the tensor is a file of the run's scratch
PART = 16 * 2**20  # bytes of the tensor that are made at a time


@dataclass(frozen=True, slots=True)
class Affine:
    """A tensor (n_times, n_animals, n_pairs) with its times, what was seen, and the changes behind it.

    ``slopes`` are (n_times, n_neurons) of each animal; ``removed`` is the share of the variance that
    the first component had, where it was taken out.
    """

    tensor: Tensor
    times: Array
    seen: NDArray[np.bool_]
    slopes: tuple[Array, ...]
    removed: tuple[float, ...] = ()


def memory_of(params: Any, items: Items) -> Estimate:
    """Return the memory of a run: the tensor where it stays in memory, and a part of it."""
    given = items["traces"]
    frames: Sequence[Any] = given if isinstance(given, tuple) else (given,)
    shapes = [each.frame.shape for each in frames]
    n_times, n_neurons = max(s[0] for s in shapes), max(s[1] for s in shapes)
    whole = 4 * n_times * len(shapes) * n_columns(params.affinity, n_neurons)
    held = getattr(params, "held_out", 0.0) > 0
    kept = min(whole, ON_DISK) + (whole if held else 0)
    return Estimate(
        int(1.5 * kept) + 3 * 10**8,
        "Use fewer neurons, a longer time step or a shorter part of the recording.",
    )


def changes(cohort: Cohort, params: AffinityParams) -> tuple[tuple[Array, ...], tuple[float, ...]]:
    """Return the changes of each animal's neurons (n_times - 1, n_neurons), 0 for those not seen."""
    found, removed = [], []
    for values, seen in zip(cohort.values, cohort.seen, strict=True):
        own = values[:, seen]
        if params.remove_first_component:
            own, share = without_first_component(own)
            removed.append(share)
        slope = np.zeros((len(values) - 1, len(seen)))
        if params.affinity == "windowed Spearman":
            slope[:, seen] = own[1:]
        else:
            slope[:, seen] = change(own, params.smoothing * cohort.rate, clip=params.clip_outliers)
        found.append(slope)
    return tuple(found), tuple(removed)


def build(
    context: Context,
    cohort: Cohort,
    params: AffinityParams,
    slopes: tuple[Array, ...] | None = None,
    label: str = "Affinities",
) -> Affine:
    """Return the tensor of a cohort; ``slopes`` take the place of its own changes (controls)."""
    own, removed = changes(cohort, params)
    slopes = own if slopes is None else slopes
    step = max(1, round(params.time_step * cohort.rate))
    n_times = len(slopes[0]) // step
    width = n_columns(params.affinity, len(cohort.neurons))
    tensor = _empty(context, (n_times, len(slopes), width), label)
    rows = max(1, PART // (8 * width * step))
    seen = np.stack([_pairs_seen(each, params) for each in cohort.seen])
    parts = [(w, start) for w in range(len(slopes)) for start in range(0, n_times, rows)]
    for w, start in context.track(parts, label):
        part = slice(start * step, min(start + rows, n_times) * step)
        made = _made(slopes[w], params, part, cohort.rate)
        made = made.reshape(-1, step, width).mean(axis=1) if step > 1 else made
        made[:, ~seen[w]] = 0
        tensor[start : start + len(made), w] = made
    times = cohort.times[1:][: n_times * step].reshape(n_times, step).mean(axis=1)
    return Affine(tensor, times, seen, slopes, removed)


def _made(slope: Array, params: AffinityParams, part: slice, rate: float) -> Tensor:
    if params.affinity == "windowed Spearman":
        return windowed_spearman(slope, max(3, round(params.window * rate)), part)
    return affinities(slope[part], params.affinity)


def _pairs_seen(seen: NDArray[np.bool_], params: AffinityParams) -> NDArray[np.bool_]:
    first, second = np.triu_indices(len(seen), 1)
    found = seen[first] & seen[second]
    return np.tile(found, 2) if params.affinity == "signed" else found


def _empty(context: Context, shape: tuple[int, int, int], label: str) -> Tensor:
    nbytes = 4 * int(np.prod(shape))
    if nbytes <= ON_DISK or not context.folder.is_dir():
        return np.zeros(shape, np.float32)
    path: Path = context.folder / f"{label.lower().replace(' ', '_')}.npy"
    context.say(f"The tensor has {nbytes / 1e9:.1f} GB; it is kept on disk while the run lasts.")
    opened: Any = np.lib.format.open_memmap
    made: Tensor = opened(path, mode="w+", dtype=np.float32, shape=shape)
    return made


def shifted(slopes: tuple[Array, ...], seed: int) -> tuple[Array, ...]:
    """Return changes of which each neuron's begin somewhere else, so that none go together by time.

    The derivative is moved, not the trace: where the end meets the beginning a trace would jump.
    """
    from neurostudio.learning.controls import shifted_in_time

    random = np.random.default_rng(seed)
    return tuple(shifted_in_time(each, random) for each in slopes)


def name_of(affine: Affine) -> str:
    """Return a short name of exactly this tensor's content, for checkpoints."""
    digest = hashlib.sha256(str(affine.tensor.shape).encode())
    for each in affine.slopes:
        digest.update(np.ascontiguousarray(each).tobytes())
    digest.update(affine.seen.tobytes() + affine.times.tobytes())
    return digest.hexdigest()[:16]
