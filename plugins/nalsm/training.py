"""A linear readout of a liquid, with what it would score on nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    ImageStack,
    Lines,
    NullControl,
    Number,
    Result,
    SpikeTrains,
    Table,
    TrainedModel,
    method,
    score,
)

from .declaring import WARNINGS, ReadoutParams, memory_of_reading

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import View

    from .coding import Samples
    from .reading import Reading, Responses

    Array = NDArray[Any]


@method(
    group="Train", example="read", title="Train liquid readout", memory=memory_of_reading,
    warnings={
        code: WARNINGS[code]
        for code in (
            "simulated network", "simulated data", "liquid silent", "scaled", "few samples",
            "branching above 1.2", "a fixed liquid may be as good", "test weights plastic",
        )
    },
)  # fmt: skip
def train_liquid_readout(
    context: Context,
    params: ReadoutParams,
    model: TrainedModel,
    data: ImageStack | Table | SpikeTrains,
    trials: Table | None = None,
    test: ImageStack | Table | SpikeTrains | None = None,
) -> Result:
    """Train a linear readout on the spike counts of a liquid, and test it once.

    Each sample is shown by itself; the counts of all neurons, excitatory and inhibitory, are its features.
    The test part is ``test`` where it is given, else drawn from samples that the liquid has not organised
    itself on. Beside the accuracy stand chance, logistic regression on raw pixels, readouts of shuffled
    labels, and the same readout when the inputs' wires are permuted between training and test.
    """
    from neurostudio.scores import confusion

    from . import picturing
    from .coding import read_samples
    from .liquids import liquid_of
    from .models import check_liquid, showing_of, with_readout
    from .parts import to_read
    from .presenting import FADING, respond
    from .reading import raw_baseline, read, responses, rewired, show_one

    check_liquid(model)
    liquid = liquid_of(model)
    samples = read_samples(data, trials, params.label, liquid.outer.n_sources)
    tested = (
        samples
        if test is None
        else read_samples(test, trials, params.label, liquid.outer.n_sources)
    )
    seen = set(np.asarray(model.weights["seen"]).tolist())
    parts = to_read(
        samples, seen, params.n_train, params.n_test, context.seed, apart=test is not None
    )
    rows = parts.test if test is None else _given(tested, seen, params.n_test, context.seed)
    classes = samples.classes
    plastic = params.presentation == "plastic"
    showing = showing_of(model, params.presentation_time, plastic=plastic, fading=FADING)
    show_one(context, liquid, tested, int(rows[0]), showing)
    given = responses(context, liquid, samples, tested, parts, rows, classes, showing)
    found = read(context, params, given, len(classes))
    known = given.test_codes >= 0
    matrix = confusion(given.test_codes[known], found.guess[known], len(classes))
    context.show("confusion", picturing.confusion(matrix, classes))
    context.log(validation=found.validation, accuracy=found.test)
    raw = raw_baseline(samples, tested, parts, rows, classes)
    random = np.random.default_rng([context.seed, 701])
    every = given.every[1]
    nulls = np.array(
        [
            read(context, params, given, len(classes), random.permutation(every)).test
            for _ in context.track(range(params.nulls), "Shuffled labels")
        ]
    )
    some = rows[:500]
    moved = respond(
        context, rewired(liquid, context.seed), tested, some, showing, "Inputs permuted"
    )
    lost = float((found.readout.guess(moved) == tested.codes(some, classes)).mean())
    kept = with_readout(
        model, found.readout, classes, presentation_time=params.presentation_time,
        presentation=params.presentation, accuracy=found.test,
    )  # fmt: skip
    return _result(params, kept, samples, tested, rows, given, found, (raw, nulls, lost))


def _given(tested: Samples, seen: set[int], n_test: int, seed: int) -> Array:
    rows = np.flatnonzero(tested.labels != "")
    if not len(rows):
        raise BadInput(
            "The test part has no labels, so nothing can be tested. Name their column 'label'."
        )
    prints = tested.fingerprints(rows)
    known = np.isin(prints, np.array(sorted(seen), np.int64))
    if known.any():
        raise BadInput(
            f"The liquid organised itself on {int(known.sum())} samples of the test part. Give samples that "
            "it has not seen."
        )
    order = np.random.default_rng([seed, 502]).permutation(len(rows))
    return np.asarray(np.sort(rows[order[:n_test]]))


def _result(
    params: ReadoutParams, model: TrainedModel, samples: Samples, tested: Samples, rows: Array,
    given: Responses, found: Reading, beside: tuple[float, Array, float],
) -> Result:  # fmt: skip
    import pandas as pd

    from neurostudio.scores import confusion, interval_of_share

    from . import picturing
    from .models import codes_of, scaled_words

    raw, nulls, lost = beside
    config, classes = model.config, tuple(model.config["classes"])
    n, n_initial, n_steps = (
        int(config["n_neurons"]),
        int(config["n_initial"]),
        round(1000 * given.seconds),
    )
    chance = 1 / len(classes)
    low, high = interval_of_share(found.test, len(rows))
    words = scaled_words(n, n_initial, n_steps)
    if n <= 512 and config["rule"] == "NALSM":
        words = "; ".join(
            [*([words] if words else []), f"a tuned fixed liquid is competitive at {n} neurons"]
        )
    plastic = params.presentation == "plastic"
    numbers = {
        "accuracy": score(found.test, low=low, high=high, chance=chance, baseline=raw, note=words),
        "validation accuracy": Number(found.validation, "1", chance=chance, note="a fifth of them"),
        "shuffled labels": Number(float(nulls.mean()), "1", chance=chance, note="null run"),
        "inputs permuted": Number(lost, "1", chance=chance, note="null run"),
        "raw linear": Number(raw, "1", chance=chance, note=f"no liquid: regression on {_raw(samples)}"),
        "mean rate": Number(given.rate, "Hz", note="over test samples; a model's rate"),
        "training samples": Number(len(given.train) + len(given.validation)),
        "test samples": Number(len(rows)),
    }  # fmt: skip
    codes = codes_of(
        samples=samples, n=n, n_initial=n_initial, steps=n_steps, rule=str(config["rule"]), rate=given.rate,
        plastic=plastic,
    )  # fmt: skip
    few = len(given.train) + len(given.validation) < params.n_train or len(rows) < params.n_test
    names = np.array(classes)
    table = pd.DataFrame(
        {
            "id": [tested.ids[row] for row in rows.tolist()], "label": tested.labels[rows],
            "guess": names[found.guess], "probability": found.readout.probability(given.test),
        }
    )  # fmt: skip
    known = given.test_codes >= 0
    matrix = confusion(given.test_codes[known], found.guess[known], len(classes))
    frame = pd.DataFrame(matrix, columns=[f"guessed {each}" for each in classes])
    frame.insert(0, "true", classes)
    views: list[View] = [
        picturing.confusion(matrix, classes),
        _curve(params, given, found, len(classes), chance),
        _controls(found.test, (low, high), chance, beside, words),
    ]
    return Result(
        data={"model": model, "predictions": Table(table), "confusion": Table(frame)},
        views=tuple(views),
        numbers=numbers,
        warnings=(*codes, *(["few samples"] if few else [])),
    )


def _raw(samples: Samples) -> str:
    return "raw pixels" if samples.kind == "pictures" else "counts of events"


def _curve(
    params: ReadoutParams, given: Responses, found: Reading, n_classes: int, chance: float
) -> Lines:
    from .reading import over_samples

    if found.learnt is not None:
        curves = np.stack([found.learnt.training, found.learnt.validation])
        return Lines(
            np.arange(1, params.passes + 1), curves, ("training", "validation"), "passes", "", "accuracy", "",
            levels={"chance": chance}, title="Accuracy over passes",
        )  # fmt: skip
    sizes, values = over_samples(given, n_classes)
    return Lines(
        sizes, values[None], ("validation",), "training samples", "", "accuracy", "",
        levels={"chance": chance}, title="Accuracy over training samples",
        caption="Readouts trained on so many samples, judged on the validation part.",
    )  # fmt: skip


def _controls(
    accuracy: float, bounds: tuple[float, float], chance: float, beside: tuple[float, Array, float],
    words: str,
) -> NullControl:  # fmt: skip
    raw, nulls, lost = beside
    null = np.full((2, max(len(nulls), 1)), np.nan)
    null[0, : len(nulls)], null[1, 0] = nulls, lost
    pair = np.array([accuracy, accuracy])
    return NullControl(
        pair, null, ("labels shuffled", "inputs permuted"), "shuffled, or permuted after training",
        low=np.full(2, bounds[0]), high=np.full(2, bounds[1]), chance=np.full(2, chance),
        baseline=np.full(2, raw), y_label="accuracy", title="Accuracy beside its null runs",
        caption=f"Baseline: the same regression without a liquid. {words}".strip(),
    )  # fmt: skip
