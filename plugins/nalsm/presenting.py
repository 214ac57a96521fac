"""Samples shown to a liquid: one after the other while it learns, each by itself while it is read."""

from __future__ import annotations

import hashlib
import io
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from zipfile import BadZipFile

import numpy as np

from neurostudio.api import BadInput
from neurostudio.devices import n_threads
from neurostudio.files import write_atomically

from .coding import STEP
from .stepping import AP_STDP, EXCITATORY, FIXED, INHIBITORY, NALSM, STDP, Learning, Wires, present

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from neurostudio.api import Context
    from neurostudio.spiking.connections import Connections

    from .coding import Samples
    from .declaring import LearningParams
    from .liquids import Liquid

    Array = NDArray[Any]
    Rows = NDArray[np.intp]

RULES = {"fixed": FIXED, "STDP": STDP, "AP-STDP": AP_STDP, "NALSM": NALSM}
FADING = 0.99  # a ms, while weights are plastic at reading
SERIES = (
    "rate of depression", "liquid spikes per ms", "input spikes per ms",
    "mean excitatory weight", "mean inhibitory weight", "mean input weight",
)  # fmt: skip
N_LOOKS = 40  # looks at the branching while a liquid learns
_SAVE_INTERVAL = 2.0  # s between checkpoints of a learning liquid
_BLOCK = 500  # samples whose counts are kept in one file
_LEARNING, READING = 201, 202  # streams of the seed


class Spikes(NamedTuple):
    """Spikes of a liquid while one sample is shown: step and neuron of each."""

    when: Array
    who: Array


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """A liquid as the kernel takes it."""

    inner: Wires
    outer: Wires
    kinds: Array

    def copy(self) -> Ready:
        """Return the same wires with weights of their own."""
        return Ready(
            self.inner._replace(weights=self.inner.weights.copy()),
            self.outer._replace(weights=self.outer.weights.copy()),
            self.kinds,
        )


@dataclass(frozen=True, slots=True)
class Showing:
    """How samples are shown: steps of 1 ms each, the scale of pixels, the learning meanwhile, the seed."""

    n_steps: int
    scale: float
    learning: Learning
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class Organised:
    """A liquid after learning, and what happened.

    ``course`` (n_samples, 6) as in ``SERIES``; ``last`` and ``inputs`` are the spikes of the last sample,
    ``fine`` (n_steps, 3) its rate of depression, spikes of the liquid and of the inputs. ``branching``
    (n_looks,) was measured after ``shown`` (n_looks,) samples.
    """

    liquid: Liquid
    course: Array
    last: Spikes
    inputs: Spikes
    fine: Array
    shown: Array
    branching: Array


def learning_of(
    params: LearningParams, rule: str, weight: float, *, fading: float = 1.0
) -> Learning:
    """Return the learning that parameters describe, times in steps."""
    return Learning(
        RULES[rule], params.learning_rate, params.largest_weight, weight, params.astrocyte_time / STEP,
        params.astrocyte_bias, fading, params.rate_threshold, params.rate_range,
    )  # fmt: skip


def steps_of(seconds: float) -> int:
    """Return a time as steps of 1 ms."""
    return max(1, round(seconds / STEP))


def ready(liquid: Liquid) -> Ready:
    """Return a liquid as the kernel takes it, its weights copied."""
    kinds = np.where(liquid.excitatory, EXCITATORY, INHIBITORY).astype(np.int8)
    return Ready(_wires(liquid.inner), _wires(liquid.outer), kinds)


def _wires(wires: Connections) -> Wires:
    back = wires.incoming()
    weights = np.array(wires.all_weights(), float, order="C")
    return Wires(wires.starts, wires.targets, weights, back.starts, back.sources, back.synapses)


def organise(
    context: Context, liquid: Liquid, samples: Samples, rows: Rows, showing: Showing, stage: str,
    gauge: Callable[[Liquid], float], watch: Callable[[Organised], None] | None = None,
) -> Organised:  # fmt: skip
    """Return the liquid after the rows were shown to it one by one, weights plastic.

    State, traces and astrocyte begin anew with every sample, weights go on. ``gauge`` measures the liquid
    after fixed numbers of samples; ``watch`` sees it after each (its arrays change afterwards). A checkpoint
    every two seconds lets a stopped run go on.
    """
    own, n = ready(liquid), len(liquid)
    file = _file(context, stage, liquid, samples, showing, rows)
    course, calcium, first = np.zeros((len(rows), len(SERIES))), np.zeros(n), 0
    fine, counts = np.zeros((showing.n_steps, 3)), np.zeros(n, np.int32)
    last, inputs = Spikes(*np.zeros((2, 0), np.int32)), Spikes(*np.zeros((2, 0), np.int32))
    shown: dict[int, float] = {}
    kept = _load(file)
    if kept:
        own.inner.weights[:], own.outer.weights[:] = kept["inner"], kept["outer"]
        first, calcium, fine = int(kept["done"]), kept["calcium"], kept["fine"]
        course[:first], last, inputs = (
            kept["course"],
            Spikes(*kept["last"]),
            Spikes(*kept["inputs"]),
        )
        shown = dict(zip(kept["shown"].tolist(), kept["branching"].tolist(), strict=True))
    when, who = (np.zeros(n * showing.n_steps // 3 + n, np.int32) for _ in range(2))
    excitatory, saved = liquid.excitatory[liquid.inner.sources()], time.monotonic()
    looks = set(np.unique(np.linspace(1, max(len(rows), 1), N_LOOKS).astype(int)).tolist())

    def so_far(done: int, now: Liquid) -> Organised:
        values = np.array([shown[each] for each in sorted(shown)])
        return Organised(now, course[:done], last, inputs, fine, np.array(sorted(shown)), values)

    def save(done: int) -> None:
        now = so_far(done, liquid)
        _save(
            file, inner=own.inner.weights, outer=own.outer.weights, calcium=calcium, done=done,
            course=now.course, fine=fine, last=np.array(last), inputs=np.array(inputs), shown=now.shown,
            branching=now.branching,
        )  # fmt: skip

    for k in context.track(range(first, len(rows)), stage, len(rows) - first):
        starts, fired = samples.shown(
            int(rows[k]),
            showing.n_steps,
            showing.scale,
            [showing.seed, _LEARNING, k],
            anywhere=True,
        )
        n_written = present(
            starts,
            fired,
            own.inner,
            own.outer,
            own.kinds,
            showing.learning,
            calcium,
            counts,
            fine,
            when,
            who,
        )
        last = Spikes(when[:n_written].copy(), who[:n_written].copy())
        inputs = Spikes(
            np.repeat(np.arange(showing.n_steps, dtype=np.int32), np.diff(starts)), fired
        )
        course[k] = [fine[-1, 0], *fine[:, 1:].mean(axis=0), *_means(own, excitatory)]
        now = liquid.weighted(own.inner.weights, own.outer.weights)
        if k + 1 in looks:
            shown[k + 1] = gauge(now)
        if watch is not None:
            watch(so_far(k + 1, now))
        if time.monotonic() - saved > _SAVE_INTERVAL:
            saved = time.monotonic()
            save(k + 1)
    save(len(rows))
    return so_far(len(rows), liquid.weighted(own.inner.weights, own.outer.weights))


def respond(
    context: Context, liquid: Liquid, samples: Samples, rows: Rows, showing: Showing, stage: str
) -> Array:
    """Return the spikes of each neuron for each row, (n_rows, n_neurons), every sample by itself.

    Weights are those of the liquid at the beginning of every sample. Blocks of counts are kept, so that a
    stopped run goes on.
    """
    own = ready(liquid)
    plastic = showing.learning.rule != FIXED
    file = _file(context, stage, liquid, samples, showing, rows)

    def one(k: int) -> Array:
        starts, fired = samples.shown(
            int(rows[k]), showing.n_steps, showing.scale, [showing.seed, READING, int(rows[k])]
        )
        return _counted(own.copy() if plastic else own, starts, fired, showing)

    out = np.zeros((len(rows), len(liquid)), np.int32)
    blocks = [np.arange(k, min(k + _BLOCK, len(rows))) for k in range(0, len(rows), _BLOCK)]
    for number, block in enumerate(context.track(blocks, stage)):
        own_file = None if file is None else file.with_suffix(f".{number}.npz")
        kept = _load(own_file)
        out[block] = kept["counts"] if kept else _in_threads(context, one, block, stage)
        if not kept and len(blocks) > 1:
            _save(own_file, counts=out[block].astype(np.uint16))
    return out


def _counted(own: Ready, starts: Array, fired: Array, showing: Showing) -> Array:
    n, nothing = len(own.kinds), np.zeros(0, np.int32)
    counts = np.zeros(n, np.int32)
    present(
        starts, fired, own.inner, own.outer, own.kinds, showing.learning, np.zeros(n), counts,
        np.zeros((0, 3)), nothing, nothing,
    )  # fmt: skip
    return counts


def _in_threads(context: Context, one: Callable[[int], Array], block: Array, stage: str) -> Array:
    pool = ThreadPoolExecutor(n_threads())
    try:
        found = pool.map(one, block.tolist())
        return np.stack(list(context.track(found, stage, len(block))))
    finally:
        pool.shutdown(cancel_futures=True)


def spikes_of(
    liquid: Liquid, samples: Samples, rows: Sequence[int], showing: Showing
) -> list[Spikes]:
    """Return the spikes of the liquid for each row, weights frozen."""
    own, n = ready(liquid), len(liquid)
    frozen = showing.learning._replace(rule=FIXED)
    found = []
    for row in rows:
        starts, fired = samples.shown(
            int(row), showing.n_steps, showing.scale, [showing.seed, READING, int(row)]
        )
        when, who = (np.zeros(n * showing.n_steps // 3 + n, np.int32) for _ in range(2))
        n_written = present(
            starts, fired, own.inner, own.outer, own.kinds, frozen, np.zeros(n), np.zeros(n, np.int32),
            np.zeros((0, 3)), when, who,
        )  # fmt: skip
        found.append(Spikes(when[:n_written], who[:n_written]))
    return found


def _means(own: Ready, excitatory: Array) -> list[float]:
    inner = own.inner.weights
    total, positive = float(np.abs(inner).sum()), float(inner[excitatory].sum())
    n = int(excitatory.sum())
    return [
        positive / max(n, 1), (total - positive) / max(len(inner) - n, 1),
        float(np.abs(own.outer.weights).mean()) if len(own.outer.weights) else 0.0,
    ]  # fmt: skip


def _file(
    context: Context, stage: str, liquid: Liquid, samples: Samples, showing: Showing, rows: Rows
) -> Path | None:
    """Return the file of a checkpoint of exactly this; none where the run has no folder."""
    folder = context.folder / "checkpoints"
    if not folder.is_dir():
        return None
    facts = [stage, showing.n_steps, showing.scale, showing.seed, list(showing.learning)]
    digest = hashlib.sha256(json.dumps(facts).encode())
    some = samples.fingerprints(rows[:50])
    for each in (some, rows, liquid.inner.all_weights(), liquid.outer.all_weights()):
        digest.update(np.ascontiguousarray(each).tobytes())
    return folder / f"{stage.lower().replace(' ', '-')}-{digest.hexdigest()[:16]}.npz"


def _save(file: Path | None, **arrays: Any) -> None:
    if file is not None:
        stream = io.BytesIO()
        np.savez(stream, allow_pickle=False, **arrays)
        write_atomically(file, stream.getvalue())


def _load(file: Path | None) -> dict[str, Array]:
    if file is None or not file.is_file():
        return {}
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise BadInput(
            f"The checkpoint {file.name} is damaged. Delete it and start again."
        ) from error
