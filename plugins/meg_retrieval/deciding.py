"""Runs the experiment: ridge, encoder and their null runs on one split, judged alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from neurostudio.api import Result, Table
from neurostudio.scores import Number

from . import encoder_pictures, pictures
from .experiment import Experiment, set_up
from .judging import Judged, Queries, averaged, judged, number, table_of, tops_of
from .linear import fit_linear, predict_linear
from .models import deep_model, linear_model
from .preparing import codes_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from neurostudio.api import Context, Trials, View
    from neurostudio.learning.ridge import Ridge
    from neurostudio.training import History

    from .fitting import How, Part
    from .method import LinearParams, TrainParams
    from .network import Encoder


@dataclass(slots=True)
class Found:
    """The queries of each decoder, and those of its null runs."""

    real: dict[str, Queries] = field(default_factory=dict)
    null: dict[str, list[Queries]] = field(default_factory=dict)


def decide_linear(
    context: Context, params: LinearParams, trials: Trials, features: Table
) -> Result:
    """Return ridge, its scores and its null."""
    experiment = set_up(trials, features, params, context.seed)
    found = Found()
    fitted = ridge(context, experiment, params, found)
    model = linear_model(experiment, params, fitted, context.seed)
    at_edge = float(np.mean([each.at_edge for each in fitted.values()]))
    edge = Number(at_edge, "1", note="share of features whose penalty is an end of the grid")
    return _result(
        context, params, experiment, found, model, (), {"penalties at an end of the grid": edge}
    )


def decide(context: Context, params: TrainParams, trials: Trials, features: Table) -> Result:
    """Return the encoder, its scores beside ridge, and the null of both."""
    experiment = set_up(trials, features, params, context.seed)
    found = Found()
    ridge(context, experiment, params, found)
    network, history, how = train_encoder(context, experiment, params, experiment.shown, "encoder")
    found.real["deep"] = deep_queries(context, experiment, network)
    beside: History | None = None
    if params.deep_null:
        shuffled = experiment.shuffled(context.seed, 1)
        other, beside, _ = train_encoder(context, experiment, params, shuffled, "shuffled encoder")
        found.null["deep"] = [deep_queries(context, experiment, other)]
    model = deep_model(experiment, params, network, how.arguments, context.seed)
    views = encoder_pictures.of_encoder(network, experiment, history, beside)
    return _result(context, params, experiment, found, model, views, {})


def ridge(
    context: Context, experiment: Experiment, params: LinearParams, found: Found
) -> dict[str, Ridge]:
    """Fit ridge to the real pairing and, as further targets of the same matrix, to shuffled ones."""
    from dataclasses import replace

    own = experiment.responses
    rows = np.concatenate([experiment.train, experiment.held])
    pairings = [experiment.shown] + [
        experiment.shuffled(context.seed, k + 1) for k in range(params.nulls)
    ]
    targets = np.hstack([experiment.embeddings.values[each[rows]] for each in pairings])
    fitted = fit_linear(
        context, experiment.signals[rows], targets.astype(np.float32), own.subjects[rows],
        own.groups[rows], params.alphas,
    )  # fmt: skip
    test = experiment.test
    every = predict_linear(fitted, experiment.signals[test], own.subjects[test])
    n = len(experiment.embeddings.names)
    parts = [experiment.queries(every[:, k * n : (k + 1) * n]) for k in range(len(pairings))]
    found.real["ridge"], found.null["ridge"] = parts[0], parts[1:]
    return {
        name: replace(
            each, weights=each.weights[:, :n], offset=each.offset[:n], alphas=each.alphas[:n],
            scores=each.scores[:n],
        )
        for name, each in fitted.items()
    }  # fmt: skip


def how_of(params: TrainParams, experiment: Experiment, stage: str) -> How:
    """Return how the encoder is trained."""
    from neurostudio.training import Recipe

    from .fitting import How

    arguments = {
        "virtual_channels": params.virtual_channels,
        "hidden": params.hidden,
        "frequencies": params.frequencies,
        "projection": params.projection,
        "dropout": params.dropout,
        "spatial_dropout": params.spatial_dropout,
        "n_times": experiment.signals.shape[-1],
        "n_subjects": len(experiment.people),
        "n_features": len(experiment.embeddings.names),
        "second_head": params.balance < 1,
        "temperature": params.temperature,
        "learn_temperature": params.learn_temperature,
    }
    recipe = Recipe(
        epochs=params.epochs,
        learning_rate=params.learning_rate,
        weight_decay=0.0,
        patience=params.patience,
        cosine=params.falling_rate,
        stage=stage,
        watch="-validation_loss",
    )
    return How(recipe, arguments, params.batch_size, params.loss == "both sides", params.balance)


def part_of(experiment: Experiment, rows: NDArray[np.intp], shown: NDArray[np.int64]) -> Part:
    """Return some trials as the encoder takes them."""
    from .fitting import Part, numbered

    return Part(
        experiment.signals[rows],
        numbered(experiment.responses.subjects[rows].tolist(), experiment.people),
        shown[rows],
        experiment.embeddings.values,
    )


def train_encoder(
    context: Context,
    experiment: Experiment,
    params: TrainParams,
    shown: NDArray[np.int64],
    stage: str,
) -> tuple[Encoder, History, How]:
    """Return an encoder trained on the pairing ``shown``, what happened, and how."""
    from .fitting import fit

    how = how_of(params, experiment, stage)

    def after_epoch(network: Any, epoch: int) -> None:
        if stage == "encoder":
            inside = getattr(network, "module", network)
            for view in encoder_pictures.attention_of(
                inside, experiment.responses, f"after epoch {epoch + 1}"
            )[:1]:
                context.show("attention", view)

    network, history = fit(
        context,
        part_of(experiment, experiment.train, shown),
        part_of(experiment, experiment.held, shown),
        experiment.responses.places,
        how,
        fingerprint=f"{experiment.split.hash} {int(shown[experiment.train][:50].sum())}",
        series={"stage": stage},
        after_epoch=after_epoch,
    )
    return network, history, how


def deep_queries(context: Context, experiment: Experiment, network: Encoder) -> Queries:
    """Return the encoder's predictions for the test trials."""
    from .fitting import numbered, predict

    test = experiment.test
    people = numbered(experiment.responses.subjects[test].tolist(), experiment.people)
    return experiment.queries(predict(context, network, experiment.signals[test], people))


def _result(
    context: Context,
    params: LinearParams,
    experiment: Experiment,
    found: Found,
    model: Any,
    views: tuple[View, ...],
    more: Mapping[str, Number],
) -> Result:
    judgements = judge(found, experiment, params.average)
    table = table_of(judgements)
    main = "deep" if "deep" in found.real else "ridge"
    numbers = numbers_of(judgements, experiment, main, context.seed)
    codes = codes_of(experiment.responses, experiment.split, params.model_dump())
    return Result(
        data={"model": model, "scores": Table(table)},
        views=(
            *pictures.of_scores(judgements, numbers, experiment),
            *pictures.of_queries(found.real, experiment, main),
            *views,
        ),
        numbers=numbers | dict(more),
        warnings=codes,
    )


def judge(found: Found, experiment: Experiment, average: int) -> dict[tuple[str, str], Judged]:
    """Return the ranks of each decoder and each null run, single and averaged."""
    every: dict[str, Queries] = dict(found.real)
    for name, runs in found.null.items():
        every |= {f"{name}, shuffled {k + 1}": each for k, each in enumerate(runs)}
    judgements = {}
    for name, queries in every.items():
        judgements[name, "single"] = judged(queries, experiment.gallery)
        judgements[name, "averaged"] = judged(averaged(queries, average), experiment.gallery)
    return judgements


def numbers_of(
    judgements: Mapping[tuple[str, str], Judged], experiment: Experiment, main: str, seed: int
) -> dict[str, Number]:
    """Return top-1 and top-5 with interval, chance, baseline and gallery size."""
    size = len(experiment.gallery.ids)
    numbers: dict[str, Number] = {}
    for trials in ("averaged", "single"):
        each = judgements[main, trials]
        for k in reversed(tops_of(size)):
            below = judgements["ridge", trials].top(k) if main == "deep" else None
            note = f"gallery of {size} pictures, {len(each.ranks)} queries"
            note += ", predictions averaged a picture and subject" if trials == "averaged" else ""
            note += "; simulated data" if experiment.responses.simulated else ""
            numbers[f"top-{k}, {trials}"] = number(each, k, baseline=below, note=note, seed=seed)
        for (name, kind), null in judgements.items():
            if kind == trials and "shuffled" in name and name.startswith(main):
                k = tops_of(size)[-1]
                numbers[f"top-{k}, {trials}, null"] = number(null, k, note=name, seed=seed)
                break
    each = judgements[main, "averaged"]
    numbers["relative median rank"] = Number(
        each.relative_median_rank, "1", chance=0.5, note=f"0 is best; gallery of {size} pictures"
    )
    return numbers
