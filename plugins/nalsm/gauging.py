"""How near to criticality a liquid is, and how well it tells samples and their noise apart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    Context,
    ImageStack,
    NullControl,
    Number,
    Report,
    Result,
    Scatter,
    SpikeTrains,
    Table,
    TrainedModel,
    method,
)

from .declaring import WARNINGS, MeasureParams

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import View

    from .coding import Samples

    Array = NDArray[Any]

NOISE = {"pictures": 125.0, "events": 10.0}  # grey values of 255, ms: the released code's own
TEXT = """\
| | this liquid | beside it |
|---|---|---|
| branching factor | {branching:.3f} | {null:.3f} with every train shifted by a time of its own |
| kernel quality (rank, more is better) | {quality:.1f} of at most {most} | {raw:.0f} for the raw samples |
| generalisation (rank under noise, less is better) | {general:.1f} | {raw_noisy:.0f} for the raw samples |
| mean rate | {rate:.1f} Hz | |

Branching near 1 is the paper's claim; the number above is what was measured on this liquid. The paper's own
data give 1.21 to 1.27 for 1,000 neurons on MNIST (astrocyte weight 0.015). Where shifted trains give about
the same, the factor tells rates and wires, not which spike made which. A rank at its largest possible value
tells nothing: take more samples than neurons, or fewer neurons.
"""


@method(
    group="Analyse", example="measured",
    warnings={
        code: WARNINGS[code]
        for code in (
            "simulated network", "simulated data", "branching above 1.2", "liquid silent", "no labels",
            "few samples",
        )
    },
)  # fmt: skip
def measure_liquid(
    context: Context,
    params: MeasureParams,
    model: TrainedModel,
    data: ImageStack | Table | SpikeTrains,
    trials: Table | None = None,
) -> Result:
    """Measure branching, kernel quality and generalisation of a liquid, weights frozen.

    Branching: spikes of the neurons that a neuron projects to in the 4 ms after its spike, over spikes of
    those that project to it in the 4 ms before. Kernel quality: rank of the spike counts of different
    samples. Generalisation: the same rank when noise is added to what is shown.
    """
    from .coding import read_samples
    from .liquids import liquid_of
    from .measuring import branching, ranks, shifted
    from .models import check_liquid, codes_of, showing_of
    from .presenting import respond, spikes_of
    from .reading import show_one

    check_liquid(model)
    liquid = liquid_of(model)
    samples = read_samples(data, trials, params.label, liquid.outer.n_sources)
    rows = _chosen(samples, params.n_rank * 2, context.seed)
    showing = showing_of(model, params.presentation_time, plastic=False, fading=1.0)
    show_one(context, liquid, samples, int(rows[0]), showing)
    trains = spikes_of(liquid, samples, rows[: params.n_branching].tolist(), showing)
    factor = np.nan_to_num(branching(liquid.inner, trains, showing.n_steps))
    random = np.random.default_rng([context.seed, 302])
    moved = [shifted(each, len(liquid), showing.n_steps, random) for each in trains]
    null = np.nan_to_num(branching(liquid.inner, moved, showing.n_steps))
    noise = NOISE[samples.kind] if params.noise < 0 else params.noise
    spread = noise if samples.kind == "events" else noise * _full_scale(samples) / 255
    noisy = samples.noisy(rows, spread, context.seed)
    every = np.arange(len(rows))
    scale = noisy.scale(every)
    counts = respond(context, liquid, samples, rows, showing, "Samples")
    counts_noisy = respond(
        context, liquid, noisy, every, replace(showing, scale=scale), "Samples with noise"
    )
    codes = samples.codes(rows, samples.classes)
    n = min(params.n_rank, len(rows))
    quality = ranks(context, counts, codes, n, params.shuffles, "Kernel quality")
    general = ranks(context, counts_noisy, codes, n, params.shuffles, "Generalisation")
    raw = np.linalg.matrix_rank(np.stack([samples.flat(row) for row in rows[:n].tolist()]))
    raw_noisy = np.linalg.matrix_rank(np.stack([noisy.flat(row) for row in range(n)]))
    rate = float(counts.mean() / showing.n_steps * 1000)
    words = codes_of(
        samples=samples, n=len(liquid), n_initial=50_000, steps=250, rule="", rate=rate,
        branching=float(factor.mean()),
    )  # fmt: skip
    words = tuple(code for code in words if code != "scaled")
    more = [
        *(["no labels"] if not samples.classes else []),
        *(["few samples"] if n < params.n_rank else []),
    ]
    found = {
        "branching": float(factor.mean()), "null": float(null.mean()), "quality": float(quality.mean()),
        "general": float(general.mean()), "most": min(n, len(liquid)), "raw": float(raw),
        "raw_noisy": float(raw_noisy), "rate": rate,
    }  # fmt: skip
    return _result(found, (factor, null), (quality, general), (*words, *more))


def _chosen(samples: Samples, n: int, seed: int) -> Array:
    """Return rows at random, evenly over the classes where there are some; only a marked test part."""
    random = np.random.default_rng([seed, 303])
    pool = np.arange(len(samples))
    if samples.tested is not None and samples.tested.any():
        pool = np.flatnonzero(samples.tested)
    classes = samples.classes
    if not classes:
        return random.permutation(pool)[:n]
    each = max(1, n // len(classes))
    codes = samples.codes(pool, classes)
    parts = [random.permutation(pool[codes == code])[:each] for code in range(len(classes))]
    return random.permutation(np.concatenate(parts))


def _full_scale(samples: Samples) -> float:
    pixels = samples.pixels
    return float(pixels.max(initial=0)) if pixels is not None and pixels.size else 255.0


def _result(
    found: dict[str, float], branchings: tuple[Array, Array], rank: tuple[Array, Array],
    codes: tuple[str, ...],
) -> Result:  # fmt: skip
    import pandas as pd

    factor, null = branchings
    quality, general = rank

    def mean(values: Array, unit: str, baseline: float, note: str) -> Number:
        half = 1.96 * float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
        middle = float(values.mean())
        return Number(middle, unit, middle - half, middle + half, baseline=baseline, note=note)

    numbers = {
        "branching": mean(
            factor, "1", found["null"], "baseline: trains shifted by times of their own"
        ),
        "kernel quality": mean(
            quality, "1", found["raw"], "rank of counts; baseline: rank of raw samples"
        ),
        "generalisation rank": mean(
            general,
            "1",
            found["raw_noisy"],
            "rank under noise, less is better; baseline: raw samples",
        ),
        "quality minus generalisation": Number(found["quality"] - found["general"], "1"),
        "mean rate": Number(found["rate"], "Hz", note="a model's rate"),
    }
    table = pd.DataFrame(
        {
            "measure": list(numbers), "value": [each.value for each in numbers.values()],
            "beside it": [np.nan if each.baseline is None else each.baseline for each in numbers.values()],
        }
    )  # fmt: skip
    views: tuple[View, ...] = (
        NullControl(
            np.array([factor.mean()]), null[None], ("branching",), "trains shifted by times of their own",
            y_label="branching factor", title="Branching",
            caption="1 would be critical, the paper's claim. One point a sample of the control.",
        ),
        _ranks(quality, general, found),
        Report(TEXT.format(**found), title="Summary"),
    )  # fmt: skip
    return Result(data={"measures": Table(table)}, views=views, numbers=numbers, warnings=codes)


def _ranks(quality: Array, general: Array, found: dict[str, float]) -> Scatter:
    """Return both ranks, each beside that of what was shown."""
    ends = [np.percentile(each, [2.5, 97.5]) for each in (quality, general)]
    low = np.array([ends[0][0], found["raw"], ends[1][0], found["raw_noisy"]])
    high = np.array([ends[0][1], found["raw"], ends[1][1], found["raw_noisy"]])
    names = ("quality", "raw", "generalisation", "raw, noisy")
    return Scatter(
        np.arange(4.0), np.array([found["quality"], found["raw"], found["general"], found["raw_noisy"]]),
        low=low, high=high, x_names=names,
        y_label="rank", levels={"largest possible for the liquid": found["most"]}, title="Ranks",
        caption="A good liquid has a high kernel quality and a low generalisation rank. A rank is at "
        "most the number of neurons or of samples. Raw: rank of what was shown.",
    )  # fmt: skip
