"""Trains the model and its controls on one split, and judges them by the same labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import BadInput, Number, Result, TrainedModel
from neurostudio.learning.similarity import effective_rank
from neurostudio.training import hash_of_weights

from . import fitting, networks, parts, picturing, probing
from .mapping import embedding_table, map_of
from .probing import gain_number, null_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from neurostudio.api import Context, View
    from neurostudio.splits import Split
    from neurostudio.training import History

    from .declaring import PretrainParams
    from .fitting import Plan, Seen
    from .networks import Twins
    from .probing import Judged
    from .samples import Samples

    Rows = NDArray[np.intp]

NULL_DRAWS = 20


@dataclass(frozen=True, slots=True)
class Trained:
    """One trained pair of a run: the model itself or a control."""

    model: Twins
    history: History
    alarm: str = ""


def pretrain(
    context: Context,
    params: PretrainParams,
    samples: Samples,
    encoder: str,
    made_by: str,
    initial: Mapping[str, NDArray[Any]] | None = None,
) -> Result:
    """Return model, embedding, map, scores and pictures.

    Raises
    ------
    BadInput
        There are fewer samples than a batch holds, or a part misses a class.
    """
    split = parts.split_samples(samples, params.test_share, context.seed)
    plan = _plan(params, samples, split, encoder, initial)
    _refuse_missing_classes(samples, plan)
    context.show("both views", picturing.both_views(plan, context.seed))
    levels = _levels(context, plan)
    plan = replace(plan, watch=picturing.watcher(context, levels, params.batch_size))
    names = [fitting.MAIN, *dict.fromkeys(params.controls)]
    found: dict[str, Trained] = {}
    for name in context.track(names, "Trainings"):
        how = fitting.VARIATIONS.get(name, fitting.Variation())
        model, history, seen = fitting.fit(context, plan, how)
        found[name] = Trained(model, history, _alarm(history, seen))
        if found[name].alarm:
            context.say(f"{name}: collapse alarm: {found[name].alarm}")
    return _result(context, plan, split, found, levels, made_by)


def _plan(
    params: PretrainParams,
    samples: Samples,
    split: Split,
    encoder: str,
    initial: Mapping[str, NDArray[Any]] | None,
) -> Plan:
    arguments = {
        "kind": samples.kind,
        "encoder": encoder,
        "shape": list(samples.shape),
        "projector_width": params.projector_width,
    }
    return fitting.Plan(
        params=params,
        samples=samples,
        arguments=arguments,
        rows=parts.learned_from(samples, split),
        probe_rows=parts.labelled_rows(samples, split, "train"),
        held=parts.labelled_rows(samples, split, "validation"),
        initial=initial,
        fingerprint=f"{split.hash} {params.model_dump_json()} {encoder}",
    )


def _refuse_missing_classes(samples: Samples, plan: Plan) -> None:
    missing = set(samples.classes) - set(samples.labels[plan.probe_rows].tolist())
    if len(samples.classes) > 1 and missing:
        names = ", ".join(sorted(missing)[:3])
        raise BadInput(
            f"{len(missing)} labels are missing in the training part: {names}. Too few groups have them. "
            "Use a smaller test share, or leave these labels out."
        )


def _alarm(history: History, seen: Seen) -> str:
    """Return why the training collapsed; from the history where a finished one was taken up."""
    if seen.epochs or not history.epochs:
        return seen.alarm
    last = history.epochs[-1]
    return fitting.collapse(
        last[fitting.DIAGONAL],
        last[fitting.BESIDE],
        last["effective_rank"],
        1.0,
        1.0,
    )


def _levels(context: Context, plan: Plan) -> dict[str, float]:
    """Return what the live probe is compared with: the same probe without training, and chance."""
    samples = plan.samples
    if not len(plan.held):
        return {}
    untrained = fitting.new_twins(plan, context.seed)
    features = {
        "untrained": lambda rows: networks.embedded(untrained, samples, rows, "cpu"),
        "raw values": lambda rows: probing.raw_features(samples, rows),
    }
    found = {
        name: probing.probe_accuracy(
            embed, samples.labels, plan.probe_rows, plan.held[:1000], plan.params.probe_labels, draws=3,
            seed=context.seed,
        )
        for name, embed in features.items()
    }  # fmt: skip
    return found | {"chance": 1 / len(samples.classes)}


def _result(
    context: Context,
    plan: Plan,
    split: Split,
    found: Mapping[str, Trained],
    levels: Mapping[str, float],
    made_by: str,
) -> Result:
    samples, main = plan.samples, found[fitting.MAIN]
    every = np.arange(len(samples))
    embedding = networks.embedded(main.model, samples, every, context.device)
    main.model.cpu()
    judged, null = _judged(context, plan, split, found, embedding)
    numbers = _numbers(context, plan, judged, null, found, embedding)
    table, points = embedding_table(embedding, samples), map_of(embedding, samples)
    matrix = fitting.last_matrix(context, plan, main.model)
    views: tuple[View, ...] = (
        picturing.verdict(plan, judged, numbers, main.alarm),
        *picturing.scores(plan, judged, null),
        picturing.matrix(matrix, main.history.epochs[-1]),
        *picturing.curves(plan, {name: each.history for name, each in found.items()}, levels),
        picturing.entries(matrix),
        picturing.both_views(plan, context.seed),
        points.view,
        *picturing.neighbours(samples, embedding, context.seed),
        *picturing.reproduction(judged),
    )
    return Result(
        data={
            "model": as_model(plan, main, split, context.seed, made_by),
            "embedding": table,
            "map": points.points,
        },
        views=views,
        numbers=numbers,
        warnings=_warnings(plan, main),
    )


def _judged(
    context: Context,
    plan: Plan,
    split: Split,
    found: Mapping[str, Trained],
    embedding: NDArray[np.float32],
) -> tuple[dict[str, Judged], NDArray[np.float64]]:
    """Return the accuracies of every encoder on the test part, and of the main one with shuffled labels."""
    samples = plan.samples
    test = parts.labelled_rows(samples, split, "test")
    if not len(test):
        return {}, np.zeros(0)
    train = np.sort(np.concatenate([plan.probe_rows, plan.held]))
    rows = np.concatenate([train, test])
    count = min(plan.params.probe_labels, probing.fewest(samples.labels[train]))
    few = samples.only(rows)
    own, judged_rows = np.arange(len(train)), np.arange(len(train), len(rows))
    features: dict[str, Any] = {fitting.MAIN: embedding[rows]}
    features["untrained"] = _embedded(context, fitting.new_twins(plan, context.seed), few)
    features["raw values"] = probing.raw_features(few)
    if samples.kind == "windows":
        features["band power"] = probing.band_power(few)
    features |= {
        name: _embedded(context, each.model, few)
        for name, each in found.items()
        if name != fitting.MAIN
    }
    judged = {
        name: probing.judge(features[name], few, own, judged_rows, (count,), seed=context.seed)
        for name in context.track(features, "Probes")
    }
    null = probing.null_of(
        features[fitting.MAIN], few, own, judged_rows, count, draws=NULL_DRAWS, seed=context.seed
    )
    return judged, null


def _embedded(context: Context, model: Twins, samples: Samples) -> NDArray[np.float32]:
    model.to(context.device)
    found = networks.embedded(model, samples, np.arange(len(samples)), context.device)
    model.cpu()
    return found


def _numbers(
    context: Context,
    plan: Plan,
    judged: Mapping[str, Judged],
    null: NDArray[np.float64],
    found: Mapping[str, Trained],
    embedding: NDArray[np.float32],
) -> dict[str, Number]:
    main = found[fitting.MAIN]
    last = main.history.epochs[-1]
    numbers: dict[str, Number] = {}
    if judged:
        numbers |= _scores_of(plan, judged, null)
    noise = 1 / np.sqrt(plan.params.batch_size)
    rows = np.random.default_rng(context.seed).permutation(len(embedding))[:5000]
    return numbers | {
        "mean diagonal": Number(last[fitting.DIAGONAL], "1", note="of C in the last epoch; the goal is 1"),
        "off-diagonal RMS": Number(
            last[fitting.BESIDE], "1",
            note=f"of C in the last epoch; {noise:.3f} is sampling noise of this batch size",
        ),
        "effective rank": Number(
            effective_rank(embedding[rows].astype(float)), "1",
            note=f"of {embedding.shape[1]} features; says nothing without the probe",
        ),
        "epochs": Number(len(main.history.epochs)),
        **{
            f"{term}, {name}": Number(each.history.epochs[-1][key], "1", note="of the control")
            for name, each in found.items() if name != fitting.MAIN
            for term, key in (("mean diagonal", fitting.DIAGONAL), ("off-diagonal RMS", fitting.BESIDE))
        },
    }  # fmt: skip


def _scores_of(
    plan: Plan, judged: Mapping[str, Judged], null: NDArray[np.float64]
) -> dict[str, Number]:
    samples = plan.samples
    chance = 1 / len(samples.classes)
    simple = "band power" if "band power" in judged else "raw values"
    baseline = float(judged[simple].few.mean[0])
    main = judged[fitting.MAIN]
    count = main.few.counts[0]
    n_groups = len(set(main.groups))
    note = f"{count} labels a class, {len(main.groups)} test samples of {n_groups} groups"
    note += "; simulated data" if samples.simulated else ""
    found = {
        "accuracy of the probe": main.number(0, chance, baseline, f"{note}; baseline {simple}")
    }
    for name, each in judged.items():
        if name != fitting.MAIN:
            found[f"accuracy, {name}"] = each.number(0, chance, baseline, note)
    found["gain over the untrained encoder"] = gain_number(main, judged["untrained"])
    if len(null):
        found["accuracy, shuffled labels"] = null_number(null, chance)
    return found


def _warnings(plan: Plan, main: Trained) -> tuple[str, ...]:
    samples, params = plan.samples, plan.params
    labelled = len(samples.classes) > 1
    few = labelled and probing.fewest(samples.labels[plan.probe_rows]) < params.probe_labels
    codes = (
        ("simulated", samples.simulated),
        ("collapsed", bool(main.alarm)),
        ("no labels", not labelled),
        ("few labels", few),
        ("no control", "another sample" not in params.controls),
    )
    return tuple(code for code, true in codes if true)


def as_model(plan: Plan, main: Trained, split: Split, seed: int, made_by: str) -> TrainedModel:
    """Return the encoder and projector with all that is needed to use them again."""
    weights = networks.weights_of(main.model)
    samples = plan.samples
    config = {
        "kind": samples.kind,
        "arguments": dict(plan.arguments),
        "scale": [samples.low, samples.span],
        "channels": list(samples.channels),
        "rate": samples.rate,
        "trained_on": sorted(samples.fingerprints(plan.rows)),
        "split": split.hash,
        "weights_hash": hash_of_weights(weights),
        "params": plan.params.model_dump(mode="json"),
        "seed": seed,
        "simulated": samples.simulated,
    }
    return TrainedModel(weights, config, made_by)
