"""Fits on every fold, judges whole recordings of unseen people, fits the model that is kept."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, Result, Table, TrainedModel
from neurostudio.scores import (
    accuracy,
    auroc,
    bootstrap,
    confusion,
    interval,
    score,
    score_of_groups,
)
from neurostudio.splits import Split, check_leak, split_by_group
from neurostudio.training import hash_of_weights

from . import fitting, networks, pictures
from .baseline import band_power, baseline
from .cohort import MICROVOLTS, warnings_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from neurostudio.api import Context, Number, Trials, View
    from neurostudio.training import History

    from .cohort import Cohort
    from .fitting import Fit, Judged
    from .method import TrainParams
    from .networks import Classifier

VALIDATION = 0.2


def judge(
    context: Context, params: TrainParams, cohort: Cohort, windows: Trials, how: Fit, made_by: str
) -> Result:
    """Return the model, the scores of unseen people, pictures and a verdict."""
    splits = splits_of(
        cohort, params.folds, context.seed, validation=0.0 if params.steps else VALIDATION
    )
    features = band_power(cohort.signals, cohort.rate)
    found: list[Judged] = []
    beside: list[Judged] = []
    histories: dict[str, History] = {}
    model: Classifier | None = None
    work = [*enumerate(splits, 1), *([(0, splits[0])] if len(splits) > 1 else [])]
    for fold, split in context.track(work, "Folds"):
        if fold == 0:
            model = _final(context, cohort, how, list(histories.values()))
            continue
        check_leak(split)
        rows, held, tested = (cohort.rows(split, part) for part in ("train", "validation", "test"))
        _refuse_one_class(cohort, rows)
        named = replace(
            how, series={"fold": str(fold)}, recipe=replace(how.recipe, stage=f"fold {fold}")
        )
        model, histories[f"fold {fold}"] = fitting.fit(context, cohort, rows, held, named)
        signals = fitting.prepared(cohort, how.standardise)
        found.append(
            fitting.judged(cohort, tested, fitting.predict(context, model, signals[tested]))
        )
        simple = baseline(cohort, features, np.concatenate([rows, held]), tested, context.seed)
        beside.append(fitting.judged(cohort, tested, simple))
    assert model is not None  # noqa: S101  there is at least one fold
    units, simple_units = together(found), together(beside)
    folds = [k for k, each in enumerate(found, 1) for _ in each.names]
    numbers = numbers_of(units, simple_units, cohort, context.seed)
    trained = as_model(model, cohort, how, params, splits, context.seed, made_by)
    return Result(
        data={"model": trained, "scores": table_of(units, simple_units, cohort, folds)},
        views=_views(model, cohort, windows, units, histories, numbers),
        numbers=numbers,
        warnings=warnings_of(cohort, params),
    )


def splits_of(cohort: Cohort, folds: int, seed: int, validation: float) -> tuple[Split, ...]:
    """Return the folds, or the one split of a given test part."""
    tested = None if cohort.tested is None else cohort.tested.tolist()
    return split_by_group(
        cohort.groups.tolist(),
        cohort.labels.tolist(),
        folds=folds,
        validation=validation,
        seed=seed,
        test=tested,
    )


def _refuse_one_class(cohort: Cohort, rows: NDArray[np.intp]) -> None:
    if len(set(cohort.labels[rows].tolist())) < len(cohort.classes):
        raise BadInput(
            "The training part of a fold misses a class: too few groups have it. "
            "Use fewer folds or label more recordings."
        )


def _final(context: Context, cohort: Cohort, how: Fit, histories: list[History]) -> Classifier:
    """Fit the model that is kept to everybody, for as long as the folds found best."""
    epochs = max(1, round(median(each.best_epoch + 1 for each in histories)))
    recipe = replace(how.recipe, stage="everybody", watch="", patience=0)
    if not recipe.steps:
        recipe = replace(recipe, epochs=epochs)
    everybody = np.arange(len(cohort))
    named = replace(how, recipe=recipe, series={"fold": "everybody"})
    model, _ = fitting.fit(context, cohort, everybody, everybody[:0], named)
    return model


def together(parts: list[Judged]) -> Judged:
    """Return the units of all folds as one."""
    return fitting.Judged(
        names=tuple(name for each in parts for name in each.names),
        groups=tuple(group for each in parts for group in each.groups),
        truth=np.concatenate([each.truth for each in parts]),
        probability=np.concatenate([each.probability for each in parts]),
        spread=np.concatenate([each.spread for each in parts]),
    )


def numbers_of(units: Judged, simple: Judged, cohort: Cohort, seed: int) -> dict[str, Number]:
    """Return the scores with their intervals over groups, chance, and the baseline's."""
    note = f"{len(units.names)} units of {len(set(units.groups))} groups"
    if cohort.simulated:
        note += "; simulated data"
    below = score_of_groups(simple.truth, simple.guess, simple.groups, chance=cohort.chance, seed=seed,
                            note="band power and logistic regression")  # fmt: skip
    numbers = {
        "balanced accuracy": score_of_groups(
            units.truth, units.guess, units.groups, chance=cohort.chance, baseline=below.value,
            seed=seed, note=note,
        ),
        "baseline": below,
    }  # fmt: skip
    if len(cohort.classes) == 2:
        numbers |= _two_class_numbers(units, simple, note, seed)
    return numbers


def _two_class_numbers(units: Judged, simple: Judged, note: str, seed: int) -> dict[str, Number]:
    def number(statistic: Any, chance: float) -> Number:
        def of(rows: NDArray[np.intp], each: Judged) -> float:
            truth = each.truth[rows]
            if len(set(truth.tolist())) < 2:
                return math.nan
            return float(statistic(truth, each.guess[rows], each.probability[rows, 1]))

        every = np.arange(len(units.truth))
        low, high = interval(bootstrap(lambda rows: of(rows, units), units.groups, seed=seed))
        below = of(np.arange(len(simple.truth)), simple)
        return score(of(every, units), low=low, high=high, chance=chance, baseline=below, note=note)

    larger = float(max(np.mean(units.truth), 1 - np.mean(units.truth)))
    return {
        "AUROC": number(lambda truth, guess, p: auroc(truth, p), 0.5),
        "sensitivity": number(lambda truth, guess, p: np.mean(guess[truth == 1] == 1), 0.5),
        "specificity": number(lambda truth, guess, p: np.mean(guess[truth == 0] == 0), 0.5),
        "accuracy": number(lambda truth, guess, p: accuracy(truth, guess), larger),
    }


def table_of(units: Judged, simple: Judged, cohort: Cohort, folds: list[int]) -> Table:
    """Return one row a unit: truth, guess, probabilities, fold."""
    import pandas as pd

    frame = pd.DataFrame(
        {
            "recording": list(units.names),
            "subject": list(units.groups),
            "label": [cohort.classes[k] for k in units.truth],
            "guess": [cohort.classes[k] for k in units.guess],
            "probability": units.probability[:, -1],
            "baseline_probability": simple.probability[:, -1],
            "fold": folds,
        }
    )
    if len(cohort.classes) > 2:
        for k, name in enumerate(cohort.classes):
            frame[f"probability of {name}"] = units.probability[:, k]
    return Table(frame)


def as_model(
    model: Classifier,
    cohort: Cohort,
    how: Fit,
    params: TrainParams,
    splits: tuple[Split, ...],
    seed: int,
    made_by: str,
) -> TrainedModel:
    """Return the network with all that is needed to use it again."""
    weights = networks.weights_of(model)
    config = {
        "network": str(how.arguments["network"]),
        "arguments": dict(how.arguments),
        "channels": list(cohort.channels),
        "rate": cohort.rate,
        "n_times": int(cohort.signals.shape[-1]),
        "unit_factor": MICROVOLTS,
        "classes": list(cohort.classes),
        "columns": {
            "label": params.label,
            "split_by": params.split_by,
            "recording": params.recording,
            "test_column": params.test_column,
        },
        "standardise": how.standardise,
        "strategy": how.strategy,
        "split": [each.hash for each in splits],
        "weights_hash": hash_of_weights(weights),
        "seed": seed,
        "simulated": cohort.simulated,
        "permuted": params.permute_labels,
    }
    return TrainedModel(weights, config, made_by)


def _views(
    model: Classifier,
    cohort: Cohort,
    windows: Trials,
    units: Judged,
    histories: dict[str, History],
    numbers: dict[str, Number],
) -> tuple[View, ...]:
    counts = confusion(units.truth, units.guess, len(cohort.classes))
    info = windows.epochs.info
    return (
        _verdict(cohort, units, numbers),
        pictures.people(units, cohort),
        pictures.confusion_of(counts, cohort.classes, "people that the model never saw"),
        *pictures.learning_curves(histories, cohort.chance),
        *pictures.filters(model, cohort, info),
        pictures.spectra_of_classes(cohort),
        pictures.saliency(model, cohort.signals, cohort.channels, cohort.rate, "windows"),
    )


def _verdict(cohort: Cohort, units: Judged, numbers: dict[str, Number]) -> View:
    value = numbers["balanced accuracy"]
    low, below = value.low or 0.0, value.baseline or 0.0
    above = "above chance" if low > cohort.chance else "not distinguishable from chance"
    lines = [
        f"{len(units.names)} recordings or trials of {len(set(units.groups))} groups; {above}.",
        f"Band power with logistic regression on the same split: {below:.3g}.",
        "Each was judged by a network that never saw its group.",
        "Not a medical device.",
    ]
    if cohort.simulated:
        lines.insert(0, "Simulated data.")
    return pictures.verdict_card("Can the labels be told apart?", value, lines)
