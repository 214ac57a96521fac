"""What an embedding is worth: accuracy against the number of labels, beside what needs no training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from neurostudio.api import (
    BadInput,
    Context,
    ImageStack,
    Lines,
    Number,
    Result,
    Table,
    TrainedModel,
    Trials,
    View,
    Volume,
    method,
    param,
)

from .declaring import WARNINGS, SampleParams
from .probing import gain_number, null_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from .probing import Judged
    from .samples import Samples

    Rows = NDArray[np.intp]

TRAINED = "Barlow Twins"
_NULL_DRAWS = 20


class EvaluateParams(SampleParams):
    """Parameters of :func:`evaluate_embedding`."""

    probe: Literal["linear", "nearest neighbours"] = param(
        "linear",
        "linear: logistic regression on standardised features; nearest neighbours: by cosine",
    )
    labels_per_class: tuple[int, ...] = param(
        (1, 2, 5, 10, 50), "Labels a class; counts that a class does not have are left out"
    )
    all_labels: bool = param(True, "Also with all labels of the training part")
    draws: int = param(10, "Draws of the labels", ge=1, le=1000)
    folds: int = param(
        0, "Whole groups take turns as the test part, so many parts; 0 for the model's own test part",
        ge=0, le=100,
    )  # fmt: skip

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Quick look": {"labels_per_class": (1, 5), "draws": 5},
        "Standard": {},
        "Paper": {"labels_per_class": (1, 5, 10, 50), "draws": 5},
    }


@method(group="Analyse", warnings=WARNINGS, gpu=True, example="evaluate")
def evaluate_embedding(
    context: Context,
    params: EvaluateParams,
    model: TrainedModel,
    samples: tuple[ImageStack | Trials | Volume, ...],
    people: Table | None = None,
) -> Result:
    """Read labels from an embedding by a simple probe, with few labels and with all.

    Raw values, the untrained encoder and, for windows, band power are read by the same probe with the same
    labels; the null run shuffles the labels.
    """
    from neurostudio.training import steady

    from .embedding import given_samples

    network, found = given_samples(context, params, model, samples, people)
    if len(found.classes) < 2:
        raise BadInput("The samples have fewer than two labels. Name the column that holds them.")
    turns, how = _turns(found, found.known(set(model.config["trained_on"])), params, context.seed)
    with steady():
        features = _features(context, model, network, found)
        counts = _counts(found, turns, params)
        judged = {
            name: _judge(features[name], found, turns, counts, params, context.seed)
            for name in context.track(features, "Probes")
        }
        null = _null(features[TRAINED], found, turns, counts, context.seed)
    numbers = _numbers(found, judged, null, params)
    simulated = found.simulated or bool(model.config.get("simulated"))
    codes = (("simulated", simulated), ("seen", how == "seen"))
    return Result(
        data={"scores": _table(judged, params)},
        views=(_curve(found, judged, params, how), _beside(found, judged, null)),
        numbers=numbers,
        warnings=tuple(code for code, true in codes if true),
    )


def _turns(
    samples: Samples, known: NDArray[np.bool_], params: EvaluateParams, seed: int
) -> tuple[list[tuple[Rows, Rows]], str]:
    """Return rows to take labels from and rows to judge on, a pair a fold, and how the encoder knows them."""
    from neurostudio.splits import split_by_group

    from .parts import parts_for

    if params.folds < 2:
        train, test, how = parts_for(samples, known, params.test_share, seed)
        return [(train, test)], how
    rows = np.flatnonzero(samples.labelled)
    ids = [samples.ids[row] for row in rows]
    splits = split_by_group(
        samples.groups[rows].tolist(), samples.labels[rows].tolist(), ids=ids, folds=params.folds,
        validation=0.0, seed=seed,
    )  # fmt: skip
    turns = [(each.rows(samples.ids, "train"), each.rows(samples.ids, "test")) for each in splits]
    return turns, "seen" if known.any() else "new"


def _features(
    context: Context, model: TrainedModel, network: Any, samples: Samples
) -> dict[str, NDArray[np.float32]]:
    import torch

    from neurostudio.training import seed_of

    from . import networks, probing

    rows = np.arange(len(samples))
    torch.manual_seed(seed_of(model.config["seed"], "weights"))
    untrained = networks.build(model.config["arguments"])
    untrained.mean.copy_(network.mean)
    untrained.scale.copy_(network.scale)
    found = {
        TRAINED: networks.embedded(network.to(context.device), samples, rows, context.device),
        "untrained": networks.embedded(untrained.to(context.device), samples, rows, context.device),
        "raw values": probing.raw_features(samples),
    }
    if samples.kind == "windows":
        found["band power"] = probing.band_power(samples)
    return found


def _counts(
    samples: Samples, turns: list[tuple[Rows, Rows]], params: EvaluateParams
) -> tuple[int, ...]:
    from .probing import fewest

    most = min(fewest(samples.labels[train]) for train, _ in turns)
    if any(set(samples.labels[train].tolist()) != set(samples.classes) for train, _ in turns):
        raise BadInput(
            "A part to take labels from misses a class: too few groups have it. Use fewer folds, or "
            "leave this label out."
        )
    return tuple(sorted({each for each in params.labels_per_class if 1 <= each <= most}))


def _judge(
    features: NDArray[np.float32],
    samples: Samples,
    turns: list[tuple[Rows, Rows]],
    counts: tuple[int, ...],
    params: EvaluateParams,
    seed: int,
) -> Judged:
    """Return accuracies at each count, and last with all labels, over all folds together."""
    from neurostudio.learning.probes import FewLabels, few_labels

    from . import probing

    probe = probing.PROBES[params.probe]
    labels, parts = samples.labels, []
    for train, test in turns:
        few = few_labels(
            features[train], labels[train], features[test], labels[test], counts, draws=params.draws,
            seed=seed, probe=probe,
        )  # fmt: skip
        right, accuracies = few.right, few.accuracies
        if params.all_labels:
            hit = probe(features[train], labels[train], features[test]) == labels[test]
            right = np.vstack([right, hit[None].astype(float)])
            accuracies = np.vstack([accuracies, np.full((1, params.draws), hit.mean())])
        parts.append((len(test), accuracies, right))
    weights = np.array([n for n, _, _ in parts], dtype=float)
    mean = np.average([each for _, each, _ in parts], axis=0, weights=weights)
    right = np.concatenate([each for _, _, each in parts], axis=1)
    groups = tuple(str(g) for _, test in turns for g in samples.groups[test])
    every = (*counts, 0) if params.all_labels else counts
    return probing.Judged(FewLabels(every, mean, right), groups)


def _null(
    features: NDArray[np.float32], samples: Samples, turns: list[tuple[Rows, Rows]],
    counts: tuple[int, ...], seed: int,
) -> NDArray[np.float64]:  # fmt: skip
    """Return the linear probe's accuracy with shuffled labels, at the largest count of labels."""
    from .probing import null_of

    if not counts:
        return np.zeros(0)
    parts = [
        null_of(features, samples, train, test, counts[-1], draws=_NULL_DRAWS, seed=seed)
        for train, test in turns
    ]
    size = min(len(each) for each in parts)
    weights = [len(test) for _, test in turns]
    return (
        np.average([each[:size] for each in parts], axis=0, weights=weights)
        if size
        else np.zeros(0)
    )


def _words(count: int) -> str:
    return f"{count} labels a class" if count else "all labels"


def _simple(judged: Mapping[str, Judged]) -> str:
    return "band power" if "band power" in judged else "raw values"


def _numbers(
    samples: Samples,
    judged: Mapping[str, Judged],
    null: NDArray[np.float64],
    params: EvaluateParams,
) -> dict[str, Number]:
    chance, simple = 1 / len(samples.classes), _simple(judged)
    main, beside = judged[TRAINED], judged[simple]
    note = f"{len(main.groups)} test samples of {len(set(main.groups))} groups; baseline {simple}"
    note += "; simulated data" if samples.simulated else ""
    found: dict[str, Number] = {}
    for place, count in enumerate(main.few.counts):
        baseline = float(beside.few.mean[place])
        found[f"accuracy, {_words(count)}"] = main.number(place, chance, baseline, note)
    last = len(main.few.counts) - 1
    for name in judged:
        if name != TRAINED:
            words = f"accuracy of {name}, {_words(main.few.counts[last])}"
            found[words] = judged[name].number(last, chance, None, note)
    words = f"gain over the untrained encoder, {_words(main.few.counts[0])}"
    found[words] = gain_number(main, judged["untrained"])
    if len(null):
        found["accuracy, shuffled labels"] = null_number(null, chance)
    return found


def _table(judged: Mapping[str, Judged], params: EvaluateParams) -> Table:
    """Return one row an encoder and count of labels."""
    import pandas as pd

    rows = [
        {
            "encoder": name, "probe": params.probe, "labels per class": _words(count).split()[0],
            "mean": float(each.few.mean[place]), "s.d.": float(each.few.deviation[place]),
            "draws": params.draws if count else 1,
        }
        for name, each in judged.items()
        for place, count in enumerate(each.few.counts)
    ]  # fmt: skip
    return Table(pd.DataFrame(rows))


def _curve(
    samples: Samples, judged: Mapping[str, Judged], params: EvaluateParams, how: str
) -> View:
    """Return accuracy against labels a class, a line an encoder."""
    main = judged[TRAINED]
    n_train = len(samples) - len(main.groups) if params.folds < 2 else len(samples)
    x = np.array(
        [count or max(1, n_train // len(samples.classes)) for count in main.few.counts], float
    )
    y = np.array([each.few.mean for each in judged.values()])
    spread = np.array([each.few.deviation for each in judged.values()])
    known = {
        "unseen": "The encoder never saw the test part.",
        "seen": "The encoder saw the test part, without its labels.",
        "new": "The encoder saw none of these samples.",
    }[how]
    last = " The last point has all labels." if params.all_labels else ""
    simulated = "Simulated data. " if samples.simulated else ""
    return Lines(
        x, y, names=tuple(judged), low=y - spread, high=y + spread, x_label="labels a class",
        y_label="accuracy", y_unit="1", levels={"chance": 1 / len(samples.classes)}, log_x=True,
        title="Few-label curve",
        caption=f"{simulated}{params.probe.capitalize()} probe, mean ± s.d. over {params.draws} draws of "
        f"labels that all share. {known}{last}",
    )  # fmt: skip


def _beside(samples: Samples, judged: Mapping[str, Judged], null: NDArray[np.float64]) -> View:
    """Return the accuracies with the most labels beside the probe with shuffled labels."""
    from neurostudio.api import NullControl

    chance, simple = 1 / len(samples.classes), _simple(judged)
    place = len(judged[TRAINED].few.counts) - 1
    numbers = [each.number(place, chance, None, "") for each in judged.values()]
    draws = np.full((len(judged), max(len(null), 1)), np.nan)
    draws[0, : len(null)] = null
    return NullControl(
        np.array([each.value for each in numbers]), draws, names=tuple(judged),
        null_name="shuffled labels", low=np.array([each.low for each in numbers], dtype=float),
        high=np.array([each.high for each in numbers], dtype=float), chance=np.full(len(judged), chance),
        baseline=np.full(len(judged), float(judged[simple].few.mean[place])), y_label="accuracy",
        y_unit="1", title=f"With {_words(judged[TRAINED].few.counts[place])}",
        caption=f"Bars: 95 % interval over the groups of the test part. Baseline: {simple}.",
    )  # fmt: skip
