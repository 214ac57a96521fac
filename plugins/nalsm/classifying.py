"""A liquid with a readout names the class of new samples."""

from __future__ import annotations

import numpy as np

from neurostudio.api import (
    Context,
    ImageStack,
    Number,
    Result,
    Sheet,
    SpikeTrains,
    Table,
    TrainedModel,
    method,
    score,
)

from .declaring import WARNINGS, ClassifyParams


@method(
    group="Apply", example="classified", title="Classify with liquid",
    warnings={
        code: WARNINGS[code]
        for code in (
            "simulated network", "simulated data", "liquid silent", "no labels", "scaled",
            "branching above 1.2", "a fixed liquid may be as good", "test weights plastic",
        )
    } | {"seen": "The liquid organised itself on some of these samples, so the score may be too good."},
)  # fmt: skip
def classify_with_liquid(
    context: Context,
    params: ClassifyParams,
    model: TrainedModel,
    data: ImageStack | Table | SpikeTrains,
    trials: Table | None = None,
) -> Result:
    """Show samples to a liquid and let its readout name their class.

    Where labels are present, the accuracy stands beside chance, and beside the same guesses dealt to other
    samples.
    """
    import pandas as pd

    from neurostudio.scores import interval_of_share

    from .coding import read_samples
    from .liquids import liquid_of
    from .models import check_liquid, codes_of, readout_of, scaled_words, showing_of
    from .presenting import FADING, respond

    check_liquid(model)
    readout, liquid, config = readout_of(model), liquid_of(model), model.config
    samples = read_samples(data, trials, params.label, liquid.outer.n_sources)
    rows = np.arange(len(samples) if not params.at_most else min(params.at_most, len(samples)))
    plastic = config["presentation"] == "plastic"
    showing = showing_of(model, float(config["presentation_time"]), plastic=plastic, fading=FADING)
    counts = respond(context, liquid, samples, rows, showing, "Samples")
    classes, guess = list(config["classes"]), readout.guess(counts)
    rate = float(counts.mean() / showing.n_steps * 1000)
    frame = pd.DataFrame(
        {
            "id": list(samples.ids[: len(rows)]), "guess": np.array(classes)[guess],
            "probability": readout.probability(counts),
        }
    )  # fmt: skip
    numbers = {"samples": Number(len(rows)), "mean rate": Number(rate, "Hz", note="a model's rate")}
    known = samples.labels[rows] != ""
    n, n_initial = int(config["n_neurons"]), int(config["n_initial"])
    warn = list(
        codes_of(
            samples=samples, n=n, n_initial=n_initial, steps=showing.n_steps, rule=str(config["rule"]),
            rate=rate, plastic=plastic,
        )
    )  # fmt: skip
    if known.any():
        truth = samples.labels[rows]
        frame.insert(1, "label", truth)
        right = float((frame["guess"].to_numpy()[known] == truth[known]).mean())
        low, high = interval_of_share(right, int(known.sum()))
        dealt = np.random.default_rng([context.seed, 801]).permutation(truth[known])
        numbers = {
            "accuracy": score(
                right, low=low, high=high, chance=1 / len(classes), baseline=None,
                note=scaled_words(n, n_initial, showing.n_steps),
            ),
            "guesses of other samples": Number(
                float((frame["guess"].to_numpy()[known] == dealt).mean()), "1", chance=1 / len(classes),
                note="null run: labels dealt anew",
            ),
            **numbers,
        }  # fmt: skip
    else:
        warn.append("no labels")
    if np.isin(samples.fingerprints(rows), np.asarray(model.weights["seen"])).any():
        warn.append("seen")
    shown = frame.head(2000)
    sheet = Sheet({str(name): shown[name].tolist() for name in shown}, title="Guesses")
    return Result(
        data={"guesses": Table(frame)}, views=(sheet,), numbers=numbers, warnings=tuple(warn)
    )
